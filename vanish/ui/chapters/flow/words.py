"""What chapter ``flow`` says."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.magnitudes import Magnitude
from vanish.network.idle import SATURATED_BELOW
from vanish.numerics.arrays import Array, first_over_last, quantiles
from vanish.ui.kit.numbers import number


def formula(magnitude: Magnitude) -> str:
    """What the formula shows, in which size."""
    return (
        "The gradient at the output is 1. Every layer on the way back multiplies it by its weights and by the slope "
        f"of its activation. Shown is {magnitude.label}: {magnitude.explanation}"
    )


def table_alt(magnitude: Magnitude) -> str:
    """The table in one line, for those who hear the page."""
    return f"{magnitude.label} of every layer and activation"


def surprise(relu: str, relu_ratio: float, tanh_ratio: float, strength: float) -> str:
    """Why a ReLU network can vanish faster than a tanh one; ``strength`` is fan_in times a weight's variance."""
    return (
        f"Did you expect {ACTIVATIONS[relu].label} to win? It vanishes faster than tanh here "
        f"({number(relu_ratio)} against {number(tanh_ratio)}), and the activation is not to blame. "
        f"Width times the variance of a weight is {number(strength)} in the hidden layers; Xavier sets 1, He 2, "
        "because ReLU passes on only about half of the squared gradient."
    )


SAME_NUMBERS = (
    "Is it the activation or the initialisation? Try the same random numbers, scaled in another way, "
    "and change nothing else."
)


def same_as_torch() -> str:
    """Why the reader should care about the kata's initialisation."""
    return (
        "A range of ±√(2 / (fan_in + fan_out)) has a third of Xavier's variance. On square layers it is exactly "
        "what `torch.nn.Linear` starts from when nobody chooses."
    )


def cure(activation: str, before: float, after: float, width: int, weight_scale: float) -> str:
    """How far another scaling of the same random numbers changes first / last."""
    name = ACTIVATIONS[activation].label
    changed = f"first / last layer goes from {number(before)} to {number(after)}"
    if not (before > 0 and np.isfinite(before) and after > 0 and np.isfinite(after)):
        return f"{name}: the same random numbers, scaled by He instead of the kata: {changed}."
    scatter = (
        f" He promises 1 for wide networks on average; this is one network, {width} wide: "
        "try other seeds, or more width."
        if weight_scale == 1
        else f" He promises 1 for wide networks at a weight scale of 1; here it is {weight_scale:g}."
    )
    return (
        f"{name}: the same random numbers, scaled by He instead of the kata: {changed}, "
        f"{number(after / before)} times as much.{scatter}"
    )


def scatter(n_seeds: int, width: int, low: float, high: float) -> str:
    """How wide a net of this width scatters under He's initialisation."""
    return (
        f"First / last layer over {n_seeds} random networks {width} wide. With He's scaling, eight in ten of them lie "
        f"between {number(low)} and {number(high)}. The wider the network, the closer they come together."
    )


# Between the 10 % and the 90 % quantile of the ratio: from here on one seed is luck.
WIDE_SPREAD = 100.0


def spread(ratios: Array, n_asked: int) -> str:
    """How first / last layer scatters over seeds."""
    n = len(ratios)
    lost = int((ratios == 0).sum() + np.isnan(ratios).sum())
    endless = int(np.isinf(ratios).sum())
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    parts = []
    if kept.size:
        low, middle, high = quantiles(kept)
        which = "eight in ten ratios" if kept.size == n else f"of the {kept.size} ratios that are numbers, eight in ten"
        parts.append(f"{which} lie between {number(low)} and {number(high)}, the median is {number(middle)}")
        if high > WIDE_SPREAD * low:
            parts.append("so wide a spread that one seed alone says little")
    if lost:
        parts.append(f"{lost} {'is' if lost == 1 else 'are'} zero or undefined")
    if endless:
        parts.append(f"{endless} overflow{'s' if endless == 1 else ''}")
    fewer = f" (of {n_asked}: networks of this size take their time)" if n < n_asked else ""
    return f"Over {n} seeds{fewer}: {'; '.join(parts)}."


# Below this width single networks scatter widely around theory, most of them below it.
NARROW = 64


def against_theory(expected: Array, width: int) -> str:
    """What theory expects of the first / last ratio of a wide network."""
    narrow = "; it is an average, and most narrow networks lie below it" if width < NARROW else ""
    if np.isnan(expected).all():
        return "Mean-field theory has no answer for these settings, and no line is drawn."
    if len(expected) == 1:
        return f"Theory expects a gradient of {number(expected[0])}."
    return f"Theory expects {number(float(first_over_last(expected)))} of a wide network{narrow}."


# Below this many examples the statistics of a batch are too rough for theory.
SMALL_BATCH = 16


def batch_norm(batch_size: int) -> list[str]:
    """What batch norm needs."""
    if batch_size == 1:
        return ["Batch norm over a single example always gives 0, and passes no gradient on: raise the batch size."]
    if batch_size < SMALL_BATCH:
        return [f"Batch norm over {batch_size} examples is rough; theory speaks of large batches."]
    return []


def pinned(changes: Mapping[str, object]) -> str:
    """Which network is pinned."""
    if not changes:
        return "Pinned: the kata's network."
    listed = ", ".join(
        f"{key} {' '.join(value) if isinstance(value, tuple) else value}" for key, value in changes.items()
    )
    return f"Pinned: {listed}."


def idle_units() -> str:
    """What counts as idle."""
    return (
        f"A unit is **saturated** (solid) for an example if its slope there is below {SATURATED_BELOW:.0%} of the "
        "activation's largest, and **dead** (dotted) if its slope is exactly 0 for every example of the batch."
    )


def idle(frame: pd.DataFrame) -> list[str]:
    """Where most units pass nothing on; ``frame`` has ``activation, layer, saturated, dead``."""
    lines = []
    for label, table in frame.groupby("activation", sort=False):
        worst = table.iloc[table["saturated"].argmax()]
        if worst["saturated"] == 0:
            lines.append(f"**{label}**: no unit is saturated in any layer.")
            continue
        words = f"**{label}**: layer {worst['layer']:.0f} has the most saturated units, {worst['saturated']:.0%}"
        deadest = table.iloc[table["dead"].argmax()]
        if deadest["dead"] > 0:
            words += f"; layer {deadest['layer']:.0f} has the most dead ones, {deadest['dead']:.0%}"
        lines.append(f"{words}.")
    return lines


def histogram(frame: pd.DataFrame) -> str:
    """How wide the values of the first and the last layer lie; ``frame`` has ``layer, low, high``."""
    if not len(frame):
        return "no layer has a value that could be drawn."
    ends = frame.groupby("layer").agg({"low": "min", "high": "max"})
    spans = [f"layer {n} from {number(row['low'], 2)} to {number(row['high'], 2)}" for n, row in ends.iterrows()]
    return f"{spans[0]}, {spans[-1]}." if len(spans) > 1 else f"{spans[0]}."


def spectrum(name: str, values: Array) -> str:
    """How evenly the directions are kept; ``values`` are singular values, largest first."""
    label = ACTIVATIONS[name].label
    if np.isnan(values).any():
        return f"**{label}**: the product of the layers is no finite number."
    if values[0] == 0:
        return f"**{label}**: every direction is lost, the product of the layers is exactly 0."
    kept = int((values >= values[0] / 10).sum())
    return (
        f"**{label}**: the best kept direction is multiplied by {number(values[0])}, the middle one by "
        f"{number(values[len(values) // 2])}; {kept} of {len(values)} are within a factor of 10 of the best."
    )
