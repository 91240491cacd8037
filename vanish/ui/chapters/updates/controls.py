"""The controls of chapter ``updates``: what of a step is compared between layers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vanish.ui.kit.controls import Choice, labels
from vanish.ui.kit.groups import Inputs, Seed
from vanish.ui.kit.table import ROW, Controls, control


@dataclass(frozen=True)
class Quantity:
    """``label``: what it is called; ``column``: of ``first_step``'s table; ``title``: of the axis; ``what`` of a
    layer moves, and the ``verb``; ``unit``: in what it moves; ``by``: what two layers are compared by, where that is
    not plain."""

    label: str
    column: str
    title: str
    explanation: str
    what: str
    verb: str = "moves"
    unit: str = ""
    by: str = ""

    @property
    def of_biases(self) -> bool:
        """Whether it is of biases, and not of weights."""
        return self.column.startswith("bias")


QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "relative": Quantity(
            "relative",
            "relative_length",
            "Step of the weights / their own length",
            "Length of the step of all of a layer's weights, over the length of the weights themselves.",
            "weights",
            "move",
            " of their own length",
            ", relative to their own length",
        ),
        "mean": Quantity(
            "mean",
            "mean_abs",
            "Step of a weight, mean |ΔW|",
            "How far a weight of the layer moves on average.",
            "average weight",
        ),
        "length": Quantity(
            "length",
            "length",
            "Step of all weights, length of ΔW",
            "Length of the step of all of a layer's weights: the root of the sum of their squares.",
            "weights as a whole",
            "move",
        ),
        "biases": Quantity(
            "biases",
            "bias_mean_abs",
            "Step of a bias, mean |Δb|",
            "How far a bias of the layer moves on average: by dL/dz alone.",
            "average bias",
        ),
    }
)


@dataclass(frozen=True)
class Example(Inputs, Seed):
    """What one step is made from, but for the networks."""


@dataclass(frozen=True)
class Compared(Controls):
    """What the measured chart compares between layers."""

    update_of: str = control(
        "relative",
        Choice(
            labels(QUANTITIES),
            "Step of",
            "Of a layer's weights: the step over their own length (relative), the average weight's (mean), the length "
            "of all of it (length). Or the average bias's.",
        ),
        place=ROW,
    )
