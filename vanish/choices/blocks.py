"""One table of residual blocks: what a branch is made of, and which layers of a network make one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a weight layer stands.

    ``first`` and ``last`` of the network.  ``inside``: it belongs to a residual block; ``opens``: its input is what
    the block adds to; ``closes``: its output ends the branch and is what is added (a block of one layer does both).
    ``linear``: no activation follows.
    """

    fan_out: int
    fan_in: int
    first: bool
    last: bool
    inside: bool = False
    opens: bool = False
    closes: bool = False
    linear: bool = False


@dataclass(frozen=True)
class Block:
    """An entry of the table: ``matrices`` weight layers are one branch, with the activation between and after them.

    ``linear_end``: none after the last.  ``hidden_only``: the output layer is in no block even where it is square.
    ``length(depth, blocks)``: the number of layers by which a residual kind that knows the depth goes.
    """

    name: str
    label: str
    latex: str
    explanation: str
    matrices: int
    length: Callable[[int, int], int]
    linear_end: bool = False
    hidden_only: bool = False

    def blocks(self, layer_shapes: Sequence[tuple[int, int]]) -> list[list[int]]:
        """The layers of each block, counted from 0, from ``(fan_out, fan_in)`` of every layer.

        Neighbors with as many outputs as inputs join in the order in which they come; those that are left over before
        a layer of another size or at the end, too few for a block, are in none.
        """
        candidates = layer_shapes[:-1] if self.hidden_only else layer_shapes
        blocks: list[list[int]] = []
        run: list[int] = []
        for layer, (fan_out, fan_in) in enumerate(candidates):
            run = [*run, layer] if fan_out == fan_in else []
            if len(run) == self.matrices:
                blocks.append(run)
                run = []
        return blocks


BLOCKS: dict[str, Block] = {
    entry.name: entry
    for entry in (
        Block(
            "one",
            "one matrix",
            r"h' = h + g\,\phi(W h + b)",
            "Each layer with as many outputs as inputs adds φ(W h + b). Where φ is never negative, as with ReLU, "
            "every branch whose gate is open adds to the sum's mean, and the sum grows with depth.",
            matrices=1,
            length=lambda depth, blocks: depth,
        ),
        Block(
            "two",
            "two matrices, linear end",
            r"h' = h + g\,(W_2\,\phi(W_1 h + b_1) + b_2)",
            "Hidden layers pair up, and each pair adds W₂ φ(W₁ h + b₁) + b₂, which random weights make as often "
            "negative as positive. A hidden layer that is left over, the last one, replaces what it gets.",
            matrices=2,
            length=lambda depth, blocks: 2 * blocks,
            linear_end=True,
            hidden_only=True,
        ),
    )
}
