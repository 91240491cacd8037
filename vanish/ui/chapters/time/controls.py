"""The controls of chapter ``time``: its looks, the cells, the sequence, and a task to learn."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS
from vanish.choices.tasks import TASKS
from vanish.sequence.spec import RecurrentSpec
from vanish.ui.kit.controls import Choice, Choices, Decades, Number, labels, themselves
from vanish.ui.kit.groups import LEARNING, RATES, Seed
from vanish.ui.kit.table import ROW, Controls, Place, control

GRADIENT = {"time_view": ("gradient",)}
TRAINING = {"time_view": ("clipping", "race")}


@dataclass(frozen=True)
class Look(Controls):
    """Which look is open, and how the gradient's is drawn."""

    time_view: str = control(
        "gradient",
        Choice(
            {"gradient": "Gradient", "clipping": "Clipping", "race": "Race"},
            "Look at",
            "The gradient before training, one run with and without clipping, or a race on a task of memory.",
        ),
        place=ROW,
        decides=True,
    )
    fraction: str = control(
        "0.01",
        Choice(
            themselves("0.1", "0.01", "0.001"),
            "Share to look for",
            "How far back does this share of the last step's gradient arrive? A choice, no law: cells learn from less "
            "where training opens their gates.",
        ),
        place=ROW,
        when=GRADIENT,
    )
    time_overlays: tuple[str, ...] = control(
        (),
        Choices(
            {"theory": "theory", "floors": "floors of number formats"},
            "Overlays",
            "Dashed: a linear cell's pace, an upper bound, the forget gates' path alone; and floors of number formats.",
            optional=True,
        ),
        place=ROW,
        when=GRADIENT,
    )


@dataclass(frozen=True)
class Cells(Controls):
    """What the recurrent networks are."""

    place: ClassVar[Place | None] = Place("Cells", "their size and start")

    cells: tuple[str, ...] = control(
        ("rnn_tanh", "gru", "lstm"),
        Choices(labels(CELLS), "Cells", "Recurrent networks to compare: plain ones, and two with gates."),
    )
    hidden: int = control(32, Number(2, 256, 2, "Hidden units", "Size of the state that is passed from step to step."))
    recurrent_initializer: str = control(
        "spectral_radius",
        Choice(
            labels(RECURRENT_INITIALIZERS),
            "Recurrent initialization",
            "What the matrix starts from that takes the state from one step to the next.",
            menu=True,
        ),
    )
    spectral_radius: float = control(
        0.9,
        Number(
            0.0,
            2.0,
            0.05,
            "Spectral radius",
            "Size of the matrix's eigenvalues: below 1 it shrinks at every step, above 1 it stretches.",
            format="%.2f",
        ),
        when={
            "recurrent_initializer": tuple(name for name, entry in RECURRENT_INITIALIZERS.items() if entry.uses_radius)
        },
    )
    forget_bias: float = control(
        2.0,
        Number(
            -2.0,
            6.0,
            0.5,
            "Forget bias",
            "Added to the forget gate of the LSTM: at 0 it starts about half open (0.5), at 2 it keeps about 0.88 of "
            "the cell state at a step, at 6 about 0.998.",
            format="%.1f",
        ),
        when={"cells": tuple(name for name, entry in CELLS.items() if entry.forget_gate is not None)},
    )

    @cached_property
    def recurrent_specs(self) -> tuple[RecurrentSpec, ...]:
        """The recurrent networks on screen, one a cell."""
        return tuple(
            RecurrentSpec(
                cell,
                hidden=self.hidden,
                initializer=self.recurrent_initializer,
                spectral_radius=self.spectral_radius,
                forget_bias=self.forget_bias,
            )
            for cell in self.cells
        )


@dataclass(frozen=True)
class Sequence(Controls):
    """What the cells read before they learn."""

    place: ClassVar[Place | None] = Place("Sequence", "what cells read")

    sequence: int = control(
        100,
        Number(10, 2000, 10, "Sequence length", "Steps of the sequence: with each, the product has another factor."),
        when=GRADIENT,
    )
    input_scale: float = control(
        1.0,
        Number(
            0.0,
            3.0,
            0.1,
            "Input size",
            "Large inputs saturate the units. Small ones keep tanh near 0, where its slope is 1; a gate's is at most "
            "1/4.",
        ),
        when=GRADIENT,
    )


@dataclass(frozen=True)
class Learning(Controls):
    """A task that asks for memory, and how the cells learn it."""

    place: ClassVar[Place | None] = LEARNING

    task: str = control(
        "adding",
        Choice(labels(TASKS), "Task", "What has to be remembered: two numbers, a few symbols, or every sign."),
        place=ROW,
        when=TRAINING,
    )
    lag: int = control(
        50,
        Number(
            5,
            500,
            5,
            "Lag",
            "In the adding problem the length of the sequence, else the steps from a symbol to when it is asked for.",
        ),
        when=TRAINING,
    )
    time_clip: str = control(
        "norm",
        Choice(
            labels(CLIPPINGS),
            "Clipping",
            "Cuts gradients before the step: by norm the whole, by value each entry.",
        ),
        when=TRAINING,
    )
    time_clip_at: float = control(
        1.0,
        Number(0.1, 20.0, 0.1, "Threshold", "The largest norm, or entry, that passes.", format="%.1f"),
        when=TRAINING,
    )
    time_optimizer: str = control(
        "adam",
        Choice(labels(OPTIMIZERS), "Optimizer", "How a gradient becomes a step; Adam evens out sizes.", menu=True),
        when=TRAINING,
    )
    time_rate: float = control(
        0.01,
        Decades(*RATES, "Learning rate", "Multiplies what the optimizer makes of the gradient."),
        when=TRAINING,
    )
    time_steps: int = control(
        1000, Number(50, 3000, 50, "Training steps", "Batches of fresh sequences to learn from."), when=TRAINING
    )
    time_batch: int = control(
        32, Number(1, 64, 1, "Sequences in a batch", "Fewer make the gradient noisier."), when=TRAINING
    )


@dataclass(frozen=True)
class Memory(Learning, Seed):
    """All that makes one training another than the next, but for the cell."""
