"""Words about a verdict: the finding, a card, a line of reading."""

from collections.abc import Mapping
from typing import Literal

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import Diagnosis, Verdict, worst
from vanish.ui.kit.numbers import number, one_part_in

VERDICT_COLORS: Mapping[Verdict, Literal["orange", "green", "violet", "red"]] = {
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


def verdict(diagnosis: Diagnosis) -> str:
    """A plain word or two for a card."""
    if diagnosis.n_layers == 1 and diagnosis.verdict == "healthy":
        return "one layer only"
    return {"overflow": "overflow", "dead": "dead: exactly zero"}.get(diagnosis.verdict, diagnosis.verdict)


def finding(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The header's sentence, in Markdown: what the worst of the networks on screen does to its gradient."""
    return first_and_last(
        {f"the {ACTIVATIONS[name].label} network": diagnosis for name, diagnosis in diagnoses.items()}
    )


# What a gradient of exactly zero means, at a layer or at a step of a sequence.
OUT_OF_REACH = {"layer": "from these inputs it cannot learn", "step": "what came before is out of reach"}


def first_and_last(networks: Mapping[str, Diagnosis], place: Literal["layer", "step"] = "layer") -> str:
    """The finding on networks by what they are called; ``place`` is what their gradient passes on its way back."""
    name = worst(networks)
    diagnosis = networks[name]
    first, last = f"{place.capitalize()} 1 of {name}", f"{place} {diagnosis.n_layers}"
    ratio = f":{VERDICT_COLORS[diagnosis.verdict]}[{number(diagnosis.ratio)}]"
    if diagnosis.verdict == "overflow":
        return f"The gradient of {name} overflows: at {place} {diagnosis.layer} it is no finite number any more."
    if diagnosis.verdict == "dead":
        where = f"{place.capitalize()} {diagnosis.layer} of {name}"
        return f"{where} gets a gradient of exactly zero: {OUT_OF_REACH[place]}."
    if diagnosis.verdict == "missing":
        return f"No gradient reaches {place} {diagnosis.layer} of {name}."
    if diagnosis.verdict == "jump" and diagnosis.step is not None:
        where, after = f"{place.capitalize()} {diagnosis.step.before} of {name}", f"{place} {diagnosis.step.after}"
        factor = f":{VERDICT_COLORS['jump']}[{number(diagnosis.step.factor)}]"
        return f"{where} gets {factor} times {after}'s gradient, in one step."
    if diagnosis.verdict == "blocked" and diagnosis.gap is not None:
        share = f":{VERDICT_COLORS['blocked']}[{number(diagnosis.gap.depth)}]"
        return f"{place.capitalize()} {diagnosis.layer} of {name} gets {share} of what either end gets."
    if diagnosis.verdict in ("too small", "too large"):
        limit = (
            "below float32's smallest normal number" if diagnosis.verdict == "too small" else "above float32's largest"
        )
        return f"The gradient of {name} is {limit} at {place} {diagnosis.layer}."
    if diagnosis.n_layers == 1:
        return f"One {place} alone has nothing to lose. Add {place}s and watch."
    if diagnosis.verdict == "exploding":
        return f"{first} gets {ratio} times {last}'s gradient."
    if diagnosis.verdict == "vanishing":
        return f"{first} gets {ratio} of {last}'s gradient."
    healthy = "Healthy" if len(networks) == 1 else "All healthy"
    return f"{healthy}: {first[0].lower()}{first[1:]} gets {ratio} of {last}'s gradient."


def pipe_note(name: str, diagnosis: Diagnosis) -> str:
    """What stands over a row of pipes."""
    label = ACTIVATIONS[name].label
    if diagnosis.verdict in ("overflow", "dead"):
        size = "no finite number" if diagnosis.verdict == "overflow" else "exactly 0"
        return f"{label}: {size} at layer {diagnosis.layer}"
    if diagnosis.n_layers == 1:
        return f"{label}: one layer only"
    return f"{label}: layer 1 gets {number(diagnosis.ratio)} of layer {diagnosis.n_layers}'s"


def reading(diagnoses: Mapping[str, Diagnosis]) -> list[str]:
    """What the gradient chart shows, a line for each network."""
    return [f"**{ACTIVATIONS[name].label}**: {_line(diagnosis)}" for name, diagnosis in diagnoses.items()]


def _line(diagnosis: Diagnosis) -> str:
    if diagnosis.verdict == "overflow":
        return f"overflow: at layer {diagnosis.layer} the gradient is no finite number any more."
    if diagnosis.verdict == "dead":
        return f"dead: layer {diagnosis.layer} gets exactly zero, and no learning rate makes up for that."
    if diagnosis.n_layers == 1:
        return "a single layer; there is no first and last to compare."
    steps = diagnosis.n_layers - 1
    passed = f"each step back multiplies the gradient by {number(diagnosis.factor_per_layer)} on average"
    leave = "step leaves" if steps == 1 else "steps leave"
    share = f", {one_part_in(diagnosis.ratio)}" if one_part_in(diagnosis.ratio) else ""
    return f"{diagnosis.verdict}: {passed}; {steps} {leave} {number(diagnosis.ratio)} of it{share}."


def alt_text(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The gradient chart in one line, for those who hear the page."""
    ratios = ", ".join(f"{ACTIVATIONS[name].label} {number(d.ratio)} ({d.verdict})" for name, d in diagnoses.items())
    return f"Gradient of every layer; first over last layer: {ratios}"
