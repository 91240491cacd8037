"""JSON: lists, records, dicts of layers, histograms, in any nesting that people log."""

import json
import math
import re
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from vanish.logs.cells import MISSING, Cell, read_cell, written
from vanish.logs.headings import (
    COUNTED,
    MARK,
    PARAMETER,
    Heading,
    parameter_of_file,
    read_heading,
    read_headings,
    run_of_file,
    size_of_file,
)
from vanish.logs.log import State
from vanish.logs.readings import Readings
from vanish.logs.sizes import size_in
from vanish.logs.steps import Repeats, counted
from vanish.logs.tables import is_of_run, shape_in, two_layers

DEEPEST = 12

# What a log may say beside the sizes.
ABOUT = ("entries", "shape", "scale")

STEP_KEY = re.compile(r"(?:epoch|step|iter(?:ation)?|batch|global_step)?[ _-]?(\d{1,15})", re.I)

# No log is older than this, in seconds since 1970: a first number beyond it is a time.
FIRST_TIME = 5e8

Path = tuple[str, ...]


class _PrintedZero(float):
    """A zero with decimals, such as 0.000000: what stood there was smaller than half of the last one."""

    resolution = 0.0


def _number(token: str) -> float:
    value = float(token)
    if value:
        return value
    cell = written(value, token)
    if cell.state == State.ZERO:
        return value
    zero = _PrintedZero(0.0)
    zero.resolution = cell.resolution
    return zero


DECODER = json.JSONDecoder(parse_float=_number, parse_int=float)


def parse_json(text: str) -> tuple[bool, Any]:
    """Whether a text is JSON, and what it holds.  ValueError where it is meant to be, and breaks off or is too deep."""
    try:
        return True, DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    except json.JSONDecodeError:
        return False, None


def parse_lines(text: str, file: str, readings: Readings) -> list[Any] | None:
    """The records of JSON lines, or ``None`` where fewer than half of the lines are JSON."""
    records, broken = [], []
    lines = [(n, line.strip().rstrip(",")) for n, line in enumerate(text.split("\n"), 1)]
    lines = [(n, line) for n, line in lines if line and not line.startswith(("#", "//"))]
    for number, line in lines:
        try:
            sound, record = parse_json(line) if line[0] in "{[" else (False, None)
        except ValueError:
            sound = False
        if sound:
            records.append(record)
        else:
            broken.append((number, line))
    if not records or len(records) < len(broken):
        return None
    for number, line in broken:
        readings.problem(file, number, None, line, "a JSON record")
    return records


def read_json(file: str, data: Any, readings: Readings, run: str | None = None) -> None:
    """Fill ``readings`` from what a JSON file holds."""
    if _is_scalars(data):
        _read_scalars(file, data, readings, run)
        return
    data = _as_records(data)
    if _read_matrix(data, readings):
        return
    found = list(_found(data, _two_stems(file, data, readings)))
    marked = any(heading.marked for _, heading, _ in found)
    for step, heading, value in found:
        if heading.role in ABOUT:
            _learn(step, heading, value, readings)
            continue
        if heading.role not in ("parameter", "size") or (marked and not heading.marked):
            continue
        name = heading.name or "parameter"
        if isinstance(value, dict):
            _add_histogram(file, step, name, value, readings)
            continue
        cell = cell_of(value)
        if cell is None:
            readings.problem(file, None, name, value, "a number, null, or a histogram")
        else:
            readings.add(step, name, heading.size, cell)
    if found:
        readings.sources.append(_describe(data))


def _two_stems(file: str, data: Any, readings: Readings) -> set[str]:
    """What layers are called before their numbers, where records of numbers have two of them: as a table's columns."""
    records = data if isinstance(data, list) else [data]
    if not records or not all(isinstance(record, dict) for record in records):
        return set()
    keys = list(dict.fromkeys(key for record in records for key in record))
    headings = read_headings(keys)
    sizes = [key for key, heading in zip(keys, headings, strict=True) if heading.role == "size"]
    if not all(_is_scalar(record[key]) for record in records for key in sizes if key in record):
        return set()
    layers = two_layers(file, headings, keys, readings)
    changed = [key for key, own, layer in zip(keys, headings, layers, strict=True) if own != layer]
    return {match[1] for key in changed if (match := COUNTED.fullmatch(key.strip()))}


def _is_scalars(data: Any) -> bool:
    """Whether it is what TensorBoard saves of a scalar: ``[[wall time, step, value], ...]``."""
    if not isinstance(data, list) or not data or not all(isinstance(row, list) and len(row) == 3 for row in data):
        return False
    times, steps = ([row[place] for row in data] for place in (0, 1))
    if not all(isinstance(one, float) and math.isfinite(one) for one in (*times, *steps)):
        return False
    return min(times) > FIRST_TIME and min(steps) >= 0 and all(step == int(step) for step in steps)


def _read_scalars(file: str, data: list[list[Any]], readings: Readings, run: str | None) -> None:
    """One parameter's course, its name in the file's."""
    if not is_of_run(run_of_file(file), readings, run):
        return
    name, size = parameter_of_file(file), size_of_file(file) or "unknown"
    for number, (_, step, value) in enumerate(data, 1):
        cell = cell_of(value)
        if cell is None:
            readings.problem(file, number, name, value, "a number, or null")
        else:
            readings.add(step, name, size, cell)
    readings.sources.append("TensorBoard's JSON of a scalar, a file a parameter")


def _as_records(data: Any) -> Any:
    """A table in two parts, columns and data, as records; anything else as it is."""
    columns, rows = (data.get("columns"), data.get("data")) if isinstance(data, dict) else (None, None)
    if not isinstance(columns, list) or not isinstance(rows, list) or not all(isinstance(c, str) for c in columns):
        return data
    return [dict(zip(columns, row, strict=False)) for row in rows if isinstance(row, list)]


def _learn(step: float, heading: Heading, value: Any, readings: Readings) -> None:
    """What a log says about a parameter, or about a step, beside the sizes."""
    cell = cell_of(value)
    if heading.role == "shape":
        shape = shape_in(str(value).replace(".0", ""))
        if shape and heading.name:
            readings.know_shape(heading.name, shape)
    elif cell and heading.role == "scale":
        readings.know_scale(step, cell.value)
    elif cell and cell.state == State.NUMBER and cell.value >= 1:
        readings.know_entries(heading.name, cell.value)


def _read_matrix(data: Any, readings: Readings) -> bool:
    """Steps x layers without a hole or a zero, the bulk of what is large: read at once."""
    if not isinstance(data, list) or not data or not all(isinstance(row, list) for row in data):
        return False
    try:
        values = np.array(data, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return False
    if values.ndim != 2 or not values.size or not np.isfinite(values).all() or not values.all():
        return False
    names = [f"layer {place}" for place in range(1, values.shape[1] + 1)]
    states = np.full(values.shape, State.NUMBER, dtype=np.uint8)
    readings.add_table(
        np.arange(float(len(values))), names, ["unknown"] * len(names), (values, states, np.zeros(values.shape))
    )
    readings.sources.append(_describe(data))
    return True


def cell_of(value: Any) -> Cell | None:
    """What a JSON value says as a number; ``None`` where it is none."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return read_cell(value)
    if isinstance(value, bool) or not isinstance(value, float):
        inner = value[0] if isinstance(value, list) and len(value) == 1 else None
        return cell_of(inner) if isinstance(inner, float | str) else None
    if isinstance(value, _PrintedZero):
        return Cell(0.0, State.BELOW, value.resolution)
    if math.isnan(value):
        return Cell(value, State.NAN)
    if math.isinf(value):
        return Cell(value, State.INFINITE)
    return Cell(value, State.NUMBER if value else State.ZERO)


Found = tuple[float, Heading, Any]


def _found(data: Any, stems: Collection[str]) -> Iterator[Found]:
    """Every number: its step, what its key says, and the number or histogram itself; ``stems``: what two layers are
    called before their numbers."""
    if isinstance(data, list):
        if data and all(isinstance(row, list) for row in data):
            for step, row in enumerate(data):
                yield from _layers(float(step), row, Heading("parameter"))
        elif data and all(_is_scalar(value) for value in data):
            yield from _layers(0.0, data, Heading("parameter"))
        else:
            yield from _records(data, stems)
    elif isinstance(data, dict):
        own = _own(data, "step", "epoch")
        yield from _steps_of(data) or _lines(data) or list(_record(data, own, Repeats(), stems))


def _records(data: list[Any], stems: Collection[str]) -> Iterator[Found]:
    """A list of records, with a row of a long table in each, or a step with its layers."""
    rows = [record if isinstance(record, dict) else {} for record in data]
    steps = counted(*(np.array([_own(row, role) for row in rows]) for role in ("epoch", "step")))
    repeats = Repeats()
    for place, (step, record) in enumerate(zip(steps.tolist(), data, strict=True)):
        if isinstance(record, dict):
            at = float(place) if math.isnan(step) and not _is_long(record) else step
            yield from _record(record, at, repeats, stems)
        elif isinstance(record, list):
            yield from _layers(float(place), record, Heading("parameter"))


def _own(record: dict[str, Any], *roles: str) -> float:
    """The first finite number under a key of one of these roles, else nan."""
    for role in roles:
        for key in record:
            if read_heading(key).role == role:
                cell = cell_of(record[key])
                if cell and math.isfinite(cell.value):
                    return cell.value
    return math.nan


def _is_long(record: dict[str, Any]) -> bool:
    """Whether a record is a row of a long table: a layer's name and sizes."""
    roles = {read_heading(key).role: value for key, value in record.items()}
    return isinstance(roles.get("name"), str | float) and "size" in roles


def _steps_of(data: dict[str, Any]) -> list[Found]:
    """A dict of steps, each a dict or list; modules that are called 0, 2, 4 hold a weight and a bias instead."""
    keys = [STEP_KEY.fullmatch(key) for key in data]
    if not data or not all(keys) or not all(isinstance(value, dict | list) for value in data.values()):
        return []
    if any(isinstance(value, list) for value in data.values()) and not any(re.search("[a-z]", key) for key in data):
        return []
    if any(isinstance(value, dict) and set(value) <= {"weight", "bias"} for value in data.values()):
        return []
    steps = [float(key[1]) for key in keys if key]
    found: list[Found] = []
    for step, value in zip(steps, data.values(), strict=True):
        if isinstance(value, list):
            found += _layers(step, value, Heading("parameter"))
        else:
            own = _own(value, "step", "epoch")
            found += _record(value, step if math.isnan(own) else own, Repeats())
    return found


def _lines(data: dict[str, Any]) -> list[Found]:
    """The three lists of ``plot_grad_flow``: names, means, maxima, one entry a layer."""
    names = next((v for v in data.values() if isinstance(v, list) and v and all(isinstance(n, str) for n in v)), None)
    if names is None or any(read_cell(name) for name in names):
        return []
    found: list[Found] = []
    for key, values in data.items():
        if isinstance(values, list) and len(values) == len(names) and values is not names:
            size = size_in(key) or "unknown"
            found += [
                (0.0, Heading("parameter", name, size), value)
                for name, value in zip(names, values, strict=True)
                if _is_scalar(value)
            ]
    return found


def _record(record: dict[str, Any], step: float, repeats: Repeats, stems: Collection[str] = ()) -> Iterator[Found]:
    """One record, or the whole of a log: a row of a long table, a step with its layers, or layers with their steps."""
    if not _is_long(record):
        yield from _walk(record, (), None if math.isnan(step) else step, Heading("parameter"), stems)
        return
    headings = {key: read_heading(key) for key in record}
    roles = {heading.role: record[key] for key, heading in reversed(headings.items())}
    name = roles["name"]
    name = f"layer {name:g}" if isinstance(name, float) else name
    kind = roles.get("kind")
    name = f"{name}.{kind}" if isinstance(kind, str) and kind else name
    at = step
    for key, heading in headings.items():
        if heading.role == "size":
            at = repeats.step(name, heading.size) if math.isnan(step) else step
            yield at, Heading("parameter", name, heading.size, marked=heading.marked), record[key]
        elif heading.role in ABOUT:
            yield at, Heading(heading.role, name), record[key]


def _walk(
    node: dict[str, Any], path: Path, step: float | None, above: Heading, stems: Collection[str] = ()
) -> Iterator[Found]:
    headings = dict(zip(node, read_headings(node, stems), strict=True))
    measured = bool(path) and any(h.role == "size" and _is_scalar(node[key]) for key, h in headings.items())
    for key, value in node.items():
        heading = headings[key]
        if heading.role in ABOUT and (path or heading.role == "scale") and not isinstance(value, dict):
            yield step or 0.0, Heading(heading.role, ".".join(path)), value
            continue
        container = isinstance(value, dict | list) and heading.role not in ("time", "other")
        if not path and heading.role not in ("parameter", "size") and not container:
            continue
        if measured and heading.role != "size" and not container:
            # Beside a layer's sizes stands what is none, such as its share of zeros.
            continue
        # A key such as "grad_norms" or "mean_abs_grad" says what its layers' numbers are, and is no layer.
        is_group = container and not _is_histogram(value) and bool(MARK.search(key)) and not heading.name.count(".")
        is_size = heading.role == "size" or is_group
        if is_group:
            heading = Heading("size", size=size_in(key) or "unknown", marked=True)
        here = path if is_size else (*path, heading.name or key)
        size = heading.size if heading.size != "unknown" else above.size
        said = Heading("parameter", ".".join(here), size, marked=heading.marked or above.marked)
        if _is_histogram(value) or _is_scalar(value):
            yield step or 0.0, said, value
        elif isinstance(value, dict) and step is None and _is_course(key, value):
            for number, item in value.items():
                yield float(number), said, item
        elif isinstance(value, dict) and len(path) < DEEPEST:
            yield from _walk(value, here, step, said)
        elif isinstance(value, list):
            if step is not None or is_size or (path and all(map(_is_scalar, value)) and heading.role != "parameter"):
                yield from _layers(step or 0.0, value, said)
            else:
                for place, item in enumerate(value):
                    if _is_scalar(item) or _is_histogram(item):
                        yield float(place), said, item


def _is_course(key: str, value: dict[str, Any]) -> bool:
    """Whether a parameter's dict has a number a step, as a data frame writes it; modules may be called 0, 1, 2 too."""
    counted_from = all(re.fullmatch(r"\d{1,15}", number) for number in value)
    return bool(value and PARAMETER.search(key)) and counted_from and all(map(_is_scalar, value.values()))


def _layers(step: float, values: list[Any], above: Heading) -> Iterator[Found]:
    prefix = f"{above.name}." if above.name else ""
    for place, value in enumerate(values, 1):
        yield step, Heading("parameter", f"{prefix}layer {place}", above.size, marked=above.marked), value


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, float | str)


def _is_histogram(value: Any) -> bool:
    return isinstance(value, dict) and ("bins" in value or "packedBins" in value) and "values" in value


def _add_histogram(file: str, step: float, name: str, data: dict[str, Any], readings: Readings) -> None:
    """A histogram's root mean square, mean and largest absolute value, as if each bin were filled evenly."""
    try:
        counts = np.array(data["values"], dtype=np.float64)
        packed = data.get("packedBins")
        edges = (
            packed["min"] + packed["size"] * np.arange(len(counts) + 1.0)
            if isinstance(packed, dict)
            else np.array(data["bins"], dtype=np.float64)
        )
        sound = counts.ndim == 1 and 1 <= len(counts) == len(edges) - 1 and bool(np.isfinite(edges).all())
        sound = sound and bool(np.isfinite(counts).all() and (counts >= 0).all() and (np.diff(edges) >= 0).all())
    except (TypeError, ValueError, KeyError, OverflowError):
        sound = False
    if not sound or not counts.sum():
        readings.problem(file, None, name, "a histogram", "one more rising bin edge than counts, and some counts")
        return
    for size, value in histogram_sizes(counts, edges).items():
        readings.add(step, name, size, Cell(value, State.NUMBER if value else State.ZERO))
    readings.know_entries(name, float(counts.sum()))


def histogram_sizes(counts: np.ndarray, edges: np.ndarray) -> dict[str, float]:
    """Sizes of what a histogram holds, each bin filled evenly: ``counts`` ``(n,)``, ``edges`` ``(n + 1,)``."""
    unit = float(np.abs(edges).max()) or 1.0
    low, high = edges[:-1] / unit, edges[1:] / unit
    share = counts / counts.sum()
    square = (low * low + low * high + high * high) / 3
    with np.errstate(invalid="ignore", divide="ignore"):
        across = (low * low + high * high) / (2 * (high - low))
    absolute = np.where((low < 0) & (high > 0), across, np.abs(low + high) / 2)
    filled = counts > 0
    largest = float(np.maximum(np.abs(low), np.abs(high))[filled].max())
    return {
        "rms": unit * float(np.sqrt((share * square).sum())),
        "mean_abs": unit * float((share * absolute).sum()),
        "max_abs": unit * largest,
    }


def _describe(data: Any) -> str:
    if isinstance(data, list):
        return "JSON, a list of lists" if data and isinstance(data[0], list) else "JSON, a list of records"
    return "JSON, a dict of layers"


def shapes_in(text: str) -> dict[str, tuple[int, ...]]:
    """Shapes that stand in a text as ``layers.3.weight=[64,32]``, one a parameter."""
    found = re.findall(
        r"(?<![\w./\-])([\w./\-]{1,120})\s{0,8}=\s{0,8}((?:torch\.Size\()?[\[(]\s*\d{1,9}(?:\s*,\s*\d{1,9}){0,5}\s*,?\s*[\])])",
        text,
    )
    return {name: shape_in(shape) for name, shape in found}
