"""Where a recurrent network in training stops being finite."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.arrays import Array
from vanish.sequence.passes import BackwardPass, ForwardPass


@dataclass(frozen=True)
class RecurrentDivergence:
    """Where the first non-finite value appeared.

    After ``step`` updates, in ``what``: ``"parameters"``, ``"states"``, ``"loss"`` or ``"gradient"``.  ``time`` is the
    step of the sequence (1 is the first), on the way along it for states and on the way back for gradients; ``None``
    where it is not in any single one.
    """

    step: int
    what: str
    time: int | None = None


def recurrent_divergence(
    vector: Array, passed: ForwardPass, loss: float, back: BackwardPass, step: int
) -> RecurrentDivergence:
    """Go through parameters ``(n_parameters,)``, forward pass, loss and backward pass of one batch, in this order."""
    if not np.isfinite(vector).all():
        return RecurrentDivergence(step, "parameters")
    for states in (passed.hidden_states, passed.cell_states):
        times = _non_finite_times(states)
        if times.size:
            return RecurrentDivergence(step, "states", int(times[0]))
    if not np.isfinite(loss):
        return RecurrentDivergence(step, "loss", len(passed.steps))
    times = _non_finite_times(back.dh)
    return RecurrentDivergence(step, "gradient", int(times[-1]) if times.size else None)


def _non_finite_times(states: Array) -> NDArray[np.intp]:
    """Steps of the sequence, from 1, at which an array ``(steps + 1, hidden, batch)`` is not all finite."""
    return np.flatnonzero(~np.isfinite(states[1:]).all(axis=(-2, -1))) + 1
