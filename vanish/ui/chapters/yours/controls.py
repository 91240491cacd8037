"""The controls of chapter ``yours``: what a link can say of it, which is the example alone."""

from dataclasses import dataclass

from vanish.ui.kit.controls import Choice
from vanish.ui.kit.table import Controls, control


@dataclass(frozen=True)
class Example(Controls):
    """Which built-in log is open; drawn by the chapter, while it shows no log of the reader's."""

    example: str = control(
        "vanishing",
        Choice(
            {"vanishing": "vanishes", "jump": "jumps", "dead": "is dead"},
            "An example whose gradient",
            "Logs of real training runs, as Lightning and two scripts have written them.",
        ),
    )
