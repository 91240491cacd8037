"""Sentences about a log, each with its numbers, its layers and its source."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from vanish.logs.judged import Judged
from vanish.logs.log import State
from vanish.logs.sizes import SIZES

MOST_NAMES = 4

# So large a share of zeros in a layer's gradient is named.
MANY_ZEROS = 0.5


@dataclass(frozen=True)
class Finding:
    """One thing that is so: what about, in words, the numbers in them, the layers, the works that it rests on."""

    about: str
    text: str
    numbers: dict[str, float] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    source: str = ""


def number(value: float) -> str:
    """Three digits; 1, not 1.00; 3.4e-08 with its sign."""
    if value != value:
        return "no number"
    if not isfinite(value):
        return "infinite"
    return f"{value:,.0f}" if abs(value) >= 1000 and abs(value) < 1e6 else f"{value:.3g}"


@dataclass(frozen=True)
class Voice:
    """How names, which are the reader's own, and numbers are written."""

    name: Callable[[str], str] = str
    number: Callable[[float], str] = number

    def several(self, names: Sequence[str]) -> str:
        """Up to four names, then how many more."""
        shown = ", ".join(map(self.name, names[:MOST_NAMES]))
        return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"


PLAIN = Voice()


def findings_of(report: Judged, voice: Voice = PLAIN) -> tuple[Finding, ...]:
    """All that there is to say of a report, the verdict first."""
    return (
        _verdict(report, voice),
        *_arrives(report, voice),
        *_factor(report, voice),
        *_little(report, voice),
        *_zeros(report, voice),
        *_since(report),
        *_storage(report, voice),
        *_unknown(report, voice),
    )


def _verb(names: Sequence[str], plural: str) -> str:
    """A regular verb after so many names."""
    return f"{plural}s" if len(names) == 1 else plural


def _all_or_several(layers: Sequence[str], names: Sequence[str], voice: Voice) -> str:
    return f"every one of the {len(names)} layers" if 1 < len(names) == len(layers) else voice.several(layers)


def _what(report: Judged) -> str:
    return "largest output" if report.log.forward else "gradient"


def _verdict(report: Judged, voice: Voice) -> Finding:
    names, layers = report.names, report.layers
    first, last = (voice.name(names[0]), voice.name(names[-1])) if names else ("", "")
    what = _what(report)
    hidden = bool(len(report.states)) and report.states[0] == State.BELOW
    # Where the first layer was printed as zero, what is left is less than the last digit allows.
    share = f"{'less than ' if hidden else ''}{voice.number(report.ratio)}"
    diagnosis, these = report.diagnosis, f"{voice.several(layers)} {_verb(layers, 'lie')}"
    texts = {
        "missing": f"No {what} was logged for {voice.several(layers)}: frozen, not used, or cut off from the loss.",
        "overflow": f"The {what} is infinite or no number at {voice.several(layers)}.",
        "dead": f"The {what} is exactly 0 at {_all_or_several(layers, names, voice)}"
        + (": nothing sets out on the way back." if diagnosis.output_dead and not arrives(report) else "."),
        "hidden": f"The log prints too few digits: all but one of the {len(names)} layers at most show as 0.",
        "healthy": f"No layer stands out: the first layer's {what} is {share} times the last one's, between a "
        f"hundredth and a hundredfold; none is 0, and float32 can hold all."
        if len(names) > 1
        else f"One layer alone: there is no first and last to compare. Its {what} is not 0, and float32 can hold it.",
        "vanishing": f"The {what} vanishes on its way back: {first} gets {share} times what {last} gets.",
        "exploding": f"The {what} grows on its way back: {first} gets {share} times what {last} gets.",
        "too small": f"The profile is flat, but {these} below float32's smallest normal number.",
        "too large": f"The profile is flat, but {these} above float32's largest number.",
    }
    numbers = {"first_over_last": report.ratio}
    step, gap = diagnosis.step, diagnosis.gap
    if report.verdict == "jump" and step:
        before, after = (voice.name(names[layer - 1]) for layer in (step.before, step.after))
        texts["jump"] = (
            f"The {what} jumps between {before} and {after}: the one nearer the input has {voice.number(step.factor)} "
            f"times the other's."
        )
        numbers["jump"] = step.factor
    if report.verdict == "blocked" and gap:
        texts["blocked"] = (
            f"{voice.name(names[gap.layer - 1])} gets {voice.number(gap.depth)} times what the smaller end gets: it is "
            f"cut off in the middle."
        )
        numbers["share_of_smaller_end"] = gap.depth
    source = "Glorot & Bengio (2010)" if report.verdict in ("vanishing", "exploding") else ""
    return Finding("verdict", texts[report.verdict], numbers, layers, source)


def arrives(report: Judged) -> dict[tuple[str, str], float]:
    """Layers whose weights get exactly 0 and whose biases do not, ``(weights, biases)``, and what these get.

    Of outputs on the way forward it is empty.
    """
    log = report.log
    row = int(np.argmin(np.abs(log.steps - report.step)))
    biases = {name: place for place, name in enumerate(log.names) if log.kinds[place] == "bias"}
    found = {}
    for weights, state in zip(report.names, report.states, strict=True):
        bias = f"{weights.removesuffix('weight')}bias"
        place = biases.get(bias) if state == State.ZERO and weights.endswith("weight") and not log.forward else None
        if place is not None and log.states[row, place] == State.NUMBER and log.values[row, place] > 0:
            found[weights, bias] = float(log.values[row, place] / log.loss_scale)
    return found


def _arrives(report: Judged, voice: Voice) -> Iterator[Finding]:
    """Weights' gradient is a product of what comes back and of what the layer is given: either can be 0."""
    found = arrives(report)
    if found:
        (weights, bias), size = list(found.items())[-1]
        more = f" (and {len(found) - 1} more like it)" if len(found) > 1 else ""
        text = (
            f"{voice.name(bias)} gets {voice.number(size)} while {voice.name(weights)} gets exactly 0{more}: the "
            f"gradient does come back to that layer, but what the layer is given is 0."
        )
        layers = tuple(weights for weights, _ in found)
        yield Finding("inputs", text, {"bias": size}, layers, "Glorot & Bengio (2010)")


def _factor(report: Judged, voice: Voice) -> Iterator[Finding]:
    factor, shown = report.factor, int((report.states == State.NUMBER).sum())
    if shown < 2 or report.log.forward:
        return
    if isfinite(factor.high) and factor.low > 0:
        text = (
            f"One layer back multiplies the gradient by {voice.number(factor.value)} "
            f"(95 % interval {voice.number(factor.low)} to {voice.number(factor.high)}, from {shown} layers)."
        )
    else:
        value = voice.number(factor.value)
        text = f"One layer back multiplies the gradient by {value}; {shown} layers are too few for an interval."
    numbers = {"factor": factor.value, "low": factor.low, "high": factor.high, "layers": float(shown)}
    yield Finding("factor", text, numbers, (), "Theil (1950); Sen (1968)")


def _little(report: Judged, voice: Voice) -> Iterator[Finding]:
    little = report.little
    if little and len(little) < len(report.names):
        text = (
            f"{len(little)} of {len(report.names)} layers {_verb(little, 'get')} less than a hundredth of the largest "
            f"gradient: {voice.several(little)}. With plain gradient descent such layers hardly move; Adam divides by "
            f"each gradient's own size, and moves them all the same, in directions that are noisier."
        )
        yield Finding("little", text, {"layers": float(len(little))}, little, "Kingma & Ba (2015)")


def _zeros(report: Judged, voice: Voice) -> Iterator[Finding]:
    """Entries that get nothing though their layer gets something: units that are off for the whole batch, as a rule."""
    zeros = report.zeros
    many = {name: share for name, share in zeros.items() if MANY_ZEROS <= share < 1}
    if many:
        worst = max(many, key=many.__getitem__)
        text = (
            f"Half of the gradient's entries or more are exactly 0 in {len(many)} of {len(zeros)} layers: up to "
            f"{100 * many[worst]:.3g} %, in {voice.name(worst)}."
        )
        yield Finding("zeros", text, {"share": many[worst]}, tuple(many))


def _since(report: Judged) -> Iterator[Finding]:
    if report.since is None:
        yield Finding("since", "The log holds one step: whether it stays so cannot be said.")
        return
    before = [verdict for verdict in report.course if verdict.step < report.since]
    text = (
        f"It has been so since step {report.since:g}; at step {before[-1].step:g} it was still: {before[-1].verdict}."
        if before
        else f"It has been so since the first step that was logged, {report.since:g}."
    )
    yield Finding("since", text, {"step": report.since})


def _storage(report: Judged, voice: Voice) -> Iterator[Finding]:
    for storage in report.storage:
        if not storage.below and not storage.above:
            continue
        lose, become, overflow = (
            _verb(storage.below, "lose"),
            _verb(storage.below, "become"),
            _verb(storage.above, "overflow"),
        )
        parts = [f"{voice.several(storage.below)} {lose} digits or {become} 0"] if storage.below else []
        parts += [f"{voice.several(storage.above)} {overflow}"] if storage.above else []
        if not report.per_entry:
            whole = "If they are" if report.log.size == "unknown" else "They are"
            help_ = (
                f" {whole} of whole tensors{',' if report.log.size == 'unknown' else ':'} each entry is smaller still."
            )
        elif storage.loss_scale is not None:
            help_ = f" A loss scale of {voice.number(storage.loss_scale)} would bring all of them in."
        else:
            help_ = " No loss scale brings all of them in."
        text = f"In {storage.label}, {' and '.join(parts)}.{help_}"
        numbers = {"below": float(len(storage.below)), "above": float(len(storage.above))}
        if storage.loss_scale is not None:
            numbers["loss_scale"] = storage.loss_scale
        layers = storage.below + storage.above
        yield Finding("number format", text, numbers, layers, "Micikevicius et al. (2018)")


# Sizes that say nothing of one entry, and what else may be meant.
_OF_TENSORS = {
    "norm": "The log has lengths (L2 norms) of whole tensors: one with four times the entries has twice the length",
    "norm_1": "The log has sums (L1 norms) over whole tensors: one with four times the entries has four times the sum",
}
_UNNAMED = "The log does not name its sizes. They may be of whole tensors, of which larger ones have larger sizes"


def _unknown(report: Judged, voice: Voice) -> Iterator[Finding]:
    log = report.log
    many = log.n_parameters if report.parameters == "all" else log.kinds.count(report.parameters)
    if len(report.names) + len(report.silent) < many:
        text = f"{len(report.names)} of {many:,} layers were judged; of the others nothing is said here."
        yield Finding("unknown", text, {"judged": float(len(report.names)), "layers": float(many)})
    if not report.per_entry:
        text = (
            f"{_OF_TENSORS.get(log.size, _UNNAMED)}. Layers of different shapes cannot be compared then, and nobody "
            f"can say whether a number format holds each entry."
            f"{' With the shapes in the log, both could be.' if SIZES[log.size].to_rms else ''}"
        )
        yield Finding("unknown", text)
    if (report.states == State.BELOW).any():
        layers = tuple(name for name, state in zip(report.names, report.states, strict=True) if state == State.BELOW)
        were, are = ("was", "it is") if len(layers) == 1 else ("were", "they are")
        text = f"{voice.several(layers)} {were} printed as 0 with decimals: {are} smaller than the last digit, not 0."
        yield Finding("unknown", text, {"layers": float(len(layers))}, layers)
    if report.silent:
        yield Finding(
            "unknown", f"The log says nothing of {voice.several(report.silent)} at this step.", {}, report.silent
        )
    if log.forward:
        yield Finding("unknown", "These are outputs on the way forward: of gradients they say nothing.")
        return
    text = "How far the weights move cannot be known from gradients: that needs the optimizer, its rate, the weights."
    yield Finding("unknown", text)
