"""What chapter ``train`` says."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.choices.losses import LOSSES
from vanish.network.training import Snapshot
from vanish.ui.kit.numbers import number, percent

# A network has learned something when it is this far above guessing.
LEARNED = 0.05

# An update of a thousandth of the weights is the rule of thumb for a healthy learning rate.
HEALTHY_UPDATE = 1e-3


def introduction(dataset: str, batch_size: int, most_racers: int | None) -> str:
    """What there is to learn; ``most_racers`` is how many race where others are left out."""
    left_out = f" The first {most_racers} of the activations race." if most_racers else ""
    explanation = DATASETS[dataset].explanation
    return f"{explanation} The networks of the sidebar learn from batches of {batch_size}.{left_out}"


def formula(loss: str) -> str:
    """What is trained for."""
    return f"{LOSSES[loss].explanation} The last layer is linear: every output is possible."


def status(step: int, steps: int, losses: Mapping[str, float]) -> str:
    """How far a race is."""
    so_far = ", ".join(f"{ACTIVATIONS[name].label} {number(loss)}" for name, loss in losses.items())
    return f"Step {step:,} of {steps:,}; loss: {so_far}"


def at_the_moment(step: int) -> str:
    """Over the layers of the networks that have raced."""
    return f"**What each layer received, and did with it**, at step {step:,}. Move the moment to replay the run."


def healthy_update() -> str:
    """The label of the rule at a healthy update."""
    return f"healthy: about {number(HEALTHY_UPDATE)}"


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


def contest(n_depths: int, steps: int) -> str:
    """Which networks are trained at all depths."""
    return (
        "Sigmoid networks with the present settings, against ReLU with He's initialisation, with and without a way "
        f"around each layer: {n_depths} depths, {steps:,} steps each."
    )


def trained(n: int, total: int) -> str:
    """How far the training at all depths is."""
    return f"{n} of {total} networks trained"


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
