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
        self._add(now)
        taken = self.left >= 1
        self.left -= taken
        return taken

    def wait(self, now: float) -> float:
        """Seconds until one more may come, which is taken; 0 if it may now."""
        self._add(now)
        self.left -= 1
        return max(0.0, -self.left / self.a_second)

    def _add(self, now: float) -> None:
        """What has come to be allowed since it was last asked."""
        self.left = min(self.at_once, self.left + self.a_second * (now - self.at))
        self.at = now
