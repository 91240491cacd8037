"""The frames of chapter ``why``."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.frames import drawable, stacked
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.shared import shared


def decay_frame(table: pd.DataFrame, names: Sequence[str]) -> Columns:
    """A table of ``ideal_decay`` as rows, its slopes by ``names``: the data of ``charts.decay``."""
    lines = zip(names, table.iloc[:, 1:].to_numpy().T, strict=True)
    # A log axis has no place for the zero that a slope of zero leaves.
    columns = {name: drawable(left, "log") for name, left in lines}
    return stacked("layers", table["layers"].to_numpy(), columns)


@shared()
def curves(names: tuple[str, ...]) -> tuple[Columns, Columns]:
    """Each activation's value and slope over the pre-activation: the data of ``charts.curves``, twice."""
    entries = [ACTIVATIONS[name] for name in names]
    # A wave wants a few points a period, or the chart shows beats that are not there.
    places = [np.linspace(-6, 6, 121 if entry.period is None else 961) for entry in entries]
    z = np.concatenate(places)
    label = np.repeat([entry.label for entry in entries], [len(one) for one in places])
    both = zip(*(entry(one) for entry, one in zip(entries, places, strict=True)), strict=True)
    value, slope = (Columns({"z": z, "activation": label, "value": np.concatenate(one)}) for one in both)
    return value, slope


@shared()
def row(share: float, people: int, most: int) -> tuple[Columns, Columns]:
    """The data of ``charts.whisper``: the people, and where its sliders begin."""
    start = {"share": np.array([share]), "people": np.array([min(people, most)])}
    return Columns({"steps": np.arange(1, most + 1)}), Columns(start)


def remaining(names: Sequence[str], slopes: Iterable[float], steps: int) -> Columns:
    """What is left of 1 after 1, 2, ... steps: the data of ``charts.telephone`` and ``charts.products``."""
    counts = np.arange(1, steps + 1)
    columns = {name: slope**counts for name, slope in zip(names, slopes, strict=True)}
    return stacked("steps", counts, columns)


@shared()
def ideal(slopes: tuple[float, ...], names: tuple[str, ...], depth: int) -> Profiles:
    """The gradient at each layer of ideal networks when it is 1 at the output, by activation."""
    return Profiles({name: slope ** np.arange(depth, 0, -1.0) for name, slope in zip(names, slopes, strict=True)})
