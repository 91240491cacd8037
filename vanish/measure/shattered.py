"""Shattered gradients: do neighboring inputs ask for the same change of the weights? (Balduzzi et al. 2017)

The size of a gradient does not say it.  Walk along a straight line through the inputs,

    x(t) = (t, 1, ..., 1),  t from -2 to 2,        g(t) = df / dt,

with f the network's one output: g of a shallow ReLU network wanders like brown noise, and two steps next to each
other nearly agree; g of a deep one with batch norm is white noise, and a step along its gradient helps no example but
its own.  Its size does not vanish, it explodes (128 units, one seed: 2.1 at 4 layers and 33,000 at 50).  Without
normalization the size keeps (1.8 at 50), and most of the correlation (0.92).  Residual connections keep neighbors
alike.  Batch norm's mean and std are those over the line, held fixed.

Theory, for wide ReLU networks without normalization.  Over random weights f is a Gaussian process, of a covariance
K(t, s) that is followed from layer to layer (Cho & Saul 2009; Lee et al. 2018), and the covariance of its derivatives
is the derivative of its covariance: E[g(t) g(s)] = d^2 K / (dt ds), exactly.  The paper looks at inputs that have
nothing in common in any layer: there one that replaces its input leaves 1/2 of the correlation (theorem 1), and
one that adds to it, under He's initialization, 3/4 (theorem 2).  Neighbors have much in common, and without
normalization ever more, the deeper the layer, so that their correlation falls as a power of depth only; batch
norm, which spreads inputs out again at every layer, is what makes it fall exponentially.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from vanish.choices.inputs import POINTS, line
from vanish.network.initialize import initialize
from vanish.network.passes import backward, to_layer_below
from vanish.network.prediction import folded_forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, quantiles, unit_rows
from vanish.numerics.checks import check_array, check_choices, check_integer, check_integers, check_kind, check_progress
from vanish.numerics.lcg import check_seeds
from vanish.theory.kernel import expected_correlation, unrelated_correlation

# Wide enough for theory, narrow enough for a page.
WIDTH, LARGEST_LINE_WIDTH, LARGEST_LINE_DEPTH, MOST_SEEDS = 128, 256, 100, 100


DEPTHS, SEEDS = (1, 2, 3, 5, 10, 20, 30, 50), (42, 43, 44, 45, 46)


# What is compared: name -> ``residual``.
KINDS: Mapping[str, str] = MappingProxyType({"plain": "none", "residual": "identity", "scaled residual": "scaled"})


def on_a_line(spec: NetworkSpec | None = None) -> NetworkSpec:
    """A spec with two inputs, one linear output and at most 128 units a layer; ``None`` is the paper's case.

    That is a ReLU network under He's initialization, with batch norm.
    """
    if spec is None:
        spec = NetworkSpec(width=WIDTH, activation="relu", initializer="he_normal", normalization="batch")
    check_kind("spec", spec, NetworkSpec)
    if spec.widths is None:
        narrow = replace(spec, width=min(spec.width, WIDTH))
    else:
        narrow = replace(spec, widths=tuple(min(units, WIDTH) for units in spec.widths))
    return replace(narrow, n_inputs=2, n_outputs=1, linear_output=True)


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
    check_kind("spec", spec, NetworkSpec)
    check_integer("spec.depth", spec.depth, 1, LARGEST_LINE_DEPTH)
    check_integer("spec.width", spec.width, 1, LARGEST_LINE_WIDTH)
    seeds, inputs = check_seeds("seeds", seeds, MOST_SEEDS), line(spec.n_inputs, points)
    points = len(inputs)
    gradients = np.empty((len(seeds), points))
    for row, seed in enumerate(seeds):
        # One network at a time stays in the processor's cache.
        fixed, parameters, passed = folded_forward(spec, initialize(spec, seed, inputs), inputs)
        *_, first = backward(fixed, parameters, passed)
        gradients[row] = to_layer_below(fixed, 0, parameters.layers[0], first)[:, 0]
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
    gradients = np.atleast_2d(check_array("gradients", gradients, ("...", "points")))
    points = check_array("gradients", gradients, ("seeds", "points")).shape[1]
    lags = check_integers("lags", lags, 0, points - 1)
    correlations = np.empty((len(gradients), len(lags)))
    for column, lag in enumerate(lags):
        here, there = (unit_rows(part) for part in (gradients[:, : points - lag], gradients[:, lag:]))
        correlations[:, column] = (here * there).sum(axis=1)
    return correlations


def shattering(
    spec: NetworkSpec | None = None,
    depths: Sequence[int] = DEPTHS,
    seeds: Sequence[int] = SEEDS,
    kinds: Sequence[str] = tuple(KINDS),
    points: int = POINTS,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Correlation of the gradient between neighboring inputs against depth, with and without residual connections.

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
    ``high``, their 10 % and 90 % quantile; ``theory`` (nan where there is none); ``unrelated`` as in
    ``unrelated_correlation``

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    check_progress(progress)
    depths = check_integers("depths", depths, 1, LARGEST_LINE_DEPTH)
    kinds, seeds = check_choices("kinds", kinds, KINDS), check_seeds("seeds", seeds, MOST_SEEDS)
    base = on_a_line(spec)
    networks = [(kind, replace(base.at_depth(depth), residual=KINDS[kind])) for depth in depths for kind in kinds]
    rows = []
    for done, (kind, one) in enumerate(networks, start=1):
        correlations = autocorrelation(gradient_over_line(one, seeds, points), [1])[:, 0]
        low, _, high = quantiles(correlations)
        rows.append(
            {
                "depth": one.depth,
                "kind": kind,
                "correlation": float(correlations.mean()),
                "low": float(low),
                "high": float(high),
                "theory": expected_correlation(one, points),
                "unrelated": unrelated_correlation(one),
            }
        )
        if progress:
            progress(done / len(networks))
    return pd.DataFrame(rows, columns=["depth", "kind", "correlation", "low", "high", "theory", "unrelated"])
