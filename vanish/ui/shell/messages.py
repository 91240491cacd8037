"""What Streamlit does at the beginning of every run and for every message of it, and need do less often."""

from collections.abc import Callable
from functools import cache, lru_cache, partial
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent

# Of which run, what has happened, and the rest of it, as Streamlit's runs tell it.
Event = tuple[ScriptRunner | None, ScriptRunnerEvent, dict[str, Any]]

# Seconds that messages of a run wait for others; the server sends what there is as often.
TOGETHER = 0.005


@cache
def fewer() -> None:
    """Read the theme once, and hand a run's messages over together, in every session of the process."""
    app_session._populate_theme_msg = _themed
    # A theme that is edited while the page is served is read again.
    config.on_config_parsed(_section.cache_clear, force_connect=True)
    AppSession._on_scriptrunner_event = _happened  # type: ignore[method-assign, assignment]


_read: Callable[..., None] = app_session._populate_theme_msg
# The run that calls ``fewer`` goes on to tell this, and holds it weakly.
_alone = AppSession._on_scriptrunner_event


@lru_cache(maxsize=8)
def _section(name: str) -> CustomThemeConfig:
    section = CustomThemeConfig()
    _read(section, name)
    return section


def _themed(msg: CustomThemeConfig, section: str = "theme") -> None:
    """Streamlit 1.67 reads all six sections of the theme, option by option, at the beginning of every run: a seventh of
    what a plain move costs."""
    read = _section(section)
    # One that is not set at all is left out.
    if read.ByteSize():
        msg.MergeFrom(read)


class _Waiting:
    """What a session's run has told, in order, until the server's thread takes it."""

    def __init__(self) -> None:
        self._lock, self._events = Lock(), list[Event]()

    def add(self, event: Event) -> bool:
        """Whether it is the first."""
        with self._lock:
            self._events.append(event)
            return len(self._events) == 1

    def take(self) -> list[Event]:
        with self._lock:
            taken, self._events = self._events, []
            return taken


_waiting: WeakKeyDictionary[AppSession, _Waiting] = WeakKeyDictionary()


def _happened(session: AppSession, sender: ScriptRunner | None, event: ScriptRunnerEvent, **what: Any) -> None:
    """Streamlit 1.67 wakes the server's thread twice for every message, some thirty times a move.  All but messages it
    hears of at once, after the messages before."""
    waiting = _waiting.setdefault(session, _Waiting())
    first = waiting.add((sender, event, what))
    if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        session._call_soon_on_event_loop(partial(_tell, session, waiting))
    elif first:
        session._call_soon_on_event_loop(partial(_tell_soon, session, waiting))


def _tell_soon(session: AppSession, waiting: _Waiting) -> None:
    session._event_loop.call_later(TOGETHER, _tell, session, waiting)


def _tell(session: AppSession, waiting: _Waiting) -> None:
    told = False
    for sender, event, what in waiting.take():
        if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
            session._handle_scriptrunner_event_on_event_loop(sender, event, **what)
        # Of a run that another one has replaced nothing is wanted any more.
        elif sender is session._scriptrunner:
            session._browser_queue.enqueue(what["forward_msg"])
            told = True
    if told and session._message_enqueued_callback:
        session._message_enqueued_callback()
