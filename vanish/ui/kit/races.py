"""Long computations as plain values, which can be sent to another process: several runs of training side by side."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

# Called as often as a run can, with the share that is done.
Beat = Callable[[float], None]

# A run of the engine: what it yields, given ``progress``, a ``Beat``.
Run = Callable[..., Iterator[Any]]


@dataclass(frozen=True)
class Alone:
    """One run."""

    run: Run

    def __call__(self, beat: Beat) -> Iterator[Any]:
        return self.run(progress=beat)


@dataclass(frozen=True)
class SideBySide:
    """``(name, snapshot)`` of all runs, one of each at a time."""

    runs: Mapping[str, Run]

    def __call__(self, beat: Beat) -> Iterator[tuple[str, Any]]:
        return in_turns({name: run(progress=beat) for name, run in self.runs.items()})


@dataclass(frozen=True)
class OneByOne:
    """``(*name, last snapshot)`` of each run, as soon as it has ended."""

    runs: Sequence[tuple[tuple[Hashable, ...], Run]]

    def __call__(self, beat: Beat) -> Iterator[tuple[Any, ...]]:
        for name, run in self.runs:
            *_, last = run(progress=beat)
            yield *name, last


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
