"""One thread looks for all who wait: sixty who look for themselves ten times a second keep everybody from computing."""

import threading
import time
from collections.abc import Callable

# Seconds between two looks.
LOOK_EVERY = 0.05

# Whether it is time to go on; asked from another thread, many times a second.
Ready = Callable[[], bool]


class Lookout:
    """Where threads wait until they are told; it looks while somebody waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Ready, threading.Event]] = []
        self._looks = False

    def wait_for(self, ready: Ready) -> None:
        """Wait until it is ``ready``, or cannot be told any more; RuntimeError where no thread can look."""
        if ready():
            return
        bell = threading.Event()
        with self._lock:
            if not self._looks:
                threading.Thread(target=self._look, name="lookout", daemon=True).start()
                self._looks = True
            self._waiting.append((ready, bell))
        bell.wait()

    def _look(self) -> None:
        while self._ring():
            time.sleep(LOOK_EVERY)

    def _ring(self) -> bool:
        """Tell those for whom it is time; whether others wait."""
        with self._lock:
            for ready, bell in self._waiting:
                if _tells(ready):
                    bell.set()
            self._waiting = [one for one in self._waiting if not one[1].is_set()]
            self._looks = bool(self._waiting)
            return self._looks


def _tells(ready: Ready) -> bool:
    try:
        return ready()
    except Exception:  # whoever waits asks again, and meets it
        return True


LOOKOUT = Lookout()
