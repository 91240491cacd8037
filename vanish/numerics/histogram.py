"""How values are spread; exact zeros and non-finite ones are counted apart: both are findings that no bin shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_array, check_integer, check_numbers, refusal

MOST_BINS = 10_000

# Bins reach this many times as far as that share of the values does: of a normal distribution, 3.9 standard deviations.
CORE, REACH = 0.99, 1.5

# Between these limits 10,000 bins are of different edges, and the whole width is a number.
LEAST_LIMIT, LARGEST_LIMIT = 1e-300, 8e307


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many of ``n`` values lie where.

    ``edges``: ``(bins + 1,)``, ascending.  ``counts``: ``(bins,)``, of the finite values that are not exactly 0; a bin
    holds its lower edge, and the first and the last also hold what lies beyond them.  ``zeros`` and ``non_finite`` are
    counted apart: ``counts.sum() + zeros + non_finite == n``.
    """

    edges: Array
    counts: NDArray[np.int64]
    zeros: int
    non_finite: int
    n: int


def histogram(values: ArrayLike, bins: int = 40, limits: tuple[float, float] | None = None) -> Histogram:
    """Count values into bins of one width; exact zeros and non-finite ones apart.

    Parameters
    ----------
    values : array of any shape, of any numbers; none at all is allowed
    bins : int, 1 to 10,000
    limits : where the first bin begins and the last one ends, from -8e307 to 8e307 and 1e-300 apart or more; ``None``
        means ``robust_limit`` on either side of 0

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received; if the bins would have no width.
    """
    flat = check_array("values", values, empty=True).ravel()
    bins = check_integer("bins", bins, 1, MOST_BINS)
    finite = flat[np.isfinite(flat)]
    if limits is None:
        limit = robust_limit(finite)
        low, high = -limit, limit
    else:
        low, high = check_numbers("limits", limits, -LARGEST_LIMIT, LARGEST_LIMIT, fewest=2, most=2)
    edges = np.linspace(low, high, bins + 1)
    if not high - low >= LEAST_LIMIT or not (np.diff(edges) > 0).all():
        raise refusal("limits", f"two numbers, the second above the first, with room for {bins} bins between", limits)
    zeros = finite.size - np.count_nonzero(finite)
    return Histogram(edges, binned(finite[finite != 0], edges), int(zeros), flat.size - finite.size, flat.size)


def binned(values: Array, edges: Array) -> NDArray[np.int64]:
    """How many finite values are in each of the bins of one width, ``(bins,)``; those beyond are in the outermost."""
    bins = len(edges) - 1
    # What lies beyond goes to the ends before a difference is taken, which might overflow.
    inside = np.clip(values, edges[0], edges[-1])
    places = ((inside - edges[0]) * (bins / (edges[-1] - edges[0]))).astype(np.intp)
    np.clip(places, 0, bins - 1, out=places)
    # A product may round across an edge: the edges decide.
    places -= inside < edges[places]
    places += (inside >= edges[places + 1]) & (places < bins - 1)
    return np.bincount(places, minlength=bins)


def robust_limit(values: Array) -> float:
    """How far from 0 bins should reach: 1.5 times as far as 99 % of the values that are not 0, or to the largest.

    One odd value out of a hundred thus does not push all others into a single bin.  Values of any shape, finite; the
    limit is from 1e-300 to 8e307, and 1 where there is nothing to see.
    """
    sizes = np.abs(values[values != 0])
    if not sizes.size:
        return 1.0
    core = np.partition(sizes, place := int(CORE * (sizes.size - 1)))[place]
    return float(np.clip(min(sizes.max(), REACH * min(core, LARGEST_LIMIT)), LEAST_LIMIT, LARGEST_LIMIT))
