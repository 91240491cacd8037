"""Words about a verdict: the finding, a card, a line of reading."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.diagnosis import EXPLODING_ABOVE, FORMATS, VANISHING_BELOW, Diagnosis, Verdict, worst
from vanish.measure.magnitudes import MAGNITUDES, Magnitude
from vanish.ui.kit.causes import Cause
from vanish.ui.kit.numbers import joined, number, one_part_in, share_of

Color = Literal["orange", "green", "violet", "red", "gray"]
Place = Literal["layer", "step"]

VERDICT_COLORS: Mapping[Verdict, Color] = {
    "vanishing": "orange",
    "healthy": "green",
    "exploding": "violet",
    "dead": "red",
    "overflow": "red",
    "missing": "red",
    "jump": "orange",
    "blocked": "orange",
    "too small": "orange",
    "too large": "violet",
}

NO_CAUSES: Mapping[str, Cause] = {}

# What a gradient of exactly zero means, at a layer or at a step of a sequence.
OUT_OF_REACH = {
    "layer": "for these inputs, with these random numbers",
    "step": "what came before is out of reach",
}


def verdict(diagnosis: Diagnosis, cause: Cause | None = None) -> str:
    """A plain word or two for a card."""
    if cause:
        return cause.tag
    if diagnosis.n_layers == 1 and diagnosis.verdict == "healthy":
        return "one layer only"
    return {"dead": "dead: exactly zero", "missing": "no gradient"}.get(diagnosis.verdict, diagnosis.verdict)


def healthy(place: Place = "layer", yardstick: bool = True) -> str:
    """What "healthy" means; ``yardstick``: whether first / last is taken over a lossless network's."""
    over = ", over a lossless network's," if yardstick else ""
    return (
        f"“Healthy” means: first / last{over} is between {VANISHING_BELOW:g} and {EXPLODING_ABOVE:g}, no {place} is "
        f"cut off, none jumps, and {FORMATS[0]} holds them all. It does not say whether a network learns."
    )


def finding(diagnoses: Mapping[str, Diagnosis], causes: Mapping[str, Cause] = NO_CAUSES) -> str:
    """The header's sentence, in Markdown: what the worst of the networks on screen does to its gradient."""

    def called(name: str) -> str:
        return f"the {ACTIVATIONS[name].label} network"

    return first_and_last(
        {called(name): diagnosis for name, diagnosis in diagnoses.items()},
        causes={called(name): cause for name, cause in causes.items()},
    )


def first_and_last(
    networks: Mapping[str, Diagnosis], place: Place = "layer", causes: Mapping[str, Cause] = NO_CAUSES
) -> str:
    """The finding on networks by what they are called; ``place`` is what their gradient passes on its way back."""
    name = worst(networks)
    if name in causes:
        return causes[name].of(name)
    diagnosis = networks[name]
    colored = f":{VERDICT_COLORS[diagnosis.verdict]}[{{}}]".format
    if diagnosis.verdict == "healthy" and diagnosis.n_layers == 1:
        return f"One {place} alone has nothing to lose. Add {place}s and watch."
    said = evidence(diagnosis, name, place, colored)
    if diagnosis.verdict == "healthy":
        return f"{'Healthy' if len(networks) == 1 else 'All healthy'}: {said[0].lower()}{said[1:]}"
    return said


def evidence(diagnosis: Diagnosis, name: str, place: Place = "layer", colored: Callable[[str], str] = str) -> str:
    """What was measured that makes the verdict, as a sentence; ``colored`` marks the figure that matters."""
    where = numbered(diagnosis.layers, place)
    gets = "gets" if len(diagnosis.layers) == 1 else "get"
    is_are = "is" if len(diagnosis.layers) == 1 else "are"
    match diagnosis.verdict:
        case "missing":
            return f"No gradient reaches {where} of {name}."
        case "overflow":
            return f"The gradient of {name} overflows: at {place} {diagnosis.layer} it is NaN or infinity."
        case "dead":
            return f"{_upper(where)} of {name} {gets} a gradient of exactly zero: {OUT_OF_REACH[place]}."
        case "jump":
            return _jump(diagnosis, name, place, colored)
        case "blocked":
            assert diagnosis.gap is not None
            return (
                f"Inside {name}, {where} {gets} less than a hundredth of what either end gets: "
                f"{place} {diagnosis.gap.layer} {colored(number(diagnosis.gap.depth))} of it."
            )
        case "too small" | "too large":
            entry = NUMBER_FORMATS[FORMATS[0]]
            limit = (
                f"below {entry.label}'s smallest normal number, {number(entry.smallest_normal)}"
                if diagnosis.verdict == "too small"
                else f"above {entry.label}'s largest number, {number(entry.largest)}"
            )
            return f"The gradient of {name} keeps its size from {place} to {place}, but {where} {is_are} {limit}."
    # Where next to nothing is left, a third does not matter.
    near = diagnosis.verdict == "healthy" and diagnosis.yardstick != 1
    lossless = f"; if nothing were lost, {number(diagnosis.yardstick)}" if near else ""
    last = f"{place} {diagnosis.n_layers}'s gradient"
    return f"{_upper(place)} 1 of {name} gets {share_of(diagnosis.ratio, last, colored)}{lossless}."


def _jump(diagnosis: Diagnosis, name: str, place: Place, colored: Callable[[str], str]) -> str:
    assert diagnosis.step is not None
    step = diagnosis.step
    widths = step.after == diagnosis.n_layers and diagnosis.yardstick != 1
    aside = " (the change of width taken out)" if widths else ""
    return (
        f"One step alone, from {place} {step.after} back to {place} {step.before} of {name}, multiplies the gradient "
        f"by {colored(number(step.factor))}{aside}."
    )


def numbered(layers: Sequence[int], place: Place = "layer") -> str:
    """Layers by their numbers: layer 3; layers 1 to 9; layers 2, 5 and 7 to 9."""
    if not layers:
        return f"no {place}"
    ordered = sorted(layers)
    runs = [[ordered[0], ordered[0]]]
    for before, after in pairwise(ordered):
        if after == before + 1:
            runs[-1][1] = after
        else:
            runs.append([after, after])
    parts = [str(low) if low == high else f"{low} {'and' if high == low + 1 else 'to'} {high}" for low, high in runs]
    if len(parts) > MOST_RUNS:
        return f"{len(ordered)} {place}s between {ordered[0]} and {ordered[-1]}"
    return f"{place}{'s' if len(ordered) > 1 else ''} {joined(parts)}"


# More runs of layers than this are counted, not listed.
MOST_RUNS = 4


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


JUDGED_BY_ENDS = ("vanishing", "exploding", "healthy")


def against_lossless(diagnoses: Mapping[str, Diagnosis]) -> str | None:
    """What is left over what networks of one shape that lose nothing have; ``None`` where there is no such shape."""
    left = [f"{name} {number(one.left)}" for name, one in diagnoses.items() if one.verdict in JUDGED_BY_ENDS]
    yardsticks = {one.yardstick for one in diagnoses.values()}
    if yardsticks == {1.0} or len(yardsticks) > 1 or not left:
        return None
    return (
        f"If nothing were lost, layer 1 would get {number(yardsticks.pop())} of the last layer's gradient (its widths' "
        f"doing). Divided by that: {', '.join(left)}."
    )


def judged_as(shown: Magnitude) -> str | None:
    """By what the gradient is judged where the magnitude that is set is no size; ``None`` where it is one."""
    if shown.judged_as is None:
        return None
    why = (
        "a share of zeros does not say how large a gradient is"
        if shown.is_share
        else "a standard deviation is 0 wherever gradients are equal, whatever their size"
    )
    return f"First / last and the verdicts are of {MAGNITUDES[shown.judged_as].label}, the nearest size: {why}."


def pipe_note(label: str, diagnosis: Diagnosis) -> str:
    """What stands over a row of pipes."""
    if diagnosis.verdict in ("overflow", "dead", "missing"):
        size = {"overflow": "NaN or infinity", "dead": "exactly 0", "missing": "no gradient"}[diagnosis.verdict]
        return f"{label}: {size} at layer {diagnosis.layer}"
    if diagnosis.n_layers == 1:
        return f"{label}: one layer only"
    of = "times" if diagnosis.ratio >= 1 else "of"
    return f"{label}: layer 1 gets {number(diagnosis.ratio)} {of} layer {diagnosis.n_layers}'s"


def reading(diagnoses: Mapping[str, Diagnosis], causes: Mapping[str, Cause] = NO_CAUSES) -> list[str]:
    """What the gradient chart shows, a line for each network."""
    return [
        f"**{ACTIVATIONS[name].label}**, {_line(name, diagnosis, causes.get(name))}"
        for name, diagnosis in diagnoses.items()
    ]


def _line(name: str, diagnosis: Diagnosis, cause: Cause | None) -> str:
    if cause:
        return f"{diagnosis.verdict}: {cause.of('the network')}"
    if diagnosis.n_layers == 1 and diagnosis.verdict == "healthy":
        return "a single layer: there is no first and last to compare."
    if diagnosis.verdict == "dead":
        return f"dead: {_how_far_back(diagnosis)}."
    if diagnosis.verdict not in JUDGED_BY_ENDS:
        return f"{diagnosis.verdict}: {evidence(diagnosis, 'the network')}"
    steps = diagnosis.n_layers - 1
    one = steps == 1
    # The figure stands in the chart, and over a lossless network's below it.
    left = one_part_in(diagnosis.ratio) or f"{number(diagnosis.ratio)} of it"
    became = (
        f"{'multiplies' if one else 'multiply'} it by {number(diagnosis.ratio)}"
        if diagnosis.ratio > 1
        else f"{'leaves' if one else 'leave'} {left}"
    )
    return f"{diagnosis.verdict}: {_factor(diagnosis)}{steps} {'step' if one else 'steps'} {became}."


def _how_far_back(diagnosis: Diagnosis) -> str:
    """How far the gradient comes in a dead network, whose headline names the layers that get none."""
    assert diagnosis.layer is not None
    if diagnosis.output_dead:
        return "no gradient sets out, the last layer's is exactly 0 already"
    arrives = f"on its way back the gradient arrives at layer {diagnosis.layer + 1}"
    others = sorted(set(range(1, diagnosis.layer)) - set(diagnosis.dead))
    if not others:
        return f"{arrives}, and no further"
    return f"{arrives}, not at layer {diagnosis.layer}; {numbered(others)} {'gets' if len(others) == 1 else 'get'} one"


def _factor(diagnosis: Diagnosis) -> str:
    """What a step back multiplies by, with its interval where there are layers enough for one."""
    factor = diagnosis.factor
    if factor.low == 0:
        return ""
    return (
        f"a step back multiplies the gradient by {number(factor.value)} (a line through all layers, "
        f"95 % interval {number(factor.low)} to {number(factor.high)}); "
    )
