"""The frames of chapter ``why``."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS


@lru_cache(maxsize=64)
def curves(names: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each activation's value and slope over the pre-activation: the data of ``charts.curves``, twice."""
    z = np.linspace(-6, 6, 121)
    pairs = [ACTIVATIONS[name](z) for name in names]
    shared = {"z": np.tile(z, len(names)), "activation": np.repeat([ACTIVATIONS[name].label for name in names], len(z))}
    value, slope = (pd.DataFrame(shared | {"value": np.concatenate(half)}) for half in zip(*pairs, strict=True))
    return value, slope


def remaining(names: Sequence[str], slopes: Iterable[float], steps: int) -> pd.DataFrame:
    """What is left of 1 after 1, 2, ... steps: the data of ``charts.telephone`` and ``charts.products``."""
    counts = np.arange(1, steps + 1)
    values = np.concatenate([slope**counts for slope in slopes])
    return pd.DataFrame(
        {
            "name": np.repeat(list(names), steps),
            "steps": np.tile(counts, len(names)),
            "value": values,
        }
    )
