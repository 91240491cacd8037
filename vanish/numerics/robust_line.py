"""A straight line that a few odd points do not move, and how well its slope is known."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.arrays import Array
from vanish.numerics.normal import normal_cdf

CONFIDENCE = 0.95

# Kendall's distribution is exact up to here, and normal beyond.
LARGEST_EXACT = 60

# With few points neighbouring pairwise slopes are far apart and not evenly spread: how far to go from one to the next
# was measured (400,000 lines of 5 to 8 points with normal scatter, to a coverage of 95.0 %).
MEASURED_SHARES = {5: 0.815, 6: 0.947, 7: 0.693, 8: 0.771}

# The pairs of up to so many points are kept: 0.3 MB for the most of them.
FEW = 200


@dataclass(frozen=True)
class Slope:
    """The slope of a line, and its 95 % interval (infinite where there are too few points for one)."""

    value: float
    low: float
    high: float


def theil_sen(x: Array, y: Array) -> Slope:
    """The median of all pairwise slopes (Theil 1950; Sen 1968), and Sen's 95 % interval for it.

    With ``N`` pairwise slopes in order, the interval from the ``k``-th smallest to the ``k``-th largest misses the
    truth if Kendall's statistic of the scatter, the number of slopes below the truth, is below ``k`` or above
    ``N - k``: for independent scatter of any one distribution that has a known probability.  It is discrete, and no
    ``k`` gives 95 % exactly; the limits here lie between the ``k``-th and the next slope so that coverage is 95 %
    rather than at least 95 % (interpolated in the coverage of the two).  Below 5 points even the outermost slopes
    cover less, and the interval is infinite.

    Parameters
    ----------
    x, y : ``(n_points,)``, ``x`` rising, two points or more
    """
    i, j = _pairs(len(x))
    slopes = (y[j] - y[i]) / (x[j] - x[i])
    last, rank = len(slopes) - 1, _left_out(len(x))
    if rank is None:
        return Slope(float(np.median(slopes)), -np.inf, np.inf)
    low, value, high = _ordered(slopes, np.array([rank, last / 2, last - rank]))
    return Slope(value, low, high)


def _pairs(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every pair of points; of many points there are so many pairs that they are made anew."""
    return _few_pairs(n) if n <= FEW else np.triu_indices(n, 1)


@lru_cache(maxsize=8)
def _few_pairs(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.triu_indices(n, 1)


def _ordered(values: Array, ranks: Array) -> list[float]:
    """Values by their rank from the smallest, counted from 0; between two of them where the rank is no whole number."""
    lower = np.floor(ranks).astype(int)
    upper = np.minimum(lower + 1, len(values) - 1)
    # Only these few need to be in their places: that is several times faster than to sort all.
    placed = np.partition(values, sorted({*lower.tolist(), *upper.tolist()}))
    return (placed[lower] + (ranks - lower) * (placed[upper] - placed[lower])).tolist()


@lru_cache(maxsize=512)
def _left_out(n: int) -> float | None:
    """How many of the sorted slopes of ``n`` points lie outside the interval at either end, in parts of a slope."""
    below = _kendall_below(n)
    coverage = 1 - 2 * below
    if coverage[0] < CONFIDENCE:
        return None
    k = int(np.flatnonzero(coverage >= CONFIDENCE)[-1])
    share = MEASURED_SHARES.get(n, (coverage[k] - CONFIDENCE) / (coverage[k] - coverage[k + 1]))
    return k + float(share)


def _kendall_below(n: int) -> Array:
    """Probability that at most 0, 1, 2, ... of the pairs of ``n`` points are in the wrong order."""
    if n <= LARGEST_EXACT:
        chances = np.ones(1)
        for points in range(2, n + 1):
            chances = np.convolve(chances, np.full(points, 1 / points))
        return np.cumsum(chances)
    pairs = n * (n - 1) / 2
    std = np.sqrt(n * (n - 1) * (2 * n + 5) / 72)
    return normal_cdf((np.arange(pairs // 2) + 0.5 - pairs / 2) / std)
