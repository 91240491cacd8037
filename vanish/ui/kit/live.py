"""Long computations, run once and watched by everybody who asks for the same.

A computation runs in a thread of its own.  Whoever watches it draws what it has yielded so far; when
nobody has watched for a while it is given up, so that moving a slider is all it takes to stop one.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

# Computations at a time, seconds that one goes on unwatched, seconds between looks, computations kept.
AT_A_TIME = 2


PATIENCE = 3.0


LOOK_EVERY = 0.1


KEPT = 10


# What a computation is made by: given ``beat``, which it calls as often as it can, with the share that is done.
Make = Callable[[Callable[[float], None]], Iterator[Any]]


class GivenUpError(Exception):
    """Raised within a computation that nobody watches any more."""


_turns = threading.Semaphore(AT_A_TIME)


_lock = threading.Lock()


_known: OrderedDict[Hashable, "Live"] = OrderedDict()


class Live:
    """A computation under way or done: ``items`` is what it has yielded so far."""

    def __init__(self, make: Make) -> None:
        self.items: list[Any] = []
        self.finished = self.given_up = False
        self._make = make
        self._watched = time.monotonic()
        self._error: Exception | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def watch(self) -> Iterator[list[Any]]:
        """Yield the items whenever there are more of them, and once more when the last one has come."""
        seen = 0
        while not (self.finished or self.given_up):
            self._watched = time.monotonic()
            if len(self.items) > seen:
                seen = len(self.items)
                yield self.items[:seen]
            time.sleep(LOOK_EVERY)
        if self._error:
            raise self._error
        yield list(self.items)

    def _run(self) -> None:
        try:
            while not _turns.acquire(timeout=LOOK_EVERY):
                self._beat(0.0)
            try:
                for item in self._make(self._beat):
                    self.items.append(item)
                    self._beat(0.0)
                self.finished = True
            finally:
                _turns.release()
        except GivenUpError:
            pass
        except Exception as error:
            self._error = error
        finally:
            self.given_up = not self.finished

    def _beat(self, _share: float) -> None:
        if time.monotonic() - self._watched > PATIENCE:
            raise GivenUpError


def known(key: Hashable) -> Live | None:
    """The computation for ``key``, if there is one under way or done."""
    with _lock:
        found = _known.get(key)
        return found if found and not found.given_up else None


def start(key: Hashable, make: Make) -> Live:
    """The computation for ``key``: the one that is known, or a new one."""
    with _lock:
        found = _known.get(key)
        if not found or found.given_up:
            found = _known[key] = Live(make)
        _known.move_to_end(key)
        while len(_known) > KEPT:
            _known.popitem(last=False)
        return found
