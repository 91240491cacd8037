"""Results that everybody shares: computed once while the others wait for it, and kept within a number of bytes."""

import dataclasses
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.network.spec import LayerSpec, NetworkSpec
from vanish.ui.kit.gate import GATE, RUNS, Gate, Kind
from vanish.ui.kit.progress import Progress

# Bytes of all results that are kept.
KEPT_BYTES = 16_000_000

P = ParamSpec("P")
R = TypeVar("R")


class Store:
    """What has been computed, the least recently used first, and what is being computed."""

    def __init__(self, kept_bytes: int, gate: Gate) -> None:
        self.kept_bytes, self.bytes = kept_bytes, 0
        self._gate = gate
        self._lock = threading.Lock()
        self._results: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._flights: dict[Hashable, threading.Event] = {}

    def get(self, key: Hashable, compute: Callable[[], Any], long: bool, dear: Callable[[], bool] = bool) -> Any:
        """The result for ``key``: the one that is kept, the one that somebody is computing, or a new one, which is no
        slider's move if ``long``, and otherwise may be a ``dear`` one."""
        while True:
            with self._lock:
                if key in self._results:
                    self._results.move_to_end(key)
                    return self._results[key][0]
                flight = self._flights.get(key)
                if flight is None:
                    mine = self._flights[key] = threading.Event()
                    break
            # Should it end by an error, whoever waited for it tries for themselves.
            with self._gate.outside(), _apart():
                flight.wait()
        try:
            result = _in_turn(compute, self._gate, Kind.LONG if long else Kind.DEAR if dear() else Kind.MOVE)
            self.keep(key, result)
            return result
        finally:
            with self._lock:
                del self._flights[key]
            mine.set()

    def holds(self, key: Hashable) -> bool:
        """Whether the result for ``key`` is kept."""
        with self._lock:
            return key in self._results

    def forget(self, function: Callable[..., Any]) -> None:
        """Drop all results of one function."""
        with self._lock:
            for key in [key for key in self._results if isinstance(key, tuple) and key[0] is function]:
                self.bytes -= self._results.pop(key)[1]

    def kept(self, key: Hashable) -> Any:
        """The result for ``key`` if it is kept, else ``None``."""
        with self._lock:
            return self._results.get(key, (None, 0))[0]

    def keep(self, key: Hashable, result: Any) -> None:
        """Keep a result, and of the others as many as there is room for."""
        # Both are kept, and a key's networks know all of their layers by now.
        size = size_of(result) + size_of(key)
        with self._lock:
            self.bytes -= self._results.pop(key, (None, 0))[1]
            self._results[key] = result, size
            self.bytes += size
            while self.bytes > self.kept_bytes and len(self._results) > 1:
                self.bytes -= self._results.popitem(last=False)[1][1]


STORE = Store(KEPT_BYTES, GATE)


def shared(
    *, long: bool = False, dear: Callable[..., bool] | None = None, store: Store = STORE
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator: results are shared by everybody who asks for the same; ``long`` ones wait for slider moves, and of
    moves those that are ``dear``, as their arguments say, for each other."""

    def share(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            # Who waits is no part of what is asked for, and their page must not be kept with the result.
            key = (function, tuple(arg for arg in args if not isinstance(arg, Progress)), *sorted(kwargs.items()))
            result: R = store.get(
                key, lambda: function(*args, **kwargs), long, lambda: dear is not None and dear(*args, **kwargs)
            )
            return result

        ask.cache_clear = lambda: store.forget(function)  # type: ignore[attr-defined]
        return ask

    return share


def in_turn(compute: Callable[[], R]) -> R:
    """What concerns one reader alone, and takes long: computed in turn with what everybody shares, and not kept."""
    return _in_turn(compute, GATE, Kind.LONG)


def _in_turn(compute: Callable[[], R], gate: Gate, kind: Kind) -> R:
    """What it computes, once there is a place."""
    # Who has a place already would keep it while waiting to go on.
    with nullcontext() if kind is Kind.MOVE or gate.held else _apart(), gate.inside(kind):
        return compute()


def _apart() -> AbstractContextManager[None]:
    """A move that waits, or takes long, keeps no others waiting.  A page does: whoever opens the same link would come
    no further, and computing goes on undisturbed."""
    return RUNS.outside() if RUNS.held is Kind.MOVE else nullcontext()


# Bytes that things take beside their contents, a place in a list, and a cell of a table, about.
OBJECT, MAPPING, TABLE = 64, 232, 4096
POINTER, CELL = 8, 24

# A layer of a network with its shape, and how many of them differ where all hidden ones are equally wide.
LAYER, DIFFERENT_LAYERS = OBJECT * (3 + len(dataclasses.fields(LayerSpec))), 6

# Most of what there is to count.
_PLAIN = frozenset({int, float, bool, type(None)})
_TABLES = (pd.DataFrame, pd.Series, pd.Index)
_GROUPS = (list, tuple, set, frozenset)


def size_of(value: Any) -> int:
    """Bytes that a result keeps in memory: arrays whole, even where only a part of one is looked at."""
    kind = type(value)
    count = _counts.get(kind)
    if count is None:
        count = _counts[kind] = _count(kind)
    return count(value)


def _network(spec: NetworkSpec) -> int:
    """As if it knew all of its layers by now; where they are equally wide most of them are one object."""
    different = spec.depth if spec.widths else min(spec.depth, DIFFERENT_LAYERS)
    return OBJECT * (1 + len(dataclasses.fields(spec))) + 2 * POINTER * spec.depth + LAYER * different


# How things of each kind are counted: to find that out takes longer than to count most of them.  Networks stand in
# nearly every question, and to count the parts of one took 8 % of the time that a small one takes to run.
_counts: dict[type, Callable[[Any], int]] = {NetworkSpec: _network}


def _count(kind: type) -> Callable[[Any], int]:
    if issubclass(kind, str | bytes):
        return lambda text: OBJECT + len(text)
    if issubclass(kind, np.ndarray):
        return _whole
    if issubclass(kind, _TABLES):
        # pandas' own count, of every text, takes longer than a frame takes to make.
        return lambda table: TABLE + CELL * int(table.size)
    if issubclass(kind, _GROUPS):
        return _group
    if issubclass(kind, Mapping):
        return lambda mapping: MAPPING + _together(mapping) + _together(mapping.values())
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        if all(field.type in _PLAIN for field in fields):
            # A network knows all of its layers, and all of them are alike.
            return lambda _: OBJECT * (1 + len(fields))
        return lambda thing: OBJECT + _together(vars(thing).values())
    return lambda _: OBJECT


def _group(group: Collection[Any]) -> int:
    if not group:
        return OBJECT
    if _PLAIN.issuperset(map(type, group)):
        return OBJECT + (POINTER + OBJECT) * len(group)
    # What stands in many places is kept once.
    return OBJECT + POINTER * len(group) + _together({id(one): one for one in group}.values())


def _whole(array: NDArray[Any]) -> int:
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return OBJECT + owner.nbytes


def _together(values: Iterable[Any]) -> int:
    """Bytes of all of them: most are plain, and a call for each took longer than many a result."""
    return sum([OBJECT if type(one) in _PLAIN else size_of(one) for one in values])
