"""Which step a number belongs to, in logs that count steps, epochs, both, or nothing."""

import numpy as np

from vanish.numerics.arrays import Array


class Repeats:
    """Steps of a log that does not number them: a parameter that comes again begins the next one."""

    def __init__(self) -> None:
        self.current = 0
        self._seen: dict[tuple[str, str], int] = {}

    def step(self, name: str, size: str) -> float:
        """The step of this number."""
        self.current = max(self.current, self._seen.get((name, size), -1) + 1)
        self._seen[name, size] = self.current
        return float(self.current)


def counted(epochs: Array, steps: Array) -> Array:
    """A step for each of ``(n,)`` rows from its epoch and its step, nan where there is none of both.

    A step where the log numbers it, else the epoch.  Batches that are counted anew in each epoch are counted on.
    """
    if not (np.isfinite(epochs) & np.isfinite(steps)).all() or not len(steps):
        return np.where(np.isfinite(steps), steps, epochs)
    falls = bool(((np.diff(epochs) > 0) & (np.diff(steps) < 0)).any())
    if not falls and len(np.unique(steps)) >= len(np.unique(epochs)):
        return steps
    pairs, places = np.unique(np.stack([epochs, steps], axis=1), axis=0, return_inverse=True)
    return np.arange(float(len(pairs)))[places.reshape(-1)]
