"""One written number: what it says, and what it does not say."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vanish.logs.log import State
from vanish.numerics.arrays import Array

ABSENT = frozenset(("", "none", "null", "na", "n/a", "nil", "-", "--", "<na>", "undefined", "missing", "frozen"))
NOT_A_NUMBER = re.compile(r"[-+]?(1\.#)?(nan|ind|qnan|snan)(\(\w*\))?", re.IGNORECASE)
INFINITE = re.compile(r"([-+]?)(1\.#inf|inf|infinity)", re.IGNORECASE)
WRAPPED = re.compile(r"(?:tensor|array|np\.float\d+|float)\(\s*\[?([^\s,\])]{1,60})\]?[^)]*\)", re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
SMALLEST = 5e-324  # of float64: what is rounded to 0 is smaller
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")

# No number is written longer than this.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it was written.  ``resolution`` is half of the last printed digit of a zero such as ``0.0000``: what
    stood there may have been anything smaller."""

    value: float
    state: State
    resolution: float = 0.0

    def absolute(self) -> "Cell":
        """The same without its sign."""
        return replace(self, value=abs(self.value))


MISSING = Cell(math.nan, State.MISSING)


def read_cell(text: str) -> Cell | None:
    """What a piece of text says, or ``None`` where it is no number and no word for one."""
    if len(text) > LONGEST:
        text = text.strip()
        if len(text) > LONGEST:
            return None
    try:
        number = float(text)
        if number and math.isfinite(number) and "_" not in text:
            return Cell(number, State.NUMBER)
    except ValueError:
        pass
    token = text.strip().strip("'\"").strip()
    if token.lower() in ABSENT:
        return MISSING
    wrapped = WRAPPED.fullmatch(token)
    if wrapped:
        token = wrapped[1]
    if DECIMAL_COMMA.fullmatch(token):
        token = token.replace(",", ".")
    if NUMBER.fullmatch(token):
        return written(float(token), token)
    infinite = INFINITE.fullmatch(token)
    if infinite:
        return Cell(-math.inf if infinite[1] == "-" else math.inf, State.INFINITE)
    return Cell(math.nan, State.NAN) if NOT_A_NUMBER.fullmatch(token) else None


def written(value: float, token: str) -> Cell:
    """The cell of a number that was read from ``token``.

    Only zeros need their text: ``0``, ``0.0`` and ``0.000e+00`` are zeros, ``0.0000`` is anything below half of its
    last digit.  A number too large for float64 is written as one and is infinite here.
    """
    if value:
        return Cell(value, State.NUMBER if math.isfinite(value) else State.INFINITE)
    decimals = 0 if "e" in token.lower() else len(token.partition(".")[2])
    if decimals < 2:
        mantissa = re.split("[eE]", token)[0]
        tiny = any(digit in mantissa for digit in "123456789")
        return Cell(0.0, State.BELOW, SMALLEST) if tiny else Cell(0.0, State.ZERO)
    return Cell(0.0, State.BELOW, 0.5 * 10.0**-decimals)


def read_row(tokens: Sequence[str]) -> tuple[Array, NDArray[np.uint8], Array, list[int]]:
    """Values, states and resolutions of a row, each ``(n,)``, and the places of what is no number (missing there)."""
    try:
        values = np.array(list(map(float, tokens)))
    except ValueError:
        values = np.array([_float(token) for token in tokens])
    odd = ~np.isfinite(values) | (values == 0)
    if any("_" in token for token in tokens):
        odd |= np.array(["_" in token for token in tokens])
    states, resolutions = np.full(len(tokens), State.NUMBER, dtype=np.uint8), np.zeros(len(tokens))
    unread: list[int] = []
    read: dict[str, Cell | None] = {}
    for place in np.flatnonzero(odd).tolist():
        token = tokens[place]
        if token not in read:
            read[token] = read_cell(token)
        cell = read[token] or MISSING
        if read[token] is None:
            unread.append(place)
        values[place], states[place], resolutions[place] = cell.value, cell.state, cell.resolution
    return values, states, resolutions, unread


def _float(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        return math.nan
