"""Server CPU of one slider move, as ratios to floor apps that show as many charts and tables.

    python tests/benchmarks/page.py [moves]

Each app is a real server; a client speaks its socket protocol and moves the slider ``depth`` (along a sequence:
``sequence length``).  The floor
app shows static charts and tables and does nothing else, once with the garbage collector frozen after
the imports as the page has it, once without.  Servers take turns, so that a machine that slows down
slows all of them.
"""

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
ROUNDS = 5
# Chapters, and the label and the values of the slider that is moved.
DEPTHS, LENGTHS = range(5, 15), range(50, 150, 10)
MOVED = {
    "flow": ("depth", DEPTHS),
    "why": ("depth", DEPTHS),
    "updates": ("depth", DEPTHS),
    "fixes": ("depth", DEPTHS),
    "time": ("sequence length", LENGTHS),
}

FLOOR = """
import gc
import altair as alt, numpy as np, pandas as pd, streamlit as st
@st.cache_resource
def made_once():
    if {freeze}:
        gc.collect(); gc.freeze()
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
        self.shown, self.sliders = dict.fromkeys(self.shown, 0), []
        while True:
            reply = ForwardMsg()
            reply.ParseFromString(await self.socket.recv())
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
                    self.sliders.append((element.slider.id, low + step))
                if name == "button":
                    self.buttons[element.button.label.split(" (")[0]] = element.button.id
                if name in self.shown:
                    self.shown[name] += 1
            elif kind == "script_finished":
                return time.perf_counter() - start


@contextmanager
def server(script: Path) -> Iterator[tuple[int, psutil.Process]]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.headless=true", f"--server.port={port}", "--server.fileWatcherType=none"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
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


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def move(session: Session, process: psutil.Process, values: Sequence[int], moves: int) -> float:
    """CPU milliseconds of the server per move, over values that have been seen before."""
    for value in values:
        await session.run(value)
    before = cpu(process)
    for step in range(moves):
        await session.run(values[step % len(values)])
    return (cpu(process) - before) / moves * 1e3


async def compare(chapter: str, moves: int) -> None:
    with ExitStack() as stack:
        page_port, page_process = stack.enter_context(server(ROOT / "streamlit_app.py"))
        label, values = MOVED[chapter]
        page = Session(page_port, label, f"chapter={chapter}")
        await page.open()
        counts = {"charts": page.shown["vega_lite_chart"], "tables": page.shown["dataframe"]}
        folder = Path(stack.enter_context(TemporaryDirectory()))
        apps = {"page": (page, page_process)}
        for name, freeze in (("frozen floor", True), ("floor", False)):
            script = folder / f"{name.split()[0]}.py"
            script.write_text(FLOOR.format(freeze=freeze, **counts))
            port, process = stack.enter_context(server(script))
            apps[name] = (Session(port, "depth"), process)
            await apps[name][0].open()
        figures: dict[str, list[float]] = {name: [] for name in apps}
        for _ in range(ROUNDS):
            for name, (session, process) in apps.items():
                figures[name].append(await move(session, process, values if name == "page" else DEPTHS, moves))
    middle = {name: statistics.median(values) for name, values in figures.items()}
    print(f"{chapter}: {counts['charts']} charts, {counts['tables']} tables")
    print("  CPU per move: " + ", ".join(f"{name} {value:.1f} ms" for name, value in middle.items()))
    for name in ("frozen floor", "floor"):
        print(f"  page / {name}: {middle['page'] / middle[name]:.2f}")


if __name__ == "__main__":
    for chapter in MOVED:
        asyncio.run(compare(chapter, int(sys.argv[1]) if len(sys.argv) > 1 else 60))
