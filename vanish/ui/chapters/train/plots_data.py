"""The data of the four plots inside a run: how numbers are spread in each layer, and updates beside weights."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vanish.network.distributions import KINDS, Distributions
from vanish.network.training import Snapshot
from vanish.numerics.arrays import Array
from vanish.numerics.histogram import Histogram


def seen_at(run: Sequence[Snapshot], moment: int) -> tuple[Snapshot, Distributions]:
    """The snapshot with histograms that is nearest to so many per cent of the run, and its histograms."""
    place = moment / 100 * (len(run) - 1)
    there = [(abs(number - place), number) for number, one in enumerate(run) if one.distributions]
    snapshot = run[min(there)[1]]
    assert snapshot.distributions is not None
    return snapshot, snapshot.distributions


def spread_frame(seen: Distributions, kind: str, axis: str) -> pd.DataFrame:
    """The data of ``charts.spread``: on one axis for all layers (``"shared"``), or on each layer's own, -1 to 1."""
    found = [seen.histogram(kind, place) for place in range(len(seen.layers))]
    edges = np.stack([one.edges for one in found])
    counts = np.stack([one.counts for one in found]).astype(np.float64)
    if axis != "own":
        edges[:] = edges[edges[:, -1].argmax()]
        counts = np.stack([moved_to(one, own) for one, own in zip(found, edges, strict=True)])
    drawn = edges / edges[:, -1:] if axis == "own" else edges
    place, number = np.nonzero(counts)
    share = (counts / np.array([[one.n] for one in found]))[place, number]
    return pd.DataFrame(
        {
            "layer": np.array(seen.layers)[place],
            "low": drawn[place, number],
            "high": drawn[place, number + 1],
            "least": edges[place, number],
            "most": edges[place, number + 1],
            "share": share,
            "shade": counts[place, number] / counts.max(axis=1)[place],
        }
    )


def notes_frame(layers: pd.DataFrame, kind: str) -> pd.DataFrame:
    """What stands over a layer's column: of activations the saturated share, of the others that of exact zeros."""
    shares = layers["saturated" if kind == "activations" else f"{kind}_zeros"]
    return pd.DataFrame({"layer": layers["layer"], "note": [_note(share) for share in shares]})


def _note(share: float) -> str:
    """A share in per cent, in as little room as there is; none is not worth the room."""
    return "" if share == 0 else "<1" if share < 0.01 else ">99" if 0.99 < share < 1 else f"{100 * share:.0f}"


def moved_to(seen: Histogram, edges: Array) -> Array:
    """A histogram's counts in wider bins; a count of a bin that is cut is shared by the width of its parts."""
    below = np.concatenate([[0], np.cumsum(seen.counts)])
    # Half of the axis might be beyond float64 where the axis is not.
    unit = edges[-1]
    return np.asarray(np.diff(np.interp(edges / unit, seen.edges / unit, below)))


def update_frame(run: Sequence[Snapshot]) -> pd.DataFrame:
    """The data of ``charts.update_to_data``; ``ratio`` is as measured, ``value`` missing where it cannot be drawn."""
    there = [(one.step, one.distributions) for one in run if one.distributions]
    frame = pd.DataFrame(
        {
            "layer": np.concatenate([seen.layers for _, seen in there]),
            "step": np.repeat([step for step, _ in there], [len(seen.layers) for _, seen in there]),
            "ratio": np.concatenate([seen.update_to_data for _, seen in there]),
        }
    )
    return frame.assign(value=frame["ratio"].where(np.isfinite(frame["ratio"])))


def layers_frame(snapshot: Snapshot, seen: Distributions) -> pd.DataFrame:
    """A row a layer that is kept: of each kind the standard deviation, and the share of zeros and of non-finite ones.

    Beside them ``saturated`` and ``dead``, shares as in the snapshot, and ``update_to_data``.
    """
    columns = {"layer": np.array(seen.layers)}
    for number, kind in enumerate(KINDS):
        columns[f"{kind}_std"] = seen.std[number]
        columns[f"{kind}_zeros"] = seen.zeros[number] / seen.n[number]
        columns[f"{kind}_non_finite"] = seen.non_finite[number] / seen.n[number]
    places = np.array(seen.layers) - 1
    return pd.DataFrame(
        {
            **columns,
            "saturated": snapshot.saturated[places],
            "dead": snapshot.dead[places],
            "update_to_data": seen.update_to_data,
        }
    )


def bins_frame(step: int, seen: Distributions) -> pd.DataFrame:
    """Every bin of every histogram of one moment, for a file: ``step, kind, layer, low, high, count``."""
    kinds, kept, bins = seen.counts.shape
    edges = seen.limits[..., None] * np.linspace(-1, 1, bins + 1)
    return pd.DataFrame(
        {
            "step": step,
            "kind": np.repeat(KINDS, kept * bins),
            "layer": np.tile(np.repeat(seen.layers, bins), kinds),
            "low": edges[..., :-1].ravel(),
            "high": edges[..., 1:].ravel(),
            "count": seen.counts.ravel(),
        }
    )
