"""The controls of chapter ``flow``: how its chart is drawn."""

from dataclasses import dataclass

from vanish.ui.kit.controls import Choice, Choices
from vanish.ui.kit.table import ROW, Controls, control


@dataclass(frozen=True)
class Look(Controls):
    """How the chart is drawn."""

    scale: str = control(
        "log",
        Choice(
            ("log", "linear"),
            "Scale",
            "A log axis shows every power of ten; on a linear one small gradients cannot be told from 0.",
        ),
        group=ROW,
    )
    mark: str = control(
        "bars",
        Choice(("bars", "lines"), "Marks", "Bars for reading one layer, lines for seeing the slope."),
        group=ROW,
    )
    overlays: tuple[str, ...] = control(
        (),
        Choices(
            ("theory", "floors"),
            "Overlays",
            "Theory's expectation, dashed, and the smallest numbers of formats such as float16.",
            optional=True,
        ),
        group=ROW,
    )
