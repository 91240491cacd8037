"""One table of input distributions: what is sent through a network when no data are at hand."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_choice, check_integer, check_kind, check_number

KATA_INPUTS = (0.5, -0.3, 0.8, -0.1)


LARGEST_BATCH, LARGEST_INPUTS = 4096, 4096
LARGEST_INPUT = 1e6
POINTS, LARGEST_POINTS, REACH = 256, 256, 2.0


@dataclass(frozen=True)
class InputDistribution:
    """An entry of the table; ``function`` is ``draw`` without its checks."""

    name: str
    label: str
    explanation: str
    function: Callable[[np.random.Generator, int, int], Array]

    def draw(self, generator: np.random.Generator, batch_size: int, n_inputs: int) -> Array:
        """Inputs ``(batch_size, n_inputs)``.

        Parameters
        ----------
        generator : numpy.random.Generator
        batch_size : int, 1 to 4096
        n_inputs : int, 1 to 4096

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received.
        """
        check_kind("generator", generator, np.random.Generator)
        batch_size = check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
        return self.function(generator, batch_size, check_integer("n_inputs", n_inputs, 1, LARGEST_INPUTS))


def _kata(generator: np.random.Generator, batch_size: int, n_inputs: int) -> Array:
    drawn = generator.standard_normal((batch_size, n_inputs))
    if n_inputs == len(KATA_INPUTS):
        drawn[0] = KATA_INPUTS
    return drawn


INPUTS: dict[str, InputDistribution] = {
    entry.name: entry
    for entry in (
        InputDistribution(
            "kata",
            "as in the original program",
            "The original program's example first (where it fits), then standard-normal ones.",
            _kata,
        ),
        InputDistribution(
            "normal",
            "normal",
            "Mean 0 and variance 1, as standardized data have.",
            lambda generator, batch_size, n_inputs: generator.standard_normal((batch_size, n_inputs)),
        ),
        InputDistribution(
            "uniform",
            "uniform",
            "Evenly spread over ±√3: variance 1, no outliers.",
            lambda generator, batch_size, n_inputs: generator.uniform(-(3**0.5), 3**0.5, (batch_size, n_inputs)),
        ),
        InputDistribution(
            "pixels",
            "pixels",
            "Evenly spread over 0 … 1, never negative: what images are before anybody standardizes them.",
            lambda generator, batch_size, n_inputs: generator.uniform(0.0, 1.0, (batch_size, n_inputs)),
        ),
        InputDistribution(
            "signs",
            "signs",
            "−1 or 1: every example is equally long.",
            lambda generator, batch_size, n_inputs: generator.choice((-1.0, 1.0), (batch_size, n_inputs)),
        ),
    )
}


def example_inputs(
    n_inputs: int, batch_size: int = 1, distribution: str = "kata", scale: float = 1.0, shift: float = 0.0
) -> Array:
    """A batch of inputs ``scale * drawn + shift``, always the same for the same arguments.

    Parameters
    ----------
    n_inputs : int, 1 to 4096
    batch_size : int, 1 to 4096
    distribution : a name from ``INPUTS``
    scale : float, 0 to 1,000,000
    shift : float, -1,000,000 to 1,000,000

    Returns
    -------
    float64 array, ``(batch_size, n_inputs)``

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    entry = INPUTS[check_choice("distribution", distribution, INPUTS)]
    scale = check_number("scale", scale, 0, LARGEST_INPUT)
    shift = check_number("shift", shift, -LARGEST_INPUT, LARGEST_INPUT)
    # A stream that no weight or bias of any seed comes from.
    return scale * entry.draw(np.random.default_rng([0, 2]), batch_size, n_inputs) + shift


def line(n_inputs: int, points: int = POINTS) -> Array:
    """The inputs x(t), ``(points, n_inputs)``: the first runs evenly from -2 to 2, the others stay at 1."""
    points, n_inputs = (
        check_integer("points", points, 2, LARGEST_POINTS),
        check_integer("n_inputs", n_inputs, 1, LARGEST_INPUTS),
    )
    inputs = np.ones((points, n_inputs))
    inputs[:, 0] = np.linspace(-REACH, REACH, points)
    return inputs


def unrelated_pair(n_inputs: int) -> Array:
    """Two inputs at a right angle, ``(2, n_inputs)``, each of root mean square 1; of one number each, 1 and -1."""
    n_inputs = check_integer("n_inputs", n_inputs, 1, LARGEST_INPUTS)
    first, second = np.random.default_rng([0, 3]).standard_normal((2, n_inputs))
    if n_inputs == 1:
        return np.array([[1.0], [-1.0]])
    second = second - first * (first @ second) / (first @ first)
    pair = np.stack([first, second])
    return pair * np.sqrt(n_inputs) / np.linalg.norm(pair, axis=1, keepdims=True)
