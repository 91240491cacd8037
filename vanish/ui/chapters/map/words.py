"""What chapter ``map`` says."""

from collections.abc import Sequence

import numpy as np

from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.ui.kit.numbers import number


def cell(against: str, place: float, weight_scale: float, ratio: float, state: str) -> str:
    """A cell of the map, for those who hear the page."""
    return f"{against} {place:g}, weight scale {weight_scale:g}: first / last {number(ratio)}, {state}"


def map_reading(scales: Sequence[float], ratios: Sequence[float], where: str, border: float) -> list[str]:
    """One row of the map in words: which of the rising weight scales are healthy, and where theory has the border."""
    healthy = [s for s, r in zip(scales, ratios, strict=True) if VANISHING_BELOW <= r <= EXPLODING_ABOVE]
    if healthy:
        lines = [
            f"At {where}, the ratio stays between {VANISHING_BELOW:g} and {EXPLODING_ABOVE:g} for "
            + (
                f"weight scales from {healthy[0]:.2f} to {healthy[-1]:.2f}."
                if len(healthy) > 1
                else f"a weight scale of {healthy[0]:.2f} only."
            )
        ]
    else:
        lines = [f"At {where}, no weight scale on the map keeps the ratio healthy."]
    if np.isfinite(border):
        lines.append(f"Theory has the border at a weight scale of {number(border)}: below it gradients shrink.")
    else:
        lines.append("Theory has no border here: no weight scale keeps the gradient's size from layer to layer.")
    return lines
