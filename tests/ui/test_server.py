"""The running server: what it answers, what it writes, and what it makes of who speaks to its socket."""

import asyncio
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import websockets
import websockets.exceptions
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from ui.links import small

ROOT = Path(__file__).parents[2]
WITHIN = 60
pytestmark = pytest.mark.slow

# States of every kind, none of which a slider, a menu, a tab or a button of this page can take.
KINDS = {
    "string_value": "![x](http://beacon.invalid)",
    "double_value": float("nan"),
    "bytes_value": b"x",
    "json_value": "{",
    "int_array_value": [999, -999],
    "double_array_value": [float("inf"), 1.0, 3.0],
    "string_array_value": ["evil", "evil"],
}


def apart(coroutine):
    """What a coroutine comes to, in a thread of its own: the browser's tests leave a running loop in theirs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The page's address, and its log; it has no home that anybody, root included, could write to."""
    log = tmp_path_factory.mktemp("server") / "log"
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    with log.open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true", *options],
            cwd=ROOT,
            env=os.environ | {"HOME": "/proc/nowhere", "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=lines,
            stderr=lines,
        )
    base = f"127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + WITHIN
        while not answers(base):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield base, log
    finally:
        process.terminate()
        process.wait()


def answers(base):
    try:
        with urlopen(f"http://{base}/_stcore/health", timeout=5):
            return True
    except OSError:
        return False


class Visitor:
    """Who speaks to the socket."""

    def __init__(self, connection, query):
        self.connection, self.query, self.page = connection, query, ""

    async def run(self, *states):
        """What a run shows: errors, and the widgets' identifiers."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page
        for identifier, kind, value in states:
            state = message.rerun_script.widget_states.widgets.add(id=identifier)
            if isinstance(value, list):
                getattr(state, kind).data.extend(value)
            else:
                setattr(state, kind, value)
        await self.connection.send(message.SerializeToString())
        errors, widgets = [], {}
        while True:
            reply = ForwardMsg()
            reply.ParseFromString(await asyncio.wait_for(self.connection.recv(), WITHIN))
            kind = reply.WhichOneof("type")
            if kind == "new_session":
                self.page = reply.new_session.page_script_hash
            elif kind == "session_event" and reply.session_event.HasField("script_compilation_exception"):
                errors.append(reply.session_event.script_compilation_exception.message)
            elif kind == "delta" and reply.delta.WhichOneof("type") == "new_element":
                name = reply.delta.new_element.WhichOneof("type")
                element = getattr(reply.delta.new_element, name)
                if name == "exception":
                    errors.append(element.message)
                if getattr(element, "id", ""):
                    widgets[element.id] = name
            # 2: it begins again.
            elif kind == "script_finished" and reply.script_finished != 2:
                return errors, widgets


async def visits(base, queries, states):
    """Errors of each query's first run, of one with each state, and of the one after."""
    errors = []
    for query in queries:
        address = f"ws://{base}/_stcore/stream"
        async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as connection:
            visitor = Visitor(connection, query)
            wrong, widgets = await visitor.run()
            errors += wrong
            first = {name: identifier for identifier, name in widgets.items()}
            for identifier in first.values() if states else ():
                for kind, value in KINDS.items():
                    errors += (await visitor.run((identifier, kind, value)))[0]
            errors += (await visitor.run())[0]
    return errors


def test_links_and_states_of_any_kind_leave_no_error_and_no_line_in_the_log(server):
    base, log = server
    links = [urlencode(small(number), doseq=True) for number in range(5)]
    assert apart(visits(base, links, states=False)) == []
    assert apart(visits(base, ["chapter=why"], states=True)) == []
    assert "Traceback" not in log.read_text()
    assert "Warning" not in log.read_text()


async def flooded(base, messages):
    """How a connection ends that sends so many at once."""
    async with websockets.connect(
        f"ws://{base}/_stcore/stream", subprotocols=["streamlit"], max_size=None
    ) as connection:
        await Visitor(connection, "chapter=why").run()
        for _ in range(messages):
            await connection.send(BackMsg(app_heartbeat=True).SerializeToString())
        while True:
            await asyncio.wait_for(connection.recv(), WITHIN)


def test_who_floods_the_server_is_thrown_out_without_a_line_in_the_log(server):
    base, log = server
    with pytest.raises(websockets.exceptions.ConnectionClosed):
        apart(flooded(base, 500))
    assert apart(visits(base, ["chapter=why"], states=False)) == []
    assert "Traceback" not in log.read_text()


def test_nothing_is_written(server):
    base, log = server
    before = seen_files()
    assert apart(visits(base, ["lesson=short&step=2", "chapter=fixes"], states=False)) == []
    assert seen_files() == before
    assert list(log.parent.iterdir()) == [log]
    assert "rror" not in log.read_text()


def seen_files():
    """Every file of the page's, and when it was changed."""
    files = [ROOT / "streamlit_app.py", *(ROOT / "vanish").rglob("*"), *(ROOT / ".streamlit").rglob("*")]
    return {path: path.stat().st_mtime_ns for path in [*files, *ROOT.glob("*")] if path.is_file()}


def test_other_sites_cannot_read_write_or_listen(server):
    base, _ = server
    foreign = {"Origin": "http://evil.invalid"}
    with urlopen(Request(f"http://{base}/_stcore/health", headers=foreign)) as reply:
        assert reply.headers.get("Access-Control-Allow-Origin") in (None, f"http://{base}")
    upload = Request(f"http://{base}/_stcore/upload_file/x/y", data=b"x", headers=foreign, method="PUT")
    with pytest.raises(HTTPError) as refused:
        urlopen(upload)
    assert refused.value.code == 403

    async def listen():
        async with websockets.connect(
            f"ws://{base}/_stcore/stream", subprotocols=["streamlit"], origin=foreign["Origin"]
        ):
            pass

    with pytest.raises(websockets.exceptions.WebSocketException):
        apart(listen())


def test_protections_are_on_and_uploads_are_small():
    command = [sys.executable, "-m", "streamlit", "config", "show"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = [line.strip("# ") for line in shown.splitlines()]
    for setting in (
        "enableCORS = true",
        "enableXsrfProtection = true",
        "maxUploadSize = 5",
        "gatherUsageStats = false",
    ):
        assert setting in lines
