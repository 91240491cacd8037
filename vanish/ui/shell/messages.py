"""A run's messages are handed to the server's thread together, and by it to the connection."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache, partial
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.session_manager import SessionClientDisconnectedError

# Of which run, what has happened, and the rest of it, as Streamlit's runs tell it.
Event = tuple[ScriptRunner | None, ScriptRunnerEvent, dict[str, Any]]

# Seconds that messages of a run wait for others: most moves are over by then.
TOGETHER = 0.02

# Messages that a connection is handed together: Streamlit ends one with which 500 wait.
AT_ONCE = 200


@cache
def hand_over_together() -> None:
    """Have Streamlit do so, in every session of the process."""
    AppSession._on_scriptrunner_event = _happened  # type: ignore[method-assign, assignment]


# The run that calls ``hand_over_together`` goes on to tell this, and holds it weakly.
_alone = AppSession._on_scriptrunner_event


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
    """Streamlit 1.67 wakes the server's thread twice for every message: a hundred make an opening, thirty a move.  All
    but messages it hears of at once, after the messages before."""
    waiting = _waiting.get(session)
    if waiting is None:
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
    for event in waiting.take():
        try:
            told |= _tell_one(session, *event)
        except Exception as error:
            # As the server's thread does with an event that is handed to it alone: those after it are told.
            session._event_loop.call_exception_handler({"message": f"Event {event[1]} of a run", "exception": error})
    if told and session._message_enqueued_callback:
        session._message_enqueued_callback()


def _tell_one(session: AppSession, sender: ScriptRunner | None, event: ScriptRunnerEvent, what: dict[str, Any]) -> bool:
    """Whether there is something to send."""
    if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        session._handle_scriptrunner_event_on_event_loop(sender, event, **what)
        return False
    # Of a run that another one has replaced nothing is wanted any more.
    if sender is not session._scriptrunner:
        return False
    session._browser_queue.enqueue(what["forward_msg"])
    return True


def hand_on(session: AppSession, messages: Sequence[ForwardMsg]) -> list[ForwardMsg]:
    """Hand messages to the session's connection, and give back those that are left to Streamlit.

    After each Streamlit 1.67 looks for whatever else its server's thread could do: a tenth of what an opening takes.
    What is more than ``AT_ONCE`` it had better send that way, and so what a connection does not take, which it ends.
    """
    server = runtime.get_instance() if runtime.exists() else None
    info = server._session_mgr.get_active_session_info(session.id) if server else None
    handed = 0
    if server and info:
        with suppress(SessionClientDisconnectedError):
            for message in messages[:AT_ONCE]:
                server._send_message(info, message)
                handed += 1
    return list(messages[handed:])
