"""A log of gradients as plain data: parameters by steps, with what each entry is and how it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.arrays import Array


class State(IntEnum):
    """What an entry of a log is."""

    NUMBER = 0
    ZERO = 1  # exactly 0
    BELOW = 2  # printed as 0.0000: smaller than half of the last digit
    MISSING = 3  # None, or an empty cell: no gradient reached it, or it is frozen
    NAN = 4
    INFINITE = 5
    ABSENT = 6  # the log has no entry of this parameter at this step


@dataclass(frozen=True)
class Decision:
    """What was decided while reading: which field, what was chosen, why, and what else could have been chosen."""

    field: str
    choice: str
    reason: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What could not be read: where it stood, what was there, what was expected; how often it happened in that file."""

    file: str
    row: int | None
    column: str | None
    got: str
    expected: str
    count: int = 1

    def __str__(self) -> str:
        place = [self.file or "the text"]
        place += [f"row {self.row}"] if self.row is not None else []
        place += [f"column {self.column}"] if self.column is not None else []
        more = f" (and {self.count - 1} more like it)" if self.count > 1 else ""
        return f"{', '.join(place)}: expected {self.expected}, got {self.got}{more}"


@dataclass(frozen=True)
class GradientLog:
    """Gradients of one network over the steps of a run.

    Attributes
    ----------
    names : tuple of str
        Parameters, the input's side first.
    steps : ``(n_steps,)``
        Their numbers as the log has them, else 0, 1, 2, ...
    values : ``(n_steps, n_parameters)``
        Sizes: 0 where a zero was printed, nan where there is none.
    states : uint8 array of the same shape
        What each entry is, see ``State``.
    resolution : ``(n_parameters,)``
        Half of the last printed digit, where zeros were printed; what stood there is smaller.  0 elsewhere.
    size : str
        What was logged of each gradient, a name from ``vanish.logs.sizes.SIZES``.
    kinds : tuple of str
        ``weight``, ``bias``, ``normalization``, ``embedding``: what each parameter is, by its name and shape.
    entries : ``(n_parameters,)``
        Numbers of entries, where known, else nan.
    shapes : mapping of a name to its shape, where known
    forward : bool
        Whether these are sizes of layers' outputs on the way forward, not gradients.
    loss_scale : float
        What the loss was multiplied by while it was logged; ``values`` still hold it.  Where the log says that it
        changed, they are brought to the scale of the last step.
    decisions : tuple of Decision
    problems : tuple of Problem
    sources : tuple of str
        The format of each file in words.
    zeros : ``(n_steps, n_parameters)`` or None
        The share of each gradient's entries that are exactly 0, nan where the log does not say; ``None`` where it never
        does.
    """

    names: tuple[str, ...]
    steps: Array
    values: Array
    states: NDArray[np.uint8]
    resolution: Array
    size: str
    kinds: tuple[str, ...]
    entries: Array
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    forward: bool = False
    loss_scale: float = 1.0
    decisions: tuple[Decision, ...] = ()
    problems: tuple[Problem, ...] = ()
    sources: tuple[str, ...] = ()
    zeros: Array | None = None

    @property
    def n_steps(self) -> int:
        """How many steps were logged."""
        return len(self.steps)

    @property
    def n_parameters(self) -> int:
        """How many parameters were logged."""
        return len(self.names)

    def decided(self, field_name: str) -> Decision | None:
        """What was decided of a field, ``None`` where there was nothing to decide."""
        return next((decision for decision in self.decisions if decision.field == field_name), None)
