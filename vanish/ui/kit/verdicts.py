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
}


def verdict(diagnosis: Diagnosis) -> str:
    """A plain word or two for a card."""
    if diagnosis.n_layers == 1 and diagnosis.verdict == "healthy":
        return "one layer only"
    return {"overflow": "overflow", "dead": "dead: exactly zero"}.get(diagnosis.verdict, diagnosis.verdict)


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


def flow_alt(diagnoses: Mapping[str, Diagnosis]) -> str:
    """The gradient chart in one line, for those who hear the page."""
    found = ", ".join(f"{ACTIVATIONS[name].label} {number(d.ratio)} ({d.verdict})" for name, d in diagnoses.items())
    return f"Gradient of every layer; first over last layer: {found}"
