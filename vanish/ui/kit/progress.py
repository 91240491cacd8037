"""Progress of a computation that runs while the reader waits."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """Where a long computation tells how far it is; no part of what it is cached by."""

    report: Callable[[float], None] = field(compare=False)
