"""One table of normalisations, and the one pair of passes that serves all of them.

``unit = (z - mean) / std`` and ``u = gain * unit + shift``, with mean and std taken along
``axis``: over the batch for batch norm (Ioffe & Szegedy 2015), over the units for layer norm (Ba et al.
2016) and, with the mean left at 0, for RMS norm (Zhang & Sennrich 2019).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_array

# Added to the variance, as PyTorch's layers do by default.
EPSILON = 1e-5

# Pre-activations are ``(..., batch, units)``.
BATCH_AXIS, UNIT_AXIS = -2, -1
PRE_ACTIVATIONS = ("...", "batch", "units")


@dataclass(frozen=True)
class Normalization:
    """An entry of the table; ``axis`` is ``None`` where nothing is normalised.

    A call and ``gradient`` check what they are given; ``forward`` and ``backward``, which passes use, do not.
    """

    name: str
    label: str
    latex: str
    explanation: str
    axis: int | None = None
    centered: bool = True

    @property
    def normalizes(self) -> bool:
        """Whether it does anything."""
        return self.axis is not None

    @property
    def over_batch(self) -> bool:
        """Whether its statistics are those of a batch, so that an example's output depends on the others."""
        return self.axis == BATCH_AXIS

    def __call__(self, z: ArrayLike) -> tuple[Array, Array]:
        """``unit`` and ``std``, as ``forward`` has them, of pre-activations ``(..., batch, units)``.

        Raises
        ------
        ValueError
            Naming the argument, what it may be and the value received.
        """
        with np.errstate(**QUIET):
            return self.forward(check_array("z", z, PRE_ACTIVATIONS))

    def gradient(self, at_unit: ArrayLike, z: ArrayLike) -> Array:
        """``dL/dz`` at pre-activations ``z``, ``(..., batch, units)``, from ``dL/d(unit)``, ``at_unit`` of their shape.

        Raises
        ------
        ValueError
            Naming the argument, what it may be and the value received.
        """
        rows = check_array("z", z, PRE_ACTIVATIONS)
        given = check_array("at_unit", at_unit, rows.shape)
        with np.errstate(**QUIET):
            return self.backward(given, *self.forward(rows))

    def forward(self, z: Array) -> tuple[Array, Array]:
        """``unit``, of ``z``'s shape ``(..., batch, units)``, and ``std``, with ``axis`` kept as 1.

        An entry that normalises nothing has ``unit = z``, which leaves gain and shift.
        """
        if self.axis is None:
            return z, np.ones(1)
        distance = z - z.mean(axis=self.axis, keepdims=True) if self.centered else z
        std = np.sqrt(np.square(distance).mean(axis=self.axis, keepdims=True) + EPSILON)
        return distance / std, std

    def backward(self, gradient: Array, unit: Array, std: Array) -> Array:
        """``dL/dz`` from ``dL/d(unit)``, mean and std differentiated through."""
        if self.axis is None:
            return gradient
        inner = gradient - unit * (gradient * unit).mean(axis=self.axis, keepdims=True)
        if self.centered:
            inner -= gradient.mean(axis=self.axis, keepdims=True)
        inner /= std
        return inner


NORMALIZATIONS: dict[str, Normalization] = {
    entry.name: entry
    for entry in (
        Normalization("none", "none", r"u = z", "Pre-activations go into the activation as they are."),
        Normalization(
            "batch",
            "batch norm",
            r"u = \frac{z - \mathrm{mean}_{batch}}{\mathrm{std}_{batch}}",
            "Each unit gets mean 0 and variance 1 over the batch: fewer saturated units, but at the start every layer "
            "makes the gradient grow, whatever the activation (Yang et al. 2019).",
            axis=BATCH_AXIS,
        ),
        Normalization(
            "layer",
            "layer norm",
            r"u = \frac{z - \mathrm{mean}_{units}}{\mathrm{std}_{units}}",
            "Each example gets mean 0 and variance 1 over the units: the weights' scale no longer matters.",
            axis=UNIT_AXIS,
        ),
        Normalization(
            "rms",
            "RMS norm",
            r"u = \frac{z}{\sqrt{\mathrm{mean}_{units}(z^2)}}",
            "Layer norm without the mean: each example's pre-activations get mean square 1.",
            axis=UNIT_AXIS,
            centered=False,
        ),
    )
}
