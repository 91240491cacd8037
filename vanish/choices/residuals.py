"""One table of residual connections: what a layer's own output is multiplied by before it is added to its input."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Residual:
    """An entry of the table: ``h' = h + gate * a`` on every layer with as many outputs as inputs.

    ``gate(depth)`` is the gate that a network of that many layers starts with; ``learned``: training changes it.
    ``skips`` is False where there is no way around a layer: ``h' = a``.
    """

    name: str
    label: str
    latex: str
    explanation: str
    gate: Callable[[int], float]
    learned: bool = False
    skips: bool = True

    @property
    def depends_on_depth(self) -> bool:
        """Whether a layer's gate knows how deep the network is."""
        return self.gate(1) != self.gate(2)

    @property
    def starts_closed(self) -> bool:
        """Whether every gate is 0 at first, so that a layer's own gradient is 0 as well."""
        return self.gate(1) == 0


RESIDUALS: dict[str, Residual] = {
    entry.name: entry
    for entry in (
        Residual(
            "none",
            "none",
            r"h' = a",
            "Every layer replaces what it gets: the gradient has to pass every one of them.",
            gate=lambda depth: 1.0,
            skips=False,
        ),
        Residual(
            "identity",
            "identity",
            r"h' = h + a",
            "h + a: each layer adds to what it gets, and the gradient has a way around it (He et al. 2016).",
            gate=lambda depth: 1.0,
        ),
        Residual(
            "scaled",
            "scaled",
            r"h' = h + a / \sqrt{depth}",
            "h + a / √depth: the same, with the sum kept from growing with depth.",
            gate=lambda depth: 1 / sqrt(depth),
        ),
        Residual(
            "half",
            "half",
            r"h' = h + a / 2",
            "h + a / 2: each layer adds half of what it makes, at whatever depth.",
            gate=lambda depth: 0.5,
        ),
        Residual(
            "rezero",
            "ReZero",
            r"h' = h + g\,a,\quad g = 0 \text{ at first}",
            "h + gate · a, the gate learned and 0 at first: every block starts as the identity (Bachlechner "
            "et al. 2021).",
            gate=lambda depth: 0.0,
            learned=True,
        ),
    )
}
