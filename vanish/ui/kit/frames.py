"""Frames that several charts draw: a size per layer, pipes, floors of number formats."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.numerics.arrays import Array


def floor(values: Array) -> float:
    """Where bars on a log axis start: a power of ten clearly below the smallest positive value."""
    drawable = values[(values > 0) & np.isfinite(values)]
    return float(10.0 ** np.floor(np.log10(drawable.min()) - 0.3)) if drawable.size else 0.1


def drawable(values: Array, scale: str) -> Array:
    """The values, but missing where the axis has no place for them."""
    return np.where(np.isfinite(values) & ((values > 0) | (scale == "linear")), values, np.nan)


def stacked(index: str, places: NDArray[Any], columns: Mapping[str, NDArray[Any]], name: str) -> pd.DataFrame:
    """``index, name, value``: columns of equal length under each other.

    As ``DataFrame.melt`` has it, which takes nine times as long (5.6 against 0.6 ms for three columns of 20): frames
    that every move of a slider makes anew are made by hand.
    """
    return pd.DataFrame(
        {
            index: np.tile(places, len(columns)),
            name: np.repeat(list(columns), len(places)),
            "value": np.concatenate(list(columns.values())),
        }
    )


def per_layer_frame(sizes: Mapping[str, Array], scale: str, **lines: Mapping[str, Array]) -> pd.DataFrame:
    """The data of ``drawing.per_layer``; ``lines`` are further columns, by activation."""
    values = np.concatenate(list(sizes.values()))
    depth = len(values) // len(sizes)
    columns = {name: drawable(np.concatenate(list(line.values())), scale) for name, line in lines.items()}
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), len(sizes)),
            "activation": np.repeat([ACTIVATIONS[name].label for name in sizes], depth),
            "size": values,
            "value": drawable(values, scale),
            "floor": floor(values) if scale == "log" else 0.0,
            **columns,
        }
    )


def pipes_frame(sizes: Mapping[str, Array], notes: Sequence[str]) -> pd.DataFrame:
    """The data of ``drawing.pipes``: bore is the place on the log scale from the smallest size to the largest."""
    values = np.stack(list(sizes.values()))
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.log10(values) - np.log10(floor(values))
    span = places[np.isfinite(places)].max(initial=1e-9)
    rows, depth = values.shape
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), rows),
            "row": np.repeat(np.arange(rows), depth),
            "name": np.repeat(list(sizes), depth),
            "note": np.repeat(list(notes), depth),
            "size": values.ravel(),
            "bore": np.nan_to_num(places / span, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1).ravel(),
        }
    )


def floors_frame(drawn: pd.DataFrame) -> pd.DataFrame:
    """The number formats whose smallest number lies within what is drawn: the data of the chart's rules."""
    bottom, top = drawn["value"].min(), drawn["value"].max()
    entries = [entry for entry in NUMBER_FORMATS.values() if bottom <= entry.smallest_subnormal <= top]
    return pd.DataFrame(
        {"format": [entry.label for entry in entries], "value": [entry.smallest_subnormal for entry in entries]}
    )


def layers_table(columns: Mapping[str, Array]) -> pd.DataFrame:
    """One row a layer."""
    depth = len(next(iter(columns.values())))
    return pd.DataFrame({"layer": np.arange(1, depth + 1), **columns})
