"""How much of a finite ReLU network's gradient is luck: the exact law of its length over all random weights.

In a hidden layer of n units a fair coin decides for each whether it is on.  With k on, He's weights multiply the
gradient's squared length by (2 / n) χ²_k, whatever came before (Hanin and Nica 2020, for the products; Hanin 2018, for
the sum of 1 / n).  So the logarithm is a sum of independent numbers, one a hidden layer, whose characteristic function
is known; and a layer with no unit on is a network born dead.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_kind, check_number
from vanish.numerics.gamma import digamma, log_gamma, trigamma

# Points of the integral over frequencies, and how far it goes where a characteristic function falls slowly.
POINTS, FURTHEST = 2000, 40.0


@dataclass(frozen=True)
class Luck:
    """The law of ln(|dL/dz_1|² / |dL/dz_L|²) over random weights, of the networks that are not born dead.

    ``widths``: how many hidden layers have that many units; ``weight_scale``: what He's weights are multiplied by.
    """

    widths: Mapping[int, int]
    weight_scale: float = 1.0

    @property
    def born_dead(self) -> float:
        """Chance that some hidden layer has no unit on for an input: no gradient passes it."""
        return float(-np.expm1(sum(count * np.log1p(-(2.0**-n)) for n, count in self.widths.items())))

    @cached_property
    def mean(self) -> float:
        """Expectation of the logarithm."""
        return sum(count * float(_chances(n) @ self._means(n)) for n, count in self.widths.items())

    @cached_property
    def variance(self) -> float:
        """Variance of the logarithm: about 5 times the sum of 1 / n."""
        total = 0.0
        for n, count in self.widths.items():
            chances, means = _chances(n), self._means(n)
            within = chances @ trigamma(np.arange(1, n + 1) / 2)
            total += count * float(within + chances @ (means - chances @ means) ** 2)
        return total

    def share_below(self, logarithm: ArrayLike) -> Array:
        """Share of these networks whose logarithm is below; the argument's shape (Gil-Pelaez 1951)."""
        t, phi = self._spectrum
        # A sum over frequencies repeats itself; half a period from the mean, next to all or nothing is below.
        reach = np.pi / (t[1] - t[0])
        x = np.clip(logarithm, self.mean - reach, self.mean + reach)
        waves = np.exp(-1j * t * np.asarray(x)[..., None]) * phi
        share: Array = np.clip(0.5 - (waves.imag / t).sum(axis=-1) * (t[1] - t[0]) / np.pi, 0, 1)
        return share

    def quantile(self, share: float) -> float:
        """The logarithm below which that share of these networks is, to 1e-9.

        Raises
        ------
        ValueError
            Naming ``share`` and its range, 0.0001 to 0.9999.
        """
        share = check_number("share", share, 1e-4, 1 - 1e-4)
        low, high = (self.mean + sign * 100 * np.sqrt(self.variance) for sign in (-1, 1))
        # The tails are monotone: a bisection finds the one place.
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.share_below(middle) < share else (low, middle)
        return float((low + high) / 2)

    def _means(self, n: int) -> Array:
        means: Array = digamma(np.arange(1, n + 1) / 2) + np.log(4 / n * self.weight_scale**2)
        return means

    @cached_property
    def _spectrum(self) -> tuple[Array, NDArray[np.complex128]]:
        """Frequencies, and the characteristic function about 0 there."""
        furthest = min(FURTHEST, 12 / np.sqrt(self.variance) + 6)
        t = (np.arange(POINTS) + 0.5) * furthest / POINTS
        phi = np.ones(POINTS, dtype=np.complex128)
        for n, count in self.widths.items():
            half = np.arange(1, n + 1) / 2
            chi = np.exp(log_gamma(half[:, None] + 1j * t) - log_gamma(half)[:, None])
            layer = _chances(n) @ chi * np.exp(1j * t * np.log(4 / n * self.weight_scale**2))
            phi *= layer**count
        return t, phi


def relu_luck(spec: NetworkSpec) -> Luck | None:
    """The law for a network, or ``None`` where it does not hold.

    It holds for ReLU with ``he_normal``, without biases, normalization and residual connections, with a linear
    output, for one input that is not 0.

    Raises
    ------
    ValueError
        Naming ``spec``.
    """
    check_kind("spec", spec, NetworkSpec)
    if (spec.activation, spec.initializer, spec.bias_std, spec.linear_output) != ("relu", "he_normal", 0, True):
        return None
    if NORMALIZATIONS[spec.normalization].normalizes or RESIDUALS[spec.residual].skips or not spec.weight_scale:
        return None
    hidden = [fan_out for fan_out, _ in spec.layer_shapes[:-1]]
    return Luck(Counter(hidden), spec.weight_scale) if hidden else None


def _chances(n: int) -> Array:
    """Chance of 1 to n units on, of n fair coins that are not all off, ``(n,)``."""
    k = np.arange(1, n + 1)
    logs = (log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1)).real - n * np.log(2)
    chances: Array = np.exp(logs) / -np.expm1(-n * np.log(2))
    return chances
