"""The gamma function's logarithm and its derivatives, by Stirling's series."""

import numpy as np
from numpy.typing import ArrayLike

from vanish.numerics.arrays import Array

# Arguments are moved up to here, where the series has 15 digits.
LARGE = 12

# Bernoulli numbers B_2, B_4, ...
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


def log_gamma(z: ArrayLike) -> np.ndarray:
    """ln Γ(z) for a positive real part; complex, ``z``'s shape (Abramowitz and Stegun 1964, 6.1.40)."""
    z = np.asarray(z, dtype=np.complex128)
    below = np.log(z[..., None] + np.arange(LARGE)).sum(axis=-1)
    z = z + LARGE
    terms = [b / (2 * k * (2 * k - 1) * z ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)]
    value: np.ndarray = (z - 0.5) * np.log(z) - z + 0.5 * np.log(2 * np.pi) + sum(terms) - below
    return value


def digamma(x: ArrayLike) -> Array:
    """ψ(x), the derivative of ln Γ, for x > 0 (6.3.18)."""
    x = np.asarray(x, dtype=np.float64)
    below = (1 / (x[..., None] + np.arange(LARGE))).sum(axis=-1)
    x = x + LARGE
    value: Array = np.log(x) - 0.5 / x - sum(b / (2 * k * x ** (2 * k)) for k, b in enumerate(BERNOULLI, 1)) - below
    return value


def trigamma(x: ArrayLike) -> Array:
    """ψ'(x), the second derivative of ln Γ, for x > 0 (6.4.11)."""
    x = np.asarray(x, dtype=np.float64)
    below = (1 / (x[..., None] + np.arange(LARGE)) ** 2).sum(axis=-1)
    x = x + LARGE
    value: Array = 1 / x + 0.5 / x**2 + sum(b / x ** (2 * k + 1) for k, b in enumerate(BERNOULLI, 1)) + below
    return value
