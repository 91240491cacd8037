"""What a text says, remembered while texts are short: a log repeats its names, and a reader's lines have any length."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

R = TypeVar("R")

# Texts that are remembered, and letters of the longest of them: some megabytes at most.
KEPT, LONGEST = 4096, 200


def remembered(read: Callable[[str], R]) -> Callable[[str], R]:
    """Decorator: what has been read of a short text is read once."""
    kept = lru_cache(KEPT)(read)

    @wraps(read)
    def ask(text: str) -> R:
        return kept(text) if len(text) <= LONGEST else read(text)

    return ask
