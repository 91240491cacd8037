"""The tables of chapter ``updates``."""

from functools import lru_cache

import pandas as pd

from vanish import kata
from vanish.numerics.arrays import Array
from vanish.ui.kit.frames import layers_table, per_layer_frame
from vanish.ui.kit.measured import Profiles


@lru_cache(maxsize=128)
def ideal_gradients(depth: int) -> Profiles:
    """The kata's idealised gradients, as if they had been measured."""
    table = kata.update_comparison(depth)[::-1]
    sizes = {name: table[f"{name}_gradient"].to_numpy() for name in ("sigmoid", "relu")}
    return Profiles(sizes)


@lru_cache(maxsize=128)
def updates_frame(profiles: Profiles, learning_rate: float) -> pd.DataFrame:
    """One step's size in each layer: the data of ``charts.per_layer``."""
    return per_layer_frame({name: learning_rate * sizes for name, sizes in profiles.sizes.items()}, "log")


@lru_cache(maxsize=128)
def updates_table(profiles: Profiles, learning_rate: float) -> pd.DataFrame:
    """Each layer's gradient and update, the last layer first, as the kata prints them."""
    columns: dict[str, Array] = {}
    for name, sizes in profiles.sizes.items():
        columns |= {f"{name}_gradient": sizes, f"{name}_update": learning_rate * sizes}
    return layers_table(columns)[::-1].reset_index(drop=True)
