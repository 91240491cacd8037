"""Shattered gradients: do neighbouring inputs ask for the same change of the weights? (Balduzzi et al. 2017)

A gradient may keep its size and still be noise.  Walk along a straight line through the inputs,

    x(t) = (t, 1, ..., 1),  t from -2 to 2,        g(t) = df / dt,

with f the network's one output: g of a shallow ReLU network wanders like brown noise, and two steps next to each
other nearly agree; g of a deep one is white noise, and a step along its gradient helps no example but its own.
Residual connections keep neighbours alike.  Batch norm's mean and deviation are those over the line, held fixed.

Theory, for wide ReLU networks without normalisation.  The angle theta between what two inputs have become is
followed forward (Cho & Saul 2009), and on the way back each layer multiplies the covariance of their gradients by

    sigma_w^2 P[both on] = sigma_w^2 (pi - theta) / (2 pi)                  plain
    1 + gate^2 sigma_w^2 (pi - theta) / (2 pi)                              residual

and either variance by the same at theta = 0.  At theta = pi/2, inputs that have nothing in common, He's plain
layer leaves 1/2 of the correlation and a residual one 3/4: the paper's theorems 1 and 2.  Without normalisation
theta itself shrinks as 3 pi / depth, so that the correlation falls only as a power of depth; batch norm, which
spreads inputs out again at every layer, is what makes it fall exponentially.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import pi, sqrt
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.flow import quantiles
from vanish.initializers import INITIALIZERS
from vanish.network import QUIET, NetworkSpec, backward, forward, initialize, to_layer_below
from vanish.training import fold_batch_norm
from vanish.validation import check_choice, check_integer

Array = NDArray[np.float64]

POINTS, LARGEST_POINTS, REACH = 256, 256, 2.0
# Wide enough for theory, narrow enough for a page.
WIDTH, LARGEST_LINE_WIDTH, LARGEST_LINE_DEPTH, MOST_SEEDS = 128, 256, 100, 100
DEPTHS, SEEDS = (1, 2, 3, 5, 10, 20, 30, 50), (42, 43, 44, 45, 46)
# What is compared: name -> ``residual``.
KINDS: Mapping[str, str] = MappingProxyType({"plain": "none", "residual": "identity", "scaled residual": "scaled"})
# What one layer leaves of the correlation between inputs that have nothing in common (theorems 1 and 2).
UNRELATED: Mapping[str, float] = MappingProxyType({"plain": 1 / 2, "residual": 3 / 4})


def on_a_line(spec: NetworkSpec | None = None) -> NetworkSpec:
    """A spec with two inputs, one linear output and at most 128 units a layer; ``None`` is the paper's case.

    That is a ReLU network under He's initialisation, with batch norm.
    """
    if spec is None:
        spec = NetworkSpec(width=WIDTH, activation="relu", initializer="he_normal", normalization="batch")
    return replace(spec, n_inputs=2, n_outputs=1, linear_output=True, width=min(spec.width, WIDTH))


def line(n_inputs: int, points: int = POINTS) -> Array:
    """The inputs x(t), ``(points, n_inputs)``: the first runs evenly from -2 to 2, the others stay at 1."""
    inputs = np.ones((check_integer("points", points, 2, LARGEST_POINTS), n_inputs))
    inputs[:, 0] = np.linspace(-REACH, REACH, points)
    return inputs


@np.errstate(**QUIET)
def gradient_over_line(spec: NetworkSpec, seeds: Sequence[int], points: int = POINTS) -> Array:
    """The derivative ``g(t)`` of the outputs' sum along the line, ``(len(seeds), points)``.

    Parameters
    ----------
    spec : NetworkSpec of depth 1 to 100 and width 1 to 256; ``on_a_line`` makes any spec fit
    seeds : 1 to 100 seeds, each 0 to 2**64 - 1
    points : int, 2 to 256

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    check_integer("depth", spec.depth, 1, LARGEST_LINE_DEPTH)
    check_integer("width", spec.width, 1, LARGEST_LINE_WIDTH)
    check_integer("number of seeds", len(seeds), 1, MOST_SEEDS)
    inputs = line(spec.n_inputs, points)
    gradients = np.empty((len(seeds), points))
    for row, seed in enumerate(seeds):
        # One network at a time stays in the processor's cache.
        fixed, parameters = fold_batch_norm(spec, initialize(spec, seed, inputs), inputs)
        *_, first = backward(fixed, parameters, forward(fixed, parameters, inputs, keep=False))
        gradients[row] = to_layer_below(parameters, 0, first)[:, 0]
    return gradients


@np.errstate(**QUIET)
def autocorrelation(gradients: Array, lags: Sequence[int]) -> Array:
    """How alike the gradient is to itself so many points further on, ``(seeds, len(lags))`` from ``(seeds, points)``.

    The cosine between the one stretch and the other: 1 where they agree, about 0 for noise, nan where a stretch
    is all zeros or not finite.  No mean is taken out, because over random networks the mean is 0.

    Raises
    ------
    ValueError
        If a lag is not a whole number from 0 to ``points - 1``.
    """
    gradients = np.atleast_2d(np.asarray(gradients, dtype=np.float64))
    points = gradients.shape[1]
    found = np.empty((len(gradients), len(lags)))
    for column, lag in enumerate(lags):
        check_integer("lags", lag, 0, points - 1)
        here, there = (_of_length_1(part) for part in (gradients[:, : points - lag], gradients[:, lag:]))
        found[:, column] = (here * there).sum(axis=1)
    return found


def _of_length_1(rows: Array) -> Array:
    """Each row over its own length; the largest entry first, so that no square leaves float64's range."""
    rows = rows / np.abs(rows).max(axis=1, keepdims=True)
    return rows / np.sqrt(np.square(rows).sum(axis=1, keepdims=True))


def theory_holds(spec: NetworkSpec) -> bool:
    """Whether ``expected_correlation`` has an answer: ReLU, a linear output, independent weights, no normalisation."""
    initializer = INITIALIZERS[spec.initializer]
    independent = initializer.shape_weights is None and not initializer.unit_variance
    plain = spec.normalization == "none" or spec.depth == 1
    return spec.activation == "relu" and spec.linear_output and independent and plain


@np.errstate(**QUIET)
def expected_correlation(spec: NetworkSpec, points: int = POINTS, lag: int = 1) -> float:
    """Theory's mean correlation of ``g`` at points ``lag`` apart, for a wide network; nan where there is none.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    inputs = line(spec.n_inputs, points)
    check_integer("lag", lag, 0, points - 1)
    if not theory_holds(spec) or 1 in spec.skipped_layers[:1]:
        return float("nan")
    if spec.depth == 1:
        return 1.0
    here, there = inputs[: points - lag], inputs[lag:]
    angles = _angles(spec, here, there)
    correlation = _first_layer(here, there)
    variances = [_variance(spec, layer) for layer in range(1, spec.depth - 1)]
    for theta, skipped, variance in zip(angles[1:], spec.skipped_layers[1:-1], variances, strict=True):
        through = variance * (pi - theta) / (2 * pi)
        if skipped:
            gate = spec.initial_gate**2
            correlation *= (1 + gate * through) / (1 + gate * variance / 2)
        else:
            correlation *= through / (variance / 2)
    return float(correlation.mean())


def _variance(spec: NetworkSpec, layer: int) -> float:
    """``sigma_w^2`` of one layer: fan-in times a weight's variance."""
    fan_out, fan_in = spec.layer_shapes[layer]
    drawn = INITIALIZERS[spec.initializer].weight_variance(fan_in, fan_out, spec.weight_std)
    return fan_in * drawn * spec.weight_scale**2


def _angles(spec: NetworkSpec, here: Array, there: Array) -> list[Array]:
    """Angle between the pre-activations of pairs of inputs in each layer but the last, ``(pairs,)`` each.

    With ``z`` normal: ``E[a] = s / sqrt(2 pi)`` and ``E[a a'] = s s' (sin theta + (pi - theta) cos theta) / (2 pi)``
    for deviations s, s' (Cho & Saul 2009, eq. 6).  Residual layers add, h and a independent (Yang & Schoenholz 2017).
    """
    pairs = ((here, here), (there, there), (here, there))
    squares = [(a * b).mean(axis=1) for a, b in pairs]
    means: list[Array] = []
    angles = []
    for layer in range(spec.depth - 1):
        fan_in = spec.layer_shapes[layer][1]
        bias = INITIALIZERS[spec.initializer].bias_variance(fan_in) * spec.weight_scale**0 + spec.bias_std**2
        first, second, both = (_variance(spec, layer) * square + bias for square in squares)
        theta = np.arccos(np.clip(both / np.sqrt(first * second), -1.0, 1.0))
        angles.append(theta)
        deviations = [np.sqrt(first), np.sqrt(second)]
        overlap = (np.sin(theta) + (pi - theta) * np.cos(theta)) / (2 * pi)
        made = [first / 2, second / 2, deviations[0] * deviations[1] * overlap]
        centers = [deviation / sqrt(2 * pi) for deviation in deviations]
        if spec.skipped_layers[layer]:
            gate = spec.initial_gate
            crossed = [means[a] * centers[b] + centers[a] * means[b] for a, b in ((0, 0), (1, 1), (0, 1))]
            squares = [s + gate * c + gate**2 * m for s, c, m in zip(squares, crossed, made, strict=True)]
            means = [mean + gate * center for mean, center in zip(means, centers, strict=True)]
        else:
            squares, means = made, centers
    return angles


def _first_layer(here: Array, there: Array) -> Array:
    """Correlation that the first layer leaves, ``(pairs,)``: its few weights decide both the slopes and the gradient.

    With ``(t, c)`` a point's coordinates along the first axis and along the others, and ``w`` normal at angle alpha
    to the first axis: ``E[w_1^2 1(w x > 0) 1(w x' > 0)]`` is the integral of ``cos^2 alpha`` over the arc in which
    both are on, beside pi / 2 for one input alone.
    """
    across = sqrt(here.shape[1] - 1)
    middles = [np.arctan2(across, x[:, 0]) for x in (here, there)]
    low, high = np.maximum(*middles) - pi / 2, np.minimum(*middles) + pi / 2
    whole = [alpha / 2 + np.sin(2 * alpha) / 4 for alpha in (low, high)]
    return np.asarray((whole[1] - whole[0]) / (pi / 2))


def shattering(
    spec: NetworkSpec | None = None,
    depths: Sequence[int] = DEPTHS,
    seeds: Sequence[int] = SEEDS,
    kinds: Sequence[str] = tuple(KINDS),
    points: int = POINTS,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Correlation of the gradient between neighbouring inputs against depth, with and without residual connections.

    Parameters
    ----------
    spec : NetworkSpec; taken through ``on_a_line``, its depth and residual connections replaced
    depths : sequence of int, each 1 to 100
    seeds : 1 to 100 seeds, each 0 to 2**64 - 1
    kinds : names from ``KINDS``
    points : int, 2 to 256
    progress : called after each depth and kind with the share that is done; it may raise to interrupt

    Returns
    -------
    DataFrame, a row per depth and kind: ``depth, kind``; ``correlation``, the mean over seeds, with ``low`` and
    ``high``, their 10 % and 90 % quantile; ``theory`` (nan where there is none); ``unrelated``, what would be left if
    inputs had nothing in common in any hidden layer (He's ReLU network only, else nan)

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    base = on_a_line(spec)
    networks = [
        (kind, replace(base, depth=check_integer("depths", depth, 1, LARGEST_LINE_DEPTH), residual=KINDS[kind]))
        for depth in depths
        for kind in (check_choice("kinds", kind, KINDS) for kind in kinds)
    ]
    rows = []
    for done, (kind, one) in enumerate(networks, start=1):
        found = autocorrelation(gradient_over_line(one, seeds, points), [1])[:, 0]
        low, _, high = quantiles(found)
        rows.append(
            {
                "depth": one.depth,
                "kind": kind,
                "correlation": float(found.mean()),
                "low": float(low),
                "high": float(high),
                "theory": expected_correlation(one, points),
                "unrelated": _unrelated(kind, one),
            }
        )
        if progress:
            progress(done / len(networks))
    return pd.DataFrame(rows, columns=["depth", "kind", "correlation", "low", "high", "theory", "unrelated"])


def _unrelated(kind: str, spec: NetworkSpec) -> float:
    return UNRELATED.get(kind, np.nan) ** (spec.depth - 1)
