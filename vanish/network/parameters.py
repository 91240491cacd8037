"""A network's numbers as plain data: one record a layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vanish.numerics.arrays import Array


@dataclass(frozen=True)
class LayerParameters:
    """One layer's numbers.

    ``weights``: ``(..., fan_out, fan_in)``; ``biases``: ``(..., fan_out)``; ``gain`` and ``shift``: ``(..., fan_out)``
    where the layer normalises (``(..., fan_in)`` where it does so before the weights), else ``None``; ``gate``:
    ``(...)`` where it closes a residual block, else ``None``; ``leak``: ``(...)`` where the activation's shape is
    learned (PReLU's slope for negative inputs), else ``None``.
    """

    weights: Array
    biases: Array
    gain: Array | None = None
    shift: Array | None = None
    gate: Array | None = None
    leak: Array | None = None

    @property
    def arrays(self) -> list[Array]:
        """The arrays that are there, in the order of the fields."""
        every = (self.weights, self.biases, self.gain, self.shift, self.gate, self.leak)
        return [array for array in every if array is not None]

    def map(self, function: Callable[[Array], Array]) -> "LayerParameters":
        """The same record with ``function`` applied to every array that is there."""
        # Not ``replace``, which takes several times as long as a small array's arithmetic.
        mapped: list[Any] = [None if array is None else function(array) for array in vars(self).values()]
        return LayerParameters(*mapped)


@dataclass(frozen=True)
class Parameters:
    """A network's numbers: ``layers``, first layer first, and the same by kind, one entry a layer.

    Gates are learned only where the spec's residual kind says so (ReZero, Fixup).
    """

    layers: list[LayerParameters]

    @property
    def weights(self) -> list[Array]:
        """``(..., fan_out, fan_in)`` a layer."""
        return [layer.weights for layer in self.layers]

    @property
    def biases(self) -> list[Array]:
        """``(..., fan_out)`` a layer."""
        return [layer.biases for layer in self.layers]

    @property
    def gains(self) -> list[Array | None]:
        """As in ``LayerParameters``."""
        return [layer.gain for layer in self.layers]

    @property
    def shifts(self) -> list[Array | None]:
        """As in ``LayerParameters``."""
        return [layer.shift for layer in self.layers]

    @property
    def gates(self) -> list[Array | None]:
        """``(...)`` a layer that closes a residual block, else ``None``."""
        return [layer.gate for layer in self.layers]

    @property
    def leaks(self) -> list[Array | None]:
        """``(...)`` a layer whose activation's shape is learned, else ``None``."""
        return [layer.leak for layer in self.layers]

    def map(self, function: Callable[[Array], Array]) -> "Parameters":
        """The same network with ``function`` applied to every array."""
        return Parameters([layer.map(function) for layer in self.layers])
