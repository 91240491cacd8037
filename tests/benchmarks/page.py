"""Server CPU of one slider move, beside a floor app that shows as many charts and tables.

    python tests/benchmarks/page.py [rounds]

Each app is a real server; a client speaks its socket protocol and moves the slider ``depth`` (along a sequence:
``sequence length``).  A move asks for what nobody has asked for before, as a reader's does: every round has a random
seed of its own (and in chapter ``why``, which draws none, slopes) and meets each value once, in random order.  The
floor app shows static charts and tables and does nothing else, with the garbage collector frozen after the imports
and its socket mended, as the page has them.  Servers take turns, so that a machine that slows down slows all of them.
"""

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import IO
from urllib.request import urlopen

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
ROUNDS = 5
# Chapters, and the label and the values of the slider that is moved.
DEPTHS, LENGTHS = range(5, 25), range(50, 250, 10)
MOVED = {
    "flow": ("depth", DEPTHS),
    "why": ("depth", DEPTHS),
    "updates": ("depth", DEPTHS),
    "fixes": ("depth", DEPTHS),
    "time": ("sequence length", LENGTHS),
}
# Before anything is measured: a session's second run and a chart's first are like no other.
WARM_UP = 3

FLOOR = """
import gc
import altair as alt, numpy as np, pandas as pd, streamlit as st
from vanish.ui.shell.process import send_at_once
@st.cache_resource
def made_once():
    send_at_once(); gc.collect(); gc.freeze()
    frame = pd.DataFrame({{"layer": np.tile(np.arange(1, 11), 3), "activation": np.repeat(list("abc"), 10),
                          "value": np.linspace(0, 1, 30)}})
    return frame, alt.Chart(frame).mark_bar().encode(x="layer:O", y="value:Q", color="activation:N")
frame, chart = made_once()
st.slider("depth", 1, 100, 10, key="depth")
for i in range({charts}):
    st.altair_chart(chart, key=f"chart{{i}}")
for i in range({tables}):
    st.dataframe(frame, key=f"table{{i}}")
"""


class Session:
    """One reader: knows the widgets that the server showed last, moves sliders and presses buttons."""

    def __init__(self, port: int, label: str, query: str = "") -> None:
        self.port, self.label, self.query, self.page = port, label, query, ""
        self.slider, self.shown = "", {"vega_lite_chart": 0, "dataframe": 0}
        self.sliders: list[tuple[str, float]] = []
        self.buttons: dict[str, str] = {}
        # Of the last run.
        self.messages, self.bytes = 0, 0

    async def open(self) -> None:
        self.socket = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        )
        await self.run()

    async def press(self, label: str) -> float:
        """Press a button."""
        message = self._message()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = self.buttons[label], True
        return await self._answer(message)

    async def run(self, moved: float | tuple[str, float] | None = None) -> float:
        """Move the slider to a value, or another one: its identifier and its value; or open the page."""
        message = self._message()
        if moved is not None:
            slider, value = moved if isinstance(moved, tuple) else (self.slider, moved)
            state = message.rerun_script.widget_states.widgets.add()
            state.id = slider
            state.double_array_value.data.append(value)
        return await self._answer(message)

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page
        return message

    async def _answer(self, message: BackMsg) -> float:
        """Seconds until the page stands."""
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        self.shown, sliders = dict.fromkeys(self.shown, 0), []
        self.messages, self.bytes = 0, 0
        while True:
            reply, sent = ForwardMsg(), await self.socket.recv()
            reply.ParseFromString(sent)
            self.messages, self.bytes = self.messages + 1, self.bytes + len(sent)
            kind = reply.WhichOneof("type")
            if kind == "new_session":
                self.page = reply.new_session.page_script_hash
            elif kind == "delta" and reply.delta.WhichOneof("type") == "new_element":
                element = reply.delta.new_element
                name = element.WhichOneof("type")
                if name == "exception":
                    raise RuntimeError(element.exception.message)
                if name == "slider" and element.slider.label.lower() == self.label:
                    self.slider = element.slider.id
                if name == "slider":
                    low, high = element.slider.min, min(element.slider.max, 60)
                    # Whole steps from the lowest value on.
                    step = element.slider.step * random.randint(0, int((high - low) / element.slider.step))
                    sliders.append((element.slider.id, low + step))
                if name == "button":
                    self.buttons[element.button.label.split(" (")[0]] = element.button.id
                if name in self.shown:
                    self.shown[name] += 1
            elif kind == "script_finished" and reply.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                # A run of the results alone draws none: they are where they were.
                self.sliders = sliders or self.sliders
                return time.perf_counter() - start


@contextmanager
def server(script: Path, log: int | IO[str] = subprocess.DEVNULL) -> Iterator[tuple[int, psutil.Process]]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.headless=true", f"--server.port={port}", "--server.fileWatcherType=none"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *options],
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    try:
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def floor(counts: Mapping[str, int]) -> Iterator[tuple[int, psutil.Process]]:
    """A server of the floor app with so many ``charts`` and ``tables``."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "floor.py"
        script.write_text(FLOOR.format(**counts))
        with server(script) as served:
            yield served


def cpu(process: psutil.Process) -> float:
    """Seconds that a process has computed, to the nanosecond: its clock as ``clock_getcpuclockid`` numbers it."""
    return time.clock_gettime((~process.pid << 3) | 2)


def fresh(chapter: str, number: int) -> str:
    """A link to a chapter with networks that no other round has."""
    return f"chapter={chapter}&seed={1000 + number}&slope_tanh={0.5 + number / 100:.2f}"


async def moves(session: Session, process: psutil.Process, values: Sequence[int]) -> tuple[float, float, float]:
    """CPU milliseconds of the server, messages and bytes per move."""
    await session.open()
    order = random.sample(values, len(values))
    for value in order[:WARM_UP]:
        await session.run(value)
    before, messages, size = cpu(process), 0, 0
    for value in order[WARM_UP:]:
        await session.run(value)
        messages, size = messages + session.messages, size + session.bytes
    measured = len(order) - WARM_UP
    spent = (cpu(process) - before) * 1e3
    await session.socket.close()
    return spent / measured, messages / measured, size / measured


async def compare(chapter: str, rounds: int) -> None:
    label, values = MOVED[chapter]
    with ExitStack() as stack:
        page_port, page_process = stack.enter_context(server(ROOT / "streamlit_app.py"))
        first = Session(page_port, label, f"chapter={chapter}")
        await first.open()
        counts = {"charts": first.shown["vega_lite_chart"], "tables": first.shown["dataframe"]}
        floor_port, floor_process = stack.enter_context(floor(counts))
        page, bare = [], []
        for number in range(rounds):
            page.append(await moves(Session(page_port, label, fresh(chapter, number)), page_process, values))
            bare.append(await moves(Session(floor_port, "depth"), floor_process, DEPTHS))
    mine, messages, size = (statistics.median(column) for column in zip(*page, strict=True))
    least, least_messages, least_size = (statistics.median(column) for column in zip(*bare, strict=True))
    print(
        f"{chapter}: {counts['charts']} charts, {counts['tables']} tables: {mine:.1f} ms of CPU a move, "
        f"floor {least:.1f} ms, ratio {mine / least:.2f}; {messages:.0f} messages of {size / 1e3:.1f} kB in all, "
        f"floor {least_messages:.0f} of {least_size / 1e3:.1f} kB",
        flush=True,
    )


if __name__ == "__main__":
    for chapter in MOVED:
        asyncio.run(compare(chapter, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
