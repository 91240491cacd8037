import base64
import socket
import sys
import threading
import weakref
from argparse import Namespace

import pytest
from starlette.websockets import WebSocketDisconnect, WebSocketState
from streamlit import config, string_util
from streamlit.elements import html
from streamlit.proto.Common_pb2 import DoubleArray
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import app_session
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import WStates
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_server import _bind_socket
from ui.app import page

from vanish.ui.shell import process


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has heaps to count")
def test_glibc_agrees_to_make_no_more_heaps():
    assert process.no_more_heaps()


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be asked to")
def test_what_has_been_freed_is_given_back():
    # As a run leaves them: freed, but for something that stays at the end of the heap.
    blocks = [bytearray(100_000) for _ in range(100)]
    del blocks[:-1]
    assert process.give_back()


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be asked to")
def test_a_run_that_leaves_much_behind_gives_it_back_at_once(monkeypatch):
    asked_back = threading.Lock()
    monkeypatch.setattr(process, "_asked_back", asked_back)
    monkeypatch.setattr(process, "_left", process._Left())
    given = []
    monkeypatch.setattr(process, "_trim", lambda: given.append(True))
    # As if it were asked for already.
    asked_back.acquire()
    process.give_back_soon()
    assert not given, "nobody knows yet what will be left"
    process.give_back()
    assert process._left.bytes == pytest.approx(process.resident(), rel=0.1)
    given.clear()
    monkeypatch.setattr(process, "LOOK_EVERY", -1.0)
    process.give_back_soon()
    assert not given, "nothing is left behind"
    monkeypatch.setattr(process, "LEFT_BEHIND", -process.resident() // 2)
    process.give_back_soon()
    assert given
    monkeypatch.setattr(process, "LOOK_EVERY", 60.0)
    process.give_back_soon()
    assert len(given) == 1, "not again within seconds"


def test_all_runs_are_followed_by_one_look_for_garbage(monkeypatch):
    started = []

    def start(timer):
        # Streamlit has timers of its own.
        if timer.function is process._give_back_now:
            started.append(timer)

    monkeypatch.setattr(process, "_asked_back", threading.Lock())
    monkeypatch.setattr(process.threading.Timer, "start", start)
    process.settle.cache_clear()
    app = page()
    app.run()
    assert not config.get_option("runner.postScriptGC")
    # No message is as large as what a browser would be told to keep.
    assert config.get_option("global.minCachedMessageSize") > 1e9
    (later,) = started
    assert later.daemon
    ring = Namespace()
    ring.itself = ring
    gone = weakref.ref(ring)
    del ring
    # What the timer does when its time has come.
    later.function(*later.args)
    assert gone() is None
    app.run()
    assert len(started) == 2, "runs after that are followed by another one"


def test_a_page_that_is_crowded_meanwhile_makes_room(monkeypatch):
    looked, moved, started = object(), [], []
    monkeypatch.setattr(process, "_asked_back", threading.Lock())
    monkeypatch.setattr(process.threading.Timer, "start", lambda timer: started.append(timer))
    monkeypatch.setattr(process.cores, "look", lambda: looked)
    monkeypatch.setattr(process.cores.PAGE, "make_room", moved.append)
    process.give_back_soon()
    (later,) = started
    later.function(*later.args)
    assert moved == [looked]


def test_where_there_are_no_threads_nothing_is_given_back(monkeypatch):
    def refused(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(process, "_asked_back", threading.Lock())
    monkeypatch.setattr(process.threading.Timer, "start", refused)
    process.give_back_soon()
    process.give_back_soon()


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not process.no_more_heaps()


def test_the_page_takes_short_turns():
    before = sys.getswitchinterval()
    process.settle.cache_clear()
    page()
    assert sys.getswitchinterval() == pytest.approx(process.TURN)
    sys.setswitchinterval(before)


def sent_at_once(one):
    return bool(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_messages_go_out_at_once_from_streamlits_own_sockets():
    with _bind_socket("127.0.0.1", 0, 5) as listening:
        listening.setblocking(True)
        assert listening.proto != socket.IPPROTO_TCP, "Streamlit has mended it: send_at_once can go"
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as early:
            assert not sent_at_once(listening)
            assert not sent_at_once(early)
            assert process.send_at_once() >= 2
            assert sent_at_once(listening)
            assert sent_at_once(early)
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as late:
            assert sent_at_once(late)


def test_sockets_that_are_not_tcps_are_left_alone():
    before = process.send_at_once()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX):
        assert process.send_at_once() == before


def test_the_page_sends_at_once():
    process.settle.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        page()
        assert sent_at_once(listening)


def test_the_pages_icon_needs_no_file_on_the_server():
    head, _, data = process.icon().partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data, validate=True).startswith(b"\x89PNG")


def test_a_state_that_its_widget_cannot_read_is_none_at_all():
    process.overlook_unreadable()
    states = WStates()
    reader = WidgetMetadata("slider", lambda value: value[1], list, "double_array_value")
    states.set_widget_metadata(reader)
    for put in ({"string_value": "evil"}, {"double_array_value": DoubleArray(data=[])}):
        states.set_widget_from_proto(WidgetState(id="slider", **put))
        assert "slider" not in states
        assert list(states) == ["slider"]
    states.set_widget_from_proto(WidgetState(id="slider", double_array_value=DoubleArray(data=[1, 2])))
    assert states["slider"] == 2


def test_a_whole_number_that_a_reader_has_typed_is_read():
    process.overlook_unreadable()
    states = WStates()
    states.set_widget_metadata(WidgetMetadata("seed", lambda value: value, float, "double_value"))
    states.set_widget_from_proto(WidgetState(id="seed", int_value=7))
    assert states["seed"] == 7


def widgets():
    import streamlit as st

    for key in st.session_state.pop("emptied", ()):
        st.session_state[key] = None
    st.selectbox("Menu", ["a", "b"], key="menu")
    st.number_input("Number", min_value=1, value=2, key="number")
    st.text_input("Text", "t", key="text")
    st.text_area("Lines", "l", key="lines")


def test_a_widget_looks_up_its_own_state_and_no_other(monkeypatch):
    process.look_up_one()
    every = SafeSessionState.filtered_state.fget

    def all_of_it(state):
        # AppTest, which does look at all, waits for the run meanwhile.
        assert threading.current_thread() is threading.main_thread()
        return every(state)

    monkeypatch.setattr(SafeSessionState, "filtered_state", property(all_of_it))
    app = AppTest.from_function(widgets).run()
    fields = [app.selectbox[0], app.number_input[0], app.text_input[0], app.text_area[0]]
    assert not app.exception
    assert [one.value for one in fields] == ["a", 2, "t", "l"]
    app.session_state["emptied"] = [one.key for one in fields]
    app.run()
    assert not app.exception
    assert [app.session_state[one.key] for one in fields] == [None] * 4
    # What is empty the browser is told to empty.
    fields = [app.selectbox[0], app.number_input[0], app.text_input[0], app.text_area[0]]
    assert [one.proto.set_value for one in fields] == [True] * 4


def test_of_one_connection_no_more_is_read_than_any_reader_sends(monkeypatch):
    waits, clock = [], [7.0]

    class Connection:
        """One that sends so many seconds after it has been answered."""

        application_state = WebSocketState.CONNECTED

        def __init__(self, seconds):
            self.seconds = seconds

    async def receive(connection):
        clock[0] += connection.seconds
        return b"message"

    async def sleep(seconds):
        waits.append(seconds)
        clock[0] += seconds

    def read(connection, messages=1):
        """Seconds waited before each."""
        waits.clear()
        for _ in range(messages):
            # Nothing is waited for, so that it needs no loop, of which the browser's tests leave one running.
            with pytest.raises(StopIteration, match="message"):
                process._in_turn(connection).send(None)
        return waits.copy()

    monkeypatch.setattr(process, "_receive", receive)
    monkeypatch.setattr(process.asyncio, "sleep", sleep)
    monkeypatch.setattr(process.time, "monotonic", lambda: clock[0])
    flooding, busy, reading = Connection(0.0), Connection(0.01), Connection(0.1)
    assert read(reading, 500) == [0.0] * 500
    # Answered a hundred times a second, one comes to what any reader may send.
    assert read(busy, 500)[-3:] == pytest.approx([1 / process.A_SECOND - busy.seconds] * 3)
    at_once = process.AT_ONCE // process.UNASKED
    waited = read(flooding, 500)
    assert waited[:at_once] == [0.0] * at_once
    assert waited[-3:] == pytest.approx([process.UNASKED / process.A_SECOND] * 3)
    assert read(reading, 500) == [0.0] * 500
    flooding.application_state = WebSocketState.DISCONNECTED
    with pytest.raises(WebSocketDisconnect):
        read(flooding)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count them")
def test_the_process_may_open_as_many_files_as_it_is_let():
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(now, 256), most))
    assert process.more_descriptors() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] == most


def test_a_run_is_told_the_theme_that_streamlit_reads_and_no_empty_part_of_one(monkeypatch):
    monkeypatch.setattr(app_session, "_populate_theme_msg", process._theme)
    process._section.cache_clear()
    process.read_theme_once()
    options = {"theme.light": {"primaryColor": "#4338a8"}}
    for values in (options, {}):
        # The second time nothing is read any more.
        monkeypatch.setattr(config, "get_options_for_section", lambda section, known=values: known.get(section, {}))
        told = CustomThemeConfig()
        for part, section in ((told.light, "theme.light"), (told.dark, "theme.dark")):
            app_session._populate_theme_msg(part, section)
        assert told.light.primary_color == "#4338a8"
        assert not told.HasField("dark")
    process._section.cache_clear()


def test_streamlit_shows_the_html_it_would_and_looks_at_its_lines_once(monkeypatch):
    plain = "\n  <style>\n    a { color: red; }\n  </style>\n\n"
    monkeypatch.setattr(html, "clean_text", string_util.clean_text)
    process.dedent_once()
    process._dedented.cache_clear()
    for _ in range(2):
        assert html.clean_text(plain) == string_util.clean_text(plain) == "<style>\n  a { color: red; }\n</style>"
    assert process._dedented.cache_info().hits == 1


def test_each_part_of_the_page_is_left_to_rest_once(monkeypatch):
    looked = []
    monkeypatch.setattr(process, "_at_rest", set())
    monkeypatch.setattr(process.gc, "collect", lambda: looked.append("collect"))
    monkeypatch.setattr(process.gc, "freeze", lambda: looked.append("freeze"))
    for part in ("flow", "flow", "why", "flow"):
        process.leave_to_rest(part)
    assert looked == ["collect", "freeze"] * 2


def test_a_run_of_the_page_settles_what_html_is_made_by():
    page().run()
    assert html.clean_text is process._dedented
