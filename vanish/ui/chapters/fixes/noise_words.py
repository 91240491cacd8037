"""What the view of shattered gradients in chapter ``fixes`` says."""

from collections.abc import Sequence

import numpy as np

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.ui.chapters.fixes.data import Walk
from vanish.ui.kit.numbers import number

# Correlations between neighbors: nearly the same, and next to nothing in common.
ALIKE, UNLIKE = 0.9, 0.3

# Up to so many seeds, their 10 % and 90 % quantile are the smallest and the largest.
ALL_IN_BAND = 5


def finding(walks: Sequence[Walk], normalization: str) -> str:
    """The headline: how alike neighbors are."""
    *_, plain, residual = walks
    entry = NORMALIZATIONS[normalization]
    with_norm = f"with {entry.label}" if entry.normalizes else "without normalization"
    layers = "1 layer" if plain.depth == 1 else f"{plain.depth} layers"
    return (
        f"{layers} of ReLU {with_norm}: neighboring inputs' gradients correlate "
        f"{correlation(plain.correlation)}; with residual connections, {correlation(residual.correlation)}."
    )


def introduction(normalization: str) -> str:
    """What is looked at, and what of a normalization's statistics."""
    fixed = (
        f" {NORMALIZATIONS[normalization].label.capitalize()}'s mean and standard deviation are those over the whole "
        "line, and stay as they are while one input moves."
    )
    return (
        "**Size is not everything.** Walk along a straight line through the inputs of a ReLU network with He's "
        "initialization, and look at the derivative of its output on the way. Where inputs next to each other ask for "
        "nearly the same change, a step for one helps the other; where their derivatives have nothing in common, it "
        "does not, whatever their size (Balduzzi et al. 2017). Each picture is scaled to its own size."
        f"{fixed if NORMALIZATIONS[normalization].normalizes else ''}"
    )


def heading(title: str, value: float) -> str:
    """What stands over a walk."""
    return f"**{title}**: correlation {correlation(value)}"


def against_depth(n_seeds: int, theory: bool) -> str:
    """What the picture against depth shows."""
    band = "the band holds all of them" if n_seeds <= ALL_IN_BAND else "the band holds eight in ten"
    dashed = " Dashed: what theory expects of wide networks." if theory else ""
    return f"Correlation of the gradient between neighbors on the line, the mean over {n_seeds} seeds; {band}.{dashed}"


def progress(deepest: int, share: float) -> str:
    """How far the measurement is."""
    return f"Measuring networks of up to {deepest} layers: {100 * share:.0f} %"


def reading(walks: Sequence[Walk]) -> list[str]:
    """What each walk along the inputs finds: meaning and size of the gradient."""
    return [
        f"**{walk.title[0].upper()}{walk.title[1:]}**: gradients of neighbors have correlation "
        f"{correlation(walk.correlation)}, {_meaning(walk.correlation)}; RMS of df/dt {number(walk.size)}."
        for walk in walks
    ]


def correlation(value: float) -> str:
    """A correlation, two decimals."""
    return "undefined" if np.isnan(value) else f"{value:.2f}".replace("-", "−")


def _meaning(value: float) -> str:
    if np.isnan(value):
        return "there is nothing to compare"
    if value > ALIKE:
        return "nearly alike: a step for one helps the other"
    if value < -UNLIKE:
        return "opposed: a step for one undoes the other's"
    if value < UNLIKE:
        return "hardly alike: a step for one says little of the other"
    return "partly alike"
