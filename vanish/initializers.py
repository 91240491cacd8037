"""One table of initialisers: a stream of unit random numbers, and the scale for each layer.

All uniform entries draw from the kata's generator, so that changing between them rescales one and
the same network; normal entries draw from NumPy's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from vanish import lcg

Array = NDArray[np.float64]


def unit_uniform(seeds: Sequence[int], count: int) -> Array:
    """``(len(seeds), count)`` draws from [-1, 1), variance 1/3: the kata's generator."""
    return lcg.uniform(seeds, count)


def unit_normal(seeds: Sequence[int], count: int) -> Array:
    """``(len(seeds), count)`` draws of mean 0 and variance 1: NumPy's PCG64, seeded by each seed."""
    return np.stack([np.random.default_rng(seed).standard_normal(count) for seed in seeds])


@dataclass(frozen=True)
class Initializer:
    """An entry of the table: weights are ``scale(fan_in, fan_out)`` times numbers from ``stream``.

    ``bias_scale(fan_in)`` does the same for biases (``None``: biases start at zero).
    """

    name: str
    label: str
    stream: Callable[[Sequence[int], int], Array]
    scale: Callable[[int, int], float]
    latex: str
    explanation: str
    bias_scale: Callable[[int], float] | None = None

    @property
    def stream_variance(self) -> float:
        """Variance of one number from the stream."""
        return 1 / 3 if self.stream is unit_uniform else 1.0

    def weight_variance(self, fan_in: int, fan_out: int) -> float:
        """Variance of one weight of a layer ``fan_in -> fan_out``."""
        return self.stream_variance * self.scale(fan_in, fan_out) ** 2


INITIALIZERS: dict[str, Initializer] = {
    entry.name: entry
    for entry in (
        Initializer(
            name="kata",
            label="the kata's",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
            latex=r"w \sim U(-a, a),\ a = \sqrt{2 / (n_{in} + n_{out})},\ \mathrm{Var}(w) = a^2 / 3",
            explanation="Looks like Xavier's, but is a half-width and not a deviation: a third of Xavier's variance.",
        ),
        Initializer(
            name="xavier_uniform",
            label="Xavier (uniform)",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(6 / (fan_in + fan_out)),
            latex=r"w \sim U(-a, a),\ a = \sqrt{6 / (n_{in} + n_{out})},\ \mathrm{Var}(w) = 2 / (n_{in} + n_{out})",
            explanation="Made for tanh: keeps signal and gradient where slopes are near 1 (Glorot & Bengio 2010).",
        ),
        Initializer(
            name="xavier_normal",
            label="Xavier (normal)",
            stream=unit_normal,
            scale=lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
            latex=r"w \sim N(0, \sigma^2),\ \sigma^2 = 2 / (n_{in} + n_{out})",
            explanation="Xavier's variance with a bell curve: other random numbers, so another network.",
        ),
        Initializer(
            name="he_uniform",
            label="He (uniform)",
            stream=unit_uniform,
            scale=lambda fan_in, fan_out: sqrt(6 / fan_in),
            latex=r"w \sim U(-a, a),\ a = \sqrt{6 / n_{in}},\ \mathrm{Var}(w) = 2 / n_{in}",
            explanation="Made for ReLU: doubles the variance, because ReLU passes half of it (He et al. 2015).",
        ),
        Initializer(
            name="he_normal",
            label="He (normal)",
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
            explanation="What torch.nn.Linear starts from when nobody chooses: a sixth of He's variance.",
        ),
    )
}
