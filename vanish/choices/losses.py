"""One table of losses: each entry holds value and gradient side by side, and the score that people quote.

All are means over the batch, and over its targets where an example has several, as PyTorch's are (``cross_entropy``,
``binary_cross_entropy_with_logits``, ``mse_loss``), and take the network's plain outputs: what turns them into
probabilities belongs to the loss, where it can be computed without overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_array, refusal

Targets = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """An entry of the table: a call and ``evaluate`` check what they are given, its functions do not.

    ``value_and_gradient(outputs, targets)`` takes ``(batch, n_outputs)`` and ``(batch,)`` and returns the mean
    loss and ``dL/d(outputs)``, ``(batch, n_outputs)``; ``of_each`` the loss of each example, ``(batch,)``.  ``score``
    takes the same and returns what ``score_label`` says, ``standard_error`` how far that is off by the luck of the
    examples.  ``of_classes``: whether targets are classes, counted from 0.  ``an_output_each``: whether every output
    has a target of its own, ``(batch, n_outputs)``, of which ``(batch,)`` is the case of one.  ``guessing(targets)`` is
    the score of the best answer that never looks at an input.
    """

    name: str
    label: str
    latex: str
    explanation: str
    score_label: str
    of_classes: bool
    an_output_each: bool
    value_and_gradient: Callable[[Array, Targets], tuple[float, Array]]
    of_each: Callable[[Array, Targets], Array]
    score: Callable[[Array, Targets], float]
    guessing: Callable[[Targets], float]
    standard_error: Callable[[Array, Targets], float]

    def __call__(self, outputs: ArrayLike, targets: ArrayLike) -> tuple[float, Array]:
        """The mean loss and its gradient ``dL/d(outputs)``, ``(batch, n_outputs)``.

        Parameters
        ----------
        outputs : ``(batch, n_outputs)``; inf and nan make a loss of inf or nan
        targets : as in ``check_targets``

        Raises
        ------
        ValueError
            Naming the argument, what it may be and the value received.
        """
        with np.errstate(**QUIET):
            return self.value_and_gradient(*self._checked(outputs, targets))

    def evaluate(self, outputs: ArrayLike, targets: ArrayLike) -> tuple[float, float, float]:
        """What ``score_label`` says, its standard error, and the score of always giving the best constant answer.

        R² is -inf or nan where targets do not vary.  Arguments and errors as in a call.
        """
        rows, wanted = self._checked(outputs, targets)
        with np.errstate(**QUIET):
            return self.score(rows, wanted), self.standard_error(rows, wanted), self.guessing(wanted)

    def _checked(self, outputs: ArrayLike, targets: ArrayLike) -> tuple[Array, Targets]:
        rows = check_array("outputs", outputs, ("batch", "n_outputs"))
        return rows, self.check_targets("targets", targets, *rows.shape)

    def check_targets(self, name: str, given: Any, n_examples: int, n_outputs: int) -> Targets:
        """Targets of so many examples, if they are: classes counted from 0 as int64, or finite values as float64.

        They are ``(n_examples,)``, and ``(n_examples, n_outputs)`` where every one of several outputs has its own.

        Raises
        ------
        ValueError
            That calls them ``name`` and says what they may be.
        """
        several = self.an_output_each and (n_outputs > 1 or check_array(name, given).ndim > 1)
        targets = check_array(name, given, (n_examples, n_outputs) if several else (n_examples,), finite=True)
        if not self.of_classes:
            return targets
        last = 1 if self.an_output_each else n_outputs - 1
        wrong = targets[(targets != np.rint(targets)) | (targets < 0) | (targets > last)]
        if wrong.size:
            raise refusal(name, f"classes from 0 to {last}", float(wrong[0]))
        return targets.astype(np.int64)


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
    labels = classes.reshape(outputs.shape)
    tail = np.exp(-np.abs(outputs))
    value = np.maximum(outputs, 0.0) - labels * outputs + np.log1p(tail)
    gradient = np.where(outputs < 0, tail, 1.0) / (1.0 + tail) - labels
    return float(value.mean()), gradient / outputs.size


def _squared(outputs: Array, targets: Targets) -> tuple[float, Array]:
    """``(o - t)^2``, of which the gradient is ``2 (o - t)``."""
    distance = outputs - targets.reshape(outputs.shape)
    return float(np.square(distance).mean()), distance * (2.0 / distance.size)


def _each_softmax(outputs: Array, classes: Targets) -> Array:
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(outputs)), classes])


def _each_logistic(outputs: Array, classes: Targets) -> Array:
    losses = np.maximum(outputs, 0.0) - classes.reshape(outputs.shape) * outputs + np.log1p(np.exp(-np.abs(outputs)))
    return np.asarray(losses.mean(axis=1))


def _each_squared(outputs: Array, targets: Targets) -> Array:
    return np.asarray(np.square(outputs - targets.reshape(outputs.shape)).mean(axis=1))


def _right_class(outputs: Array, classes: Targets) -> Array:
    """1 where the largest output is the right one, ``(batch,)``; outputs that are not numbers count as wrong."""
    return np.asarray((outputs.argmax(axis=1) == classes) & ~np.isnan(outputs).any(axis=1), dtype=np.float64)


def _right_labels(outputs: Array, labels: Targets) -> Array:
    """The share of an example's labels that have the output's sign, ``(batch,)``; what is no number counts as wrong."""
    right = ((outputs > 0) == labels.reshape(outputs.shape)) & ~np.isnan(outputs)
    return np.asarray(right.mean(axis=1))


def _unexplained(outputs: Array, targets: Targets) -> Array:
    """Squared errors over their target's variance, the mean of an example's, ``(batch,)``: on average ``1 - R^2``."""
    wanted = targets.reshape(outputs.shape)
    return np.asarray((np.square(outputs - wanted) / wanted.var(axis=0)).mean(axis=1))


def _mean_error(each: Array) -> float:
    """Standard error of a mean over examples: of a share right, ``sqrt(p (1 - p) / n)``.

    The targets of one example go together, so that examples are what counts.
    """
    return float(each.std() / np.sqrt(len(each)))


def _most_frequent(classes: Targets) -> float:
    """Accuracy of always saying the most frequent class; of several labels, each one's."""
    columns = classes.reshape(len(classes), -1).astype(np.int64)
    return float(np.mean([np.bincount(column).max() for column in columns.T]) / len(columns))


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
            an_output_each=False,
            value_and_gradient=_softmax,
            of_each=_each_softmax,
            score=lambda outputs, classes: float(_right_class(outputs, classes).mean()),
            guessing=_most_frequent,
            standard_error=lambda outputs, classes: _mean_error(_right_class(outputs, classes)),
        ),
        Loss(
            name="logistic",
            label="logistic loss",
            latex=r"L = \ln(1 + e^o) - c\,o,\quad c \in \{0, 1\}",
            explanation="Softmax for two classes with a single output: its sign is the answer. Of several labels, each "
            "has an output; the loss is the mean of theirs.",
            score_label="accuracy",
            of_classes=True,
            an_output_each=True,
            value_and_gradient=_logistic,
            of_each=_each_logistic,
            score=lambda outputs, labels: float(_right_labels(outputs, labels).mean()),
            guessing=_most_frequent,
            standard_error=lambda outputs, labels: _mean_error(_right_labels(outputs, labels)),
        ),
        Loss(
            name="squared",
            label="squared loss",
            latex=r"L = (o - t)^2",
            explanation="How far the output is from the value asked for.",
            score_label="R²",
            of_classes=False,
            an_output_each=True,
            value_and_gradient=_squared,
            of_each=_each_squared,
            # 1 - sum (o - t)^2 / sum (t - mean t)^2, of several targets the mean of theirs.
            score=lambda outputs, targets: float(1.0 - _unexplained(outputs, targets).mean()),
            # R² of always saying the mean.
            guessing=lambda targets: 0.0,
            standard_error=lambda outputs, targets: _mean_error(_unexplained(outputs, targets)),
        ),
    )
}
