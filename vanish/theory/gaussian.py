"""Expectations of activations over normal pre-activations."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.activations import ACTIVATIONS, Activation
from vanish.numerics.arrays import QUIET, Array, root_mean_square
from vanish.numerics.checks import check_array, check_broadcastable, check_choice
from vanish.numerics.normal import normal_density

# Panels end at these multiples of the std: beyond the last one lies a share of 1e-19 ...
RELATIVE_EDGES = np.array([-9.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 9.0])


# ... and at these pre-activations, in whose range activations bend and saturate.
ABSOLUTE_EDGES = np.array([2.0, 4.0, *8 * 4.0 ** np.arange(13)])


# Periods of a wave beyond which a bell curve's std makes no difference to it: exp(-(2 pi 2)^2 / 2) is 5e-35.
WAVES = 2.0


# ... and at these multiples of a blur around each kink.
BLUR_EDGES = np.array([-9.0, -5.0, -2.0, 2.0, 5.0, 9.0])


LEGENDRE_NODES, LEGENDRE_WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True)
class GaussianMoments:
    """Expectations over ``z ~ N(mean, variance)``, each of the variance's shape.

    ``mean``: ``E[phi]``; ``mean_square``: ``E[phi^2]``; ``mean_abs_slope``: ``E|phi'|``;
    ``mean_square_slope``: ``E[phi'^2]``.
    """

    mean: Array
    mean_square: Array
    mean_abs_slope: Array
    mean_square_slope: Array


@lru_cache(maxsize=64)
def _breaks(activation: Activation) -> tuple[float, ...]:
    """Pre-activations at which ``phi``, ``phi'`` or ``|phi'|`` is not smooth: kinks, and where the slope turns."""
    reach = 16.0 if activation.period is None else (WAVES * -RELATIVE_EDGES[0] + 0.5) * activation.period
    grid = np.linspace(-reach, reach, 1602)
    slope = activation.apply(grid)[1]
    turns = np.flatnonzero(slope[1:] * slope[:-1] < 0)
    low, high, rises = grid[turns], grid[turns + 1], slope[turns] < 0
    for _ in range(50):
        middle = (low + high) / 2
        before = (activation.apply(middle)[1] < 0) == rises
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return (*activation.kinks, *low.tolist())


def quadrature(activation: Activation, std: ArrayLike, mean: ArrayLike = 0.0, blur: float = 0.0) -> tuple[Array, Array]:
    """Nodes and weights ``(..., n)`` for expectations over ``N(mean, std^2)``, the arguments of shape ``(...)``.

    ``blur``: the std of what is averaged over within, which rounds kinks off: panels close around them, too.

    Expectations of what the activation makes of it: a wave's nodes are brought back to where it has few periods.

    Gauss-Legendre on panels that end at the activation's breaks and at scales both fixed and relative: unlike
    Gauss-Hermite it neither slows down on kinks nor misses what is narrow beside the std.
    """
    std, mean = (np.asarray(x, dtype=np.float64)[..., None] for x in (std, mean))
    std = np.where(np.isfinite(std), std, np.nan)
    if activation.period is not None:
        # To a wave, a bell curve much wider than one period is as good as one two periods wide, wherever it stands.
        std = np.minimum(std, WAVES * activation.period)
        mean = mean - activation.period * np.round(mean / activation.period)
    divisor = np.where(std > 0, std, 1.0)
    reach = RELATIVE_EDGES[-1] * divisor.max() + np.nan_to_num(np.abs(mean), posinf=0.0).max()
    scales = ABSOLUTE_EDGES[: np.searchsorted(ABSOLUTE_EDGES, reach)]
    rounded = (np.array(activation.kinks)[:, None] + blur * BLUR_EDGES).ravel()
    absolute = np.unique(np.concatenate([-scales, (0.0, *_breaks(activation)), rounded, scales]))
    edges = np.clip((absolute - mean) / divisor, RELATIVE_EDGES[0], RELATIVE_EDGES[-1])
    edges = np.concatenate([edges, np.broadcast_to(RELATIVE_EDGES, (*edges.shape[:-1], len(RELATIVE_EDGES)))], axis=-1)
    edges.sort(axis=-1)
    half = np.diff(edges)[..., None] / 2
    x = edges[..., :-1, None] + half * (1 + LEGENDRE_NODES)
    weights = half * LEGENDRE_WEIGHTS * normal_density(x)
    flat = (*edges.shape[:-1], -1)
    return mean + std * x.reshape(flat), weights.reshape(flat)


@np.errstate(**QUIET)
def gaussian_moments(
    activation: str, variance: ArrayLike, shape: float | None = None, mean: ArrayLike = 0.0
) -> GaussianMoments:
    """Moments of an activation and its slope under ``z ~ N(mean, variance)``.

    Accurate to 1e-10 (relative) for variances from 1e-30 to 1e6; at 0 they are those of the point ``mean``,
    where the variance is negative, infinite or nan they are nan.

    Parameters
    ----------
    activation : a name from ``ACTIVATIONS``
    variance, mean : arrays that broadcast against each other
    shape : the activation's own parameter; ``None`` is its default

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    entry = ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)]
    shape = entry.check_shape("shape", shape)
    std, mean = np.sqrt(check_array("variance", variance, empty=True)), check_array("mean", mean, empty=True)
    check_broadcastable("mean", mean.shape, "variance", std.shape)
    std, mean = np.broadcast_arrays(std, mean)
    if std.size == 0:
        return GaussianMoments(*[np.zeros(std.shape)] * 4)
    z, weights = quadrature(entry, std, mean)
    value, slope = entry.apply(z, shape)
    missing = np.where(np.isfinite(std), 0.0, np.nan)
    return GaussianMoments(
        (value * weights).sum(axis=-1) + missing,
        np.square(root_mean_square(value, weights)) + missing,
        (np.abs(slope) * weights).sum(axis=-1) + missing,
        np.square(root_mean_square(slope, weights)) + missing,
    )


@np.errstate(**QUIET)
def gaussian_mean_square(activation: str, variance: ArrayLike, shape: float | None = None) -> Array:
    """``E[phi^2]`` under ``z ~ N(0, variance)``, of the variance's shape: the one of ``gaussian_moments``, for less.

    Raises
    ------
    ValueError
        As in ``gaussian_moments``.
    """
    entry = ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)]
    shape = entry.check_shape("shape", shape)
    std = np.sqrt(check_array("variance", variance, empty=True))
    if std.size == 0:
        return np.zeros(std.shape)
    z, weights = quadrature(entry, std)
    return np.square(root_mean_square(entry.apply(z, shape)[0], weights)) + np.where(np.isfinite(std), 0.0, np.nan)
