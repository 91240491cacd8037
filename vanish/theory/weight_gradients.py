"""What mean-field theory expects of a layer's gradients entry by entry: how they spread, and how many are exactly 0.

For a single example dL/dW_ij = dL/dz_i h_j.  In a wide network its two factors are independent, and so are units: what
is expected of the product is the product of what is expected of both.
"""

from math import prod

import numpy as np

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.theory.signals import LayerSignals, nonzero


def is_plain(spec: NetworkSpec) -> bool:
    """Whether a layer is given what the layer below computes, as it is."""
    return not (NORMALIZATIONS[spec.normalization].normalizes or RESIDUALS[spec.residual].skips)


@np.errstate(**QUIET)
def zero_shares(spec: NetworkSpec, layers: list[LayerSignals], shares: Array, rms: Array) -> Array:
    """Expected share of dL/dz that is exactly 0, ``(depth,)``: units whose slope is 0, and all of them where every
    output unit's is, or where nothing arrives (``rms``, of dL/dz, is 0).

    nan with normalisation or residual connections, which add to what comes back to a unit.
    """
    if not is_plain(spec):
        return np.full(spec.depth, np.nan)
    flat = np.stack([((layer.slope == 0) * layer.weights).sum(axis=-1) for layer in layers])
    reached = np.ones_like(flat)
    reached[:-1] = 1 - flat[-1] ** spec.n_outputs
    return np.where(rms == 0, 1.0, ((1 - reached * (1 - flat)) * shares).sum(axis=1))


@np.errstate(**QUIET)
def input_sizes(spec: NetworkSpec, layers: list[LayerSignals], x: Array) -> tuple[Array, Array, Array]:
    """Of what each layer is given for the one example ``x``, ``(1, n_inputs)``: the mean size of an entry, the share of
    exact zeros, and the square of the mean over the mean square, ``(depth,)`` each.  nan as in ``zero_shares``."""
    if not is_plain(spec):
        return (np.full(spec.depth, np.nan),) * 3
    rows = [(np.abs(x).mean(), (x == 0).mean(), _steady(x.mean(), layers[0].inputs.rms[0], np.inf))]
    for below, fan_out in zip(layers[:-1], spec.hidden_sizes, strict=True):
        value, weights = below.value[0], below.weights[0]
        mean_abs, zeros = (np.abs(value) * weights).sum(), ((value == 0) * weights).sum()
        rows.append((mean_abs, zeros, _steady(below.outputs.mean[0], below.outputs.rms[0], fan_out)))
    mean_abs, zeros, steady = np.array(rows).T
    return mean_abs, zeros, steady


@np.errstate(**QUIET)
def spread_share(spec: NetworkSpec, layers: list[LayerSignals], inputs: Array) -> Array:
    """Standard deviation of a layer's dL/dW over its root mean square, ``(depth,)``, from ``inputs``, the square of the
    mean of what each layer is given over its mean square; nan where there is one weight."""
    last = layers[-1]
    slope, square = (float((s * last.weights).sum(axis=-1)[0]) for s in (last.slope, np.square(last.slope)))
    # Weights of mean 0 give each hidden unit's gradient a sign of its own; the outputs' have that of their slopes.
    signal = [1 / fan_out for fan_out in spec.hidden_sizes] + [_steady(slope, np.sqrt(square), spec.n_outputs)]
    n = np.array([prod(shape) for shape in spec.layer_shapes])
    return np.asarray(np.sqrt(n / np.where(n > 1, n - 1, np.nan) * np.maximum(1 - np.array(signal) * inputs, 0.0)))


def _steady(mean: float, rms: float, n: float) -> float:
    """Square of the mean of ``n`` independent units over their mean square; ``n`` infinite: of the very numbers."""
    share = float(np.square(mean / nonzero(np.asarray(rms))))
    return share + (1 - share) / n
