"""Turns: of what many readers ask for together a few things are done at a time, and not all at the same slow pace.

Sixty who opened one link together had it after 1.7 s each; by turns half of them have it within 1.0 s, and memory holds
a few half-made pages instead of sixty.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count

# Later arrivals that a long computation lets pass; without a limit it never begins on a server that never rests.
LETS_PASS = 100


class Kind(Enum):
    """What waits for its turn: a slider's move; a computation that takes as long as many of them, or is for no move at
    all; the whole page; a picture of what is being computed."""

    MOVE, DEAR, LONG, PAGE, PICTURE = auto(), auto(), auto(), auto(), auto()


@dataclass(eq=False, slots=True)
class _Ticket:
    kind: Kind
    arrival: int
    turn: threading.Event = field(default_factory=threading.Event)
    since: float = 0.0


class Gate:
    """Lets few threads in at a time: who waits comes in by arrival, a long computation as if it had come later.

    ``at_most`` of a kind come in together, all others find a place; who has been in for ``patience`` seconds keeps
    nobody out any more.
    """

    def __init__(self, places: int, at_most: Mapping[Kind, int], patience: float | None = None) -> None:
        self._places, self._at_most, self._patience = places, at_most, patience
        self._arrivals = count()
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._inside: list[_Ticket] = []
        self._mine = threading.local()

    @property
    def held(self) -> Kind | None:
        """As what this thread is inside."""
        return self._ticket.kind if self._ticket else None

    @property
    def _ticket(self) -> _Ticket | None:
        ticket: _Ticket | None = getattr(self._mine, "ticket", None)
        return ticket

    @contextmanager
    def inside(self, kind: Kind) -> Iterator[None]:
        """Wait for a place and hold it; a thread that has one keeps it for what it does on the way."""
        if self.held:
            yield
            return
        self._wait(_Ticket(kind, next(self._arrivals) + LETS_PASS * (kind is Kind.LONG)))
        try:
            yield
        finally:
            self.leave()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Give the place away while waiting for somebody else, who may need it; who comes back comes before whoever
        has come later."""
        ticket = self._ticket
        if not ticket:
            yield
            return
        self.leave()
        try:
            yield
        finally:
            self._wait(_Ticket(ticket.kind, ticket.arrival))

    def leave(self) -> None:
        """Give the place away before the end."""
        with self._lock:
            self._inside = [one for one in self._inside if one is not self._ticket]
            self._let_in()
        self._mine.ticket = None

    def _wait(self, ticket: _Ticket) -> None:
        with self._lock:
            self._waiting.append(ticket)
            self._let_in()
        while not ticket.turn.wait(self._patience):
            self._overlook()
        self._mine.ticket = ticket

    def _overlook(self) -> None:
        """Count those no longer that have been in for long."""
        with self._lock:
            self._inside = [one for one in self._inside if time.monotonic() - one.since < (self._patience or 0)]
            self._let_in()

    def _let_in(self) -> None:
        """Whose turn it is, as many as there are places for."""
        while ready := [one for one in self._waiting if self._has_place(one.kind)]:
            first = min(ready, key=lambda one: (one.arrival, one.kind is Kind.LONG))
            self._waiting.remove(first)
            self._inside.append(first)
            first.since = time.monotonic()
            first.turn.set()

    def _has_place(self, kind: Kind) -> bool:
        of_kind = sum(one.kind is kind for one in self._inside)
        return len(self._inside) < self._places and of_kind < self._at_most.get(kind, self._places)


# Computations: memory is for one dear and one long one, and a place is left for other moves.
GATE = Gate(3, {Kind.DEAR: 1, Kind.LONG: 1})

# Runs of the page: one place is for moves alone.
RUNS = Gate(3, {Kind.PAGE: 1, Kind.PICTURE: 1}, patience=0.3)
