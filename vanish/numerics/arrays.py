"""Arrays: their type, how overflow is met, and sums that neither underflow nor overflow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vanish.numerics.checks import check_array

Array = NDArray[np.float64]

# Sequences of networks run side by side until their arrays hold this many numbers (32 MB), then in turns.
NUMBERS_AT_ONCE = 4_000_000


# A network that overflows or underflows is a result to show, not a mistake to warn of.
QUIET: dict[str, Any] = {"over": "ignore", "under": "ignore", "invalid": "ignore", "divide": "ignore"}


def root_mean_square(values: Array, weights: Array) -> Array:
    """Root of the weighted mean square along the last axis, safe from over- and underflow."""
    unit = largest_of(values, (-1,))
    return unit[..., 0] * np.sqrt((np.square(values / unit) * weights).sum(axis=-1))


def largest_of(x: Array, axes: tuple[int, ...]) -> Array:
    """The largest size along the axes, kept as axes of 1; 1 where it is 0 or not finite: what to divide by, so that
    neither sums nor squares leave float64's range."""
    largest = np.abs(x).max(axis=axes, keepdims=True)
    return np.where((largest > 0) & np.isfinite(largest), largest, 1.0)


def norm(x: Array, axes: tuple[int, ...]) -> Array:
    """Euclidean norm that neither underflows nor overflows where its result does not."""
    unit = largest_of(x, axes)
    return np.squeeze(unit, axes) * np.sqrt(np.square(x / unit).sum(axis=axes))


def mean_size(x: Array, axes: tuple[int, ...]) -> Array:
    """Mean of ``|x|`` along the axes, safe from over- and underflow."""
    unit = largest_of(x, axes)
    return np.squeeze(unit, axes) * np.abs(x / unit).mean(axis=axes)


def sample_std(x: Array) -> Array:
    """Standard deviation over the last two axes, over n - 1 as ``torch.std`` has it; nan where n is 1.

    Safe from over- and underflow, and exactly 0 where all numbers are equal: they are taken from the first of them.
    """
    axes = (-2, -1)
    unit = largest_of(x, axes)
    apart = x / unit
    apart -= apart[..., :1, :1].copy()
    n = x.shape[-2] * x.shape[-1]
    apart -= apart.mean(axis=axes, keepdims=True)
    variance = np.square(apart).sum(axis=axes) / (n - 1) if n > 1 else np.nan
    return np.squeeze(unit, axes) * np.sqrt(variance)


@np.errstate(**QUIET)
def first_over_last(sizes: Array) -> Array:
    """The first of the sizes over the last, ``(...)`` from ``(..., depth)``; nan where neither exists."""
    return np.asarray(sizes[..., 0] / sizes[..., -1])


def unit_rows(rows: Array) -> Array:
    """Each row over its own length; the largest entry first, so that no square leaves float64's range."""
    rows = rows / np.abs(rows).max(axis=1, keepdims=True)
    return rows / np.sqrt(np.square(rows).sum(axis=1, keepdims=True))


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """Places 0 to ``count - 1``, or ``most`` of them: evenly spaced, the first and the last among them."""
    return np.unique(np.rint(np.linspace(0, max(count - 1, 0), min(count, most))).astype(np.int64))


def quantiles(values: Array) -> Array:
    """10 %, 50 % and 90 % quantile over seeds, ``(3, ...)`` from ``(seeds, ...)``.

    Each is one of the values, and so as true on a log scale as on any other: gradients spread
    log-normally.  What is not a number counts as larger than all others.

    Raises
    ------
    ValueError
        If there are no values.
    """
    values = check_array("values", values, ("seeds", "..."))
    ordered = np.sort(values, axis=0)
    places = np.rint(np.array([0.1, 0.5, 0.9]) * (len(values) - 1)).astype(int)
    return ordered[places]
