"""Which messages of a browser ask for the results alone."""

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from vanish.ui.shell import direct
from vanish.ui.shell.session import DECIDING, RESULTS_ID, WHOLE


class Session:
    """As much of Streamlit's as is looked at."""

    def __init__(self, running=False, whole=True, known=True, held=True):
        self._scriptrunner = object() if running else None
        self.session_state = {WHOLE: whole} | ({RESULTS_ID: "results"} if known else {})
        self.has_fragment = lambda name: held and name == "results"


def message(fragment="", back=False, **values):
    asked = BackMsg()
    asked.rerun_script.fragment_id, asked.rerun_script.is_history_navigation = fragment, back
    for key, value in values.items():
        state = asked.rerun_script.widget_states.widgets.add(id=f"$$ID-0123456789abcdef-{key}")
        state.double_array_value.data.append(value)
    return asked


@pytest.fixture
def passed_on(monkeypatch):
    """What Streamlit is handed."""
    messages = []
    monkeypatch.setattr(direct, "_handle", lambda session, msg: messages.append(msg))
    return messages


def fragment_after(session, passed_on, *messages):
    """The fragment that the last of these messages asks for."""
    for one in messages:
        direct._directed(session, one)
    assert len(passed_on) == len(messages)
    return passed_on[-1].rerun_script.fragment_id


def test_a_moved_control_asks_for_the_results(passed_on):
    assert "depth" in direct.ALONE
    moves = message(depth=10, width=8), message(depth=11, width=8)
    assert fragment_after(Session(), passed_on, *moves) == "results"


@pytest.mark.parametrize(
    "session",
    [Session(running=True), Session(whole=False), Session(known=False), Session(held=False)],
    ids=["a run is under way", "the rest is to follow", "results have not run alone yet", "they are gone"],
)
def test_not_where_they_may_not_run(session, passed_on):
    assert fragment_after(session, passed_on, message(depth=10), message(depth=11)) == ""


@pytest.mark.parametrize("key", [*sorted(DECIDING), "chapter", "preset", "reset"])
def test_not_where_the_rest_of_the_page_follows(key, passed_on):
    moves = message(depth=10, **{key: 1}), message(depth=11, **{key: 2})
    assert fragment_after(Session(), passed_on, *moves) == ""


def test_not_where_nothing_has_moved_or_more_is_asked_for(passed_on):
    session = Session()
    # A first message, of a reader who comes back, sets all.
    assert fragment_after(session, passed_on, message(depth=10)) == ""
    direct._directed(session, message(depth=10))
    direct._directed(session, message(depth=11, back=True))
    direct._directed(session, message(depth=12, fragment="other"))
    direct._directed(session, BackMsg(app_heartbeat=True))
    assert [one.rerun_script.fragment_id for one in passed_on[1:]] == ["", "", "other", ""]


def test_what_is_known_of_a_session_is_bounded(passed_on):
    session = Session()
    for n in range(3):
        direct._directed(session, message(**{f"w{n}_{k}": 1 for k in range(700)}))
    assert len(direct._known[session]) <= direct.MOST_KNOWN
