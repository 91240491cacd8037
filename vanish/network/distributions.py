"""How the numbers within a network in training are spread, layer by layer: what a run keeps of them.

Counting must cost a run next to nothing.  So of a large array only a sample is looked at, of many layers only some,
and those of all layers and kinds are counted together: forty calls of ``histogram`` would take ten times as long.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vanish.network.flat import Passes, layer_views
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, evenly
from vanish.numerics.histogram import CORE, LARGEST_LIMIT, LEAST_LIMIT, REACH, Histogram

KINDS = ("activations", "gradients", "weight_gradients", "weights")

BINS = 40

# So many layers of a deep network, evenly spaced, the first and the last among them; so many numbers of each; so many
# of these, to tell how far bins should reach; and so many moments of a run.
MOST_LAYERS, MOST_NUMBERS, MOST_CORE, MOST_MOMENTS = 12, 512, 128, 20


@dataclass(frozen=True, eq=False)
class Distributions:
    """How four kinds of numbers are spread in each layer, and how large an update is beside the weights.

    ``KINDS``, in this order: what the layers hand on; dL/dz, of the mean loss over the batch; dL/dW; and the weights.
    A large array is known by a random sample of 512 of its numbers, the same ones throughout a run.

    ``layers``: the numbers of those that are kept, ``(kept,)``, counted from 1: of more than 12, 12 evenly spaced.
    ``limits``: bins go from minus to plus this, ``(4, kept)``; as in ``robust_limit``, told by up to 128 numbers.
    ``counts``: ``(4, kept, 40)``, ``zeros``, ``non_finite`` and ``n``: ``(4, kept)``, as in ``Histogram``.
    ``std``: standard deviation of the finite ones, ``(4, kept)``; inf where some lie beyond 1e150 times the limit.
    ``update_to_data``: log10 of the standard deviation of the next update of the weights, as the optimizer made it,
    over that of the weights before it, ``(kept,)``; of all weights of the layer.  -inf where none has moved, nan where
    there is no update or the weights are all the same.
    """

    layers: tuple[int, ...]
    limits: Array
    counts: NDArray[np.int32]
    zeros: NDArray[np.int32]
    non_finite: NDArray[np.int32]
    n: NDArray[np.int32]
    std: Array
    update_to_data: Array

    def histogram(self, kind: str, place: int) -> Histogram:
        """Of one of ``KINDS`` in the layer that stands at a place of ``layers``."""
        at = KINDS.index(kind), place
        limit = self.limits[at]
        edges = np.linspace(-limit, limit, BINS + 1)
        counts = self.counts[at].astype(np.int64)
        return Histogram(edges, counts, int(self.zeros[at]), int(self.non_finite[at]), int(self.n[at]))


class Watch:
    """Looks at a network in training, whenever it is asked to.

    Parameters
    ----------
    spec : NetworkSpec
    vector : ``(n_parameters,)``, the parameters that are trained
    passes : the passes of that vector
    """

    def __init__(self, spec: NetworkSpec, vector: Array, passes: Passes) -> None:
        self._places = evenly(spec.depth, MOST_LAYERS).tolist()
        self._vector, self._passes = vector, passes
        numbered = layer_views(spec, np.arange(vector.size, dtype=np.float64))
        blocks = [numbered[place].block.astype(np.intp) for place in self._places]
        self._blocks = [(slice(block[0, 0], block[-1, -1] + 1), block.shape) for block in blocks]
        self._units = [_sample(passes.outputs[place].size) for place in self._places]
        weights = [block[:, :-1].reshape(-1)[_sample(block[:, :-1].size)] for block in blocks]
        self._weights = np.concatenate(weights)
        self._n = np.array([len(sample) for sample in [*self._units, *self._units, *weights, *weights]])
        self._starts = np.concatenate([[0], np.cumsum(self._n)[:-1]])
        self._rows = np.repeat(np.arange(len(self._n)), self._n)
        # Of a row that has fewer, some more than once.
        self._core = self._starts[:, None] + (np.arange(MOST_CORE) * self._n[:, None]) // MOST_CORE

    def _numbers(self) -> Array:
        """Those of the sample, ``(sum of n,)``, kind by kind, layer by layer."""
        of_units = [
            arrays[place].reshape(-1).take(sample)
            for arrays in (self._passes.outputs, self._passes.signals)
            for place, sample in zip(self._places, self._units, strict=True)
        ]
        return np.concatenate([*of_units, self._passes.gradient.take(self._weights), self._vector.take(self._weights)])

    @np.errstate(**QUIET)
    def __call__(self) -> Distributions:
        """How the numbers of the last pass, and the weights as they are, are spread; no update yet."""
        values, starts, rows, n = self._numbers(), self._starts, self._rows, self._n
        finite = np.isfinite(values)
        non_finite = np.zeros_like(n) if finite.all() else n - np.add.reduceat(finite, starts, dtype=n.dtype)
        values[~finite] = 0.0
        sizes = np.abs(values)
        idle = np.add.reduceat(values == 0, starts, dtype=n.dtype)
        core = np.sort(sizes[self._core], axis=1)[:, int(CORE * (MOST_CORE - 1))]
        limits = np.maximum.reduceat(sizes, starts)
        limits = np.where(core > 0, np.minimum(limits, REACH * np.minimum(core, LARGEST_LIMIT)), limits)
        limits = np.where(limits > 0, np.clip(limits, LEAST_LIMIT, LARGEST_LIMIT), 1.0)
        half = BINS // 2
        units = values * (half / limits)[rows]
        places = np.clip(units + half, 0, BINS - 1).astype(np.intp)
        places += rows * BINS
        counts = np.bincount(places, minlength=len(n) * BINS).reshape(-1, BINS)
        # Zeros, and what took the place of non-finite numbers.
        counts[:, half] -= idle
        off = units - (np.add.reduceat(units, starts) / (n - non_finite))[rows]
        off[~finite] = 0.0
        std = limits / half * np.sqrt(np.add.reduceat(np.square(off), starts) / (n - non_finite))
        table = (len(KINDS), len(self._places))

        def whole(numbers: NDArray[np.int64]) -> NDArray[np.int32]:
            return numbers.reshape(*table, *numbers.shape[1:]).astype(np.int32)

        return Distributions(
            layers=tuple(place + 1 for place in self._places),
            limits=limits.reshape(table),
            counts=whole(counts),
            zeros=whole(idle - non_finite),
            non_finite=whole(non_finite),
            n=whole(n),
            std=std.reshape(table),
            update_to_data=np.full(len(self._places), np.nan),
        )

    @np.errstate(**QUIET)
    def updated(self, seen: Distributions, before: Array, update: Array) -> Distributions:
        """The same with the update's size; parameters ``before`` it, and what it has added, ``(n_parameters,)``."""
        return replace(seen, update_to_data=np.log10(self._spreads(update) / self._spreads(before)))

    def _spreads(self, vector: Array) -> Array:
        """Standard deviation of each kept layer's weights in a vector of parameters, ``(kept,)``."""
        return np.array([_std(vector[block].reshape(shape)[:, :-1]) for block, shape in self._blocks])


@lru_cache(maxsize=64)
def _sample(size: int) -> NDArray[np.intp]:
    """Which of so many numbers are looked at: all, or some drawn without replacement, in order."""
    if size <= MOST_NUMBERS:
        return np.arange(size)
    return np.sort(np.random.default_rng(0).choice(size, MOST_NUMBERS, replace=False, shuffle=False))


def _std(values: Array) -> float:
    """As ``np.std``, in half of its time."""
    off = values - values.sum() / values.size
    return float(np.sqrt(np.square(off).sum() / off.size))
