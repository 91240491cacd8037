"""Where a reader is in a lesson, and what came of each step."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from vanish.ui.kit import answers as kit_answers
from vanish.ui.lesson import words as lesson_words
from vanish.ui.lesson.answers import GOOD, SHOWN, Result
from vanish.ui.lesson.measures import Report
from vanish.ui.lesson.steps import STEPS, Step
from vanish.ui.shell.settings import LESSON_KEYS, LESSON_NAMES


@dataclass(frozen=True)
class Lesson:
    """A path through the steps."""

    name: str
    minutes: int
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """What one chooses between."""
        return f"{self.minutes} minutes, {len(self.steps)} questions"


LESSONS: Mapping[str, Lesson] = MappingProxyType(
    {
        name: Lesson(name, minutes, tuple(STEPS[step] for step in steps))
        for name, minutes, steps in (
            (LESSON_NAMES[0], 10, ("decay", "rank", "he", "steps", "accuracy")),
            (LESSON_NAMES[1], 45, tuple(STEPS)),
        )
    }
)


@dataclass(frozen=True)
class Place:
    """Where a reader is: ``number`` is the step's, from 1; one more than there are is the take-aways."""

    lesson: Lesson
    number: int
    answers: Mapping[str, str]
    present: bool = False

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


def place(lesson: str | None, step: int, guesses: str, present: int) -> Place | None:
    """Where the settings say that the reader is; ``None`` without a lesson.  Presenter mode has the workshop's."""
    name = lesson or (LESSON_NAMES[1] if present else None)
    if name is None:
        return None
    known, _ = known_answers(guesses)
    return Place(LESSONS[name], min(step, len(LESSONS[name].steps) + 1), known, bool(present))


def known_answers(text: str) -> tuple[dict[str, str], list[str]]:
    """Those of the answers that a step takes, and the others as texts."""
    known, unknown = {}, []
    for name, answer in kit_answers.answers(text).items():
        if name in STEPS and (answer == SHOWN or answer in STEPS[name].answer.texts):
            known[name] = answer
        else:
            unknown.append(f"{name}.{answer}")
    return known, unknown


def put_right(linked: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What a link asks of a lesson, as it can be had, and one line for each thing that could not."""
    right, corrections = {key: value for key, value in linked.items() if key in LESSON_KEYS}, []
    known, unknown = known_answers(right.get("guesses", ""))
    if unknown:
        right["guesses"] = kit_answers.answers_text(known)
        corrections.append(
            f"**guesses** takes answers to the lessons' questions; the page left out `{', '.join(unknown)[:40]}`."
        )
    name = right.get("lesson") or (LESSON_NAMES[1] if right.get("present") else None)
    last = len(LESSONS[name].steps) + 1 if name else 1
    if name and right.get("step", 1) > last:
        corrections.append(
            f"**step** takes a whole number from 1 to {last} in this lesson; the page got `{right['step']}` and uses "
            f"**{last}**."
        )
        right["step"] = last
    return right, corrections


_measured: dict[str, Result] = {}


def is_known(step: Step) -> bool:
    """Whether the engine has been asked already."""
    return step.name in _measured


def _quietly(share: float, words: str) -> None:
    """Nobody is waiting."""


def result(step: Step, report: Report = _quietly) -> Result:
    """What the engine says to a step's question: the same for everybody, so it is asked once."""
    if not is_known(step):
        _measured[step.name] = step.measure(step.as_set, report)
    return _measured[step.name]


@dataclass(frozen=True)
class Outcome:
    """A step that the reader has answered, and what came of it."""

    step: Step
    text: str
    result: Result

    @property
    def guessed(self) -> bool:
        """Whether there was a guess."""
        return self.text != SHOWN

    @property
    def miss(self) -> float:
        """How far off the guess was; nothing without one."""
        return self.step.answer.miss(self.text, self.result) if self.guessed else 0.0

    @property
    def good(self) -> bool:
        """Whether it was right, or near."""
        return self.guessed and self.miss <= GOOD

    @property
    def guess(self) -> str:
        """The guess in words."""
        return self.step.answer.texts[self.text] if self.guessed else "no guess"

    @property
    def verdict(self) -> str:
        """How far off it was, in words."""
        measured = self.step.answer.truth(self.result)
        return self.step.answer.verdict(self.text, self.result) if self.guessed else f"The answer: {measured}."


def score(outcomes: list[Outcome], total: int) -> str:
    """How it went, kindly."""
    return lesson_words.score(sum(o.good for o in outcomes), sum(o.guessed for o in outcomes), total)
