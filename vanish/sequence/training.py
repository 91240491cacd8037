"""Training of recurrent networks through all steps of a sequence: what a snapshot shows, and the run that the loop
drives.

What happens between two snapshots is kept as well, as far as it is one number a step: gradients that explode do so at
single steps.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

import numpy as np

from vanish.choices.cells import CELLS
from vanish.choices.losses import LOSSES, Targets
from vanish.choices.tasks import LARGEST_BATCH, TASKS, SequenceBatch, Task
from vanish.network.loop import Course, snapshots
from vanish.numerics.arrays import QUIET, Array, norm
from vanish.numerics.checks import check_choice, check_flag, check_integer, check_kind, check_progress
from vanish.numerics.lcg import check_seed
from vanish.sequence.divergence import RecurrentDivergence, recurrent_divergence
from vanish.sequence.flat import flatten_recurrent, recurrent_views
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.passes import BackwardPass, ForwardPass
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec

# Sequences that a network is tested on, at least: whole batches of them.
TEST_SIZE = 256


# Numbers that a run's buffers may hold (128 MB).
LARGEST_BUFFERS = 16_000_000


@dataclass(frozen=True)
class RecurrentSnapshot:
    """A run after ``step`` updates.

    ``learning_rate`` is the next update's.  ``test_loss`` and ``test_score`` (``LOSSES[task.loss].score_label``) are
    over sequences that no batch trains on; ``Task.baseline`` is what to hold the loss against, and
    ``test_loss_error`` the test loss's standard error: the standard deviation over those sequences by the root of
    their number.

    ``losses``, ``gradient_norms``: ``(n,)``, of every batch since the last snapshot, this step's included: all
    snapshots' in a row are those of step 0, 1, ...  The norm is that of all parameters' gradient before any clipping,
    and ``largest_entries``, ``(n,)``, the size of the largest entry of the same.
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
    test_loss_error: float
    test_score: float
    losses: Array
    gradient_norms: Array
    largest_entries: Array
    through_time: Array
    cell_through_time: Array | None
    update_ratio: float
    spectral_radius: float
    parameters: RecurrentParameters | None = None
    divergence: RecurrentDivergence | None = None


def fit_recurrent_spec(spec: RecurrentSpec, task: Task | str) -> RecurrentSpec:
    """The spec with as many inputs and outputs as the task asks for; ValueError if either is something else."""
    check_kind("spec", spec, RecurrentSpec)
    task = _task(task)
    return replace(spec, n_inputs=task.n_inputs, n_outputs=task.n_outputs)


def sequence_batches(task: Task, lag: int, batch_size: int, seed: int, test: bool = False) -> Iterator[SequenceBatch]:
    """One fresh batch after another, for ever; those of a test come from a stream of their own.

    Parameters
    ----------
    task : Task
    lag : int, in the task's range
    batch_size : int, 1 to 1024
    seed : int, 0 to 2**64 - 1

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received; by the call itself, before any batch is asked for.
    """
    lag = check_kind("task", task, Task).check_lag(lag)
    batch_size = check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
    stream = 9 if check_flag("test", test) else 8
    return _batches(task, lag, batch_size, np.random.default_rng([check_seed("seed", seed), stream]))


def _batches(task: Task, lag: int, batch_size: int, generator: np.random.Generator) -> Iterator[SequenceBatch]:
    while True:
        yield task.make_batch(generator, lag, batch_size)


def test_batches(batch_size: int) -> int:
    """How many batches of a size make a test."""
    return -(-TEST_SIZE // batch_size)


class SequenceRun:
    """A network in training on a task, for ``loop.snapshots``."""

    def __init__(
        self, spec: RecurrentSpec, task: Task, lag: int, course: Course, batch_size: int, tests: int | None = None
    ) -> None:
        """``tests``: of how many batches the test is; ``None`` takes what ``TEST_SIZE`` asks for."""
        self._spec, self._task, self._loss = spec, task, LOSSES[task.loss]
        self._vector = flatten_recurrent(spec, initialize_recurrent(spec, course.seed))
        self._gradient = np.zeros_like(self._vector)
        self._parameters = recurrent_views(spec, self._vector)
        self._gradients = recurrent_views(spec, self._gradient)
        self._passed = ForwardPass(spec, task.length(lag), batch_size)
        self._back = BackwardPass(self._passed)
        self._first_scored = task.length(lag) - task.n_scored
        self._update = course.updater(self._vector)
        self._batches = sequence_batches(task, lag, batch_size, course.seed)
        self._drawn = task, lag, batch_size, course.seed
        self._tests = test_batches(batch_size) if tests is None else tests
        self._losses: list[float] = []
        self._norms: list[float] = []
        self._largest: list[float] = []

    @cached_property
    def _test(self) -> list[SequenceBatch]:
        test = sequence_batches(*self._drawn, test=True)
        return [next(test) for _ in range(self._tests)]

    def outputs(self, batch: SequenceBatch) -> Array:
        """What is scored, ``(n_scored * batch, n_outputs)``."""
        self._passed(self._parameters, batch.inputs, None)
        return self._passed.outputs(self._parameters, self._first_scored).reshape(-1, self._spec.n_outputs)

    @np.errstate(**QUIET)
    def measure(self) -> bool:
        """Take the next batch's gradient, and note its length and the loss; whether both are finite."""
        batch = next(self._batches)
        outputs = self.outputs(batch)
        loss, gradient = self._loss.value_and_gradient(outputs, batch.targets.ravel())
        shaped = gradient.reshape(self._task.n_scored, -1, self._spec.n_outputs)
        self._back.read_out(self._parameters, shaped, self._first_scored, self._gradients)
        self._back(self._parameters, self._gradients)
        squares = float(np.square(self._gradient).sum())
        # An overflow of the squares alone needs the closer look.
        length = sqrt(squares) if np.isfinite(squares) else float(norm(self._gradient, (0,)))
        self._losses.append(loss)
        self._norms.append(length)
        # nan stays nan, and there is no copy.
        self._largest.append(float(np.maximum(self._gradient.max(), -self._gradient.min())))
        return bool(np.isfinite(loss) and (np.isfinite(squares) or np.isfinite(self._gradient).all()))

    @np.errstate(**QUIET)
    def update(self, rate: float) -> None:
        """Change the network by the gradient that was measured."""
        self._update(self._gradient, rate)

    @np.errstate(**QUIET)
    def through_time(self) -> tuple[Array, Array | None]:
        """Norm of ``dL/dh_t`` and of ``dL/dc_t`` over the batch measured last, ``(length,)``, the last step first."""
        cells = norm(self._back.dc[:0:-1], (-2, -1)) if CELLS[self._spec.cell].has_cell_state else None
        return norm(self._back.dh[:0:-1], (-2, -1)), cells

    def kept(self, due: list[int]) -> list[int]:
        """The last step alone."""
        return due[-1:]

    @np.errstate(**QUIET)
    def snapshot(self, step: int, rate: float, keep: bool) -> RecurrentSnapshot:
        """Everything but the next update, whose ratio is left at nan; the notes begin anew."""
        # Before the test, which runs through the same buffers.
        through_time, cell_through_time = self.through_time()
        outputs = np.concatenate([self.outputs(batch) for batch in self._test])
        targets = np.concatenate([batch.targets.ravel() for batch in self._test])
        notes = [np.array(one) for one in (self._losses, self._norms, self._largest)]
        for one in (self._losses, self._norms, self._largest):
            one.clear()
        return RecurrentSnapshot(
            step=step,
            learning_rate=rate,
            test_loss=self._loss.value_and_gradient(outputs, targets)[0],
            test_loss_error=self._standard_error(outputs, targets),
            test_score=self._loss.score(outputs, targets),
            losses=notes[0],
            gradient_norms=notes[1],
            largest_entries=notes[2],
            through_time=through_time,
            cell_through_time=cell_through_time,
            update_ratio=float("nan"),
            spectral_radius=self._spectral_radius(),
            parameters=recurrent_views(self._spec, self._vector.copy()) if keep else None,
        )

    def _standard_error(self, outputs: Array, targets: Targets) -> float:
        """Of the mean loss over the test's sequences, whose scored steps are not independent of each other."""
        losses = self._loss.of_each(outputs, targets).reshape(len(self._test), self._task.n_scored, -1).mean(axis=1)
        return float(losses.std(ddof=1) / sqrt(losses.size))

    def _spectral_radius(self) -> float:
        weights = self._parameters.weight_hh
        if CELLS[self._spec.cell].largest_slope is None or not np.isfinite(weights).all():
            return float("nan")
        return float(np.abs(np.linalg.eigvals(weights)).max())

    @np.errstate(**QUIET)
    def update_watched(self, snapshot: RecurrentSnapshot, rate: float) -> RecurrentSnapshot:
        """Update, and the snapshot with the update's size."""
        weights = self._parameters.weight_hh
        before = weights.copy()
        self.update(rate)
        return replace(snapshot, update_ratio=float(norm(weights - before, (0, 1)) / norm(before, (0, 1))))

    def diverged(self, step: int, rate: float) -> RecurrentSnapshot:
        """The last snapshot, with where the first non-finite value came from."""
        # Before the snapshot, whose test writes over the passes.
        divergence = recurrent_divergence(self._vector, self._passed, self._losses[-1], self._back, step)
        return replace(self.snapshot(step, rate, keep=True), divergence=divergence)


def _task(task: Task | str) -> Task:
    return TASKS[check_choice("task", task, TASKS)] if isinstance(task, str) else check_kind("task", task, Task)


def match_task(
    spec: RecurrentSpec, task: Task | str, lag: int, batch_size: int
) -> tuple[RecurrentSpec, Task, int, int]:
    """Network, task, lag and batch size as ``train_recurrent`` takes them, else ValueError if they do not fit."""
    task = _task(task)
    lag = task.check_lag(lag)
    spec = _sized(check_kind("spec", spec, RecurrentSpec), task)
    most = min(LARGEST_BATCH, LARGEST_BUFFERS // buffered_numbers(spec, task, lag))
    return spec, task, lag, check_integer("batch_size", batch_size, 1, most)


def buffered_numbers(spec: RecurrentSpec, task: Task, lag: int) -> int:
    """Numbers that a run's buffers hold for each sequence of a batch."""
    return task.length(lag) * (5 * spec.rows + 8 * spec.hidden)


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
    batch_size : int, 1 to 1024, less for long sequences of large states (buffers hold at most 128 MB)
    optimizer, steps, learning_rate, clip, seed, clip_at, schedule, n_snapshots : as in ``network.loop.Course``
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
    spec, task, lag, batch_size = match_task(spec, task, lag, batch_size)
    check_progress(progress)
    course = Course(optimizer, steps, learning_rate, clip, seed, clip_at, schedule, n_snapshots)
    return snapshots(lambda: SequenceRun(spec, task, lag, course, batch_size), course, progress)


def first_gradient_through_time(
    spec: RecurrentSpec, task: Task | str, lag: int, batch_size: int = 8, seed: int = 42
) -> tuple[Array, Array | None]:
    """What reaches each step of a task's sequences before any training: the task's own loss, its first batch.

    Parameters
    ----------
    spec, task, lag, batch_size, seed : as in ``train_recurrent``

    Returns
    -------
    norm of ``dL/dh_t`` and, in a cell with a cell state (else ``None``), of ``dL/dc_t``: ``(length,)`` each, the
    sequence's last step first

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    spec, task, lag, batch_size = match_task(spec, task, lag, batch_size)
    run = SequenceRun(spec, task, lag, Course("sgd", 1, seed=seed), batch_size)
    run.measure()
    return run.through_time()
