"""The controls of chapter ``map``: what is mapped against what."""

from dataclasses import dataclass

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.controls import Choice, labels
from vanish.ui.kit.table import ROW, Controls, control


@dataclass(frozen=True)
class Axes(Controls):
    """What is mapped against what."""

    map_activation: str = control(
        "tanh",
        Choice(labels(ACTIVATIONS), "Activation", "The map is of one activation at a time.", menu=True),
        place=ROW,
        decides=True,
    )
    map_axis: str = control(
        "depth",
        Choice(
            {"depth": "depth", "bias_std": "bias std"},
            "Against",
            "What the weight scale is mapped against: depth, or the biases' deviation at the present depth.",
        ),
        place=ROW,
    )
