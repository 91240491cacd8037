"""The shape of a gradient's way back: its factor per layer, its steps, its gaps."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.arrays import Array
from vanish.numerics.robust_line import Slope, theil_sen

# A step between neighbours is a jump beyond this many decades, if it is also this far from the typical one.
JUMP_DECADES, DECADES_FROM_TYPICAL = 2.0, 1.0

# A layer inside is cut off if it lies this many decades below both ends.
CUT_OFF_DECADES = 2.0

# Jumps that follow one another up and down are a saw-tooth, as weights and biases in one list make it.
SAW_TOOTH = 3


@dataclass(frozen=True)
class Factor:
    """What one step back multiplies the gradient by, fitted to all layers, and the limits of its 95 % interval."""

    value: float = 1.0
    low: float = 0.0
    high: float = np.inf


@dataclass(frozen=True)
class Step:
    """A step between neighbours: the gradient of layer ``before`` over that of layer ``after``, in powers of ten."""

    before: int
    after: int
    decades: float

    @property
    def factor(self) -> float:
        """What the step back multiplies the gradient by."""
        return _power(self.decades)


@dataclass(frozen=True)
class Gap:
    """The layer inside that is furthest below both ends: its gradient over the smaller of theirs, in powers of ten."""

    layer: int
    decades: float

    @property
    def depth(self) -> float:
        """The share of the smaller end's gradient that the layer gets."""
        return _power(self.decades)


@dataclass(frozen=True)
class Profile:
    """``layers``: numbers of the layers that have a finite gradient above zero, ``(n,)``; ``decades``: log10 of it."""

    layers: NDArray[np.int64]
    decades: Array

    @cached_property
    def _slope(self) -> Slope:
        if len(self.layers) < 2:
            return Slope(0.0, -np.inf, np.inf)
        return theil_sen(self.layers.astype(np.float64), self.decades)

    @property
    def typical(self) -> float:
        """Decades that a step back adds, by the fitted line: a gradient that falls on its way back rises with the
        layer's number."""
        return -self._slope.value

    @property
    def factor(self) -> Factor:
        """The fitted line's factor and its interval."""
        return Factor(_power(-self._slope.value), _power(-self._slope.high), _power(-self._slope.low))

    @cached_property
    def _steps(self) -> Array:
        """Decades that each step back adds, ``(n - 1,)``."""
        return -np.diff(self.decades)

    @cached_property
    def _jumps(self) -> NDArray[np.bool_]:
        typical = self.typical * np.diff(self.layers)
        return (np.abs(self._steps) > JUMP_DECADES) & (np.abs(self._steps - typical) > DECADES_FROM_TYPICAL)

    @cached_property
    def _cut_off(self) -> NDArray[np.bool_]:
        if not len(self.layers):
            return np.zeros(0, dtype=bool)
        return self.decades < min(self.decades[0], self.decades[-1]) - CUT_OFF_DECADES

    @property
    def cut_off(self) -> NDArray[np.int64]:
        """Numbers of the layers inside that get less than a hundredth of what either end gets."""
        return self.layers[self._cut_off]

    @property
    def gap(self) -> Gap | None:
        """The worst gap, however deep; ``None`` where no layer inside is below both ends."""
        if len(self.layers) < 3:
            return None
        lowest = int(np.argmin(self.decades[1:-1])) + 1
        below = float(self.decades[lowest] - min(self.decades[0], self.decades[-1]))
        return Gap(int(self.layers[lowest]), below) if below < 0 else None

    @property
    def is_saw_tooth(self) -> bool:
        """Whether the gradient jumps up and down by turns."""
        if not self._jumps.any():
            return False
        turns = self._jumps[:-1] & self._jumps[1:] & (self._steps[:-1] * self._steps[1:] < 0)
        needed = SAW_TOOTH - 1
        return any(turns[start : start + needed].all() for start in range(len(turns) - needed + 1))

    @property
    def jump(self) -> Step | None:
        """The largest jump, if there is one.  The walls of a gap are none of their own, but a saw-tooth has no gap."""
        if len(self.layers) < 2 or not self._jumps.any():
            return None
        walls = self._cut_off[:-1] | self._cut_off[1:]
        jumps = self._jumps if self.is_saw_tooth else self._jumps & ~walls
        return self._largest(np.where(jumps, np.abs(self._steps), 0.0))

    @property
    def largest_step(self) -> Step | None:
        """The largest step between neighbours, up or down."""
        return self._largest(np.abs(self._steps))

    def largest_step_towards(self, sign: float) -> Step | None:
        """The largest step down on the way back (``sign`` below 0) or up (above)."""
        return self._largest(np.maximum(self._steps * np.sign(sign), 0.0))

    def _largest(self, sizes: Array) -> Step | None:
        if not len(sizes) or not sizes.max():
            return None
        place = int(np.argmax(sizes))
        return Step(int(self.layers[place]), int(self.layers[place + 1]), float(self._steps[place]))


def _power(decades: float) -> float:
    with np.errstate(over="ignore", under="ignore"):
        return float(np.power(10.0, decades))
