"""One table of places at which a layer may be normalized."""

from collections.abc import Callable
from dataclasses import dataclass

from vanish.choices.blocks import Position


@dataclass(frozen=True)
class NormPlace:
    """An entry of the table: what is normalized, and ``normalizes(position)``, on which layers.

    With neither ``before_weights`` nor ``after_sum`` it is the pre-activations, before the activation.
    """

    name: str
    label: str
    latex: str
    explanation: str
    normalizes: Callable[[Position], bool]
    before_weights: bool = False
    after_sum: bool = False

    @property
    def before_activation(self) -> bool:
        """Whether pre-activations are normalized."""
        return not (self.before_weights or self.after_sum)

    def units(self, position: Position) -> int:
        """How many numbers an example's vector has that is normalised there; 0 on a layer that is not normalized."""
        if not self.normalizes(position):
            return 0
        return position.fan_in if self.before_weights else position.fan_out


NORM_PLACES: dict[str, NormPlace] = {
    entry.name: entry
    for entry in (
        NormPlace(
            "activation",
            "before the activation",
            r"a = \phi(\mathrm{norm}(W h + b))",
            "The pre-activations of every layer but the last, where an activation follows (Ioffe & Szegedy 2015).",
            normalizes=lambda layer: not (layer.last or layer.linear),
        ),
        NormPlace(
            "pre",
            "before weights (pre-norm)",
            r"h' = h + F(\mathrm{norm}(h))",
            "What goes into a block's branch, and what goes into every other layer but the first. What is added to is "
            "never normalized: the way around stays free (Xiong et al. 2020).",
            normalizes=lambda layer: layer.opens or not (layer.inside or layer.first),
            before_weights=True,
        ),
        NormPlace(
            "post",
            "after the sum (post-norm)",
            r"h' = \mathrm{norm}(h + F(h))",
            "What leaves a block, and what leaves every other layer but the last. The way around goes through every "
            "norm as well (Xiong et al. 2020).",
            normalizes=lambda layer: (layer.closes or not layer.inside) and not layer.last,
            after_sum=True,
        ),
    )
}
