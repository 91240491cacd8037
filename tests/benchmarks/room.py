"""Sixty people in a room: is every guess counted once, how soon does the projector show it, what do others wait?

    python tests/benchmarks/room.py [people]

It takes two minutes, and wants a machine that does nothing else.  One socket is the projector's, which looks as often
as its page asks a browser to; sixty are phones, which look at the room as often as theirs asks, guess at a random
moment and change half of their guesses; ten people outside move sliders; one sends 10,000 guesses a second.  Goals, of
which each line says whether it was met: as many guesses as people, each shown within a second, and others' moves as
without a room.
"""

import asyncio
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import cycle

import psutil
from page import ROOT, Session, cpu, server
from socket_client import Client, Run, State
from websockets.exceptions import ConnectionClosed

PEOPLE, OTHERS, THINK = 60, 10, 2.0
# Seconds that guesses come for, and that everybody only waits for.
GUESSING, WAITING = 20.0, 10.0
# Goals, in milliseconds: of a move's p95, and until the projector shows a guess.
MOVE, SHOWN_WITHIN = 150.0, 1000.0
# How often each thing is done whose cost is measured; seconds after which all is shown.
TIMES, SETTLES = 20, 2.0
# Seconds after which one who floods the server, and is held up, tries with a new connection.
HELD_UP = 0.5
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

    @property
    def clock(self) -> str:
        """The fragment that looks at the room: what runs most often."""
        return min(self.clocks, key=self.clocks.__getitem__)

    async def look(self) -> None:
        """Run fragments by their clocks, as a browser does."""
        while True:
            await asyncio.sleep(self.clocks[self.clock])
            self.looks.append((await self.run(clock=self.clock)).seconds)


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


async def flood(port: int, code: str, ends: float) -> tuple[int, int]:
    """One person who sends guesses without waiting for what becomes of them, and comes anew whenever they are thrown
    out, or the server takes no more of them: how many guesses, and how often."""
    page, sent, visits = Page(port, f"room={code}"), 0, 0
    while time.monotonic() < ends:
        with suppress(ConnectionClosed, TimeoutError):
            await page.open()
            visits += 1
            if "Send my guess" in page.buttons:
                await page.say(page.guess[1][0], "Send my guess")
            while time.monotonic() < ends:
                moved = (page.guess[0], "string_array_value", [page.guess[1][sent % 5]])
                message = page.message(moved, (page.buttons["Change my guess"], "trigger_value", True))
                async with asyncio.timeout(HELD_UP):
                    await page.socket.send(message)
                sent += 1
                await asyncio.sleep(0)
        page.socket.transport.abort()
    return sent, visits


async def mover(session: Session, ends: float) -> list[float]:
    waits = []
    while time.monotonic() < ends:
        await asyncio.sleep(random.expovariate(1 / THINK))
        waits.append((await session.move(random.choice(session.sliders))).seconds)
    return waits


async def others(port: int, seconds: float) -> list[float]:
    """Seconds that each move took of people who come, and move sliders from where they stand at first: the further
    they have gone, the dearer a move."""
    sessions = [Session(port, "depth", f"chapter={name}") for name in ("flow", "why") * (OTHERS // 2)]
    for session in sessions:
        await session.open()
    ends = time.monotonic() + seconds
    every = await asyncio.gather(*(mover(one, ends) for one in sessions))
    for session in sessions:
        await session.close()
    return sorted(wait for one in every for wait in one)


def share_of(seconds: Sequence[float], share: float) -> float:
    """That many of them took no longer, in milliseconds."""
    return seconds[int(share * (len(seconds) - 1))] * 1e3


def say(what: str, asked: float | None, measured: float, unit: str) -> None:
    """One line: what was asked for, beside what was measured."""
    said = "" if asked is None else f"; asked: {asked:g} {unit}: {'met' if measured <= asked else 'MISSED'}"
    print(f"{what}: {measured:.{0 if measured >= 100 else 1}f} {unit}{said}", flush=True)


def say_moves(meanwhile: str, waits: Sequence[float]) -> None:
    print(f"others, {meanwhile}: {len(waits)} moves, p50 {share_of(waits, 0.5):.0f} ms", flush=True)
    say("    p95", MOVE, share_of(waits, 0.95), "ms")


def said_after(sent: Sequence[float], counts: Sequence[tuple[float, int]]) -> list[float]:
    """Seconds from each guess until the projector counted as many."""
    return sorted(
        next((at for at, n in counts if n >= number and at >= begin), float("inf")) - begin
        for number, begin in enumerate(sorted(sent), 1)
    )


async def cost(process: psutil.Process, act: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds that the server computes for it, of many times the one in the middle."""
    costs = []
    for _ in range(TIMES):
        before = cpu(process)
        await act()
        costs.append((cpu(process) - before) * 1e3)
    return statistics.median(costs)


async def costs(process: psutil.Process, projector: Page, phone: Page) -> None:
    """What each thing takes that happens in a room, one after the other."""
    texts = cycle(phone.guess[1][:-1])
    await phone.say(next(texts), "Send my guess")

    def moved() -> State:
        return phone.guess[0], "string_array_value", [next(texts)]

    for what, act in {
        "a phone's look": lambda: phone.run(clock=phone.clock),
        "the projector's look": lambda: projector.run(clock=projector.clock),
        "a move of the guess": lambda: phone.run(moved()),
        "a guess that is sent": lambda: phone.press("Change my guess", moved()),
    }.items():
        say(f"server CPU of {what}", None, await cost(process, act), "ms")


async def room(people: int) -> None:
    print(f"the machine's load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    with server(ROOT / "streamlit_app.py") as (port, process):
        say_moves("without a room", await others(port, GUESSING))
        projector = await opened(port, "lesson=short&present=1")
        await projector.press("Open a room")
        code = re.search(r"room=([a-z]+-\d+)", projector.query)[1]
        phones = [await opened(port, f"room={code}") for _ in range(people)]
        await costs(process, projector, phones[0])
        looking = [asyncio.create_task(one.look()) for one in (projector, *phones)]
        await waiting(process, phones)
        say_moves("while phones look", await others(port, GUESSING))
        moves = asyncio.create_task(others(port, GUESSING))
        # The first one has guessed already.
        sent = await asyncio.gather(*map(phone, phones[1:]))
        say_moves("while people guess", await moves)
        await asyncio.sleep(SETTLES)
        print(f"guesses: {1 + len(sent)} people; counted: {projector.counts[-1][1]}; asked: as many", flush=True)
        # Behind the one who had guessed before: that guess, the oldest, is no part of it.
        late = said_after([0.0, *sent], projector.counts)[:-1]
        print(f"the projector shows a guess after p50 {share_of(late, 0.5):.0f} ms", flush=True)
        for name, share in (("    p95", 0.95), ("    at most", 1.0)):
            say(name, SHOWN_WITHIN, share_of(late, share), "ms")
        flooding = asyncio.create_task(flood(port, code, time.monotonic() + GUESSING))
        say_moves("while somebody sends 10,000 guesses a second", await others(port, GUESSING))
        by_one, visits = await flooding
        await asyncio.sleep(SETTLES)
        counted = projector.counts[-1][1]
        print(f"sent by that one: {by_one} in {visits} visits; counted in all: {counted}; asked: {people + 1}")
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


async def waiting(process: psutil.Process, phones: Sequence[Page]) -> None:
    """What it takes that all look, and nobody does anything."""
    before, spent = sum(len(one.looks) for one in phones), cpu(process)
    await asyncio.sleep(WAITING)
    looks, spent = sum(len(one.looks) for one in phones) - before, cpu(process) - spent
    print(f"{looks / WAITING:.0f} looks of phones a second, and the projector's: {spent / WAITING:.1%} of a core")


if __name__ == "__main__":
    asyncio.run(room(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
