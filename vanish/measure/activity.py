"""What goes into each layer's activation: its spread, and how many units are saturated or dead."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.network.idle import idle_units
from vanish.network.initialize import initialize
from vanish.network.passes import batch_rows, forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET
from vanish.numerics.checks import check_integer
from vanish.numerics.histogram import MOST_BINS
from vanish.numerics.lcg import check_seed


def layer_activity(spec: NetworkSpec, seed: int, inputs: ArrayLike) -> pd.DataFrame:
    """How alive each layer of one network is.

    Parameters
    ----------
    spec, seed, inputs : as in ``gradient_flow``, one network

    Returns
    -------
    DataFrame, a row per layer: ``layer``; ``mean`` and ``std`` of what goes into the activation;
    ``saturated``: the share of (example, unit) pairs whose slope is below 5 % of the activation's largest;
    ``dead``: the share of units whose slope is 0 for every example

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    layers = forward(spec, initialize(spec, check_seed("seed", seed), inputs), batch_rows(spec, inputs)).layers
    with np.errstate(**QUIET):
        idle = [idle_units(spec, layer) for layer in layers]
        rows = [
            (layer.activated.mean(), layer.activated.std(), saturated, dead.mean())
            for layer, (saturated, dead) in zip(layers, idle, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["mean", "std", "saturated", "dead"])
    table.insert(0, "layer", np.arange(1, spec.depth + 1))
    return table


def pre_activation_histogram(spec: NetworkSpec, seed: int, inputs: ArrayLike, bins: int = 41) -> pd.DataFrame:
    """How what goes into the activation is distributed in each layer (the picture of Glorot & Bengio 2010, fig. 6).

    All layers share the same bins, which span all values up to 1e300.

    Parameters
    ----------
    spec, seed, inputs : as in ``gradient_flow``, one network
    bins : int, 1 to 10,000

    Returns
    -------
    DataFrame, a row per layer and bin that is not empty: ``layer, low, high, share`` (of the layer's values)

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    bins = check_integer("bins", bins, 1, MOST_BINS)
    layers = forward(spec, initialize(spec, check_seed("seed", seed), inputs), batch_rows(spec, inputs)).layers
    # A range of bins needs room above its largest value.
    finite = [layer.activated[np.abs(layer.activated) < 1e300] for layer in layers]
    everything = np.concatenate(finite)
    if not everything.size:
        return pd.DataFrame({"layer": [], "low": [], "high": [], "share": []})
    edges = np.histogram_bin_edges(everything, bins)
    counts = np.stack([np.histogram(values, edges)[0] for values in finite])
    row, column = np.nonzero(counts)
    share = counts[row, column] / np.array([layer.activated.size for layer in layers])[row]
    return pd.DataFrame({"layer": row + 1, "low": edges[column], "high": edges[column + 1], "share": share})
