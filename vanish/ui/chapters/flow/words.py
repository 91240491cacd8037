"""What chapter ``flow`` says."""

from collections.abc import Mapping, Sequence
from math import log2

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import Normalization
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.choices.residuals import Residual
from vanish.measure.diagnosis import Diagnosis
from vanish.measure.magnitudes import MAGNITUDES, Magnitude, size_of
from vanish.measure.precision import PrecisionReport
from vanish.network.idle import SATURATED_BELOW
from vanish.network.loss_scale import LossScale
from vanish.numerics.arrays import Array, first_over_last, quantiles
from vanish.theory.corrections import SMALLEST_BATCH
from vanish.theory.correlation import CorrelationFixedPoint
from vanish.theory.luck import Luck
from vanish.ui.kit.numbers import SUPERSCRIPTS, count, joined, number, percent
from vanish.ui.kit.verdicts import numbered


def formula(magnitude: Magnitude, normalization: Normalization, residual: Residual) -> str:
    """What the formula shows, in which size, and what the present networks add to it."""
    added = [
        *(["normalization"] if normalization.normalizes else []),
        *(["residual connections"] if residual.skips else []),
    ]
    change = "changes" if added == ["normalization"] else "change"
    left_out = f" It leaves out what {joined(added)} {change} on the way." if added else ""
    outputs = "1 or −1, with its own sign for each example" if normalization.over_batch else "1"
    return (
        f"The gradient at the output is {outputs}. Every layer on the way back multiplies it by its weights and by the "
        f"slope of its activation.{left_out} Shown is {magnitude.label}. {magnitude.explanation}"
    )


def table_alt(magnitude: Magnitude) -> str:
    """The table in one line, for those who hear the page."""
    return f"{magnitude.label} of every layer and activation"


def beyond_scale(layers: Sequence[int]) -> str:
    """Which layers a pipe cannot show, after what stands over it."""
    return f" ({numbered(layers)} beyond the scale)" if layers else ""


def _value(magnitude: Magnitude, value: float) -> str:
    return percent(value) if magnitude.is_share else number(value)


def ends(magnitude: Magnitude, values: Array) -> str:
    """What of a magnitude that is no size the first and the last layer have, and the one that has most."""
    if len(values) == 1:
        return f"{_value(magnitude, values[0])} in the only layer"
    first, last = (_value(magnitude, values[end]) for end in (0, -1))
    there = np.flatnonzero(~np.isnan(values))
    largest = int(there[np.argmax(values[there])]) if len(there) else 0
    beyond = values[largest] > max(values[0], values[-1])
    most = f"; the most, {_value(magnitude, values[largest])}, in layer {largest + 1}" if beyond else ""
    return f"{first} in layer 1, {last} in layer {len(values)}{most}"


def chart_alt(magnitude: Magnitude, labels: Sequence[str]) -> str:
    """What the chart holds, for those who hear the page.

    Not what it shows: the browser would build the chart anew whenever this changes, and the list below says it.
    """
    what = "Gradient" if magnitude.is_size else magnitude.label
    return f"{what} of every layer: {', '.join(labels)}. The list below says what it shows."


def shown(magnitude: Magnitude, ends: str) -> str:
    """What the chart shows of one network, in a magnitude that is no size."""
    return f"Shown, {magnitude.label}: {ends}."


def expected(magnitude: Magnitude, values: Array) -> str:
    """What theory expects of a magnitude that is no size."""
    if np.isnan(values).all():
        return f"For {magnitude.label} there is no theory here with these settings, and no line is drawn."
    return f"Theory expects {ends(magnitude, values)}, an average over random wide networks."


def pipes_scale(depth: int, magnitude: Magnitude, band: bool) -> str:
    """How to read the pipes; ``band``: whether the chart above them has a green band."""
    drawn = "" if magnitude.is_size else f" The pipes are of {MAGNITUDES[size_of(magnitude.name)].label}."
    return (
        f"Pipes, always on the same scale of powers of ten: layer {depth}'s is full, and one that carries "
        f"{number(NUMBER_FORMATS['float32'].smallest_subnormal)} of that, float32's smallest number, would be closed. "
        f"Green: where layer 1 is healthy{', in the chart above for every network shown' if band else ''}.{drawn}"
    )


# Below this, fan_in times a weight's variance is clearly less than the 2 that ReLU needs.
CLEARLY_TOO_SMALL = 1.5

# Up to this slope for negative inputs, a ReLU passes on about half of the square: (1 + slope ** 2) / 2.
ABOUT_HALF = 0.3


def surprise(relu: str, relu_ratio: float, tanh_ratio: float, strength: float) -> str:
    """Why a ReLU network can vanish faster than a tanh one; ``strength`` is fan_in times a weight's variance."""
    said = (
        f"Did you expect {ACTIVATIONS[relu].label} to win? It vanishes faster than tanh here "
        f"({number(relu_ratio)} against {number(tanh_ratio)})"
    )
    if not strength < CLEARLY_TOO_SMALL:
        return f"{said}."
    return (
        f"{said}: its weights are too small for it. Width times the variance of a weight is {number(strength)} in the "
        "hidden layers; Xavier sets 1, He 2, because ReLU passes on only about half of the squared gradient."
    )


SAME_NUMBERS = (
    "Is it the activation or the initialization? Try the same random numbers, scaled in another way, "
    "and change nothing else."
)


def same_as_torch(weight_scale: float) -> str:
    """Why the reader should care about the kata's initialization."""
    here = "" if weight_scale == 1 else f" Here they are multiplied by {weight_scale:g}."
    return (
        "A range of ±√(2 / (fan-in + fan-out)) has a third of Xavier's variance. On square layers it is the range "
        f"from which `torch.nn.Linear` draws its weights when nobody chooses.{here}"
    )


def cure(activation: str, before: Diagnosis, after: Diagnosis, units: str, promised: bool) -> str:
    """How far another scaling of the same random numbers changes first / last.

    ``promised``: ReLU and nothing else that changes the gradient, as He et al. 2015 have it.
    """
    name = ACTIVATIONS[activation].label
    said = (
        f"{name}: the same random numbers, scaled by He instead of the original program's way: first / last layer "
        f"goes from {number(before.ratio)} to {number(after.ratio)}"
    )
    times = after.ratio / before.ratio if before.ratio > 0 and np.isfinite(before.ratio) else np.nan
    if times > 0 and np.isfinite(times):
        said += f", {number(times)} times as much"
    if after.yardstick != 1 and np.isfinite(after.ratio):
        said += f". Nothing lost would be {number(after.yardstick)}; over that it is now {number(after.left)}"
    promise = (
        f" He promises that the mean square of dL/dz keeps its size from layer to layer, on average over many wide "
        f"networks; this is one, {units} wide."
        if promised
        else ""
    )
    return f"{said}.{promise}"


def scatter(ratios: Array, units: str, lossless: float) -> str:
    """How networks of one shape scatter under He's initialization; ``ratios``: first / last layer by seed."""
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    if not kept.size:
        return f"First / last layer of {len(ratios)} random networks {units} wide: not one is above 0 and finite."
    lost = len(ratios) - kept.size
    besides = f" {lost} more {'has' if lost == 1 else 'have'} none: zero, NaN or infinity." if lost else ""
    return (
        f"First / last layer over {len(ratios)} random networks {units} wide. With He's scaling "
        f"{_between(kept)}.{besides} Nothing lost would be {number(lossless)} in this shape. "
        "The wider the networks, the closer they lie together."
    )


# Fewer ratios than this have no tenth below and above; their ends are said.
ENOUGH_FOR_TENTHS = 10


def _between(kept: Array) -> str:
    """Between what the ratios lie."""
    if kept.size == 1:
        return f"the one ratio is {number(kept[0])}"
    if kept.size < ENOUGH_FOR_TENTHS:
        return f"the {kept.size} ratios lie between {number(kept.min())} and {number(kept.max())}"
    low, middle, high = quantiles(kept)
    return (
        f"about eight in ten of {kept.size} ratios lie between {number(low)} and {number(high)}, "
        f"and the median is {number(middle)}"
    )


# Between the smaller and the larger end: from here on one seed is luck.
WIDE_SPREAD = 100.0


def spread(ratios: Array) -> str:
    """How first / last layer scatters over seeds."""
    n = len(ratios)
    lost = int((ratios == 0).sum() + np.isnan(ratios).sum())
    endless = int(np.isinf(ratios).sum())
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    parts = []
    if kept.size:
        parts.append(_between(kept))
        low, high = (kept.min(), kept.max()) if kept.size < ENOUGH_FOR_TENTHS else quantiles(kept)[[0, 2]]
        if high > WIDE_SPREAD * low:
            parts.append("so wide a spread that one seed alone says little")
    if lost:
        parts.append(f"{lost} {'is' if lost == 1 else 'are'} zero or undefined")
    if endless:
        parts.append(f"{endless} overflow{'s' if endless == 1 else ''}")
    return f"Over {n} seed{'' if n == 1 else 's'}: {'; '.join(parts)}."


def against_theory(expected: Array, over_batch: bool) -> str:
    """What theory expects of the first / last ratio of a wide network; ``over_batch``: under batch norm."""
    if np.isnan(expected).all():
        return (
            "The theory that is built in gives no answer for this magnitude with these settings, and no line is drawn."
        )
    if len(expected) == 1:
        return f"Theory expects a gradient of {number(expected[0])}."
    limit = (
        "its limit is a width far above the batch size and inputs in many directions"
        if over_batch
        else "single networks, and narrow ones most, lie above it or below"
    )
    return f"Theory expects {number(float(first_over_last(expected)))}, an average over random wide networks: {limit}."


def luck(law: Luck, logarithm: float) -> str:
    """What all random weights give, and where this network stands; ``logarithm``: of its squared ratio of lengths."""
    low, high = (number(float(np.exp(law.quantile(share) / 2))) for share in (0.1, 0.9))
    dead = f"{percent(law.born_dead)} of all such networks are born dead" if law.born_dead > 1e-6 else ""
    spread = (
        f"Exact luck: of the networks with these sizes that are not born dead, eight in ten have in layer 1 a gradient "
        f"of {low} to {high} times the last layer's length"
    )
    if not np.isfinite(logarithm):
        return f"{spread}. This one is born dead, as {percent(law.born_dead)} are."
    share = percent(float(law.share_below(logarithm)))
    return f"{spread}; this one's is longer than in {share} of them{f', and {dead}' if dead else ''}."


def rescaled_inputs(rms: float, idle: Mapping[str, float]) -> str:
    """What inputs of another size than standardized ones do to the first layer; ``idle``: shares by label."""
    first = ", ".join(f"{label} {percent(share)}" for label, share in idle.items())
    return (
        f"The inputs have a root mean square of {number(rms)}; standardized ones have 1. Share of the units in layer 1 "
        f"that pass next to nothing back: {first}."
    )


def theory_of(followed: int, networks: int) -> str:
    """Of how many networks theory is drawn, where there is no time for all."""
    return (
        f"Theory is drawn for {followed} of {networks} networks: it is computed layer by layer and example by example, "
        "and the rest would take too long."
    )


def batch_norm(batch_size: int) -> list[str]:
    """What batch norm needs."""
    if 1 < batch_size < SMALLEST_BATCH:
        return [f"Batch norm over {batch_size} examples is rough; theory speaks of large batches."]
    return []


def pinned(changes: Mapping[str, str]) -> str:
    """Which network is pinned; ``changes``: values in words by the label of their control."""
    if not changes:
        return "Pinned: the original program's network."
    return f"Pinned: {', '.join(f'{label} {value}' for label, value in changes.items())}."


def pinned_too_large(over: float) -> str:
    """Why the pinned network is not drawn: ``over`` is how many times the limit it takes."""
    return (
        f"The pinned network is not drawn: with as few examples as can be it takes {over:.1f} times what the page has "
        "for one beside others. A narrower or shallower one would be."
    )


def idle_units(batch_size: int) -> str:
    """What counts as idle."""
    off = (
        "its slope is exactly 0 for the one example: it is **off** there (dotted), and whether it is dead, only a "
        "batch can tell"
        if batch_size == 1
        else f"its slope is exactly 0 for all {batch_size} examples: for these it is **dead** (dotted)"
    )
    return (
        f"A unit counts as **idle** (solid) for an example if its slope there is below {percent(SATURATED_BELOW)} of "
        f"the activation's largest: a sigmoid or tanh that is saturated, a ReLU that is off. Or {off}."
    )


def idle(frame: pd.DataFrame, batch_size: int) -> list[str]:
    """Where most units pass nothing on; ``frame`` has ``activation, layer, saturated, dead``."""
    lines = []
    for label, table in frame.groupby("activation", sort=False):
        worst = table.iloc[table["saturated"].argmax()]
        if worst["saturated"] == 0:
            lines.append(f"**{label}**: no unit is idle in any layer.")
            continue
        words = f"**{label}**: layer {worst['layer']:.0f} has the most idle units, {percent(worst['saturated'])}"
        deadest = table.iloc[table["dead"].argmax()]
        if deadest["dead"] > 0:
            kind = "off" if batch_size == 1 else "dead"
            words += f"; layer {deadest['layer']:.0f} has the most that are {kind}, {percent(deadest['dead'])}"
        lines.append(f"{words}.")
    return lines


# From this cosine on two inputs are called alike.
ALIKE = 0.98

# Below this, a cosine is 0 but for rounding.
ROUNDING = 1e-9


def forward(n_inputs: int, left_out: int | None, over_batch: bool, followed: bool) -> str:
    """What the forward picture shows; ``left_out``: the most layers theory follows, where these are more.

    ``over_batch``: under batch norm; ``followed``: whether theory follows two inputs through such networks.
    """
    pair = "at a right angle to each other" if n_inputs > 1 else "one number and its opposite"
    besides = (
        f" Theory's cosine is left out: it takes too long for more than {left_out} layers, over all networks."
        if left_out
        else ""
    )
    if over_batch:
        besides = (
            " Under batch norm no two inputs are compared: what becomes of one depends on all others of its batch."
        )
    elif not followed:
        besides = (
            " Theory's cosine is of plain networks: there is none with normalization, residual connections, LSUV or "
            "weights whose mean is not 0."
        )
    return (
        "Two questions about the signal on its way forward. How large is it: the standard deviation of every layer's "
        "outputs, over units and examples? And how alike do two unrelated inputs become: the cosine between their "
        f"outputs, where 1 is the same direction? The two inputs are {pair} and as large as the batch's. Dashed: "
        f"theory of wide networks; a layer of one unit has neither.{besides}"
    )


def spread_of(table: pd.DataFrame) -> str:
    """How the spread changes from the first layer to the last of more than one unit; ``layer, std, std_theory``."""
    kept = table[np.isfinite(table["std"]) & ((table["std"] > 0) | table["std_theory"].notna())]
    if len(kept) < len(table) - 1 or not len(kept):
        lost = table[~np.isfinite(table["std"])]
        if len(lost):
            return f"outputs are too large for float64 from layer {lost['layer'].iloc[0]} on"
    if len(kept) < 2:
        return "there are not two layers whose spreads could be compared"
    first, last = kept.iloc[0], kept.iloc[-1]
    expected = f" (theory {number(last['std_theory'])})" if np.isfinite(last["std_theory"]) else ""
    return (
        f"the spread of the outputs goes from {number(first['std'])} in layer {first['layer']:.0f} to "
        f"{number(last['std'])} in layer {last['layer']:.0f}{expected}"
    )


def alike(table: pd.DataFrame) -> str:
    """What is left of the difference between two inputs; ``layer, cosine, cosine_theory``."""
    known = table[table["cosine"].notna()]
    if not len(known):
        return "two inputs cannot be compared in any layer"
    reached = known[known["cosine"] >= ALIKE]
    row = reached.iloc[0] if len(reached) else known.iloc[-1]
    expected = f" (theory {_cosine(row['cosine_theory'])})" if np.isfinite(row["cosine_theory"]) else ""
    said = f"after layer {row['layer']:.0f} the cosine of two unrelated inputs is {_cosine(row['cosine'])}{expected}"
    if not len(reached):
        return f"{said}; in no layer does it reach {number(ALIKE)}"
    own = float(np.sqrt(1 - min(1.0, row["cosine"]) ** 2))
    return f"{said}: only {percent(own)} of either output's length is not common to both"


def leads_to(end: CorrelationFixedPoint) -> str:
    """Where theory has two inputs end up deep in a wide network, and how fast."""
    if np.isnan(end.correlation):
        if np.isfinite(end.correlation_slope):
            return "Deep in a wide network, layers act as linear ones: they keep the angle between two inputs."
        return "Deep in a wide network there is no signal left to compare."
    pace = (
        "at last slower than by any fixed factor a layer (ξ_c is infinite)"
        if np.isinf(end.correlation_depth_scale)
        else f"and the distance from it shrinks e-fold every ξ_c = {number(end.correlation_depth_scale)} layers"
    )
    size = (
        f"; that of the size from its last value every ξ_q = {number(end.variance_depth_scale)} layers"
        if 0 < end.variance < np.inf and end.variance_slope < 1 and np.isfinite(end.variance_depth_scale)
        else ""
    )
    return (
        "Deep in a wide network the correlation of two inputs, taken before the activation, goes to "
        f"c\\* = {_cosine(end.correlation)}, {pace}{size}."
    )


def _cosine(value: float) -> str:
    """A cosine without what rounding leaves of 0."""
    return number(0.0 if abs(value) < ROUNDING else value)


# What to look for in the histograms of each kind of numbers.
LOOK_FOR: Mapping[str, str] = {
    "pre_activations": "Does what goes into the activation drift to where slopes are small, or shrink to nothing "
    "(Glorot & Bengio 2010)?",
    "activations": "Do the outputs gather at the ends of the activation, or shrink to nothing?",
    "gradients": "Does dL/dz shrink or grow on its way back, from right to left?",
    "weight_gradients": "Is dL/dW, which every step of learning is made of, of one size in all layers?",
    "weights": "These are the weights as they were drawn: a layer's own sizes decide how large they are.",
}


def histograms(kind: str, depth: int, most: int, narrow: bool) -> str:
    """How to read the histograms; ``narrow``: some layers' values are too small for an axis of all layers."""
    some = f" Shown are {most} of the {depth} layers, evenly spaced." if depth > most else ""
    one_axis = (
        " Some layers' values are so small that on one axis they are a cell or two at 0: each layer's own shows them."
        if narrow
        else ""
    )
    return (
        f"{LOOK_FOR[kind]} Each column is a layer, its color stronger where more of its values lie; the outermost "
        "cells also hold what lies beyond them. Exact zeros and what is not finite are in no cell, but counted below."
        f"{some}{one_axis}"
    )


def spread_over(table: pd.DataFrame) -> str:
    """The histograms of one network: sizes of the first and the last layer's values, and what is in no cell; ``table``
    has ``layer, rms, zeros, non_finite``."""
    layers, rms = table["layer"].tolist(), table["rms"].tolist()
    size = f"root mean square {number(rms[0])} in layer {layers[0]}"
    if len(layers) > 1:
        size += f", {number(rms[-1])} in layer {layers[-1]}"
    parts = [
        _at_most(layers, table[column].to_numpy(), what)
        for column, what in (("zeros", "exact zeros"), ("non_finite", "NaN or infinite values"))
    ]
    return "; ".join([size, *parts])


def _at_most(layers: Sequence[int], shares: Array, what: str) -> str:
    if not shares.any():
        return f"no {what}"
    most = int(np.argmax(shares))
    if len(layers) == 1:
        return f"{what}: {percent(shares[0])}"
    if (shares == shares[most]).all():
        return f"{what}: {percent(shares[most])} in every layer"
    return f"{what}: {percent(shares[most])} in layer {layers[most]}, in no layer more"


def spectrum(name: str, values: Array) -> str:
    """How evenly the directions are kept; ``values`` are singular values, largest first."""
    label = ACTIVATIONS[name].label
    if np.isnan(values).any():
        return f"**{label}**: the product of the layers is NaN or infinity."
    if values[0] == 0:
        return f"**{label}**: every direction is lost, the product of the layers is exactly 0."
    kept = int((values >= values[0] / 10).sum())
    near = f"{kept} of {len(values)} {'is' if kept == 1 else 'are'} within a factor of 10 of the best"
    return (
        f"**{label}**: the best kept direction is multiplied by {number(values[0])}, the middle one by "
        f"{number(values[len(values) // 2])}; {near}."
    )


def formats(magnitude: Magnitude) -> str:
    """What the table of number formats shows."""
    return (
        f"For each layer's {magnitude.label}, one number a layer: the first layer that the gradient meets on its way "
        "back where a format stores that number with fewer digits, as 0 (half the smallest number above 0 and less), "
        "or not at all because it is too large. Layer 1 is the input's side; a dash means that it never happens."
    )


TOO_WIDE_FOR_SPECTRA = (
    "The first and the last hidden layer are so wide that this would take too long: make one of them "
    "narrower, or show fewer networks."
)


def too_many_weights(most: int) -> str:
    """Why a look is refused, and what to do."""
    return (
        f"Together these networks have more than {count(most)} weights and outputs of units, and going through all of "
        "them takes too long here: take fewer networks, less width, less depth or a smaller batch."
    )


def stored(label: str, report: PrecisionReport, largest_scale: float | None) -> str:
    """What is left of a network whose every number is stored in a format."""
    kind = NUMBER_FORMATS[report.number_format].label
    forward = (
        f"on the way forward, layer {report.forward_overflow} is the first with an output that is too large"
        if report.forward_overflow
        else "on the way forward, all outputs fit"
    )
    half = "at least half of the weights' gradients"
    back = [
        f"in {numbered(layers)} {said}"
        for layers, said in (
            (report.non_finite, "weights get gradients that are NaN or infinite"),
            (_without(report.overflow, report.non_finite), "some gradients are too large"),
            (report.zero, f"{half} become 0"),
            (_without(report.losing_digits, report.zero), f"{half} lose digits or become 0"),
        )
        if layers
    ]
    return (
        f"**{label}** as {kind}: {forward}; on the way back, {'; '.join(back) or 'all gradients fit'}. "
        f"{_largest_scale(largest_scale)}"
    )


def _without(layers: Sequence[int], others: Sequence[int]) -> tuple[int, ...]:
    return tuple(layer for layer in layers if layer not in others)


def _largest_scale(scale: float | None) -> str:
    if scale is None:
        return "No loss scale makes everything fit."
    exponent = str(round(log2(scale))).translate(SUPERSCRIPTS)
    return f"The largest loss scale with which everything fits is 2{exponent}."


def dynamic_scale(first: LossScale) -> str:
    """What mixed-precision training does."""
    exponent = str(round(log2(first.scale))).translate(SUPERSCRIPTS)
    return (
        f"Mixed-precision training looks for the scale by itself: it starts at 2{exponent}, halves it (and leaves the "
        f"step out) whenever a gradient is NaN or infinite, and doubles it after {first.growth_interval:,} good steps "
        "in a row (Micikevicius et al. 2018)."
    )
