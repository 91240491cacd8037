"""Sixty people in a room: is every guess counted once, how soon does the projector show it, what do others wait?

    python tests/benchmarks/room.py [people]

One socket is the projector's, which looks as often as its page asks a browser to; sixty are phones, which look at the
room as often as theirs asks, guess at a random moment and change half of their guesses; ten people outside move
sliders; one sends 10,000 guesses a second.  Goals: as many guesses as people, each shown within a second, and others'
moves as before.
"""

import asyncio
import os
import random
import re
import sys
import time
from collections.abc import Sequence

import psutil
from page import ROOT, Session, cpu, server
from socket_client import Client, Run, State
from websockets.exceptions import ConnectionClosed

PEOPLE, OTHERS, THINK = 60, 10, 2.0
# Seconds that guesses come for, and that everybody only waits for.
GUESSING, WAITING = 20.0, 10.0
# Guesses that one person sends in a second.
FLOOD = 10_000
ANSWERED = re.compile(r"(\d+) of \d+ ha(?:s|ve) answered")


class Page(Client):
    """A browser in a room: guesses, looks by the clocks that the server gives it, and notes what it is shown."""

    def __init__(self, port: int, query: str) -> None:
        # As Streamlit hands it to every browser.
        cookie = f"_streamlit_xsrf=2|{os.urandom(4).hex()}|{os.urandom(16).hex()}|1"
        super().__init__(f"127.0.0.1:{port}", query, cookie)
        self.guess: tuple[str, Sequence[str]] = ("", ())
        self.counts: list[tuple[float, int]] = []
        self.looks: list[float] = []

    async def run(self, *states: State, clock: str = "") -> Run:
        run = await super().run(*states, clock=clock)
        if run.errors:
            raise RuntimeError(run.errors[0])
        for slider in run.of("slider"):
            if slider.label.startswith("Your guess"):
                self.guess = slider.id, list(slider.options)
        now = time.perf_counter()
        for text in run.of("markdown"):
            if found := ANSWERED.search(text.body):
                self.counts.append((now, int(found[1])))
        return run

    async def say(self, text: str, button: str) -> float:
        """Move the slider, and send the guess; when it was sent."""
        moved = (self.guess[0], "string_array_value", [text])
        await self.run(moved)
        sent = time.perf_counter()
        await self.press(button, moved)
        return sent

    async def look(self) -> None:
        """Run fragments by their clocks, as a browser does."""
        while True:
            period, clock = min((every, one) for one, every in self.clocks.items())
            await asyncio.sleep(period)
            self.looks.append((await self.run(clock=clock)).seconds)


async def opened(port: int, query: str) -> Page:
    page = Page(port, query)
    await page.open()
    return page


async def phone(page: Page) -> float:
    await asyncio.sleep(random.uniform(0, GUESSING))
    # From "nothing changes", where the slider stands, nobody has guessed.
    first, second = random.sample(page.guess[1][:-1], 2)
    sent = await page.say(first, "Send my guess")
    if random.random() < 0.5:
        await asyncio.sleep(random.uniform(0.5, 3.0))
        await page.say(second, "Change my guess")
    return sent


async def flood(port: int, code: str) -> tuple[int, int]:
    """One person who sends guesses without waiting for what becomes of them, and comes back whenever they are thrown
    out: how many guesses, and how often."""
    page, sent, visits = Page(port, f"room={code}"), 0, 0
    try:
        while True:
            await page.open()
            visits += 1
            try:
                if "Send my guess" in page.buttons:
                    await page.say(page.guess[1][0], "Send my guess")
                while True:
                    moved = (page.guess[0], "string_array_value", [page.guess[1][sent % 5]])
                    await page.socket.send(
                        page.message(moved, (page.buttons["Change my guess"], "trigger_value", True))
                    )
                    sent += 1
                    await asyncio.sleep(0)
            except ConnectionClosed:
                continue
    except asyncio.CancelledError:
        return sent, visits


async def mover(session: Session, ends: float) -> list[float]:
    waits = []
    while time.monotonic() < ends:
        await asyncio.sleep(random.expovariate(1 / THINK))
        waits.append((await session.move(random.choice(session.sliders))).seconds)
    return waits


async def others(sessions: Sequence[Session], seconds: float) -> str:
    ends = time.monotonic() + seconds
    every = await asyncio.gather(*(mover(one, ends) for one in sessions))
    waits = sorted(wait for one in every for wait in one)
    return f"{len(waits)} moves, p50 {_share(waits, 0.5)}, p95 {_share(waits, 0.95)}"


def _share(seconds: Sequence[float], share: float) -> str:
    return f"{seconds[int(share * (len(seconds) - 1))] * 1e3:.0f} ms"


def said_after(sent: Sequence[float], counts: Sequence[tuple[float, int]]) -> list[float]:
    """Seconds from each guess until the projector counted as many."""
    return sorted(
        next((at for at, n in counts if n >= number and at >= begin), float("inf")) - begin
        for number, begin in enumerate(sorted(sent), 1)
    )


async def room(people: int) -> None:
    with server(ROOT / "streamlit_app.py") as (port, process):
        outside = [Session(port, "depth", f"chapter={name}") for name in ("flow", "why") * (OTHERS // 2)]
        for session in outside:
            await session.open()
        print(f"others, without a room: {await others(outside, GUESSING)}", flush=True)
        projector = await opened(port, "lesson=short&present=1")
        await projector.press("Open a room")
        code = re.search(r"room=([a-z]+-\d+)", projector.query)[1]
        phones = [await opened(port, f"room={code}") for _ in range(people)]
        print(f"room {code}: {people} phones look every {min(phones[-1].clocks.values()):.1f} s", flush=True)
        looking = [asyncio.create_task(one.look()) for one in (projector, *phones)]
        print(f"others, while phones look: {await waiting(outside, process, phones)}", flush=True)
        moves = asyncio.create_task(others(outside, GUESSING))
        sent = await asyncio.gather(*map(phone, phones))
        print(f"others, while people guess: {await moves}", flush=True)
        await asyncio.sleep(2)
        late = said_after(sent, projector.counts)
        print(f"guesses: {len(sent)} sent, {projector.counts[-1][1]} counted", flush=True)
        shares = [_share(late, share) for share in (0.5, 0.95, 1)]
        print("the projector shows a guess after p50 {}, p95 {}, {} at most".format(*shares), flush=True)
        flooding = asyncio.create_task(flood(port, code))
        print(f"others, while somebody sends 10,000 guesses a second: {await others(outside, GUESSING)}", flush=True)
        flooding.cancel()
        await asyncio.sleep(2)
        sent_by_one, visits = await flooding
        print(
            f"sent by that one: {sent_by_one} in {visits} visits; counted in all: {projector.counts[-1][1]}", flush=True
        )
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


async def waiting(outside: Sequence[Session], process: psutil.Process, phones: Sequence[Page]) -> str:
    before = sum(len(one.looks) for one in phones)
    spent = cpu(process)
    await asyncio.sleep(WAITING)
    looks, spent = sum(len(one.looks) for one in phones) - before, cpu(process) - spent
    cost = (
        f"{looks / WAITING:.0f} looks a second take {spent / WAITING:.0%} of a core, {spent / looks * 1e3:.1f} ms each"
    )
    return f"{await others(outside, GUESSING)}; {cost}"


if __name__ == "__main__":
    asyncio.run(room(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
