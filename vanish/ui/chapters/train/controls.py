"""The controls of chapter ``train``: what is to be learned, how, and which moment of it is shown."""

from dataclasses import dataclass
from typing import Any

from vanish.choices.clippings import CLIPPINGS
from vanish.choices.datasets import DATASETS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.schedules import SCHEDULES
from vanish.ui.kit.controls import Choice, Number, labels
from vanish.ui.kit.groups import Rate, Seed
from vanish.ui.kit.table import ROW, Controls, control

# Data that are drawn at random, and not the same for everybody.
DRAWN = tuple(name for name, entry in DATASETS.items() if not entry.recorded)


def _shape(dataset: str) -> Any:
    """The control of what shapes a figure, shown with that figure alone."""
    shape = DATASETS[dataset].shape
    assert shape is not None
    kind = Number(shape.low, shape.high, shape.step, shape.label, shape.explanation, format="%.2f")
    return control(shape.default, kind, place=ROW, when={"dataset": (dataset,)})


@dataclass(frozen=True)
class Learning(Rate):
    """The data, and how networks learn them."""

    dataset: str = control(
        "digits",
        Choice(labels(DATASETS), "Data", "What there is to learn: real digits, or figures.", menu=True),
        place=ROW,
    )
    noise: float = control(
        0.05,
        Number(0.0, 0.5, 0.01, "Noise", "How far points are off their figure.", format="%.2f"),
        place=ROW,
        when={"dataset": DRAWN},
    )
    data_factor: float = _shape("circles")
    data_turns: float = _shape("spirals")
    data_seed: int = control(
        0,
        Number(0, 999, 1, "Data seed", "Which points are drawn.", typed=True),
        place=ROW,
        when={"dataset": DRAWN},
    )
    optimizer: str = control(
        "sgd",
        Choice(
            labels(OPTIMIZERS),
            "Optimizer",
            "How a gradient becomes a step; Adam evens out their sizes.",
            menu=True,
        ),
    )
    schedule: str = control(
        "constant", Choice(labels(SCHEDULES), "Schedule", "How the learning rate changes along the run.")
    )
    clip: str = control(
        "none", Choice(labels(CLIPPINGS), "Clipping", "Cuts gradients that are too long: for exploding ones only.")
    )
    clip_at: float = control(
        1.0,
        Number(0.01, 10.0, 0.01, "Clip at", "The longest gradient, or the largest entry, that passes.", format="%.2f"),
        when={"clip": tuple(name for name, entry in CLIPPINGS.items() if entry.limits)},
    )
    steps: int = control(500, Number(50, 5000, 50, "Steps", "Batches to learn from, one step of all weights each."))
    train_batch: int = control(
        64, Number(1, 256, 1, "Training batch", "Examples for a step: fewer make the gradient noisier.")
    )


@dataclass(frozen=True)
class Plan(Learning, Seed):
    """All that makes one training another than the next, but for the network."""


# What the heat map of a run shows of each layer, and what it is called.
LOOKS = {"gradient": "gradient", "dead": "dead units"}


@dataclass(frozen=True)
class Replay(Controls):
    """Which moment of a run is shown, and what of its layers; drawn with what has come of the run."""

    moment: int = control(
        100,
        Number(0, 100, 1, "Moment of the run, in per cent", "Goes back through the run without training again."),
    )
    train_look: str = control(
        "gradient",
        Choice(LOOKS, "Layers over the run", "What its colors are: gradient, or dead units."),
    )


@dataclass(frozen=True)
class Plots(Controls):
    """How the four plots inside a run are drawn; drawn within their look."""

    plots_of: str = control(
        "1", Choice({"1": "first", "2": "second", "3": "third"}, "Network", "Which of the networks that have raced.")
    )
    plots_axis: str = control(
        "shared",
        Choice(
            {"shared": "one for all layers", "own": "each layer’s own"},
            "Axis of values",
            "One axis shows whose numbers are smaller; each layer’s own, over its reach, how they are spread.",
        ),
    )
