"""One table of residual connections: what a block's branch is multiplied by before it is added, and how it starts."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

from vanish.numerics.checks import check_integer, refusal

LARGEST_LENGTH, MOST_MATRICES = 1000, 100


@dataclass(frozen=True)
class Residual:
    """An entry of the table: ``h' = h + gate * a``, a block's branch ``a`` added to what the block got.

    ``initial_gate`` and ``weight_scales`` check what they are given; the entry's functions do not.
    ``gate(length)`` is the gate that a network of that many layers starts with (``Block.length``);
    ``learned``: training changes it.  ``skips`` is False where there is no way around a layer: ``h' = a``.
    Initial weights within a branch are multiplied by ``inner_scale(blocks, matrices)``, those of its last matrix
    by ``end_scale``.
    """

    name: str
    label: str
    latex: str
    explanation: str
    gate: Callable[[int], float]
    learned: bool = False
    skips: bool = True
    inner_scale: Callable[[int, int], float] = lambda blocks, matrices: 1.0
    end_scale: float = 1.0

    def initial_gate(self, length: int) -> float:
        """What a branch is multiplied by at first.

        Parameters
        ----------
        length : int, 1 to 1000
            Layers of the network, as ``Block.length`` counts them.

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received.
        """
        return self.gate(check_integer("length", length, 1, LARGEST_LENGTH))

    def weight_scales(self, blocks: int, matrices: int) -> tuple[float, ...]:
        """What the initial weights of each matrix of a branch are multiplied by, the first matrix first.

        Parameters
        ----------
        blocks : int, 1 to 1000
            Residual blocks of the network.
        matrices : int, 1 to 100
            Weight matrices of one branch.

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received; where there is no branch to scale.
        """
        if not self.skips:
            raise refusal("residual", "a kind with branches", self.name)
        blocks = check_integer("blocks", blocks, 1, LARGEST_LENGTH)
        matrices = check_integer("matrices", matrices, 1, MOST_MATRICES)
        inner = self.inner_scale(blocks, matrices) if matrices > 1 else 1.0
        return (inner,) * (matrices - 1) + (self.end_scale,)

    @property
    def depends_on_depth(self) -> bool:
        """Whether a branch knows how deep the network is."""
        return self.gate(1) != self.gate(2) or self.inner_scale(1, 2) != self.inner_scale(2, 2)

    @property
    def starts_closed(self) -> bool:
        """Whether every branch adds 0 at first, so that gradients within it are 0 as well, but at its end."""
        return self.gate(1) * self.end_scale == 0


def _fixup_scale(blocks: int, matrices: int) -> float:
    """``L^(-1 / (2 m - 2))`` for L blocks of m matrices each (Zhang, Dauphin & Ma 2019, rule 2)."""
    return float(blocks ** (-1 / (2 * matrices - 2)))


RESIDUALS: dict[str, Residual] = {
    entry.name: entry
    for entry in (
        Residual(
            "none",
            "none",
            r"h' = a",
            "Every layer replaces what it gets: the gradient has to pass every one of them.",
            gate=lambda length: 1.0,
            skips=False,
        ),
        Residual(
            "identity",
            "identity",
            r"h' = h + a",
            "h + a: each block adds to what it gets, and the gradient has a path past it (He et al. 2016).",
            gate=lambda length: 1.0,
        ),
        Residual(
            "scaled",
            "scaled",
            r"h' = h + a / \sqrt{L}",
            "h + a / √L: the same, with L the number of layers (of those in blocks, where these have two). Branches "
            "that are as often negative as positive then multiply the sum's variance by a bounded factor, whatever the "
            "depth (Hayou et al. 2021); branches that are never negative make the sum grow with depth still.",
            gate=lambda length: 1 / sqrt(length),
        ),
        Residual(
            "half",
            "half",
            r"h' = h + a / 2",
            "h + a / 2: each block adds half of what it makes, at whatever depth.",
            gate=lambda length: 0.5,
        ),
        Residual(
            "rezero",
            "ReZero / SkipInit",
            r"h' = h + g\,a,\quad g = 0 \text{ at first}",
            "h + gate · a, the gate learned and 0 at first: every block starts as the identity (ReZero: "
            "Bachlechner et al. 2021; SkipInit: De & Smith 2020).",
            gate=lambda length: 0.0,
            learned=True,
        ),
        Residual(
            "fixup",
            "Fixup",
            r"h' = h + g\,a,\quad W_m = 0,\ W_{k<m} \leftarrow L^{-1/(2m-2)}\, W_k",
            "h + gate · a, the gate learned and 1 at first. Each branch's last matrix starts at 0, the others are "
            "scaled down, the more the more blocks there are (Zhang, Dauphin & Ma 2019). A branch of one matrix has no "
            "others: all of it starts at 0, which ReLU units never leave.",
            gate=lambda length: 1.0,
            learned=True,
            inner_scale=_fixup_scale,
            end_scale=0.0,
        ),
    )
}
