"""What chapter ``updates`` says."""

import numpy as np

from vanish.measure.diagnosis import Diagnosis
from vanish.measure.magnitudes import Magnitude
from vanish.ui.kit.numbers import count, number


def introduction(learning_rate: float) -> str:
    """What a step is, and what is compared."""
    return (
        f"A step moves a weight by learning rate × gradient, here {learning_rate:g} × gradient. "
        "First as if sigmoid always had its largest slope and ReLU were always on, then on the present network."
    )


def formula(magnitude: Magnitude) -> str:
    """What the formula shows, in which size."""
    return f"Gradient descent with learning rate η. The measured gradient is {magnitude.label}: {magnitude.explanation}"


def steps_to_match(ratio: float) -> str:
    """How many steps layer 1 needs to move as far as the last layer does in one; ``ratio`` is first / last."""
    if not ratio > 0 or not np.isfinite(1 / ratio):
        return "never" if ratio == 0 else "undefined"
    # A whole number of steps, but for what rounding leaves above one.
    return count(np.ceil(1 / ratio * (1 - 1e-12)))


def updates_reading(name: str, first: float, last: float, diagnosis: Diagnosis) -> str:
    """How far layer 1 moves in a step, and how many it needs to keep up with the last layer."""
    n = diagnosis.n_layers
    if n == 1:
        return f"**{name}**: one layer, which moves by {number(last)} in a step."
    moved = f"**{name}**: in one step layer {n} moves by {number(last)}, layer 1 by {number(first)}"
    steps = steps_to_match(diagnosis.ratio)
    if steps == "undefined":
        return f"{moved}."
    if steps == "never":
        return f"{moved}: it never catches up."
    if diagnosis.ratio >= 1:
        return f"{moved}: no less than the last one."
    return f"{moved}: it needs **{steps} steps** to move as far."
