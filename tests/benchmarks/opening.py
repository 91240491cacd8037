"""Opening the page: server CPU of one opening after the first, and thirty people on a quarter of a core.

    python tests/benchmarks/opening.py [people]

The quota is a cgroup's where one can be made; else a stand-in, which stops and continues the server's process twenty
times a second so that it runs for a quarter of the time, and says so.  Everybody opens within ten seconds, then moves
sliders of all kinds at random, one move a person every five seconds.
"""

import asyncio
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from page import ROOT, Session, cpu, server

QUOTA, PERIOD = 0.25, 0.05
ARRIVE_WITHIN, THINK, MOVES = 10.0, 5.0, 4
OPENINGS = 20
CGROUPS = Path("/sys/fs/cgroup")


@contextmanager
def quota(process: psutil.Process) -> Iterator[str]:
    """Let a process have ``QUOTA`` of a core; yields by what."""
    group, undo = _cgroup(process)
    if group:
        try:
            yield "a cgroup's quota"
        finally:
            undo.write_text(str(process.pid))
            group.rmdir()
        return
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(PERIOD * QUOTA):
            process.send_signal(signal.SIGSTOP)
            time.sleep(PERIOD * (1 - QUOTA))
            process.send_signal(signal.SIGCONT)

    watcher = threading.Thread(target=beat)
    watcher.start()
    try:
        yield "a stand-in for a quota (SIGSTOP and SIGCONT, not limited while stopped threads hold locks)"
    finally:
        ended.set()
        watcher.join()


def _cgroup(process: psutil.Process) -> tuple[Path | None, Path]:
    """A group with the quota that holds the process, of either version, and where it goes back to."""
    period, most = 100_000, int(100_000 * QUOTA)
    for parent, limits in (
        (CGROUPS / "cpu", {"cpu.cfs_period_us": str(period), "cpu.cfs_quota_us": str(most)}),
        (CGROUPS, {"cpu.max": f"{most} {period}"}),
    ):
        group = parent / f"vanish-{os.getpid()}"
        with suppress(OSError):
            group.mkdir()
            try:
                for name, limit in limits.items():
                    (group / name).write_text(limit)
                (group / "cgroup.procs").write_text(str(process.pid))
            except OSError:
                group.rmdir()
                raise
            return group, parent / "cgroup.procs"
    return None, CGROUPS


def at(share: float, seconds: list[float]) -> str:
    return f"{sorted(seconds)[int(share * len(seconds))] * 1e3:.0f} ms"


async def one_by_one(port: int, process: psutil.Process) -> None:
    await Session(port, "depth").open()
    before = cpu(process)
    for _ in range(OPENINGS):
        session = Session(port, "depth")
        await session.open()
        await session.close()
    print(f"{(cpu(process) - before) / OPENINGS * 1e3:.1f} ms of server CPU an opening, after the first", flush=True)


async def person(port: int, openings: list[float], moves: list[float]) -> None:
    await asyncio.sleep(random.uniform(0, ARRIVE_WITHIN))
    session, begin = Session(port, "depth"), time.perf_counter()
    await session.open()
    openings.append(time.perf_counter() - begin)
    for _ in range(MOVES):
        await asyncio.sleep(random.expovariate(1 / THINK))
        moves.append((await session.move(random.choice(session.sliders))).seconds)


async def crowd(port: int, process: psutil.Process, people: int) -> None:
    openings: list[float] = []
    moves: list[float] = []
    with quota(process) as by:
        await asyncio.gather(*(person(port, openings, moves) for _ in range(people)))
    print(f"{people} people within {ARRIVE_WITHIN:.0f} s on {QUOTA} of a core, by {by}:")
    for name, seconds in (("openings", openings), ("moves", moves)):
        print(f"  {name}: p50 {at(0.5, seconds)}, p95 {at(0.95, seconds)}", flush=True)


async def main(people: int) -> None:
    with server(ROOT / "streamlit_app.py") as (port, process):
        await one_by_one(port, process)
        await crowd(port, process, people)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
