"""Long computations, run once and watched by everybody who asks for the same.

A computation waits for one of a few workers.  Whoever watches it draws what it has yielded so far; when
nobody has watched for a while it is given up, so that moving a slider is all it takes to stop one.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
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


_workers = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="live")
_lock = threading.Lock()
_known: OrderedDict[Hashable, "Live"] = OrderedDict()


class Live:
    """A computation that waits, is under way or is done: ``items`` is what it has yielded so far."""

    def __init__(self, make: Make) -> None:
        self.items: list[Any] = []
        self._make = make
        self._watched = time.monotonic()
        self._run = _workers.submit(self._compute)

    @property
    def finished(self) -> bool:
        """Whether the last item has come."""
        return self._run.done() and self._run.exception() is None

    @property
    def given_up(self) -> bool:
        """Whether it has ended early: by an error, or because nobody watched."""
        return self._run.done() and self._run.exception() is not None

    def watch(self) -> Iterator[list[Any]]:
        """Yield the items whenever there are more of them, and once more when the last one has come."""
        seen = 0
        while not self._run.done():
            self._watched = time.monotonic()
            if len(self.items) > seen:
                seen = len(self.items)
                yield self.items[:seen]
            wait([self._run], LOOK_EVERY)
        error = self._run.exception()
        if error and not isinstance(error, GivenUpError):
            raise error
        yield list(self.items)

    def _compute(self) -> None:
        # While it waited for a worker, its watchers may have gone.
        self._beat(0.0)
        for item in self._make(self._beat):
            self.items.append(item)
            self._beat(0.0)

    def _beat(self, _share: float) -> None:
        if time.monotonic() - self._watched > PATIENCE:
            raise GivenUpError


def known(key: Hashable) -> Live | None:
    """The computation for ``key``, if there is one under way or done."""
    with _lock:
        live = _known.get(key)
        return live if live and not live.given_up else None


def start(key: Hashable, make: Make) -> Live:
    """The computation for ``key``: the one that is known, or a new one."""
    with _lock:
        live = _known.get(key)
        if not live or live.given_up:
            live = _known[key] = Live(make)
        _known.move_to_end(key)
        while len(_known) > KEPT:
            _known.popitem(last=False)
        return live
