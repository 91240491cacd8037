"""What the reader has set: one frozen record, one line a control, read from the link or from the widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.datasets import DATASETS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.inputs import INPUTS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS
from vanish.choices.residuals import RESIDUALS
from vanish.choices.schedules import SCHEDULES
from vanish.choices.tasks import TASKS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES
from vanish.network.spec import NetworkSpec
from vanish.sequence.spec import RecurrentSpec
from vanish.ui.kit.answers import Answers
from vanish.ui.kit.controls import Choice, Choices, Control, Number, Pills, Pin, WholeNumbers
from vanish.ui.shell.presets import PRESETS

# Names only, for the link: the table of chapters, which needs this module, stands in ``vanish.ui.chapters``.
CHAPTER_NAMES = ("why", "flow", "updates", "train", "fixes", "time", "map")


LESSON_NAMES = ("short", "workshop")


MOST_STEPS = 40


# Streamlit's boxes hold whole numbers up to here; the engine's seeds go on to 2**64 - 1.
LARGEST_TYPED_SEED = 2**53 - 1


PRESET = Pills(
    tuple(PRESETS),
    "Presets",
    "Ready-made networks, each with something to see. What they are stands under Glossary.",
    menu=True,
)


def _setting(default: Any, control: Control) -> Any:
    return field(default=default, metadata={"control": control})


def _variant(remedy: str) -> Any:
    """The control that picks one of a remedy's variants."""
    entry = REMEDIES[remedy]
    return _setting(
        entry.default, Choice(tuple(entry.variants), entry.title, f"Which kind: {entry.setting} here.", menu=True)
    )


class Signal(NamedTuple):
    """What is sent through the networks, and how it is measured."""

    seed: int
    n_seeds: int
    inputs: str
    batch_size: int
    magnitude: str


class Plan(NamedTuple):
    """How networks are trained; the arguments of ``vanish.train``, and what the data are."""

    dataset: str
    noise: float
    data_seed: int
    optimizer: str
    steps: int
    learning_rate: float
    schedule: str
    batch_size: int
    clip: str
    clip_at: float
    seed: int


class Memory(NamedTuple):
    """How recurrent networks are trained; the arguments of ``vanish.sequence.train_recurrent``."""

    task: str
    lag: int
    optimizer: str
    steps: int
    learning_rate: float
    batch_size: int
    clip: str
    clip_at: float
    seed: int


@dataclass(frozen=True)
class Settings:
    """Every control's value; the defaults are the kata.  Field names are widget keys and link names."""

    chapter: str = _setting("flow", Choice(CHAPTER_NAMES, "Chapter", "Which question the page answers."))
    preset: str | None = _setting(None, PRESET)
    depth: int = _setting(
        10,
        Number(
            1, 100, 1, "Depth", "Weight layers from input to output. Each one more is one more factor in the product."
        ),
    )
    width: int = _setting(
        8, Number(1, 256, 1, "Width", "Units in each hidden layer. Narrow networks scatter; wide ones follow theory.")
    )
    activations: tuple[str, ...] = _setting(
        ("sigmoid", "tanh", "leaky_relu"),
        Choices(tuple(ACTIVATIONS), "Activations", "Networks to compare: the same random numbers, another activation."),
    )
    initializer: str = _setting(
        "kata",
        Choice(
            tuple(INITIALIZERS),
            "Initialisation",
            "How large the weights start: the gradient is multiplied by them once per layer.",
            menu=True,
        ),
    )
    weight_std: float = _setting(
        0.3,
        Number(
            0.01,
            2.0,
            0.01,
            "Weight deviation",
            "Standard deviation of every weight. Keeping the signal wants about 1 / √width.",
            format="%.2f",
        ),
    )
    weight_scale: float = _setting(
        1.0,
        Number(
            0.1,
            4.0,
            0.05,
            "Weight scale",
            "Multiplies every weight: the gradient is multiplied once per layer.",
            format="%.2f",
        ),
    )
    bias_std: float = _setting(
        0.0,
        Number(
            0.0,
            2.0,
            0.05,
            "Bias deviation",
            "Normal biases: they move units off 0, to where slopes of tanh and sigmoid are smaller.",
            format="%.2f",
        ),
    )
    normalization: str = _setting(
        "none",
        Choice(
            tuple(NORMALIZATIONS),
            "Normalisation",
            "Holds what goes into every activation but the last at variance 1: no saturation, but its own factor.",
            menu=True,
        ),
    )
    residual: str = _setting(
        "none",
        Choice(
            tuple(RESIDUALS),
            "Residual connections",
            "Gives the gradient a way around every layer with as many outputs as inputs.",
            menu=True,
        ),
    )
    negative_slope: float = _setting(
        0.01,
        Number(
            0.0,
            1.0,
            0.01,
            "Leaky ReLU slope",
            "Slope for negative inputs: what a unit that is off still passes on.",
            format="%.2f",
        ),
    )
    elu_alpha: float = _setting(
        1.0,
        Number(0.0, 1.0, 0.05, "ELU alpha", "Where ELU levels off, and its slope just below 0.", format="%.2f"),
    )
    seed: int = _setting(
        42,
        Number(0, LARGEST_TYPED_SEED, 1, "Seed", "Which random network. Try a few: is the finding luck?", typed=True),
    )
    n_seeds: int = _setting(
        1,
        Number(
            1,
            100,
            1,
            "Seeds",
            "Networks with other random numbers: the band holds eight in ten of them, and their median is dotted.",
        ),
    )
    inputs: str = _setting(
        "kata",
        Choice(
            tuple(INPUTS),
            "Inputs",
            "What is sent through the network: large inputs saturate the first layer.",
            menu=True,
        ),
    )
    batch_size: int = _setting(
        1,
        Number(1, 256, 1, "Batch size", "Examples sent through: the gradient shown is over all of them."),
    )
    magnitude: str = _setting(
        "mean_abs",
        Choice(
            tuple(MAGNITUDES),
            "Magnitude",
            "How a layer's gradient is measured: at its units, at its weights, or on its way in.",
            menu=True,
        ),
    )
    learning_rate: float = _setting(
        0.01,
        Number(
            0.001, 1.0, 0.001, "Learning rate", "One step moves a weight by learning rate × gradient.", format="%.3f"
        ),
    )
    dataset: str = _setting(
        "digits",
        Choice(tuple(DATASETS), "Data", "What there is to learn: real digits, or figures.", menu=True),
    )
    noise: float = _setting(
        0.05,
        Number(0.0, 0.5, 0.01, "Noise", "How far points are off their figure.", format="%.2f"),
    )
    data_seed: int = _setting(0, Number(0, 999, 1, "Data seed", "Which points are drawn.", typed=True))
    optimizer: str = _setting(
        "sgd",
        Choice(
            tuple(OPTIMIZERS),
            "Optimiser",
            "How a gradient becomes a step; Adam evens out their sizes.",
            menu=True,
        ),
    )
    schedule: str = _setting(
        "constant", Choice(tuple(SCHEDULES), "Schedule", "How the learning rate changes along the run.")
    )
    clip: str = _setting(
        "none", Choice(tuple(CLIPPINGS), "Clipping", "Cuts gradients that are too long: for exploding ones only.")
    )
    clip_at: float = _setting(
        1.0,
        Number(0.01, 10.0, 0.01, "Clip at", "The longest gradient, or the largest entry, that passes.", format="%.2f"),
    )
    steps: int = _setting(500, Number(50, 5000, 50, "Steps", "Batches to learn from, one step of all weights each."))
    train_batch: int = _setting(
        64, Number(1, 256, 1, "Training batch", "Examples for a step: fewer make the gradient noisier.")
    )
    moment: int = _setting(
        100, Number(0, 100, 1, "Moment of the run, in per cent", "Goes back through the run without training again.")
    )
    scale: str = _setting("log", Choice(("log", "linear"), "Scale", "Log shows how small; linear shows how little."))
    mark: str = _setting(
        "bars", Choice(("bars", "lines"), "Marks", "Bars for reading one layer, lines for seeing the slope.")
    )
    overlays: tuple[str, ...] = _setting(
        (),
        Choices(
            ("theory", "floors"),
            "Overlays",
            "Theory's expectation, dashed, and the floors of number formats such as float16.",
            optional=True,
        ),
    )
    pin: str | None = _setting(None, Pin("Pinned network", "Its curves stay as faint lines while the controls move."))
    lesson: str | None = _setting(
        None, Pills(LESSON_NAMES, "Guided lesson", "Questions to guess at before the answer is shown.")
    )
    step: int = _setting(
        1, Number(1, MOST_STEPS, 1, "Step of the lesson", "Which question; the one after the last is the take-aways.")
    )
    guesses: str = _setting(
        "", Answers(MOST_STEPS, "Guesses", "The reader's answers so far, to be found again after a break.")
    )
    present: int = _setting(0, Number(0, 1, 1, "Presenter mode", "1 shows the lesson in large type, and nothing else."))
    fixes_view: str = _setting(
        "cards",
        Choice(
            ("cards", "ladder", "combinations", "noise"),
            "View",
            "One remedy at a time, one after another, all together, or what size alone does not show.",
        ),
    )
    fix_relu: str = _variant("relu")
    fix_residual: str = _variant("residual")
    fix_initialization: str = _variant("initialization")
    fix_normalization: str = _variant("normalization")
    fix_clipping: str = _variant("clipping")
    fix_gates: str = _variant("gates")
    ladder: tuple[str, ...] = _setting(
        NETWORK_REMEDIES,
        Choices(NETWORK_REMEDIES, "Ladder", "Remedies from the first rung to the last: in the order of picking."),
    )
    noise_norm: str = _setting(
        "batch",
        Choice(("batch", "none"), "Normalisation in these networks", "Batch norm spreads inputs out at every layer."),
    )
    map_activation: str = _setting(
        "tanh", Choice(tuple(ACTIVATIONS), "Activation", "The map is of one activation at a time.", menu=True)
    )
    map_axis: str = _setting(
        "depth",
        Choice(
            ("depth", "bias_std"),
            "Against",
            "What the weight scale is mapped against: depth, or the biases' deviation at the present depth.",
        ),
    )
    time_view: str = _setting(
        "gradient",
        Choice(
            ("gradient", "clipping", "race"),
            "Look at",
            "The gradient before training, what clipping does to a run that explodes, or a race on a task of memory.",
        ),
    )
    cells: tuple[str, ...] = _setting(
        ("rnn_tanh", "gru", "lstm"),
        Choices(tuple(CELLS), "Cells", "Recurrent networks to compare: plain ones, and two with gates."),
    )
    fraction: str = _setting(
        "0.01",
        Choice(
            ("0.1", "0.01", "0.001"),
            "Enough to learn from",
            "How much of the last step's gradient an early step must get to count as within reach.",
        ),
    )
    time_overlays: tuple[str, ...] = _setting(
        (),
        Choices(
            ("theory", "floors"),
            "Overlays",
            "Eigenvalues and forget gates alone, dashed, and the floors of number formats such as float16.",
            optional=True,
        ),
    )
    task: str = _setting(
        "adding",
        Choice(tuple(TASKS), "Task", "What has to be remembered: two numbers, a few symbols, or every sign."),
    )
    lag: int = _setting(50, Number(5, 100, 5, "Lag", "Steps over which it has to be remembered."))
    sequence: int = _setting(
        100, Number(10, 500, 10, "Sequence length", "Steps of the sequence: each is one more factor in the product.")
    )
    hidden: int = _setting(32, Number(2, 64, 2, "Hidden units", "Size of the state that is passed from step to step."))
    recurrent_initializer: str = _setting(
        "spectral_radius",
        Choice(
            tuple(RECURRENT_INITIALIZERS),
            "Recurrent initialisation",
            "What the matrix starts from that takes the state from one step to the next.",
            menu=True,
        ),
    )
    spectral_radius: float = _setting(
        0.9,
        Number(
            0.0,
            2.0,
            0.05,
            "Spectral radius",
            "Size of the matrix's eigenvalues: below 1 it shrinks at every step, above 1 it stretches.",
            format="%.2f",
        ),
    )
    forget_bias: float = _setting(
        2.0,
        Number(
            -2.0,
            6.0,
            0.5,
            "Forget bias",
            "How open the LSTM's forget gate starts: at 0 half open; the larger, the more of its memory a step keeps.",
            format="%.1f",
        ),
    )
    input_scale: float = _setting(
        1.0, Number(0.0, 3.0, 0.1, "Input size", "Large inputs saturate the cells; small ones leave slopes near 1.")
    )
    time_optimizer: str = _setting(
        "adam",
        Choice(tuple(OPTIMIZERS), "Optimiser", "How a gradient becomes a step; Adam evens out sizes.", menu=True),
    )
    time_rate: float = _setting(
        0.01,
        Number(0.001, 0.5, 0.001, "Learning rate", "One step is learning rate × gradient.", format="%.3f"),
    )
    time_clip: str = _setting(
        "norm", Choice(tuple(CLIPPINGS), "Clipping", "Cuts gradients that are too long, before the step.")
    )
    time_clip_at: float = _setting(
        1.0,
        Number(0.1, 20.0, 0.1, "Threshold", "The longest gradient, or the largest entry, that passes.", format="%.1f"),
    )
    time_steps: int = _setting(
        1000, Number(50, 3000, 50, "Training steps", "Batches of fresh sequences to learn from.")
    )
    time_batch: int = _setting(32, Number(1, 64, 1, "Sequences in a batch", "Fewer make the gradient noisier."))
    layer_counts: str = _setting(
        "1, 2, 3, 5, 10, 20, 50",
        WholeNumbers(1, 1000, 20, "Layer counts", "The rows of the table, with commas between."),
    )
    slope_sigmoid: float = _setting(
        0.25,
        Number(
            0.0, 1.5, 0.01, "Sigmoid slope", "0.25 is the largest slope that a sigmoid has anywhere.", format="%.2f"
        ),
    )
    slope_tanh: float = _setting(
        0.65,
        Number(
            0.0,
            1.5,
            0.01,
            "Tanh slope",
            "A typical slope of tanh a little away from 0. Its largest, at 0, is 1.",
            format="%.2f",
        ),
    )
    slope_relu: float = _setting(
        1.0, Number(0.0, 1.5, 0.01, "ReLU slope", "1 wherever the unit is on. Above 1, see it explode.", format="%.2f")
    )

    @property
    def specs(self) -> tuple[NetworkSpec, ...]:
        """The networks on screen, one an activation."""
        return self.respecified()

    def respecified(self, activations: Sequence[str] | None = None, **changes: Any) -> tuple[NetworkSpec, ...]:
        """The networks on screen with another initialiser, say, or other activations."""
        shared = {key: getattr(self, key) for key in SPEC_FIELDS} | changes
        shapes = {"leaky_relu": self.negative_slope, "elu": self.elu_alpha}
        return tuple(
            NetworkSpec(activation=name, activation_shape=shapes.get(name), **shared)
            for name in activations or self.activations
        )

    @property
    def signal(self) -> Signal:
        """What is sent through them and how it is measured."""
        return Signal(self.seed, self.n_seeds, self.inputs, self.batch_size, self.magnitude)

    @property
    def plan(self) -> Plan:
        """How the networks on screen would be trained."""
        return Plan(
            self.dataset,
            0.0 if DATASETS[self.dataset].recorded else self.noise,
            self.data_seed,
            self.optimizer,
            self.steps,
            self.learning_rate,
            self.schedule,
            self.train_batch,
            self.clip,
            self.clip_at,
            self.seed,
        )

    @property
    def variants(self) -> dict[str, str]:
        """The chosen variant of every remedy."""
        return {name: getattr(self, f"fix_{name}") for name in REMEDIES}

    @property
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

    @property
    def memory(self) -> Memory:
        """How the recurrent networks on screen would be trained."""
        return Memory(
            self.task,
            self.lag,
            self.time_optimizer,
            self.time_steps,
            self.time_rate,
            self.time_batch,
            self.time_clip,
            self.time_clip_at,
            self.seed,
        )

    @property
    def pinned(self) -> "Settings | None":
        """The settings that were pinned, measured as the present ones are; ``None`` if none were."""
        if self.pin is None:
            return None
        values, _ = from_link(parse_qs(self.pin))
        return replace(Settings(**{key: values[key] for key in PINNED if key in values}), magnitude=self.magnitude)

    @property
    def pin_text(self) -> str:
        """The present networks as ``pin`` holds them."""
        return urlencode({key: listed(value) for key, value in self.changes.items() if key in PINNED}, doseq=True)

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {key: value for key, value in vars(self).items() if key in CONTROLS and value != DEFAULTS[key]}


# What makes a network, and a curve of it.
SPEC_FIELDS = (
    "depth",
    "width",
    "initializer",
    "weight_scale",
    "weight_std",
    "bias_std",
    "normalization",
    "residual",
)


PINNED = (*SPEC_FIELDS, "activations", "negative_slope", "elu_alpha", "seed", "n_seeds", "inputs", "batch_size")


# What the link holds though no widget is bound to it: buttons set it.
LESSON_KEYS = ("lesson", "step", "guesses", "present")


KEPT = ("pin", *LESSON_KEYS)


CONTROLS: dict[str, Any] = {f.name: f.metadata["control"] for f in fields(Settings)}


DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Settings)}


def from_link(params: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], list[str]]:
    """What a link sets, and one line for each thing in it that had to be put right.

    ``params`` maps names to their texts in the address; names that are no control's are left alone.
    """
    values: dict[str, Any] = {}
    corrections = []
    for key, texts in params.items():
        if key not in CONTROLS:
            continue
        control = CONTROLS[key]
        try:
            values[key], kept_all = control.parse(texts)
        except ValueError:
            corrections.append(_correction(key, texts, control, DEFAULTS[key]))
        else:
            if not kept_all:
                corrections.append(_correction(key, texts, control, values[key]))
            if key == "pin" and values[key]:
                corrections += [f"In **pin**, {line}" for line in from_link(parse_qs(values[key]))[1]]
    return values, corrections


def from_values(values: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Settings from widget values, each checked once more: a browser may send what a widget would not."""
    valid: dict[str, Any] = {}
    corrections = []
    for key, control in CONTROLS.items():
        try:
            valid[key] = control.check(values.get(key, DEFAULTS[key]))
        except ValueError:
            corrections.append(_correction(key, [str(values[key])], control, DEFAULTS[key]))
    return Settings(**valid), corrections


def address(base: str, changes: Mapping[str, Any]) -> str:
    """The full address of a page that shows ``changes``."""
    query = urlencode({key: listed(value) for key, value in changes.items()}, doseq=True)
    return f"{base}?{query}" if query else base


def listed(value: Any) -> Any:
    """A setting's value as widgets and addresses hold it: lists for tuples."""
    return list(value) if isinstance(value, tuple) else value


def _correction(key: str, texts: Sequence[str], control: Control, used: Any) -> str:
    # Whatever a link says is shown as plain text, and not at length.
    given = " ".join(", ".join(texts).split()).replace("`", "'")[:40] or "nothing"
    shown = (", ".join(used) if isinstance(used, tuple) else used) or "none"
    # Two tildes would strike out what stands between them.
    plain = str(shown).replace("~", "\\~")
    return f"**{key}** takes {control.allowed}; the page got `{given}` and uses **{plain}**."
