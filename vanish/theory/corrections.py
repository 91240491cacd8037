"""What real networks add to the two maps of mean-field theory.

Examples of unlike length, LSUV's few units, a sum of few outputs, normalisation's own backward pass, the slopes that
examples of a batch share, and uniform weights that one unit sees one of.
"""

from math import pi, sqrt

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS, orthonormal, unit_uniform
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, root_mean_square
from vanish.numerics.normal import normal_cdf, normal_density
from vanish.theory.gaussian import quadrature
from vanish.theory.signals import LayerSignals, SignalStream, nonzero

# Batch norm's theory is that of a large batch; with fewer examples there is none.
SMALLEST_BATCH = 16


# LSUV's std is measured over the units of one layer; with fewer units it depends on how examples correlate.
SMALLEST_LAYER = 16


# Examples of like length are followed together; more groups than this change nothing that can be seen.
GROUPS = 16


# Mean size of a uniform number over that of a normal one of the same std.
UNIFORM_OVER_NORMAL = sqrt(3 / 4) / sqrt(2 / pi)


def group_by_length(x: Array) -> tuple[Array, Array, Array]:
    """Mean and std over units of groups of examples of like length, and each group's share, all ``(groups,)``."""
    mean, mean_square = x.mean(axis=1), np.square(root_mean_square(x, np.full(x.shape[1], 1 / x.shape[1])))
    groups = np.array_split(np.argsort(mean_square), min(GROUPS, len(x)))
    means = np.array([mean[group].mean() for group in groups])
    mean_squares = np.array([mean_square[group].mean() for group in groups])
    shares = np.array([len(group) / len(x) for group in groups])
    return means, np.sqrt(np.maximum(mean_squares - np.square(means), 0.0)), shares


def calibrated_std(spec: NetworkSpec, layer: int, stream: SignalStream, shares: Array, batch: int) -> float:
    """Deviation of one weight after LSUV has brought z to variance 1 over batch and units.

    The mean of z over both is not 0 where there are few units: its square is that of the batch's mean
    signal over ``fan_out``.  nan where theory does not know that mean and it matters.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    size = root_mean_square(stream.rms, shares)
    if batch == 1:
        share = 1.0
    elif NORMALIZATIONS[spec.normalization].over_batch:
        share = 1 - float(np.square(stream.batch_std / size).mean())
    else:
        share = np.nan if layer == spec.depth - 1 and fan_out < SMALLEST_LAYER else 0.0
    return float(1 / (sqrt(fan_in) * size * np.sqrt(1 - share / fan_out)))


def without_mean_and_scale(values: Array, passed: LayerSignals, normalization: str) -> Array:
    """``values(u) - E[values] - u E[u values]``: what is left once mean and scale are differentiated through.

    RMS norm leaves the mean in (Yang et al. 2019, for batch norm; the same projection for the others).
    """
    left = values - passed.activated * (values * passed.activated * passed.weights).sum(axis=-1, keepdims=True)
    if NORMALIZATIONS[normalization].centered:
        left = left - (values * passed.weights).sum(axis=-1, keepdims=True)
    return left


def folded_normal_mean(center: Array, spread: Array) -> Array:
    """``E|x|`` for ``x ~ N(center, spread^2)``, the folded normal; ``center`` at least 0."""
    if not center.any():
        return sqrt(2 / pi) * spread
    distance = np.where(spread > 0, center / np.where(spread > 0, spread, 1.0), np.inf)
    return 2 * spread * normal_density(distance) + center * (1 - 2 * normal_cdf(-distance))


def mean_root_share(square: Array, weights: Array, count: int) -> Array:
    """``E[sqrt(S)] / sqrt(E[S])`` for S a sum of ``count`` independent draws of ``square``.

    From ``E[sqrt(S)] = integral of (1 - E[exp(-t S)]) t^(-3/2) dt / (2 sqrt(pi))``, by the trapezoidal rule in ln t.
    ``square``, ``weights``: ``(n, nodes)``; result ``(n,)``.
    """
    if (square == square[:, :1]).all():  # as in a linear layer: one node stands for all
        square, weights = square[:, :1], weights.sum(axis=-1, keepdims=True)
    mean = (square * weights).sum(axis=-1, keepdims=True)
    scaled = square / np.where((mean > 0) & np.isfinite(mean), mean, 1.0)
    steps = np.arange(-50.0, 50.0, 0.5)
    # 1 - E[exp(-t X)], without the loss of digits at small t.
    lost = np.stack([(-np.expm1(-np.exp(y) * scaled) * weights).sum(axis=-1) for y in steps])
    together = -np.expm1(count * np.log1p(-np.minimum(lost, 1.0)))
    integral = 0.5 * (together * np.exp(-steps / 2)[:, None]).sum(axis=0)
    return np.where(mean[:, 0] > 0, integral / (2 * sqrt(pi * count)), 1.0)


def shared_slope(spec: NetworkSpec, last: LayerSignals) -> float:
    """RMS of the part of the last layer's slopes that all examples of the batch share, under batch norm.

    Pre-activations of any two examples covary by what they have in common, the mean of h over the batch and the
    bias; given that part ``y``, they are independent: ``E_y[E[phi'(y + rest)]^2]``.
    """
    if spec.layers[-1].linear:
        return 1.0
    activation = ACTIVATIONS[spec.activation]
    rest = sqrt(spec.layer_shapes[-1][1]) * last.weight_std * float(last.inputs.batch_std[0])
    rest = min(rest, float(last.std[0]))
    common = sqrt(max(float(last.std[0]) ** 2 - rest**2, 0.0))
    y, outer = quadrature(activation, common)
    z, inner = quadrature(activation, np.full_like(y, rest), y)
    slope = activation.apply(z, spec.activation_shape)[1]
    return float(root_mean_square((slope * inner).sum(axis=-1), outer))


def uniform_share(spec: NetworkSpec) -> float:
    """What the mean size of the gradient below the last layer is multiplied by.

    The layer below a single output sees one uniform weight, not a sum that is normal already.
    """
    one_uniform = spec.n_outputs == 1 and INITIALIZERS[spec.initializer].stream is unit_uniform
    return UNIFORM_OVER_NORMAL if one_uniform else 1.0


def kept_beside_signal(spec: NetworkSpec, layer: int, along: Array, through: Array) -> Array:
    """``through`` without what goes ``along`` the signal: orthogonal weights keep lengths, others add the two."""
    fan_out, fan_in = spec.layer_shapes[layer]
    if INITIALIZERS[spec.initializer].shape_weights is not orthonormal:
        return through
    taken = np.square(along / nonzero(through)) * min(1.0, fan_in / fan_out)
    return through * np.sqrt(np.maximum(1 - taken, 0.0))
