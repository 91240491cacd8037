"""Of a part of the page that runs alone, the browser gets what has changed.

Streamlit tells a browser that a run begins, that it goes on, that it has ended and that nothing runs any more, and
sends every element once more.  At each of the four the browser draws all elements of the page anew, folded ones too;
at each element that comes, all that stand beside it.  A run that is over soon, and leaves the page made of the same
parts as the run before, is therefore sent when it is over, as the elements that say another thing: a browser takes
them for late ones of the run before.  The end is told without the run's name, which changes nothing in a browser; who
waits for it, hears it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

from vanish.ui.shell.messages import hand_on
from vanish.ui.shell.typeset import typeset

# Seconds after which a run's messages are sent as they come: it is slow, and the browser has to show that it runs.
PATIENCE = 0.5

TOLD = ("new_session", "session_status_changed", "script_finished", "delta")

Path = tuple[int, ...]


class Part(NamedTuple):
    """What stands at one place of the page: its ``kind``, which a run may not change, and what it says."""

    kind: str
    says: str


@dataclass(frozen=True)
class Drawn:
    """The parts that the latest run has drawn, which was one of this fragment alone."""

    fragment: str
    parts: Mapping[Path, Part]

    def leaves_in_place(self, before: "Drawn") -> bool:
        """Whether all parts are of the kinds that stood there before, and there are no others."""
        return {path: part.kind for path, part in self.parts.items()} == {
            path: part.kind for path, part in before.parts.items()
        } and self.fragment == before.fragment


class Wait(NamedTuple):
    """A run whose messages wait for its end, and until when."""

    run: str
    until: float


_flush = AppSession.flush_browser_queue
_drawn: WeakKeyDictionary[AppSession, Drawn] = WeakKeyDictionary()
_waits: WeakKeyDictionary[AppSession, Wait] = WeakKeyDictionary()


@cache
def send_alone() -> None:
    """Have Streamlit do so, in every session of the process."""
    AppSession.flush_browser_queue = _flushed  # type: ignore[method-assign, assignment]


def _flushed(session: AppSession) -> list[ForwardMsg]:
    # Streamlit's own; of a Streamlit that keeps them elsewhere all is sent as it comes.
    queue = getattr(session._browser_queue, "_queue", None)
    if not queue:
        return _flush(session)
    if _waiting(session, queue):
        return []
    messages, drawn = needed(_flush(session), _drawn.get(session))
    if drawn:
        _drawn[session] = drawn
    else:
        _drawn.pop(session, None)
    return hand_on(session, [typeset(one) for one in messages])


def _waiting(session: AppSession, queue: Sequence[ForwardMsg]) -> bool:
    """Whether the queue's last run is one of a fragment, has not ended, and is young."""
    ends = next((one for one in reversed(queue) if one.WhichOneof("type") in ("new_session", "script_finished")), None)
    if ends is None or ends.WhichOneof("type") == "script_finished" or not ends.metadata.run.fragment_ids:
        return False
    run, now = ends.metadata.run.script_run_id, time.monotonic()
    wait = _waits.get(session)
    if not wait or wait.run != run:
        _waits[session] = wait = Wait(run, now + PATIENCE)
        if session._message_enqueued_callback:
            session._event_loop.call_later(PATIENCE, session._message_enqueued_callback)
    return now < wait.until


def needed(messages: list[ForwardMsg], before: Drawn | None) -> tuple[list[ForwardMsg], Drawn | None]:
    """Of messages those that a browser needs which shows what ``before`` says, and what it shows then; ``None`` where
    that is not known."""
    kinds = [one.WhichOneof("type") for one in messages]
    if not any(kind in TOLD for kind in kinds):
        return messages, before
    begins = max((place for place, kind in enumerate(kinds) if kind == "new_session"), default=0)
    after = _drawn_by(messages[begins:])
    alone = not any(kind in TOLD for kind in kinds[:begins])
    if not (after and before and alone and after.leaves_in_place(before)):
        return messages, after
    return [one for one in messages if _tells(one, before, after)], after


def _tells(message: ForwardMsg, before: Drawn, after: Drawn) -> bool:
    """Whether a browser has to know it; if so it is made ready."""
    kind = message.WhichOneof("type")
    if kind == "script_finished":
        message.metadata.ClearField("run")
    elif kind == "delta":
        path = tuple(message.metadata.delta_path)
        if after.parts[path] == before.parts[path] and not message.delta.new_element.has_one_shot_effect:
            return False
    return kind not in ("new_session", "session_status_changed")


def _drawn_by(messages: Sequence[ForwardMsg]) -> Drawn | None:
    """What one whole run of one fragment has drawn, if these are its messages."""
    begins, states, ends = (
        [one for one in messages if one.WhichOneof("type") == kind]
        for kind in ("new_session", "session_status_changed", "script_finished")
    )
    if [one.script_finished for one in ends] != [ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY]:
        return None
    # To a browser that goes by these nothing runs any more.
    if not begins or not states or states[-1].session_status_changed.script_is_running:
        return None
    deltas = [one for one in messages if one.WhichOneof("type") == "delta"]
    parts = {tuple(one.metadata.delta_path): part for one in deltas if (part := _part(one))}
    once = len(parts) == len(deltas)
    fragments = begins[0].metadata.run.fragment_ids
    return Drawn(fragments[0], parts) if len(fragments) == 1 and once else None


def _part(message: ForwardMsg) -> Part | None:
    """What a message draws, where it draws one thing, and it is known which."""
    delta = message.delta
    if delta.WhichOneof("type") == "add_block":
        return Part(message.hash, message.hash)
    kind = delta.new_element.WhichOneof("type")
    if kind:
        return Part(f"{kind} {getattr(getattr(delta.new_element, kind), 'id', '')}", message.hash)
    return None
