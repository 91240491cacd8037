"""Better or worse: what a remedy does to first / last, over a lossless network's, so that at 1 nothing was lost."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from vanish.ui.kit.numbers import SUPERSCRIPTS, count, number

Effect = Literal["better", "worse", "same", "across"]

# A smaller factor is called little.
LITTLE = 1.5

NOTICED = float(np.log10(LITTLE))

EFFECT_COLORS: Mapping[Effect, Literal["green", "red", "gray", "violet"]] = {
    "better": "green",
    "worse": "red",
    "same": "gray",
    "across": "violet",
}


def usable(ratio: float) -> bool:
    """Whether a gradient has arrived, and as a number."""
    return 0 < ratio < np.inf


def _decades(ratio: float) -> float:
    """How far a ratio is from 1, in powers of ten: infinitely far where nothing arrives, or no number."""
    return float(abs(np.log10(ratio))) if usable(ratio) else float("inf")


def gain(before: float, after: float) -> float:
    """By how many powers of ten a ratio has come nearer to 1; below 0 where it has gone further away."""
    was, now = _decades(before), _decades(after)
    return 0.0 if was == now else was - now


def crosses(before: float, after: float) -> bool:
    """Whether a ratio goes from one side of 1 to the other, and both are further off than ``LITTLE``."""
    ratios = (before, after)
    return all(usable(one) and _decades(one) >= NOTICED for one in ratios) and (before < 1) != (after < 1)


def effect(before: float, after: float) -> Effect:
    """Better or worse by 1.5-fold at least; less than that is the same, unless it is as far off on 1's other side."""
    won = gain(before, after)
    if abs(won) >= NOTICED:
        return "better" if won > 0 else "worse"
    return "across" if crosses(before, after) else "same"


def effect_words(before: float, after: float) -> str:
    """What stands under a card's ratio."""
    won, start = gain(before, after), f"from {number(before)}"
    kind = effect(before, after)
    if kind == "across":
        return f"{start}: past 1, about as far off"
    if kind == "same":
        if before != after and not (usable(before) or usable(after)):
            return f"{start}: no usable gradient, before or after"
        return f"{start}: makes {'little' if won else 'no'} difference"
    if np.isinf(won):
        return f"{start}: {'worse, ' if won < 0 else ''}{lost_or_found(before, won)}"
    past = "past 1, " if crosses(before, after) else ""
    return f"{start}: {past}{times(abs(won))} {kind}"


def lost_or_found(before: float, won: float) -> str:
    """What an infinite gain or loss is, where no factor says it."""
    if won < 0:
        return "no usable gradient is left"
    return "no longer exactly zero" if before == 0 else "a usable gradient now"


def times(decades: float) -> str:
    """A factor in words: 3.2 times, 15,800 times."""
    if decades > 300:
        return f"10{str(round(decades)).translate(SUPERSCRIPTS)} times"
    factor = 10.0**decades
    return f"{number(factor, 2) if factor < 100 else count(float(f'{factor:.3g}'))} times"
