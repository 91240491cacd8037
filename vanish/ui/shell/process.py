"""What is set once for the whole process, so that a small server serves many readers."""

import asyncio
import base64
import ctypes
import gc
import mmap
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from streamlit import config, runtime
from streamlit.elements import html
from streamlit.elements.widgets import number_input, selectbox, text_widgets
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import Runtime, app_session
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import Serialized, WStates
from streamlit.runtime.state.session_state_proxy import get_session_state

from vanish.ui.kit import cores
from vanish.ui.kit.allowance import Allowance

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

# glibc's names for what can be set (malloc.h), and how it serves sixty readers best: no more heaps than there are by
# then, arrays from 1 MB on beside them, and what is free at a heap's end given back at once from 4 MB on.  At 16 MB
# sixty who open one cold sequence together took 320 to 430 MB for 150 to 220, and moves took no less time.
M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1
HEAP = {M_ARENA_MAX: 1, M_MMAP_THRESHOLD: 1 << 20, M_TRIM_THRESHOLD: 4 << 20}

# Seconds after a run in which the server looks for garbage and gives back what it has freed: for all runs till then.
GIVE_BACK_AFTER = 10.0

# Bytes more than were left by then that runs may leave behind before that, and seconds between two looks.
LEFT_BEHIND, LOOK_EVERY = 24_000_000, 0.5

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
    """One heap, messages that go out at once and whole, descriptors for many, no state that breaks a session, a theme
    that is read once, no connection that floods the others, short turns on one core."""
    no_more_heaps()
    # Streamlit looks for garbage after every run, two of which a move is, through all results that are kept: after a
    # hundred moves that took as long as all the rest.  Python looks by itself, and ``give_back`` does.
    config.set_option("runner.postScriptGC", False)
    # Of what a browser says it keeps Streamlit sends the name alone.  One that hears meanwhile that an earlier run has
    # ended may have thrown it away, and shows an error in place of the page: while a key is held on a slider.
    config.set_option("global.minCachedMessageSize", sys.maxsize)
    send_at_once()
    more_descriptors()
    overlook_unreadable()
    look_up_one()
    read_theme_once()
    dedent_once()
    slow_floods()
    sys.setswitchinterval(TURN)
    # A test of the page has somebody else's process, and a likeness of a server.
    if runtime.exists() and type(runtime.get_instance()) is Runtime:
        cores.PAGE.gather()


def no_more_heaps() -> bool:
    """Ask glibc for no more heaps, and to keep large arrays out of them; whether it agreed.

    It gives threads heaps of their own, up to eight a processor, and Streamlit starts a thread for every run: what
    one run frees, the next one's heap does not see.  And once an array has been freed, glibc takes all that are as
    large, up to 32 MB, from the heaps, where small things that stay keep it from giving back what lay between them:
    after 700 moves of twelve readers the server held 553 MB, of which it used 80.
    """
    with suppress(AttributeError, OSError):
        return sys.platform == "linux" and all(ctypes.CDLL(None).mallopt(*one) == 1 for one in HEAP.items())
    return False


# What has been seen once.
_at_rest: set[str] = set()


def leave_to_rest(what: str) -> None:
    """Look for garbage and then leave all there is alone, once for every part of the page: Streamlit looks after
    every run, and what imports and first runs leave needs no second look, ever."""
    if what not in _at_rest:
        _at_rest.add(what)
        gc.collect()
        gc.freeze()


# Held from the first run that asks until it is done.
_asked_back = threading.Lock()


def give_back_soon() -> None:
    """Have ``give_back`` done in some seconds, by no reader's run: once for all that ask until then.  Where runs have
    left much behind it is given back at once: each heap keeps what its largest computation took.

    And if others have crowded the page's core by then, it moves to another one.
    """
    now = time.monotonic()
    if now > _left.at + LOOK_EVERY:
        _left.at = now
        if resident() > _left.bytes + LEFT_BEHIND:
            _trim()
    if _asked_back.acquire(blocking=False):
        later = threading.Timer(GIVE_BACK_AFTER, _give_back_now, [cores.look()])
        later.daemon = True
        # Where there are no threads, nothing is given back.
        with suppress(RuntimeError):
            later.start()


def _give_back_now(look: cores.Look | None) -> None:
    _asked_back.release()
    give_back()
    cores.PAGE.make_room(look)


def give_back() -> bool:
    """Look for garbage, and give back what has been freed between things that stay; whether it was.

    By itself glibc gives back the end of a heap alone.  It takes some milliseconds.
    """
    gc.collect()
    given = _trim()
    _left.bytes = resident()
    return given


def _trim() -> bool:
    with suppress(AttributeError, OSError):
        return sys.platform == "linux" and ctypes.CDLL(None).malloc_trim(0) == 1
    return False


def resident() -> int:
    """Bytes of memory that the process has now; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    return 0


@dataclass
class _Left:
    """How many bytes were left when all had been given back; and when it was last asked whether there are many more."""

    bytes: float = float("inf")
    at: float = 0.0


_left = _Left()


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


def more_descriptors() -> int:
    """Let the process open as many files as it may; how many, 0 where that is not known.

    Streamlit opens three for every session and keeps them for two minutes after the reader has left: the 256 that some
    systems start with are gone after 82 visits.
    """
    if not resource:
        return 0
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        now = most
    return now


def overlook_unreadable() -> None:
    """Have Streamlit take a state that is not of its widget's kind, or that the widget cannot read, for none at all.

    Streamlit 1.67 raises whenever it meets such a state, and meets it again in every run until the page is reloaded.
    A browser sends none; who speaks to the socket may.
    """
    if WStates.__getitem__ is not _readable:
        WStates.__getitem__ = _readable  # type: ignore[method-assign]


_read = WStates.__getitem__

# A box for numbers says that it has doubles, and its browser sends whole ones as such.
NUMBERS = {"double_value", "int_value"}


def _readable(states: WStates, key: str) -> Any:
    state, widget = states.states.get(key), states.widget_metadata.get(key)
    if isinstance(state, Serialized) and widget:
        kind = state.value.WhichOneof("value")
        try:
            if kind not in (None, widget.value_type) and not {kind, widget.value_type} <= NUMBERS:
                raise TypeError
            return _read(states, key)
        except Exception:  # whatever a widget's reader may raise
            raise KeyError(key) from None
    return _read(states, key)


def look_up_one() -> None:
    """Have Streamlit look up one widget's state where it wants to know whether that is ``None``.

    Streamlit 1.67 puts together the states of all widgets for that, once for every menu, box for numbers and line of
    text: a fifteenth of what a run of the page takes.
    """
    for widgets in (selectbox, number_input, text_widgets):
        widgets.get_session_state = _one_by_one  # type: ignore[attr-defined]


class _OneByOne:
    """A session's state, as itself where all that it holds is asked for."""

    def __init__(self, state: SafeSessionState) -> None:
        self.filtered_state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self.filtered_state, name)


def _one_by_one() -> _OneByOne:
    return _OneByOne(get_session_state())


def read_theme_once() -> None:
    """Have Streamlit read its theme once.

    Streamlit 1.67 goes through all of its options six times to tell of every run what the theme is: a thirtieth of
    what a move takes.
    """
    app_session._populate_theme_msg = _themed


_theme = app_session._populate_theme_msg


# Of the page and its sidebar: for any theme, a light and a dark one.
@lru_cache(maxsize=6)
def _section(section: str) -> CustomThemeConfig:
    made = CustomThemeConfig()
    _theme(made, section)
    return made


def _themed(msg: CustomThemeConfig, section: str = "theme") -> None:
    # A part that has been set to nothing is not one that has not been set.
    if _section(section).ListFields():
        msg.MergeFrom(_section(section))


def dedent_once() -> None:
    """Have Streamlit look once for what lines of a style or a script begin with.

    Streamlit 1.67 does so in every run, and a page has five of them: a fortieth of what an opening takes.
    """
    html.clean_text = _dedented  # type: ignore[assignment]


_dedent = html.clean_text


# The styles and scripts of a page, and one that goes with every move.
@lru_cache(maxsize=8)
def _dedented(text: Any) -> str:
    return _dedent(text)


# Messages of one connection: a browser sends one for everything that its reader does, and one for every clock.
AT_ONCE, A_SECOND = 30, 25

# As how many one counts that was there already when the one before had been taken, and seconds by which that is told:
# a reader looks at what comes of a message, who floods the server does not.
UNASKED, AT_HAND = 6, 0.001


def slow_floods() -> None:
    """Have the server read no more from one connection than any reader sends; the rest waits on the sender's side.

    Streamlit 1.67 starts a thread for every message, and serves nobody else until it has seen to all that have come:
    one who sends 1,300 a second holds up everybody for as long as they do.  To end such a connection is no help, since
    to open the next one costs more than many messages.
    """
    if WebSocket.receive_bytes is not _in_turn:
        WebSocket.receive_bytes = _in_turn  # type: ignore[method-assign, assignment]


_receive = WebSocket.receive_bytes
_allowed: WeakKeyDictionary[WebSocket, Allowance] = WeakKeyDictionary()


async def _in_turn(connection: WebSocket) -> bytes:
    now = time.monotonic()
    allowance = _allowed.setdefault(connection, Allowance(AT_ONCE, A_SECOND, now))
    await asyncio.sleep(allowance.wait(now))
    # Streamlit takes what Starlette raises of one who left meanwhile for a message of the wrong kind.
    if connection.application_state is WebSocketState.DISCONNECTED:
        raise WebSocketDisconnect(1006)
    began = time.monotonic()
    message = await _receive(connection)
    if time.monotonic() < began + AT_HAND:
        allowance.left -= UNASKED - 1
    return message
