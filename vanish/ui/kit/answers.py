"""A lesson's answers as one text in the link."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vanish.ui.kit.controls import OnChange

# One answer of a lesson: the question's name, a full stop, the answer; empty if it was shown without a guess.
_ANSWER = re.compile(r"([a-z][a-z0-9_]{0,24})\.([a-z0-9_.+-]{0,24})")


BETWEEN = "~"


def answers(text: str) -> dict[str, str]:
    """``decay.1e-6~rank.tanh`` by question; ValueError if a part is no answer or a question comes twice."""
    by_question: dict[str, str] = {}
    for part in text.split(BETWEEN) if text else ():
        matched = _ANSWER.fullmatch(part)
        if not matched or matched[1] in by_question:
            raise ValueError
        by_question[matched[1]] = matched[2]
    return by_question


def answers_text(by_question: Mapping[str, str]) -> str:
    return BETWEEN.join(f"{name}.{answer}" for name, answer in by_question.items())


@dataclass(frozen=True)
class Answers:
    """The reader's answers so far, as one text; which questions there are is for the lessons to say."""

    at_most: int
    label: str
    help: str

    @property
    def allowed(self) -> str:
        return f"up to {self.at_most} answers to questions of the lessons, such as decay.1e-6{BETWEEN}rank.tanh"

    def parse(self, texts: Sequence[str]) -> tuple[str, bool]:
        """Those of the link's answers that read as such, each question once."""
        # No more is looked at than could be kept.
        parts = texts[-1][: 52 * self.at_most].split(BETWEEN)
        readable = {matched[1]: matched[2] for part in parts if (matched := _ANSWER.fullmatch(part))}
        text = answers_text(dict(list(readable.items())[: self.at_most]))
        if texts[-1] and not text:
            raise ValueError
        return text, [text] == [*texts]

    def check(self, value: Any) -> str:
        """``value`` if it reads as answers."""
        if not isinstance(value, str) or len(value) > 52 * self.at_most or len(answers(value)) > self.at_most:
            raise ValueError
        return value

    def draw(self, key: str, default: Any, on_change: OnChange | None = None) -> None:
        """Nothing: the lesson's own buttons set it."""
