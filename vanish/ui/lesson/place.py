"""Where a reader is in a lesson, by what the link holds of it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vanish.ui.chapters import table as chapters
from vanish.ui.kit import answers as kit_answers
from vanish.ui.kit.plain import quoted
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.clinic.looks import LOOKS
from vanish.ui.lesson.room import door
from vanish.ui.lesson.steps import LESSONS, QUESTIONS, Lesson, Step
from vanish.ui.shell.session import Arrival
from vanish.ui.shell.settings import CLINIC_KEYS, DEFAULTS, LESSON_KEYS, LESSON_NAMES, ROOM_KEYS

# What ``present`` says of the leader's page.
SHEET = 2


@dataclass(frozen=True)
class Place:
    """Where a reader is: ``number`` is the step's, from 1; one more than there are is the take-aways.

    ``present``: whether nothing but the lesson is on the page, on slides or, with ``sheet``, as the leader's page.
    """

    lesson: Lesson
    number: int
    answers: Mapping[str, str]
    present: bool = False
    sheet: bool = False

    @property
    def step(self) -> Step | None:
        """The present step; ``None`` at the take-aways."""
        return self.lesson.steps[self.number - 1] if self.number <= len(self.lesson.steps) else None

    @property
    def answered(self) -> str | None:
        """The answer to the present step: ``None`` before it is given."""
        return self.answers.get(self.step.name) if self.step else None

    @property
    def hides(self) -> bool:
        """Whether the page still keeps the answer back."""
        return self.step is not None and self.answered is None

    @property
    def veiled(self) -> bool:
        """Whether the network itself is not told either: a patient of the clinic, before the diagnosis."""
        return self.hides and self.lesson.is_clinic


def place(lesson: str | None, step: int, guesses: str, present: int) -> Place | None:
    """Where the settings say that the reader is; ``None`` without a lesson.  Presenter mode has the workshop's."""
    name = lesson or (LESSON_NAMES[1] if present else None)
    if name is None:
        return None
    known, _ = known_answers(guesses)
    return Place(LESSONS[name], min(step, len(LESSONS[name].steps) + 1), known, bool(present), present == SHEET)


def known_answers(text: str) -> tuple[dict[str, str], list[str]]:
    """Those of the answers that a step takes, and the others as texts."""
    known, unknown = {}, []
    for name, answer in kit_answers.answers(text).items():
        if name in QUESTIONS and (answer == SHOWN or answer in QUESTIONS[name].answer.texts):
            known[name] = answer
        else:
            unknown.append(f"{name}.{answer}")
    return known, unknown


def shown(setting: Callable[[str], Any]) -> set[str]:
    """Names of the controls that the page shows, by what all of them are set to."""
    here = place(*map(setting, LESSON_KEYS))
    if here and (here.present or not here.step or here.veiled):
        return set()
    # What stands in the chapter itself is hidden with it.
    return chapters.shown(setting, inside=not (here and here.hides))


def put_right(linked: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What a link asks of a lesson, as it can be had, and one line for each thing that could not."""
    right, corrections = {key: value for key, value in linked.items() if key in (*LESSON_KEYS, "sent")}, []
    for key in ("guesses", "sent"):
        known, unknown = known_answers(right.get(key, ""))
        if unknown:
            right[key] = kit_answers.answers_text(known)
            left_out = quoted(", ".join(unknown), 40)
            corrections.append(f"**{key}** takes answers to the lessons' questions; the page left out {left_out}.")
    name = right.get("lesson") or (LESSON_NAMES[1] if right.get("present") else None)
    last = len(LESSONS[name].steps) + 1 if name else 1
    if name and right.get("step", 1) > last:
        corrections.append(f"**step** takes a whole number from 1 to {last} in this lesson; the page uses **{last}**.")
        right["step"] = last
    if look := linked.get("clinic_look"):
        looks = _looks(right)
        right["clinic_look"] = look if look in looks else None
        if look not in looks:
            takes = f"takes one of {', '.join(looks)} with this patient" if looks else "is for a patient of the clinic"
            corrections.append(f"**clinic_look** {takes}; the page left out **{look}**.")
    return right, corrections


def _looks(right: Mapping[str, Any]) -> Collection[str]:
    """What the patient can be looked into with, if there is one and no diagnosis yet."""
    here = place(*[right.get(key, DEFAULTS[key]) for key in LESSON_KEYS])
    return LOOKS[here.step.case.chapter] if here and here.veiled and here.step and here.step.case else ()


def arrive(linked: Mapping[str, Any]) -> Arrival:
    """What a link means for the lessons; one that says nothing else, as one types it, sets what its step sets, and so
    does one to the slides or the leader's page, which show nothing else: its address has no other chapter's name."""
    right, corrections = put_right(linked)
    room, lines = door.arrive({**linked, **right})
    right, corrections = {**right, **room}, [*corrections, *lines]
    controls: Mapping[str, Any] = {}
    reader = place(*[right.get(key, DEFAULTS[key]) for key in LESSON_KEYS])
    if reader and (reader.present or linked.keys() <= {*LESSON_KEYS, *CLINIC_KEYS, *ROOM_KEYS}):
        controls = reader.step.controls if reader.step and not reader.veiled else {}
    return Arrival(right, controls, corrections)
