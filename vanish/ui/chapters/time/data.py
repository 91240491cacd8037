"""The data of chapter ``time``: gradients along a sequence, and recurrent networks in training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.tasks import TASKS
from vanish.numerics.arrays import Array, evenly, quantiles
from vanish.numerics.lcg import ensemble_seeds
from vanish.sequence.estimates import estimate_recurrent_seconds
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.spec import RecurrentSpec
from vanish.sequence.through_time import (
    ThroughTime,
    learnable_lag,
    measure_through_time,
    seeds_at_once,
    spectral_bounds,
)
from vanish.sequence.training import (
    LARGEST_BUFFERS,
    RecurrentSnapshot,
    buffered_numbers,
    first_gradient_through_time,
    fit_recurrent_spec,
    sequence_batches,
    train_recurrent,
)
from vanish.ui.chapters.time import words
from vanish.ui.chapters.time.charts import BEYOND, CELL_STATE, EXTENT, HIDDEN, LABEL_PLACES, PASSES
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.kit import budget, frames
from vanish.ui.kit.budget import Cost
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.races import Run, SideBySide
from vanish.ui.kit.shared import shared
from vanish.ui.shell.settings import Settings

# Operations of a step: for each weight and seed, for each number that a gate or a state leaves and seed, and for the
# calls that all seeds side by side share; and of an entry of a recurrent matrix, for its eigenvalues.
RECURRENT_WEIGHT, GATE, STEP_CALLS, EIGENVALUES = 3, 90, 600_000, 15

# Numbers that the runs of a race may hold at once: buffers, and copies of them that a step makes (half as many again).
RACE_NUMBERS = 18_000_000

# Points of a line beyond which a chart shows no more.
MOST_POINTS = 500

SNAPSHOTS = 40

WITHOUT, WITH = "without", "with"


@dataclass(frozen=True, eq=False)
class Along:
    """One cell's gradient along the sequence, beside that at its end: ``(seeds, steps)``, the network on screen first.

    ``path`` is the gradient by what lasts from step to step: the cell state where there is one, else the hidden state.
    ``kept`` is the mean value of the gate that keeps it, ``(seeds,)``, in a cell with one.
    """

    spec: RecurrentSpec
    states: Mapping[str, Array]
    forget_gates: Array | None
    kept: Array | None

    @property
    def path(self) -> Array:
        """The way that lasts."""
        return self.states.get(CELL_STATE, self.states[HIDDEN])


def _weights(spec: RecurrentSpec) -> int:
    return spec.rows * (spec.hidden + spec.n_inputs)


def cost(spec: RecurrentSpec, steps: int, seeds: int) -> Cost:
    """What measuring one cell costs, theory's matrix included."""
    side_by_side = min(seeds, seeds_at_once(spec, steps))
    numbers = 3 * spec.rows + 6 * spec.hidden
    each = RECURRENT_WEIGHT * _weights(spec) + GATE * numbers
    drawn = seeds * (_weights(spec) * budget.DRAWN_OTHERWISE + EIGENVALUES * spec.hidden**3)
    operations = steps * (seeds * each + -(-seeds // side_by_side) * STEP_CALLS) + drawn
    # What is kept of every seed, beside what runs at once.
    return Cost(operations, 8 * steps * (side_by_side * numbers + 6 * seeds))


def length(settings: Settings) -> int:
    """Steps of the sequence that is measured: as many as asked for, or as there is time for."""
    cells = settings.recurrent_specs

    def of_all(steps: int) -> Cost:
        return sum((cost(spec, steps, 1) for spec in cells), Cost(0))

    return budget.most(settings.sequence, 1, of_all, budget.ALONE)


def n_seeds(settings: Settings, steps: int) -> int:
    """Seeds of every cell: as many as asked for, or as there is time for beside the sequence's length."""
    cells = settings.recurrent_specs

    def of_all(seeds: int) -> Cost:
        return sum((cost(spec, steps, seeds) for spec in cells), Cost(0))

    return budget.most(settings.n_seeds, 1, of_all, budget.ALONE)


def dear(spec: RecurrentSpec, steps: int, seed: int, n_seeds: int, input_scale: float) -> bool:
    """Whether it takes as long as many a move to measure one cell."""
    return not budget.within(cost(spec, steps, n_seeds), budget.DEAR)


@shared(dear=dear)
def along(spec: RecurrentSpec, steps: int, seed: int, n_seeds: int, input_scale: float) -> Along:
    """Measure one cell."""
    measured = measure_through_time(spec, steps, ensemble_seeds(seed, n_seeds), input_scale=input_scale)
    return _beside_the_end(spec, measured)


def _beside_the_end(spec: RecurrentSpec, measured: ThroughTime) -> Along:
    def share(sizes: Array) -> Array:
        with np.errstate(all="ignore"):
            return sizes / sizes[:, :1]

    states = {HIDDEN: share(measured.hidden)}
    if measured.cell is not None:
        states[CELL_STATE] = share(measured.cell)
    gates = share(measured.cell_path) if measured.cell_path is not None else None
    return Along(spec, states, gates, measured.kept)


def measured(settings: Settings) -> list[Along]:
    """Every cell on screen."""
    steps = length(settings)
    seeds = n_seeds(settings, steps)
    return [along(spec, steps, settings.seed, seeds, settings.input_scale) for spec in settings.recurrent_specs]


def profiles(settings: Settings) -> Profiles:
    """What each step receives, by cell, the sequence's first step first."""
    sizes = {cell.spec.cell: cell.path[0, ::-1] for cell in measured(settings)}
    return Profiles(sizes)


def reach(cell: Along, fraction: float) -> int:
    """The longest distance up to which every step gets that share of the gradient: on screen."""
    return int(learnable_lag(cell.path[0], fraction))


def reach_over_seeds(cell: Along, fraction: float) -> int | None:
    """The median of the same over seeds, where there are several."""
    return int(np.median(learnable_lag(cell.path, fraction))) if len(cell.path) > 1 else None


def along_frame(cells: Sequence[Along]) -> Columns:
    """The data of ``charts.through_time``."""
    return Columns.below([_state_columns(cell, state) for cell in cells for state in cell.states])


def _state_columns(cell: Along, state: str) -> Columns:
    distances = evenly(cell.path.shape[1], MOST_POINTS)
    sizes = cell.states[state][:, distances]
    columns = {}
    if len(sizes) > 1:
        names = ("low", "median", "high")
        columns = {name: frames.drawable(band, "log") for name, band in zip(names, quantiles(sizes), strict=True)}
    return Columns(
        {
            "cell": CELLS[cell.spec.cell].label,
            "state": state,
            "distance": distances,
            "size": sizes[0],
            "value": frames.drawable(sizes[0], "log"),
            **columns,
        }
    )


FORGET_GATES = "the forget gates' path alone"
LINEAR_PACE = "a linear cell's pace (largest eigenvalue)"
UPPER_BOUND = "upper bound (largest singular value)"


@shared()
def theory(cell: Along, seed: int) -> Mapping[str, Array]:
    """What forget gates, eigenvalues or singular values alone would leave, ``(steps,)`` each, by name.

    Of these only the upper bound bounds what is measured; it comes last.
    """
    if cell.forget_gates is not None:
        return {FORGET_GATES: cell.forget_gates[0]}
    if CELLS[cell.spec.cell].largest_slope is None:
        return {}
    bounds = spectral_bounds(cell.spec, initialize_recurrent(cell.spec, seed), cell.path.shape[1])
    return {LINEAR_PACE: bounds.rate, UPPER_BOUND: bounds.upper}


def theory_frame(cells: Sequence[Along], seed: int) -> pd.DataFrame:
    """The same of every cell: data set ``charts.THEORY``."""
    lines = {
        (CELLS[cell.spec.cell].label, kind): pd.Series(frames.drawable(line, "log"))[evenly(len(line), MOST_POINTS)]
        for cell in cells
        for kind, line in theory(cell, seed).items()
    }
    names = ["cell", "kind", "distance"]
    return (
        pd.concat(lines, names=names).rename("value").reset_index()
        if lines
        else pd.DataFrame(columns=[*names, "value"])
    )


# What a rule's label takes, at most, of a picture's width, and of its height.
LABEL_WIDTH, LABEL_HEIGHT = 0.21, 0.09


def label_place(distance: Array, value: Array, rule: float, floors: Array) -> tuple[str, str]:
    """Of ``LABEL_PLACES`` the one at ``rule`` where the fewest of these lines pass, one after another from distance 0,
    and none of the labels of ``floors`` stands."""
    drawn = np.log10(np.concatenate([value, floors, [rule]]))
    bottom, top = np.nanmin(drawn), np.nanmax(drawn)
    size, at = (top - bottom) * LABEL_HEIGHT, np.log10(rule)
    x, y = distance / distance.max(initial=1), np.log10(value)
    low, high = np.fmin(y[1:], y[:-1]), np.fmax(y[1:], y[:-1])
    goes_on, names = x[1:] > x[:-1], np.log10(floors)

    def crossed(place: tuple[str, str]) -> float:
        end, side = place
        under, over = (at, at + size) if side == "above" else (at - size, at)
        # Between the picture and its axis there is room for a label, too.
        if end == "right" and ((names < over) & (names + size > under)).any():
            return np.inf
        near = x[:-1] < LABEL_WIDTH if end == "left" else x[1:] > 1 - LABEL_WIDTH
        return float((x[1:] - x[:-1])[goes_on & near & (low < over) & (high > under)].sum())

    return min(LABEL_PLACES, key=crossed)


def rule_frame(distance: Array, value: Array, rule: float, floors: Array) -> Columns:
    """The rule at the share looked for, labelled where there is room among lines and ``floors``."""
    end, side = label_place(distance, value, rule, floors)
    return Columns({"format": words.share_rule(rule), "value": rule, "end": end, "side": side})


def along_table(cells: Sequence[Along]) -> Columns:
    """One row a step back."""
    columns: dict[str, Array] = {}
    for cell in cells:
        for state, sizes in cell.states.items():
            name = CELLS[cell.spec.cell].label
            title = name if len(cell.states) == 1 else f"{name}, {state}"
            columns[title] = sizes[0]
            if len(sizes) > 1:
                titles = (f"{title} 10 %", f"{title} median", f"{title} 90 %")
                columns |= dict(zip(titles, quantiles(sizes), strict=True))
    return Columns({"steps_back": np.arange(cells[0].path.shape[1]), **columns})


def example(plan: Memory) -> tuple[pd.DataFrame, float]:
    """The first sequence of a run, the data of ``charts.example``, and what is right at the task's ``answer_step``."""
    task = TASKS[plan.task]
    batch = next(sequence_batches(task, plan.lag, plan.time_batch, plan.seed))
    inputs, targets = batch.inputs[:, 0], batch.targets[:, 0]
    frame = pd.DataFrame(inputs, columns=list(task.channels)).assign(step=np.arange(1, len(inputs) + 1))
    return frame.melt("step", var_name="channel"), float(targets[task.answer_step])


def seconds(specs: Sequence[RecurrentSpec], plan: Memory) -> float:
    """What training all of them is expected to take."""
    return sum(
        estimate_recurrent_seconds(
            fit_recurrent_spec(spec, plan.task),
            plan.task,
            plan.lag,
            plan.time_steps,
            plan.time_batch,
            plan.time_optimizer,
            SNAPSHOTS,
        )
        for spec in specs
    )


def _training(spec: RecurrentSpec, plan: Memory) -> Run:
    return partial(
        train_recurrent,
        fit_recurrent_spec(spec, plan.task),
        plan.task,
        lag=plan.lag,
        optimizer=plan.time_optimizer,
        steps=plan.time_steps,
        learning_rate=plan.time_rate,
        batch_size=plan.time_batch,
        clip=plan.time_clip,
        clip_at=plan.time_clip_at,
        seed=plan.seed,
        n_snapshots=SNAPSHOTS,
    )


def at_start(specs: Sequence[RecurrentSpec], plan: Memory) -> Profiles:
    """What each step of one sequence of the task receives before training, by cell, the first step first."""
    return _at_start(tuple(specs), plan.task, plan.lag, plan.seed)


@shared()
def _at_start(specs: tuple[RecurrentSpec, ...], task: str, lag: int, seed: int) -> Profiles:
    sizes = {}
    for spec in specs:
        fitted = fit_recurrent_spec(spec, task)
        hidden, cell = first_gradient_through_time(fitted, task, lag, batch_size=1, seed=seed)
        sizes[spec.cell] = (hidden if cell is None else cell)[::-1]
    return Profiles(sizes)


Runs = Mapping[str, Sequence[RecurrentSnapshot]]


def race(specs: Sequence[RecurrentSpec], plan: Memory) -> SideBySide:
    """``(cell, snapshot)`` as the cells learn the task."""
    return SideBySide({spec.cell: _training(spec, plan) for spec in specs})


def clipping_plan(plan: Memory, spec: RecurrentSpec) -> Memory:
    """The plan of the run that is clipped: by norm, where the controls say not to clip."""
    plan = _fitting(plan, [spec, spec])
    return plan if CLIPPINGS[plan.time_clip].limits else replace(plan, time_clip="norm")


def clipping_race(spec: RecurrentSpec, plan: Memory) -> SideBySide:
    """``(name, snapshot)`` of the same run twice: ``WITHOUT`` and ``WITH`` clipping."""
    plans = {WITHOUT: replace(plan, time_clip="none"), WITH: clipping_plan(plan, spec)}
    return SideBySide({name: _training(spec, one) for name, one in plans.items()})


def race_frame(runs: Runs) -> pd.DataFrame:
    """The data of ``charts.race``."""
    rows = [(CELLS[name].label, s.step, s.test_loss) for name, run in runs.items() for s in run]
    frame = pd.DataFrame(rows, columns=["cell", "step", "value"]).astype({"step": int, "value": float})
    return frame.assign(value=frames.drawable(frame["value"].to_numpy(), "log"))


def every_step(run: Sequence[RecurrentSnapshot], measure: str) -> Array:
    """``losses``, ``gradient_norms`` or ``largest_entries`` of all steps of a run."""
    return np.concatenate([getattr(snapshot, measure) for snapshot in run])


def limited(clip: str) -> str:
    """What of every step's gradient a clipping holds against its threshold: a field of the snapshots."""
    return "largest_entries" if CLIPPINGS[clip].by_entry else "gradient_norms"


# Where traces and the histogram end: an explosion to 1e50 would leave nothing else to be seen.
CEILING = 1e4


NO_TRACE = pd.DataFrame({"step": [], "size": [], "value": [], "spike": []})

# Points of a trace that stays behind the next one.
FAINT_POINTS = 250


def faint_name(name: str, measure: str) -> str:
    """What ``faint_traces`` calls one number of one run."""
    return f"{name} {measure}"


def faint_traces(runs: Runs) -> dict[str, pd.DataFrame]:
    """Of each run all that ``charts.trace`` can draw of it, at evenly spaced steps."""
    found = {}
    for name, run in runs.items():
        for measure in ("losses", *sorted({limited(clip) for clip in CLIPPINGS})):
            line = every_step(run, measure)
            steps = evenly(len(line), FAINT_POINTS)
            value = frames.drawable(np.minimum(line[steps], CEILING), "log")
            found[faint_name(name, measure)] = pd.DataFrame({"step": steps, "value": value})
    return found


# Of a longer run a trace is drawn by its extremes in so many parts, as can be told apart in half a page's width.
PARTS, LONGEST_WHOLE = 150, 450


def extremes(*measures: Array) -> NDArray[np.intp]:
    """Places that are drawn of lines of equal length ``(steps,)``: all of short ones; of longer ones, in each of
    ``PARTS`` equal parts, where each measure is largest and smallest and where one is missing, and both ends."""
    steps = len(measures[0])
    if steps <= LONGEST_WHOLE:
        return np.arange(steps)
    parts = np.arange(steps) * PARTS // steps
    last = np.flatnonzero(np.diff(parts, append=PARTS))
    kept = [np.array([0, steps - 1])]
    for one in measures:
        missing = np.isnan(one)
        for size in (np.where(missing, -np.inf, one), np.where(missing, -np.inf, -one), missing):
            kept.append(np.lexsort((size, parts))[last])
    return np.unique(np.concatenate(kept))


def trace_frames(runs: Runs, measure: str, threshold: float, limit_on: str) -> dict[str, pd.DataFrame]:
    """The data of ``charts.trace`` for each run: a step is a spike if ``limit_on`` of it is beyond the threshold.

    Of thousands of spikes none could be told from the next: see ``extremes``.
    """
    sizes = {name: every_step(run, measure) for name, run in runs.items()}
    values = {name: frames.drawable(np.minimum(line, CEILING), "log") for name, line in sizes.items()}
    if not values:
        return {EXTENT: NO_TRACE[["step", "value"]]}
    drawn = np.concatenate(list(values.values()))
    traces = {}
    for name, line in values.items():
        limiting = every_step(runs[name], limit_on)
        steps = extremes(line, limiting)
        spike = limiting[steps] > threshold
        columns = {"step": steps, "size": sizes[name][steps], "value": line[steps], "spike": spike}
        traces[name] = pd.DataFrame(columns)
    return traces | {EXTENT: _extent(drawn, max(len(line) for line in values.values()))}


def _extent(drawn: Array, steps: int) -> pd.DataFrame:
    known = drawn[np.isfinite(drawn)]
    ends = [known.min(), known.max()] if known.size else [1.0, 1.0]
    return pd.DataFrame({"step": [0, steps], "value": ends})


# Bars of the histogram of sizes.
BINS = 40


def norms_frame(sizes: Array, threshold: float) -> pd.DataFrame:
    """The data of ``charts.norms``: the threshold is an edge, so that no bar is on both sides of it."""
    finite = np.minimum(sizes[~np.isnan(sizes) & (sizes > 0)], CEILING)
    if not finite.size:
        return pd.DataFrame(columns=["left", "right", "count", "clipped"])
    low, high = np.log10(finite.min()) - 0.01, np.log10(finite.max()) + 0.01
    edges = np.unique([*np.linspace(low, high, BINS + 1), *([np.log10(threshold)] if threshold > 0 else [])])
    counts, _ = np.histogram(np.log10(finite), edges)
    left = 10.0 ** edges[:-1]
    frame = pd.DataFrame(
        {
            "left": left,
            "right": 10.0 ** edges[1:],
            "count": counts,
            "clipped": np.where(left >= threshold * (1 - 1e-12), BEYOND, PASSES),
        }
    )
    return frame[frame["count"] > 0]


def clipped_cell(cells: Sequence[str]) -> Sequence[str]:
    """The cell that is clipped: the first without gates, or the first; none of none."""
    return ([name for name in cells if CELLS[name].largest_slope is not None] or cells)[:1]


def plain(specs: Sequence[RecurrentSpec]) -> RecurrentSpec:
    """The recurrent network that is clipped."""
    (name,) = clipped_cell([spec.cell for spec in specs])
    return next(spec for spec in specs if spec.cell == name)


def racing(plan: Memory, specs: Sequence[RecurrentSpec]) -> Memory:
    """The plan of a race: where nothing is clipped, the threshold makes no other race."""
    plan = _fitting(plan, specs)
    return plan if CLIPPINGS[plan.time_clip].limits else replace(plan, time_clip_at=1.0)


def _fitting(plan: Memory, specs: Sequence[RecurrentSpec]) -> Memory:
    """The plan with as many sequences in a batch as runs side by side have memory for."""
    task = TASKS[plan.task]
    each = [buffered_numbers(fit_recurrent_spec(spec, task), task, plan.lag) for spec in specs]
    most = min(RACE_NUMBERS // sum(each), LARGEST_BUFFERS // max(each))
    return replace(plan, time_batch=min(plan.time_batch, max(1, most)))


def status(items: Sequence[tuple[str, RecurrentSnapshot]], plan: Memory) -> tuple[float, str]:
    """How far a run is, and in words."""
    step = max((snapshot.step for _, snapshot in items), default=0)
    return step / plan.time_steps, words.status(step, plan.time_steps)


def race_table(runs: Runs) -> pd.DataFrame:
    """One row a snapshot's step: test loss of each cell, missing after a run has ended."""
    columns = {CELLS[name].label: pd.Series({s.step: s.test_loss for s in run}) for name, run in runs.items()}
    return pd.DataFrame(columns).rename_axis("step").reset_index()
