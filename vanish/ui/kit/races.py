"""Several runs of training side by side: their snapshots in turns, and sorted by run again."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_turns(runs: Mapping[str, Iterator[T]]) -> Iterator[tuple[str, T]]:
    """``(name, snapshot)`` of all runs, one of each at a time, until the last one has ended."""
    under_way = dict(runs)
    while under_way:
        for name, run in list(under_way.items()):
            snapshot = next(run, None)
            if snapshot is None:
                del under_way[name]
            else:
                yield name, snapshot


def by_name(items: Sequence[tuple[str, T]]) -> dict[str, list[T]]:
    """The snapshots of each run so far."""
    runs: dict[str, list[T]] = {}
    for name, snapshot in items:
        runs.setdefault(name, []).append(snapshot)
    return runs
