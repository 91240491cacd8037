"""So much at once, and more of it with time: what keeps one who asks too often from costing the others anything."""

from dataclasses import dataclass


@dataclass(slots=True)
class Allowance:
    """``at_once`` may come at once, and ``a_second`` more of it every second; ``left`` of it at the time ``at``."""

    at_once: float
    a_second: float
    at: float
    left: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.at_once

    def take(self, now: float) -> bool:
        """Whether one more may come now; if so, it is taken."""
        self.left = min(self.at_once, self.left + self.a_second * (now - self.at))
        self.at = now
        taken = self.left >= 1
        self.left -= taken
        return taken
