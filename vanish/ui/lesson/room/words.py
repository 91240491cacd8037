"""Sentences about a room: who has answered, where it is, what has become of a guess."""

from collections.abc import Mapping

from vanish.ui.kit.numbers import count
from vanish.ui.lesson.room.store import Said


def answered(n: int, people: int) -> str:
    """How many have answered, of those who are there; what somebody has said who has left a full room still counts."""
    if n == 0:
        return "nobody has answered yet" if people else "nobody is here yet"
    return f"{count(n)} of {count(max(n, people))} {'has' if n == 1 else 'have'} answered"


def whereabouts(number: int, total: int) -> str:
    """Where in a lesson a room is."""
    return f"question {number} of {total}" if number <= total else "the take-aways"


def sent(guess: str) -> str:
    """What can still become of a guess that the room has got."""
    return f"Sent: **{guess}**. You can change it until the room is shown the answer."


def not_counted(became: Said) -> str | None:
    """Why the room has not counted a guess; nothing, where it has."""
    reasons = {
        Said.SHOWN: "The room had been shown the answer before: this guess is yours alone.",
        Said.FINAL: "The room keeps the guess that you made before you saw the answer.",
        Said.FULL: "The room is full: your guesses are yours alone until somebody leaves.",
        Said.OFTEN: "That was too fast: the room takes this guess in a moment.",
    }
    return reasons.get(became)


GONE = (
    "is not open on this server now. Its leader has closed it, its time is over, or the server was started anew and "
    "has lost its count. Your guesses are in your link: if the leader's page opens the room again, they count again "
    "by themselves."
)


AGAIN = (
    "The server was started anew, and the count of this room was lost. The guesses in people's own links come back by "
    "themselves, as soon as their pages do."
)


def spread(said: Mapping[str, int]) -> str:
    """How often each answer was given, for who cannot see the picture."""
    given = [f"{words}: {count(n)}" for words, n in said.items() if n]
    return "; ".join(given) or "No answers yet"


def scored(good: int, n: int) -> str:
    """How many of a room's guesses were right or near."""
    return f"{count(good)} of {count(n)} right or near ({in_a_hundred(good, n)})" if n else "no guesses"


def in_a_hundred(good: int, n: int) -> str:
    """The same in whole per cent: neither 0 nor 100 stands for some of them."""
    rounded = round(100 * good / n)
    return f"{rounded if good in (0, n) else min(max(rounded, 1), 99)} %"


def most_frequent(said: Mapping[str, int]) -> str:
    """What was said most often: all of it that was said as often."""
    most = max(said.values(), default=0)
    return ", ".join(words for words, n in said.items() if n == most) if most else "nothing"


def refused(by_one: bool) -> str:
    """Why no room was opened: because one reader has opened so many, or all readers together."""
    if by_one:
        return "You have opened as many rooms as one page may. Open this page once more in a new tab."
    return "All rooms of this server are in use. Try again in half an hour."
