"""What is set once for the whole process, so that a small server serves many readers."""

import ctypes
import sys
from contextlib import suppress
from functools import cache

# glibc's name for the largest number of heaps (malloc.h), and how many are enough for sixty readers.
M_ARENA_MAX, HEAPS = -8, 2


# Seconds that one thread computes before another one gets its turn; Python's own are ten times as many.
TURN = 0.0005


@cache
def settle() -> None:
    """Few heaps, and short turns."""
    few_heaps()
    # A slider move needs many turns of its own while somebody's network trains.
    sys.setswitchinterval(TURN)


def few_heaps() -> bool:
    """Ask glibc for few heaps; whether it agreed.

    It gives threads heaps of their own, up to eight a processor, and Streamlit starts a thread for every run: what
    one run frees, the next one's heap does not see, and the server keeps half as much again as it needs.
    """
    with suppress(AttributeError, OSError):
        return sys.platform == "linux" and ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS) == 1
    return False
