"""What a question of a lesson can be answered with, and how an answer is held against what was measured.

An answer is a short text, as the link holds it: an option's name, ``5e-7``, or whole per cent.  An empty one means
that the reader asked to be shown without a guess.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import streamlit as st

from vanish.ui.kit import numbers
from vanish.ui.lesson import words

SHOWN = ""


START = "1e0"


# A miss is counted in powers of ten; so much of a share counts as one, and a wrong choice as two.
SHARE_MISS, CHOICE_MISS = 0.1, 2.0


# Within one, rounding aside, a guess is good.
GOOD = 1.0 + 1e-9


@dataclass(frozen=True)
class Result:
    """What the engine says.

    ``truth``: the right option's name, or the number that was asked for; ``rows``: the numbers to draw, by what
    they are of (for options: by the option's name), the one that was asked for first; ``title``: what numbers they
    are; ``why``: two sentences made from them; ``share``: whether they are shares from 0 to 1, on a linear axis;
    ``told``: the row that is drawn as the answer, where the right option has none of its own.
    """

    truth: str | float
    rows: Mapping[str, float]
    title: str
    why: str
    share: bool = False
    told: str | None = None

    def say(self, value: float) -> str:
        """One of the numbers in words."""
        return numbers.percent(value) if self.share else words.short(value)


class Answer(Protocol):
    """What every kind offers."""

    @property
    def texts(self) -> Mapping[str, str]:
        """Every answer that can be given, and what the reader sees of it."""
        ...

    def draw(self, label: str, key: str) -> str | None:
        """Show the widget; the answer that the reader has set it to."""
        ...

    def miss(self, text: str, result: Result) -> float:
        """How far off the answer is, in powers of ten or what counts as one; 0 is right."""
        ...

    def verdict(self, text: str, result: Result) -> str:
        """How far off the answer is, in words."""
        ...

    def truth(self, result: Result) -> str:
        """What was measured, in words."""
        ...

    def number(self, text: str) -> float | None:
        """The number that was guessed, where it is one."""
        ...


@dataclass(frozen=True)
class Options:
    """One of a few: name in the link -> what the button says."""

    choices: Mapping[str, str]

    @property
    def texts(self) -> Mapping[str, str]:
        return self.choices

    def draw(self, label: str, key: str) -> str | None:
        return st.pills(label, list(self.choices), format_func=self.choices.__getitem__, key=key)

    def miss(self, text: str, result: Result) -> float:
        return 0.0 if text == result.truth else CHOICE_MISS

    def verdict(self, text: str, result: Result) -> str:
        """Right, or what would have been."""
        return words.chosen(self.choices[text], self.truth(result), text == result.truth)

    def truth(self, result: Result) -> str:
        return self.choices[str(result.truth)]

    def number(self, text: str) -> None: ...


# Session state's own entry: the slider that the reader has moved since the question came.
_TOUCHED = "_guess_touched"


def untouched() -> None:
    """Another question comes: where its slider stands is nobody's guess."""
    st.session_state.pop(_TOUCHED, None)


def _touch(key: str) -> None:
    st.session_state[_TOUCHED] = key


def _slider(texts: Mapping[str, str], label: str, key: str) -> str | None:
    names = list(texts)
    said = st.select_slider(
        f"{label}, from {texts[names[0]]} to {texts[names[-1]]}: move the slider",
        names,
        # "Nothing changes", where there is such a place: the middle would be near too many answers.
        START if START in texts else names[len(names) // 2],
        format_func=texts.__getitem__,
        on_change=_touch,
        args=(key,),
        key=key,
    )
    return said if st.session_state.get(_TOUCHED) == key else None


@dataclass(frozen=True)
class LogGuess:
    """A number from ``10**low`` to ``10**high``, on a slider that goes 1, 2, 5, 10 within each power of ten."""

    low: int
    high: int
    unit: str = ""

    # Everybody who looks at a room asks for each of them.
    @cached_property
    def texts(self) -> Mapping[str, str]:
        places = [f"{digit}e{power}" for power in range(self.low, self.high) for digit in (1, 2, 5)]
        return {text: self._words(float(text)) for text in [*places, f"1e{self.high}"]}

    def _words(self, value: float) -> str:
        unit = self.unit.removesuffix("s") if value == 1 else self.unit
        return f"{words.short(value)} {unit}".rstrip()

    def draw(self, label: str, key: str) -> str | None:
        return _slider(self.texts, label, key)

    def miss(self, text: str, result: Result) -> float:
        """Powers of ten between guess and truth; endless where there is no such number."""
        guess, truth = float(text), float(result.truth)
        return abs(math.log10(guess) - math.log10(truth)) if 0 < truth < math.inf else math.inf

    def verdict(self, text: str, result: Result) -> str:
        """How many times too large or too small."""
        return words.off(float(text), float(result.truth))

    def truth(self, result: Result) -> str:
        return self._words(float(result.truth))

    def number(self, text: str) -> float:
        return float(text)


@dataclass(frozen=True)
class ShareGuess:
    """A share, on a slider in steps of five per cent."""

    @cached_property
    def texts(self) -> Mapping[str, str]:
        return {str(percent): f"{percent} %" for percent in range(0, 101, 5)}

    def draw(self, label: str, key: str) -> str | None:
        return _slider(self.texts, label, key)

    def miss(self, text: str, result: Result) -> float:
        points = abs(int(text) / 100 - float(result.truth))
        return points / SHARE_MISS if math.isfinite(points) else math.inf

    def verdict(self, text: str, result: Result) -> str:
        """How many points off."""
        return words.off_share(int(text) / 100, float(result.truth))

    def truth(self, result: Result) -> str:
        return numbers.percent(float(result.truth))

    def number(self, text: str) -> float:
        return int(text) / 100
