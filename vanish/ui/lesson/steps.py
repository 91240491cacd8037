"""The guided lessons: one table of questions, and the paths through it.

A step asks for a guess before the answer is shown.  To add one: an entry in ``STEPS`` with what its click sets, how
it can be answered, and the function of ``lesson.measures`` that asks the engine; then its name in a lesson.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.ui.lesson import measures, pictures
from vanish.ui.lesson.answers import Answer, LogGuess, Options, Result, ShareGuess
from vanish.ui.lesson.clinic import examination
from vanish.ui.lesson.clinic.cases import CASES, CAUSES, Case
from vanish.ui.lesson.measures import Report
from vanish.ui.lesson.pictures import Picture
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import LESSON_NAMES, Settings


@dataclass(frozen=True)
class Step:
    """A question, and what answers it.

    ``goal``: what it is good for, in one line; ``settings`` with ``chapter``: what one click sets; ``measure``: asks
    the engine about just these settings, wherever the reader has moved the controls; ``moral``: the line to take
    home, true whatever was measured; ``sources``: keys of ``vanish.references``; ``case``: the patient, where the step
    is one of the clinic's; ``picture``: the chapter's own, for a slide, where it shows more than the answer's bars do.
    """

    name: str
    title: str
    goal: str
    chapter: str
    settings: Mapping[str, Any]
    question: str
    answer: Answer
    measure: Callable[[Settings, Report], Result]
    moral: str
    sources: tuple[str, ...]
    case: Case | None = None
    picture: Picture | None = None

    @property
    def controls(self) -> dict[str, Any]:
        """All that the click sets."""
        return {**self.settings, "chapter": self.chapter}

    @property
    def lead(self) -> str:
        """The title, as words follow on it."""
        return self.title if self.title.endswith("?") else f"{self.title}:"

    @property
    def as_set(self) -> Settings:
        """The page as the step sets it."""
        return Settings(**self.controls)

    def is_away(self, settings: Settings) -> bool:
        """Whether the reader has moved something that the step sets."""
        return any(getattr(settings, key) != value for key, value in self.controls.items())


def _changed(preset: str, **changes: Any) -> Mapping[str, Any]:
    """A preset's settings, with ``changes``."""
    return MappingProxyType({**PRESETS[preset].settings, **changes})


# The chapter on ideal slopes has controls of its own.
_IDEAL = MappingProxyType(
    {
        **PRESETS["kata"].settings,
        "slope_sigmoid": 0.25,
        "slope_tanh": 0.65,
        "slope_relu": 1.0,
        "learning_rate": 0.01,
        "update_of": "relative",
    }
)


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        step.name: step
        for step in (
            Step(
                "decay",
                "Ten slopes",
                "See what happens to a number that is multiplied again and again.",
                "why",
                _IDEAL,
                "A gradient of 1 goes back through ten sigmoid layers. Each multiplies it by 0.25, sigmoid's largest "
                "slope. How much is left?",
                LogGuess(-9, 0),
                measures.ideal,
                "The gradient of an early layer is a product, with one factor for every layer that it has passed.",
                ("hochreiter1991", "bengio1994"),
                picture=pictures.decay,
            ),
            Step(
                "nearly_one",
                "Nearly 1",
                "Find out whether a slope close to 1 is close enough.",
                "why",
                {**_IDEAL, "depth": 50, "slope_sigmoid": 0.9, "slope_tanh": 0.9, "slope_relu": 0.9},
                "Now every slope is 0.9, and there are 50 layers. How much of the gradient is left?",
                LogGuess(-6, 0),
                measures.nearly_one,
                "Depth makes small differences large: only factors very near 1 survive many layers.",
                ("hochreiter1991",),
                picture=pictures.decay,
            ),
            Step(
                "rank",
                "A real network",
                "Measure the gradient in a network with weights, not in a formula.",
                "flow",
                PRESETS["kata"].settings,
                "The same ten-layer network with three activations: in which one does layer 1 keep most of the "
                "gradient?",
                Options({name: ACTIVATIONS[name].label for name in ("sigmoid", "tanh", "leaky_relu")}),
                measures.rank,
                "Activation and weights act together: the name of the activation alone decides nothing.",
                ("glorot2010",),
                picture=pictures.pipes,
            ),
            Step(
                "he",
                "A better start",
                "Change only how large the weights are at the start.",
                "flow",
                _changed("kata", initializer="he_uniform", activations=("leaky_relu",)),
                "Leaky ReLU again, with the same random numbers, made larger by the rule of He et al. How many times "
                "more of the gradient reaches layer 1?",
                LogGuess(0, 6, "times"),
                measures.he,
                "How large the weights start is one more factor in every layer: use the rule that fits the activation.",
                ("he2015",),
                picture=pictures.starts,
            ),
            Step(
                "luck",
                "Is it luck?",
                "Do not trust one random network.",
                "flow",
                _changed("kata", activations=("tanh", "leaky_relu"), n_seeds=100),
                "Back to the first start. Draw 100 networks with other random numbers: in how many does tanh keep more "
                "than leaky ReLU?",
                ShareGuess(),
                measures.luck,
                "Repeat with other seeds before you believe a difference.",
                ("glorot2010", "he2015"),
                picture=pictures.layers,
            ),
            Step(
                "torch_default",
                "Your own code",
                "See what you get when you do not choose a start.",
                "flow",
                _changed("torch_default", activations=("leaky_relu", "tanh")),
                "20 layers of 64 units, with the weights that torch.nn.Linear draws by default. How much of the last "
                "layer's gradient does layer 1 of the leaky ReLU network get?",
                LogGuess(-12, 0),
                measures.first_over_last,
                "A framework's default start is not made for deep plain networks: choose one.",
                ("paszke2019", "he2015"),
                picture=pictures.pipes,
            ),
            Step(
                "number_format",
                "When it is exactly 0",
                "Meet the smallest numbers that a computer can hold.",
                "flow",
                _changed("kata", activations=("sigmoid",), overlays=("floors",)),
                "The ten sigmoid layers once more. Numbers can be stored in several formats: which of these is the "
                "first to turn layer 1's gradient into exactly 0?",
                Options({**{name: name for name in measures.FORMATS}, "none": "none of them"}),
                measures.lost_first,
                "In a short number format a small gradient is not small but gone.",
                ("micikevicius2018",),
                picture=pictures.layers,
            ),
            Step(
                "steps",
                "Who gets to learn?",
                "Turn gradients into steps, on paper first.",
                "updates",
                _IDEAL,
                "On paper: ten sigmoid layers at their largest slope, and a step is as large as dL/dz. Layer 10 makes "
                "one step. How many steps does layer 1 need to move as far?",
                LogGuess(0, 9, "steps"),
                measures.steps,
                "A small gradient is a small step: where only slopes count, the first layers hardly move.",
                ("bengio1994",),
                picture=pictures.on_paper,
            ),
            Step(
                "catching_up",
                "Help layer 1",
                "Find out what helps the layer that moves least.",
                "updates",
                {**_IDEAL, "activations": ("leaky_relu",)},
                "The leaky ReLU network, measured: one step hardly moves any layer's weights, relative to their "
                "length. What makes the slowest layer's weights move furthest?",
                Options(measures.HELPS_WORDS),
                measures.catching_up,
                "Where the signal fades on both ways, all weights stand still; a larger learning rate brings no signal "
                "back.",
                ("glorot2010",),
                picture=pictures.steps_helped,
            ),
            Step(
                "accuracy",
                "Real training",
                "Let the sigmoid network read handwritten digits.",
                "train",
                PRESETS["digits_sigmoid_10"].settings,
                "Ten sigmoid layers train for 1,500 steps on images of the digits 0 to 9. How many of the test digits "
                "does the network then read right?",
                ShareGuess(),
                measures.accuracy,
                "A network whose early layers get almost no gradient may learn nothing at all.",
                ("glorot2010", "alpaydin1998"),
                picture=pictures.confusion,
            ),
            Step(
                "what_helps",
                "What would help?",
                "Try three ideas on the same digits.",
                "train",
                PRESETS["digits_sigmoid_10"].settings,
                "Which change helps this network most to read: more steps, a larger learning rate, or ReLU with the "
                "start of He et al.? Each one is trained now.",
                Options(measures.IDEAS_WORDS),
                measures.what_helps,
                "Keep the factor per layer near 1: that is what a good activation with a good start does.",
                ("he2015", "alpaydin1998"),
                picture=pictures.ideas,
            ),
            Step(
                "least_remedy",
                "Which remedy?",
                "Compare the famous remedies on one network.",
                "fixes",
                PRESETS["six_remedies"].settings,
                "The ten sigmoid layers get one remedy at a time, to bring layer 1's gradient near layer 10's. Which "
                "helps least by itself?",
                Options(measures.REMEDY_WORDS),
                measures.least_remedy,
                "A remedy has to fit the activation: the start that suits tanh is too small for the sigmoid.",
                ("glorot2010", "he2016", "he2015", "ioffe2015"),
                picture=pictures.remedies_apart,
            ),
            Step(
                "sequence",
                "Along a sequence",
                "Meet the same product in time.",
                "time",
                PRESETS["rnn_vanish"].settings,
                "A plain recurrent network reads 100 steps with one matrix, whose eigenvalues reach 0.9. How much "
                "of the last step's gradient reaches the first step?",
                LogGuess(-12, 0),
                measures.sequence,
                "A long sequence is a deep network: every step is one more factor.",
                ("bengio1994", "pascanu2013"),
                picture=pictures.through_time,
            ),
            Step(
                "gates",
                "Gates",
                "See what gates do for the gradient.",
                "time",
                _changed("rnn_vanish", cells=("rnn_tanh", "gru", "lstm")),
                "Three recurrent cells, fresh from the start, over the same 100 steps. Which one keeps most of the "
                "gradient?",
                Options({name: CELLS[name].label for name in ("rnn_tanh", "gru", "lstm")}),
                measures.gates,
                "A gate can learn to stay open, with a factor per step near 1; at the start it is about half open.",
                ("hochreiter1997", "cho2014"),
                picture=pictures.through_time,
            ),
            Step(
                "edge",
                "The edge",
                "Find the border between vanishing and exploding.",
                "map",
                _changed("kata", depth=50, width=64, batch_size=8, map_activation="tanh", map_axis="depth"),
                "50 layers of tanh, 64 wide, as the original program starts them. Multiply every weight by one number: "
                "with which does the gradient reach layer 1 most nearly unchanged?",
                Options({scale: f"× {scale}" for scale in measures.SCALES}),
                measures.edge,
                "Between vanishing and exploding there is only a narrow edge, and depth makes it narrower.",
                ("poole2016", "schoenholz2017"),
                picture=pictures.edge,
            ),
            Step(
                "batch_norm",
                "The other side",
                "See a famous remedy overdo it.",
                "flow",
                PRESETS["batch_norm_explodes"].settings,
                "50 ReLU layers with batch normalization after each, before any training. How many times the last "
                "layer's gradient does layer 1 get?",
                LogGuess(-6, 6, "times"),
                measures.exploding,
                "A remedy has a factor per layer of its own: measure before you trust it.",
                ("ioffe2015", "yang2019"),
                picture=pictures.pipes,
            ),
            Step(
                "own_log",
                "Your own network",
                "Read a log of somebody's training.",
                "yours",
                _changed("kata", example="vanishing"),
                "Somebody has trained eight layers. At every step Lightning wrote down how long the gradient of each "
                "weight matrix was. At the last step, how much of the last layer's gradient does layer 1 get?",
                LogGuess(-12, 0),
                measures.own_log,
                "Log every layer's gradient: it shows what a loss curve hides.",
                ("glorot2010",),
                picture=pictures.log,
            ),
        )
    }
)


def _of_clinic(case: Case) -> Step:
    """A case as a question: what is wrong?"""
    return Step(
        case.name,
        case.title,
        "Find out what is wrong, and mend it.",
        case.chapter,
        case.settings,
        case.complaint,
        examination.Diagnoses({name: CAUSES[name].label for name in case.choices}),
        partial(examination.result, case),
        case.moral,
        case.sources,
        case,
        partial(pictures.surfaces, case.cure) if case.in_the_plane else None,
    )


CLINIC: Mapping[str, Step] = MappingProxyType({name: _of_clinic(case) for name, case in CASES.items()})

# All that can be answered, by the names that the link holds.
QUESTIONS: Mapping[str, Step] = MappingProxyType({**STEPS, **CLINIC})


@dataclass(frozen=True)
class Lesson:
    """A path through the steps."""

    name: str
    minutes: int
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """What one chooses between."""
        if self.is_clinic:
            return f"Clinic: {len(self.steps)} broken networks"
        return f"{self.minutes} minutes, {len(self.steps)} questions"

    @property
    def is_clinic(self) -> bool:
        """Whether its steps are patients."""
        return all(step.case for step in self.steps)


LESSONS: Mapping[str, Lesson] = MappingProxyType(
    {
        name: Lesson(name, minutes, tuple(QUESTIONS[step] for step in steps))
        for name, minutes, steps in (
            (LESSON_NAMES[0], 10, ("decay", "rank", "he", "steps", "accuracy")),
            (LESSON_NAMES[1], 45, tuple(STEPS)),
            (LESSON_NAMES[2], 40, tuple(CLINIC)),
        )
    }
)
