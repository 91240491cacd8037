"""The training loop that every kind of network shares, as a generator: the page draws as it goes, and stops by asking
for no more.

A snapshot at step ``s`` shows the network after ``s`` updates, and the gradient and the update that come next.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from vanish.choices.clippings import CLIPPINGS, LARGEST_LIMIT
from vanish.choices.optimizers import LARGEST_RATE, OPTIMIZERS
from vanish.choices.schedules import LARGEST_STEPS, SCHEDULES
from vanish.numerics import lcg
from vanish.numerics.arrays import Array, evenly
from vanish.numerics.checks import check_choice, check_integer, check_number, put_checked

LARGEST_SNAPSHOTS = 1000


# Seconds between two calls of ``progress``, at least.
HEARTBEAT = 0.05


Shot = TypeVar("Shot")


@dataclass(frozen=True)
class Course:
    """How a network is trained, whatever it is.

    Parameters
    ----------
    optimizer : a name from ``OPTIMIZERS``
    steps : int, 1 to 100,000
    learning_rate : float, 0 to 100
    clip : a name from ``CLIPPINGS``; of the gradient of all parameters together
    seed : int, 0 to 2**64 - 1
    clip_at : float, 0 to 1e6; the norm or value that ``clip`` allows
    schedule : a name from ``SCHEDULES``
    n_snapshots : int, 2 to 1000; fewer come where there are fewer steps

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """

    optimizer: str
    steps: int
    learning_rate: float = 0.0
    clip: str = "none"
    seed: int = 0
    clip_at: float = 1.0
    schedule: str = "constant"
    n_snapshots: int = 40

    def __post_init__(self) -> None:
        put_checked(
            self,
            optimizer=check_choice("optimizer", self.optimizer, OPTIMIZERS),
            steps=check_integer("steps", self.steps, 1, LARGEST_STEPS),
            learning_rate=check_number("learning_rate", self.learning_rate, 0, LARGEST_RATE),
            clip=check_choice("clip", self.clip, CLIPPINGS),
            seed=lcg.check_seed("seed", self.seed),
            clip_at=check_number("clip_at", self.clip_at, 0, LARGEST_LIMIT),
            schedule=check_choice("schedule", self.schedule, SCHEDULES),
            n_snapshots=check_integer("n_snapshots", self.n_snapshots, 2, LARGEST_SNAPSHOTS),
        )

    def rate(self, step: int) -> float:
        """The learning rate of the update after ``step`` others; the last snapshot looks one beyond the end."""
        return self.learning_rate * SCHEDULES[self.schedule].factor(min(step, self.steps - 1), self.steps)

    @property
    def snapshot_steps(self) -> list[int]:
        """The steps, evenly spaced, at which a run is looked at: 0, ``steps`` and others between."""
        return evenly(self.steps + 1, self.n_snapshots).tolist()

    def updater(self, vector: Array) -> Callable[[Array, float], None]:
        """What changes parameters ``(n,)`` in place, given their gradient ``(n,)``, which it may clip, and a rate."""
        optimizer, clip, limit = OPTIMIZERS[self.optimizer], CLIPPINGS[self.clip].function, self.clip_at
        state = optimizer.start(vector)
        return lambda gradient, rate: optimizer.apply(vector, clip(gradient, limit), state, rate)


class Run(Protocol[Shot]):
    """A network in training, as the loop drives it."""

    def measure(self) -> bool:
        """Take the gradient of the next batch; whether it and the loss are finite."""

    def update(self, rate: float) -> None:
        """Change the network by the gradient that was measured."""

    def kept(self, due: list[int]) -> list[int]:
        """Of the steps of all snapshots, those whose snapshots keep the parameters."""

    def snapshot(self, step: int, rate: float, keep: bool) -> Shot:
        """The network as it is, and the gradient measured, but not the next update's size."""

    def update_watched(self, snapshot: Shot, rate: float) -> Shot:
        """Update, and the snapshot with the update's size."""

    def diverged(self, step: int, rate: float) -> Shot:
        """The last snapshot of a run whose next gradient or loss is not finite, with where that began."""


def snapshots(
    start: Callable[[], Run[Shot]], course: Course, progress: Callable[[float], None] | None = None
) -> Iterator[Shot]:
    """Train, and yield a run's snapshots; nothing is done, ``start`` included, before the first is asked for.

    Parameters
    ----------
    start : makes the run
    progress : called now and then between snapshots with the share that is done; it may raise to interrupt
    """
    run, due = start(), course.snapshot_steps
    watched, kept = set(due), set(run.kept(due))
    beat = time.monotonic()
    for step in range(course.steps + 1):
        rate = course.rate(step)
        if not run.measure():
            yield run.diverged(step, rate)
            return
        if step in watched:
            yield run.update_watched(run.snapshot(step, rate, step in kept), rate)
            beat = time.monotonic()
        else:
            run.update(rate)
            if progress and time.monotonic() - beat > HEARTBEAT:
                progress(step / course.steps)
                beat = time.monotonic()
