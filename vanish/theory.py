"""Mean-field theory: what signals and gradients of a random network are expected to be, without drawing one.

In a wide network each pre-activation is a sum of many independent terms, hence normal: only its variance has to
be followed from layer to layer (Poole et al. 2016, eq. 3), and on the way back only the mean square of the
gradient (Schoenholz et al. 2017, eq. 9).  With ``sigma_w^2 = fan_in Var(w)``, ``sigma_b^2 = Var(b)`` and
``E`` over a standard normal ``x``:

    q'  = sigma_w^2 E[phi(sqrt(q) x)^2] + sigma_b^2     variance of the pre-activations, layer by layer
    chi = sigma_w^2 E[phi'(sqrt(q) x)^2]                mean square of dL/dz, this layer over the next

Everything is carried as a root mean square, not as a mean square, so that nothing leaves float64's range before
the gradient itself does.  Expectations are over weights and biases.  They are limits of large width: a narrow
network scatters around them, and its geometric mean lies below.  Without normalisation the mean squares hold at
any width that tests tried; with it, narrow layers (below 16 units, say) get larger gradients than these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vanish.activations import ACTIVATIONS, Activation
from vanish.initializers import INITIALIZERS, orthonormal, unit_uniform
from vanish.inputs import example_inputs
from vanish.network import QUIET, NetworkSpec
from vanish.normalization import EPSILON
from vanish.special import normal_cdf, normal_density
from vanish.validation import check_choice, check_number

Array = NDArray[np.float64]

# Batch norm's theory is that of a large batch; with fewer examples there is none.
SMALLEST_BATCH = 16
# LSUV's deviation is measured over the units of one layer; with fewer units it depends on how examples correlate.
SMALLEST_LAYER = 16
# Examples of like length are followed together; more groups than this change nothing that can be seen.
GROUPS = 16

# Panels end at these multiples of the deviation: beyond the last one lies a share of 1e-19 ...
RELATIVE_EDGES = np.array([-9.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 9.0])
# ... and at these pre-activations, in whose range activations bend and saturate.
ABSOLUTE_EDGES = np.array([2.0, 4.0, *8 * 4.0 ** np.arange(13)])
LEGENDRE_NODES, LEGENDRE_WEIGHTS = np.polynomial.legendre.leggauss(16)

# Where a fixed point is looked for, and how near to 1 a factor is taken for 1.
VARIANCES = np.geomspace(1e-30, 1e30, 241)
TOLERANCE = 1e-12
SMALLEST_SCALE, LARGEST_SCALE = 0.01, 100.0


@dataclass(frozen=True)
class GaussianMoments:
    """Expectations over ``z ~ N(mean, variance)``, each of the variance's shape.

    ``mean``: ``E[phi]``; ``mean_square``: ``E[phi^2]``; ``mean_abs_slope``: ``E|phi'|``;
    ``mean_square_slope``: ``E[phi'^2]``.
    """

    mean: Array
    mean_square: Array
    mean_abs_slope: Array
    mean_square_slope: Array


@dataclass(frozen=True)
class FixedPoint:
    """Where the variance of the pre-activations ends up.

    ``variance``: ``q*``; ``chi``: factor of the squared gradient per layer there; ``depth_scale``: layers over
    which the squared gradient changes by a factor e, ``1 / |ln chi|`` (Schoenholz et al. 2017, eq. 11).
    """

    variance: float
    chi: float

    @property
    def depth_scale(self) -> float:
        """Infinite where ``chi`` is 1, up to rounding: the edge of chaos."""
        if abs(self.chi - 1) <= TOLERANCE:
            return np.inf
        with np.errstate(**QUIET):
            return float(1 / np.abs(np.log(self.chi)))


@lru_cache(maxsize=64)
def _breaks(activation: Activation) -> tuple[float, ...]:
    """Pre-activations at which ``phi``, ``phi'`` or ``|phi'|`` is not smooth: kinks, and where the slope turns."""
    grid = np.linspace(-16.0, 16.0, 1602)
    slope = activation(grid)[1]
    turns = np.flatnonzero(slope[1:] * slope[:-1] < 0)
    low, high, rises = grid[turns], grid[turns + 1], slope[turns] < 0
    for _ in range(50):
        middle = (low + high) / 2
        before = (activation(middle)[1] < 0) == rises
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return (*activation.kinks, *low.tolist())


def _quadrature(activation: Activation, deviation: ArrayLike, mean: ArrayLike = 0.0) -> tuple[Array, Array]:
    """Nodes and weights ``(..., n)`` for expectations over ``N(mean, deviation^2)``, the arguments of shape ``(...)``.

    Gauss-Legendre on panels that end at the activation's breaks and at scales both fixed and relative: unlike
    Gauss-Hermite it neither slows down on kinks nor misses what is narrow beside the deviation.
    """
    deviation, mean = (np.asarray(x, dtype=np.float64)[..., None] for x in (deviation, mean))
    deviation = np.where(np.isfinite(deviation), deviation, np.nan)
    divisor = np.where(deviation > 0, deviation, 1.0)
    reach = RELATIVE_EDGES[-1] * divisor.max() + np.nan_to_num(np.abs(mean), posinf=0.0).max()
    scales = ABSOLUTE_EDGES[: np.searchsorted(ABSOLUTE_EDGES, reach)]
    absolute = np.unique(np.concatenate([-scales, (0.0, *_breaks(activation)), scales]))
    edges = np.clip((absolute - mean) / divisor, RELATIVE_EDGES[0], RELATIVE_EDGES[-1])
    edges = np.concatenate([edges, np.broadcast_to(RELATIVE_EDGES, (*edges.shape[:-1], len(RELATIVE_EDGES)))], axis=-1)
    edges.sort(axis=-1)
    half = np.diff(edges)[..., None] / 2
    x = edges[..., :-1, None] + half * (1 + LEGENDRE_NODES)
    weights = half * LEGENDRE_WEIGHTS * normal_density(x)
    flat = (*edges.shape[:-1], -1)
    return mean + deviation * x.reshape(flat), weights.reshape(flat)


def _rms(values: Array, weights: Array) -> Array:
    """Root of the weighted mean square along the last axis, safe from over- and underflow."""
    largest = np.abs(values).max(axis=-1, keepdims=True)
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    return unit[..., 0] * np.sqrt((np.square(values / unit) * weights).sum(axis=-1))


@np.errstate(**QUIET)
def gaussian_moments(
    activation: str, variance: ArrayLike, shape: float | None = None, mean: ArrayLike = 0.0
) -> GaussianMoments:
    """Moments of an activation and its slope under ``z ~ N(mean, variance)``.

    Accurate to 1e-10 (relative) for variances from 1e-30 to 1e6; at 0 they are those of the point ``mean``,
    where the variance is negative, infinite or nan they are nan.

    Parameters
    ----------
    activation : a name from ``ACTIVATIONS``
    variance, mean : arrays that broadcast against each other
    shape : the activation's own parameter; ``None`` is its default

    Raises
    ------
    ValueError
        If the activation is unknown.
    """
    entry = ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)]
    deviation, mean = np.broadcast_arrays(np.sqrt(np.asarray(variance, dtype=np.float64)), mean)
    if deviation.size == 0:
        return GaussianMoments(*[np.zeros(deviation.shape)] * 4)
    z, weights = _quadrature(entry, deviation, mean)
    value, slope = entry(z, shape)
    missing = np.where(np.isfinite(deviation), 0.0, np.nan)
    return GaussianMoments(
        (value * weights).sum(axis=-1) + missing,
        np.square(_rms(value, weights)) + missing,
        (np.abs(slope) * weights).sum(axis=-1) + missing,
        np.square(_rms(slope, weights)) + missing,
    )


@lru_cache(maxsize=64)
def _mean_squares_on_grid(activation: str, shape: float | None) -> Array:
    """``E[phi^2]`` at ``VARIANCES``."""
    return gaussian_moments(activation, VARIANCES, shape).mean_square


def _fixed_variances(activation: str, sigma_w2: Array, sigma_b2: Array, shape: float | None) -> Array:
    """``q*`` for arrays of one shape ``(n,)``.

    ``E[phi^2]`` rises with q, so iteration from q = 1 moves one way until the first q at which the map crosses
    the diagonal: that one is bracketed on a grid, then refined.
    """
    mean_squares = _mean_squares_on_grid(activation, shape)
    start = len(VARIANCES) // 2
    excess = (sigma_w2[:, None] * mean_squares + sigma_b2[:, None]) / VARIANCES - 1
    still, grows = np.abs(excess[:, start]) <= TOLERANCE, excess[:, start] > 0
    # From q = 1 outwards; rounding about the diagonal (tanh at sigma_w = 1, near q = 0) is no crossing.
    crossed = np.where(grows[:, None], excess[:, start:] < -TOLERANCE, excess[:, start::-1] > TOLERANCE)
    result = np.where(still, 1.0, np.where(grows, np.inf, 0.0))
    result[np.isnan(excess[:, start])] = np.nan
    found = np.flatnonzero(crossed.any(axis=1) & ~still)
    if len(found):
        direction, steps = np.where(grows[found], 1, -1), crossed[found].argmax(axis=1)
        ends = [np.log(VARIANCES[start + direction * step]) for step in (steps - 1, steps)]
        result[found] = np.exp(
            _root(
                lambda y: (
                    np.log(
                        sigma_w2[found] * gaussian_moments(activation, np.exp(y), shape).mean_square + sigma_b2[found]
                    )
                    - y
                ),
                *ends,
            )
        )
    return result


def _root(function: Callable[[Array], Array], a: Array, b: Array) -> Array:
    """Where ``function`` is 0 between ``a`` and ``b``, all arrays of one shape: regula falsi, Illinois variant."""
    at_a, at_b = function(a), function(b)
    for _ in range(60):
        c = b - at_b * (b - a) / np.where(at_b == at_a, 1.0, at_b - at_a)
        at_c = function(c)
        turned = at_c * at_b < 0
        a, at_a = np.where(turned, b, a), np.where(turned, at_b, at_a / 2)
        moved = np.abs(c - b).max()
        b, at_b = c, at_c
        if moved <= 4e-15 * max(1.0, np.abs(b).max()) or not at_b.any():
            break
    return b


@np.errstate(**QUIET)
def _fixed_points(
    activation: str, sigma_w2: ArrayLike, sigma_b2: ArrayLike, shape: float | None
) -> tuple[Array, Array]:
    """``q*`` and ``chi`` there, of the shape to which ``sigma_w2`` and ``sigma_b2`` broadcast."""
    check_choice("activation", activation, ACTIVATIONS)
    w2, b2 = np.broadcast_arrays(np.asarray(sigma_w2, dtype=np.float64), np.asarray(sigma_b2, dtype=np.float64))
    if (w2 < 0).any() or (b2 < 0).any():
        raise ValueError(f"sigma_w2 and sigma_b2 must not be negative, got {sigma_w2!r} and {sigma_b2!r}")
    variance = _fixed_variances(activation, w2.ravel(), b2.ravel(), shape).reshape(w2.shape)
    # Slopes at 0 and at infinity are limits: a kink at 0 has two slopes, not the one the program picks.
    within = np.clip(variance, VARIANCES[0], VARIANCES[-1])
    return variance, w2 * gaussian_moments(activation, within, shape).mean_square_slope


def fixed_point(activation: str, sigma_w2: float, sigma_b2: float = 0.0, shape: float | None = None) -> FixedPoint:
    """Where the variance map ``q' = sigma_w2 E[phi^2] + sigma_b2`` leads from q = 1, and ``chi`` there.

    ``q*`` is 0 where the signal dies out and infinite where it grows without bound; ``chi`` is then its limit.
    Where every q is fixed (ReLU at ``sigma_w2 = 2``), q stays 1.  Poole et al. 2016, eqs. 3 and 6; Schoenholz
    et al. 2017, eq. 9; Hayou et al. 2019 for the scale-free activations.

    Parameters
    ----------
    activation : a name from ``ACTIVATIONS``
    sigma_w2 : ``fan_in * Var(w)``, at least 0
    sigma_b2 : ``Var(b)``, at least 0
    shape : the activation's own parameter; ``None`` is its default

    Raises
    ------
    ValueError
        If the activation is unknown or a variance negative.
    """
    check_number("sigma_w2", sigma_w2, 0, np.inf)
    check_number("sigma_b2", sigma_b2, 0, np.inf)
    variance, chi = _fixed_points(activation, sigma_w2, sigma_b2, shape)
    return FixedPoint(float(variance), float(chi))


def chi_map(activation: str, sigma_w2: ArrayLike, sigma_b2: ArrayLike = 0.0, shape: float | None = None) -> Array:
    """``chi`` at the fixed point, of the shape to which ``sigma_w2`` and ``sigma_b2`` broadcast.

    Its contour at 1 is the border between vanishing and exploding.  Arguments and errors as in ``fixed_point``.
    """
    return _fixed_points(activation, sigma_w2, sigma_b2, shape)[1]


@np.errstate(**QUIET)
def batch_norm_chi(activation: str, shape: float | None = None) -> float:
    """Squared-gradient factor per layer under batch norm, wide layers and a large batch.

    ``E[phi'^2] / Var(phi)`` over a standard normal, whatever the weights' scale: pi / (pi - 1) for ReLU
    (Yang et al. 2019).  No activation but the identity gets below or to 1.
    """
    moments = gaussian_moments(activation, 1.0, shape)
    return float(moments.mean_square_slope / (moments.mean_square - np.square(moments.mean)))


def critical_weight_scale(spec: NetworkSpec) -> float:
    """The ``weight_scale`` from 0.01 to 100 at which the hidden layers' ``chi`` passes 1, the smallest if several.

    nan if there is none, as where normalisation takes the scale out, or with residual connections, whose factor
    ``1 + gate^2 chi`` is never below 1.
    """
    if spec.residual != "none":
        return np.nan
    scales = np.geomspace(SMALLEST_SCALE, LARGEST_SCALE, 161)
    # Rounding around a chi that is 1 at every scale (identity under batch norm) is no crossing.
    beyond = _hidden_chi(spec, scales) - 1 > TOLERANCE
    crossings = np.flatnonzero(beyond[1:] != beyond[:-1])
    if not len(crossings):
        return np.nan
    low, high = scales[crossings[0]], scales[crossings[0] + 1]
    for _ in range(46):
        middle = np.sqrt(low * high)
        if (_hidden_chi(spec, np.array([middle]))[0] - 1 > TOLERANCE) == beyond[crossings[0]]:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


@np.errstate(**QUIET)
def _hidden_chi(spec: NetworkSpec, scales: Array) -> Array:
    """``chi`` of a layer ``width -> width`` deep in the network, at each weight scale ``(n,)``.

    Where the network normalises, u has variance 1 (epsilon left out).
    """
    initializer, name, shape = INITIALIZERS[spec.initializer], spec.activation, spec.activation_shape
    unit = gaussian_moments(name, 1.0, shape)
    sigma_w2 = spec.width * initializer.weight_variance(spec.width, spec.width, spec.weight_std)
    if initializer.unit_variance:
        sigma_w2 = 1 / float(unit.mean_square)
    w2, b2 = sigma_w2 * np.square(scales), initializer.bias_variance(spec.width) + spec.bias_std**2
    if spec.normalization == "none":
        return chi_map(name, w2, b2, shape)
    if spec.normalization == "batch":
        return np.full_like(scales, batch_norm_chi(name, shape))
    return w2 * unit.mean_square_slope / (w2 * unit.mean_square + b2)


@dataclass(frozen=True)
class _Stream:
    """The signal ``h`` between two layers, per group of examples ``(n,)``.

    ``mean`` and ``deviation`` are over units; ``batch_deviation`` is each unit's over the batch (root of the
    mean of squares), which only batch norm needs.
    """

    mean: Array
    deviation: Array
    batch_deviation: Array

    @property
    def rms(self) -> Array:
        return np.hypot(self.mean, self.deviation)


@dataclass(frozen=True)
class _Layer:
    """What the forward recursion leaves for the backward one.

    ``weight_deviation``: of one weight; ``inputs``: ``h``, ``branch``: ``phi(u)`` and ``outputs``: ``h'``;
    ``deviation``: of the pre-activations z; ``divisor``: what the normalisation divides by (1 without);
    ``activated_deviation``: of u; ``activated``: u, ``value``: phi(u) and ``slope``: phi'(u) at the quadrature's
    nodes ``(n, nodes)`` with ``weights``.
    """

    weight_deviation: float
    inputs: _Stream
    branch: _Stream
    outputs: _Stream
    deviation: Array
    divisor: Array
    activated_deviation: Array
    activated: Array
    value: Array
    slope: Array
    weights: Array


def _group(x: Array) -> tuple[Array, Array, Array]:
    """Mean and deviation over units of groups of examples of like length, and each group's share, all ``(groups,)``."""
    mean, mean_square = x.mean(axis=1), np.square(_rms(x, np.full(x.shape[1], 1 / x.shape[1])))
    groups = np.array_split(np.argsort(mean_square), min(GROUPS, len(x)))
    means = np.array([mean[group].mean() for group in groups])
    mean_squares = np.array([mean_square[group].mean() for group in groups])
    shares = np.array([len(group) / len(x) for group in groups])
    return means, np.sqrt(np.maximum(mean_squares - np.square(means), 0.0)), shares


def _input_stream(spec: NetworkSpec, x: Array) -> tuple[_Stream, Array]:
    """The inputs ``(batch, n_inputs)`` as a stream, and each group's share of the batch.

    Under batch norm all examples are one group: each unit's variance over the batch is what matters.
    """
    batch_deviation = np.atleast_1d(np.sqrt(x.var(axis=0).mean()))
    if any(spec.normalized_layers) and spec.normalization == "batch":
        return _Stream(np.atleast_1d(x.mean()), np.atleast_1d(x.std()), batch_deviation), np.ones(1)
    mean, deviation, shares = _group(x)
    return _Stream(mean, deviation, batch_deviation), shares


def _propagate(
    spec: NetworkSpec,
    stream: _Stream,
    weight_deviation: Callable[[int, _Stream], float],
    bias_deviations: list[float],
) -> list[_Layer]:
    """The forward recursion, first layer first."""
    activation = ACTIVATIONS[spec.activation]
    layers = []
    for layer, (_, fan_in) in enumerate(spec.layer_shapes):
        sigma = weight_deviation(layer, stream)
        deviation = np.hypot(sqrt(fan_in) * sigma * stream.rms, bias_deviations[layer])
        divisor, activated_deviation = np.ones_like(deviation), deviation
        if spec.normalized_layers[layer]:
            # Batch norm's deviation is over examples, which share the biases; the others' over units, which do not.
            normalized = sqrt(fan_in) * sigma * stream.batch_deviation if spec.normalization == "batch" else deviation
            divisor = np.hypot(normalized, sqrt(EPSILON))
            activated_deviation = normalized / divisor
        u, weights = _quadrature(activation, activated_deviation)
        value, slope = activation(u, spec.activation_shape)
        if spec.linear_output and layer == spec.depth - 1:
            value, slope = u, np.ones_like(u)
        mean = (value * weights).sum(axis=-1)
        spread = _rms(value - mean[..., None], weights)
        branch = _Stream(mean, spread, spread)
        outputs = _add(stream, branch, spec.initial_gate) if spec.skipped_layers[layer] else branch
        layers.append(
            _Layer(sigma, stream, branch, outputs, deviation, divisor, activated_deviation, u, value, slope, weights)
        )
        stream = outputs
    return layers


def _add(stream: _Stream, branch: _Stream, gate: float) -> _Stream:
    """``h + gate * a`` with h and a independent (Yang & Schoenholz 2017, thm. 2): means add, variances add."""
    return _Stream(
        stream.mean + gate * branch.mean,
        np.hypot(stream.deviation, gate * branch.deviation),
        np.hypot(stream.batch_deviation, gate * branch.batch_deviation),
    )


def _forward(spec: NetworkSpec, x: Array) -> tuple[list[_Layer], Array]:
    """Every layer's signals for inputs ``(batch, n_inputs)``, and the shares of the groups of examples."""
    initializer = INITIALIZERS[spec.initializer]
    stream, shares = _input_stream(spec, x)
    drawn = [sqrt(initializer.weight_variance(*pair[::-1], spec.weight_std)) for pair in spec.layer_shapes]
    if initializer.unit_variance:
        # LSUV looks at the network before weights are scaled and biases added (Mishkin & Matas 2016).
        def calibrated(layer: int, stream: _Stream) -> float:
            found = _calibrated_deviation(spec, layer, stream, shares, len(x))
            return found if 0 < found < np.inf or np.isnan(found) else drawn[layer]

        drawn = [layer.weight_deviation for layer in _propagate(spec, stream, calibrated, [0.0] * spec.depth)]
    biases = [sqrt(initializer.bias_variance(fan_in) + spec.bias_std**2) for _, fan_in in spec.layer_shapes]
    return _propagate(spec, stream, lambda layer, _: spec.weight_scale * drawn[layer], biases), shares


def _calibrated_deviation(spec: NetworkSpec, layer: int, stream: _Stream, shares: Array, batch: int) -> float:
    """Deviation of one weight after LSUV has brought z to variance 1 over batch and units.

    The mean of z over both is not 0 where there are few units: its square is that of the batch's mean
    signal over ``fan_out``.  nan where theory does not know that mean and it matters.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    size = _rms(stream.rms, shares)
    if batch == 1:
        share = 1.0
    elif spec.normalization == "batch":
        share = 1 - float(np.square(stream.batch_deviation / size).mean())
    else:
        share = np.nan if layer == spec.depth - 1 and fan_out < SMALLEST_LAYER else 0.0
    return float(1 / (sqrt(fan_in) * size * np.sqrt(1 - share / fan_out)))


@dataclass(frozen=True)
class _Backward:
    """The gradient ``dL/dh'`` between two layers, per group of examples ``(n,)``, as a sum of four.

    ``constant`` is the same for all units and examples: mainly what comes straight from the outputs along
    residual connections.  ``along`` is proportional to ``h'`` itself (here the RMS, with its sign): where
    outputs are not linear, a weight and the slope it leads to depend on each other.  The rest is normal:
    ``shared`` by all examples but not by units, or each one's ``own``.
    """

    constant: Array
    along: Array
    shared: Array
    own: Array

    def rms(self, stream: _Stream) -> Array:
        """Its root mean square, given ``h'``."""
        size = _nonzero(stream.rms)
        center = np.hypot(self.constant + self.along * stream.mean / size, self.along * stream.deviation / size)
        return np.hypot(center, np.hypot(self.shared, self.own))


def _nonzero(size: Array) -> Array:
    """``size``, fit to divide by."""
    return np.where(size != 0, size, 1.0)


def _take_out(values: Array, passed: _Layer, normalization: str) -> Array:
    """``values(u) - E[values] - u E[u values]``: what is left once mean and scale are differentiated through.

    RMS norm leaves the mean in (Yang et al. 2019, for batch norm; the same projection for the others).
    """
    left = values - passed.activated * (values * passed.activated * passed.weights).sum(axis=-1, keepdims=True)
    if normalization != "rms":
        left = left - (values * passed.weights).sum(axis=-1, keepdims=True)
    return left


def _through_activation(
    spec: NetworkSpec, layer: int, passed: _Layer, above: _Backward, length: Array
) -> tuple[Array, Array, Array]:
    """``dL/dz`` from ``dL/dh'``: RMS, mean magnitude and ``E[x dL/dz]`` with ``x = z / deviation``, ``(n,)`` each.

    Given u, ``dL/dz`` is normal, with a mean that ``constant`` and ``along`` make.  ``length`` is the typical
    size of the normal parts, as a share of their RMS: see ``_mean_root_share``.
    """
    unit = _nonzero(np.abs([above.constant, above.along, above.shared, above.own]).max(axis=0))
    constant, shared, own = ((part / unit)[..., None] for part in (above.constant, above.shared, above.own))
    along = (above.along / unit / _nonzero(passed.outputs.rms))[..., None]
    gate = 1.0
    if spec.skipped_layers[layer]:
        gate = spec.initial_gate
        constant = constant + along * passed.inputs.mean[..., None]
        own = np.hypot(own, along * passed.inputs.deviation[..., None])
    center, common = (constant + along * gate * passed.value) * passed.slope, shared * passed.slope
    if spec.normalized_layers[layer]:
        center, common = (_take_out(part, passed, spec.normalization) for part in (center, common))
    spread = np.hypot(common, own * passed.slope)
    factor = gate * unit / passed.divisor
    x = passed.activated / _nonzero(passed.activated_deviation)[..., None]
    return (
        factor * _rms(np.hypot(center, spread), passed.weights),
        factor * (_mean_abs(np.abs(center), length[..., None] * spread) * passed.weights).sum(axis=-1),
        factor * (x * center * passed.weights).sum(axis=-1),
    )


def _mean_abs(center: Array, spread: Array) -> Array:
    """``E|x|`` for ``x ~ N(center, spread^2)``, the folded normal; ``center`` at least 0."""
    if not center.any():
        return sqrt(2 / pi) * spread
    distance = np.where(spread > 0, center / np.where(spread > 0, spread, 1.0), np.inf)
    return 2 * spread * normal_density(distance) + center * (1 - 2 * normal_cdf(-distance))


def _mean_root_share(square: Array, weights: Array, count: int) -> Array:
    """``E[sqrt(S)] / sqrt(E[S])`` for S a sum of ``count`` independent draws of ``square``.

    From ``E[sqrt(S)] = integral of (1 - E[exp(-t S)]) t^(-3/2) dt / (2 sqrt(pi))``, by the trapezoidal rule in ln t.
    ``square``, ``weights``: ``(n, nodes)``; result ``(n,)``.
    """
    mean = (square * weights).sum(axis=-1, keepdims=True)
    scaled = square / np.where((mean > 0) & np.isfinite(mean), mean, 1.0)
    steps = np.arange(-50.0, 50.0, 0.5)
    # 1 - E[exp(-t X)], without the loss of digits at small t.
    lost = np.stack([(-np.expm1(-np.exp(y) * scaled) * weights).sum(axis=-1) for y in steps])
    together = -np.expm1(count * np.log1p(-np.minimum(lost, 1.0)))
    integral = 0.5 * (together * np.exp(-steps / 2)[:, None]).sum(axis=0)
    return np.where(mean[:, 0] > 0, integral / (2 * sqrt(pi * count)), 1.0)


def _slope_in_common(spec: NetworkSpec, last: _Layer) -> float:
    """RMS of the part of the last layer's slopes that all examples of the batch share, under batch norm.

    Pre-activations of any two examples covary by what they have in common, the mean of h over the batch and the
    bias; given that part ``y``, they are independent: ``E_y[E[phi'(y + rest)]^2]``.
    """
    if spec.linear_output:
        return 1.0
    activation = ACTIVATIONS[spec.activation]
    rest = sqrt(spec.layer_shapes[-1][1]) * last.weight_deviation * float(last.inputs.batch_deviation[0])
    rest = min(rest, float(last.deviation[0]))
    common = sqrt(max(float(last.deviation[0]) ** 2 - rest**2, 0.0))
    y, outer = _quadrature(activation, common)
    z, inner = _quadrature(activation, np.full_like(y, rest), y)
    slope = activation(z, spec.activation_shape)[1]
    return float(_rms((slope * inner).sum(axis=-1), outer))


def _through_weights(
    spec: NetworkSpec, layer: int, passed: _Layer, above: _Backward, rms: Array, slant: Array
) -> _Backward:
    """``dL/dh`` from ``dL/dh'``, the RMS of ``dL/dz`` and ``slant = E[x dL/dz]``.

    The weights spread ``dL/dz`` over the units below, mean 0, but for ``E[w dL/dz] = Var(w) h slant / deviation``
    (Stein's lemma), whose square counts for pairs of units.  Normalisation leaves no slant.  A residual
    connection adds what it passes by.  Under batch norm ``dL/dz`` has nothing in common between examples, but in
    the last layer, which is not normalised.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    through = sqrt(fan_out) * passed.weight_deviation * rms
    signal = sqrt(fan_in) * passed.weight_deviation * passed.inputs.rms / _nonzero(passed.deviation)
    along = sqrt(fan_out * (fan_out - 1) / fan_in) * passed.weight_deviation * signal * slant
    if INITIALIZERS[spec.initializer].shape_weights is orthonormal:
        # These keep lengths: what goes along h is taken from the rest.
        taken = np.square(along / _nonzero(through)) * min(1.0, fan_in / fan_out)
        through = through * np.sqrt(np.maximum(1 - taken, 0.0))
    common = np.zeros_like(through)
    if layer == spec.depth - 1 and spec.normalization == "batch":
        common = np.minimum(_slope_in_common(spec, passed) / _nonzero(_rms(passed.slope, passed.weights)), 1.0)
    normal = through * np.sqrt(1 - np.square(common))
    if spec.normalized_layers[layer]:
        along = np.zeros_like(along)
    if not spec.skipped_layers[layer]:
        return _Backward(np.zeros_like(through), along, through * common, normal)
    # What is along h' = h + gate * a is along h, and for the rest as random as a is.
    passing = above.along / _nonzero(passed.outputs.rms)
    return _Backward(
        above.constant + passing * spec.initial_gate * passed.branch.mean,
        along + passing * passed.inputs.rms,
        np.hypot(through * common, above.shared),
        np.hypot(normal, np.hypot(above.own, passing * spec.initial_gate * passed.branch.deviation)),
    )


def _backward(spec: NetworkSpec, layers: list[_Layer]) -> list[tuple[Array, Array, Array]]:
    """RMS and mean magnitude of dL/dz and RMS of dL/dh' per layer, first layer first, each ``(groups,)``."""
    zero = np.zeros_like(layers[-1].deviation)
    gradient = _Backward(zero + 1.0, zero, zero, zero)
    # All layers below see the last layer's gradient through one and the same random length.
    length = _mean_root_share(np.square(layers[-1].slope), layers[-1].weights, spec.n_outputs)
    rows = []
    for layer in reversed(range(spec.depth)):
        passed = layers[layer]
        rms, mean_abs, slant = _through_activation(spec, layer, passed, gradient, length)
        rows.append((rms, mean_abs, gradient.rms(passed.outputs)))
        gradient = _through_weights(spec, layer, passed, gradient, rms, slant)
    if spec.depth > 1 and spec.n_outputs == 1 and INITIALIZERS[spec.initializer].stream is unit_uniform:
        # The layer below a single output sees one uniform weight, not a sum that is normal already.
        rms, mean_abs, stream = rows[1]
        rows[1] = rms, mean_abs * (sqrt(3 / 4) / sqrt(2 / pi)), stream
    return rows[::-1]


@np.errstate(**QUIET)
def signal_propagation(spec: NetworkSpec, inputs: ArrayLike | None = None) -> pd.DataFrame:
    """What each layer's signals and gradients are expected to be when the gradient at every output is 1.

    The variance map of Poole et al. 2016 (eq. 3) forward and the gradient map of Schoenholz et al. 2017 (eq. 9)
    backward, on this network's own layer sizes and inputs; residual connections as in Yang & Schoenholz 2017,
    batch norm as in Yang et al. 2019.  Where these papers take gradients as independent of the signal, which
    several outputs that are not linear contradict, what correlates the two is followed as well.

    Parameters
    ----------
    spec : NetworkSpec
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``; ``None`` takes ``example_inputs(n_inputs, 1)``

    Returns
    -------
    DataFrame, one row per layer, layer 1 (the input's side) first
        ``layer``; ``variance``, the mean square of the pre-activations z, and ``activated_variance``, of u that goes
        into the activation; then the columns of ``vanish.flow.MAGNITUDES``: ``mean_abs`` (expected mean of
        |dL/dz|), ``rms`` and ``stream`` (root of the expected mean square of dL/dz, of dL/dh'), ``weight_norm``
        and ``relative_norm`` for a batch of one (with more it depends on how examples correlate: nan); and
        ``factor``, the mean square of dL/dz in the layer below over that in this one (nan for layer 1).
        Gradient columns are nan under batch norm with fewer than 16 examples, and under LSUV with fewer than 16
        outputs and more than one example (unless batch norm keeps the examples apart).

    Raises
    ------
    ValueError
        If the inputs' shape does not fit the spec.
    """
    x = example_inputs(spec.n_inputs, 1) if inputs is None else np.atleast_2d(np.asarray(inputs, dtype=np.float64))
    if x.ndim != 2 or x.shape[1] != spec.n_inputs or not len(x):
        raise ValueError(f"inputs must be rows of {spec.n_inputs} columns (n_inputs), got shape {x.shape}")
    layers, shares = _forward(spec, x)
    rms, mean_abs, stream = zip(*_backward(spec, layers), strict=True)
    table = pd.DataFrame(
        {
            "layer": np.arange(1, spec.depth + 1),
            "variance": [float(np.square(_rms(layer.deviation, shares))) for layer in layers],
            "activated_variance": [float(np.square(_rms(layer.activated_deviation, shares))) for layer in layers],
            "mean_abs": [float((values * shares).sum()) for values in mean_abs],
            "rms": [float(_rms(values, shares)) for values in rms],
            "stream": [float(_rms(values, shares)) for values in stream],
        }
    )
    sizes = np.sqrt([fan_out * fan_in for fan_out, fan_in in spec.layer_shapes])
    one = np.nan if len(x) > 1 else 1.0
    table["weight_norm"] = one * table["rms"] * sizes * [float(_rms(layer.inputs.rms, shares)) for layer in layers]
    table["relative_norm"] = table["weight_norm"] / (sizes * [layer.weight_deviation for layer in layers])
    table["factor"] = np.square(table["rms"].shift(1) / table["rms"])
    if any(spec.normalized_layers) and spec.normalization == "batch" and len(x) < SMALLEST_BATCH:
        table.loc[:, "mean_abs":] = np.nan
    return table
