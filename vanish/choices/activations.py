"""One table of activations: each entry holds the function, its slope and the words about them.

``value_and_slope`` computes forward and backward side by side, because the two share their
expensive part (one exponential, say) and because either can then be checked against the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import e, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_array, check_number, refusal
from vanish.numerics.normal import normal_cdf, normal_density

# Large arrays are worked through in blocks that stay in the processor's cache.
BLOCK = 8192


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

    ``value_and_slope(z, shape)`` takes up to ``BLOCK`` pre-activations in an array of any shape and returns
    ``phi(z)`` and ``phi'(z)``.  ``largest_slope`` is the supremum of ``|phi'|``.  ``gain`` is the standard
    deviation that weights want, times ``sqrt(fan_in)``, as in ``torch.nn.init.calculate_gain``
    (1 where PyTorch has none).  ``kinks`` are the ``z`` at which it is not smooth, ``period``
    is that of a wave.  ``by_shape``: the derivative of the value by the shape, which then is a parameter of every
    layer and learned (an array that is broadcast where several networks are run at once).  ``initializer`` is the
    entry of ``INITIALIZERS`` that is made for it.  ``color`` is its own wherever it is drawn, told apart from the
    others by colour-blind eyes, on light and dark; ``None`` takes one that is left over.  ``work``: about how many
    tenths of a nanosecond value and slope take of a number, beyond what the simple ones do.
    """

    name: str
    label: str
    value_and_slope: Callable[[Array, Any], tuple[Array, Array]]
    largest_slope: float
    gain: float
    latex: str
    explanation: str
    shape: Shape | None = None
    kinks: tuple[float, ...] = ()
    period: float | None = None
    by_shape: Callable[[Array], Array] | None = None
    initializer: str = "xavier_uniform"
    color: str | None = None
    work: int = 30

    @property
    def rectifies(self) -> bool:
        """Whether it passes large positive values on, and next to nothing of large negative ones."""
        low, high = self.apply(np.array([-40.0, 40.0]))[1]
        return bool(abs(low) < 0.1 * high)

    def __call__(self, z: ArrayLike, shape: float | None = None) -> tuple[Array, Array]:
        """Value and slope at every number of ``z``, arrays of its shape.

        Parameters
        ----------
        z : numbers in an array of any shape
        shape : float in the activation's own range; ``None`` means its default

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received.
        """
        return self.apply(check_array("z", z), self.check_shape("shape", shape))

    def check_shape(self, name: str, shape: Any) -> float | None:
        """``shape`` as a float in the activation's own range, or ``None``; else ValueError that calls it ``name``."""
        if shape is None:
            return None
        if self.shape is None:
            raise refusal(name, f"None for {self.name}", shape)
        return check_number(f"{name} ({self.shape.name})", shape, self.shape.low, self.shape.high)

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def apply(self, z: Array, shape: float | None = None, overwrite: bool = False) -> tuple[Array, Array]:
        """As a call, for arrays that are known to be sound: what passes use.

        With ``overwrite`` the value may take ``z``'s place: fresh memory costs as much as the arithmetic.
        """
        if shape is None:
            shape = self.shape.default if self.shape else 0.0
        if z.size <= BLOCK:
            return self.value_and_slope(z, shape)
        flat = z.reshape(-1)
        value, slope = z if overwrite and z.flags.c_contiguous else np.empty(z.shape), np.empty(z.shape)
        for start in range(0, z.size, BLOCK):
            block = slice(start, start + BLOCK)
            value.reshape(-1)[block], slope.reshape(-1)[block] = self.value_and_slope(flat[block], shape)
        return value, slope


@lru_cache(maxsize=32)
def _everywhere(number: float, shape: tuple[int, ...]) -> Array:
    """An array of one number, to be read only: NumPy compares two arrays twice as fast as an array and a number."""
    return np.full(shape, number)


def _logistic(z: Array) -> tuple[Array, Array]:
    """``sigma(z)`` and ``sigma'(z) = sigma(z) sigma(-z)``, with the tails that ``1 - sigma(z)`` would lose."""
    tail = np.exp(-z)
    value = 1.0 / (1.0 + tail)
    # Where the tail overflows, tail * value is inf * 0: there sigma(-z) is 1, which fmin takes instead of nan.
    slope = np.multiply(tail, value, out=tail)
    np.fmin(slope, _everywhere(1.0, z.shape), out=slope)
    slope *= value
    return value, slope


def _sigmoid(z: Array, _: float) -> tuple[Array, Array]:
    return _logistic(z)


def _tanh(z: Array, _: float) -> tuple[Array, Array]:
    # 1 - tanh^2 is zero from |z| = 19 on; 4 e^-2|z| / (1 + e^-2|z|)^2 is the same and keeps the tail.
    tail = np.exp(np.abs(z) * -2.0)
    whole = 1.0 + tail
    whole *= whole
    tail *= 4.0
    tail /= whole
    return np.tanh(z), tail


def _relu(z: Array, _: float) -> tuple[Array, Array]:
    # Not z > 0: the slope at nan is 1, as torch's is, so that an overflow does not pass for a dead unit.
    return np.maximum(z, _everywhere(0.0, z.shape)), (~(z <= 0.0)).astype(np.float64)


def _leaky_relu(z: Array, negative_slope: float) -> tuple[Array, Array]:
    slope = np.ones_like(z)
    slope -= (1.0 - negative_slope) * ~(z > 0)
    return z * slope, slope


def _elu(z: Array, alpha: float) -> tuple[Array, Array]:
    below = np.minimum(z, 0.0)
    on = z > 0
    return np.maximum(z, 0.0) + alpha * np.expm1(below), on + alpha * np.exp(below) * ~on


# The fixed point of mean 0 and variance 1 (Klambauer et al. 2017, eq. 14).
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848, 1.0507009873554804934


def _selu(z: Array, _: float) -> tuple[Array, Array]:
    value, slope = _elu(z, SELU_ALPHA)
    return SELU_SCALE * value, SELU_SCALE * slope


def _gelu(z: Array, _: float) -> tuple[Array, Array]:
    share = normal_cdf(z)
    return z * share, share + z * normal_density(z)


def _silu(z: Array, _: float) -> tuple[Array, Array]:
    share, slope = _logistic(z)
    return z * share, share + z * slope


def _softplus(z: Array, _: float) -> tuple[Array, Array]:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))), _logistic(z)[0]


def _mish(z: Array, _: float) -> tuple[Array, Array]:
    soft, share = _softplus(z, 0.0)
    squashed, slope = _tanh(soft, 0.0)
    return z * squashed, squashed + z * slope * share


def _softsign(z: Array, _: float) -> tuple[Array, Array]:
    share = 1.0 / (1.0 + np.abs(z))
    return z * share, share * share


def _hard_sigmoid(z: Array, _: float) -> tuple[Array, Array]:
    return np.clip(z / 6 + 0.5, 0.0, 1.0), (np.abs(z) < 3) / 6


def _hard_tanh(z: Array, _: float) -> tuple[Array, Array]:
    # As for ReLU, the slope at nan is 1.
    return np.clip(z, -1.0, 1.0), (~(np.abs(z) >= 1.0)).astype(np.float64)


def _relu6(z: Array, _: float) -> tuple[Array, Array]:
    # As for ReLU, the slope at nan is 1.
    return np.clip(z, 0.0, 6.0), (~((z <= 0.0) | (z >= 6.0))).astype(np.float64)


# The frequency of every layer of a SIREN (Sitzmann et al. 2020, sec. 3.2).
OMEGA_0 = 30.0


def _sin(z: Array, _: float) -> tuple[Array, Array]:
    angle = OMEGA_0 * z
    return np.sin(angle), OMEGA_0 * np.cos(angle)


def _identity(z: Array, _: float) -> tuple[Array, Array]:
    return z.copy(), np.ones_like(z)


# Colours: Okabe & Ito (2008) first, lightened or darkened until each reads on white and on near-black alike.
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
            explanation="Squashes to 0 … 1. Its slope is ¼ at the very most, so that only large weights keep the "
            "gradient.",
            color="#cc5800",
        ),
        Activation(
            name="tanh",
            label="tanh",
            value_and_slope=_tanh,
            largest_slope=1.0,
            gain=5 / 3,
            latex=r"\tanh z,\quad \tanh' z = 1 - \tanh^2 z \le 1",
            explanation="Squashes to −1 … 1. Near z = 0 the gradient passes nearly unchanged; where the unit is "
            "saturated, hardly any does.",
            color="#0967b0",
        ),
        Activation(
            name="relu",
            label="ReLU",
            value_and_slope=_relu,
            largest_slope=1.0,
            gain=sqrt(2),
            latex=r"\max(0, z),\quad \text{slope } 1 \text{ if } z > 0 \text{ else } 0",
            explanation="Slope 1 for positive inputs, 0 for negative ones. A unit that is positive for no example is "
            "dead.",
            kinks=(0.0,),
            initializer="he_uniform",
            color="#b565a7",
        ),
        Activation(
            name="leaky_relu",
            label="leaky ReLU",
            value_and_slope=_leaky_relu,
            largest_slope=1.0,
            gain=sqrt(2),
            latex=r"\max(z, \alpha z),\quad \text{slope } 1 \text{ if } z > 0 \text{ else } \alpha = 0.01",
            explanation="ReLU with a slope of its own for negative inputs: while that is above 0, no unit is quite "
            "dead.",
            shape=Shape("negative_slope", default=0.01, low=0.0, high=1.0),
            kinks=(0.0,),
            initializer="he_uniform",
            color="#06a677",
        ),
        Activation(
            name="prelu",
            label="PReLU",
            value_and_slope=_leaky_relu,
            largest_slope=1.0,
            gain=sqrt(2),
            latex=r"\max(z, \alpha z),\quad \text{slope } 1 \text{ if } z > 0 \text{ else } \alpha \text{, learned}",
            explanation="Leaky ReLU whose slope for negative inputs is learned, one a layer; it starts at 0.25 (He et "
            "al. 2015).",
            shape=Shape("init", default=0.25, low=0.0, high=1.0),
            kinks=(0.0,),
            by_shape=lambda z: np.minimum(z, 0.0),
            initializer="he_uniform",
        ),
        Activation(
            name="elu",
            label="ELU",
            value_and_slope=_elu,
            largest_slope=1.0,
            gain=1.0,
            latex=r"z \text{ if } z > 0 \text{ else } \alpha (e^z - 1),\quad \alpha = 1",
            explanation="ReLU with a smooth negative side that saturates at −α: its mean stays nearer to 0.",
            shape=Shape("alpha", default=1.0, low=0.0, high=1.0),
            kinks=(0.0,),
            initializer="he_uniform",
            color="#b38600",
            work=60,
        ),
        Activation(
            name="selu",
            label="SELU",
            value_and_slope=_selu,
            largest_slope=SELU_ALPHA * SELU_SCALE,
            gain=3 / 4,
            latex=r"\lambda\,\mathrm{ELU}_\alpha(z),\quad \lambda = 1.0507,\ \alpha = 1.6733",
            explanation="ELU, scaled so that mean 0 and variance 1 are a fixed point under LeCun's initialization.",
            kinks=(0.0,),
            initializer="lecun_normal",
            color="#8f6b45",
            work=60,
        ),
        Activation(
            name="gelu",
            label="GELU",
            value_and_slope=_gelu,
            # Where the slope's own slope, (2 - z^2) times the density, is 0: at z = sqrt(2).
            largest_slope=float(normal_cdf(np.array(sqrt(2))) + 1 / (e * sqrt(pi))),
            gain=1.0,
            latex=r"z\,\Phi(z),\quad \text{slope } \Phi(z) + z\,\varphi(z)",
            explanation="A smooth ReLU: each input is weighted by the share of a bell curve that lies below it.",
            initializer="he_uniform",
            color="#9182e8",
            work=260,
        ),
        Activation(
            name="silu",
            label="SiLU",
            value_and_slope=_silu,
            largest_slope=1.0998393201288669,
            gain=1.0,
            latex=r"z\,\sigma(z),\quad \text{slope } \sigma(z) + z\,\sigma'(z)",
            explanation="A smooth ReLU with sigmoid as its gate, also known as Swish.",
            initializer="he_uniform",
            color="#d6457a",
            work=60,
        ),
        Activation(
            name="mish",
            label="Mish",
            value_and_slope=_mish,
            largest_slope=1.0884981612517279,
            gain=1.0,
            latex=r"z \tanh(\ln(1 + e^z))",
            explanation="A smooth ReLU close to SiLU, a little steeper around 0.",
            initializer="he_uniform",
            color="#6f8f0c",
            work=160,
        ),
        Activation(
            name="softplus",
            label="softplus",
            value_and_slope=_softplus,
            largest_slope=1.0,
            gain=1.0,
            latex=r"\ln(1 + e^z),\quad \text{slope } \sigma(z)",
            explanation="A smooth ReLU that is positive everywhere; its slope is the sigmoid, ½ at 0.",
            initializer="he_uniform",
            color="#0f97a8",
            work=70,
        ),
        Activation(
            name="softsign",
            label="softsign",
            value_and_slope=_softsign,
            largest_slope=1.0,
            gain=1.0,
            latex=r"\frac{z}{1 + |z|},\quad \text{slope } \frac{1}{(1 + |z|)^2}",
            explanation="Like tanh, but its slope falls as a power of z and not exponentially: saturation is milder.",
            kinks=(0.0,),
            color="#6d83a5",
        ),
        Activation(
            name="hard_sigmoid",
            label="hard sigmoid",
            value_and_slope=_hard_sigmoid,
            largest_slope=1 / 6,
            gain=1.0,
            latex=r"\min(1, \max(0, \tfrac{z}{6} + \tfrac12)),\quad \text{slope } \tfrac16 \text{ if } |z| < 3",
            explanation="A sigmoid of straight lines: its slope is 1/6 within ±3, and exactly 0 beyond.",
            kinks=(-3.0, 3.0),
            color="#b5483a",
        ),
        Activation(
            name="hard_tanh",
            label="hard tanh",
            value_and_slope=_hard_tanh,
            largest_slope=1.0,
            gain=1.0,
            latex=r"\min(1, \max(-1, z)),\quad \text{slope } 1 \text{ if } |z| < 1",
            explanation="Tanh of straight lines: its slope is 1 within ±1, and exactly 0 beyond.",
            kinks=(-1.0, 1.0),
        ),
        Activation(
            name="relu6",
            label="ReLU6",
            value_and_slope=_relu6,
            largest_slope=1.0,
            gain=1.0,
            latex=r"\min(6, \max(0, z)),\quad \text{slope } 1 \text{ if } 0 < z < 6 \text{ else } 0",
            explanation="ReLU that stops at 6, for number formats of little range: slope 0 on both sides.",
            kinks=(0.0, 6.0),
            initializer="he_uniform",
        ),
        Activation(
            name="sin",
            label="sine",
            value_and_slope=_sin,
            largest_slope=OMEGA_0,
            gain=1.0,
            latex=r"\sin(\omega_0 z),\ \omega_0 = 30,\quad \text{slope } \omega_0 \cos(\omega_0 z)",
            explanation="A wave, for networks that stand for an image or a sound (SIREN, Sitzmann et al. 2020): its "
            "slope of up to 30 asks for weights that are 30 times smaller.",
            period=2 * pi / OMEGA_0,
            initializer="siren",
            work=380,
        ),
        Activation(
            name="identity",
            label="identity",
            value_and_slope=_identity,
            largest_slope=1.0,
            gain=1.0,
            latex=r"z,\quad \text{slope } 1",
            explanation="No activation at all: the gradient is a product of weights alone.",
            color="#77716a",
        ),
    )
}
