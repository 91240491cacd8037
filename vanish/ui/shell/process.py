"""What is set once for the whole process, so that a small server serves many readers."""

import base64
import ctypes
import gc
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

# glibc's name for the largest number of heaps (malloc.h), and how many are enough for sixty readers.
M_ARENA_MAX, HEAPS = -8, 2

INTERNET = (socket.AF_INET, socket.AF_INET6)

# Seconds that one thread computes before another one gets its turn; Python's own are ten times as many.
TURN = 0.0005


@cache
def icon() -> str:
    """The page's icon as an address that holds the picture itself.

    A file would be read anew at every run, and be gone from the server once the results have run without the rest.
    """
    picture = Path(__file__).parents[1] / "icon.png"
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


@cache
def settle() -> None:
    """Few heaps, short turns, and messages that go out at once."""
    few_heaps()
    send_at_once()
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


def send_at_once() -> int:
    """Set TCP_NODELAY on every TCP socket of the process, as asyncio does by itself; the number of sockets.

    Streamlit 1.67 makes its listening socket with protocol 0, by which asyncio does not know it for TCP's: from the
    second small message of a run on, each waits for the client's delayed acknowledgement, some 40 ms.  What a
    listening socket accepts inherits the option.  It has to be called before the collector is frozen, which hides
    the sockets.
    """
    sockets = [
        thing
        for thing in gc.get_objects()
        # Some libraries' lazy objects run their code when asked for their class: the type alone is safe.
        if issubclass(type(thing), socket.socket) and thing.type == socket.SOCK_STREAM and thing.family in INTERNET
    ]
    for one in sockets:
        # A socket that has been closed meanwhile needs nothing.
        with suppress(OSError):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return len(sockets)
