"""That a run's messages, handed over together, are those of Streamlit, all of them and in order."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent
from streamlit.runtime.session_manager import SessionClientDisconnectedError

from vanish.ui.shell import messages

MESSAGE, OTHERS = (
    ScriptRunnerEvent.ENQUEUE_FORWARD_MSG,
    (
        ScriptRunnerEvent.SCRIPT_STARTED,
        ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS,
        ScriptRunnerEvent.SHUTDOWN,
    ),
)


class Session:
    """As much of Streamlit's as is used; what it is to do soon, it does when it is told to."""

    def __init__(self):
        self.seen, self.soon, self.later, self.flushes, self.failed = [], [], [], 0, []
        self._scriptrunner = "run"
        self._event_loop = self._browser_queue = self

    def _call_soon_on_event_loop(self, callback):
        self.soon.append(callback)

    def call_later(self, _seconds, callback, *given):
        self.later.append(lambda: callback(*given))

    def enqueue(self, message):
        self.seen.append(message)

    def call_exception_handler(self, context):
        self.failed.append(context["exception"])

    def _handle_scriptrunner_event_on_event_loop(self, sender, event, **what):
        if "raises" in what:
            raise what["raises"]
        self.seen.append((sender, event, what))

    def _message_enqueued_callback(self):
        self.flushes += 1

    def turn(self, waiting):
        """One turn of the server's thread."""
        doing, waiting[:] = waiting[:], []
        for one in doing:
            one()


@given(st.lists(st.one_of(st.sampled_from([MESSAGE, *OTHERS]), st.sampled_from(["soon", "later"]))))
def test_whatever_happens_when_all_is_told_once_and_in_order(story):
    session, told = Session(), []
    for number, event in enumerate(story):
        if isinstance(event, str):
            session.turn(getattr(session, event))
        elif event is MESSAGE:
            messages._happened(session, "run", event, forward_msg=number)
            told.append(number)
        else:
            messages._happened(session, "run", event, run_descriptor=number)
            told.append(("run", event, {"run_descriptor": number}))
    for _ in range(2):
        session.turn(session.soon)
        session.turn(session.later)
    assert session.seen == told


def test_thirty_messages_wake_the_server_once_and_what_follows_does_not_wait():
    session = Session()
    for number in range(30):
        messages._happened(session, "run", MESSAGE, forward_msg=number)
    assert len(session.soon) == 1
    messages._happened(session, "run", ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS)
    session.turn(session.soon)
    assert len(session.seen) == 31
    assert session.flushes == 1


def test_messages_of_a_run_that_was_replaced_are_dropped():
    session = Session()
    messages._happened(session, "run before", MESSAGE, forward_msg=1)
    messages._happened(session, "run", MESSAGE, forward_msg=2)
    session.turn(session.soon)
    session.turn(session.later)
    assert session.seen == [2]


def test_an_event_that_fails_is_reported_and_takes_no_other_with_it():
    session, fails = Session(), RuntimeError("of Streamlit's handler")
    messages._happened(session, "run", MESSAGE, forward_msg=1)
    messages._happened(session, "run", OTHERS[0], raises=fails)
    messages._happened(session, "run", MESSAGE, forward_msg=2)
    session.turn(session.soon)
    session.turn(session.later)
    assert session.seen == [1, 2]
    assert session.failed == [fails]
    assert session.flushes == 1


@pytest.fixture
def connection(monkeypatch):
    """What the only session's connection was handed: ``holds`` so many messages, and is ended with the next."""
    here = SimpleNamespace(holds=1000, handed=[])

    def send(info, message):
        if len(here.handed) == here.holds:
            raise SessionClientDisconnectedError
        assert info == "of the session"
        here.handed.append(message)

    known = {"1": "of the session"}
    server = SimpleNamespace(
        _send_message=send,
        _session_mgr=SimpleNamespace(get_active_session_info=lambda session_id: known.get(session_id)),
    )
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    return here


@pytest.mark.parametrize("count", [0, 1, messages.AT_ONCE, messages.AT_ONCE + 7])
def test_what_is_too_much_at_once_is_left_to_streamlit(connection, count):
    left = messages.hand_on(SimpleNamespace(id="1"), list(range(count)))
    assert connection.handed + left == list(range(count))
    assert len(connection.handed) == min(count, messages.AT_ONCE)


def test_what_a_connection_does_not_take_is_left_to_streamlit_which_ends_it(connection):
    connection.holds = 3
    assert messages.hand_on(SimpleNamespace(id="1"), list(range(5))) == [3, 4]
    assert connection.handed == [0, 1, 2]


def test_all_is_left_to_streamlit_of_a_session_without_a_connection(connection):
    assert messages.hand_on(SimpleNamespace(id="2"), [1, 2]) == [1, 2]
    assert not connection.handed
