"""What a browser is sent of a run: it shows what it would show if it were sent all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from vanish.ui.shell import changes

WHOLE, RESULTS, OTHER = "", "results", "other"
SUCCESS, EARLY = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN

# What stands at a place: a kind of element, and what it says; a block says nothing.
PLACES = st.sampled_from([(0,), (1,), (1, 0), (2,)])
THINGS = st.tuples(st.sampled_from(["block", "markdown", "code", "balloons"]), st.sampled_from("ab"))
PAGES = st.dictionaries(PLACES, THINGS)


def delta(path, thing):
    kind, says = thing
    one = ForwardMsg(hash=f"{kind} {says if kind != 'block' else ''}")
    one.metadata.delta_path.extend(path)
    if kind == "block":
        one.delta.add_block.vertical.border = False
    elif kind == "balloons":
        one.delta.new_element.balloons.show = True
        one.delta.new_element.has_one_shot_effect = True
    else:
        getattr(one.delta.new_element, kind).SetInParent()
    return one


def status(running):
    one = ForwardMsg()
    one.session_status_changed.script_is_running = running
    return one


def named(one, fragment):
    one.metadata.run.script_run_id = "run"
    if fragment:
        one.metadata.run.fragment_ids.append(fragment)
    return one


def run(page, fragment=RESULTS, end=SUCCESS):
    """All messages of a run, as Streamlit queues them."""
    begins, ends = ForwardMsg(), ForwardMsg(script_finished=end)
    begins.new_session.name = "page"
    drawn = [delta(path, thing) for path, thing in page.items()]
    return [named(begins, fragment), status(True), *drawn, named(ends, fragment), status(False)]


def kinds(messages):
    return [one.WhichOneof("type") for one in messages]


class Browser:
    """What it shows; where all has to be sent, it is told when a run begins, and forgets what that does not draw."""

    def __init__(self):
        self.shown = {}

    def take(self, messages):
        if "new_session" in kinds(messages):
            self.shown = {}
        for one in messages:
            if one.WhichOneof("type") == "delta":
                self.shown[tuple(one.metadata.delta_path)] = one.hash
        return self.shown


@given(st.lists(st.tuples(PAGES, st.sampled_from([RESULTS, RESULTS, RESULTS, OTHER])), max_size=6))
def test_whatever_runs_follow_the_browser_shows_what_the_last_has_drawn(story):
    browser, before = Browser(), None
    for page, fragment in story:
        messages, before = changes.needed(run(page, fragment), before)
        assert browser.take(messages) == {path: delta(path, thing).hash for path, thing in page.items()}
        assert [one.script_finished for one in messages if one.WhichOneof("type") == "script_finished"] == [SUCCESS]


PAGE = {(0,): ("block", ""), (0, 0): ("markdown", "a"), (0, 1): ("code", "a"), (1,): ("markdown", "a")}


def after(page=PAGE):
    return changes.needed(run(page), None)[1]


def test_of_a_move_the_changed_elements_are_sent_and_an_end_that_no_browser_acts_upon():
    sent, now = changes.needed(run({**PAGE, (0, 1): ("code", "b")}), after())
    assert kinds(sent) == ["delta", "script_finished"]
    assert list(sent[0].metadata.delta_path) == [0, 1]
    assert not sent[1].metadata.HasField("run")
    assert now.parts != after().parts


def test_what_happens_each_time_is_sent_each_time():
    page = {**PAGE, (2,): ("balloons", "")}
    assert kinds(changes.needed(run(page), after(page))[0]) == ["delta", "script_finished"]


@pytest.mark.parametrize(
    "messages",
    [
        run(PAGE, OTHER),
        run(PAGE, WHOLE),
        run(PAGE, end=EARLY),
        run(PAGE)[:-1],
        run(PAGE)[:-2],
        run(PAGE)[2:],
        run(PAGE, end=EARLY) + run(PAGE),
        run({**PAGE, (2,): ("code", "a")}),
        run({**PAGE, (0, 1): ("markdown", "a")}),
        run(dict(list(PAGE.items())[:-1])),
    ],
    ids=["another's", "page's", "early", "still running", "no end", "rest", "second", "more", "another", "less"],
)
def test_all_is_sent_unless_it_is_one_whole_run_that_leaves_the_same_parts(messages):
    assert changes.needed(list(messages), after())[0] == messages


def test_what_tells_of_no_run_is_sent_and_changes_nothing():
    told = ForwardMsg()
    told.page_info_changed.query_string = "depth=3"
    assert changes.needed([told], after()) == ([told], after())
    sent, _ = changes.needed([told, *run(PAGE)], after())
    assert kinds(sent) == ["page_info_changed", "script_finished"]


class Session:
    """As much of Streamlit's as is used."""

    def __init__(self, messages):
        self._queue, self.woken_after = list(messages), []
        self._browser_queue = self._event_loop = self

    def flush(self):
        flushed, self._queue = self._queue, []
        return flushed

    def _message_enqueued_callback(self):
        pass

    def call_later(self, seconds, _callback):
        self.woken_after.append(seconds)


def test_messages_wait_for_their_run_to_end_and_not_longer_than_it_may_take(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(changes.time, "monotonic", lambda: now[0])
    session = Session(run(PAGE)[:3])
    assert changes._flushed(session) == []
    session._queue += run(PAGE)[3:]
    assert len(changes._flushed(session)) == len(run(PAGE))
    assert changes._flushed(session) == []
    session = Session(run(PAGE)[:3])
    assert changes._flushed(session) == changes._flushed(session) == []
    # The server looks again when it is time, and looks once.
    assert session.woken_after == [changes.PATIENCE]
    now[0] = changes.PATIENCE
    assert kinds(changes._flushed(session)) == kinds(run(PAGE)[:3])
    session._queue = run(PAGE)[3:5]
    assert len(changes._flushed(session)) == 2


def test_a_run_of_the_whole_page_is_sent_as_it_comes():
    assert len(changes._flushed(Session(run(PAGE, WHOLE)[:3]))) == 3


def test_what_is_sent_is_handed_to_the_connection_and_streamlit_sends_the_rest(monkeypatch):
    handed = []

    def hand_on(session, messages):
        handed.extend(messages[:2])
        return messages[2:]

    monkeypatch.setattr(changes, "hand_on", hand_on)
    left = changes._flushed(Session(run(PAGE, WHOLE)[:3]))
    assert kinds(handed + left) == kinds(run(PAGE, WHOLE)[:3])
    assert len(handed) == 2
