"""The controls of chapter ``flow``: how its chart is drawn."""

from dataclasses import dataclass

from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.precision import REDUCTIONS
from vanish.ui.kit.controls import Choice, Choices, Number, labels, themselves
from vanish.ui.kit.table import ROW, Controls, control


@dataclass(frozen=True)
class Look(Controls):
    """How the chart is drawn."""

    scale: str = control(
        "log",
        Choice(
            themselves("log", "linear"),
            "Scale",
            "A log axis shows every power of ten; on a linear one small gradients cannot be told from 0.",
        ),
        place=ROW,
        # A share has no powers of ten.
        when={"magnitude": tuple(name for name, entry in MAGNITUDES.items() if not entry.is_share)},
    )
    mark: str = control(
        "bars",
        Choice(themselves("bars", "lines"), "Marks", "Bars for reading one layer, lines for seeing the slope."),
        place=ROW,
    )
    overlays: tuple[str, ...] = control(
        (),
        Choices(
            {"theory": "theory", "floors": "floors of number formats"},
            "Overlays",
            "Theory's expectation, dashed, and the smallest numbers of formats such as float16.",
            optional=True,
        ),
        place=ROW,
    )


@dataclass(frozen=True)
class Spread(Controls):
    """Of which numbers the look at their spread is; drawn within it."""

    spread_of: str = control(
        "pre_activations",
        Choice(
            {
                "pre_activations": "into the activation",
                "activations": "outputs",
                "gradients": "dL/dz",
                "weight_gradients": "dL/dW",
                "weights": "weights",
            },
            "Histograms of",
            "What goes into the activation, what a layer hands on, the gradient of one or the other, or the weights.",
            menu=True,
        ),
    )
    spread_axis: str = control(
        "common",
        Choice(
            {"common": "one for all layers", "own": "each layer's own"},
            "Axis",
            "One axis compares sizes. Each layer's own, in units of its root mean square, compares shapes.",
        ),
    )


# A loss scale is 2 to the power of a whole number up to this one.
LARGEST_EXPONENT = 24


@dataclass(frozen=True)
class Stored(Controls):
    """How the network's numbers are stored; drawn within the look at number formats."""

    number_format: str = control(
        "float16",
        Choice(
            labels(NUMBER_FORMATS),
            "Stored as",
            "Weights, outputs of layers and gradients are rounded to this format; sums are added up in a wider one.",
            menu=True,
        ),
    )
    format_loss: str = control(
        "sum",
        Choice(
            themselves(*REDUCTIONS),
            "Loss over the batch",
            "The sum over the examples, as in this chapter, or their mean.",
        ),
    )
    loss_scale: int = control(
        0,
        Number(
            0,
            LARGEST_EXPONENT,
            1,
            "Loss scale, 2 to the power of",
            "The loss is multiplied by it before the way back, so that small gradients can be stored.",
        ),
    )
