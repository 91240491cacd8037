"""What chapter ``train`` says."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.network.training import Snapshot
from vanish.ui.kit.numbers import number, percent

# A network has learned something when it is this far above guessing.
LEARNED = 0.05


def training(name: str, run: Sequence[Snapshot], guessing: float, score_label: str) -> str:
    """What became of a network: how well it does, and how far its first and its last layer have moved."""
    label, last = ACTIVATIONS[name].label, run[-1]
    if last.divergence:
        at = last.divergence
        return (
            f"**{label}** diverged at step {at.step:,}: the first number that is none is in the {at.what} of layer "
            f"{at.layer}. What it was before is kept."
        )
    score = last.test_accuracy
    verdict = "has learned" if score > guessing + LEARNED else "has learned next to nothing"
    words = (
        f"**{label}** {verdict}: test {score_label} {percent(score)} after {last.step:,} steps, "
        f"where guessing gives {percent(guessing)}."
    )
    with np.errstate(all="ignore"):
        moved = last.distance / run[0].weight_norm
    if len(moved) > 1:
        words += (
            f" Layer 1 has moved by {number(moved[0])} of its length at the start, "
            f"layer {len(moved)} by {number(moved[-1])}."
        )
    return words


def deeper(frame: pd.DataFrame) -> list[str]:
    """Does depth help?  ``frame`` has ``name, depth, value`` (test accuracy)."""
    lines = []
    for name, table in frame.dropna().groupby("name", sort=False):
        ordered = table.sort_values("depth")
        best = ordered.iloc[ordered["value"].to_numpy().argmax()]
        deepest = ordered.iloc[-1]
        lines.append(
            f"**{name}**: best at depth {best['depth']:.0f} with {percent(best['value'])}; "
            f"depth {deepest['depth']:.0f} reaches {percent(deepest['value'])}."
        )
    return lines
