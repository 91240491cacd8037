"""One core for the page's threads: they share one interpreter, and to hand it from core to core is dear.

Streamlit starts a thread for every run, and the server's own sends what it makes.  Between two cores each handing over
wakes one up; on a virtual machine that takes longer than many of its turns.  On one core they wait in line.
"""

import ctypes
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# Those that the process may use; none where the system does not say.
ALL: frozenset[int] = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()

# What others take of the page's core, as a share of it, before the page moves to one of which they take less, by as
# much at least.
CROWDED = 0.2

# The columns of a core in the kernel's table that are work for somebody.  Not those of what gives way to the page, as
# its own workers do, nor those in which nothing is done.
WORK = {"user": 0, "system": 2, "irq": 5, "softirq": 6, "steal": 7}


@dataclass(frozen=True)
class Look:
    """Seconds that each core has worked by now, and that this process has; and now itself."""

    busy: Mapping[int, float]
    own: float = field(default_factory=time.process_time)
    at: float = field(default_factory=time.monotonic)


class Page:
    """The core that the page's threads are on; none before they have been brought together, or where they cannot be."""

    def __init__(self) -> None:
        self.core: int | None = None

    def gather(self) -> None:
        """Bring all threads of the process to the core where the caller is: what they start stays there."""
        # A system that does not know says -1.
        with suppress(AttributeError, OSError, ValueError):
            if len(ALL) > 1:
                self.move(ctypes.CDLL(None).sched_getcpu())

    def move(self, core: int) -> None:
        """Bring all threads of the process to a core."""
        for thread in Path("/proc/self/task").iterdir():
            # It may have ended meanwhile.
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), {core})
        self.core = core

    def make_room(self, before: Look | None) -> None:
        """Move to a core of which others take less, if they have taken much of this one since ``before``."""
        after = look()
        if self.core is not None and before and after:
            with suppress(OSError):
                if (core := quietest(before, after, self.core)) != self.core:
                    self.move(core)

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """On any core, and so is what this thread starts meanwhile."""
        if self.core is None:
            yield
            return
        with suppress(OSError):
            os.sched_setaffinity(0, ALL)
        try:
            yield
        finally:
            with suppress(OSError):
                os.sched_setaffinity(0, {self.core})


PAGE = Page()


def look() -> Look | None:
    """What the cores do now; ``None`` where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        tick = os.sysconf("SC_CLK_TCK")
        rows = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
        return Look(
            {
                int(name[3:]): sum(int(numbers[place]) for place in WORK.values()) / tick
                for name, *numbers in rows
                if name.startswith("cpu") and name != "cpu"
            }
        )
    return None


def quietest(before: Look, after: Look, core: int) -> int:
    """Where the page is best between two looks: on its ``core``, unless others crowd it and another one is quieter."""
    seconds = max(after.at - before.at, 1e-9)
    others = {
        one: (after.busy[one] - before.busy[one]) / seconds for one in ALL & after.busy.keys() & before.busy.keys()
    }
    here = others.get(core, 0.0) - (after.own - before.own) / seconds
    best = min(others, key=lambda one: others[one], default=core)
    return best if others.get(best, 0.0) + CROWDED < here else core
