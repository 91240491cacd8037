"""Long computations, run once and watched by everybody who asks for the same.

A computation waits for one of a few worker processes.  Whoever watches it draws what it has yielded so far, however
long that takes; when nobody has watched for a while it is given up, so that moving a slider is all it takes to stop
one.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

from vanish.ui.kit.lookout import LOOKOUT
from vanish.ui.kit.processes import DiedError, Worker
from vanish.ui.kit.races import Beat
from vanish.ui.kit.shared import size_of

# Computations at a time, seconds that one goes on unwatched, and bytes of what is kept.
AT_A_TIME = 2
PATIENCE = 5.0
KEPT_BYTES = 48_000_000

# After a drawing whoever watches draws nothing for so many times as long as it took, but not for more than so many
# seconds: on a busy server, where it takes longer, there are fewer, and sliders wait for fewer.
REST, LONGEST_REST = 40, 1.0

# Seconds between two looks at how many come first: sixty who wait would look six hundred times a second.
TELL_EVERY = 0.5

# What a computation is made by: a plain value that can be sent to another process (see ``races``).
Make = Callable[[Beat], Iterator[Any]]


class GivenUpError(Exception):
    """Raised within a computation that nobody watches any more."""


_threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="live")
_own = threading.local()
_numbers = count()
_lock = threading.Lock()
_known: OrderedDict[Hashable, "Live"] = OrderedDict()


def compute(make: Make, beat: Beat) -> Generator[Any, None, None]:
    """Yield what ``make`` yields, from the worker process that belongs to this thread."""
    if not hasattr(_own, "worker"):
        _own.worker = Worker()
    worker: Worker = _own.worker
    return worker.compute(make, beat)


class Live:
    """A computation that waits, is under way or is done.

    ``items``: what it has yielded so far; ``restarts``: how often its process died, and it began again; ``number``:
    who came first; ``bytes``: what the items take, once all have come.
    """

    def __init__(self, make: Make, seconds: float = 0.0) -> None:
        self.items: list[Any] = []
        self.restarts = 0
        self.bytes = 0
        self.number = next(_numbers)
        self._make = make
        self._seconds, self._begun, self._done = seconds, math.inf, math.inf
        self._watchers: list[None] = []
        self._watched = time.monotonic()
        self._run = _threads.submit(self._compute)
        self._run.add_done_callback(lambda _: _line.cache_clear())

    @property
    def waits(self) -> bool:
        """Whether it has not begun."""
        return not self._run.running() and not self._run.done()

    @property
    def pace(self) -> float:
        """How many times as long as it should it has taken so far; 0 where that is not known."""
        return self._elapsed / self._seconds if self._seconds else 0.0

    def seconds_left(self, pace: float) -> float:
        """What is left of the seconds that it should take where all take ``pace`` times as long."""
        return max(self._seconds * pace - self._elapsed, 0.0)

    @property
    def _elapsed(self) -> float:
        return max(min(time.monotonic(), self._done) - self._begun, 0.0)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come, for whatever reason."""
        return self._run.done()

    @property
    def finished(self) -> bool:
        """Whether the last item has come."""
        return self._run.done() and self._run.exception() is None

    @property
    def given_up(self) -> bool:
        """Whether it has ended early: by an error, or because nobody watched."""
        return self._run.done() and self._run.exception() is not None

    @property
    def left(self) -> bool:
        """Whether it has ended early because nobody watched."""
        return self._run.done() and isinstance(self._run.exception(), GivenUpError)

    def watch(self, looks_away: Callable[[], bool] = bool) -> Iterator[list[Any]]:
        """Yield the items while it waits and when there are more of them, as often as drawing them leaves time for,
        and once more when all have come; or end as soon as whoever watches ``looks_away``."""
        with self._watching():
            seen, rested = -1, 0.0

            def more() -> bool:
                if self._run.done() or looks_away():
                    return True
                return time.monotonic() >= rested and (len(self.items) != seen or self.waits)

            while True:
                LOOKOUT.wait_for(more)
                if self._run.done():
                    break
                if looks_away():
                    return
                seen, begins = len(self.items), time.monotonic()
                yield self.items[:seen]
                drawn = time.monotonic()
                rested = drawn + (TELL_EVERY if self.waits else min(REST * (drawn - begins), LONGEST_REST))
        error = self._run.exception()
        if error and not isinstance(error, GivenUpError):
            raise error
        yield list(self.items)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Somebody watches, be it that their page takes long to draw what there is."""
        # A list needs no lock, which the end of a reader's run, wherever it comes, could be waiting for itself.
        self._watchers.append(None)
        try:
            yield
        finally:
            self._watched = time.monotonic()
            self._watchers.pop()

    def _compute(self) -> None:
        self._begun = time.monotonic()
        _line.cache_clear()
        try:
            self._try()
        except DiedError:
            self.items.clear()
            self.restarts += 1
            self._try()
        self._done = time.monotonic()
        self.bytes = size_of(self.items)

    def _try(self) -> None:
        # While it waited for a worker, its watchers may have gone.
        self._beat(0.0)
        # Closed at once: the process of what is given up ends, and does not wait for somebody to collect the error.
        with closing(compute(self._make, self._beat)) as items:
            for item in items:
                self.items.append(item)
                self._beat(0.0)

    def _beat(self, _share: float) -> None:
        if not self._watchers and time.monotonic() - self._watched > PATIENCE:
            raise GivenUpError


def known(key: Hashable) -> Live | None:
    """The computation for ``key``, if there is one under way or done."""
    with _lock:
        live = _known.get(key)
        return live if live and not live.given_up else None


def left(key: Hashable) -> bool:
    """Whether the computation for ``key`` was given up since nobody watched it, and none has begun since."""
    with _lock:
        live = _known.get(key)
        return live is not None and live.left


def start(key: Hashable, make: Make, seconds: float = 0.0) -> Live:
    """The computation for ``key``: the one that is known, or a new one, which should take so many ``seconds``."""
    with _lock:
        live = _known.get(key)
        if not live or live.given_up:
            live = _known[key] = Live(make, seconds)
            _line.cache_clear()
        _known.move_to_end(key)
        _forget()
        return live


def ahead(live: Live) -> tuple[int, float]:
    """How many computations wait or run before this one begins, and in about how many seconds it does; none once it
    has."""
    return _line(int(time.monotonic() / TELL_EVERY)).get(live.number, (0, 0.0)) if live.waits else (0, 0.0)


# For all who ask: by who comes first, each would look at all the others.
@lru_cache(maxsize=1)
def _line(moment: int) -> Mapping[int, tuple[int, float]]:
    """How many come before each computation that waits, and their seconds, at a ``moment`` of half a second: forgotten
    as soon as one is asked for, begins or ends."""
    with _lock:
        # Keys move to the end whenever somebody asks: who came first is told by when they were made.
        known = sorted(_known.values(), key=lambda one: one.number)
    others = [one for one in known if not one.ended]
    # A busy machine is slower than the one on which they were estimated: as those under way, and the last to begin of
    # those that have come to an end.
    last = [one for one in known if one.finished][-1:]
    pace = max([1.0, *(one.pace for one in others + last)])
    line, seconds = {}, 0.0
    for first, one in enumerate(others):
        line[one.number] = first, seconds / AT_A_TIME
        seconds += one.seconds_left(pace)
    return line


def _forget() -> None:
    """Keep what is under way, and of what has ended, as many bytes as there is room for."""
    ended = [(key, live) for key, live in _known.items() if live.ended]
    total = sum(live.bytes for _, live in ended)
    for key, live in ended[:-1]:
        if live.given_up or total > KEPT_BYTES:
            total -= live.bytes
            del _known[key]
