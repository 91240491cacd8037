"""From text to a log: which format each file is in, and what is decided about all of them together."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vanish.logs.arrays import CALLED, read_arrays
from vanish.logs.broken import beginning
from vanish.logs.log import Decision, GradientLog, State
from vanish.logs.names import ORDERS, is_in_order, is_turned, kind_of, natural_order
from vanish.logs.nested import DECODER, parse_json, parse_lines, read_json, shapes_in
from vanish.logs.printed import is_overflow_report, read_overflow_report, read_printed
from vanish.logs.readings import Readings, tidy
from vanish.logs.sizes import NO_SIZE, SIZES, ZEROS
from vanish.logs.tables import read_table, split_rows
from vanish.numerics.arrays import QUIET, Array, evenly
from vanish.numerics.checks import check_choice, check_number, refusal

LARGEST_FILE = 5_000_000
MOST_FILES = 400
LARGEST_FILES = 20_000_000
MOST_PARAMETERS = 4_000
MOST_STEPS = 2_000
# Of the columns that were left out so many are named.
MOST_LEFT_OUT = 6
LARGEST_LOSS_SCALE = 2.0**40

# PyTorch's GradScaler starts from this and halves it with every step that overflows.
FIRST_LOSS_SCALE = 2.0**16

# A whole gradient this large over many steps is no loss's own.
SUSPICIOUS = 2.0**8

Source = str | os.PathLike[str] | Mapping[str, str] | Sequence[str | os.PathLike[str]]


def read_log(
    source: Source,
    *,
    size: str | None = None,
    order: str | None = None,
    run: str | None = None,
    loss_scale: float | None = None,
    shapes: Mapping[str, Sequence[int]] | str | None = None,
) -> GradientLog:
    """Read a log of gradients without being told what wrote it.

    Lightning's metrics, exports of W&B and TensorBoard, tables with a column or a row a layer, statistics of one
    parameter a file, JSON, JSON lines, printed lines and arrays, Hugging Face's report of overflow.

    Parameters
    ----------
    source : text of a log; a path; several paths; or a mapping of files' names to their texts
        A text of one line without a number is taken for a path.
    size : which of the sizes in the log, a name from ``SIZES``; ``None`` the most telling
        Where the log does not say which size it holds, it is taken for this one.
    order : one of ``ORDERS``; ``None`` decides by the numbers in the names
    run : of several runs in one file, this one; ``None`` the first
    loss_scale : float, 1 to 2**40
        What the loss was multiplied by; ``None`` takes what the log says at each step, else decides by infinite first
        steps (Micikevicius et al. 2018).
    shapes : mapping of parameters to their shapes, or text such as ``layers.3.weight=[64,32]``

    Returns
    -------
    GradientLog
        With each decision, and each thing that could not be read.

    Raises
    ------
    ValueError
        If nothing could be read: which file, row and column, what stood there and what was expected.  If a file is
        larger than 5 MB, or an argument is not what it may be.
    """
    files = _files(source)
    if size is not None:
        check_choice("size", size, SIZES)
    if order is not None:
        check_choice("order", order, ORDERS)
    if loss_scale is not None:
        check_number("loss_scale", loss_scale, 1.0, LARGEST_LOSS_SCALE)
    readings = Readings()
    for name, text in files.items():
        read_text(name, text, readings, run)
    for name, shape in _shapes(shapes).items():
        readings.know_shape(name, shape)
    unknown = run is not None and not (isinstance(run, str) and run in readings.runs)
    if readings.all_missing() and not (unknown and readings.runs):
        problems = "; ".join(map(str, readings.problems[:3])) or "no parameter with a number was found"
        raise ValueError(f"source must hold gradients by layer, got none: {problems}")
    if unknown:
        raise refusal("run", f"one of {', '.join(readings.runs[:20])}" if readings.runs else "None, with one run", run)
    return _assembled(readings, size, order, loss_scale, run)


def read_text(file: str, text: str, readings: Readings, run: str | None = None) -> None:
    """Fill ``readings`` from one file of any format."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\0", "")
    for name, shape in shapes_in(text[:200_000]).items():
        readings.know_shape(name, shape)
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            sound, data = parse_json(text)
        except ValueError as error:
            readings.problem(file, None, None, str(error), "JSON of layers")
            return
        records = data if sound else parse_lines(text, file, readings)
        before = len(readings)
        if records is None and start == "[" and read_arrays(file, text, readings):
            return
        if records is None and (broken := beginning(text, DECODER)):
            records, end = broken
            row = text.count("\n", 0, end) + 1
            readings.problem(file, row, None, text[end : end + 200], "JSON that goes on: it is read up to there")
        if records is not None:
            read_json(file, records, readings, run)
            if len(readings) == before and not readings.problems:
                readings.problem(file, None, None, text[:200], "layers with numbers")
            return
    if is_overflow_report(text):
        read_overflow_report(file, text, readings)
        return
    if CALLED.search(text) and read_arrays(file, text, readings):
        return
    before = len(readings)
    table = text if "\n" in text.strip() or "\r" not in text else text.replace("\r", "\n")
    rows = split_rows(table)
    if rows is not None:
        read_table(file, rows, readings, run)
    if len(readings) == before:
        read_printed(file, text, readings)
    if len(readings) == before and start != "[":
        read_arrays(file, text, readings)
    if len(readings) == before and not readings.problems:
        first = next((line for line in text.split("\n") if line.strip()), "nothing")
        readings.problem(file, 1, None, first, "a table, JSON, or lines with a layer's name and a number")


def _files(source: Any) -> dict[str, str]:
    """Names and texts."""
    if isinstance(source, Mapping):
        files = dict(source)
        if not files or not all(isinstance(part, str) for pair in files.items() for part in pair):
            raise refusal("source", "a mapping of names to texts, at least one", source)
    elif isinstance(source, str) and not _is_path(source):
        files = {"": source}
    elif isinstance(source, str | os.PathLike):
        files = {Path(source).name: _text_of(source)}
    elif isinstance(source, Sequence) and source and all(isinstance(each, str | os.PathLike) for each in source):
        called = [Path(each).name for each in source]
        if len(set(called)) < len(called):
            called = [Path(each).as_posix() for each in source]
        files = {name: _text_of(each) for name, each in zip(called, source, strict=True)}
    else:
        raise refusal("source", "a text, a path, several paths, or a mapping of names to texts", source)
    if len(files) > MOST_FILES:
        raise ValueError(f"source must be 1 to {MOST_FILES} files, got {len(files)}")
    for name, text in files.items():
        if len(text) > LARGEST_FILE:
            raise ValueError(
                f"source must be files of up to 5 MB, got {len(text) / 1e6:.1f} MB in {name or 'the text'}"
            )
    if sum(map(len, files.values())) > LARGEST_FILES:
        raise ValueError(f"source must be up to {LARGEST_FILES // 10**6} MB in all, got more")
    return files


def _is_path(text: str) -> bool:
    return (
        0 < len(text) < 1000 and not any(letter in text for letter in "\n\r\0=,{[|") and Path(text).suffix[1:].isalnum()
    )


def _text_of(path: str | os.PathLike[str]) -> str:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise refusal("source", "a text or a file that can be read", str(path)) from error
    return decoded(data)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else Latin-1, in which everything is some letter."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _shapes(shapes: Any) -> dict[str, tuple[int, ...]]:
    if shapes is None:
        return {}
    if isinstance(shapes, str):
        found = shapes_in(shapes)
        if not found:
            raise refusal("shapes", "text such as fc1.weight=[64,32]", shapes)
        return found
    if not isinstance(shapes, Mapping):
        raise refusal("shapes", "a mapping of parameters to shapes, or text such as fc1.weight=[64,32]", shapes)
    known = {}
    for name, shape in shapes.items():
        try:
            known[str(name)] = tuple(int(n) for n in shape)
        except (TypeError, ValueError, OverflowError) as error:
            raise refusal("shapes", "a mapping of parameters to shapes", shapes) from error
        if not known[str(name)] or min(known[str(name)]) < 1 or max(known[str(name)]) > 10**9:
            raise refusal("shapes", "a mapping of parameters to shapes of whole numbers from 1 to 1e9", shapes)
    return known


def _assembled(
    readings: Readings, size: str | None, order: str | None, loss_scale: float | None, run: str | None
) -> GradientLog:
    steps, parameters, sizes, values, states, resolutions = readings.columns()
    decisions = [*readings.decisions, *_left_out(readings.left_out)]
    names, size_names = list(readings.parameters.numbers), list(readings.sizes.numbers)

    is_share = sizes == (size_names.index(ZEROS) if ZEROS in size_names else -1)
    if is_share.all():
        raise ValueError("source must hold gradients by layer, got none: shares of zeros say nothing of their size")
    shares = steps[is_share], parameters[is_share], values[is_share]
    steps, parameters, sizes, values, states, resolutions = (
        each[~is_share] for each in (steps, parameters, sizes, values, states, resolutions)
    )
    chosen = _choose_size(size_names, sizes, states, size, decisions)
    kept = sizes == size_names.index(chosen if chosen in size_names else "unknown")
    steps, parameters, values, states, resolutions = (
        each[kept] for each in (steps, parameters, values, states, resolutions)
    )
    if chosen in ("mean", "max", "min"):
        values = np.abs(values)
    negative = int((values < 0).sum())
    if negative:
        readings.problem(
            "", None, None, f"{negative} negative numbers", "sizes, which are never negative: taken without sign"
        )
        values = np.abs(values)

    step_numbers, step_places = np.unique(steps, return_inverse=True)
    present, columns = np.unique(parameters, return_inverse=True)
    names = [names[place] for place in present]
    thin_steps = evenly(len(step_numbers), MOST_STEPS)
    places = np.array(_choose_order(names, order, decisions))
    thin_names = places[evenly(len(names), MOST_PARAMETERS)]
    if len(thin_steps) < len(step_numbers) or len(thin_names) < len(names):
        shown = f"{len(thin_names)} of {len(names)} parameters, {len(thin_steps)} of {len(step_numbers)} steps"
        decisions.append(Decision("thinned", shown, "evenly, with the first and the last of each"))
    row_of, column_of = _places(thin_steps, len(step_numbers)), _places(thin_names, len(names))
    rows, columns = row_of[step_places], column_of[columns]
    inside = (rows >= 0) & (columns >= 0)
    table = np.full((len(thin_steps), len(thin_names)), np.nan)
    kinds_of_entry = np.full(table.shape, State.ABSENT, dtype=np.uint8)
    table[rows[inside], columns[inside]] = values[inside]
    kinds_of_entry[rows[inside], columns[inside]] = states[inside]
    resolution = np.zeros(len(thin_names))
    np.maximum.at(resolution, columns[inside], resolutions[inside])

    zeros = _shares_at(shares, (step_numbers, present), (row_of, column_of), table.shape) if is_share.any() else None
    names = [names[place] for place in thin_names]
    if chosen == "var":
        table, resolution, chosen = np.sqrt(table), np.sqrt(resolution), "std"
    shapes = {name: readings.shapes[tidy(name)] for name in names if tidy(name) in readings.shapes}
    if len(readings.runs) > 1:
        decisions.append(
            Decision(
                "run",
                run if run in readings.runs else readings.runs[0],
                "several runs stand side by side",
                tuple(readings.runs),
            )
        )
    table, scale = _choose_loss_scale(
        table, kinds_of_entry, step_numbers[thin_steps], readings.scales, loss_scale, decisions
    )
    return GradientLog(
        tuple(names),
        step_numbers[thin_steps],
        table,
        kinds_of_entry,
        resolution,
        chosen,
        tuple(kind_of(name, shapes.get(name)) for name in names),
        np.array([readings.entries.get(name, np.nan) for name in names], dtype=np.float64),
        shapes,
        readings.forward,
        scale,
        tuple(decisions),
        tuple(readings.problems),
        tuple(dict.fromkeys(readings.sources)),
        zeros,
    )


def _left_out(columns: list[str]) -> Iterator[Decision]:
    """What of the log's columns was not read."""
    names = [tidy(name) for name in dict.fromkeys(columns)]
    if names:
        more = len(names) - MOST_LEFT_OUT
        said = ", ".join(names[:MOST_LEFT_OUT]) + (f" and {more} more" if more > 0 else "")
        yield Decision("left_out", said, "by their names, no layer's gradient")


def _shares_at(
    shares: tuple[Array, NDArray[np.int64], Array],
    known: tuple[Array, NDArray[np.int64]],
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    shape: tuple[int, ...],
) -> Array:
    """Shares of zeros where the log has sizes: ``shares`` are steps, parameters and what was logged; ``known`` the
    steps and parameters with sizes, in order, and ``places`` where these stand in a table of that ``shape``."""
    table = np.full(shape, np.nan)
    *at, values = shares
    found = [np.searchsorted(among, one).clip(max=len(among) - 1) for one, among in zip(at, known, strict=True)]
    rows, columns = (where[one] for where, one in zip(places, found, strict=True))
    there = np.all([among[one] == own for own, among, one in zip(at, known, found, strict=True)], axis=0)
    there &= (rows >= 0) & (columns >= 0) & (values >= 0) & (values <= 1)
    table[rows[there], columns[there]] = values[there]
    return table


def _places(kept: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """For each of ``count`` its place among the kept, -1 where it is not."""
    places = np.full(count, -1)
    places[kept] = np.arange(len(kept))
    return places


def _choose_size(
    names: list[str], sizes: NDArray[np.int64], states: NDArray[np.uint8], asked: str | None, decisions: list[Decision]
) -> str:
    """The most telling of those that say something; where only one is logged, that one."""
    telling = {names[place] for place in np.unique(sizes[~np.isin(states, (State.MISSING, State.ABSENT))])}
    present = [name for name in SIZES if name in telling] or [name for name in names if name != ZEROS]
    useful = [name for name in present if name not in NO_SIZE] or present
    if asked is not None and asked in present:
        decisions.append(Decision("size", asked, "as asked", tuple(present)))
        return asked
    chosen = useful[0]
    if asked is not None and chosen == "unknown":
        decisions.append(Decision("size", asked, "as asked: the log does not say which size it is", tuple(SIZES)))
        return asked
    reason = "the log calls it so" if len(present) == 1 else "of those in the log it says most about a layer"
    if chosen == "unknown":
        reason = "the log does not say which size it is; if layers have other shapes, lengths cannot be compared"
    if asked is not None:
        reason = f"the log does not hold {SIZES[asked].label}; {reason}"
    decisions.append(Decision("size", chosen, reason, tuple(present)))
    return chosen


def _choose_order(names: list[str], asked: str | None, decisions: list[Decision]) -> list[int]:
    """Places of the names, the input's side first."""
    as_read = list(range(len(names)))
    turned = as_read[::-1]
    if asked is not None:
        places = {"as in the file": as_read, "by number": natural_order(names), "turned round": turned}[asked]
        decisions.append(Decision("order", asked, "as asked", ORDERS))
        return places
    if is_turned(names):
        decisions.append(
            Decision("order", "turned round", "the numbers in the names fall: the output stood first", ORDERS)
        )
        return turned
    if is_in_order(names):
        numbered = any(letter.isdigit() for name in names for letter in name)
        reason = "the numbers in the names rise" if numbered else "the names hold no numbers: taken as input first"
        decisions.append(Decision("order", "as in the file", reason, ORDERS))
        return as_read
    decisions.append(Decision("order", "by number", "the file's order is not that of the numbers in the names", ORDERS))
    return natural_order(names)


def _choose_loss_scale(
    values: Array,
    states: NDArray[np.uint8],
    steps: Array,
    logged: Mapping[float, float],
    asked: float | None,
    decisions: list[Decision],
) -> tuple[Array, float]:
    """What the loss was multiplied by, see ``read_log``, and the values as if it had been that at every step."""
    if asked is not None:
        decisions.append(Decision("loss_scale", f"{asked:g}", "as asked"))
        return values, float(asked)
    if logged:
        scales = np.array([logged.get(step, np.nan) for step in steps.tolist()])
        known = np.flatnonzero(np.isfinite(scales))
        if len(known):
            scales = scales[known[np.maximum(np.searchsorted(known, np.arange(len(steps)), side="right") - 1, 0)]]
            scale = float(scales[-1])
            changes = "" if (scales == scale).all() else f", at first {scales[0]:g}: all steps are brought to the last"
            decisions.append(Decision("loss_scale", f"{scale:g}", f"the log says so{changes}"))
            with np.errstate(**QUIET):
                return values * (scale / scales)[:, None], scale
    guess = _guessed_loss_scale(values, states)
    if guess is None:
        return values, 1.0
    scale, leading = guess
    decisions.append(
        Decision(
            "loss_scale",
            f"{scale:g}",
            f"the first {leading} steps overflow and those after are far larger than a loss can give: "
            f"a loss scaler that starts from 65,536 and halves, as PyTorch's does",
        )
    )
    return values, scale


def _guessed_loss_scale(values: Array, states: NDArray[np.uint8]) -> tuple[float, int] | None:
    """From infinite first steps and large numbers after them: the scale, and how many steps overflowed."""
    overflowed = ((states == State.INFINITE) | (states == State.NAN)).any(axis=1)
    leading = int(np.argmin(overflowed)) if not overflowed.all() else 0
    numbers = states == State.NUMBER
    if not 0 < leading < 16 or overflowed[leading:].all() or not numbers[leading:].any():
        return None
    largest = np.nanmax(np.where(numbers[leading:], values[leading:], np.nan), axis=1, initial=0.0)
    if np.median(largest[largest > 0]) < SUSPICIOUS:
        return None
    return FIRST_LOSS_SCALE / 2.0**leading, leading
