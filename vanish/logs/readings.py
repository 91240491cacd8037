"""What the readers of all formats fill: numbers with the step, the parameter and the size that each belongs to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vanish.logs.cells import Cell
from vanish.logs.log import Decision, Problem, State
from vanish.logs.remembered import remembered
from vanish.numerics.arrays import Array

LONGEST_NAME = 120
MOST_PROBLEMS = 50


@dataclass
class Index:
    """Names in the order in which they first came, each with its number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> int:
        """The name's number."""
        return self.numbers.setdefault(name, len(self.numbers))


@dataclass
class Readings:
    """Grows while files are read.

    Each chunk: steps, numbers of parameters, numbers of sizes, values, states, resolutions, arrays of one length.
    """

    parameters: Index = field(default_factory=Index)
    sizes: Index = field(default_factory=Index)
    entries: dict[str, float] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    scales: dict[float, float] = field(default_factory=dict)
    forward: bool = False
    _chunks: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    _single: list[tuple[float, int, int, float, int, float]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._single) + sum(len(chunk[0]) for chunk in self._chunks)

    def add(self, step: float, name: str, size: str, cell: Cell) -> None:
        """One number."""
        place = (step, self.parameters.of(tidy(name)), self.sizes.of(size))
        self._single.append((*place, cell.value, cell.state, cell.resolution))

    def add_table(
        self, steps: Array, names: Sequence[str], sizes: Sequence[str], cells: tuple[Array, NDArray[np.uint8], Array]
    ) -> None:
        """Numbers of every step and column; values, states and resolutions are ``(n_steps, n_columns)``."""
        parameters = np.array([self.parameters.of(tidy(name)) for name in names])
        kinds = np.array([self.sizes.of(size) for size in sizes])
        shape = (len(steps), len(names))
        columns = (np.broadcast_to(each, shape) for each in (steps[:, None], parameters[None], kinds[None]))
        self._chunks.append(tuple(np.ravel(each) for each in (*columns, *cells)))

    def add_column(
        self,
        steps: Array,
        names: Sequence[str],
        sizes: Sequence[str],
        cells: tuple[Array, NDArray[np.uint8], Array],
        kept: NDArray[np.bool_],
    ) -> None:
        """Those of ``(n,)`` numbers that are kept, each with its step, its parameter and its size."""
        places = np.flatnonzero(kept).tolist()
        known = {name: self.parameters.of(tidy(name)) for name in dict.fromkeys(names[place] for place in places)}
        kinds = {size: self.sizes.of(size) for size in dict.fromkeys(sizes[place] for place in places)}
        parameters = np.array([known[names[place]] for place in places], dtype=np.int64)
        each = np.array([kinds[sizes[place]] for place in places], dtype=np.int64)
        self._chunks.append((steps[places], parameters, each, *(cell[places] for cell in cells)))

    def know_shape(self, name: str, shape: tuple[int, ...]) -> None:
        """A parameter's shape, and with it its number of entries."""
        self.shapes[tidy(name)] = shape
        self.know_entries(name, float(math.prod(shape)))

    def know_entries(self, name: str, entries: float) -> None:
        """A parameter's number of entries."""
        self.entries[tidy(name)] = entries

    def know_scale(self, step: float, scale: float) -> None:
        """What the loss was multiplied by at a step, where that is a number above 0."""
        if 0 < scale < math.inf:
            self.scales[step] = scale

    def decide(self, decision: Decision) -> None:
        """What was decided of a file; the same of several is said once."""
        if decision not in self.decisions:
            self.decisions.append(decision)

    def problem(self, file: str, row: int | None, column: str | None, got: object, expected: str) -> None:
        """Something that could not be read; more of the same kind in one file are counted, not kept."""
        for place, old in enumerate(self.problems):
            if (old.file, old.column, old.expected) == (file, column, expected):
                self.problems[place] = Problem(file, old.row, old.column, old.got, expected, old.count + 1)
                return
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(file, row, column and tidy(column), quoted(got), expected))

    def columns(self) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], Array, NDArray[np.uint8], Array]:
        """All numbers: steps, parameters, sizes, values, states, resolutions, arrays of one length."""
        single = np.array(self._single, dtype=np.float64).reshape(-1, 6).T
        parts = [*self._chunks, tuple(single)] if len(self._single) else self._chunks
        steps, parameters, sizes, values, states, resolutions = (
            np.concatenate(each) for each in zip(*parts, strict=True)
        )
        # Of several entries of one parameter at one step the last counts, but a number before none at all.
        says = ~np.isin(states, (State.MISSING, State.ABSENT))
        if not says.all():
            order = np.argsort(says + (states == State.MISSING) * 0.5, kind="stable")
            steps, parameters, sizes, values, states, resolutions = (
                each[order] for each in (steps, parameters, sizes, values, states, resolutions)
            )
        return (
            steps.astype(np.float64),
            parameters.astype(np.int64),
            sizes.astype(np.int64),
            values.astype(np.float64),
            states.astype(np.uint8),
            resolutions.astype(np.float64),
        )

    def all_missing(self) -> bool:
        """Whether no entry says anything."""
        return not len(self) or bool(np.isin(self.columns()[4], (State.MISSING, State.ABSENT)).all())


@remembered
def tidy(name: str) -> str:
    """A name on one line, without what cannot be printed, of bounded length."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name[: 4 * LONGEST_NAME]).split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"


def quoted(value: object) -> str:
    """What stood somewhere, as a message shows it."""
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'a dictionary'} of {len(value)}"
    text = tidy(str(value)[:200])
    return f"'{text[:40]}…'" if len(text) > 41 else f"'{text}'"
