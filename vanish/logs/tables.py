"""Delimited text: a column a layer, a row a layer, or the statistics of one parameter in columns."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, zip_longest

import numpy as np
from numpy.typing import NDArray

from vanish.logs.cells import read_cell, read_row
from vanish.logs.headings import (
    COUNTED,
    PARAMETER,
    Heading,
    counted_layer,
    parameter_of_file,
    read_heading,
    read_headings,
    run_of_file,
    size_of_file,
)
from vanish.logs.log import Decision, State
from vanish.logs.readings import Readings
from vanish.logs.sizes import NO_SIZE
from vanish.logs.steps import Repeats, counted
from vanish.numerics.arrays import Array

Rows = list[tuple[int, list[str]]]

# A comma comes after the others: it may stand for a decimal point.
DELIMITERS = (";", "\t", ",", "|")
COMMENT = re.compile(r"\s*(?:#|//|%)")

# What a size that is there says counts for more than what can be made of others.
EXPECTED = "a number, nan, inf, or nothing"


# To find the delimiter, the first lines are enough, and of wide ones fewer.
LINES_TRIED, CHARACTERS_TRIED, MOST_TRIED = 60, 100_000, 4_000

MOST_COLUMNS = 50_000


def split_rows(text: str) -> Rows | None:
    """Numbered rows of fields, or ``None`` where the text is no table: most rows must have as many fields.

    Each line is a row of its own, so that a quotation mark which is never closed spoils one row alone.
    """
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip() and not COMMENT.match(line)]
    if not lines:
        return None
    tried = max(5, CHARACTERS_TRIED // len(lines[0][1]))
    delimiter = _delimiter([line for _, line in lines[: min(LINES_TRIED, tried)]])
    return None if delimiter is None else [(n, _fields(line, delimiter)) for n, line in lines]


def _fields(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return line.split(delimiter)


def _delimiter(lines: Sequence[str]) -> str | None:
    best: tuple[float, int, str] | None = None
    for place, delimiter in enumerate(DELIMITERS):
        rows = [_fields(line, delimiter) for line in lines]
        width, often = Counter(map(len, rows)).most_common(1)[0]
        share = often / len(rows)
        if width < 2 or (share < 0.6 and len(rows) > 2):
            continue
        numbers = _share_of_numbers(rows)
        if numbers >= 0.6 and (best is None or (share * numbers, -place) > best[:2]):
            best = (share * numbers, -place, delimiter)
    return best[2] if best else None


def _share_of_numbers(rows: list[list[str]]) -> float:
    """Of the fields below the first row, in the column that holds most."""
    below = [row[:MOST_TRIED] for row in rows[1:] or rows]
    columns = zip_longest(*below, fillvalue="")
    return max((sum(read_cell(field) is not None for field in column) / len(below) for column in columns), default=0.0)


def read_table(file: str, rows: Rows, readings: Readings, run: str | None = None) -> None:
    """Fill ``readings`` from the rows of one file."""
    first = [field.strip() for field in _first_row(file, rows, readings)]
    numeric = [read_cell(field) is not None for field in first]
    if len(first) == 2 and not numeric[0] and numeric[1]:
        _read_long(file, rows, [Heading("name"), Heading("size")], readings)
        return
    if all(numeric) and not _counts_up(first):
        names = [Heading("parameter", f"layer {n}") for n in range(1, len(first) + 1)]
        readings.sources.append("rows of numbers without names: a column a layer")
        _read_wide(file, rows, names, readings)
        return
    headings = [
        Heading("parameter", f"layer {field}") if read_cell(field) else heading
        for field, heading in zip(first, read_headings(first), strict=True)
    ]
    headings = two_layers(file, _with_counter(headings, first, rows[1:]), first, readings)
    roles = [heading.role for heading in headings]
    body = rows[1:]
    parameters = [heading for heading in headings if heading.role == "parameter"]
    sizes = roles.count("size")
    if "name" in roles and sizes:
        _read_long(file, body, headings, readings)
    elif sizes and not any(heading.marked for heading in parameters) and sizes >= len(parameters):
        if is_of_run(run_of_file(file), readings, run):
            _read_statistics(file, body, headings, readings)
    else:
        readings.sources.append("a table with a column a parameter")
        chosen = _one_run(headings, readings, run)
        spoken = _gradients_only(chosen)
        readings.left_out += _left_out(first, headings, chosen, spoken)
        _read_wide(file, body, _steps_only(spoken, first), readings, first)


def _first_row(file: str, rows: Rows, readings: Readings) -> list[str]:
    """The headings, as many as the rows below have fields: R leaves out the one of the rows' numbers."""
    (number, first), *body = rows
    width = Counter(len(row) for _, row in body).most_common(1)[0][0] if body else len(first)
    if len(first) + 1 == width and not any(read_cell(field) for field in first):
        return ["index", *first]
    # Of a file that breaks off in its first rows, those say nothing.
    most = min(MOST_COLUMNS, 2 * width + 100) if len(body) >= 5 else MOST_COLUMNS
    if len(first) > most:
        readings.problem(file, number, None, f"{len(first)} columns", f"up to {most}: those beyond are left out")
    return first[:most]


def _with_counter(headings: list[Heading], first: list[str], body: Rows) -> list[Heading]:
    """A first column that counts rows is a step's, whatever it is called, if it is not called as the others are."""
    texts = [place_in(row, 0).strip() for _, row in body]
    alike = [bool(re.search(r"[./\d]", text)) for text in first]
    if any(h.role == "step" for h in headings) or alike[0] or 2 * sum(alike) < len(alike) or len(texts) < 2:
        return headings
    whole = all(text.isdecimal() and len(text) < 16 for text in texts)
    rises = whole and all(int(a) < int(b) for a, b in pairwise(texts))
    return [Heading("step"), *headings[1:]] if rises else headings


def two_layers(file: str, headings: list[Heading], texts: list[str], readings: Readings) -> list[Heading]:
    """Two columns that are called alike and numbered 1 and 2, as two norms are, or two layers: layers, unless there is
    a layer whose norms they could be, or another size beside them."""
    named = {"name", "parameter"} & {heading.role for heading in headings}
    if named or PARAMETER.search(parameter_of_file(file)):
        return headings
    sizes = [text for text, heading in zip(texts, headings, strict=True) if heading.role == "size"]
    numbered = [match.groups() for text in sizes if (match := COUNTED.fullmatch(text))]
    if len(sizes) != 2 or len(numbered) != 2 or sorted(numbered) != [(numbered[0][0], n) for n in ("1", "2")]:
        return headings
    reason = "two are called alike and numbered 1 and 2, and nothing says of which layer they would be two norms"
    readings.decide(Decision("columns", "two layers", reason))
    return [counted_layer(text, {numbered[0][0]}) or own for text, own in zip(texts, headings, strict=True)]


# Columns that nobody misses: rows' numbers, and what W&B adds to every column.
UNMISSED = re.compile(r"(?:unnamed.*|index|.*__M(?:IN|AX))?", re.I)


def _left_out(texts: list[str], headings: list[Heading], of_run: list[Heading], spoken: list[Heading]) -> list[str]:
    """Columns that hold something else than gradients, by their names; those of other runs are not among them."""
    other = ("other", "total")
    return [
        text
        for text, own, chosen, kept in zip(texts, headings, of_run, spoken, strict=True)
        if (own.role in other or (chosen.role == "parameter" and kept.role in other)) and not UNMISSED.fullmatch(text)
    ]


def _counts_up(fields: Sequence[str]) -> bool:
    """Whether a first row is 0, 1, 2, ... or 1, 2, 3, ...: layers' numbers, not gradients."""
    return (
        len(fields) > 2 and fields[0] in ("0", "1") and fields == [str(int(fields[0]) + n) for n in range(len(fields))]
    )


def _one_run(headings: list[Heading], readings: Readings, run: str | None) -> list[Heading]:
    """Of several runs side by side, as W&B exports them, one."""
    runs = list(dict.fromkeys(heading.run for heading in headings if heading.role == "parameter" and heading.run))
    readings.runs += [name for name in runs if name not in readings.runs]
    if len(runs) < 2:
        return headings
    chosen = run if run in runs else runs[0]
    return [heading if heading.run in ("", chosen) else Heading("other") for heading in headings]


def is_of_run(own: str, readings: Readings, run: str | None) -> bool:
    """Whether a file that holds one parameter belongs to the run that is read: the one asked for, else the first."""
    if own and own not in readings.runs:
        readings.runs.append(own)
    return not own or own == (run if run is not None else readings.runs[0])


def _gradients_only(headings: list[Heading]) -> list[Heading]:
    """Where some columns speak of gradients, the others hold something else."""
    if not any(heading.marked and heading.role == "parameter" for heading in headings):
        return headings
    return [Heading("other") if h.role == "parameter" and not h.marked else h for h in headings]


def _steps_only(headings: list[Heading], texts: list[str]) -> list[Heading]:
    """Where a parameter has a column of its steps and one of epochs' means, the former."""
    each = {h.name for h, text in zip(headings, texts, strict=True) if h.role == "parameter" and text.endswith("_step")}
    return [
        Heading("other") if h.role == "parameter" and h.name in each and text.endswith("_epoch") else h
        for h, text in zip(headings, texts, strict=True)
    ]


def _read_wide(file: str, rows: Rows, headings: list[Heading], readings: Readings, texts: Sequence[str] = ()) -> None:
    columns = [place for place, heading in enumerate(headings) if heading.role == "parameter"]
    if not columns:
        readings.problem(file, 1, None, ", ".join(texts[:6]), "at least one column with a parameter's gradients")
        return
    width = len(headings)
    kept, parts = [], []
    for number, row in rows:
        if len(row) != width:
            readings.problem(file, number, None, f"{len(row)} fields", f"{width} fields, as in the first row")
            row = (row + [""] * width)[:width]
        values, states, resolutions, unread = read_row([row[place] for place in columns])
        for place in unread:
            readings.problem(file, number, headings[columns[place]].name, row[columns[place]], EXPECTED)
        if (states != State.MISSING).any():
            kept.append((number, row))
            parts.append((values, states, resolutions))
    if not kept:
        return
    values, states, resolutions = (np.stack(each) for each in zip(*parts, strict=True))
    starts = _gathered(states)
    if len(starts) > len(set(starts)):
        # What is empty in such a row was not logged by it.
        states = np.where(
            (states != State.MISSING) | (states == State.MISSING).all(axis=0), states, np.uint8(State.ABSENT)
        )
    first_rows = sorted(set(starts))
    numbers = _steps(file, [kept[place] for place in first_rows], headings, readings)
    steps = numbers[np.searchsorted(first_rows, starts)]
    scale_at = next((place for place, heading in enumerate(headings) if heading.role == "scale"), None)
    if scale_at is not None:
        for step, scale in zip(steps.tolist(), _column(file, kept, scale_at).tolist(), strict=True):
            readings.know_scale(step, scale)
    chosen = [headings[place] for place in columns]
    readings.add_table(
        steps,
        [heading.name for heading in chosen],
        [heading.size for heading in chosen],
        (values, states, resolutions),
    )


def _gathered(states: NDArray[np.uint8]) -> list[int]:
    """Where each row holds a few of the columns only, one parameter after the other: rows that follow each other are
    one step, until a column comes again.  Of each row the first of its step."""
    held = states != State.MISSING
    each = list(range(len(held)))
    if 2 * int(held.sum(axis=1).max()) > held.shape[1]:
        return each
    starts: list[int] = []
    seen = np.zeros(held.shape[1], dtype=bool)
    for place, row in enumerate(held):
        again = not place or bool((seen & row).any())
        starts.append(place if again else starts[-1])
        seen = row.copy() if again else seen | row
    return each if 2 * len(set(starts)) > len(held) else starts


def _steps(file: str, rows: Rows, headings: list[Heading], readings: Readings) -> Array:
    """Each row's step: the column that says it, if most rows have one of their own; else the rows are counted."""
    epochs, counts = (
        [_column(file, rows, place, readings) for place, heading in enumerate(headings) if heading.role == role]
        for role in ("epoch", "step")
    )
    found = [counted(epochs[0], steps) if epochs else steps for steps in counts] + epochs
    for steps in found:
        if np.isfinite(steps).all() and 2 * len(np.unique(steps)) > len(steps):
            return steps
    return np.arange(len(rows), dtype=np.float64)


def _read_long(file: str, rows: Rows, headings: list[Heading], readings: Readings) -> None:
    """A row a parameter and step: its name, perhaps its kind and shape, one or more sizes."""
    readings.sources.append("a table with a row a parameter")
    places: dict[str, int] = {heading.role: place for place, heading in reversed(list(enumerate(headings)))}
    sizes = [(place, heading.size) for place, heading in enumerate(headings) if heading.role == "size"]
    needed = max(places["name"], *(place for place, _ in sizes))
    for number, row in rows:
        if len(row) <= needed:
            readings.problem(file, number, None, f"{len(row)} fields", f"{len(headings)} fields")
    rows = [pair for pair in rows if len(pair[1]) > needed]
    epochs, steps, scales = (
        _column(file, rows, places.get(role), readings if role != "scale" else None)
        for role in ("epoch", "step", "scale")
    )
    steps = counted(epochs, steps)
    names = _long_names(rows, places)
    told = [name for name, _ in names]
    if not np.isfinite(steps).all():
        repeats = Repeats()
        steps = np.array([repeats.step(name, "") for name in told])
    kept = np.array([bool(name) for name in told], dtype=bool)
    for place, size in sizes:
        texts = [row[place] for _, row in rows]
        values, states, resolutions, unread = read_row(texts)
        sound = kept.copy()
        for at in unread:
            if kept[at]:
                readings.problem(file, rows[at][0], headings[place].size, texts[at], EXPECTED)
            sound[at] = False
        own = [size if size != "unknown" else named for _, named in names]
        readings.add_column(steps, told, own, (values, states, resolutions), sound)
    for step, scale in dict(zip(steps.tolist(), scales.tolist(), strict=True)).items():
        readings.know_scale(step, scale)
    if "shape" in places:
        for name, text in {
            name: place_in(row, places["shape"]) for name, (_, row) in zip(told, rows, strict=True)
        }.items():
            shape = shape_in(text)
            if name and shape:
                readings.know_shape(name, shape)
    if "entries" in places:
        for name, count in dict(zip(told, _column(file, rows, places["entries"]).tolist(), strict=True)).items():
            if name and 1 <= count < np.inf:
                readings.know_entries(name, count)


def _column(file: str, rows: Rows, place: int | None, readings: Readings | None = None) -> Array:
    """Numbers of one column, nan where there is none.

    With ``readings`` they are steps: where most are numbers, one that is none lies between its neighbours, which is
    said.
    """
    if place is None or not rows:
        return np.full(len(rows), np.nan)
    texts = [place_in(row, place) for _, row in rows]
    values, states, _, unread = read_row(texts)
    finite = np.isfinite(values)
    if readings is None or finite.all() or 2 * finite.sum() <= len(values):
        return np.where(states == State.MISSING, np.nan, values)
    for at in unread:
        readings.problem(file, rows[at][0], "step", texts[at], "a step's number")
    return np.interp(np.arange(len(values)), np.flatnonzero(finite), values[finite])


def _long_names(rows: Rows, places: dict[str, int]) -> list[tuple[str, str]]:
    """Each row's parameter and the size that its name speaks of; no name where the row is no parameter's."""
    at, kind_at = places["name"], places.get("kind")
    told: dict[tuple[str, str], tuple[str, str]] = {}
    names = []
    for _, row in rows:
        key = (row[at], place_in(row, kind_at) if kind_at is not None else "")
        if key not in told:
            told[key] = _long_name(key[0].strip(), key[1].strip())
        names.append(told[key])
    return names


def _long_name(name: str, kind: str) -> tuple[str, str]:
    number = read_cell(name) is not None
    name = f"layer {name}" if number and name else name or "unnamed"
    name = f"{name}.{kind}" if kind else name
    heading = read_heading(name)
    if heading.role in ("total", "other", "epoch", "time") and not number:
        return "", "unknown"
    return (heading.name, heading.size) if heading.marked and heading.name else (name, "unknown")


def place_in(row: list[str], place: int) -> str:
    """A row's field, empty where the row is too short."""
    return row[place] if place < len(row) else ""


def shape_in(text: str) -> tuple[int, ...]:
    """The shape in ``[64, 32]``, ``torch.Size([64, 32])`` or ``64x32``; empty where there is none."""
    digits = re.findall(r"\d{1,9}", text[:200])
    return tuple(int(number) for number in digits if int(number) > 0)[:8]


def _read_statistics(file: str, rows: Rows, headings: list[Heading], readings: Readings) -> None:
    """One parameter's statistics in columns, its name in the file's."""
    readings.sources.append("a file a parameter, statistics in columns")
    name = parameter_of_file(file)
    columns = [place for place, heading in enumerate(headings) if heading.role == "size"]
    named = size_of_file(file) or "unknown"
    wide = [
        Heading("parameter", name, named if h.size == "unknown" else h.size) if place in columns else h
        for place, h in enumerate(headings)
    ]
    extremes = {h.size: place for place, h in enumerate(headings) if h.size in NO_SIZE}
    _read_wide(file, rows, wide, readings)
    if "min" in extremes and "max" in extremes and not any(h.size == "max_abs" for h in wide):
        steps = _steps(file, rows, headings, readings)
        for step, (_, row) in zip(steps, rows, strict=True):
            both = [read_cell(place_in(row, extremes[size])) for size in ("min", "max")]
            known = [cell for cell in both if cell]
            if len(known) == 2:
                readings.add(float(step), name, "max_abs", max(known, key=lambda cell: abs(cell.value)).absolute())
