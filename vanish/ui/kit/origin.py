"""Where a table comes from: what stands above its columns in the file that one takes home."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from csv import QUOTE_NONNUMERIC
from dataclasses import dataclass

import pandas as pd

from vanish.references import VERSION, citation


@dataclass(frozen=True)
class Origin:
    """The link that opens the page as it was; ``settings`` are the controls' labels with what they were set to, asked
    for when a file is made: most runs make none."""

    link: str
    settings: Callable[[], tuple[tuple[str, str], ...]]


_origin: ContextVar[Origin] = ContextVar("origin")


@contextmanager
def stated(link: str, settings: Callable[[], tuple[tuple[str, str], ...]]) -> Iterator[None]:
    """Tables that are drawn within this come from there."""
    token = _origin.set(Origin(link, settings))
    try:
        yield
    finally:
        _origin.reset(token)


def here() -> Origin:
    """Where a table that is drawn now comes from."""
    return _origin.get()


def csv(frame: pd.DataFrame, columns: str, origin: Origin) -> str:
    """A table in full precision under lines of comment, which ``pandas.read_csv(..., comment="#")`` passes over."""
    # What is left empty is not in use.
    settings = "; ".join(f"{label}: {said}" for label, said in origin.settings() if said)
    notes = (
        f"vanish {VERSION}, {origin.link}",
        f"set on the page: {settings}",
        f"columns: {columns}",
        f"cite as: {citation()}",
    )
    # Whatever a setting says stays on its line.
    head = "".join(f"# {' '.join(note.split())}\n" for note in notes)
    body = frame.to_csv(index=False)
    # What a reader's log calls a layer is no comment: in quotes it is read.
    return head + (frame.to_csv(index=False, quoting=QUOTE_NONNUMERIC) if "#" in body else body)
