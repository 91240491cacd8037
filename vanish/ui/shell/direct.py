"""A move of a control runs the results at once, and nothing before them.

For a control that stands outside the results Streamlit starts a run of the whole page, which the control's callback
ends in favour of the results (``session.moved``).  The server is quick about it, but the browser is told of two runs
and draws every element of the page anew for each.  A move that concerns the results alone is therefore passed on as if
the control stood among them.
"""

from functools import cache
from weakref import WeakKeyDictionary

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.common import user_key_from_element_id

from vanish.ui.shell.session import DECIDING, RESULTS_ID, WHOLE
from vanish.ui.shell.settings import CONTROLS, KEPT

# Controls that set nothing but themselves: of tabs and of ready-made networks much else on the page speaks.
ALONE = CONTROLS.keys() - DECIDING - {"chapter", "preset", *KEPT}

# Widgets of one session whose states are known: more than any page has, and a bound for what a hostile client names.
MOST_KNOWN = 1000

_handle = AppSession.handle_backmsg
_known: WeakKeyDictionary[AppSession, dict[str, bytes]] = WeakKeyDictionary()


@cache
def run_results_at_once() -> None:
    """Have Streamlit do so, in every session of the process."""
    AppSession.handle_backmsg = _directed  # type: ignore[method-assign, assignment]


def _directed(session: AppSession, msg: BackMsg) -> None:
    if msg.WhichOneof("type") == "rerun_script":
        asked = msg.rerun_script
        before = _known.get(session)
        now = {one.id: one.SerializeToString() for one in asked.widget_states.widgets}
        known = {**(before or {}), **now}
        _known[session] = known if len(known) <= MOST_KNOWN else now
        if before is not None and not asked.fragment_id and not asked.is_history_navigation:
            changed = {user_key_from_element_id(key) for key in now if before.get(key) != now[key]}
            if changed and changed <= ALONE:
                asked.fragment_id = _results(session)
    _handle(session, msg)


def _results(session: AppSession) -> str:
    """The results, where they may run alone and at once; empty otherwise.  A run that is under way they would wait for:
    one of the whole page ends it."""
    state = session.session_state
    # Streamlit's own, which has no ``get``; a Streamlit that keeps its runs elsewhere is left alone.
    running = getattr(session, "_scriptrunner", True)
    if not (WHOLE in state and state[WHOLE] and RESULTS_ID in state) or running:
        return ""
    results: str = state[RESULTS_ID]
    return results if session.has_fragment(results) else ""
