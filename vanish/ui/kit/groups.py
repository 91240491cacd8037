"""The groups of controls that chapters share: the network, and what is sent through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.blocks import BLOCKS
from vanish.choices.initializers import INITIALIZERS, UNIT_BOUNDS
from vanish.choices.inputs import INPUTS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.spec import LARGEST_WIDTH, NetworkSpec
from vanish.ui.kit import budget
from vanish.ui.kit.controls import Choice, Choices, Decades, Number, Sizes, labels, layer_sizes
from vanish.ui.kit.table import ROW, Controls, Place, Row, control, table

# Streamlit's boxes hold whole numbers up to here; the engine's seeds go on to 2**64 - 1.
LARGEST_TYPED_SEED = 2**53 - 1

# Folded parts of the sidebar that rows name one by one.
LAYER_SIZES = Place("Layer sizes", "each layer its own")
WEIGHTS = Place("Weights and biases", "their sizes")
PATHS = Place("Layers", "normalization, residual")
OUTPUT = Place("Output layer", "linear or not")
MEASURE = Place("Magnitude", "how it is measured")
RANDOM = Place("Random numbers", "which ones")
LEARNING = Place("Learning", "how a step is made")

# Learning rates, from the least to the largest that a control takes.
RATES = 1e-6, 10.0

# The kata's inputs are what they are.
DRAWN = {"inputs": tuple(name for name in INPUTS if name != "kata")}

# Depth and width say what ``sizes`` leaves open.
EQUAL_SIZES = {"sizes": ("",)}

UNIFORM = {"initializer": tuple(name for name, entry in INITIALIZERS.items() if entry.uses_bounds)}


@dataclass(frozen=True)
class Network(Controls):
    """What the networks are, one for each activation; the defaults are the kata's."""

    place: ClassVar[Place | None] = Place("Network", "width, activations, initialization")

    depth: int = control(
        10,
        Number(
            1,
            100,
            1,
            "Depth",
            "Weight layers from input to output. Each further layer multiplies the gradient once more.",
        ),
        # What most readers move first, on a telephone too, where the other controls are in a drawer.
        place=ROW,
        when=EQUAL_SIZES,
        network=True,
    )
    width: int = control(
        8,
        Number(1, 256, 1, "Width", "Units in each hidden layer. Narrow networks scatter; wide ones follow theory."),
        when=EQUAL_SIZES,
        network=True,
    )
    sizes: str = control(
        "",
        Sizes(
            LARGEST_WIDTH,
            101,
            budget.MOST_WEIGHTS,
            "Layer sizes",
            "Inputs, hidden layers, outputs, such as 784-30-30-10: in place of depth and width, which come back when "
            "this is empty. In training the data say how many inputs and outputs there are.",
        ),
        place=LAYER_SIZES,
    )
    activations: tuple[str, ...] = control(
        ("sigmoid", "tanh", "leaky_relu"),
        Choices(
            labels(ACTIVATIONS), "Activations", "Networks to compare: the same random numbers, another activation."
        ),
    )
    negative_slope: float = control(
        0.01,
        Number(
            0.0,
            1.0,
            0.01,
            "Leaky ReLU slope",
            "Slope for negative inputs: what a unit that is off still passes on.",
            format="%.2f",
        ),
        when={"activations": ("leaky_relu",)},
    )
    prelu_slope: float = control(
        0.25,
        Number(
            0.0,
            1.0,
            0.01,
            "PReLU slope at first",
            "Slope for negative inputs that every layer starts with; training then changes it, layer by layer.",
            format="%.2f",
        ),
        when={"activations": ("prelu",)},
    )
    elu_alpha: float = control(
        1.0,
        Number(
            0.0, 1.0, 0.05, "ELU alpha", "ELU levels off at −alpha, and alpha is its slope just below 0.", format="%.2f"
        ),
        when={"activations": ("elu",)},
    )
    initializer: str = control(
        "kata",
        Choice(
            labels(INITIALIZERS),
            "Initialization",
            "How large the weights start: the gradient is multiplied by them once per layer.",
            menu=True,
        ),
        network=True,
    )
    weight_std: float = control(
        0.3,
        Number(
            0.01,
            2.0,
            0.01,
            "Weight std",
            "Standard deviation of every weight. With tanh, about 1 / √width keeps the signal's size.",
            format="%.2f",
        ),
        when={"initializer": tuple(name for name, entry in INITIALIZERS.items() if entry.uses_std)},
        network=True,
    )
    uniform_low: float = control(
        UNIT_BOUNDS[0],
        Number(-1.0, 1.0, 0.01, "Lowest weight", "Weights lie evenly from here to the highest.", format="%.2f"),
        when=UNIFORM,
        network=True,
    )
    uniform_high: float = control(
        UNIT_BOUNDS[1],
        Number(-1.0, 1.0, 0.01, "Highest weight", "Below the lowest, the two change places.", format="%.2f"),
        when=UNIFORM,
        network=True,
    )
    weight_scale: float = control(
        1.0,
        Number(
            0.1,
            4.0,
            0.05,
            "Weight scale",
            "Multiplies every weight: the gradient is multiplied once per layer.",
            format="%.2f",
        ),
        network=True,
        place=WEIGHTS,
    )
    bias_std: float = control(
        0.0,
        Number(
            0.0,
            2.0,
            0.05,
            "Bias std",
            "Standard deviation of normal biases: they move units off 0, where slopes of tanh and sigmoid are smaller.",
            format="%.2f",
        ),
        network=True,
        place=WEIGHTS,
    )
    normalization: str = control(
        "none",
        Choice(
            labels(NORMALIZATIONS),
            "Normalization",
            "Holds what goes into every activation but the last at mean square 1, and multiplies the gradient by a "
            "factor of its own.",
            menu=True,
        ),
        network=True,
        place=PATHS,
    )
    norm_place: str = control(
        "activation",
        Choice(
            labels(NORM_PLACES),
            "Place of normalization",
            "Where it stands: before the activation, before the weights (pre-norm) or after the sum (post-norm).",
            menu=True,
            former={"before the weights (pre-norm)": "pre"},
        ),
        when={"normalization": tuple(name for name, entry in NORMALIZATIONS.items() if entry.normalizes)},
        network=True,
        place=PATHS,
    )
    residual: str = control(
        "none",
        Choice(
            labels(RESIDUALS),
            "Residual connections",
            "Adds a block's input to its output where both have as many units: a path past it for the gradient.",
            menu=True,
        ),
        network=True,
        place=PATHS,
    )
    block: str = control(
        "one",
        Choice(
            labels(BLOCKS),
            "Residual block",
            "What the path leads past: one layer with its activation, or two hidden layers, the second linear.",
            menu=True,
        ),
        when={"residual": tuple(name for name, entry in RESIDUALS.items() if entry.skips)},
        network=True,
        place=PATHS,
    )
    linear_output: str = control(
        "activation",
        Choice(
            {"activation": "with the activation", "linear": "linear"},
            "Output layer",
            "With the activation, as the original program has it: its slope is one more factor. Or linear, as always "
            "in training.",
        ),
        network={"activation": False, "linear": True},
        place=OUTPUT,
    )

    @property
    def shape(self) -> Mapping[str, Any]:
        """The networks' layer sizes, as ``NetworkSpec`` takes them."""
        sizes = layer_sizes(self.sizes)
        if not sizes:
            return {"depth": self.depth, "width": self.width}
        inputs, *hidden, outputs = sizes
        # Without hidden layers there are no widths to say how many layers there are.
        return {"n_inputs": inputs, "n_outputs": outputs} | ({"widths": tuple(hidden)} if hidden else {"depth": 1})

    @property
    def n_layers(self) -> int:
        """Weight layers, whether ``depth`` says it or ``sizes``."""
        return len(layer_sizes(self.sizes)) - 1 if self.sizes else self.depth

    @property
    def units(self) -> str:
        """How many units the hidden layers have, in words."""
        hidden = self.respecified(self.activations[:1])[0].hidden_sizes or (self.width,)
        return f"{max(hidden)}" if len(set(hidden)) == 1 else f"{min(hidden)} to {max(hidden)}"

    @property
    def share(self) -> float:
        """Which part of the page's budget the networks on screen may take."""
        return budget.SCREEN

    @cached_property
    def specs(self) -> tuple[NetworkSpec, ...]:
        """The networks on screen, one an activation: as many of them as there is time for."""
        asked = self.respecified()
        return asked[: budget.shown(asked, self.share)]

    def respecified(self, activations: Sequence[str] | None = None, **changes: Any) -> tuple[NetworkSpec, ...]:
        """The networks on screen with another initialiser, say, or other activations."""
        now = vars(self)
        shared = {key: row.meanings[now[key]] if row.meanings else now[key] for key, row in SPEC_ROWS.items()}
        shared = {**{key: value for key, value in shared.items() if key not in SIZED}, **self.shape}
        shared["uniform_low"], shared["uniform_high"] = sorted((self.uniform_low, self.uniform_high))
        shapes = {"leaky_relu": self.negative_slope, "prelu": self.prelu_slope, "elu": self.elu_alpha}
        return tuple(
            NetworkSpec(activation=name, activation_shape=shapes.get(name), **shared | changes)
            for name in activations or self.activations
        )


# The controls that ``sizes`` replaces.
SIZED = ("depth", "width")

# The controls that are fields of ``NetworkSpec``.
SPEC_ROWS: Mapping[str, Row] = MappingProxyType({key: row for key, row in table(Network).items() if row.network})


def way(now: NetworkSpec, then: NetworkSpec) -> dict[str, Any]:
    """The controls that make one network another one, but for its activation."""
    return {
        key: row.from_spec(getattr(then, key))
        for key, row in SPEC_ROWS.items()
        if getattr(then, key) != getattr(now, key)
    }


@dataclass(frozen=True)
class Seed(Controls):
    """Which random numbers."""

    seed: int = control(
        42,
        Number(0, LARGEST_TYPED_SEED, 1, "Seed", "Which random network. Try a few: is the finding luck?", typed=True),
        place=RANDOM,
    )


@dataclass(frozen=True)
class Seeds(Seed):
    """Which random numbers, and how many more networks are drawn."""

    n_seeds: int = control(
        1,
        Number(
            1,
            100,
            1,
            "Number of seeds",
            "Networks with other random numbers: drawn are their 10 % to 90 % quantiles, and the median dotted or as "
            "a tick.",
        ),
        place=RANDOM,
    )


@dataclass(frozen=True)
class Inputs(Controls):
    """What is sent through the networks."""

    place: ClassVar[Place | None] = Place("Inputs", "what is sent")

    inputs: str = control(
        "kata",
        Choice(
            labels(INPUTS),
            "Inputs",
            "What is sent through the network: large inputs saturate the first layer.",
            menu=True,
        ),
    )
    signal_scale: float = control(
        1.0,
        Decades(0.01, 1000.0, "Input scale", "Multiplies every input: 255 makes pixels what an image file holds."),
        when=DRAWN,
    )
    signal_shift: float = control(
        0.0,
        Number(
            -10.0,
            10.0,
            0.1,
            "Input shift",
            "Added to every input, after the scale: standardized data have a mean of 0.",
            format="%.1f",
        ),
        when=DRAWN,
    )
    batch_size: int = control(
        1, Number(1, 256, 1, "Batch size", "Examples sent through: the gradient shown is over all of them.")
    )


# Fields come in the order of the bases, from the last one to the first.
@dataclass(frozen=True)
class Examples(Inputs, Seeds):
    """Which random networks, and what is sent through them."""


@dataclass(frozen=True)
class Signal(Examples):
    """What is sent through the networks, and how what comes back is measured."""

    magnitude: str = control(
        "mean_abs",
        Choice(
            labels(MAGNITUDES),
            "Magnitude",
            "How a layer's gradient is measured: at its units, at its weights, or on its way in.",
            menu=True,
        ),
        place=MEASURE,
    )


@dataclass(frozen=True)
class Pinnable(Network, Examples):
    """What makes a curve that can be pinned; it is measured as the present ones are."""


@dataclass(frozen=True)
class Rate(Controls):
    """How large a step of learning is."""

    place: ClassVar[Place | None] = LEARNING

    learning_rate: float = control(
        0.01,
        Decades(*RATES, "Learning rate", "One step moves a weight by learning rate × gradient."),
    )
