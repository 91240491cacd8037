"""What chapter ``updates`` measures, and its tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.measure.updates import first_step_columns
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.ui.chapters.updates.controls import QUANTITIES, Example
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.frames import layers_table, per_layer_frame
from vanish.ui.kit.measured import Profiles, inputs_of, output_gradient
from vanish.ui.kit.shared import shared


@dataclass(frozen=True, eq=False)
class Movement:
    """How far one step of learning rate 1 moves the layers of a network, ``(depth,)`` each, first layer first.

    ``steps``: as ``vanish.measure.updates.first_step_columns`` has them; ``input_rms`` is what each layer was given.
    """

    steps: Mapping[str, Array]

    @property
    def depth(self) -> int:
        return len(self.input_rms)

    @property
    def input_rms(self) -> Array:
        return self.steps["input_rms"]

    @property
    def without_gradient(self) -> tuple[int, ...]:
        """Hidden layers, counted from 1, whose dL/dz is exactly 0, as a bias's step shows it."""
        return tuple((np.flatnonzero(self.steps["bias_mean_abs"][:-1] == 0) + 1).tolist())

    @cached_property
    def last_over_first(self) -> Mapping[str, float]:
        """How many times as far the last layer moves as the first, by column."""
        with np.errstate(**QUIET):
            return {column: float(sizes[-1] / sizes[0]) for column, sizes in self.steps.items()}


# By activation.
Movements = Mapping[str, Movement]


@shared()
def movement(spec: NetworkSpec, example: Example) -> Movement:
    """The first step of one network."""
    at_outputs = output_gradient(spec, example.batch_size)
    return Movement(first_step_columns(spec, example.seed, inputs_of(spec, example), at_outputs, learning_rate=1.0))


@shared()
def ideal_gradients(depth: int) -> Profiles:
    """The kata's idealized gradients, as if they had been measured."""
    table = kata.update_comparison(depth)[::-1]
    sizes = {name: table[f"{name}_gradient"].to_numpy() for name in ("sigmoid", "relu")}
    return Profiles(sizes)


def ideal_frame(depth: int, learning_rate: float) -> Columns:
    """One step's size in each layer on paper: the data of ``drawing.per_layer``."""
    sizes = ideal_gradients(depth).sizes
    return per_layer_frame({name: learning_rate * values for name, values in sizes.items()}, "log")


def ideal_table(depth: int, learning_rate: float) -> Columns:
    """Each layer's gradient and update, the last layer first, as the kata prints them."""
    columns: dict[str, Array] = {}
    for name, sizes in ideal_gradients(depth).sizes.items():
        label = ACTIVATIONS[name].label
        columns |= {f"{label} gradient": sizes, f"{label} update": learning_rate * sizes}
    return _last_first(columns)


def measured_frame(movements: Movements, column: str, learning_rate: float) -> Columns:
    """One step's size in each layer, measured: the data of ``drawing.per_layer``."""
    return per_layer_frame({name: learning_rate * one.steps[column] for name, one in movements.items()}, "log")


def measured_table(movements: Movements, learning_rate: float) -> Columns:
    """Every quantity of every layer, and what it was given, the last layer first."""
    columns: dict[str, Array] = {}
    for name, one in movements.items():
        label = ACTIVATIONS[name].label
        columns |= {f"{label} {key}": learning_rate * one.steps[it.column] for key, it in QUANTITIES.items()}
        columns[f"{label} input"] = one.input_rms
    return _last_first(columns)


def _last_first(columns: Mapping[str, Array]) -> Columns:
    return Columns({name: column[::-1] for name, column in layers_table(columns).items()})
