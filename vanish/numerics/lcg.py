"""The kata's random numbers: a 64-bit linear congruential generator, jumped ahead instead of stepped.

``k`` steps from ``state`` lead to ``A**k * state + C[k] (mod 2**64)``, so all draws come from
multiply-adds on uint64 arrays once ``A**k`` and ``C[k]`` are known (Brown 1994, "Random number
generation with arbitrary strides").  Constants: Knuth's MMIX generator (TAOCP vol. 2, 3.3.4).
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.checks import MOST_ITEMS, check_integer, check_integers, several

LARGEST_SEED = 2**64 - 1


def check_seed(name: str, seed: Any) -> int:
    """``seed`` as an int if it is one, a whole number from 0 to 2**64 - 1."""
    return check_integer(name, seed, 0, LARGEST_SEED)


def check_seeds(name: str, seeds: Any, most: int = MOST_ITEMS) -> list[int]:
    """``seeds`` as a list of ints if it is a collection of 1 to ``most`` of them."""
    return check_integers(name, seeds, 0, LARGEST_SEED, most=most)


def one_or_more_seeds(name: str, seeds: Any) -> list[int]:
    """As ``check_seeds``, where a single seed counts as a collection of one."""
    return check_seeds(name, seeds) if several(seeds) else [check_seed(name, seeds)]


Jumps = tuple[NDArray[np.uint64], NDArray[np.uint64]]


def _jumps(multiplier: np.uint64, increment: np.uint64, count: int) -> Jumps:
    """Multipliers and increments of 1, 2, ..., ``count`` steps, found by doubling."""
    multipliers, increments = np.array([multiplier]), np.array([increment])
    while len(multipliers) < count:
        # k steps after n steps: A^(n+k) = A^k A^n and C[n+k] = A^k C[n] + C[k]
        increments = np.concatenate([increments, multipliers * increments[-1] + increments])
        multipliers = np.concatenate([multipliers, multipliers * multipliers[-1]])
    return multipliers[:count], increments[:count]


# Draws come in blocks: one jump to the start of each, and the same table of short jumps within it.  So many draws at
# once stay in the processor's cache.
BLOCK = 4096
AT_ONCE = 8 * BLOCK


_MULTIPLIERS, _INCREMENTS = _jumps(np.uint64(6364136223846793005), np.uint64(1442695040888963407), BLOCK)


def mixed_seeds(seed: int, steps: NDArray[np.uint64]) -> list[int]:
    """SplitMix64's output after each number of ``steps`` from ``seed`` (Steele, Lea & Flood 2014, fig. 17)."""
    z = np.uint64(check_seed("seed", seed)) + steps * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))).tolist()


def ensemble_seeds(seed: int, count: int) -> list[int]:
    """``count`` seeds of unrelated streams, the first of them ``seed`` itself.

    Consecutive seeds of a linear congruential generator give shifted copies of one stream, so all but
    the first are mixed.
    """
    return [seed, *mixed_seeds(seed, np.arange(1, count, dtype=np.uint64))][:count]


def bias_seed(seed: int) -> int:
    """The seed of a stream that no weight of a network or an ensemble of ``seed`` uses."""
    return mixed_seeds(seed, np.array([2**63], dtype=np.uint64))[0]


def uniform(seeds: Sequence[int], count: int) -> NDArray[np.float64]:
    """The first ``count`` draws from [-1, 1) of each seed's stream.

    Parameters
    ----------
    seeds : sequence of int, each 0 to 2**64 - 1
    count : int, number of draws; the generator is advanced before each

    Returns
    -------
    float64 array, ``(len(seeds), count)``

    Raises
    ------
    ValueError
        If a seed is not a whole number from 0 to 2**64 - 1.
    """
    first = np.array([check_seed("seed", seed) for seed in seeds], dtype=np.uint64)[:, None]
    multipliers, increments = _jumps(_MULTIPLIERS[-1], _INCREMENTS[-1], -(-count // BLOCK) - 1)
    starts = np.concatenate([first, first * multipliers + increments], axis=1)[..., None]
    # A network smaller than a block pays for no more draws than it needs.
    short = min(count, BLOCK)
    draws = np.empty((len(seeds), count))
    seeds_at_once, blocks_at_once = max(1, AT_ONCE // max(count, 1)), AT_ONCE // BLOCK
    for seed, block in product(range(0, len(seeds), seeds_at_once), range(0, starts.shape[1], blocks_at_once)):
        states = starts[seed : seed + seeds_at_once, block : block + blocks_at_once] * _MULTIPLIERS[:short]
        states += _INCREMENTS[:short]
        states >>= np.uint64(33)
        own = draws[seed : seed + seeds_at_once, block * BLOCK : (block + blocks_at_once) * BLOCK]
        # 31 bits are left: as signed integers they convert to float several times faster.
        drawn = states.reshape(len(own), -1)[:, : own.shape[1]].view(np.int64)
        np.multiply(drawn, 2.0**-30, out=own)
        own -= 1.0
    return draws
