"""A log judged: the verdict at every step, since when it holds, and the evidence for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.logs.judged import StepVerdict, Storage
from vanish.logs.log import GradientLog, State
from vanish.logs.names import KINDS
from vanish.logs.report import Report
from vanish.logs.sizes import SIZES
from vanish.measure.diagnosis import FORMATS, Diagnosis, diagnose
from vanish.measure.profile import Factor, Profile
from vanish.numerics.arrays import QUIET, Array, evenly
from vanish.numerics.checks import check_choice, check_kind, check_number

PARAMETERS: tuple[str, ...] = (*KINDS, "all")

# The fit looks at all pairs of layers, and a picture of a run needs no more steps than can be told apart.
MOST_LAYERS = 400
MOST_STEPS = 60

# A layer that gets less than this share of the largest gets next to nothing (the verdicts' own hundredfold).
LITTLE = 1e-2

# The largest entry of a gradient is many times its root mean square: six binary digits are kept for it.
HEADROOM = 2.0**6

LARGEST_SCALE = 2.0**60


def diagnose_log(log: GradientLog, *, step: float | None = None, parameters: str = "weight") -> Report:
    """Judge a log: each layer at one step, and how the verdict went over the run.

    Sizes of whole tensors (norms) are taken per entry where the numbers of entries are known.  The factor per layer is
    the Theil-Sen slope over all layers that show a number, its interval Sen's, interpolated to a coverage of 95 %
    (Theil 1950; Sen 1968); it needs five layers.  A zero that was printed (0.0000) stands for anything below half of
    its last digit: it counts as that much in first over last, and not at all in the factor.

    Parameters
    ----------
    log : GradientLog
    step : float
        The step to judge, the nearest that the log has of these parameters; ``None``: the last one that holds half as
        many of them as any other.
    parameters : ``"weight"``, ``"bias"``, ``"normalization"``, ``"embedding"`` or ``"all"``
        What a log does not hold is replaced by what it holds most of.

    Raises
    ------
    ValueError
        Naming the argument that is not what it may be.
    """
    check_kind("log", log, GradientLog)
    check_choice("parameters", parameters, PARAMETERS)
    if step is not None:
        check_number("step", step, -1e300, 1e300)
    chosen, columns = _chosen(log, parameters)
    per_entry, columns = _comparable(log, columns)
    row = _row(log, columns, step)
    columns = _judgeable(log, columns, row)
    rows = _rows_of_course(log, columns, row)
    judged = {place: _judged(log, place, columns, per_entry) for place in rows}
    here = judged[row]
    course = tuple(_verdict_of(log, judged[place]) for place in sorted(judged))
    before = [verdict.step for verdict in course if verdict.step <= log.steps[row]]
    return Report(
        log,
        float(log.steps[row]),
        chosen,
        here.names,
        here.sizes,
        here.states,
        per_entry,
        here.verdict,
        here.diagnosis,
        here.factor,
        course,
        _since(course[: len(before)]) if log.n_steps > 1 else None,
        here.little,
        _storage(here, log.size, per_entry),
        tuple(log.names[column] for column in columns if log.states[row, column] == State.ABSENT),
    )


@dataclass(frozen=True)
class _Judged:
    """One step's layers and what is said of them."""

    row: int
    names: tuple[str, ...]
    sizes: Array
    states: NDArray[np.uint8]
    verdict: str
    diagnosis: Diagnosis
    factor: Factor

    @property
    def little(self) -> tuple[str, ...]:
        shown = self.states == State.NUMBER
        largest = self.sizes[shown].max() if shown.any() else np.inf
        counted = shown | (self.states == State.BELOW)
        few = (self.states == State.ZERO) | (counted & (self.sizes < LITTLE * largest))
        return tuple(np.array(self.names, dtype=object)[few])


def judged_sizes(log: GradientLog, parameters: str = "weight") -> tuple[NDArray[np.int64], Array]:
    """What can be compared at every step: the columns of the log, and their sizes, ``(n_steps, n_columns)``.

    As ``diagnose_log`` judges them: those parameters that it chooses, over the loss scale, per entry where it can; half
    of the last digit where a zero was printed.

    Raises
    ------
    ValueError
        Naming the argument that is not what it may be.
    """
    check_kind("log", log, GradientLog)
    check_choice("parameters", parameters, PARAMETERS)
    per_entry, columns = _comparable(log, _chosen(log, parameters)[1])
    return columns, _sizes_at(log, slice(None), columns, per_entry)


def _sizes_at(log: GradientLog, rows: int | slice, columns: NDArray[np.int64], per_entry: bool) -> Array:
    shown = np.where(log.states[rows, columns] == State.BELOW, log.resolution[columns], log.values[rows, columns])
    with np.errstate(**QUIET):
        sizes: Array = np.abs(shown) / log.loss_scale
    size = SIZES[log.size]
    return size.to_rms(sizes, log.entries[columns]) if per_entry and size.to_rms is not None else sizes


def _chosen(log: GradientLog, parameters: str) -> tuple[str, NDArray[np.int64]]:
    """Which parameters are judged, and their columns."""
    kinds = np.array(log.kinds)
    if parameters != "all" and parameters not in log.kinds:
        parameters = max(KINDS, key=log.kinds.count)
    return parameters, np.arange(len(kinds)) if parameters == "all" else np.flatnonzero(kinds == parameters)


def _comparable(log: GradientLog, columns: NDArray[np.int64]) -> tuple[bool, NDArray[np.int64]]:
    """Whether sizes are per entry, and the columns that can be compared: where the numbers of entries are known for
    three layers or more, those."""
    size = SIZES[log.size]
    if size.per_entry:
        return True, columns
    known = columns[np.isfinite(log.entries[columns])]
    if size.to_rms is not None and (len(known) == len(columns) or len(known) >= 3):
        return True, known
    return False, columns


def _judgeable(log: GradientLog, columns: NDArray[np.int64], row: int) -> NDArray[np.int64]:
    """Of many layers some, evenly, with the largest and the smallest, and those that are no number, among them."""
    if len(columns) <= MOST_LAYERS:
        return columns
    odd = np.flatnonzero(~np.isin(log.states[row, columns], (State.NUMBER, State.ABSENT)))
    sizes = np.where(log.states[row, columns] == State.NUMBER, log.values[row, columns], np.nan)
    ends = [np.nanargmin(sizes), np.nanargmax(sizes)] if np.isfinite(sizes).any() else []
    odd = odd[evenly(len(odd), MOST_LAYERS // 2)]
    return columns[np.unique([*evenly(len(columns), MOST_LAYERS // 2), *odd, *ends]).astype(np.int64)]


def _row(log: GradientLog, columns: NDArray[np.int64], step: float | None) -> int:
    """The step to judge: its place."""
    held = (log.states[:, columns] != State.ABSENT).sum(axis=1)
    if step is None:
        return int(np.flatnonzero(2 * held >= held.max())[-1])
    return int(np.argmin(np.where(held > 0, np.abs(log.steps - step), np.inf)))


def _rows_of_course(log: GradientLog, columns: NDArray[np.int64], row: int) -> list[int]:
    """Steps to judge: evenly spread, the one asked for, and those where a layer ends to be a number or begins to."""
    states = log.states[:, columns]
    holding = np.flatnonzero((states != State.ABSENT).any(axis=1))
    rows = set(holding[evenly(len(holding), MOST_STEPS // 2)].tolist()) | {row}
    changes = holding[1:][(states[holding[1:]] != states[holding[:-1]]).any(axis=1)]
    return sorted(rows | set(changes[: MOST_STEPS - len(rows)].tolist()))


def _judged(log: GradientLog, row: int, columns: NDArray[np.int64], per_entry: bool) -> _Judged:
    states = log.states[row, columns]
    columns, states = columns[states != State.ABSENT], states[states != State.ABSENT]
    sizes = _sizes_at(log, row, columns, per_entry)
    names = tuple(log.names[column] for column in columns)
    if not len(names):
        return _Judged(row, (), sizes, states, "missing", diagnose([None]), Factor())
    entries = [None if state == State.MISSING else float(value) for state, value in zip(states, sizes, strict=True)]
    diagnosis = diagnose(entries, formats=FORMATS)
    numbers = np.flatnonzero((states == State.NUMBER) & (sizes > 0) & np.isfinite(sizes))
    factor = factor_of(sizes[numbers], numbers + 1)
    hidden = (states == State.BELOW).any() and len(numbers) < 2
    verdict = "hidden" if hidden and diagnosis.verdict not in ("missing", "overflow") else diagnosis.verdict
    return _Judged(row, names, sizes, states, verdict, diagnosis, factor)


def factor_of(sizes: Array, layers: NDArray[np.int64] | None = None) -> Factor:
    """What one layer back multiplies the gradient by: fitted to sizes above 0 of some layers, by default all."""
    places = np.arange(1, len(sizes) + 1) if layers is None else layers
    return Profile(places, np.log10(sizes)).factor if len(sizes) > 1 else Factor()


def _verdict_of(log: GradientLog, judged: _Judged) -> StepVerdict:
    layers = tuple(judged.names[layer - 1] for layer in judged.diagnosis.layers) if judged.names else ()
    return StepVerdict(float(log.steps[judged.row]), judged.verdict, judged.diagnosis.ratio, layers)


def _since(course: Sequence[StepVerdict]) -> float:
    """The first step of the last stretch with one verdict."""
    same = [verdict.verdict == course[-1].verdict for verdict in course]
    start = len(same) - 1
    while start and same[start - 1]:
        start -= 1
    return course[start].step


def _storage(judged: _Judged, size: str, per_entry: bool) -> tuple[Storage, ...]:
    numbers = (judged.states == State.NUMBER) & (judged.sizes > 0) & np.isfinite(judged.sizes)
    values = judged.sizes[numbers]
    names = np.array(judged.names, dtype=object)[numbers]
    headroom = 1.0 if size == "max_abs" else HEADROOM
    stored = (_stored(number_format, names, values, headroom) for number_format in FORMATS)
    # A length of a whole tensor is no smaller than each of its entries, and says no more.
    return tuple(each if per_entry else replace(each, above=(), loss_scale=None) for each in stored)


def _stored(number_format: str, names: NDArray[Any], values: Array, headroom: float) -> Storage:
    entry = NUMBER_FORMATS[number_format]
    below, above = values < entry.smallest_normal, values > entry.largest
    scale = None
    if below.any() or above.any():
        with np.errstate(**QUIET):
            needed = entry.smallest_normal / values.min()
            allowed = min(entry.largest / headroom / values.max(), LARGEST_SCALE)
        power = 2.0 ** floor(log2(allowed)) if allowed > 0 else 0.0
        scale = power if power >= needed else None
    return Storage(number_format, entry.label, tuple(names[below]), tuple(names[above]), scale)
