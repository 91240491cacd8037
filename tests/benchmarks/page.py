"""Server CPU of one slider move, beside a floor app that shows as many charts and tables.

    python tests/benchmarks/page.py [rounds]

Each app is a real server; a client speaks its socket protocol and moves the slider ``depth`` (along a sequence:
``sequence length``).  A move asks for what nobody has asked for before, as a reader's does: every round has a random
seed of its own (and in chapter ``why``, which draws none, slopes) and meets each value once, in random order.  The
floor app shows static charts and tables and does nothing else, with the garbage collector frozen after the imports
and its socket mended, as the page has them.  Servers take turns move by move, so that a machine that slows down slows
all of them.
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
from tempfile import TemporaryDirectory
from typing import IO, NamedTuple

import psutil

# From a checkout, without an installation.
sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.servers import ROOT, Server
from socket_client import Client, Run, State

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
# Seconds after a move.
REST = 0.03

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
depth = st.slider("depth", 1, 100, 10, key="depth")
{follows}
for i in range({charts}):
    st.altair_chart(chart, key=f"chart{{i}}")
for i in range({tables}):
    st.dataframe(frame, key=f"table{{i}}")
"""

# What it shows then follows the slider, as a chart on anybody's page does.
FOLLOWS = "frame = frame.assign(value=frame.value * depth / 100); chart = chart.properties(data=frame)"


class Cost(NamedTuple):
    """Of one move: the server's CPU in milliseconds, and what it sends."""

    milliseconds: float
    messages: int
    size: int


class Session(Client):
    """One reader: knows the sliders that the server showed last, and moves them."""

    def __init__(self, port: int, label: str, query: str = "") -> None:
        super().__init__(f"127.0.0.1:{port}", query)
        self.label, self.slider = label, ""
        # Each with a value that it can take.
        self.sliders: list[tuple[str, float]] = []

    async def run(self, *states: State, clock: str = "") -> Run:
        """As everybody's; an error on the page ends it."""
        run = await super().run(*states, clock=clock)
        if run.errors:
            raise RuntimeError(run.errors[0])
        sliders = []
        for slider in run.of("slider"):
            if slider.label.lower() == self.label:
                self.slider = slider.id
            # Whole steps from the lowest value on.
            steps = int((min(slider.max, 60) - slider.min) / slider.step)
            sliders.append((slider.id, slider.min + slider.step * random.randint(0, steps)))
        # A run of the results alone draws none: they are where they were.
        self.sliders = sliders or self.sliders
        return run

    async def move(self, to: float | tuple[str, float]) -> Run:
        """Move the slider to a value, or another one: its identifier and its value."""
        slider, value = to if isinstance(to, tuple) else (self.slider, to)
        return await self.run((slider, "double_array_value", [value]))


@contextmanager
def server(script: Path, log: int | IO[str] = subprocess.DEVNULL) -> Iterator[tuple[int, psutil.Process]]:
    """A server of the app in ``script``: its port and its process."""
    with Server(script=script, log=log) as started:
        started.answers()
        yield started.port, psutil.Process(started.pid)


@contextmanager
def floor(counts: Mapping[str, int], follows: str = "") -> Iterator[tuple[int, psutil.Process]]:
    """A server of the floor app with so many ``charts`` and ``tables``."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "floor.py"
        script.write_text(FLOOR.format(**counts, follows=follows))
        with server(script) as served:
            yield served


def cpu(process: psutil.Process) -> float:
    """Seconds that a process has computed, to the nanosecond: its clock as ``clock_getcpuclockid`` numbers it."""
    return time.clock_gettime((~process.pid << 3) | 2)


def fresh(chapter: str, number: int) -> str:
    """A link to a chapter with networks that no other round has."""
    return f"chapter={chapter}&seed={1000 + number}&slope_tanh={0.5 + number / 100:.2f}"


def shown(run: Run) -> dict[str, int]:
    """How many charts and tables a run has drawn."""
    return {"charts": len(run.of("vega_lite_chart")), "tables": len(run.of("dataframe"))}


async def moves(*apps: tuple[Session, psutil.Process, Sequence[int]]) -> list[list[Cost]]:
    """What each app's moves cost after the first few.  The apps take turns move by move: a machine's speed changes
    within seconds."""
    for session, _, _ in apps:
        await session.open()
    orders = [random.sample(values, len(values)) for _, _, values in apps]
    costs: list[list[Cost]] = [[] for _ in apps]
    for turn in zip(*orders, strict=True):
        for (session, process, _), value, mine in zip(apps, turn, costs, strict=True):
            before = cpu(process)
            run = await session.move(value)
            # What is left to be done once the browser has all.
            await asyncio.sleep(REST)
            mine.append(Cost((cpu(process) - before) * 1e3, run.messages, run.bytes))
    for session, _, _ in apps:
        await session.close()
    return [mine[WARM_UP:] for mine in costs]


async def compare(chapter: str, rounds: int) -> None:
    label, values = MOVED[chapter]
    with ExitStack() as stack:
        page_port, page_process = stack.enter_context(server(ROOT / "streamlit_app.py"))
        first = Session(page_port, label, f"chapter={chapter}")
        counts = shown(await first.open())
        floor_port, floor_process = stack.enter_context(floor(counts))
        page, bare = [], []
        for number in range(rounds):
            session = Session(page_port, label, fresh(chapter, number))
            mine, least = await moves(
                (session, page_process, values), (Session(floor_port, "depth"), floor_process, DEPTHS)
            )
            page, bare = page + mine, bare + least
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
