"""One table of initialisers: a stream of unit random numbers, and what each layer makes of its share.

All uniform entries draw from the kata's generator, so that changing between them rescales one and
the same network; normal entries draw from NumPy's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from vanish.choices.activations import OMEGA_0
from vanish.numerics import lcg
from vanish.numerics.arrays import Array
from vanish.numerics.checks import (
    check_flag,
    check_integer,
    check_memory,
    check_number,
    check_numbers,
    refusal,
    several,
)
from vanish.numerics.normal import normal_cdf, normal_density


def unit_uniform(seeds: Sequence[int], count: int) -> Array:
    """``(len(seeds), count)`` draws from [-1, 1), variance 1/3: the kata's generator."""
    return lcg.uniform(seeds, count)


def unit_normal(seeds: Sequence[int], count: int) -> Array:
    """``(len(seeds), count)`` draws of mean 0 and variance 1: NumPy's PCG64, seeded by each seed."""
    return np.stack([np.random.default_rng(seed).standard_normal(count) for seed in seeds])


# Where a truncated bell curve ends, in its own standard deviations, and the variance that is left of 1.
CUT = 2.0
TRUNCATED_VARIANCE = 1 - 2 * CUT * float(normal_density(np.array(CUT))) / (1 - 2 * float(normal_cdf(np.array(-CUT))))


def unit_truncated(seeds: Sequence[int], count: int) -> Array:
    """``(len(seeds), count)`` draws of a standard normal, those beyond two standard deviations left out.

    What is left has variance 0.774: it is not scaled back up.
    """
    return np.stack([_truncated(np.random.default_rng(seed), count) for seed in seeds])


def _truncated(generator: np.random.Generator, count: int) -> Array:
    kept = np.empty(0)
    while (missing := count - len(kept)) > 0:
        # A twentieth lies beyond the cut.
        drawn = generator.standard_normal(missing + missing // 16 + 64)
        kept = np.concatenate([kept, drawn[np.abs(drawn) <= CUT]])
    return kept[:count]


def orthonormal(drawn: Array) -> Array:
    """``(..., fan_out, fan_in)`` with orthonormal rows or columns, uniformly distributed if ``drawn`` is normal.

    QR with the signs of R's diagonal taken out (Mezzadri 2007), times the larger side's square root so
    that one entry has variance 1, as the other streams have.
    """
    tall = drawn if drawn.shape[-2] >= drawn.shape[-1] else drawn.swapaxes(-1, -2)
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :] * sqrt(tall.shape[-2])
    return q if tall is drawn else q.swapaxes(-1, -2)


# The lowest and the highest weight of a uniform distribution; those of torch.nn.init.uniform_ where nobody chooses.
Bounds = tuple[float, float]
UNIT_BOUNDS: Bounds = (0.0, 1.0)

LARGEST_FAN, LARGEST_STD = 4096, 100.0


def check_bounds(bounds: Any) -> Bounds:
    """``bounds`` as two floats if they are numbers from -100 to 100, the lower one first."""
    low, high = check_numbers("bounds", bounds, -LARGEST_STD, LARGEST_STD, fewest=2, most=2)
    if low > high:
        raise refusal("bounds", "the lowest weight before the highest", bounds)
    return low, high


@dataclass(frozen=True)
class Initializer:
    """An entry of the table: weights are ``scale(fan_in, fan_out)`` times numbers from ``stream``.

    Its functions, ``factor`` and ``weight_mean`` check nothing: networks are drawn by them.  ``draw`` and the variances
    are for who calls them with numbers of their own.
    ``first_scale`` takes the place of ``scale`` in the first layer, where that has a rule of its own.
    ``shape_weights`` turns a layer's unit random numbers ``(..., fan_out, fan_in)`` into others.
    ``bias_scale(fan_in)`` does for biases what ``scale`` does for weights (``None``: they start at zero).
    ``uses_std``: weights are multiplied by the spec's ``weight_std``; ``uses_bounds``: they fill the interval from
    the spec's ``uniform_low`` to its ``uniform_high`` instead.  ``unit_variance``: each layer in turn
    is then rescaled until its pre-activations have variance 1 on a batch of data.
    """

    name: str
    label: str
    stream: Callable[[Sequence[int], int], Array]
    scale: Callable[[int, int], float]
    latex: str
    explanation: str
    shape_weights: Callable[[Array], Array] | None = None
    bias_scale: Callable[[int], float] | None = None
    first_scale: Callable[[int, int], float] | None = None
    uses_std: bool = False
    uses_bounds: bool = False
    unit_variance: bool = False

    @property
    def stream_variance(self) -> float:
        """Variance of one number from the stream."""
        return 1 / 3 if self.stream is unit_uniform else TRUNCATED_VARIANCE if self.stream is unit_truncated else 1.0

    def factor(
        self, fan_in: int, fan_out: int, weight_std: float = 1.0, bounds: Bounds = UNIT_BOUNDS, first: bool = False
    ) -> float:
        """What numbers of the stream are multiplied by in a layer ``fan_in -> fan_out``, the ``first`` one or not."""
        if self.uses_bounds:
            return (bounds[1] - bounds[0]) / 2
        scale = self.first_scale if first and self.first_scale else self.scale
        return scale(fan_in, fan_out) * (weight_std if self.uses_std else 1.0)

    def weight_mean(self, bounds: Bounds = UNIT_BOUNDS) -> float:
        """Mean of one weight: 0, but where the bounds are chosen freely."""
        return (bounds[0] + bounds[1]) / 2 if self.uses_bounds else 0.0

    def draw(
        self,
        seed: int | Sequence[int],
        fan_in: int,
        fan_out: int,
        weight_std: float = 1.0,
        bounds: Bounds = UNIT_BOUNDS,
        first: bool = False,
    ) -> Array:
        """Weights ``(fan_out, fan_in)`` of one layer (before any rescaling to unit variance).

        Parameters
        ----------
        seed : int from 0 to 2**64 - 1, or a sequence of them
            A sequence gives the weights a leading axis.
        fan_in, fan_out : int, 1 to 4096
        weight_std : float, 0 to 100
        bounds : two numbers from -100 to 100, the lower one first
        first : bool
            Whether it is a network's first layer.

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received; if so many would not fit in memory.
        """
        seeds = lcg.one_or_more_seeds("seed", seed)
        layer = fan_in, fan_out, _, bounds, _ = _checked_layer(fan_in, fan_out, weight_std, bounds, first)
        check_memory("seed", 3 * len(seeds) * fan_in * fan_out)
        drawn = self.stream(seeds, fan_in * fan_out).reshape(len(seeds), fan_out, fan_in)
        if self.shape_weights:
            drawn = self.shape_weights(drawn)
        weights = drawn * self.factor(*layer) + self.weight_mean(bounds)
        return weights if several(seed) else np.asarray(weights[0])

    def weight_variance(
        self, fan_in: int, fan_out: int, weight_std: float = 1.0, bounds: Bounds = UNIT_BOUNDS, first: bool = False
    ) -> float:
        """Variance of one weight of a layer ``fan_in -> fan_out`` (before any rescaling to unit variance).

        Arguments and errors as in ``draw``.
        """
        layer = _checked_layer(fan_in, fan_out, weight_std, bounds, first)
        return self.stream_variance * self.factor(*layer) ** 2

    def bias_variance(self, fan_in: int) -> float:
        """Variance of one bias of a layer with ``fan_in`` inputs, 1 to 4096; ValueError for any other number."""
        fan_in = check_integer("fan_in", fan_in, 1, LARGEST_FAN)
        return self.stream_variance * self.bias_scale(fan_in) ** 2 if self.bias_scale else 0.0


def _checked_layer(
    fan_in: Any, fan_out: Any, weight_std: Any, bounds: Any, first: Any
) -> tuple[int, int, float, Bounds, bool]:
    """What ``factor`` takes, as it takes it."""
    return (
        check_integer("fan_in", fan_in, 1, LARGEST_FAN),
        check_integer("fan_out", fan_out, 1, LARGEST_FAN),
        check_number("weight_std", weight_std, 0, LARGEST_STD),
        check_bounds(bounds),
        check_flag("first", first),
    )


INITIALIZERS: dict[str, Initializer] = {
    entry.name: entry
    for entry in (
        Initializer(
            name="kata",
            label="as in the original program",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
            latex=r"w \sim U(-a, a),\ a = \sqrt{2 / (n_{in} + n_{out})},\ \mathrm{Var}(w) = a^2 / 3",
            explanation="The original program's: looks like Xavier's, but is a half-width and no standard deviation: "
            "a third of its variance.",
        ),
        Initializer(
            name="xavier_uniform",
            label="Xavier, uniform",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(6 / (fan_in + fan_out)),
            latex=r"w \sim U(-a, a),\ a = \sqrt{6 / (n_{in} + n_{out})},\ \mathrm{Var}(w) = 2 / (n_{in} + n_{out})",
            explanation="Made for tanh: keeps signal and gradient where slopes are near 1 (Glorot & Bengio 2010).",
        ),
        Initializer(
            name="xavier_normal",
            label="Xavier, normal",
            stream=unit_normal,
            scale=lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
            latex=r"w \sim N(0, \sigma^2),\ \sigma^2 = 2 / (n_{in} + n_{out})",
            explanation="Xavier's variance with a bell curve: other random numbers, so another network.",
        ),
        Initializer(
            name="he_uniform",
            label="He, uniform",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(6 / fan_in),
            latex=r"w \sim U(-a, a),\ a = \sqrt{6 / n_{in}},\ \mathrm{Var}(w) = 2 / n_{in}",
            explanation="Made for ReLU: doubles the variance, because ReLU passes on half of the mean square (He et "
            "al. 2015).",
        ),
        Initializer(
            name="he_normal",
            label="He, normal",
            stream=unit_normal,
            scale=lambda fan_in, fan_out: sqrt(2 / fan_in),
            latex=r"w \sim N(0, \sigma^2),\ \sigma^2 = 2 / n_{in}",
            explanation="He's variance with a bell curve: other random numbers, so another network.",
        ),
        Initializer(
            name="torch_default",
            label="PyTorch's default",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(1 / fan_in),
            bias_scale=lambda fan_in: sqrt(1 / fan_in),
            latex=r"w, b \sim U(-a, a),\ a = 1 / \sqrt{n_{in}},\ \mathrm{Var}(w) = 1 / (3 n_{in})",
            explanation="What torch.nn.Linear starts from when nobody chooses, weights and biases: a sixth of He's "
            "variance.",
        ),
        Initializer(
            name="lecun_normal",
            label="LeCun, normal",
            stream=unit_normal,
            scale=lambda fan_in, fan_out: sqrt(1 / fan_in),
            latex=r"w \sim N(0, \sigma^2),\ \sigma^2 = 1 / n_{in}",
            explanation="Keeps the signal's variance where slopes are 1; SELU is made for it (LeCun et al. 1998).",
        ),
        Initializer(
            name="orthogonal",
            label="orthogonal",
            stream=unit_normal,
            shape_weights=orthonormal,
            scale=lambda fan_in, fan_out: sqrt(1 / max(fan_in, fan_out)),
            latex=r"W W^\top = I \text{ or } W^\top W = I",
            explanation="Turns and mirrors; at weight scale 1 it does not stretch, and the weights alone lose nothing "
            "(Saxe et al. 2014).",
        ),
        Initializer(
            name="normal",
            label="normal, your own",
            stream=unit_normal,
            scale=lambda fan_in, fan_out: 1.0,
            uses_std=True,
            latex=r"w \sim N(0, \sigma^2),\ \sigma \text{ set by you}",
            explanation="One standard deviation for every layer, however wide: what suits one width is too small or "
            "too large for another.",
        ),
        Initializer(
            name="trunc_normal",
            label="truncated normal",
            stream=unit_truncated,
            scale=lambda fan_in, fan_out: 1.0,
            uses_std=True,
            latex=r"w \sim N(0, \sigma^2) \text{ within } \pm 2\sigma,\ \mathrm{Var}(w) = 0.774\,\sigma^2",
            explanation="A bell curve of your own, cut at two standard deviations. Not corrected for the cut: 0.88 of "
            "it is left, as in Keras' TruncatedNormal (PyTorch's trunc_normal_ cuts at ±2, whatever it is).",
        ),
        Initializer(
            name="uniform",
            label="uniform, your own",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: 1.0,
            uses_bounds=True,
            latex=r"w \sim U(a, b),\ \mathrm{E}(w) = (a + b) / 2,\ \mathrm{Var}(w) = (b - a)^2 / 12",
            explanation="Evenly spread between two bounds, the same for every layer. From 0 to 1, as a random number "
            "comes by itself, every weight is positive: sums over a layer grow with its width.",
        ),
        Initializer(
            name="siren",
            label="SIREN",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(6 / fan_in) / OMEGA_0,
            first_scale=lambda fan_in, fan_out: 1 / fan_in,
            latex=r"w \sim U(-a, a),\ a = \sqrt{6 / n_{in}} / \omega_0,\ \text{first layer } 1 / n_{in},\ "
            r"\omega_0 = 30",
            explanation="Made for the sine: 30 times smaller than He's, because its slope is up to 30; the first layer "
            "spreads inputs over several waves (Sitzmann et al. 2020).",
        ),
        Initializer(
            name="zeros",
            label="zeros",
            stream=unit_normal,
            scale=lambda fan_in, fan_out: 0.0,
            latex=r"w = 0",
            explanation="Every unit the same, and at the start no gradient below the last layer: why weights start at "
            "random.",
        ),
        Initializer(
            name="lsuv",
            label="LSUV",
            stream=unit_normal,
            shape_weights=orthonormal,
            scale=lambda fan_in, fan_out: sqrt(1 / max(fan_in, fan_out)),
            unit_variance=True,
            latex=r"W \text{ orthogonal},\ W \leftarrow W / \sqrt{\mathrm{Var}(z)} \text{ layer by layer}",
            explanation="Orthogonal, then each layer is scaled to variance 1 on the examples sent through (Mishkin & "
            "Matas 2016).",
        ),
    )
}
