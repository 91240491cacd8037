"""How long training will take on this machine, estimated from a trial of a few steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vanish.choices.datasets import Dataset
from vanish.network.loop import Course, Run
from vanish.network.spec import NetworkSpec
from vanish.network.training import ExamplesRun, match_data

# Most layers, most steps and seconds of a trial; what takes longer than this is timed once.
TRIAL_DEPTH, TRIAL_STEPS, TRIAL_SECONDS, LONG_TRIAL_SECONDS = 4, 10, 0.01, 0.02


@dataclass(frozen=True)
class Trial:
    """Seconds that a run's start, one step and one snapshot take."""

    start: float
    step: float
    snapshot: float

    def seconds(self, course: Course) -> float:
        """What a whole run of this size takes."""
        return self.start + course.steps * self.step + len(course.snapshot_steps) * self.snapshot


# This thread's own time, where it is told finely: what others compute meanwhile is no part of an estimate.
_now = time.thread_time if time.get_clock_info("thread_time").resolution < 1e-4 else time.perf_counter


def trial(start: Callable[[], Run]) -> Trial:
    """Time a run whose rate is 0; the least of a few measurements, because others disturb."""
    begin = _now()
    run = start()
    start_seconds = _now() - begin

    def step() -> None:
        run.measure()
        run.update(0.0)

    steps: list[float] = []
    while (
        not steps
        or (len(steps) < 3 and sum(steps) < LONG_TRIAL_SECONDS)
        or (len(steps) < TRIAL_STEPS and sum(steps) < TRIAL_SECONDS)
    ):
        steps.append(seconds(step))
    snapshot = seconds(lambda: run.snapshot(0, 0.0, True))
    if snapshot < LONG_TRIAL_SECONDS:
        snapshot = min(snapshot, seconds(lambda: run.snapshot(0, 0.0, True)))
    return Trial(start_seconds, min(steps), snapshot)


def seconds(call: Callable[[], object]) -> float:
    """What a call takes, of this thread's own time."""
    begin = _now()
    call()
    return _now() - begin


@dataclass(frozen=True)
class _Size:
    """All of a data set that training's time depends on."""

    loss: str
    n_inputs: int
    n_outputs: int
    n_train: int
    n_test: int
    target_axes: int

    def stand_in(self) -> Dataset:
        """Random examples, standardised as a data set's are, and targets that are all 0."""
        generator = np.random.default_rng(0)
        train = generator.standard_normal((self.n_train, self.n_inputs))
        test = generator.standard_normal((self.n_test, self.n_inputs))
        return Dataset(
            name="stand-in",
            loss=self.loss,
            n_outputs=self.n_outputs,
            train_inputs=train,
            train_targets=self._targets(self.n_train),
            test_inputs=test,
            test_targets=self._targets(self.n_test),
            mean=np.zeros(self.n_inputs),
            std=np.ones(self.n_inputs),
            noise=0.0,
            seed=0,
            source="drawn at random",
        )

    def _targets(self, n: int) -> NDArray[np.int64]:
        return np.zeros((n, self.n_outputs)[: self.target_axes], dtype=np.int64)


@lru_cache(maxsize=256)
def _trial(spec: NetworkSpec, size: _Size, optimizer: str, batch_size: int) -> Trial:
    dataset = size.stand_in()
    return trial(lambda: ExamplesRun(spec, dataset, Course(optimizer, steps=1), batch_size))


def estimate_seconds(
    spec: NetworkSpec,
    dataset: Dataset | str,
    steps: int,
    batch_size: int,
    optimizer: str = "sgd",
    n_snapshots: int = 40,
) -> float:
    """How long a run will take, estimated from a few steps of a network of at most four layers.

    Where sizes of hidden layers differ, of all of its layers.

    The trial is on random examples, as many and as large as the data set's, and is kept for data sets of that size.

    Parameters
    ----------
    spec, dataset, steps, batch_size, optimizer, n_snapshots : as in ``train``

    Raises
    ------
    ValueError
        As in ``train``.
    """
    spec, dataset, batch_size = match_data(spec, dataset, batch_size)
    course = Course(optimizer, steps, n_snapshots=n_snapshots)
    # Layers of unlike sizes do not stand for each other.
    short = spec.at_depth(min(spec.depth, TRIAL_DEPTH)) if spec.widths is None else spec
    size = _Size(
        dataset.loss,
        dataset.n_inputs,
        dataset.n_outputs,
        len(dataset.train_inputs),
        len(dataset.test_inputs),
        dataset.train_targets.ndim,
    )
    return spec.depth / short.depth * _trial(short, size, optimizer, batch_size).seconds(course)
