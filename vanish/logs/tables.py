"""Delimited text: a column a layer, a row a layer, or the statistics of one parameter in columns."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from vanish.logs.cells import read_cell, read_row
from vanish.logs.headings import Heading, parameter_of_file, read_heading, size_of_file
from vanish.logs.log import State
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


def split_rows(text: str) -> Rows | None:
    """Numbered rows of fields, or ``None`` where the text is no table: most rows must have as many fields."""
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip() and not COMMENT.match(line)]
    if not lines:
        return None
    delimiter = _delimiter([line for _, line in lines[:60]])
    if delimiter is None:
        return None
    try:
        fields = list(csv.reader((line for _, line in lines), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return None
    if len(fields) != len(lines):
        # A quoted field ran over several lines: rows are counted instead.
        return list(enumerate(fields, 1))
    return [(n, row) for (n, _), row in zip(lines, fields, strict=True)]


def _delimiter(lines: Sequence[str]) -> str | None:
    best: tuple[float, int, str] | None = None
    for place, delimiter in enumerate(DELIMITERS):
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            continue
        width, often = counts.most_common(1)[0]
        share = often / sum(counts.values())
        numbers = _share_of_numbers(lines, delimiter)
        if width >= 2 and share >= 0.6 and numbers >= 0.6 and (best is None or (share * numbers, -place) > best[:2]):
            best = (share * numbers, -place, delimiter)
    return best[2] if best else None


def _share_of_numbers(lines: Sequence[str], delimiter: str) -> float:
    """Of the fields below the first row, in the column that holds most."""
    rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    below = rows[1:] or rows
    columns = zip_longest(*below, fillvalue="")
    return max((sum(read_cell(field) is not None for field in column) / len(below) for column in columns), default=0.0)


def read_table(file: str, rows: Rows, readings: Readings, run: str | None = None) -> None:
    """Fill ``readings`` from the rows of one file."""
    first = [field.strip() for field in rows[0][1]]
    numeric = [read_cell(field) is not None for field in first]
    if len(first) == 2 and not numeric[0] and numeric[1]:
        _read_long(file, rows, [Heading("name"), Heading("size")], readings)
        return
    if all(numeric) and not _counts_up(first):
        names = [Heading("parameter", f"layer {n}") for n in range(1, len(first) + 1)]
        readings.sources.append("rows of numbers without names: a column a layer")
        _read_wide(file, rows, names, readings)
        return
    headings = [Heading("parameter", f"layer {field}") if read_cell(field) else read_heading(field) for field in first]
    roles = [heading.role for heading in headings]
    body = rows[1:]
    parameters = [heading for heading in headings if heading.role == "parameter"]
    sizes = roles.count("size")
    if "name" in roles and sizes:
        _read_long(file, body, headings, readings)
    elif sizes and not any(heading.marked for heading in parameters) and sizes >= len(parameters):
        _read_statistics(file, body, headings, readings)
    else:
        readings.sources.append("a table with a column a parameter")
        headings = _steps_only(_gradients_only(_one_run(headings, readings, run)), first)
        _read_wide(file, body, headings, readings)


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


def _read_wide(file: str, rows: Rows, headings: list[Heading], readings: Readings) -> None:
    columns = [place for place, heading in enumerate(headings) if heading.role == "parameter"]
    if not columns:
        names = ", ".join(f"'{heading.role}'" for heading in headings[:6])
        readings.problem(file, 1, None, names, "at least one column with a parameter's gradients")
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
    if kept:
        values, states, resolutions = (np.stack(each) for each in zip(*parts, strict=True))
        chosen = [headings[place] for place in columns]
        steps = _steps(file, kept, headings, readings)
        places: dict[str, int] = {heading.role: place for place, heading in reversed(list(enumerate(headings)))}
        if "scale" in places:
            for step, scale in zip(steps.tolist(), _column(kept, places, "scale").tolist(), strict=True):
                readings.know_scale(step, scale)
        readings.add_table(
            steps,
            [heading.name for heading in chosen],
            [heading.size for heading in chosen],
            (values, states, resolutions),
        )


def _steps(file: str, rows: Rows, headings: list[Heading], readings: Readings) -> Array:
    """Each row's step: the column that says it; of epochs only where each stands once; else the rows are counted."""
    for role in ("step", "epoch"):
        for place in (place for place, heading in enumerate(headings) if heading.role == role):
            cells = [read_cell(row[place]) if place < len(row) else None for _, row in rows]
            steps = np.array([cell.value if cell else np.nan for cell in cells])
            if np.isfinite(steps).all() and len(np.unique(steps)) == len(steps):
                return steps
    return np.arange(len(rows), dtype=np.float64)


def _read_long(file: str, rows: Rows, headings: list[Heading], readings: Readings) -> None:
    """A row a parameter and step: its name, perhaps its kind and shape, one or more sizes."""
    readings.sources.append("a table with a row a parameter")
    places: dict[str, int] = {heading.role: place for place, heading in reversed(list(enumerate(headings)))}
    sizes = [(place, heading.size) for place, heading in enumerate(headings) if heading.role == "size"]
    counter = Repeats()
    steps = counted(_column(rows, places, "epoch"), _column(rows, places, "step"))
    scales = _column(rows, places, "scale")
    for step, scale, (number, row) in zip(steps.tolist(), scales.tolist(), rows, strict=True):
        if len(row) <= max(places["name"], *(place for place, _ in sizes)):
            readings.problem(file, number, None, f"{len(row)} fields", f"{len(headings)} fields")
            continue
        name = _long_name(row, places)
        heading = read_heading(name)
        name, named = (heading.name, heading.size) if heading.marked and heading.name else (name, "unknown")
        if heading.role in ("total", "other", "epoch", "time") and not read_cell(name):
            continue
        for place, size in sizes:
            cell = read_cell(row[place])
            if cell is None:
                readings.problem(file, number, headings[place].size, row[place], EXPECTED)
                continue
            size = size if size != "unknown" else named
            at = step if np.isfinite(step) else counter.step(name, size)
            readings.add(at, name, size, cell)
            readings.know_scale(at, scale)
        if "shape" in places and place_in(row, places["shape"]):
            shape = shape_in(row[places["shape"]])
            if shape:
                readings.know_shape(name, shape)
        if "entries" in places:
            count = read_cell(place_in(row, places["entries"]))
            if count and count.state == State.NUMBER and count.value >= 1:
                readings.know_entries(name, count.value)


def _column(rows: Rows, places: dict[str, int], role: str) -> Array:
    """Numbers of the column that holds a step, an epoch or a scale; nan where there is none."""
    if role not in places:
        return np.full(len(rows), np.nan)
    cells = [read_cell(place_in(row, places[role])) for _, row in rows]
    return np.array([cell.value if cell else np.nan for cell in cells])


def _long_name(row: list[str], places: dict[str, int]) -> str:
    name = row[places["name"]].strip()
    kind = place_in(row, places["kind"]).strip() if "kind" in places else ""
    name = f"layer {name}" if read_cell(name) and name else name or "unnamed"
    return f"{name}.{kind}" if kind else name


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
