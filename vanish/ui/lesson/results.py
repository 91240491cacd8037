"""What the engine says to each question, asked once for everybody, and what came of a reader's answer."""

from dataclasses import dataclass

from vanish.ui.kit.shared import STORE
from vanish.ui.lesson import words as lesson_words
from vanish.ui.lesson.answers import GOOD, SHOWN, Result
from vanish.ui.lesson.measures import Report, quietly
from vanish.ui.lesson.steps import Step


def _key(step: Step) -> tuple[str, str]:
    return ("lesson", step.name)


def is_known(step: Step) -> bool:
    """Whether the engine has been asked already."""
    return STORE.holds(_key(step))


def result(step: Step, report: Report = quietly) -> Result:
    """What the engine says to a step's question: the same for everybody, so it is asked once."""
    answer: Result = STORE.get(_key(step), lambda: step.measure(step.as_set, report), long=True)
    return answer


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
        return self.step.answer.texts[self.text] if self.guessed else "no guess"

    @property
    def verdict(self) -> str:
        """How far off it was, in words."""
        measured = self.step.answer.truth(self.result)
        return self.step.answer.verdict(self.text, self.result) if self.guessed else f"The answer: {measured}."


def score(outcomes: list[Outcome], total: int) -> str:
    """How it went, kindly."""
    return lesson_words.score(sum(o.good for o in outcomes), sum(o.guessed for o in outcomes), total)
