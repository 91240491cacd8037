"""How alike two inputs become on their way through a wide random network.

Two pre-activations of one unit, for two inputs of one length, are normal with variance q and correlation c, and from
one layer to the next

    c' = (sigma_w^2 E[phi(z) phi(z')] + sigma_b^2) / q'

(Poole et al. 2016, eqs. 4 and 5; Schoenholz et al. 2017, eqs. 5 to 12).  Followed here is ``d = 1 - c``, which
keeps its digits where two inputs are nearly one:  with ``z = t + s`` and ``z' = t + s'``, t of variance c q shared and
s, s' of variance d q each one's own,

    E[phi(z)^2] - E[phi(z) phi(z')] = E_t Var_s phi(t + s)

Of a sine both are elementary, as E cos x = exp(-Var(x) / 2) for normal x of mean 0.
"""

from dataclasses import dataclass

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, root_mean_square
from vanish.numerics.checks import check_kind, check_number
from vanish.theory.fixed_points import TOLERANCE, VARIANCES, depth_scale, fixed_point
from vanish.theory.gaussian import gaussian_moments, quadrature
from vanish.theory.kernel import layer_variances

# Layers beyond which a network in practice could not be trained (Schoenholz et al. 2017, fig. 5), in depth scales.
TRAINABLE_SCALES = 6

# From here on two inputs are one but for a small change, which a layer multiplies by the map's slope.
NEARLY_ONE = 1e-13

# A layer that is given nearly what the one before was is the same step again.
SETTLED = 1e-13

# Steps to a fixed point, of which ten are many; and a step that is none any more.
MOST_STEPS, REACHED = 60, 1e-11

# What lies out here has no weight that could be seen.
NEGLIGIBLE = 1e-20


@dataclass(frozen=True)
class CorrelationFixedPoint:
    """Where the length of a signal and the correlation of two end up, and how fast.

    ``variance``: ``q*``; ``correlation``: ``c*``, nan where every correlation stays as it is; ``chi``: factor of the
    squared gradient there; ``variance_slope``, ``correlation_slope``: what a layer multiplies a small distance from
    ``q*``, from ``c*`` by.
    """

    variance: float
    correlation: float
    chi: float
    variance_slope: float
    correlation_slope: float

    @property
    def variance_depth_scale(self) -> float:
        """``xi_q``: layers over which the distance from ``q*`` changes by a factor e; infinite at a slope of 1."""
        return depth_scale(self.variance_slope)

    @property
    def correlation_depth_scale(self) -> float:
        """``xi_c``: layers over which the distance from ``c*`` changes by a factor e; infinite at a slope of 1."""
        return depth_scale(self.correlation_slope)

    @property
    def trainable_depth(self) -> float:
        """``6 xi_c``: about so deep a network was trained in practice (Schoenholz et al. 2017, section 5)."""
        return TRAINABLE_SCALES * self.correlation_depth_scale


@np.errstate(**QUIET)
def _shared(activation: str, variance: float, distance: float, shape: float | None) -> tuple[float, float]:
    """``E[phi(z)^2] - E[phi(z) phi(z')]`` and ``E[phi'(z) phi'(z')]`` at variance q and ``d = 1 - c``."""
    entry = ACTIVATIONS[activation]
    if entry.period is not None:
        return _shared_by_sines(2 * np.pi / entry.period, variance, distance)
    common, own = np.sqrt(variance * abs(1 - distance)), np.sqrt(variance * min(distance, 2 - distance))
    t, outer = quadrature(entry, common, blur=float(own))
    seen = outer > NEGLIGIBLE
    t, outer = t[seen], outer[seen]

    def around(center: Array) -> tuple[Array, Array, Array]:
        z, inner = quadrature(entry, np.full_like(center, own), center)
        value, slope = entry.apply(z, shape)
        mean = (value * inner).sum(axis=-1)
        return mean, (slope * inner).sum(axis=-1), root_mean_square(value - mean[:, None], inner)

    mean, slope, spread = around(t)
    if distance <= 1:
        return float((np.square(spread) * outer).sum()), float((np.square(slope) * outer).sum())
    mirrored, mirrored_slope, _ = around(-t)
    square = float(gaussian_moments(activation, variance, shape).mean_square)
    return square - float((mean * mirrored * outer).sum()), float((slope * mirrored_slope * outer).sum())


@np.errstate(**QUIET)
def _shared_by_sines(frequency: float, variance: float, distance: float) -> tuple[float, float]:
    """As ``_shared`` for ``sin(omega z)``: the angles' difference has variance ``2 a d``, their sum ``2 a (2 - d)``."""
    a = frequency**2 * variance
    apart, together = a * distance, np.exp(-a * (2 - distance))
    unlike = -np.expm1(-apart) * (1 + together) / 2
    return float(unlike), float(frequency**2 * (np.exp(-apart) + together) / 2)


def _step(
    activation: str, variance: float, distance: float, sigma_w2: float, sigma_b2: float, shape: float | None
) -> tuple[float, float]:
    """The next layer's ``d' = 1 - c'``, and ``dc'/dc``."""
    moments = gaussian_moments(activation, variance, shape)
    following = sigma_w2 * float(moments.mean_square) + sigma_b2
    if following == 0:
        return np.nan, np.nan
    if distance <= NEARLY_ONE:
        slope = sigma_w2 * float(moments.mean_square_slope) * variance / following
        return slope * distance, slope
    unlike, slopes = _shared(activation, variance, distance, shape)
    return sigma_w2 * unlike / following, sigma_w2 * slopes * variance / following


@np.errstate(**QUIET)
def correlation_fixed_point(
    activation: str, sigma_w2: float, sigma_b2: float = 0.0, shape: float | None = None
) -> CorrelationFixedPoint:
    """Where the correlation of two unrelated inputs ends up in a wide network, and the two depth scales.

    As a function of c the map is a power series without negative terms, hence convex, with 1 a fixed point: ``c*`` is
    1 where the slope there is at most 1, and else the one fixed point below (Poole et al. 2016).  Where the
    signal dies out or grows without bound, the map is that of the limit: for ReLU ``c* = 1`` whatever the weights;
    tanh at ``sigma_w = 1`` without biases becomes linear and keeps every correlation, ``c*`` is nan and both depth
    scales are infinite.  ``c*`` to about 1e-9.

    Parameters
    ----------
    activation, sigma_w2, sigma_b2, shape : as in ``fixed_point``

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    at = fixed_point(activation, sigma_w2, sigma_b2, shape)
    sigma_w2, sigma_b2 = float(sigma_w2), float(sigma_b2)
    variance = float(np.clip(at.variance, VARIANCES[0], VARIANCES[-1]))
    z, weights = quadrature(ACTIVATIONS[activation], np.sqrt(variance))
    value, slope = ACTIVATIONS[activation].apply(z, shape)
    variance_slope = float(sigma_w2 * ((value * slope * z / variance) * weights).sum())

    def step(distance: float) -> tuple[float, float]:
        return _step(activation, variance, distance, sigma_w2, sigma_b2, shape)

    def found(correlation: float, slope: float) -> CorrelationFixedPoint:
        return CorrelationFixedPoint(at.variance, correlation, at.chi, variance_slope, slope)

    at_one = step(0.0)[1]
    if np.isnan(at_one):
        return found(np.nan, np.nan)
    if at_one < 1 - TOLERANCE:
        return found(1.0, at_one)
    distance, (following, rate) = 1.0, step(1.0)
    if abs(at_one - 1) <= TOLERANCE and abs(following - 1) <= TOLERANCE:
        return found(np.nan, 1.0)
    if at_one <= 1 + TOLERANCE:
        return found(1.0, at_one)
    if following >= 1 - TOLERANCE:
        return found(0.0, rate)
    # Newton's way from c = 0 never leads beyond c*, as the map is convex.
    for _ in range(MOST_STEPS):
        closer = (distance - following) / (1 - rate)
        distance -= closer
        following, rate = step(distance)
        if closer <= REACHED:
            break
    return found(1 - distance, rate)


def hidden_correlation(spec: NetworkSpec) -> CorrelationFixedPoint | None:
    """Where a network's hidden layers lead, deep in it, whatever its depth.

    Widths matter only as far as the initializer makes weights by them: ``None`` where that gives hidden layers of
    unequal widths unequal ``sigma_w^2`` or ``sigma_b^2``, and where ``similarity_holds`` does not.
    """
    if not similarity_holds(spec):
        return None
    shapes = {(spec.width, spec.width)} if spec.widths is None else set(spec.layer_shapes[1:-1])
    initializer = INITIALIZERS[spec.initializer]
    squares = np.array(
        [
            (fan_in * spec.weight_variance(fan_in, fan_out), initializer.bias_variance(fan_in))
            for fan_out, fan_in in shapes
        ]
    )
    if not np.allclose(squares, squares[0], rtol=TOLERANCE, atol=0):
        return None
    sigma_w2, sigma_b2 = squares[0] * (spec.weight_scale**2, 1.0) + (0.0, spec.bias_std**2)
    return correlation_fixed_point(spec.activation, float(sigma_w2), float(sigma_b2), spec.activation_shape)


def similarity_holds(spec: NetworkSpec) -> bool:
    """Whether theory here follows two inputs through a network: a plain one, whose weights have mean 0 and are not
    made for its inputs (as LSUV's are)."""
    return not (
        any(spec.normalized_layers)
        or RESIDUALS[spec.residual].skips
        or spec.weight_mean
        or INITIALIZERS[spec.initializer].unit_variance
    )


@np.errstate(**QUIET)
def expected_similarity(spec: NetworkSpec, input_rms: float = 1.0, input_cosine: float = 0.0) -> Array:
    """Expected cosine of a wide network's layers' outputs for two inputs, ``(depth,)``, first layer first.

    The correlation map on the network's own layer sizes; ReLU's is Cho & Saul's (2009, eq. 6) arc-cosine kernel.
    nan in layers of one unit, where two signals cannot be compared, from where on a variance is 0 or above 1e30, and
    everywhere with normalisation, residual connections, LSUV or weights whose mean is not 0, of which there is no
    theory here.

    Parameters
    ----------
    spec : NetworkSpec
    input_rms : root mean square of either input, 0 to 1e100
    input_cosine : of the two inputs, -1 to 1

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    check_kind("spec", spec, NetworkSpec)
    square = check_number("input_rms", input_rms, 0, 1e100) ** 2
    distance = 1 - check_number("input_cosine", input_cosine, -1, 1)
    cosines = np.full(spec.depth, np.nan)
    if not similarity_holds(spec):
        return cosines
    before = None
    for layer, its in enumerate(spec.layers):
        sigma_w2, sigma_b2 = layer_variances(spec, layer)
        variance = sigma_w2 * square + sigma_b2
        if not 0 < variance < VARIANCES[-1]:
            break
        distance = sigma_w2 * square * distance / variance
        name, shape = ("identity", None) if its.linear else (spec.activation, spec.activation_shape)
        now = (its.linear, variance, distance)
        if before is None or now[0] != before[0] or not np.allclose(now[1:], before[1:], rtol=SETTLED, atol=0):
            square = float(gaussian_moments(name, variance, shape).mean_square)
            distance = _step(name, variance, distance, 1.0, 0.0, shape)[0]
            before, after = now, (square, distance)
        square, distance = after
        if its.fan_out > 1:
            cosines[layer] = 1 - distance
    return cosines
