"""What the reader has set: one frozen record of all groups of controls, read from the link or from the widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

from vanish.measure.magnitudes import MAGNITUDES, size_of
from vanish.measure.remedies import smallest_batch
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.fixes.controls import Remedies, View
from vanish.ui.chapters.flow.controls import Look, Spread, Stored
from vanish.ui.chapters.map.controls import Axes
from vanish.ui.chapters.time import controls as time_controls
from vanish.ui.chapters.train import controls as train_controls
from vanish.ui.chapters.updates.controls import Compared
from vanish.ui.chapters.why.controls import Ideal
from vanish.ui.chapters.yours.controls import Example
from vanish.ui.kit import budget, link
from vanish.ui.kit.answers import Answers
from vanish.ui.kit.codes import Code
from vanish.ui.kit.controls import Number, Pills, Pin, Tabs, labels, themselves
from vanish.ui.kit.groups import Network, Pinnable, Signal
from vanish.ui.kit.table import Controls, control, table
from vanish.ui.shell.presets import PRESETS

# What their tabs say, by the link's names; a telephone has room for all of them side by side.  The table of chapters,
# which needs this one, is ``ui.chapters.table``.
CHAPTER_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "why": "Why",
        "flow": "Layers",
        "updates": "Steps",
        "train": "Train",
        "fixes": "Fixes",
        "time": "Time",
        "map": "Map",
        "yours": "Yours",
    }
)


LESSON_NAMES = ("short", "workshop", "clinic")


MOST_STEPS = 40


@dataclass(frozen=True)
class Page(Controls):
    """Which chapter is open, and which ready-made network is on it."""

    chapter: str = control(
        "flow", Tabs(CHAPTER_LABELS, "Chapter", "Which question the page answers.", former={"Training": "train"})
    )
    preset: str | None = control(
        None,
        Pills(
            labels(PRESETS),
            "Ready-made networks",
            "Each with something to see; those called by a name and a year have been reported by others. All of them, "
            "with a picture and a line each, stand under “See them all”.",
            menu=True,
        ),
    )


@dataclass(frozen=True)
class Lesson(Controls):
    """Where a reader is in a guided lesson."""

    lesson: str | None = control(
        None, Pills(themselves(*LESSON_NAMES), "Guided lesson", "Questions to guess at before the answer is shown.")
    )
    step: int = control(
        1, Number(1, MOST_STEPS, 1, "Step of the lesson", "Which question; the one after the last is the take-aways.")
    )
    guesses: str = control(
        "", Answers(MOST_STEPS, "Guesses", "The reader's answers so far: the link brings them back.")
    )
    present: int = control(
        0,
        Number(
            0, 2, 1, "Presenter mode", "1 shows the lesson in large type, and nothing else; 2 is the leader's page."
        ),
    )


@dataclass(frozen=True)
class Room(Controls):
    """Which room a reader is in; none of this is in a link that a reader copies from the page."""

    room: str | None = control(
        None, Code("[a-z]{3,5}-[0-9]{3}", "oak-423", "Room", "People who answer the lesson's questions together.")
    )
    lead: str | None = control(
        None,
        Code("[0-9a-f]{32}", "the one of the leader's own link", "Leader", "Who has it leads the room.", secret=True),
    )
    seat: str | None = control(
        None, Code("[0-9a-f]{16}", "a1b2c3d4e5f60718", "Seat", "Whose guesses these are; nobody else can use it.")
    )
    sent: str = control("", Answers(MOST_STEPS, "Sent", "Guesses whose answers the room has not been shown yet."))


# What a patient of the clinic can be looked into with, each shown where the patient's chapter has it.
CLINIC_LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "gradient": "Gradient",
        "units": "Units",
        "signal": "Signal",
        "weights": "Weights",
        "curves": "Curves",
        "layers": "Layers",
        "first_step": "First step",
        "data": "Data",
    }
)


@dataclass(frozen=True)
class Clinic(Controls):
    """Where a reader looks into a patient."""

    clinic_look: str | None = control(
        None, Pills(CLINIC_LOOKS, "Charts of the patient", "Which are open before the diagnosis: at first the first.")
    )


@dataclass(frozen=True)
class Kept(Clinic, Lesson, Room):
    """What the link holds though no widget is bound to it: buttons set it."""

    pin: str | None = control(None, Pin("Pinned network", "Its curves stay as faint lines while the controls move."))


# Fields come in the order of the bases, from the last one to the first.
@dataclass(frozen=True)
class Settings(
    Kept,
    Example,
    Axes,
    time_controls.Learning,
    time_controls.Sequence,
    time_controls.Cells,
    time_controls.Look,
    Remedies,
    View,
    train_controls.Replay,
    train_controls.Plots,
    train_controls.Learning,
    Compared,
    Spread,
    Stored,
    Look,
    Ideal,
    Signal,
    Network,
    Page,
):
    """Every control's value; the defaults are the kata.  Field names are widget keys and link names."""

    @property
    def asked(self) -> Signal:
        """What the reader wants sent through the networks on screen, and the size by which the gradient is judged: the
        nearest one where the magnitude on the chart is none."""
        return replace(self.part(Signal), magnitude=size_of(self.magnitude))

    @property
    def share(self) -> float:
        """Which part of the page's budget the networks on screen may take: it is shared with pinned ones, and with what
        is drawn where that is no size."""
        return budget.SCREEN / (1 + (self.pin is not None) + (not MAGNITUDES[self.magnitude].is_size))

    @cached_property
    def signal(self) -> Signal:
        """What is sent, and measured: as much of it as there is time for."""
        asked, specs = self.asked, self.specs
        examples = budget.examples(specs, asked.batch_size, self.share)
        return replace(asked, n_seeds=budget.seeds(specs, asked.n_seeds, examples, self.share), batch_size=examples)

    def less(self, *, examples: int, seeds: int | None = None, networks: int | None = None) -> str:
        """What is shown of all that was asked for, where a view shows so much of it."""
        asked = self.asked
        of = [
            (len(self.specs) if networks is None else networks, len(self.activations), "networks"),
            (asked.n_seeds if seeds is None else seeds, asked.n_seeds, "seeds"),
            (examples, asked.batch_size, "examples"),
        ]
        return budget.said(of)

    @cached_property
    def looked(self) -> tuple[tuple[NetworkSpec, ...], Signal]:
        """What a look inside shows: the first networks, and of the examples as many as there is time for."""
        specs = self.specs[: budget.layers(self.specs, budget.LOOKED_LAYERS)]
        specs = specs[: budget.shown(specs, budget.LOOK)]
        examples = budget.examples(specs, self.signal.batch_size, budget.LOOK)
        return specs, replace(self.signal, n_seeds=1, batch_size=examples)

    @property
    def looked_less(self) -> str:
        """What a look shows of the networks and examples on screen, where that is not all."""
        specs, signal = self.looked
        if (len(specs), signal.batch_size) == (len(self.specs), self.signal.batch_size):
            return ""
        return self.less(networks=len(specs), examples=signal.batch_size)

    @property
    def shortened(self) -> str:
        """What is shown of the networks, seeds and examples that were asked for, where that is not all."""
        return self.less(seeds=self.signal.n_seeds, examples=self.signal.batch_size)

    @property
    def pinned(self) -> "Pinned | None":
        """The settings that were pinned, measured as the present ones are; ``None`` if none were."""
        if self.pin is None:
            return None
        values, _ = link.from_link(table(Pinnable), parse_qs(self.pin))
        return replace(Pinned(**values), magnitude=self.magnitude)

    @property
    def pin_text(self) -> str:
        """The present networks as ``pin`` holds them."""
        return link.query({key: value for key, value in self.changes.items() if key in PINNED})

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {key: value for key, value in vars(self).items() if key in TABLE and value != DEFAULTS[key]}


class Pinned(Settings):
    """Networks beside those on screen."""

    @property
    def share(self) -> float:
        return budget.SCREEN / 2

    @property
    def over(self) -> float:
        """How many times its part of the budget the least takes that can be drawn: one network of one seed."""
        first = self.specs[:1]
        return budget.networks(first, 1, smallest_batch(*first)).operations / (self.share * budget.OPERATIONS)


TABLE = table(Settings)


CONTROLS: Mapping[str, Any] = MappingProxyType({key: row.control for key, row in TABLE.items()})


DEFAULTS: Mapping[str, Any] = MappingProxyType({key: row.default for key, row in TABLE.items()})


PINNED = tuple(table(Pinnable))


LESSON_KEYS = tuple(table(Lesson))


ROOM_KEYS = tuple(table(Room))


CLINIC_KEYS = tuple(table(Clinic))


KEPT = tuple(table(Kept))


def from_link(
    params: Mapping[str, Sequence[str]], otherwise: Mapping[str, Any] = MappingProxyType({})
) -> tuple[dict[str, Any], list[str]]:
    """What a link sets, and one line for each thing in it that had to be put right: ``link.from_link``."""
    return link.from_link(TABLE, params, otherwise)


def as_labels(params: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """A link as the widgets read it: options by their labels."""
    return link.as_labels(TABLE, {key: texts for key, texts in params.items() if key not in KEPT})


def from_values(values: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Settings from widget values, and one line for each of them that had to be put right."""
    valid, corrections = link.from_values(TABLE, values)
    return Settings(**valid), corrections
