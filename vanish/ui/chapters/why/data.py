"""The frames of chapter ``why``."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.frames import drawable, stacked
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.shared import shared


def decay_frame(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """A table of ``ideal_decay`` as rows, its slopes by ``names``: the data of ``charts.decay``."""
    lines = zip(names, table.iloc[:, 1:].to_numpy().T, strict=True)
    # A log axis has no place for the zero that a slope of zero leaves.
    columns = {name: drawable(left, "log") for name, left in lines}
    return stacked("layers", table["layers"].to_numpy(), columns, "name")


@shared()
def curves(names: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each activation's value and slope over the pre-activation: the data of ``charts.curves``, twice."""
    values: list[pd.DataFrame] = []
    slopes: list[pd.DataFrame] = []
    for entry in (ACTIVATIONS[name] for name in names):
        # A wave wants a few points a period, or the chart shows beats that are not there.
        z = np.linspace(-6, 6, 121 if entry.period is None else 961)
        for frames, numbers in zip((values, slopes), entry(z), strict=True):
            frames.append(pd.DataFrame({"z": z, "activation": entry.label, "value": numbers}))
    return pd.concat(values, ignore_index=True), pd.concat(slopes, ignore_index=True)


def remaining(names: Sequence[str], slopes: Iterable[float], steps: int) -> pd.DataFrame:
    """What is left of 1 after 1, 2, ... steps: the data of ``charts.telephone`` and ``charts.products``."""
    counts = np.arange(1, steps + 1)
    columns = {name: slope**counts for name, slope in zip(names, slopes, strict=True)}
    return stacked("steps", counts, columns, "name")


@shared()
def ideal(slopes: tuple[float, ...], names: tuple[str, ...], depth: int) -> Profiles:
    """The gradient at each layer of ideal networks when it is 1 at the output, by activation."""
    return Profiles({name: slope ** np.arange(depth, 0, -1.0) for name, slope in zip(names, slopes, strict=True)})
