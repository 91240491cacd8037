"""One table of losses: each entry holds value and gradient side by side, and the score that people quote.

All are means over the batch, as PyTorch's are (``cross_entropy``, ``binary_cross_entropy_with_logits``,
``mse_loss``), and take the network's plain outputs: what turns them into probabilities belongs to the loss,
where it can be computed without overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.arrays import Array

Targets = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """An entry of the table.

    ``value_and_gradient(outputs, targets)`` takes ``(batch, n_outputs)`` and ``(batch,)`` and returns the mean
    loss and ``dL/d(outputs)``, ``(batch, n_outputs)``; ``of_each`` the loss of each example, ``(batch,)``.  ``score``
    takes the same and returns what ``score_label`` says, ``standard_error`` how far that is off by the luck of the
    examples.  ``of_classes``: whether targets are classes, counted from 0.  ``guessing(targets)`` is the score of the
    best answer that never looks at an input.
    """

    name: str
    label: str
    latex: str
    explanation: str
    score_label: str
    of_classes: bool
    value_and_gradient: Callable[[Array, Targets], tuple[float, Array]]
    of_each: Callable[[Array, Targets], Array]
    score: Callable[[Array, Targets], float]
    guessing: Callable[[Targets], float]
    standard_error: Callable[[Array, Targets], float]


def _softmax(outputs: Array, classes: Targets) -> tuple[float, Array]:
    """``log sum_j e^{o_j} - o_c``; the largest output is taken out first, so that no exponential overflows."""
    rows = np.arange(len(outputs))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    gradient = np.exp(shifted)
    total = gradient.sum(axis=1, keepdims=True)
    value = (np.log(total).sum() - shifted[rows, classes].sum()) / len(rows)
    gradient /= total
    gradient[rows, classes] -= 1.0
    gradient /= len(rows)
    return float(value), gradient


def _logistic(outputs: Array, classes: Targets) -> tuple[float, Array]:
    """``log(1 + e^o) - c o`` with ``log(1 + e^o) = max(o, 0) + log(1 + e^-|o|)``, which has no large exponential."""
    o = outputs[:, 0]
    tail = np.exp(-np.abs(o))
    value = np.maximum(o, 0.0) - classes * o + np.log1p(tail)
    gradient = np.where(o < 0, tail, 1.0) / (1.0 + tail) - classes
    return float(value.mean()), (gradient / len(o))[:, None]


def _squared(outputs: Array, targets: Targets) -> tuple[float, Array]:
    """``(o - t)^2``, of which the gradient is ``2 (o - t)``."""
    distance = outputs - targets[:, None]
    return float(np.square(distance).mean()), distance * (2.0 / distance.size)


def _each_softmax(outputs: Array, classes: Targets) -> Array:
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(outputs)), classes])


def _each_logistic(outputs: Array, classes: Targets) -> Array:
    o = outputs[:, 0]
    return np.asarray(np.maximum(o, 0.0) - classes * o + np.log1p(np.exp(-np.abs(o))))


def _each_squared(outputs: Array, targets: Targets) -> Array:
    return np.square(outputs[:, 0] - targets)


def _share_right(predicted: NDArray, outputs: Array, classes: Targets) -> float:
    """Accuracy; an example whose outputs are not numbers counts as wrong."""
    return float(((predicted == classes) & ~np.isnan(outputs).any(axis=1)).mean())


def _of_several(outputs: Array, classes: Targets) -> float:
    return _share_right(outputs.argmax(axis=1), outputs, classes)


def _of_two(outputs: Array, classes: Targets) -> float:
    return _share_right(outputs[:, 0] > 0, outputs, classes)


def _binomial_error(share: float, n: int) -> float:
    """Standard error of a share of ``n`` examples, ``sqrt(p (1 - p) / n)``."""
    return float(np.sqrt(share * (1.0 - share) / n))


def _most_frequent(classes: Targets) -> float:
    """Accuracy of always saying the most frequent class."""
    return float(np.bincount(classes.astype(np.int64)).max() / len(classes))


def _explained(outputs: Array, targets: Targets) -> float:
    """``R^2 = 1 - sum (o - t)^2 / sum (t - mean t)^2``."""
    return float(1.0 - np.square(outputs[:, 0] - targets).sum() / np.square(targets - targets.mean()).sum())


def _explained_error(outputs: Array, targets: Targets) -> float:
    """Standard error of R^2 by the spread of the squared errors: their standard deviation / (sqrt(n) var t)."""
    squares = np.square(outputs[:, 0] - targets)
    return float(squares.std() / (np.sqrt(len(squares)) * targets.var()))


LOSSES: dict[str, Loss] = {
    entry.name: entry
    for entry in (
        Loss(
            name="softmax",
            label="softmax cross-entropy",
            latex=r"L = \ln \sum_j e^{o_j} - o_c",
            explanation="How surprised the network is by the right one of several classes.",
            score_label="accuracy",
            of_classes=True,
            value_and_gradient=_softmax,
            of_each=_each_softmax,
            score=_of_several,
            guessing=_most_frequent,
            standard_error=lambda outputs, classes: _binomial_error(_of_several(outputs, classes), len(outputs)),
        ),
        Loss(
            name="logistic",
            label="logistic loss",
            latex=r"L = \ln(1 + e^o) - c\,o,\quad c \in \{0, 1\}",
            explanation="Softmax for two classes with a single output: its sign is the answer.",
            score_label="accuracy",
            of_classes=True,
            value_and_gradient=_logistic,
            of_each=_each_logistic,
            score=_of_two,
            guessing=_most_frequent,
            standard_error=lambda outputs, classes: _binomial_error(_of_two(outputs, classes), len(outputs)),
        ),
        Loss(
            name="squared",
            label="squared loss",
            latex=r"L = (o - t)^2",
            explanation="How far the output is from the value asked for.",
            score_label="R²",
            of_classes=False,
            value_and_gradient=_squared,
            of_each=_each_squared,
            score=_explained,
            # R² of always saying the mean.
            guessing=lambda targets: 0.0,
            standard_error=_explained_error,
        ),
    )
}
