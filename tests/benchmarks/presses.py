"""Sixty people press *Train* together: how often is it computed, who comes first, and what do others wait meanwhile?

    python tests/benchmarks/presses.py [people]

First all press it with one setting, then everybody with a setting of their own, beside ten people who move sliders.
Goals: one setting costs one run, everybody sees how many come first, and others' moves take 300 ms at most (p95).  Of
the estimates it says how long it took beside what they said first.
"""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Sequence

import psutil
from page import ROOT, Session, server
from room import others, say, share_of
from socket_client import Run, State

PEOPLE = 60
TRAINING = "chapter=train&dataset=digits&depth=8&width=48&steps=200&seed={seed}"
# Milliseconds that others wait for a move, at most; seconds for which they move sliders, over and over.
MOVE, LOOK = 300.0, 5.0
ESTIMATE = re.compile(r"about (\d+) (second|minute)")


class Presser(Session):
    """One person, who notes what stands beside the bar, and when."""

    patience = 600.0

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(port, "depth", TRAINING.format(seed=seed))
        self.said: list[tuple[float, str]] = []
        self.pressed = 0.0

    def _note(self, run: Run, sent: bytes) -> bool:
        known = len(run.elements)
        last = super()._note(run, sent)
        self.said += [(time.perf_counter(), bar.text) for name, bar in run.elements[known:] if name == "progress"]
        return last

    async def press(self, label: str, *states: State) -> Run:
        self.pressed = time.perf_counter()
        return await super().press(label, *states)

    @property
    def told(self) -> float:
        """Seconds until they saw how many come first, or how far their own run is."""
        return self.said[0][0] - self.pressed if self.said else float("inf")

    @property
    def waited(self) -> tuple[float, float] | None:
        """Seconds until it began, as was said first and as it was."""
        for at, text in self.said:
            if "before it" in text and (found := ESTIMATE.search(text)):
                begun = next(when for when, later in self.said if "before it" not in later and when > at)
                return int(found[1]) * (60 if found[2] == "minute" else 1), begun - at
        return None


def worker_seconds(process: psutil.Process) -> float:
    """What the server's worker processes have computed."""
    return sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))


async def press(port: int, seeds: Sequence[int]) -> list[Presser]:
    """One person for each seed: all open the page, and then press together."""
    people = [Presser(port, seed) for seed in seeds]
    for one in people:
        await one.open()
    await asyncio.gather(*(one.press("Train") for one in people))
    return people


async def presses(people: int) -> None:
    for what, seeds in {"one setting": [1] * people, "settings of their own": range(1, people + 1)}.items():
        with server(ROOT / "streamlit_app.py") as (port, process):
            # The first one starts a worker, the second one says what a run costs.
            for seed in (1001, 1002):
                before = worker_seconds(process)
                await press(port, [seed])
            alone, before = worker_seconds(process) - before, worker_seconds(process)
            pressed = asyncio.create_task(press(port, seeds))
            waits: list[float] = []
            while not pressed.done():
                waits += await others(port, LOOK)
            runs = (worker_seconds(process) - before) / alone
            everybody = await pressed
            waits.sort()
            print(f"{people} people, {what}: {runs:.1f} runs' worth of CPU; asked: {len(set(seeds))}")
            told = max(one.told for one in everybody)
            print(f"    all were told how many come first, or how far their run is, within {told:.1f} s")
            if estimates := [one.waited for one in everybody if one.waited]:
                ratios = [took / said for said, took in estimates]
                low, middle, high = statistics.quantiles(ratios, n=10)[0], statistics.median(ratios), max(ratios)
                print(f"    waited beside what was said first: {middle:.2f} x, a tenth {low:.2f}, at most {high:.2f}")
            say(f"    others' {len(waits)} moves, p95", MOVE, share_of(waits, 0.95), "ms")


if __name__ == "__main__":
    asyncio.run(presses(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
