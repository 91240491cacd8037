"""One table of tasks that ask for memory, and for how long: fresh sequences, drawn as they are needed.

Each is scored on its last steps only, so that what it costs not to remember does not depend on the lag: that is the
``baseline``, and to stay there is to have learned nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from vanish.choices.losses import Targets
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_integer, check_kind

LARGEST_BATCH = 1024

# Steps of the longest sequence.
LARGEST_LENGTH = 2_000


# Of the copy task: the kinds of symbols, and how many of them are to be remembered.
SYMBOLS, N_REMEMBERED = "ABCD", 3
N_SYMBOLS = len(SYMBOLS)


# Of the echo task: steps at which an echo is wanted.
N_ECHOES = 20


@dataclass(frozen=True)
class SequenceBatch:
    """A batch of sequences: ``inputs`` ``(length, batch, n_inputs)``; ``targets`` ``(n_scored, batch)``, numbers or
    classes; ``scored`` ``(length,)``: at which steps, always the last ones."""

    inputs: Array
    targets: Targets
    scored: NDArray[np.bool_]


@dataclass(frozen=True)
class Task:
    """An entry of the table.

    ``length(lag)`` is that of a sequence, ``n_scored`` how many steps at its end are scored; ``draw(generator, lag,
    batch_size)`` gives inputs and targets as in ``SequenceBatch``.  ``loss`` is a name from ``LOSSES``, ``baseline``
    the loss of the best answer that remembers nothing, and ``baseline_note`` says whose.  ``lag_note`` says what the
    lag is, ``smallest_lag`` and ``largest_lag`` are its range.  ``channels`` names each of the inputs;
    ``answer(target)`` is a sentence on what is right at the scored step with the index ``answer_step``.
    """

    name: str
    label: str
    explanation: str
    lag_note: str
    loss: str
    n_inputs: int
    n_outputs: int
    n_scored: int
    baseline: float
    baseline_note: str
    smallest_lag: int
    largest_lag: int
    length: Callable[[int], int]
    draw: Callable[[np.random.Generator, int, int], tuple[Array, Targets]]
    channels: tuple[str, ...]
    answer: Callable[[float], str]
    answer_step: int = 0

    def check_lag(self, lag: int) -> int:
        """``lag`` if the task has it, else ValueError."""
        return check_integer(f"lag ({self.name})", lag, self.smallest_lag, self.largest_lag)

    def make_batch(self, generator: np.random.Generator, lag: int, batch_size: int) -> SequenceBatch:
        """Draw a batch.

        Raises
        ------
        ValueError
            If the lag or the batch size (1 to 1024) is out of range.
        """
        check_kind("generator", generator, np.random.Generator)
        lag, batch_size = self.check_lag(lag), check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
        inputs, targets = self.draw(generator, lag, batch_size)
        return SequenceBatch(inputs, targets, np.arange(len(inputs)) >= len(inputs) - self.n_scored)


def _adding(generator: np.random.Generator, lag: int, batch_size: int) -> tuple[Array, Targets]:
    """A value in [0, 1) at every step, and two of them marked: one in the first half, one in the second."""
    inputs = np.zeros((lag, batch_size, 2))
    inputs[..., 0] = generator.random((lag, batch_size))
    columns = np.arange(batch_size)
    marked = (generator.integers(0, lag // 2, batch_size), generator.integers(lag // 2, lag, batch_size))
    for steps in marked:
        inputs[steps, columns, 1] = 1.0
    return inputs, sum(inputs[steps, columns, 0] for steps in marked)[None]


def _copy(generator: np.random.Generator, lag: int, batch_size: int) -> tuple[Array, Targets]:
    """Symbols first, then blanks, at step ``lag`` the cue and blanks again: an input each, 1 where it is that."""
    symbols = generator.integers(0, N_SYMBOLS, (N_REMEMBERED, batch_size))
    inputs = np.zeros((lag + N_REMEMBERED, batch_size, N_SYMBOLS + 2))
    inputs[:N_REMEMBERED, :, :N_SYMBOLS] = np.eye(N_SYMBOLS)[symbols]
    inputs[N_REMEMBERED:, :, N_SYMBOLS] = 1.0
    inputs[lag, :, N_SYMBOLS:] = 0.0, 1.0
    return inputs, symbols


def _echo(generator: np.random.Generator, lag: int, batch_size: int) -> tuple[Array, Targets]:
    """Signs at random; the answer is the sign ``lag`` steps ago, class 1 for +1."""
    bits = generator.integers(0, 2, (lag + N_ECHOES, batch_size))
    return np.where(bits[..., None] == 1, 1.0, -1.0), bits[:N_ECHOES]


TASKS: dict[str, Task] = {
    entry.name: entry
    for entry in (
        Task(
            name="adding",
            label="adding problem",
            explanation="Two of many numbers are marked; the answer, at the end, is their sum (Hochreiter & "
            "Schmidhuber 1997, in the form of Le et al. 2015).",
            lag_note="The lag is the length of the sequence: the first mark is in its first half, the second in the "
            "other.",
            loss="squared",
            n_inputs=2,
            n_outputs=1,
            n_scored=1,
            baseline=1 / 6,
            baseline_note="always answering 1, the mean: the variance of a sum of two uniform numbers is 1/6",
            smallest_lag=2,
            largest_lag=LARGEST_LENGTH,
            length=lambda lag: lag,
            draw=_adding,
            channels=("number", "mark"),
            answer=lambda total: f"The right answer is {total:.3g}, the sum of the two marked numbers.",
        ),
        Task(
            name="copy",
            label="copy",
            explanation=f"{N_REMEMBERED} symbols of {N_SYMBOLS} kinds, a long blank, then a cue: the symbols are to be "
            "repeated (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016).",
            lag_note="The lag is the number of steps from a symbol to the moment when it is asked for.",
            loss="softmax",
            n_inputs=N_SYMBOLS + 2,
            n_outputs=N_SYMBOLS,
            n_scored=N_REMEMBERED,
            baseline=log(N_SYMBOLS),
            baseline_note=f"guessing one symbol of {N_SYMBOLS}: ln {N_SYMBOLS}",
            smallest_lag=N_REMEMBERED,
            largest_lag=LARGEST_LENGTH - N_REMEMBERED,
            length=lambda lag: lag + N_REMEMBERED,
            draw=_copy,
            channels=(*SYMBOLS, "blank", "cue"),
            answer=lambda symbol: f"The right answer begins with {SYMBOLS[int(symbol)]}.",
        ),
        Task(
            name="echo",
            label="delayed echo",
            explanation="Each sign, +1 or −1, is to be repeated so many steps later: as many are to be remembered at "
            "once.",
            lag_note="The lag is the number of steps between a sign and its echo.",
            loss="logistic",
            n_inputs=1,
            n_outputs=1,
            n_scored=N_ECHOES,
            baseline=log(2),
            baseline_note="tossing a coin: ln 2",
            smallest_lag=1,
            largest_lag=LARGEST_LENGTH - N_ECHOES,
            length=lambda lag: lag + N_ECHOES,
            draw=_echo,
            channels=("sign",),
            answer=lambda positive: f"The right answer, at the last step, is {'+1' if positive else '−1'}.",
            answer_step=-1,
        ),
    )
}
