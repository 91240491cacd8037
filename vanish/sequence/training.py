"""Training of recurrent networks through all steps of a sequence, as a generator of snapshots like ``training.train``.

A snapshot at step ``s`` shows the network after ``s`` updates, and the gradient and the update that come next.  What
happens between two snapshots is kept as well, as far as it is one number a step: gradients that explode do so at
single steps.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray

from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.losses import LOSSES
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.tasks import LARGEST_BATCH, TASKS, SequenceBatch, Task
from vanish.network.training import HEARTBEAT, LARGEST_SNAPSHOTS, LARGEST_STEPS, learning_rates, snapshot_steps
from vanish.numerics import lcg
from vanish.numerics.arrays import QUIET, Array, norm
from vanish.numerics.checks import check_choice, check_integer, check_number
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.passes import BackwardPass, ForwardPass
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec

# Sequences that a network is tested on, at least: whole batches of them.
TEST_SIZE = 256


# Numbers that a run's buffers may hold (128 MB).
LARGEST_BUFFERS = 16_000_000


@dataclass(frozen=True)
class RecurrentDivergence:
    """Where the first value that is not a finite number appeared.

    After ``step`` updates, in ``what``: ``"parameters"``, ``"states"``, ``"loss"`` or ``"gradient"``.  ``time`` is the
    step of the sequence (1 is the first), on the way along it for states and on the way back for gradients; ``None``
    where it is not in any single one.
    """

    step: int
    what: str
    time: int | None = None


@dataclass(frozen=True)
class RecurrentSnapshot:
    """A run after ``step`` updates.

    ``learning_rate`` is the next update's.  ``test_loss`` and ``test_score`` (``LOSSES[task.loss].score_label``) are
    over sequences that no batch trains on; ``Task.baseline`` is what to hold the loss against.

    ``losses``, ``gradient_norms``: ``(n,)``, of every batch since the last snapshot, this step's included: all
    snapshots' in a row are those of step 0, 1, ...  The norm is that of all parameters' gradient before any clipping.
    ``through_time``: ``(length,)``, norm of ``dL/dh_t`` over the latest batch, the sequence's last step first;
    ``cell_through_time``: of ``dL/dc_t``, ``None`` in a cell without.
    ``update_ratio``: norm of the next update of ``weight_hh`` / its norm.
    ``spectral_radius``: of ``weight_hh``, nan in a cell with gates.
    ``parameters``: a copy in the last snapshot, else ``None``.
    ``divergence`` is ``None`` unless the run ends here because of it.
    """

    step: int
    learning_rate: float
    test_loss: float
    test_score: float
    losses: Array
    gradient_norms: Array
    through_time: Array
    cell_through_time: Array | None
    update_ratio: float
    spectral_radius: float
    parameters: RecurrentParameters | None = None
    divergence: RecurrentDivergence | None = None


def fit_recurrent_spec(spec: RecurrentSpec, task: Task | str) -> RecurrentSpec:
    """The spec with as many inputs and outputs as the task asks for."""
    task = _task(task)
    return replace(spec, n_inputs=task.n_inputs, n_outputs=task.n_outputs)


def sequence_batches(task: Task, lag: int, batch_size: int, seed: int, test: bool = False) -> Iterator[SequenceBatch]:
    """One fresh batch after another, for ever; those of a test come from a stream of their own."""
    generator = np.random.default_rng([seed, 9 if test else 8])
    while True:
        yield task.make_batch(generator, lag, batch_size)


def recurrent_views(spec: RecurrentSpec, vector: Array) -> RecurrentParameters:
    """Cut a vector ``(n_parameters,)`` into its parameters, without copying."""
    ends = np.cumsum([prod(shape) for shape in spec.shapes.values()])
    pieces = np.split(vector, ends[:-1])
    return RecurrentParameters(
        **{name: piece.reshape(shape) for (name, shape), piece in zip(spec.shapes.items(), pieces, strict=True)}
    )


class _Run:
    """A network in training: its vector, what is needed to change it, and the task."""

    def __init__(
        self,
        spec: RecurrentSpec,
        task: Task,
        lag: int,
        optimizer: str,
        batch_size: int,
        clip: str,
        clip_at: float,
        seed: int,
    ) -> None:
        self.spec, self.task = spec, task
        self.loss = LOSSES[task.loss]
        self.vector = np.concatenate([part.ravel() for part in vars(initialize_recurrent(spec, seed)).values()])
        self.gradient = np.zeros_like(self.vector)
        self.parameters, self._gradients = recurrent_views(spec, self.vector), recurrent_views(spec, self.gradient)
        self.forward = ForwardPass(spec, task.length(lag), batch_size)
        self.back = BackwardPass(self.forward)
        self._first = task.length(lag) - task.n_scored
        self._optimizer = OPTIMIZERS[optimizer]
        self._state = self._optimizer.start(self.vector)
        self._clip, self._clip_at = CLIPPINGS[clip].clip, clip_at
        test = sequence_batches(task, lag, batch_size, seed, test=True)
        self._test = [next(test) for _ in range(-(-TEST_SIZE // batch_size))]
        self._losses: list[float] = []
        self._norms: list[float] = []

    def _outputs(self, batch: SequenceBatch) -> Array:
        """What is scored, ``(n_scored * batch, n_outputs)``."""
        self.forward(self.parameters, batch.inputs, None)
        return self.forward.outputs(self.parameters, self._first).reshape(-1, self.spec.n_outputs)

    @np.errstate(**QUIET)
    def measure(self, batch: SequenceBatch) -> bool:
        """Put a batch's gradient into ``gradient`` and take notes; whether it and the loss are finite."""
        outputs = self._outputs(batch)
        loss, gradient = self.loss.value_and_gradient(outputs, batch.targets.ravel())
        shaped = gradient.reshape(self.task.n_scored, -1, self.spec.n_outputs)
        self.back.read_out(self.parameters, shaped, self._first, self._gradients)
        self.back(self.parameters, self._gradients)
        squares = float(np.square(self.gradient).sum())
        # An overflow of the squares alone needs the closer look.
        length = sqrt(squares) if np.isfinite(squares) else float(norm(self.gradient, (0,)))
        self._losses.append(loss)
        self._norms.append(length)
        return bool(np.isfinite(loss) and (np.isfinite(squares) or np.isfinite(self.gradient).all()))

    @np.errstate(**QUIET)
    def update(self, rate: float) -> None:
        """Change the network by the gradient that is there."""
        self._optimizer(self.vector, self._clip(self.gradient, self._clip_at), self._state, rate)

    def divergence(self, step: int) -> RecurrentDivergence:
        """Where the value that is not finite came from, while the batch's passes are still there."""
        if not np.isfinite(self.vector).all():
            return RecurrentDivergence(step, "parameters")

        def strange(states: Array) -> NDArray[np.intp]:
            return np.flatnonzero(~np.isfinite(states[1:]).all(axis=(-2, -1))) + 1

        for states in (self.forward.hidden_states, self.forward.cell_states):
            if strange(states).size:
                return RecurrentDivergence(step, "states", int(strange(states)[0]))
        if not np.isfinite(self._losses[-1]):
            return RecurrentDivergence(step, "loss", len(self.forward.steps))
        back = strange(self.back.dh)
        return RecurrentDivergence(step, "gradient", int(back[-1]) if back.size else None)

    @np.errstate(**QUIET)
    def snapshot(self, step: int, rate: float) -> RecurrentSnapshot:
        """Everything but the next update, whose ratio is left at nan; the notes begin anew."""
        dh, dc = self.back.dh, self.back.dc
        has_cell = CELLS[self.spec.cell].has_cell_state
        # Before the test, which runs through the same buffers.
        through_time = norm(dh[:0:-1], (-2, -1))
        cell_through_time = norm(dc[:0:-1], (-2, -1)) if has_cell else None
        outputs = np.concatenate([self._outputs(batch) for batch in self._test])
        targets = np.concatenate([batch.targets.ravel() for batch in self._test])
        losses, norms = np.array(self._losses), np.array(self._norms)
        self._losses.clear()
        self._norms.clear()
        return RecurrentSnapshot(
            step=step,
            learning_rate=rate,
            test_loss=self.loss.value_and_gradient(outputs, targets)[0],
            test_score=self.loss.score(outputs, targets),
            losses=losses,
            gradient_norms=norms,
            through_time=through_time,
            cell_through_time=cell_through_time,
            update_ratio=float("nan"),
            spectral_radius=self._spectral_radius(),
        )

    def _spectral_radius(self) -> float:
        weights = self.parameters.weight_hh
        if CELLS[self.spec.cell].largest_slope is None or not np.isfinite(weights).all():
            return float("nan")
        return float(np.abs(np.linalg.eigvals(weights)).max())

    def with_parameters(self, snapshot: RecurrentSnapshot) -> RecurrentSnapshot:
        """The snapshot with a copy of the parameters."""
        return replace(snapshot, parameters=recurrent_views(self.spec, self.vector.copy()))

    @np.errstate(**QUIET)
    def update_watched(self, snapshot: RecurrentSnapshot, rate: float) -> RecurrentSnapshot:
        """Update, and the snapshot with the update's size."""
        weights = self.parameters.weight_hh
        before = weights.copy()
        self.update(rate)
        return replace(snapshot, update_ratio=float(norm(weights - before, (0, 1)) / norm(before, (0, 1))))


def _task(task: Task | str) -> Task:
    return TASKS[check_choice("task", task, TASKS)] if isinstance(task, str) else task


def _checked(
    spec: RecurrentSpec, task: Task | str, lag: int, steps: int, batch_size: int
) -> tuple[RecurrentSpec, Task]:
    task = _task(task)
    task.check_lag(lag)
    check_integer("steps", steps, 1, LARGEST_STEPS)
    spec = _sized(spec, task)
    column = task.length(lag) * (5 * spec.rows + 8 * spec.hidden)
    check_integer("batch_size", batch_size, 1, min(LARGEST_BATCH, LARGEST_BUFFERS // column))
    return spec, task


def _sized(spec: RecurrentSpec, task: Task) -> RecurrentSpec:
    """The spec, by ``fit_recurrent_spec`` where its sizes are the defaults."""
    if (spec.n_inputs, spec.n_outputs) == (RecurrentSpec.n_inputs, RecurrentSpec.n_outputs):
        return fit_recurrent_spec(spec, task)
    for name in ("n_inputs", "n_outputs"):
        wanted, got = getattr(task, name), getattr(spec, name)
        if wanted != got:
            raise ValueError(f"{name} must be {wanted} for {task.name}, got {got} (fit_recurrent_spec puts it right)")
    return spec


def train_recurrent(
    spec: RecurrentSpec,
    task: Task | str,
    lag: int,
    optimizer: str = "adam",
    steps: int = 1000,
    learning_rate: float = 0.01,
    batch_size: int = 32,
    clip: str = "none",
    seed: int = 42,
    *,
    clip_at: float = 1.0,
    schedule: str = "constant",
    n_snapshots: int = 40,
    progress: Callable[[float], None] | None = None,
) -> Iterator[RecurrentSnapshot]:
    """Train a recurrent network by full back-propagation through time, and show it as it goes.

    The network is ``initialize_recurrent(spec, seed)``, its batches ``sequence_batches(task, lag, batch_size, seed)``:
    always new sequences, so that there is nothing to learn by heart.  Everything learns, the read-out too.

    Parameters
    ----------
    spec : RecurrentSpec; with the task's numbers of inputs and outputs.  Where both are left at their defaults, the
        network is ``fit_recurrent_spec(spec, task)``
    task : Task, or a name from ``TASKS``
    lag : int, in the task's range
    optimizer : a name from ``OPTIMIZERS``
    steps : int, 1 to 100,000
    learning_rate : float, 0 to 100
    batch_size : int, 1 to 1024, less for long sequences of large states (buffers hold at most 128 MB)
    clip : a name from ``CLIPPINGS``; of the gradient of all parameters together
    seed : int, 0 to 2**64 - 1
    clip_at : float, 0 to 1e6; the norm or value that ``clip`` allows
    schedule : a name from ``SCHEDULES``
    n_snapshots : int, 2 to 1000; fewer come where there are fewer steps
    progress : called now and then between snapshots with the share that is done; it may raise to interrupt

    Returns
    -------
    iterator of RecurrentSnapshot, evenly spaced from step 0 to ``steps``; a run that diverges ends earlier, with a
    snapshot that says where.  Arguments are checked by the call itself, work is done only when a snapshot is asked for.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    spec, task = _checked(spec, task, lag, steps, batch_size)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    check_choice("clip", clip, CLIPPINGS)
    check_number("clip_at", clip_at, 0, 1e6)
    check_integer("seed", seed, 0, lcg.LARGEST_SEED)
    rate_at = learning_rates(schedule, learning_rate, steps)
    due = snapshot_steps(steps, n_snapshots)

    def run() -> Iterator[RecurrentSnapshot]:
        return _snapshots(
            _Run(spec, task, lag, optimizer, batch_size, clip, clip_at, seed),
            sequence_batches(task, lag, batch_size, seed),
            rate_at,
            due,
            progress,
        )

    # Not begun before the first snapshot is asked for.
    return (snapshot for once in (run,) for snapshot in once())


def _snapshots(
    run: _Run,
    batches: Iterator[SequenceBatch],
    rate_at: Callable[[int], float],
    due: list[int],
    progress: Callable[[float], None] | None,
) -> Iterator[RecurrentSnapshot]:
    watched, last = set(due), due[-1]
    beat = time.monotonic()
    for step, batch in zip(range(last + 1), batches, strict=False):
        rate = rate_at(step)
        if not run.measure(batch):
            # Found first: the snapshot's test writes over the passes.
            found = run.divergence(step)
            yield run.with_parameters(replace(run.snapshot(step, rate), divergence=found))
            return
        if step in watched:
            snapshot = run.snapshot(step, rate)
            snapshot = run.with_parameters(snapshot) if step == last else snapshot
            yield run.update_watched(snapshot, rate)
            beat = time.monotonic()
        else:
            run.update(rate)
            if progress and time.monotonic() - beat > HEARTBEAT:
                progress(step / last)
                beat = time.monotonic()


# Largest lag, steps and seconds of the trial from which a run's length is foretold.
TRIAL_LAG, TRIAL_STEPS, TRIAL_SECONDS = 30, 10, 0.01


@lru_cache(maxsize=256)
def _trial(spec: RecurrentSpec, name: str, lag: int, optimizer: str, batch_size: int) -> tuple[float, float]:
    """Seconds that one step and one snapshot take; the least of a few, because others disturb."""
    run = _Run(spec, TASKS[name], lag, optimizer, batch_size, "none", 1.0, 0)
    batches = sequence_batches(TASKS[name], lag, batch_size, 0)
    steps: list[float] = []
    while len(steps) < 3 or (len(steps) < TRIAL_STEPS and sum(steps) < TRIAL_SECONDS):
        begin = time.perf_counter()
        run.measure(next(batches))
        run.update(0.0)
        steps.append(time.perf_counter() - begin)
    snapshots = []
    for _ in range(2):
        begin = time.perf_counter()
        run.snapshot(0, 0.0)
        snapshots.append(time.perf_counter() - begin)
    return min(steps), min(snapshots)


def estimate_recurrent_seconds(
    spec: RecurrentSpec,
    task: Task | str,
    lag: int,
    steps: int,
    batch_size: int = 32,
    optimizer: str = "adam",
    n_snapshots: int = 40,
) -> float:
    """How long a run will take on this machine, foretold from a few steps at a lag of at most 30.

    Parameters
    ----------
    spec, task, lag, steps, batch_size, optimizer, n_snapshots : as in ``train_recurrent``

    Raises
    ------
    ValueError
        As in ``train_recurrent``.
    """
    spec, task = _checked(spec, task, lag, steps, batch_size)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    check_integer("n_snapshots", n_snapshots, 2, LARGEST_SNAPSHOTS)
    short = min(lag, TRIAL_LAG)
    step, snapshot = _trial(spec, task.name, short, optimizer, batch_size)
    longer = task.length(lag) / task.length(short)
    return longer * (steps * step + min(n_snapshots, steps + 1) * snapshot)
