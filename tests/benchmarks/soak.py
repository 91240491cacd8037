"""The server's memory while people come, move sliders of all chapters, leave and come back.

    python tests/benchmarks/soak.py [minutes] [sessions] [seconds between moves]

Everybody opens a chapter at random, moves some of its sliders at random, one at a time, leaves, and comes back to
another.  Memory is resident and counts the worker processes; a minute's figure is the most of that minute.  Goals for
sixty: under 300 MB once warm, under 450 MB at the peak, and flat: no minute after the first quarter is more than a
tenth above the first one of these.
"""

import asyncio
import random
import sys
import time
from collections.abc import Sequence

import psutil
from crowd import megabytes
from page import ROOT, Session, server

CHAPTERS = ("why", "flow", "updates", "train", "fixes", "time", "map")
MINUTES, SESSIONS, THINK = 30.0, 60, 5.0
# A visit's moves, on average; seconds between looks, and how long all have been gone at the last one.
MOVES, LOOK_EVERY, GONE = 12, 0.5, 60.0
WARM_UP, FLAT = 0.25, 1.1


async def visitor(port: int, think: float, ends: float, moves: list[float]) -> None:
    """One person, over and over until ``ends``."""
    await asyncio.sleep(random.uniform(0, think))
    while time.monotonic() < ends:
        session = Session(port, "depth", f"chapter={random.choice(CHAPTERS)}")
        await session.open()
        while time.monotonic() < ends and random.random() > 1 / MOVES:
            await asyncio.sleep(random.expovariate(1 / think))
            moves.append((await session.move(random.choice(session.sliders))).seconds)
        await session.close()


async def look(process: psutil.Process, begin: float, most: list[float]) -> None:
    """Note the most of every minute, and say it when the minute is over."""
    while True:
        minute, now = int((time.monotonic() - begin) / 60), megabytes(process)
        if minute == len(most):
            if most:
                print(f"minute {minute}: {most[-1]:.0f} MB", flush=True)
            most.append(now)
        most[-1] = max(most[-1], now)
        await asyncio.sleep(LOOK_EVERY)


def verdict(most: Sequence[float]) -> str:
    """Whether the minutes after the warm-up are flat."""
    warm = most[int(WARM_UP * len(most)) :]
    flat = "flat" if max(warm) <= FLAT * warm[0] else "not flat"
    return f"{warm[0]:.0f} MB once warm, {max(warm):.0f} MB at most afterwards: {flat} within 10 %"


async def soak(minutes: float, sessions: int, think: float) -> None:
    with server(ROOT / "streamlit_app.py") as (port, process):
        await Session(port, "depth").open()
        print(f"one reader: {megabytes(process):.0f} MB", flush=True)
        moves: list[float] = []
        most: list[float] = []
        begin = time.monotonic()
        looking = asyncio.create_task(look(process, begin, most))
        await asyncio.gather(*(visitor(port, think, begin + 60 * minutes, moves) for _ in range(sessions)))
        looking.cancel()
        print(f"{sessions} sessions, {len(moves)} moves: {verdict(most)}; peak {max(most):.0f} MB", flush=True)
        await asyncio.sleep(GONE)
        print(f"{GONE:.0f} s after all have left: {megabytes(process):.0f} MB", flush=True)


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:]]
    minutes, sessions, think = given + [MINUTES, SESSIONS, THINK][len(given) :]
    asyncio.run(soak(minutes, int(sessions), think))
