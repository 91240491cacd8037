"""One table of initialisers of a recurrent matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np

from vanish.choices.initializers import orthonormal
from vanish.numerics.arrays import Array

# Standard deviation of the input weights beside a recurrent identity (Le, Jaitly & Hinton 2015, section 4).
IDENTITY_INPUT_STD = 0.001


@dataclass(frozen=True)
class RecurrentInitializer:
    """An entry of the table: what one gate's block of ``weight_hh`` starts from.

    ``blocks(seed, n_blocks, hidden, radius)`` gives ``(n_blocks, hidden, hidden)``: fewer blocks are the first ones of
    more, so that cells with fewer gates share them.  Input weights are uniform
    within ``1 / sqrt(hidden)``, PyTorch's, unless ``input_std`` makes them normal; biases likewise if
    ``random_biases``, else 0.  ``uses_radius``: the spec's ``spectral_radius`` has a say.
    """

    name: str
    label: str
    latex: str
    explanation: str
    blocks: Callable[[int, int, int, float], Array]
    random_biases: bool = False
    input_std: float | None = None
    uses_radius: bool = False


def _generator(seed: int) -> np.random.Generator:
    """A stream that nothing else comes from."""
    return np.random.default_rng([seed, 7])


def _uniform(half_width: Callable[[int], float]) -> Callable[[int, int, int, float], Array]:
    return lambda seed, n_blocks, hidden, radius: (
        half_width(hidden) * _generator(seed).uniform(-1.0, 1.0, (n_blocks, hidden, hidden))
    )


def _orthonormal(seed: int, n_blocks: int, hidden: int) -> Array:
    return orthonormal(_generator(seed).standard_normal((n_blocks, hidden, hidden)))


# Of small networks these are kept for the next cell, another radius or a longer sequence: of so many seeds, each with
# as many blocks as any cell has, of so many units, at most 9 MB.  They take a third of what many seeds take.
SEEDS_KEPT, MOST_BLOCKS, LARGEST_KEPT = 128, 4, 48


@lru_cache(maxsize=SEEDS_KEPT)
def _kept(seed: int, hidden: int) -> Array:
    blocks = _orthonormal(seed, MOST_BLOCKS, hidden)
    blocks.flags.writeable = False
    return blocks


def _orthogonal(seed: int, n_blocks: int, hidden: int, radius: float) -> Array:
    keeps = hidden <= LARGEST_KEPT and n_blocks <= MOST_BLOCKS
    return radius / sqrt(hidden) * (_kept(seed, hidden)[:n_blocks] if keeps else _orthonormal(seed, n_blocks, hidden))


RECURRENT_INITIALIZERS: dict[str, RecurrentInitializer] = {
    entry.name: entry
    for entry in (
        RecurrentInitializer(
            name="torch_default",
            label="PyTorch's default",
            latex=r"w, b \sim U(-a, a),\ a = 1 / \sqrt{n}",
            explanation="What torch.nn.RNN, GRU and LSTM start from: spectral radius about 0.58, so plain cells fade.",
            blocks=_uniform(lambda hidden: sqrt(1 / hidden)),
            random_biases=True,
        ),
        RecurrentInitializer(
            name="xavier",
            label="Xavier, uniform",
            latex=r"w \sim U(-a, a),\ a = \sqrt{3 / n}",
            explanation="Variance 1 / n: spectral radius about 1, the largest singular value about 2.",
            blocks=_uniform(lambda hidden: sqrt(3 / hidden)),
        ),
        RecurrentInitializer(
            name="orthogonal",
            label="orthogonal",
            latex=r"W^\top W = I",
            explanation="Turns and never stretches: what is lost, slopes and gates lose (Saxe et al. 2014).",
            blocks=lambda seed, n_blocks, hidden, radius: _orthogonal(seed, n_blocks, hidden, 1.0),
        ),
        RecurrentInitializer(
            name="identity",
            label="identity (IRNN)",
            latex=r"W_{hh} = I,\ W_{ih} \sim N(0, 0.001^2),\ b = 0",
            explanation="The state stays what it is until an input changes it; made for ReLU (Le et al. 2015).",
            blocks=lambda seed, n_blocks, hidden, radius: np.tile(np.eye(hidden), (n_blocks, 1, 1)),
            input_std=IDENTITY_INPUT_STD,
        ),
        RecurrentInitializer(
            name="spectral_radius",
            label="orthogonal × a radius",
            latex=r"W^\top W = \rho^2 I",
            explanation="Every eigenvalue and singular value has the size ρ: a step stretches or shrinks by that.",
            blocks=_orthogonal,
            uses_radius=True,
        ),
    )
}
