"""A verdict from per-layer gradients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish.numerics.arrays import first_over_last

Verdict = Literal["vanishing", "healthy", "exploding", "dead", "overflow"]


# Two decades either way: far above the scatter of a narrow network, far below what stops training.
VANISHING_BELOW = 1e-2


EXPLODING_ABOVE = 1e2


@dataclass(frozen=True)
class Diagnosis:
    """``ratio``: first layer's gradient / last layer's (nan where neither exists); ``layer``: where a zero or
    non-finite gradient is first met on the way back from the output (1 is the input's side), else ``None``."""

    verdict: Verdict
    ratio: float
    n_layers: int
    layer: int | None = None

    @property
    def factor_per_layer(self) -> float:
        """Geometric mean of what one layer leaves of the gradient."""
        return self.ratio ** (1 / (self.n_layers - 1)) if self.n_layers > 1 else 1.0

    @property
    def severity(self) -> tuple[int, float]:
        """The worst is smallest: by verdict, then by how far the ratio is off."""
        order = ("overflow", "dead", "vanishing", "exploding", "healthy")
        return order.index(self.verdict), -self.ratio if self.verdict == "exploding" else self.ratio


def worst(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The name of the network that does worst by its gradient."""
    return min(diagnoses, key=lambda name: diagnoses[name].severity)


def _last(troubled: NDArray[np.bool_]) -> int:
    """Number of the last layer marked, which is the first that the gradient meets on its way back."""
    return int(np.flatnonzero(troubled)[-1]) + 1


def diagnose(magnitudes: ArrayLike) -> Diagnosis:
    """Judge a network by its gradient per layer, first layer first.

    Parameters
    ----------
    magnitudes : ``(n_layers,)``, non-negative; zeros, inf and nan are findings, not errors

    Returns
    -------
    Diagnosis
        ``overflow`` if any is inf or nan, ``dead`` if any is exactly 0, else by first / last:
        ``vanishing`` below 1e-2, ``exploding`` above 1e2, ``healthy`` between.

    Raises
    ------
    ValueError
        If ``magnitudes`` is empty, not one-dimensional, or has a negative entry.
    """
    sizes = np.asarray(magnitudes, dtype=np.float64)
    if sizes.ndim != 1 or sizes.size == 0 or (sizes < 0).any():
        raise ValueError(f"magnitudes must be one non-negative number per layer, got shape {sizes.shape}")
    ratio = float(first_over_last(sizes))
    n_layers = len(sizes)
    if not np.isfinite(sizes).all():
        return Diagnosis("overflow", ratio, n_layers, layer=_last(~np.isfinite(sizes)))
    if not sizes.all():
        return Diagnosis("dead", ratio, n_layers, layer=_last(sizes == 0))
    if ratio < VANISHING_BELOW:
        return Diagnosis("vanishing", ratio, n_layers)
    return Diagnosis("exploding" if ratio > EXPLODING_ABOVE else "healthy", ratio, n_layers)
