"""A network's numbers as plain data."""

from dataclasses import dataclass

from vanish.numerics.arrays import Array


@dataclass(frozen=True)
class Parameters:
    """A network's numbers, one entry a layer.

    ``weights``: ``(..., fan_out, fan_in)``; ``biases``: ``(..., fan_out)``; ``gains`` and ``shifts``:
    ``(..., fan_out)`` where the layer is normalised, else ``None``; ``gates``: ``(...)`` where it has a
    residual connection, else ``None``.  Only ReZero learns its gates.
    """

    weights: list[Array]
    biases: list[Array]
    gains: list[Array | None]
    shifts: list[Array | None]
    gates: list[Array | None]
