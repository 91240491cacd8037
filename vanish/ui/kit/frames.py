"""Frames that several charts draw: a size per layer, pipes, floors of number formats."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW, Diagnosis
from vanish.numerics.arrays import Array
from vanish.ui.kit.columns import DATA, ROWS, Columns

# A log axis ends at whole powers of ten: the next one down must not be 0, nor the next one up infinity.
DRAWN = 1e-320, 1e308


def floor(values: Array) -> float:
    """Where bars on a log axis start: a power of ten clearly below the smallest positive value."""
    drawn = values[(values >= DRAWN[0]) & (values <= DRAWN[1])]
    return float(10.0 ** np.floor(np.log10(drawn.min()) - 0.3)) if drawn.size else 0.1


def drawable(values: Array, scale: str) -> Array:
    """The values, but missing where the axis has no place for them."""
    there = np.isfinite(values) if scale != "log" else (values >= DRAWN[0]) & (values <= DRAWN[1])
    return np.where(there, values, np.nan)


def stacked(index: str, places: NDArray[Any], columns: Mapping[str, NDArray[Any]]) -> Columns:
    """``index, name, value``: columns of equal length under each other, as ``DataFrame.melt`` has it."""
    return Columns(
        {
            index: np.tile(places, len(columns)),
            "name": np.repeat(list(columns), len(places)),
            "value": np.concatenate(list(columns.values())),
        }
    )


def per_layer_frame(
    sizes: Mapping[str, Array], scale: str, bottom: float | None = None, **lines: Mapping[str, Array]
) -> Columns:
    """The data of ``drawing.per_layer``; ``bottom``: where bars start on a log axis, a place by the data if none is
    given; ``lines`` are further columns, by activation."""
    values = np.concatenate(list(sizes.values()))
    depth = len(values) // len(sizes)
    columns = {name: drawable(np.concatenate(list(line.values())), scale) for name, line in lines.items()}
    return Columns(
        {
            "layer": np.tile(np.arange(1, depth + 1), len(sizes)),
            "activation": np.repeat([ACTIVATIONS[name].label for name in sizes], depth),
            "size": values,
            "value": drawable(values, scale),
            "floor": 0.0 if scale != "log" else floor(values) if bottom is None else bottom,
            **columns,
        }
    )


# An axis grows by so many powers of ten at a time.
STEP = 10


def axis_ends(values: Array) -> tuple[float, float]:
    """Where a log axis for these sizes ends: whole steps that hold 1 and all of them, with room below the smallest."""
    drawn = values[(values > 0) & np.isfinite(values)]
    low = np.log10(drawn.min(initial=1.0)) - 0.3
    high = np.log10(drawn.max(initial=1.0))
    bottom, top = -max(1, np.ceil(-low / STEP)), np.ceil(high / STEP)
    return float(10.0 ** max(STEP * bottom, -320.0)), float(10.0 ** min(STEP * top, 300.0))


def health_frame(diagnoses: Mapping[str, Diagnosis], sizes: Mapping[str, Array], more: Sequence[Array] = ()) -> Columns:
    """The axis of sizes (and of ``more``), ``bottom`` to ``top``, and ``low`` to ``high``, where layer 1 of every
    network would count as healthy (missing where there is no such place): the data of the chart's band."""
    ends = [one.yardstick * sizes[name][-1] for name, one in diagnoses.items()]
    low, high = VANISHING_BELOW * max(ends), EXPLODING_ABOVE * min(ends)
    bottom, top = axis_ends(np.concatenate([*sizes.values(), *more]))
    low, high = max(low, bottom), min(high, top)
    there = low < high
    return Columns({"bottom": bottom, "top": top, "low": low if there else np.nan, "high": high if there else np.nan})


SMALLEST = NUMBER_FORMATS["float32"].smallest_subnormal
LARGEST = NUMBER_FORMATS["float32"].largest

# What is as large as the reference fills this share of a pipe's place; what is larger has room to grow.
FULL_BORE = 0.75


def bore(shares: Array) -> Array:
    """How wide a pipe is, 0 to 1, for shares of the reference, always on the same scale.

    ``FULL_BORE`` at 1, 0 at float32's smallest number, 1 at its largest; in between by the cube root of the powers of
    ten, so that the first ones are seen best.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        decades = np.nan_to_num(np.log10(shares), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    below = 1 - np.cbrt(np.clip(decades / np.log10(SMALLEST), 0, 1))
    above = np.cbrt(np.clip(decades / np.log10(LARGEST), 0, 1))
    return np.where(decades < 0, FULL_BORE * below, FULL_BORE + (1 - FULL_BORE) * above)


def shares_of(sizes: Array, reference: float | None = None) -> Array:
    """Sizes over a reference, the last one of them if none is given."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(sizes / (sizes[-1] if reference is None else reference))


def beyond_scale(sizes: Array, reference: float | None = None) -> tuple[int, ...]:
    """Layers whose share lies beyond the pipes' scale, though neither 0 nor infinite."""
    shares = shares_of(sizes, reference)
    off = (shares > 0) & np.isfinite(shares) & ((shares < SMALLEST) | (shares > LARGEST))
    return tuple((np.flatnonzero(off) + 1).tolist())


def pipes_frames(
    sizes: Mapping[str, Array], notes: Sequence[str], reference: float | None = None, yardstick: float = 1.0
) -> dict[str, Columns]:
    """The data sets of ``drawing.pipes``; ``reference``: what fills a pipe, each network's last size if none is given;
    ``yardstick``: what a lossless network's first size is over its last."""
    values = np.stack(list(sizes.values()))
    shares = np.stack([shares_of(row, reference) for row in values])
    rows, depth = values.shape
    low, high = bore(yardstick * np.array([VANISHING_BELOW, EXPLODING_ABOVE]))
    parts = Columns(
        {
            "layer": np.tile(np.arange(1, depth + 1), rows),
            "row": np.repeat(np.arange(rows), depth),
            "name": np.repeat(list(sizes), depth),
            "size": values.ravel(),
            "share": shares.ravel(),
            "bore": bore(shares).ravel(),
        }
    )
    return {DATA: parts, ROWS: Columns({"row": np.arange(rows), "note": list(notes), "low": low, "high": high})}


def floors_frame(values: Array) -> Columns:
    """The number formats whose smallest number lies within what is drawn: the data of the chart's rules."""
    drawn = values[np.isfinite(values)]
    bottom, top = drawn.min(initial=np.inf), drawn.max(initial=-np.inf)
    entries = [entry for entry in NUMBER_FORMATS.values() if bottom <= entry.smallest_subnormal <= top]
    return Columns(
        {
            "format": np.array([entry.label for entry in entries], dtype=np.str_),
            "value": np.array([entry.smallest_subnormal for entry in entries], dtype=np.float64),
        }
    )


def layers_table(columns: Mapping[str, Array]) -> Columns:
    """One row a layer, as many as the deepest network has."""
    depth = max(map(len, columns.values()))
    padded = {name: np.pad(one, (0, depth - len(one)), constant_values=np.nan) for name, one in columns.items()}
    return Columns({"layer": np.arange(1, depth + 1), **padded})
