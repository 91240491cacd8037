"""Sixty people on one server: what they wait for a link that nobody has opened before, and what their moves take.

    python tests/benchmarks/crowd.py [people]

Every link is opened on a fresh server by one person, then on another by all at once, cold and, since only the page's
own cost is left then, warm.  Goal: all have a cold link within 1.5 times what one alone waits, plus the warm opening;
and the memory's peak grows by one computation.  Then sliders of all kinds are moved at random, one move a person every
five seconds, alone and while two networks train.
"""

import asyncio
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import psutil
from page import ROOT, Session, server

LINKS = (
    "preset=shattered",
    "lesson=workshop&step=15&guesses=edge.1",
    "preset=wide_theory",
    "chapter=time&n_seeds=100&sequence=500",
    "chapter=map&map_axis=bias_std",
    "chapter=map",
)
TRAINING = "chapter=train&dataset=digits&depth=12&width=64&steps=3000&seed={seed}"
MOVES, THINK = 6, 5.0


@contextmanager
def peak(process: psutil.Process) -> Iterator[list[float]]:
    """Megabytes of a process and its children that are added meanwhile, at most; empty until it ends."""
    grown: list[float] = []
    ended = threading.Event()
    before = megabytes(process)

    def look() -> None:
        most = before
        while not ended.wait(0.05):
            most = max(most, megabytes(process))
        grown.append(most - before)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield grown
    finally:
        ended.set()
        watcher.join()


def megabytes(process: psutil.Process) -> float:
    """Resident memory of a process and its children."""
    sizes = [process.memory_info().rss]
    for child in process.children(recursive=True):
        try:
            sizes.append(child.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return sum(sizes) / 1e6


async def openings(port: int, link: str, people: int) -> list[float]:
    """Seconds that each of ``people`` waits for ``link``."""

    async def one() -> float:
        begin = time.perf_counter()
        await Session(port, "depth", link).open()
        return time.perf_counter() - begin

    return await asyncio.gather(*(one() for _ in range(people)))


async def cold(link: str, people: int) -> None:
    waits: dict[str, Sequence[float]] = {}
    grown: dict[str, float] = {}
    for name, comers in (("alone", 1), ("all", people)):
        with server(ROOT / "streamlit_app.py") as (port, process):
            await openings(port, "", 1)
            with peak(process) as added:
                waits[name] = await openings(port, link, comers)
            grown[name] = added[0]
            waits["warm"] = await openings(port, link, people)
    alone, everybody, warm = (statistics.median(waits[name]) for name in ("alone", "all", "warm"))
    print(
        f"{link}: alone {alone:.2f} s, {people} at once {everybody:.2f} s, warm {warm:.2f} s; "
        f"over 1.5 x alone + warm: {everybody / (1.5 * alone + warm):.2f}; "
        f"peak + {grown['alone']:.0f} MB alone, + {grown['all']:.0f} MB together",
        flush=True,
    )


async def reader(port: int, waits: list[float]) -> None:
    """One person, who moves sliders of all kinds at random."""
    await asyncio.sleep(random.uniform(0, THINK))
    session = Session(port, "depth")
    await session.open()
    for _ in range(MOVES):
        await asyncio.sleep(random.expovariate(1 / THINK))
        waits.append((await session.move(random.choice(session.sliders))).seconds)


async def trainer(port: int, seeds: Iterable[int]) -> None:
    """One person, who trains one network after the other, and watches."""
    for seed in seeds:
        session = Session(port, "depth", TRAINING.format(seed=seed))
        await session.open()
        await session.press("Train")
        await session.close()


async def moves(people: int) -> None:
    for trainings in (0, 2):
        with server(ROOT / "streamlit_app.py") as (port, process):
            await openings(port, "", 1)
            under_way = [asyncio.create_task(trainer(port, count(first, trainings))) for first in range(trainings)]
            waits: list[float] = []
            with peak(process) as added:
                await asyncio.gather(*(reader(port, waits) for _ in range(people)))
            for task in under_way:
                task.cancel()
            for outcome in await asyncio.gather(*under_way, return_exceptions=True):
                if not isinstance(outcome, asyncio.CancelledError):
                    raise RuntimeError("no network was in training any more") from outcome
            waits.sort()
            p50, p95, p99 = (waits[int(share * len(waits))] * 1e3 for share in (0.5, 0.95, 0.99))
            print(
                f"{people} people, one move each {THINK:.0f} s, {trainings} networks in training: "
                f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms; {megabytes(process):.0f} MB "
                f"(+ {added[0]:.0f} MB at the peak)",
                flush=True,
            )


if __name__ == "__main__":
    how_many = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    asyncio.run(moves(how_many))
    for link in LINKS:
        asyncio.run(cold(link, how_many))
