"""Arrays as NumPy and PyTorch print them, ``[1.2e-05 3.4e-06]`` or ``array([1.2e-05, 3.4e-06])``: a place a layer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from vanish.logs.cells import read_row
from vanish.logs.printed import ANSI, Steps
from vanish.logs.readings import Readings
from vanish.logs.sizes import size_in

# Brackets and numbers; what else stands between brackets makes it no array.
PART = re.compile(r"[\[\]]|(?<![\w.])[-+]?(?:nan|inf|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?)(?![\w.])", re.I)
BETWEEN = re.compile(r"[\s,]*")

# Numbers that print their own kind around them.
WRAPPED = re.compile(r"(?:np\.float\d{1,3}|tensor)\(([-+.\w]{1,40})(?:, [^()\[\]]{0,60})?\)")

# A line that begins so is no table's, for all its commas.
CALLED = re.compile(r"^\s{0,20}(?:np\.)?(?:array|tensor)\(\s{0,20}\[", re.M)

# A number with a point, a power of ten or none at all: shapes such as [64, 32] have only whole ones.
MEASURED = re.compile(r"[.en]", re.I)

# What stands before an array says which step it is of.
LONGEST_LEAD = 300

MOST_NUMBERS = 100_000


@dataclass
class _Array:
    """What has been read of one array: the text before it, and its rows of numbers."""

    lead: str
    rows: list[list[str]] = field(default_factory=list)
    sound: bool = True


def read_arrays(file: str, text: str, readings: Readings) -> bool:
    """Fill ``readings`` from printed arrays: each row a step, or the step that the text before it names; whether there
    were any."""
    before, steps = len(readings), Steps()
    arrays = [array for array in _arrays(file, WRAPPED.sub(r"\1", ANSI.sub("", text)), readings) if array.sound]
    if not any(MEASURED.search(token) for array in arrays for row in array.rows for token in row):
        return False
    # Rows of one length and kind are read at once.
    alike: dict[tuple[int, str], list[tuple[float, list[str]]]] = {}
    for array in arrays:
        steps.look_at(array.lead)
        size = size_in(array.lead) or "unknown"
        for row in array.rows:
            alike.setdefault((len(row), size), []).append((steps.of("layer 1", size), row))
    for (width, size), rows in alike.items():
        names = [f"layer {place}" for place in range(1, width + 1)]
        values, states, resolutions, _ = read_row([token for _, row in rows for token in row])
        shape = len(rows), width
        cells = values.reshape(shape), states.reshape(shape), resolutions.reshape(shape)
        at = np.array([step for step, _ in rows])
        readings.add_table(at, names, [size] * width, cells)
    if len(readings) == before:
        return False
    readings.sources.append("arrays as they are printed: a place a layer")
    return True


def _arrays(file: str, text: str, readings: Readings) -> Iterator[_Array]:
    """Every outermost pair of brackets; one that stays open ends with the text."""
    depth = end = count = 0
    array = _Array("")
    for part in PART.finditer(text):
        sign, start = part[0], part.start()
        if depth and not BETWEEN.fullmatch(text, end, start):
            array.sound = False
            if "..." in text[end : min(start, end + LONGEST_LEAD)]:
                readings.problem(file, None, None, "...", "every number: NumPy leaves out the middle of a long array")
        if sign == "[":
            if not depth:
                array = _Array(text[max(end, start - LONGEST_LEAD) : start])
            depth += 1
            array.rows.append([])
        elif sign == "]":
            depth = max(depth - 1, 0)
            if not depth and array.rows:
                yield _whole(array)
                array = _Array("")
        elif depth:
            count += 1
            if count > MOST_NUMBERS:
                readings.problem(file, None, None, f"more than {MOST_NUMBERS} numbers", "as many: the rest is left out")
                break
            array.rows[-1].append(sign)
        # Of what stands outside, a step's number among it, all is the next array's lead.
        end = part.end() if depth or sign == "]" else end
    if depth and array.rows:
        yield _whole(array)


def _whole(array: _Array) -> _Array:
    """Without empty rows; a single number in brackets is no array."""
    array.rows = [row for row in array.rows if len(row) > 1]
    return array
