"""Readers' text, from a link or a box, as Markdown that shows its letters and does nothing else.

Whatever the page shows of a text that it has not written goes through ``quoted``.
"""

from collections.abc import Sequence

# Letters of one text that are shown.
MOST = 32


def quoted(text: str, most: int = MOST) -> str:
    """A text on one line and between code marks, where Markdown, HTML, formulas and icons mean nothing."""
    # Whoever writes from right to left in a link could turn the rest of the sentence around.
    printed = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"`{shortened(' '.join(printed.split()).replace('`', chr(39)), most) or 'nothing'}`"


def shortened(text: str, most: int = MOST) -> str:
    """A text of at most so many letters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def some(names: Sequence[str], most: int = 50) -> str:
    """As many names as there is room for, and how many there are."""
    text = ", ".join(names)
    if len(text) <= most:
        return text
    return f"{text[:most].rpartition(', ')[0]} … ({len(names)} in all)"
