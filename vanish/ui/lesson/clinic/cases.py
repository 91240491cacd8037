"""One table of broken networks.  To add one: an entry in ``CASES``, and in ``CAUSES`` what it can be taken for.

A case must be open to diagnosis by its numbers alone: what its cause shows is there before the cure and gone after it,
and what each other choice would show is not there.  ``tests/ui/lesson/clinic`` asks the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from vanish.choices.datasets import DATASETS
from vanish.ui.lesson.clinic.symptoms import SYMPTOMS, Symptom
from vanish.ui.shell.preset import memory, network, training


@dataclass(frozen=True)
class Cause:
    """What can be wrong: ``label`` is the choice; then the symptom ``shows`` lies above its usual range, or (``below``)
    below it; ``because``: how that does harm."""

    label: str
    shows: str
    because: str
    below: bool = False

    @property
    def symptom(self) -> Symptom:
        """Where it shows."""
        return SYMPTOMS[self.shows]

    def is_there(self, value: float) -> bool:
        """Whether the value that was measured shows it; what is no number does not."""
        return value < self.symptom.low if self.below else value > self.symptom.high


CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "slopes": Cause(
            "The activation is too flat",
            "slope",
            "Each layer multiplies the gradient by the slopes of its units on the way back.",
            below=True,
        ),
        "small_weights": Cause(
            "The weights start too small",
            "strength",
            "Each layer's weights shrink the signal on its way forward, and the gradient on its way back.",
            below=True,
        ),
        "large_weights": Cause(
            "The weights start too large",
            "strength",
            "Each layer's weights stretch the signal until the units saturate.",
        ),
        "one_sided": Cause(
            "The weights all have one sign",
            "lean",
            "Where no weight is negative, sums over a layer cannot cancel out: they grow with its width, and the units "
            "saturate.",
        ),
        "raw_inputs": Cause(
            "The inputs are too large",
            "inputs",
            "Large inputs drive the units of the first layer to where they are flat.",
        ),
        "lone_example": Cause(
            "Batch norm sees a single example",
            "arrives",
            "Batch norm subtracts the mean over the batch: of one example that leaves exactly 0, forward and back.",
            below=True,
        ),
        "bottleneck": Cause(
            "One layer is too narrow",
            "narrow",
            "All that the layers before it get has to come through so few units: let them be off, and little arrives.",
            below=True,
        ),
        "dead_units": Cause(
            "A layer of units is dead",
            "dead",
            "A unit whose slope is 0 for every example passes no gradient on, and a layer of them stops it.",
        ),
        "short_format": Cause(
            "The numbers are stored in too few bits",
            "lost",
            "What is less than half of the format's smallest number is stored as 0.",
        ),
        "no_way_around": Cause(
            "There is no way around so many layers",
            "alike",
            "Each plain layer makes unrelated inputs a little more alike, until the last ones cannot tell them apart.",
        ),
        "rate_high": Cause(
            "The learning rate is too high",
            "stride",
            "A step that changes weights by so much of their length overshoots, and what was learned is lost again.",
        ),
        "rate_low": Cause(
            "The learning rate is too low",
            "stride",
            "Steps so small leave the weights where they started.",
            below=True,
        ),
        "faint_start": Cause(
            "The gradient vanishes on its way to the first layer",
            "first_batch",
            "The first layers get too little to learn from.",
            below=True,
        ),
        "dead_start": Cause(
            "A layer of units is dead from the start",
            "dead_start",
            "A unit whose slope is 0 for every example passes no gradient on.",
        ),
        "blurred_data": Cause(
            "The data do not say which class it is",
            "neighbor",
            "Where neighbors are of different classes, every network has to guess, and is often wrong.",
            below=True,
        ),
        "large_matrix": Cause(
            "The recurrent matrix is too large",
            "radius",
            "The same matrix multiplies the gradient at every step back, and an eigenvalue beyond 1 can make it grow.",
        ),
        "small_matrix": Cause(
            "The recurrent matrix is too small",
            "radius",
            "The same matrix multiplies the gradient at every step back, and eigenvalues below 1 make it shrink.",
            below=True,
        ),
        "large_steps": Cause(
            "The inputs are too large",
            "sent",
            "Large inputs drive units to where they are flat.",
        ),
        "too_long": Cause(
            "The sequence is too long",
            "length",
            "Each further step is one more factor.",
        ),
    }
)


@dataclass(frozen=True)
class Case:
    """A broken network.

    ``complaint``: what one is told of it; ``symptoms``: what is measured at once, the leading one first; ``settings``
    with ``chapter``: the network, which nobody is told before the diagnosis; ``choices``: what it might be, the
    ``cause`` among them; ``cure``: the settings that mend it, and ``treatment`` what a button says of them; ``moral``:
    the line to take home; ``sources``: keys of ``vanish.references``.
    """

    name: str
    title: str
    complaint: str
    chapter: str
    settings: Mapping[str, Any]
    symptoms: tuple[str, ...]
    choices: tuple[str, ...]
    cause: str
    cure: Mapping[str, Any]
    treatment: str
    moral: str
    sources: tuple[str, ...]

    @property
    def sick(self) -> dict[str, Any]:
        """All that the network is."""
        return {**self.settings, "chapter": self.chapter}

    @property
    def cured(self) -> dict[str, Any]:
        """The same with the cure."""
        return {**self.sick, **self.cure}

    @property
    def in_the_plane(self) -> bool:
        """Whether the network learns to tell points of the plane apart, so that one can see what it makes of them."""
        learnt = DATASETS.get(self.settings.get("dataset", ""))
        return learnt is not None and (learnt.n_inputs, learnt.n_outputs) == (2, 1)


def _layers(**changes: Any) -> Mapping[str, Any]:
    """Layers of 32 units that get 32 standardised examples, stored in float32, with ``changes``."""
    usual = {
        "width": 32,
        "inputs": "normal",
        "signal_scale": 1.0,
        "signal_shift": 0.0,
        "batch_size": 32,
        "magnitude": "rms",
        "number_format": "float32",
        "format_loss": "mean",
        "loss_scale": 0,
    }
    return network(**usual | changes)


CASES: Mapping[str, Case] = MappingProxyType(
    {
        case.name: case
        for case in (
            Case(
                "faint",
                "Almost nothing arrives",
                "Ten sigmoid layers, started by Xavier's rule. The first ones get hardly any gradient.",
                "flow",
                _layers(depth=10, activations=("sigmoid",), initializer="xavier_normal"),
                ("ratio", "zero", "kept"),
                ("small_weights", "dead_units", "slopes", "raw_inputs"),
                "slopes",
                {"activations": ("relu",), "initializer": "he_normal"},
                "ReLU, with the start of He et al.",
                "Look at the slopes before you blame the weights.",
                ("bengio1994", "glorot2010"),
            ),
            Case(
                "fading",
                "The signal fades",
                "Ten tanh layers. Whatever goes in, what comes out is nearly 0.",
                "flow",
                _layers(depth=10, activations=("tanh",), initializer="normal", weight_std=0.02),
                ("ratio", "kept", "idle"),
                ("slopes", "small_weights", "one_sided", "raw_inputs"),
                "small_weights",
                {"initializer": "xavier_normal"},
                "Xavier's rule for the start",
                "A start that shrinks the signal shrinks the gradient as well.",
                ("glorot2010", "li2016"),
            ),
            Case(
                "all_or_nothing",
                "All or nothing",
                "Six tanh layers with random weights. Deep inside, nearly every output is −1 or 1, whatever goes in.",
                "flow",
                _layers(depth=6, activations=("tanh",), initializer="uniform", uniform_low=0.0, uniform_high=1.0),
                ("ratio", "idle", "step"),
                ("small_weights", "raw_inputs", "dead_units", "one_sided"),
                "one_sided",
                {"uniform_low": -0.3, "uniform_high": 0.3},
                "Weights from −0.3 to 0.3",
                "Random weights must be able to cancel out: draw them around 0.",
                ("lecun1998", "glorot2010"),
            ),
            Case(
                "deaf",
                "A deaf first layer",
                "Six tanh layers that are sent images. All layers are alive but the first one.",
                "flow",
                _layers(
                    depth=6,
                    activations=("tanh",),
                    initializer="xavier_normal",
                    inputs="pixels",
                    signal_scale=255.0,
                ),
                ("idle", "ratio", "zero"),
                ("raw_inputs", "large_weights", "one_sided", "slopes"),
                "raw_inputs",
                {"signal_scale": 1.0},
                "Pixels from 0 to 1 instead of 0 to 255",
                "Bring the inputs to a size near 1 before you look at anything else.",
                ("lecun1998",),
            ),
            Case(
                "silence",
                "Complete silence",
                "Eight tanh layers with batch norm. In a first, quick test only the last layer gets any gradient.",
                "flow",
                _layers(
                    depth=8,
                    activations=("tanh",),
                    initializer="xavier_normal",
                    normalization="batch",
                    batch_size=1,
                ),
                ("zero", "ratio", "dead"),
                ("dead_units", "short_format", "small_weights", "lone_example"),
                "lone_example",
                {"batch_size": 32},
                "Batches of 32 examples",
                "Batch norm is a question to a batch: one example has no answer.",
                ("ioffe2015",),
            ),
            Case(
                "cliff",
                "A cliff in the middle",
                "Eight leaky ReLU layers, one example. The last ones get their gradient, the first ones next to none.",
                "flow",
                _layers(
                    sizes="4-32-32-32-1-32-32-32-1",
                    activations=("leaky_relu",),
                    negative_slope=0.01,
                    initializer="xavier_normal",
                    batch_size=1,
                    seed=2,
                ),
                ("step", "ratio", "zero"),
                ("small_weights", "bottleneck", "slopes", "short_format"),
                "bottleneck",
                {"sizes": "4-32-32-32-32-32-32-32-1"},
                "32 units in that layer too",
                "A smooth fall is in every layer; a cliff is in one. Look where it is.",
                ("hanin2018b", "maas2013"),
            ),
            Case(
                "still",
                "Standstill",
                "Twelve ReLU layers, started by the rule of He et al. Every example gets the same answer.",
                "flow",
                _layers(depth=12, width=4, activations=("relu",), initializer="he_normal", seed=1),
                ("zero", "kept", "ratio"),
                ("lone_example", "dead_units", "small_weights", "short_format"),
                "dead_units",
                {"width": 32},
                "32 units a layer instead of 4",
                "A few units can all be off at once; many hardly ever are.",
                ("lu2020", "maas2013"),
            ),
            Case(
                "holes",
                "Holes in the gradient",
                "Ten tanh layers on fast hardware. On paper every layer gets its gradient; many weights get none.",
                "flow",
                _layers(
                    depth=10,
                    activations=("tanh",),
                    initializer="xavier_normal",
                    weight_scale=0.9,
                    batch_size=128,
                    number_format="float8_e4m3",
                ),
                ("nothing", "ratio", "zero"),
                ("dead_units", "lone_example", "small_weights", "short_format"),
                "short_format",
                {"number_format": "float16"},
                "All numbers stored in float16",
                "In a short number format a small gradient is not small but gone.",
                ("micikevicius2018", "micikevicius2022"),
            ),
            Case(
                "all_alike",
                "Everything looks the same",
                "A hundred ReLU layers, started by the rule of He et al. The gradient arrives, and yet two unrelated "
                "inputs come out as one.",
                "flow",
                _layers(
                    depth=100, width=64, activations=("relu",), initializer="he_normal", batch_size=8, mark="lines"
                ),
                ("alike", "ratio", "kept"),
                ("slopes", "small_weights", "no_way_around", "dead_units"),
                "no_way_around",
                {"residual": "scaled", "block": "two"},
                "Residual connections, scaled by the depth",
                "A gradient that arrives is not enough: it has to say something about the input.",
                ("he2016", "schoenholz2017"),
            ),
            Case(
                "wild",
                "Full of energy",
                "Six ReLU layers train for 200 steps on images of the digits 0 to 9, and then read no better than by "
                "guessing.",
                "train",
                training(depth=6, activations=("relu",), initializer="he_normal", steps=200, learning_rate=1.0),
                ("loss", "test", "gap"),
                ("blurred_data", "rate_low", "rate_high", "faint_start"),
                "rate_high",
                {"learning_rate": 0.02},
                "A fiftieth of the learning rate",
                "Look at the size of a step beside the weights: a twentieth is much already.",
                ("lecun1998",),
            ),
            Case(
                "riddle",
                "A riddle",
                "Four ReLU layers train for 500 steps on two spirals. The loss falls a little, and the test comes out "
                "poorly.",
                "train",
                training(
                    depth=4,
                    activations=("relu",),
                    initializer="he_normal",
                    dataset="spirals",
                    noise=0.5,
                    data_turns=1.5,
                    data_seed=0,
                    optimizer="adam",
                    learning_rate=0.005,
                    steps=500,
                ),
                ("test", "loss", "gap"),
                ("rate_high", "blurred_data", "faint_start", "dead_start"),
                "blurred_data",
                {"noise": 0.05},
                "Cleaner data",
                "Before you mend the network, ask what anybody could learn from the data.",
                ("cover1967",),
            ),
            Case(
                "echo",
                "An echo that grows",
                "A recurrent network of ReLUs reads a sequence. Its gradient is larger the further it comes back.",
                "time",
                memory(cells=("rnn_relu",), spectral_radius=1.5),
                ("back",),
                ("too_long", "small_matrix", "large_steps", "large_matrix"),
                "large_matrix",
                {"recurrent_initializer": "identity"},
                "The identity as the recurrent matrix",
                "Along a sequence one matrix is all the layers: it may neither shrink nor stretch.",
                ("pascanu2013", "le2015"),
            ),
        )
    }
)
