"""Where the variance map of mean-field theory ends up, and what the gradient is multiplied by there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_choice, check_kind, check_number
from vanish.theory.gaussian import gaussian_moments
from vanish.theory.mean_field import squared_gradient_map, variance_map

# Where a fixed point is looked for, and how near to 1 a factor is taken for 1.
VARIANCES = np.geomspace(1e-30, 1e30, 241)

TOLERANCE = 1e-12

SMALLEST_SCALE, LARGEST_SCALE = 0.01, 100.0


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
        return depth_scale(self.chi)


@np.errstate(**QUIET)
def depth_scale(factor: float) -> float:
    """Layers over which what a layer multiplies by a factor changes e-fold, ``1 / |ln factor|``; infinite at 1."""
    return np.inf if abs(factor - 1) <= TOLERANCE else float(1 / np.abs(np.log(factor)))


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
    moving = np.flatnonzero(crossed.any(axis=1) & ~still)
    if len(moving):
        direction, steps = np.where(grows[moving], 1, -1), crossed[moving].argmax(axis=1)
        ends = [np.log(VARIANCES[start + direction * step]) for step in (steps - 1, steps)]
        result[moving] = np.exp(
            _root(
                lambda y: np.log(variance_map(activation, np.exp(y), sigma_w2[moving], sigma_b2[moving], shape)) - y,
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
    return variance, squared_gradient_map(activation, within, w2, shape)


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
    sigma_w2 = check_number("sigma_w2", sigma_w2, 0, np.inf)
    sigma_b2 = check_number("sigma_b2", sigma_b2, 0, np.inf)
    shape = ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)].check_shape("shape", shape)
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
    (Yang et al. 2019).  1 for a linear activation, above 1 for every other (Poincaré).
    """
    moments = gaussian_moments(activation, 1.0, shape)
    return float(moments.mean_square_slope / (moments.mean_square - np.square(moments.mean)))


def critical_weight_scale(spec: NetworkSpec) -> float:
    """The ``weight_scale`` from 0.01 to 100 at which the hidden layers' ``chi`` passes 1, the smallest if several.

    nan if there is none, as where normalisation takes the scale out, or with residual connections, whose factor
    ``1 + gate^2 chi`` is never below 1.
    """
    if RESIDUALS[check_kind("spec", spec, NetworkSpec).residual].skips:
        return np.nan
    scales = np.geomspace(SMALLEST_SCALE, LARGEST_SCALE, 161)
    # Rounding around a chi that is 1 at every scale (identity under batch norm) is no crossing.
    beyond = hidden_chi(spec, scales) - 1 > TOLERANCE
    crossings = np.flatnonzero(beyond[1:] != beyond[:-1])
    if not len(crossings):
        return np.nan
    low, high = scales[crossings[0]], scales[crossings[0] + 1]
    with np.errstate(**QUIET):
        smooth = np.exp(_root(lambda y: np.log(hidden_chi(spec, np.exp(y))), *np.log([[low], [high]])))
        passes = hidden_chi(spec, smooth * (1 + np.array([-1, 1]) * TOLERANCE)) > 1
    if passes[0] != passes[1]:
        return float(smooth[0])
    # Where chi jumps, or has no logarithm.
    for _ in range(46):
        middle = np.sqrt(low * high)
        if (hidden_chi(spec, np.array([middle]))[0] - 1 > TOLERANCE) == beyond[crossings[0]]:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


@np.errstate(**QUIET)
def hidden_chi(spec: NetworkSpec, scales: Array) -> Array:
    """``chi`` of a hidden layer deep in the network, at each weight scale, both ``(n,)``.

    That is ``width -> width``; of unequal widths the geometric mean over the hidden layers, each by its own fan-in and
    fan-out as if all were like it: over all of them, changes of width cancel.  Of the branch alone where the network
    has residual connections.  Where it normalises pre-activations, the activation's input has variance 1; where it
    normalises a layer's input or output, the weights' input has (epsilon left out).  nan for batch norm there, and for
    weights whose mean is not 0.
    """
    if spec.weight_mean:
        return np.full_like(scales, np.nan)
    if spec.widths is None:
        return _layer_chi(spec, spec.width, spec.width, scales)
    logs = [
        count * np.log(_layer_chi(spec, fan_in, fan_out, scales))
        for (fan_out, fan_in), count in Counter(spec.layer_shapes[1:-1]).items()
    ]
    return np.exp(np.sum(logs, axis=0) / (spec.depth - 2))


def _layer_chi(spec: NetworkSpec, fan_in: int, fan_out: int, scales: Array) -> Array:
    """``chi`` of a layer ``fan_in -> fan_out`` among others that are like it, at each weight scale, both ``(n,)``."""
    initializer, name, shape = INITIALIZERS[spec.initializer], spec.activation, spec.activation_shape
    unit = gaussian_moments(name, 1.0, shape)
    sigma_w2 = fan_in * spec.weight_variance(fan_in, fan_out)
    if initializer.unit_variance:
        sigma_w2 = 1 / float(unit.mean_square)
    w2, b2 = sigma_w2 * np.square(scales), initializer.bias_variance(fan_in) + spec.bias_std**2
    normalization = NORMALIZATIONS[spec.normalization]
    if not normalization.normalizes:
        return chi_map(name, w2, b2, shape)
    if not NORM_PLACES[spec.norm_place].before_activation:
        if normalization.over_batch:
            return np.full_like(scales, np.nan)
        if initializer.unit_variance:
            w2 = np.square(scales)
        moments = gaussian_moments(name, w2 + b2, shape)
        centre = np.square(moments.mean) if normalization.centered else 0.0
        return w2 * moments.mean_square_slope / (moments.mean_square - centre)
    if normalization.over_batch:
        return np.full_like(scales, batch_norm_chi(name, shape))
    return w2 * unit.mean_square_slope / (w2 * unit.mean_square + b2)
