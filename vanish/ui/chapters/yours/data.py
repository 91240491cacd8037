"""What chapter ``yours`` makes of a log: read and judged, as a picture of layers by steps, as a profile, as tables."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.logs import (
    Bought,
    GradientLog,
    Nearest,
    Problem,
    Report,
    State,
    diagnose_log,
    nearest_network,
    read_log,
    remedies_tried,
)
from vanish.logs.judge import judged_sizes
from vanish.logs.nested import shapes_in
from vanish.logs.read import LARGEST_FILE
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.ui.chapters.yours.charts import VERDICT_ROW
from vanish.ui.kit import frames
from vanish.ui.kit.controls import sizes_text
from vanish.ui.kit.groups import SPEC_ROWS
from vanish.ui.kit.shared import in_turn, shared
from vanish.ui.shell.preset import network

# Names of files and their texts.
Files = tuple[tuple[str, str], ...]

EXAMPLES = Path(__file__).parent / "examples"


# A log that does not say which size it holds may hold one of these.
UNNAMED, NAMED = "unknown", ("norm", "mean_abs", "rms", "max_abs")


@dataclass(frozen=True)
class Asked:
    """What the reader has chosen about a log; ``None`` leaves it to what reads it."""

    size: str | None = None
    order: str | None = None
    run: str | None = None
    loss_scale: float | None = None
    shapes: str = ""
    parameters: str = "weight"
    step: float | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """A log as the page shows it: ``report`` is ``None`` where nothing could be read, and ``refused`` says why;
    ``problems`` are the log's and the page's own."""

    files: Files
    report: Report | None
    problems: tuple[Problem, ...] = ()
    refused: str = ""

    @property
    def key(self) -> Hashable:
        """What makes two of them the same profile, whether the reader has chosen it or it was decided."""
        if self.report is None:
            return self.files
        log = self.report.log
        shapes = tuple(log.shapes.items())
        return self.files, self.report.step, self.report.names, log.size, log.loss_scale, shapes


@shared()
def example_files(name: str) -> Files:
    """One of the built-in logs."""
    return ((f"{name}.csv", (EXAMPLES / f"{name}.csv").read_text("utf-8")),)


@shared()
def example(name: str, asked: Asked) -> Opened:
    """A built-in log, read and judged once for everybody."""
    return opened(example_files(name), asked)


def opened(files: Files, asked: Asked) -> Opened:
    """Files read and judged as far as they can be; what is too large is left out, and said."""
    kept = {name: text for name, text in files if len(text) <= LARGEST_FILE}
    problems = [_too_large(name, text) for name, text in files if name not in kept]
    shapes = shapes_in(asked.shapes) or None
    if asked.shapes.strip() and not shapes:
        problems.append(Problem("Shapes", None, None, f"'{asked.shapes[:40]}'", "text such as fc1.weight=[64,32]"))
    if not kept:
        return Opened(files, None, tuple(problems), "; ".join(map(str, problems)))
    try:
        log = read_log(kept, shapes=shapes)
        if wanted := _otherwise(log, asked):
            log = read_log(kept, shapes=shapes, **wanted)
    except ValueError as error:
        return Opened(files, None, tuple(problems), str(error))
    if log.size == UNNAMED and asked.size in NAMED:
        said = (
            replace(one, choice=asked.size, reason="as you say") if one.field == "size" else one
            for one in log.decisions
        )
        log = replace(log, size=asked.size, decisions=tuple(said))
    report = diagnose_log(log, step=asked.step, parameters=asked.parameters)
    return Opened(files, report, (*problems, *log.problems))


def _otherwise(log: GradientLog, asked: Asked) -> dict[str, Any]:
    """What the reader wants read in another way than was decided, as far as the log has it."""
    wanted: dict[str, Any] = {}
    for field in ("size", "order", "run"):
        decision, value = log.decided(field), getattr(asked, field)
        if decision and value in decision.options and value != decision.choice:
            wanted[field] = value
    if asked.loss_scale not in (None, log.loss_scale):
        wanted["loss_scale"] = asked.loss_scale
    return wanted


def _too_large(name: str, text: str) -> Problem:
    got, most = f"{len(text) / 1e6:.1f} MB", f"a file of up to {LARGEST_FILE / 1e6:.0f} MB"
    return Problem(name or "the text", None, None, got, most)


# More layers than this are folded by the modules that their names begin with, as far as there are no more of these.
MOST_UNFOLDED = 60

# More rows than this are never drawn: without modules, so many layers are folded into this many stretches.
MOST_ROWS, STRETCHES = 400, 40

# More steps than this share columns.
MOST_COLUMNS = 120

# The first steps of a run, this share of them, have no say in where the colors end.
FIRST_STEPS = 0.1

# Words for what is no number, by how much there is to say of it: where several share a cell, the last one is shown.
MARKS: Mapping[State, str] = {
    State.BELOW: "below the last digit",
    State.MISSING: "missing",
    State.ZERO: "exactly 0",
    State.INFINITE: "infinite",
    State.NAN: "NaN",
}

# These are shown where any one in a cell is so, the others where all are.
ALARMING = (State.ZERO, State.INFINITE, State.NAN)


@dataclass(frozen=True, eq=False)
class Picture:
    """Layers by steps: the data of ``charts.heat_map``.

    ``low``, ``high``: sizes at which the colors end, nan where there is no number; ``rows``: how many; ``shared``:
    whether a cell stands for several; ``modules``: rows that can be opened, where there are too many layers for one row
    each.
    """

    cells: pd.DataFrame
    low: float
    high: float
    rows: int
    shared: bool
    modules: tuple[str, ...]


def picture(log: GradientLog, parameters: str, module: str = "") -> Picture:
    """The picture of those parameters that are judged; ``module``: what is in that one alone, name by name."""
    columns, sizes = judged_sizes(log, parameters)
    names = [log.names[column] for column in columns]
    modules = folded(names)
    if module in modules:
        inside = modules[module]
        columns, sizes = columns[inside], sizes[:, inside]
        rows = _stretches([names[place] for place in inside], MOST_ROWS)
    else:
        rows = modules or _stretches(names, MOST_ROWS)
    labels = list(rows)
    row_of = np.empty(len(columns), dtype=np.int64)
    for number, places in enumerate(rows.values()):
        row_of[places] = number
    states = log.states[:, columns]
    edges, column_of = _steps(log.steps)
    low, high = limits(sizes, states)
    cells = _cells(sizes, states, row_of, column_of, len(labels), len(edges) - 1)
    frame = pd.DataFrame(
        {
            "layer": np.array(labels, dtype=object)[cells["row"]],
            "label": np.array(shortened(labels).labels, dtype=object)[cells["row"]],
            "x": edges[cells["column"]],
            "x2": edges[cells["column"] + 1],
            "size": cells["size"],
            "mark": cells["mark"],
        }
    )
    shares = len(labels) < len(columns) or len(edges) - 1 < log.n_steps
    return Picture(frame, low, high, len(labels), shares, tuple(modules))


# A stretch of the run has its verdict written on it where it is this share of the whole for each letter.
WRITTEN = 0.02


def verdicts(report: Report, end: float) -> pd.DataFrame:
    """What is said of each stretch of the run, which ends at the step ``end``: the data set ``charts.VERDICTS``.

    A stretch begins at the first step that was judged so, and has that one's first / last.
    """
    stretches = [next(same) for _, same in groupby(report.course, key=lambda one: one.verdict)]
    starts = np.array([one.step for one in stretches], dtype=np.float64)
    ends = np.append(starts[1:], end)
    said = [one.verdict for one in stretches]
    roomy = ends - starts >= WRITTEN * np.array(list(map(len, said))) * (end - starts[0])
    return pd.DataFrame(
        {
            "label": VERDICT_ROW,
            "x": starts,
            "x2": ends,
            "verdict": said,
            "word": [verdict if room else "" for verdict, room in zip(said, roomy, strict=True)],
            "ratio": [one.ratio if np.isfinite(one.ratio) else None for one in stretches],
        }
    )


# Longer names are shown without what all of them share.
ROOMY = 16


@dataclass(frozen=True)
class Shortened:
    """Names without what all of them begin and end with."""

    labels: tuple[str, ...]
    beginning: str = ""
    end: str = ""


def shortened(names: Sequence[str]) -> Shortened:
    """Names on an axis: those too long for it without the parts that all of them have in common."""
    if len(names) < 2 or max(map(len, names)) <= ROOMY:
        return Shortened(tuple(names))
    beginning = _common(names)
    beginning = beginning[: max(beginning.rfind("."), beginning.rfind("/")) + 1]
    left = [name[len(beginning) :] for name in names]
    end = _common([name[::-1] for name in left])[::-1]
    starts = [place for place in (end.find("."), end.find("/")) if place >= 0]
    end = end[min(starts) :] if starts and min(map(len, left)) > len(end) - min(starts) else ""
    return Shortened(tuple(name[: len(name) - len(end)] for name in left), beginning, end)


def _common(names: Sequence[str]) -> str:
    """What all names begin with, letter by letter: the first and the last in order tell."""
    first, last = min(names), max(names)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same)


def folded(names: Sequence[str]) -> dict[str, list[int]]:
    """What many names are folded into, with the places of each: by their longest beginnings of which there are few
    enough, else, where there is no room for all, stretch by stretch.  Empty where each has a row of its own."""
    if len(names) <= MOST_UNFOLDED:
        return {}
    best: dict[str, list[int]] = {}
    for length in range(1, 8):
        modules: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            modules.setdefault(_beginning(name, length), []).append(place)
        if len(modules) > MOST_UNFOLDED:
            break
        if len(modules) > 1:
            best = modules
    if best:
        return {f"{name} ({len(places)})" if len(places) > 1 else name: places for name, places in best.items()}
    return _stretches(names, STRETCHES) if len(names) > MOST_ROWS else {}


def _beginning(name: str, length: int) -> str:
    """The first parts of a name, which dots or slashes divide."""
    parts = name.replace("/", ".").split(".")
    return name[: len(".".join(parts[:length]))]


def _stretches(names: Sequence[str], most: int) -> dict[str, list[int]]:
    """Names side by side in at most so many rows, evenly."""
    parts = np.array_split(np.arange(len(names)), min(len(names), most))
    ends = [(names[part[0]], names[part[-1]], part.tolist()) for part in parts if len(part)]
    return {first if len(part) == 1 else f"{first} … {last}": part for first, last, part in ends}


def _steps(steps: Array) -> tuple[Array, NDArray[np.int64]]:
    """Where columns of cells begin and end, and the column of each step."""
    count = min(len(steps), MOST_COLUMNS)
    column_of = np.arange(len(steps)) * count // len(steps)
    starts = steps[np.searchsorted(column_of, np.arange(count))]
    last = np.median(np.diff(starts)) if count > 1 else 1.0
    return np.append(starts, starts[-1] + last), column_of


def limits(sizes: Array, states: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the colors end: the 5th and the 95th percentile of what is a number, the first steps left out."""
    later = slice(int(np.ceil(FIRST_STEPS * len(sizes))) if len(sizes) > 1 else 0, None)
    for rows in (later, slice(None)):
        numbers = sizes[rows][states[rows] == State.NUMBER]
        numbers = numbers[(numbers >= frames.DRAWN[0]) & (numbers <= frames.DRAWN[1])]
        if len(numbers):
            low, high = 10.0 ** np.quantile(np.log10(numbers), [0.05, 0.95])
            return (float(low), float(high)) if high > 1.01 * low else (float(low) / 2, float(low) * 2)
    return np.nan, np.nan


def _cells(
    sizes: Array, states: NDArray[np.uint8], row_of: NDArray[np.int64], column_of: NDArray[np.int64], rows: int, n: int
) -> dict[str, NDArray[Any]]:
    """Mean logarithm of the numbers in each cell, or what there is instead; cells of which the log says nothing are
    left out."""
    place = column_of[:, None] * rows + row_of[None, :]

    def counted(which: NDArray[np.bool_], weights: Array | None = None) -> Array:
        ones = np.ones(int(which.sum())) if weights is None else weights[which]
        sums: Array = np.bincount(place[which], ones, minlength=rows * n).astype(np.float64)
        return sums

    drawn = (states == State.NUMBER) & (sizes >= frames.DRAWN[0]) & (sizes <= frames.DRAWN[1])
    numbers = counted(drawn)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = 10.0 ** (counted(drawn, np.log10(np.where(drawn, sizes, 1.0))) / numbers)
    marks = np.full(rows * n, None, dtype=object)
    for state, word in MARKS.items():
        there = counted(states == state) > 0
        marks[there if state in ALARMING else there & (numbers == 0)] = word
    known = np.flatnonzero((numbers > 0) | (marks != None))  # noqa: E711
    size[marks != None] = np.nan  # noqa: E711
    return {"column": known // rows, "row": known % rows, "size": size[known], "mark": marks[known]}


def profile(report: Report, nearest: Nearest | None) -> pd.DataFrame:
    """The data of ``charts.profile``: layers with their sizes, and the nearest network's beside them."""
    shown = (report.states == State.NUMBER) | (report.states == State.BELOW)
    sizes = np.where(shown, report.sizes, np.nan)
    # What is too small or large for an axis is written at its foot.
    value = frames.drawable(sizes, "log")
    signs = {State.ZERO: "0", State.MISSING: "–", State.NAN: "NaN", State.INFINITE: "∞", State.BELOW: "<"}
    empty = np.full(len(sizes), np.nan)
    fit = nearest.best if nearest else None
    curves = {name: frames.drawable(getattr(fit, name), "log") if fit else empty for name in ("curve", "low", "high")}
    return pd.DataFrame(
        {
            "layer": list(report.names),
            "label": list(shortened(report.names).labels),
            "place": np.arange(len(sizes)),
            "size": sizes,
            "value": value,
            "floor": frames.floor(np.concatenate([value, *curves.values()])),
            "sign": [signs.get(State(int(state)), "") for state in report.states],
            **curves,
        }
    )


def layers(report: Report) -> pd.DataFrame:
    """One row a layer of the step that is judged."""
    log = report.log
    numbers = {name: place for place, name in enumerate(log.names)}
    places = [numbers[name] for name in report.names]
    words = {State.NUMBER: "number", **MARKS}
    entries = log.entries[places]
    return pd.DataFrame(
        {
            "layer": list(report.names),
            "kind": [log.kinds[place] for place in places],
            **({"entries": entries} if np.isfinite(entries).any() else {}),
            "size": report.sizes,
            **({"zeros": [report.zeros.get(name, np.nan) for name in report.names]} if report.zeros else {}),
            "state": [words[State(int(state))] for state in report.states],
        }
    )


def problems(found: Sequence[Problem]) -> pd.DataFrame:
    """What could not be read, one row each."""
    return pd.DataFrame(
        {
            "file": [one.file or "the text" for one in found],
            "row": pd.array([one.row for one in found], dtype="Int64"),
            "column": [one.column or "" for one in found],
            "found": [one.got for one in found],
            "expected": [one.expected for one in found],
            "times": [one.count for one in found],
        }
    )


@dataclass(frozen=True, eq=False)
class Neighbor:
    """The nearest network that can be simulated, and what each remedy bought on it."""

    nearest: Nearest
    bought: tuple[Bought, ...]


def neighbor(report: Report) -> Neighbor:
    """Looked for in turn with everybody's long computations, and kept by nobody but who asks."""

    def look() -> Neighbor:
        nearest = nearest_network(report)
        return Neighbor(nearest, remedies_tried(nearest))

    return in_turn(look)


def controls_of(spec: NetworkSpec) -> dict[str, Any]:
    """What makes a simulated network the one on screen in chapter ``fixes``."""
    sizes = (spec.n_inputs, *(spec.widths or (spec.width,) * (spec.depth - 1)), spec.n_outputs)
    plain = replace(NetworkSpec(), linear_output=True)
    own = {
        key: row.from_spec(getattr(spec, key))
        for key, row in SPEC_ROWS.items()
        if getattr(spec, key) != getattr(plain, key) and key not in ("depth", "width")
    }
    signal = {"inputs": "normal", "batch_size": 16, "magnitude": "rms"}
    own |= {"sizes": sizes_text(sizes), "activations": (spec.activation,), **signal}
    return {**network(**own), "chapter": "fixes", "fixes_view": "cards"}
