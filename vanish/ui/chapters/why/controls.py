"""The controls of chapter ``why``: the slopes of ideal layers, and how many there are."""

from dataclasses import dataclass

from vanish.ui.kit.controls import Number, WholeNumbers
from vanish.ui.kit.table import ROW, Controls, Place, control


@dataclass(frozen=True)
class Ideal(Controls):
    """Ideal layers; the defaults are the kata's."""

    slope_sigmoid: float = control(
        0.25,
        Number(
            0.0, 1.5, 0.01, "Sigmoid slope", "0.25 is the largest slope that a sigmoid has anywhere.", format="%.2f"
        ),
        place=ROW,
    )
    slope_tanh: float = control(
        0.65,
        Number(
            0.0,
            1.5,
            0.01,
            "Tanh slope",
            "The original program's choice: a slope a little away from z = 0, where it is 1.",
            format="%.2f",
        ),
        place=ROW,
    )
    slope_relu: float = control(
        1.0,
        Number(0.0, 1.5, 0.01, "ReLU slope", "1 wherever the unit is on. Above 1, see it explode.", format="%.2f"),
        place=ROW,
    )
    layer_counts: str = control(
        "1, 2, 3, 5, 10, 20, 50",
        WholeNumbers(1, 1000, 20, "Layer counts", "The rows of the table, with commas between."),
        place=Place("Layer counts", "rows of the table"),
    )
