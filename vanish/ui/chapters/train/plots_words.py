"""What the four plots inside a run say; ``layers`` is ``plots_data.layers_frame``, a row a layer."""

import numpy as np
import pandas as pd

from vanish.network.distributions import MOST_MOMENTS, MOST_NUMBERS
from vanish.ui.kit.numbers import number, percent
from vanish.ui.kit.verdicts import numbered

# Steps of a thousandth of the weights.
RULE = -3.0

# What each kind of numbers is called.
NAMES = {
    "activations": "the layers' outputs",
    "gradients": "dL/dz",
    "weight_gradients": "dL/dW",
    "weights": "the weights",
}


def introduction(name: str, step: int, kept: int, depth: int) -> str:
    """What is shown, of which network and when, and what is left out."""
    layers = f" Of {depth} layers, {kept} are shown, evenly spaced." if kept < depth else ""
    return (
        f"**{name}** at step {step:,}, on the batch of the next update. The moment above chooses the step, the nearest "
        f"of up to {MOST_MOMENTS} that are kept. Each column is a layer, its color stronger where more of its numbers "
        f"lie.{layers} Where a layer has more than {MOST_NUMBERS} numbers, a random sample of {MOST_NUMBERS} is "
        "counted. Exact zeros and non-finite numbers are counted apart and not drawn; what lies beyond an axis is in "
        "its last bin."
    )


def activations(layers: pd.DataFrame) -> str:
    """How the outputs of the layers are spread, and where most units are saturated."""
    said = _spread(layers, "activations")
    if (layers["activations_non_finite"] > 0).any():
        # What has no slope is neither saturated nor not.
        return said
    most = layers.iloc[int(layers["saturated"].to_numpy().argmax())]
    if most["saturated"] == 0:
        return f"{said} No unit is saturated on any training example."
    return (
        f"{said} Most saturated: layer {most['layer']:.0f}, {percent(most['saturated'])} of its (example, unit) pairs, "
        "over all training examples."
    )


def gradients(layers: pd.DataFrame) -> str:
    """How dL/dz is spread."""
    return _spread(layers, "gradients")


def weight_gradients(layers: pd.DataFrame) -> str:
    """How dL/dW is spread, and the weights beside it."""
    return _spread(layers, "weight_gradients")


def weights(layers: pd.DataFrame) -> str:
    """How the weights are spread."""
    return _spread(layers, "weights")


def updates(layers: pd.DataFrame) -> str:
    """How large the update is beside the weights, and how to take the line of the rule of thumb."""
    ratios = layers["update_to_data"].to_numpy()
    moving = layers[np.isfinite(ratios)]
    still = layers["layer"][np.isneginf(ratios)].tolist()
    undefined = layers["layer"][np.isnan(ratios) | np.isposinf(ratios)].tolist()
    parts = []
    if len(moving):
        least, most = (moving.loc[getattr(moving["update_to_data"], end)()] for end in ("idxmin", "idxmax"))
        parts.append(
            f"The next update is 10 to the power of {_power(least)}"
            if len(moving) == 1
            else f"The next update is from 10 to the power of {_power(least)} to 10 to the power of {_power(most)}"
        )
        parts[-1] += " of the weights, by standard deviation."
    if still:
        parts.append(f"No weight moves in {numbered(still)}: there is no point for them.")
    if undefined:
        parts.append(
            f"No ratio exists in {numbered(undefined)}: no update, non-finite numbers, or weights all the same."
        )
    return " ".join(parts)


def rule() -> str:
    """What the line at -3 is."""
    return (
        "The dashed line at −3, an update of a thousandth of the weights, is a rule of thumb (Karpathy 2022) for a run "
        "that is under way with steps like Adam's: far below it a layer learns slowly, far above, it may be unstable. "
        "It is no verdict: where little is left to learn, steps may be small, too."
    )


def _power(row: pd.Series) -> str:
    return f"{_signed(row['update_to_data'])} (layer {row['layer']:.0f})"


def _signed(x: float) -> str:
    return f"{x:.2f}".replace("-", "−")


def _spread(layers: pd.DataFrame, kind: str) -> str:
    name, (first, last) = NAMES[kind], (layers.iloc[0], layers.iloc[-1])
    std, zeros, broken = (layers[f"{kind}_{what}"] for what in ("std", "zeros", "non_finite"))
    parts = []
    if (zeros == 1).all():
        return f"All numbers of {name} that were counted are exactly 0."
    sizes = f"{number(first[f'{kind}_std'])} in layer {first['layer']:.0f}"
    if len(layers) > 1:
        sizes += f", {number(last[f'{kind}_std'])} in layer {last['layer']:.0f}"
    parts.append(f"Standard deviation of {name}: {sizes}{_times(std)}.")
    for what, shares in (("exactly 0", zeros), ("NaN or infinite", broken)):
        most = int(shares.to_numpy().argmax())
        if shares.iloc[most] > 0:
            layer = layers["layer"].iloc[most]
            parts.append(f"At most {percent(shares.iloc[most])} of a layer's are {what} (layer {layer}).")
    return " ".join(parts)


def _times(std: "pd.Series[float]") -> str:
    first, last = float(std.iloc[0]), float(std.iloc[-1])
    if len(std) == 1 or not (np.isfinite([first, last]).all() and last > 0):
        return ""
    with np.errstate(over="ignore"):
        ratio = np.float64(first) / last
    return f" (first / last {number(ratio)})" if np.isfinite(ratio) else ""
