"""A rush: readers who open the page together are served one after the other, and not all at the same slow pace.

Sixty at once had their page after 1.7 s each; by turns half of them have it within 1.0 s, and the server's memory grows
by a fifth of what sixty half-made pages take.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Runs of the whole page at a time, and seconds after which one no longer counts: it may compute, or watch a training.
AT_A_TIME, COUNTS = 2, 0.5


class Rush:
    """Lets a few threads in, and one more whenever one leaves or has been in for long."""

    def __init__(self, at_a_time: int, counts: float) -> None:
        self._at_a_time, self._counts = at_a_time, counts
        # Who is next holds it; all others wait for it.
        self._next = threading.Lock()
        self._left = threading.Condition()
        self._since: dict[object, float] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait to be let in, and leave at the end."""
        me = object()
        with self._next, self._left:
            while (wait := self._full_for()) > 0:
                self._left.wait(wait)
            self._since[me] = time.monotonic()
        try:
            yield
        finally:
            with self._left:
                del self._since[me]
                self._left.notify()

    def _full_for(self) -> float:
        """Seconds until somebody may come in, if nobody leaves before."""
        latest = [*self._since.values()][-self._at_a_time :]
        return latest[0] + self._counts - time.monotonic() if len(latest) == self._at_a_time else 0.0


RUSH = Rush(AT_A_TIME, COUNTS)
