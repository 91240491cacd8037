"""Sentences about a room: who has answered, where it is, what has become of a guess."""

from collections.abc import Mapping

from vanish.ui.kit.numbers import count
from vanish.ui.lesson.room.store import Said


def answered(n: int, people: int) -> str:
    """How many have answered, of those who are there."""
    if n == 0:
        return "nobody has answered yet" if people else "nobody is here yet"
    return f"{count(n)} of {count(people)} {'has' if n == 1 else 'have'} answered"


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
    "is not open on this server now. Its leader has closed it, or the server was started anew and has lost its count. "
    "Your guesses are in your link: as soon as the leader's page is back, they count again by themselves."
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
    return f"{count(good)} of {count(n)} right or near ({round(100 * good / n)} %)" if n else "no guesses"
