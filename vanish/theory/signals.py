"""What mean-field theory follows through a network: signals on the way there, gradients on the way back."""

from dataclasses import dataclass

import numpy as np

from vanish.numerics.arrays import Array


@dataclass(frozen=True)
class SignalStream:
    """The signal ``h`` between two layers, per group of examples ``(n,)``.

    ``mean`` and ``std`` are over units; ``batch_std`` is each unit's over the batch (root of the
    mean of squares), which only batch norm needs.
    """

    mean: Array
    std: Array
    batch_std: Array

    @property
    def rms(self) -> Array:
        """Root mean square over units."""
        return np.hypot(self.mean, self.std)


@dataclass(frozen=True)
class LayerSignals:
    """What the forward recursion leaves for the backward one.

    ``weight_std``: of one weight; ``around``: what the layer's block adds to, ``inputs``: ``x``, ``branch``: ``a``,
    ``total``: ``s`` and ``outputs``: ``h'``; ``std``: of the pre-activations z; ``divisor``: what the normalisation
    divides these by (1 without), ``outer_divisor``: what it divides x or h' by where it stands there;
    ``activated_std``: of u; ``activated``: u, ``value``: a and ``slope``: its derivative at the quadrature's
    nodes ``(n, nodes)`` with ``weights``.
    """

    weight_std: float
    around: SignalStream
    inputs: SignalStream
    branch: SignalStream
    total: SignalStream
    outputs: SignalStream
    std: Array
    divisor: Array
    outer_divisor: Array
    activated_std: Array
    activated: Array
    value: Array
    slope: Array
    weights: Array


@dataclass(frozen=True)
class GradientStream:
    """The gradient of a signal between two layers, per group of examples ``(n,)``, as a sum of four.

    ``constant`` is the same for all units and examples: mainly what comes straight from the outputs along
    residual connections.  ``along`` is proportional to the signal itself (here the RMS, with its sign): where
    outputs are not linear, a weight and the slope it leads to depend on each other.  The rest is normal:
    ``shared`` by all examples but not by units, or each one's ``own``.
    """

    constant: Array
    along: Array
    shared: Array
    own: Array

    def rms(self, stream: SignalStream) -> Array:
        """Its root mean square, given the signal."""
        size = nonzero(stream.rms)
        center = np.hypot(self.constant + self.along * stream.mean / size, self.along * stream.std / size)
        return np.hypot(center, np.hypot(self.shared, self.own))

    def beside(self, other: "GradientStream") -> "GradientStream":
        """The sum of two that are independent but for what they have along the signal."""
        return GradientStream(
            self.constant + other.constant,
            self.along + other.along,
            np.hypot(self.shared, other.shared),
            np.hypot(self.own, other.own),
        )


def nonzero(size: Array) -> Array:
    """``size``, fit to divide by."""
    return np.where(size != 0, size, 1.0)
