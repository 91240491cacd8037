"""Sentences made from numbers: every word on the page that a slider could make untrue."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.activations import ACTIVATIONS
from vanish.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW, Diagnosis, Verdict, worst
from vanish.flow import quantiles
from vanish.training import Snapshot

Array = NDArray[np.float64]

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


VERDICT_COLORS: Mapping[Verdict, Literal["orange", "green", "violet", "red"]] = {
    "vanishing": "orange",
    "healthy": "green",
    "exploding": "violet",
    "dead": "red",
    "overflow": "red",
}


def number(x: float, digits: int = 3) -> str:
    """``x`` as a reader wants it: 2.55e-9, 0.0371, 12, 1,230, 4.1e12; ``digits`` significant ones."""
    if np.isnan(x):
        return "undefined"
    if np.isinf(x):
        return "infinity" if x > 0 else "−infinity"
    if x == 0:
        return "0"
    if 1e-3 <= abs(x) < 1e6:
        rounded = float(f"{x:.{digits}g}")
        return f"{rounded:,.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:.{digits}g}"
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def verdict(diagnosis: Diagnosis) -> str:
    """A plain word or two for a card."""
    if diagnosis.n_layers == 1 and diagnosis.verdict == "healthy":
        return "one layer only"
    return {"overflow": "overflow", "dead": "dead: exactly zero"}.get(diagnosis.verdict, diagnosis.verdict)


def count(x: float) -> str:
    """A large number in words as far as they reach: 262,144, 392 million, 3.92e20."""
    if x < 1e6:
        return f"{x:,.0f}"
    for size, word in ((1e6, "million"), (1e9, "billion"), (1e12, "trillion")):
        if float(f"{x / size:.3g}") < 1e3:
            return f"{number(x / size)} {word}"
    return number(x)


def one_part_in(ratio: float) -> str | None:
    """A ratio below 1 as a share: one part in 392 million."""
    return f"one part in {count(1 / ratio)}" if 0 < ratio < 0.5 and np.isfinite(1 / ratio) else None


def finding(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The header's sentence, in Markdown: what the worst of the networks on screen does to its gradient."""
    return first_and_last({f"the {ACTIVATIONS[name].label} network": found for name, found in diagnoses.items()})


# What a gradient of exactly zero means, at a layer or at a step of a sequence.
OUT_OF_REACH = {"layer": "from these inputs it cannot learn", "step": "what came before is out of reach"}


def first_and_last(networks: Mapping[str, Diagnosis], place: Literal["layer", "step"] = "layer") -> str:
    """The same of networks by what they are called, whatever their gradient passes on its way back."""
    name = worst(networks)
    found = networks[name]
    first, last = f"{place.capitalize()} 1 of {name}", f"{place} {found.n_layers}"
    ratio = f":{VERDICT_COLORS[found.verdict]}[{number(found.ratio)}]"
    if found.verdict == "overflow":
        return f"The gradient of {name} overflows: at {place} {found.layer} it is no finite number any more."
    if found.verdict == "dead":
        where = f"{place.capitalize()} {found.layer} of {name}"
        return f"{where} gets a gradient of exactly zero: {OUT_OF_REACH[place]}."
    if found.n_layers == 1:
        return f"One {place} alone has nothing to lose. Add {place}s and watch."
    if found.verdict == "exploding":
        return f"{first} gets {ratio} times {last}'s gradient."
    if found.verdict == "vanishing":
        return f"{first} gets {ratio} of {last}'s gradient."
    healthy = "Healthy" if len(networks) == 1 else "All healthy"
    return f"{healthy}: {first[0].lower()}{first[1:]} gets {ratio} of {last}'s gradient."


def pipe_note(name: str, found: Diagnosis) -> str:
    """What stands over a row of pipes."""
    label = ACTIVATIONS[name].label
    if found.verdict in ("overflow", "dead"):
        return f"{label}: {'no finite number' if found.verdict == 'overflow' else 'exactly 0'} at layer {found.layer}"
    if found.n_layers == 1:
        return f"{label}: one layer only"
    return f"{label}: layer 1 gets {number(found.ratio)} of layer {found.n_layers}'s"


def flow_reading(diagnoses: Mapping[str, Diagnosis]) -> list[str]:
    """What the gradient chart shows, a line for each network."""
    return [f"**{ACTIVATIONS[name].label}**: {_flow_line(found)}" for name, found in diagnoses.items()]


def _flow_line(found: Diagnosis) -> str:
    if found.verdict == "overflow":
        return f"overflow: at layer {found.layer} the gradient is no finite number any more."
    if found.verdict == "dead":
        return f"dead: layer {found.layer} gets exactly zero, and no learning rate makes up for that."
    if found.n_layers == 1:
        return "a single layer; there is no first and last to compare."
    steps = found.n_layers - 1
    passed = f"each step back multiplies the gradient by {number(found.factor_per_layer)} on average"
    leave = "step leaves" if steps == 1 else "steps leave"
    share = f", {one_part_in(found.ratio)}" if one_part_in(found.ratio) else ""
    return f"{found.verdict}: {passed}; {steps} {leave} {number(found.ratio)} of it{share}."


def steps_to_match(ratio: float) -> str:
    """How many steps layer 1 needs to move as far as the last layer does in one; ``ratio`` is first / last."""
    if not ratio > 0 or not np.isfinite(1 / ratio):
        return "never" if ratio == 0 else "undefined"
    # A whole number of steps, but for what rounding leaves above one.
    return count(np.ceil(1 / ratio * (1 - 1e-12)))


def flow_alt(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The gradient chart in one line, for those who hear the page."""
    found = ", ".join(f"{ACTIVATIONS[name].label} {number(d.ratio)} ({d.verdict})" for name, d in diagnoses.items())
    return f"Gradient of every layer; first over last layer: {found}"


def decay_reading(slopes: Mapping[str, float], depth: int) -> str:
    """What the decay chart shows, at the depth that is set."""
    parts = [f"**{name}** {slope:g}{_power(depth)} = {number(slope**depth)}" for name, slope in slopes.items()]
    return (
        f"Going back through a layer multiplies the gradient by the slope of its activation. After {depth} "
        f"{'layer' if depth == 1 else 'layers'}, the depth that is set: {', '.join(parts)}. "
        f"{_decay_moral(slopes, depth)}"
    )


def _power(n: int) -> str:
    return str(n).translate(SUPERSCRIPTS)


def _decay_moral(slopes: Mapping[str, float], depth: int) -> str:
    below = [name for name, slope in slopes.items() if slope < 1]
    above = [name for name, slope in slopes.items() if slope > 1]
    morals = []
    if below:
        morals.append(f"Any slope below 1 ({', '.join(below)}) shrinks it again at every layer")
    if above:
        morals.append(f"any slope above 1 ({', '.join(above)}) makes it grow without end")
    if len(below) + len(above) < len(slopes):
        morals.append("a slope of exactly 1 keeps it")
    text = "; ".join(morals) + "."
    return text[0].upper() + text[1:]


def decay_alt(slopes: Mapping[str, float]) -> str:
    """The decay chart in one line."""
    lines = ", ".join(f"{name} multiplies by {slope:g}" for name, slope in slopes.items())
    return f"Gradient left after a number of layers: {lines} at each layer"


def typical_tanh_reading(slope: float) -> str:
    """What a slope of tanh between 0 and 1 stands for."""
    if not 0 < slope < 1:
        return f"Tanh's slope is 1 at z = 0 and smaller everywhere else: {slope:g} is not typical of it."
    z = np.arctanh(np.sqrt(1 - slope))
    return (
        f"Why {slope:g} for tanh? Its slope is 1 at z = 0 only, and falls to {slope:g} at |z| = {number(z, 2)}: "
        "units are seldom exactly at 0, so a typical slope is below 1."
    )


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


def multiplication(slopes: Mapping[str, float], depth: int) -> str:
    """The smallest slope, multiplied out."""
    slope = min(slopes.values())
    factors = " × ".join([f"{slope:g}"] * min(depth, 3)) + (" × …" if depth > 3 else "")
    return f"{factors} ({depth} {'time' if depth == 1 else 'times'}) = {number(slope**depth)}."


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
    with np.errstate(all="ignore"):
        return f"Theory expects {number(expected[0] / expected[-1])} of a wide network{narrow}."


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


def percent(share: float) -> str:
    """A share as a reader wants it: 9.6 %, 97 %."""
    if not abs(share) < 10:
        return number(share)
    return "100 %" if share == 1 else f"{100 * share:.1f} %"


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


WAITING = "Waiting for its turn: a few readers train at a time"


def duration(seconds: float) -> str:
    """About how long something takes."""
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return f"about {seconds:.0f} second{'' if round(seconds) == 1 else 's'}"
    return f"about {seconds / 60:.0f} minutes"


def too_long(seconds: float, longest: float, to_lower: str) -> str:
    """Why a run is refused, and what to do."""
    return (
        f"This would take {duration(seconds)}, and other readers share this server: the page computes for "
        f"{longest:.0f} seconds at most. {to_lower}"
    )


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
