"""What chapter ``map`` says."""

from collections.abc import Sequence

import numpy as np

from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.ui.kit.numbers import number


def legend(label: str, n_seeds: int) -> str:
    """What the map's colours mean."""
    return (
        f"**{label}**: colour is the first layer's gradient over the last one's, the median of {n_seeds} "
        f"{'network' if n_seeds == 1 else 'networks'}. Orange vanishes, violet explodes, grey is dead or "
        "overflows. The ring is the network on screen; click a cell to go there."
    )


def progress(n_networks: int, share: float) -> str:
    """How far the measurement is."""
    return f"Measuring {n_networks} networks: {share:.0%}"


def formula(reach: float) -> str:
    """What theory's lines are; ``reach`` is in depth scales."""
    return (
        "Mean-field theory (Poole et al. 2016, Schoenholz et al. 2017): each layer multiplies the squared gradient by "
        "χ, computed at the fixed point q* of the pre-activations' variance. The solid line is where χ = 1, the dashed "
        f"one how deep a network can be before the ratio leaves {VANISHING_BELOW:g} to "
        f"{EXPLODING_ABOVE:g}: {reach:.1f} depth scales ξ."
    )


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
