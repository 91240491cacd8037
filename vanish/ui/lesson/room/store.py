"""Rooms as the server knows them: who leads one, where it is, and what everybody in it has said.

All of it is in memory, for half a day at most, and of a person there is a random token and a byte a question.  Whatever
is asked for costs the same however many have answered; only who comes into a full room has all places gone through.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from hmac import compare_digest

from vanish.ui.kit.allowance import Allowance
from vanish.ui.lesson.room.codes import code_of, new_secret

MOST_ROOMS, MOST_PEOPLE = 50, 500
LASTS = 12 * 3600.0
# Where there is no room for another one, one that nobody has used for so long gives way.
IDLE = 1800.0
# In a full room so many seconds without a look cost the place of who has said nothing yet, and of who has.  A browser's
# token can be forged, and each gets a place; but to keep five hundred takes as many pages that look.
AWAY_SILENT, AWAY = 60.0, 300.0
# Answers of a person at once, for who comes back with all of theirs, and more of them a second.
AT_ONCE, A_SECOND = 60, 1.0
# Added to a person's byte once they have seen the truth.
FINAL = 128

# Of every lesson the questions, and of every question the answers that it takes.
Questions = Mapping[str, Mapping[str, Sequence[str]]]


class Said(Enum):
    """What became of an answer."""

    COUNTED = "counted"
    SHOWN = "the room has been shown the truth"
    FINAL = "this person has seen the truth"
    FULL = "there is no room for another person"
    OFTEN = "too many answers in a short time"
    UNKNOWN = "no such question, or no such answer to it"
    GONE = "no such room"


@dataclass(frozen=True)
class Room:
    """A room at one moment: ``step`` is where its leader is, ``shown`` the questions whose truth it has been shown,
    ``again`` whether a server that knew nothing of it has opened it again."""

    code: str
    lesson: str
    step: int
    people: int
    shown: frozenset[str]
    again: bool


@dataclass(frozen=True)
class Tally:
    """How many have given each answer to a question, in the answers' order; those that nobody has given as well."""

    counts: Mapping[str, int]

    @property
    def answered(self) -> int:
        """How many have answered."""
        return sum(self.counts.values())


@dataclass(slots=True)
class _Person:
    answers: bytearray
    allowed: Allowance
    seen: float

    def away(self, now: float) -> float:
        """For how many times as long as a place is kept this person has not looked."""
        return (now - self.seen) / (AWAY if any(self.answers) else AWAY_SILENT)


@dataclass(slots=True)
class _Open:
    lesson: str
    lead: bytes
    opened: float
    again: bool
    counts: dict[str, list[int]]
    used: float
    step: int = 1
    shown: set[str] = field(default_factory=set)
    people: dict[str, _Person] = field(default_factory=dict)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


class Rooms:
    """All rooms of a server; ``clock`` gives seconds."""

    def __init__(self, questions: Questions, clock: Callable[[], float] = time.monotonic) -> None:
        self._texts = questions
        self._numbers = {
            lesson: {name: {text: n for n, text in enumerate(texts, 1)} for name, texts in table.items()}
            for lesson, table in questions.items()
        }
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, _Open] = {}

    def open(self, lesson: str) -> tuple[str, str] | None:
        """A new room's code, and its leader's secret; ``None`` where there are too many rooms."""
        for _ in range(MOST_ROOMS):
            secret = new_secret()
            code = code_of(secret)
            with self._lock:
                if code not in self._rooms:
                    return (code, secret) if self._add(code, secret, lesson, again=False) else None
        return None

    def leads(self, code: str, secret: str) -> bool:
        """Whether it is this room's leader's secret."""
        with self._lock:
            return self._led(code, secret) is not None

    def again(self, code: str, secret: str, lesson: str) -> bool:
        """Open a room of which nothing is known any more, by its leader's secret; whether that leads it now."""
        if lesson not in self._texts or (self.look(code) is None and code_of(secret) != code):
            return False
        with self._lock:
            if self._find(code) is None:
                return self._add(code, secret, lesson, again=True)
            return self._led(code, secret) is not None

    def close(self, code: str, secret: str) -> None:
        """Forget the room and all that was said in it."""
        with self._lock:
            if self._led(code, secret):
                del self._rooms[code]

    def go(self, code: str, secret: str, step: int, shown: Collection[str]) -> bool:
        """The leader is at this step, and these questions' truths have been shown; whether it is the leader."""
        with self._lock:
            room = self._led(code, secret)
            if room:
                room.step, room.used = step, self._clock()
                room.shown.update(room.counts.keys() & shown)
            return room is not None

    def look(self, code: str) -> Room | None:
        """The room as it is now, if it is open."""
        with self._lock:
            room = self._find(code)
            if room is None:
                return None
            return Room(code, room.lesson, room.step, len(room.people), frozenset(room.shown), room.again)

    def tally(self, code: str, question: str) -> Tally:
        """What has been said to a question; nothing, where there is no such room or question."""
        with self._lock:
            room = self._find(code)
            if room is None or question not in room.counts:
                return Tally({})
            texts = self._texts[room.lesson][question]
            return Tally(dict(zip(texts, room.counts[question], strict=True)))

    def join(self, code: str, token: str) -> bool:
        """Take part, or go on with it; whether there is room, and a place in it."""
        with self._lock:
            room = self._find(code)
            return room is not None and self._person(room, token) is not None

    def answer(self, code: str, token: str, question: str, text: str, final: bool = False) -> Said:
        """Take down what somebody says to a question, in place of what they have said to it before.

        It stays open to change until the room is shown the truth, or ``final``: they have seen it by themselves.
        """
        with self._lock:
            room = self._find(code)
            if room is None:
                return Said.GONE
            known = isinstance(question, str) and isinstance(text, str)
            number = self._numbers[room.lesson].get(question, {}).get(text) if known else None
            if number is None:
                return Said.UNKNOWN
            person = self._person(room, token)
            if person is None:
                return Said.FULL
            place = list(room.counts).index(question)
            before = person.answers[place]
            same = before & ~FINAL == number
            if same and (before & FINAL or not final):
                return Said.COUNTED
            if not same and before & FINAL:
                return Said.FINAL
            # What comes back into a room that was opened again was said before the truth was shown.
            if not same and question in room.shown and (before or not room.again):
                return Said.SHOWN
            if not person.allowed.take(self._clock()):
                return Said.OFTEN
            person.answers[place] = number | (FINAL if final else 0)
            counts = room.counts[question]
            if before:
                counts[(before & ~FINAL) - 1] -= 1
            counts[number - 1] += 1
            room.used = self._clock()
            return Said.COUNTED

    def _person(self, room: _Open, token: str) -> _Person | None:
        now = self._clock()
        if token not in room.people:
            if len(room.people) >= MOST_PEOPLE and not self._make_room(room, now):
                return None
            room.people[token] = _Person(bytearray(len(room.counts)), Allowance(AT_ONCE, A_SECOND, now), now)
        person = room.people[token]
        person.seen = now
        return person

    def _make_room(self, room: _Open, now: float) -> bool:
        """Let go of who has been away for longest, if for long enough.

        Of what they have said stays counted what would not be once more: to a question whose truth has been shown.
        """
        longest = max(room.people, key=lambda token: room.people[token].away(now))
        if room.people[longest].away(now) < 1:
            return False
        for (question, counts), answer in zip(room.counts.items(), room.people.pop(longest).answers, strict=True):
            if answer and (room.again or question not in room.shown):
                counts[(answer & ~FINAL) - 1] -= 1
        return True

    def _led(self, code: str, secret: str) -> _Open | None:
        room = self._find(code)
        return room if room and compare_digest(room.lead, _digest(secret)) else None

    def _find(self, code: str) -> _Open | None:
        """The room, once those are forgotten that have lasted long enough."""
        now = self._clock()
        for old in [old for old, room in self._rooms.items() if now - room.opened >= LASTS]:
            del self._rooms[old]
        return self._rooms.get(code)

    def _add(self, code: str, secret: str, lesson: str, again: bool) -> bool:
        self._find(code)
        now = self._clock()
        if len(self._rooms) >= MOST_ROOMS:
            idle = min(self._rooms, key=lambda one: self._rooms[one].used)
            if now - self._rooms[idle].used < IDLE:
                return False
            del self._rooms[idle]
        counts = {name: [0] * len(texts) for name, texts in self._texts[lesson].items()}
        self._rooms[code] = _Open(lesson, _digest(secret), now, again, counts, now)
        return True
