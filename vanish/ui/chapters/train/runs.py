"""What came of a run: whether the network has learned, how far its layers have moved, which of them are dead."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal

import numpy as np

from vanish.network.training import Snapshot
from vanish.numerics.arrays import QUIET, Array

# A score counts as better when it is this many standard errors above the other one.
STANDARD_ERRORS = 3

Outcome = Literal["diverged", "has learned", "has not learned"]


def is_better(last: Snapshot, first: Snapshot) -> bool:
    """Whether the test score is above another network's by more than the luck of the test examples.

    The two are taken as independent; of one network before and after they agree on many examples, and the true
    error of the difference is smaller.
    """
    return last.test_accuracy - first.test_accuracy > STANDARD_ERRORS * hypot(last.test_error, first.test_error)


def has_learned(run: Sequence[Snapshot], guessing: float) -> bool:
    """Whether a network is better than itself before the first step, and than one answer for all examples."""
    last = run[-1]
    return is_better(last, run[0]) and last.test_accuracy - guessing > STANDARD_ERRORS * last.test_error


def outcome(run: Sequence[Snapshot], guessing: float) -> Outcome:
    """What became of a network."""
    if run[-1].divergence:
        return "diverged"
    return "has learned" if has_learned(run, guessing) else "has not learned"


@np.errstate(**QUIET)
def moved(run: Sequence[Snapshot], snapshot: Snapshot) -> Array:
    """How far each layer's weights have moved, over their length at the start, ``(depth,)``."""
    return snapshot.distance / run[0].weight_norm


def learned_slopes(snapshot: Snapshot) -> dict[int, float]:
    """The slope for negative inputs of each layer that learns one (PReLU's), by its number; empty where parameters
    were not kept."""
    leaks = snapshot.parameters.leaks if snapshot.parameters else []
    return {layer: float(leak) for layer, leak in enumerate(leaks, 1) if leak is not None}


@dataclass(frozen=True)
class DeadLayers:
    """Layers, counted from 1, all of whose units are dead in every snapshot from ``since`` to the last one; and those
    whose weights' gradient is exactly 0 in the last one."""

    layers: tuple[int, ...]
    since: int
    without_gradient: tuple[int, ...]


def dead_layers(run: Sequence[Snapshot]) -> DeadLayers:
    """Which layers of a run have died; ``since`` is the last snapshot's step where none has."""
    all_dead = np.stack([snapshot.dead == 1 for snapshot in run])
    layers = np.flatnonzero(all_dead[-1])
    alive_before = np.flatnonzero(~all_dead[:, layers].all(axis=1))
    since = alive_before[-1] + 1 if len(layers) and len(alive_before) else 0 if len(layers) else len(run) - 1
    still = np.flatnonzero(run[-1].gradient_norm == 0)
    return DeadLayers(_numbers(layers), run[since].step, _numbers(still))


def _numbers(places: np.ndarray) -> tuple[int, ...]:
    return tuple(int(place) + 1 for place in places)
