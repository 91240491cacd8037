"""One table of activations: each entry holds the function, its slope and the words about them.

``value_and_slope`` computes forward and backward side by side, because the two share their
expensive part (one exponential, say) and because either can then be checked against the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """The one number that an activation may be tuned by: PyTorch's ``negative_slope`` or ``alpha``."""

    name: str
    default: float
    low: float
    high: float


@dataclass(frozen=True)
class Activation:
    """An entry of the table; ``label`` is written as within a sentence.

    ``value_and_slope(z, shape)`` takes pre-activations of any shape and returns ``phi(z)`` and
    ``phi'(z)``.  ``largest_slope`` is the supremum of ``|phi'|``.  ``gain`` is the standard
    deviation that weights want, times ``sqrt(fan_in)``, as in ``torch.nn.init.calculate_gain``.
    """

    name: str
    label: str
    value_and_slope: Callable[[Array, float], tuple[Array, Array]]
    largest_slope: float
    gain: float
    latex: str
    explanation: str
    shape: Shape | None = None

    def __call__(self, z: Array, shape: float | None = None) -> tuple[Array, Array]:
        """Value and slope at ``z``; ``shape=None`` means the activation's default."""
        if shape is None:
            shape = self.shape.default if self.shape else 0.0
        return self.value_and_slope(z, shape)


def _sigmoid(z: Array, _: float) -> tuple[Array, Array]:
    # Both from exp(-|z|): it cannot overflow, and sigma(z) sigma(-z) keeps the tail that 1 - sigma loses.
    tail = np.exp(-np.abs(z))
    larger = 1.0 / (1.0 + tail)
    smaller = tail * larger
    return np.where(z >= 0, larger, smaller), smaller * larger


def _tanh(z: Array, _: float) -> tuple[Array, Array]:
    # 1 - tanh^2 is zero from |z| = 19 on; 4 e^-2|z| / (1 + e^-2|z|)^2 is the same and keeps the tail.
    tail = np.exp(-2.0 * np.abs(z))
    return np.tanh(z), 4.0 * tail / (1.0 + tail) ** 2


def _leaky_relu(z: Array, negative_slope: float) -> tuple[Array, Array]:
    slope = np.where(z > 0, 1.0, negative_slope)
    return z * slope, slope


def _relu(z: Array, _: float) -> tuple[Array, Array]:
    # Not z > 0: the slope at nan is 1, as torch's is, so that an overflow does not pass for a dead unit.
    return np.maximum(z, 0.0), np.where(z <= 0, 0.0, 1.0)


ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation(
            name="sigmoid",
            label="sigmoid",
            value_and_slope=_sigmoid,
            largest_slope=0.25,
            gain=1.0,
            latex=r"\sigma(z) = \frac{1}{1 + e^{-z}},\quad \sigma'(z) = \sigma(z)\,\sigma(-z) \le \tfrac14",
            explanation="Squashes to 0 … 1. Each layer keeps a quarter of the gradient at the very most.",
        ),
        Activation(
            name="tanh",
            label="tanh",
            value_and_slope=_tanh,
            largest_slope=1.0,
            gain=5 / 3,
            latex=r"\tanh z,\quad \tanh' z = 1 - \tanh^2 z \le 1",
            explanation="Squashes to −1 … 1. Keeps the gradient near 0, loses it where the unit is saturated.",
        ),
        Activation(
            name="relu",
            label="ReLU",
            value_and_slope=_relu,
            largest_slope=1.0,
            gain=2**0.5,
            latex=r"\max(0, z),\quad \text{slope } 1 \text{ if } z > 0 \text{ else } 0",
            explanation="Slope 1 for positive inputs, 0 for negative ones. A unit that is never positive is dead.",
        ),
        Activation(
            name="leaky_relu",
            label="leaky ReLU",
            value_and_slope=_leaky_relu,
            largest_slope=1.0,
            gain=2**0.5,
            latex=r"\max(z, \alpha z),\quad \text{slope } 1 \text{ if } z > 0 \text{ else } \alpha = 0.01",
            explanation="ReLU with a small slope for negative inputs, so that no unit is ever quite dead.",
            shape=Shape("negative_slope", default=0.01, low=0.0, high=1.0),
        ),
    )
}
