"""What a room has made of the questions whose truth it was shown: on the page, on paper, as a table to take home."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from vanish.ui.kit import origin
from vanish.ui.kit.origin import Origin
from vanish.ui.lesson import results
from vanish.ui.lesson.answers import GOOD, Options, Result
from vanish.ui.lesson.room import words
from vanish.ui.lesson.room.store import Rooms, Tally
from vanish.ui.lesson.steps import LESSONS, Step

COLUMNS = (
    "question (its name in links); guess (as links have it); said (the same in words); people (who have said it, a "
    "number of people); near (whether it is right, or within a power of ten or 10 points); measured (by this page)"
)


@dataclass(frozen=True)
class Score:
    """A question, what the room has said to it, and what was measured."""

    step: Step
    tally: Tally
    result: Result

    def near(self, text: str) -> bool:
        """Whether a guess is right, or near."""
        return self.step.answer.miss(text, self.result) <= GOOD

    @property
    def good(self) -> int:
        """How many guesses are right or near."""
        return sum(n for text, n in self.tally.counts.items() if n and self.near(text))

    @property
    def typical(self) -> str:
        """What was said most often, or the guess in the middle of all numbers; in words."""
        counts, half = self.tally.counts, (self.tally.answered + 1) // 2
        if isinstance(self.step.answer, Options) or not self.tally.answered:
            return words.most_frequent({self.step.answer.texts[text]: n for text, n in counts.items()})
        below = 0
        for text, n in counts.items():
            below += n
            if below >= half:
                return self.step.answer.texts[text]
        raise AssertionError("half of them are not above all")

    @property
    def share(self) -> str:
        """How many in a hundred were right or near."""
        n = self.tally.answered
        return words.in_a_hundred(self.good, n) if n else "no guesses:"

    @property
    def said(self) -> str:
        """How many were right or near."""
        return words.scored(self.good, self.tally.answered)

    @property
    def words(self) -> str:
        """All of it in one line."""
        middle = "said most often" if isinstance(self.step.answer, Options) else "in the middle"
        typical = f"; {middle}: {self.typical}" if self.tally.answered else ""
        return f"{self.said}{typical}; measured: {self.step.answer.truth(self.result)}"


def scores(rooms: Rooms, code: str) -> list[Score]:
    """Of each question whose truth the room has been shown, in the lesson's order."""
    room = rooms.look(code)
    if room is None:
        return []
    shown = [step for step in LESSONS[room.lesson].steps if step.name in room.shown and results.is_known(step)]
    return [Score(step, rooms.tally(code, step.name), results.result(step)) for step in shown]


def listed(scored: Sequence[Score]) -> str:
    """As a list in Markdown."""
    return "\n".join(f"- **{one.step.title}**: {one.words}" for one in scored)


def section(scored: Sequence[Score]) -> str:
    """As part of a document; nothing, where there is no score."""
    lines = "".join(f"<li><strong>{escape(one.step.title)}</strong>: {escape(one.words)}</li>" for one in scored)
    return f"<h2>The room</h2>\n<ul>{lines}</ul>" if scored else ""


def frame(scored: Sequence[Score]) -> pd.DataFrame:
    """A row for each guess that somebody has made: ``question, guess, said, people, near, measured``."""
    lines = [
        (one.step.name, text, one.step.answer.texts[text], n, one.near(text), one.step.answer.truth(one.result))
        for one in scored
        for text, n in one.tally.counts.items()
        if n
    ]
    return pd.DataFrame(lines, columns=["question", "guess", "said", "people", "near", "measured"])


def csv(scored: Sequence[Score], lesson: str, link: str) -> str:
    """The same as a file; ``link`` leads to the lesson, and not into the room."""
    about = Origin(f"{link}?lesson={lesson}", lambda: (("Lesson", LESSONS[lesson].title),))
    return origin.csv(frame(scored), COLUMNS, about)
