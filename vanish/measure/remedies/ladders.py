"""What remedies buy one after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from vanish.measure.magnitudes import SIZES
from vanish.measure.remedies.ratios import decades, from_decades, measured_ratios
from vanish.measure.remedies.table import NETWORK_REMEDIES, REMEDIES
from vanish.measure.remedies.treatment import check_variants, comparison_inputs, comparison_output_gradient, treated
from vanish.measure.yardstick import lossless_ratio
from vanish.network.passes import batch_rows
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET
from vanish.numerics.checks import check_choice, check_choices, refusal
from vanish.numerics.lcg import check_seeds


@dataclass(frozen=True)
class Rung:
    """A step of the ladder.

    ``remedy`` and ``variant`` are ``None`` on the first rung, the untreated network.  ``decades``: log10 of the
    median ratio over seeds; ``step``: what this remedy has added to it (nan where either is not finite);
    ``lost``: the share of seeds whose gradient is dead or overflows.  ``yardstick``: first / last of a network of
    this shape that loses nothing, the same on every rung.
    """

    remedy: str | None
    variant: str | None
    spec: NetworkSpec
    decades: float
    step: float
    lost: float
    yardstick: float = 1.0

    @property
    def ratio(self) -> float:
        """First / last layer."""
        return from_decades(self.decades)

    @property
    def left(self) -> float:
        """First / last layer, over what a network that loses nothing has."""
        return self.ratio / self.yardstick


def ladder(
    spec: NetworkSpec,
    order: Sequence[str] = NETWORK_REMEDIES,
    variants: Mapping[str, str] | None = None,
    seeds: Sequence[int] = (42,),
    inputs: ArrayLike | None = None,
    magnitude: str = "mean_abs",
) -> list[Rung]:
    """Apply remedies one after another, and measure the ratio of first to last layer on every rung.

    Parameters
    ----------
    spec : NetworkSpec; where the ladder starts (``untreated`` makes it the kata's sigmoid network)
    order : names from ``NETWORK_REMEDIES``, none twice
    variants : as in ``treated``
    seeds : sequence of int, each 0 to 2**64 - 1
    inputs : ``(batch, n_inputs)``, the same on all rungs; ``None`` takes as many as ``smallest_batch`` of them asks
    magnitude : a name from ``SIZES``

    Returns
    -------
    list of Rung, one more than there are remedies.  The steps add up to the whole, and the last network does not
    depend on the order: an initialiser that was matched to one activation is matched again when that changes.

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    order, variants = check_choices("order", order, NETWORK_REMEDIES, fewest=0), check_variants(variants)
    if len(set(order)) < len(order):
        raise refusal("order", "names of remedies, none twice", order)
    seeds = check_seeds("seeds", seeds)
    check_choice("magnitude", magnitude, SIZES)
    specs = [treated(spec, order[:count], variants) for count in range(len(order) + 1)]
    rows = batch_rows(spec, comparison_inputs(*specs) if inputs is None else inputs)
    output_gradient = comparison_output_gradient(*specs, batch_size=len(rows))
    ratios = [measured_ratios(one, seeds, rows, magnitude, output_gradient) for one in specs]
    heights = [decades(of_seeds) for of_seeds in ratios]
    with np.errstate(**QUIET):
        steps = [0.0, *(float(np.subtract(after, before)) for before, after in pairwise(heights))]
    rungs, yardstick = [], lossless_ratio(spec, magnitude)
    for name, one, of_seeds, height, step in zip([None, *order], specs, ratios, heights, steps, strict=True):
        variant = variants.get(name, REMEDIES[name].default) if name else None
        lost = float(np.mean(~(np.isfinite(of_seeds) & (of_seeds > 0))))
        rungs.append(Rung(name, variant, one, height, step if np.isfinite(step) else np.nan, lost, yardstick))
    return rungs
