"""Memory on a shared server."""

import ctypes
import sys
from contextlib import suppress
from functools import cache

# glibc's name for the largest number of heaps (malloc.h), and how many are enough for sixty readers.
M_ARENA_MAX, HEAPS = -8, 2


@cache
def keep_few() -> bool:
    """Ask glibc for few heaps; whether it agreed.

    It gives threads heaps of their own, up to eight a processor, and Streamlit starts a thread for every run: what
    one run frees, the next one's heap does not see, and the server keeps half as much again as it needs.
    """
    with suppress(AttributeError, OSError):
        return sys.platform == "linux" and ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS) == 1
    return False
