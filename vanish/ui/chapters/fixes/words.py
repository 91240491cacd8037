"""What chapter ``fixes`` says of remedies on one network: better or worse is always read from the numbers."""

from collections.abc import Mapping, Sequence

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.measure.diagnosis import Diagnosis
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.remedies import REMEDIES, Clipped, Remedy
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import first_over_last
from vanish.ui.chapters.fixes.data import Comparison, chosen
from vanish.ui.chapters.fixes.effects import LITTLE, NOTICED, crosses, effect, gain, times
from vanish.ui.kit import verdicts
from vanish.ui.kit.numbers import joined, number, spelled

ONE_LAYER = "One layer alone has nothing to lose, and nothing to cure. Add layers and watch."


def too_large(over: float) -> str:
    """Why there are no cards: ``over`` is how many times the limit they take."""
    return (
        f"The cards are not drawn: with as few examples as can be they take {over:.1f} times what the page has for "
        "them. Those of narrower or shallower networks are, or with another initialization."
    )


def verb(remedy: Remedy, plural: str) -> str:
    """A regular verb, as the remedy's title asks for it: normalization helps, residual connections help."""
    return plural if remedy.plural else f"{plural}s"


def compared(name: str, before: NetworkSpec, after: NetworkSpec) -> str:
    """Which two networks a card compares."""
    return f"Gray line: {chosen(name, before)}; colored line: {chosen(name, after)}."


def judged(depth: int) -> str:
    """What a card's ratio is."""
    return f"layer 1 / layer {depth}, over lossless"


def as_measured(before: Diagnosis, after: Diagnosis) -> str:
    """The ratios as they are, beside those over a lossless network's."""
    if after.yardstick == 1:
        return ""
    return (
        f"As measured: first / last is {number(before.ratio)} before and {number(after.ratio)} after; if nothing were "
        f"lost, {number(after.yardstick)}."
    )


def outcome(comparison: Comparison) -> str:
    """What a remedy makes of this network."""
    before, after = comparison.diagnosis_before, comparison.diagnosis_after
    if after.n_layers == 1:
        return "One layer has nothing to lose, and nothing to win."
    if comparison.cause:
        return comparison.cause.of("the network")
    kind = effect(before.left, after.left)
    if kind == "same":
        little = gain(before.left, after.left) != 0
        how = f"little difference: less than {LITTLE:g}-fold" if little else "no difference"
        return f"On this network it makes {how}."
    if kind == "across":
        return f"**It takes this network from one side to the other**: {_state(before)} before, {_state(after)} after."
    if kind == "better":
        if after.verdict == "healthy":
            return f"{'Healthy before and after' if before.verdict == 'healthy' else 'Healthy with this one alone'}."
        return f"Not enough by itself: {'still' if after.verdict == before.verdict else 'now'} {_state(after)}."
    return f"**On this network it makes things worse**: {_what_happens(before, after)}."


def _state(diagnosis: Diagnosis, place: verdicts.Place = "layer") -> str:
    """A verdict as the end of a sentence."""
    states = {
        "missing": "without a gradient",
        "overflow": "not finite",
        "dead": f"dead (exactly zero) at some {place}s",
        "jump": f"with a jump between two {place}s",
        "blocked": f"cut off at a {place} inside",
        "too small": "too small for float32",
        "too large": "too large for float32",
    }
    return states.get(diagnosis.verdict, diagnosis.verdict)


def _what_happens(before: Diagnosis, after: Diagnosis) -> str:
    if after.verdict in ("vanishing", "exploding") and not crosses(before.left, after.left):
        return f"layer 1 gets even {'less' if after.left < 1 else 'more'}"
    if after.verdict in verdicts.JUDGED_BY_ENDS:
        return f"without it, first over last layer is nearer to 1; with it the network is {after.verdict}"
    return verdicts.evidence(after, "the network").rstrip(".")


def how_measured(comparison: Comparison, n_examples: int, magnitude: str, own_gradients: bool) -> str:
    """Where a card is measured in another way than the network on screen, with ``n_examples`` as ``magnitude``;
    ``own_gradients``: whether each of those has an output gradient of its own."""
    how = _how(comparison, n_examples, magnitude, own_gradients)
    return f"Before and after are measured {how} here." if how else ""


def _how(comparison: Comparison, n_examples: int, magnitude: str, own_gradients: bool) -> str:
    parts = []
    if comparison.examples != n_examples:
        parts.append("over one example" if comparison.examples == 1 else f"over {comparison.examples} examples")
    if comparison.own_gradients and not own_gradients:
        parts.append("with an output gradient of its own for each example")
    if comparison.magnitude != magnitude:
        parts.append(f"as {MAGNITUDES[comparison.magnitude].label}")
    return joined(parts) if parts else ""


def found_otherwise(
    activation: str,
    name: str,
    comparison: Comparison,
    shown: Diagnosis,
    n_examples: int,
    magnitude: str,
    own_gradients: bool,
) -> str | None:
    """Why the finding's ratio without the remedy ``name`` is not the network's own, which is on the page as ``shown``;
    ``None`` where it is."""
    before, how = number(comparison.diagnosis_before.left), _how(comparison, n_examples, magnitude, own_gradients)
    if not how or before == number(shown.left):
        return None
    network = f"the {ACTIVATIONS[activation].label} network, too"
    return f"The finding's {before} is {network}: the card “{REMEDIES[name].title}” is measured {how}."


def best(comparisons: Mapping[str, Comparison], applied: Sequence[str] = ()) -> str | None:
    """The remedy that helps most, of those that are not at work yet, if any helps at all.

    One that makes the network healthy comes before all that do not; then the one that brings it nearest to 1.
    """
    gains = {
        name: (one.diagnosis_after.verdict == "healthy", gain(one.diagnosis_before.left, one.diagnosis_after.left))
        for name, one in comparisons.items()
        if name not in applied and not one.cause
    }
    helping = {name: won for name, won in gains.items() if won[1] >= NOTICED}
    return max(helping, key=lambda name: helping[name], default=None)


def badge(name: str, comparisons: Mapping[str, Comparison], applied: Sequence[str]) -> str:
    """Beside a card's title."""
    if name in applied:
        return " :gray-badge[at work]"
    if name != best(comparisons, applied):
        return ""
    healthy = comparisons[name].diagnosis_after.verdict == "healthy"
    return " :green-badge[helps most here]" if healthy else " :orange-badge[comes nearest, not enough]"


# What first over last layer is compared with.
KEPT = "times what a lossless network keeps"


def finding(activation: str, comparisons: Mapping[str, Comparison], applied: Sequence[str]) -> str:
    """The headline over the cards: which remedy helps the network most, how far, and whether that is enough."""
    called = f"{ACTIVATIONS[activation].label} network"
    network = f"the {called}"
    some = next(iter(comparisons.values()))
    if some.diagnosis_after.n_layers == 1:
        return ONE_LAYER
    if set(comparisons) <= set(applied):
        return f"All {spelled(len(applied))} remedies are at work in {network}: it is {_state(some.diagnosis_after)}."
    none = "No other remedy" if applied else f"None of the {spelled(len(comparisons))} remedies"
    name = best(comparisons, applied)
    on_screen = next(one.diagnosis_before for key, one in comparisons.items() if key not in applied)
    if name is None and on_screen.verdict == "healthy":
        other = " other" if applied else ""
        return f"The {called} is healthy as it is, and no{other} remedy brings it much nearer to 1."
    if name is None:
        return f"{none} helps {network} by itself."
    entry, before, after = REMEDIES[name], comparisons[name].diagnosis_before, comparisons[name].diagnosis_after
    way = f"from {_colored(before)} to {_colored(after)}"
    if after.verdict != "healthy":
        return (
            f"{none} is enough for {network} by itself. {entry.title} {verb(entry, 'come')} nearest: {way} {KEPT}, "
            f"{_state(after)}."
        )
    helps = "would help" if applied else verb(entry, "help")
    return f"{entry.title} {helps} {network} most: {way} {KEPT}."


def _colored(diagnosis: Diagnosis) -> str:
    return f":{verdicts.VERDICT_COLORS[diagnosis.verdict]}[{number(diagnosis.left)}]"


def summary(activation: str, n_networks: int, comparisons: Mapping[str, Comparison], applied: Sequence[str]) -> str:
    """Over the cards: which network they are about, what it has already, what makes it worse, how to read them."""
    label = ACTIVATIONS[activation].label
    among = f", of the {spelled(n_networks)} on screen the one that is furthest off" if n_networks > 1 else ""
    lines = [f"The cards are about the **{label}** network{among}."]
    if applied:
        without = [
            f"{REMEDIES[key].title} ({number(comparisons[key].diagnosis_before.left)} without)" for key in applied
        ]
        lines.append(f"At work in it already: {joined(without)}.")
    harmful = [
        key
        for key, one in comparisons.items()
        if not one.cause and effect(one.diagnosis_before.left, one.diagnosis_after.left) == "worse"
    ]
    if harmful:
        one = len(harmful) == 1 and not REMEDIES[harmful[0]].plural
        lines.append(f"{joined([REMEDIES[key].title for key in harmful])} {'makes' if one else 'make'} it worse.")
    lines.append(
        "In the picture, first over last layer stands over that of a lossless network of the same shape: the dashed "
        "line at 1 is nothing lost. A gray dot is without the remedy, the other end of the line with it: green "
        "disc, better; red cross, worse; violet diamond, as far off on the other side of 1."
    )
    return " ".join(lines)


def clipping(clip: Clipped, limit: float) -> tuple[str, str]:
    """Under the norm after clipping, and what to make of it."""
    before, after = clip.length_before, clip.length_after
    ratios = [float(first_over_last(sizes)) for sizes in (clip.before, clip.after)]
    if not np.isfinite(before):
        return f"from {number(before)}", "The gradient has NaN or infinity in it: there is nothing to clip."
    kept = f"first / last of the weights' gradients is {number(ratios[0])} before and {number(ratios[1])} after"
    if after == before:
        return (
            f"from {number(before)}: not touched",
            f"Nothing to cut at {limit:g}, so **it changes nothing here**: {kept}.",
        )
    same = np.isclose(ratios[0], ratios[1], rtol=1e-6, equal_nan=True)
    words = "The ratio stays" if same else "The ratio changes with the direction"
    return f"from {number(before)}: cut", f"{words}: {kept}."


def gates(plain: float, gated: Diagnosis, cell: str, steps: int) -> str:
    """A plain recurrent cell, by its ``plain`` first over last step, against one with gates, before any training."""
    name = CELLS[cell].label
    if steps == 1:
        return "A sequence of one step has nothing to hand on. Raise the depth."
    won, kind = gain(plain, gated.left), effect(plain, gated.left)
    if kind == "better":
        more = np.isfinite(won) and plain < gated.left < 1
        verdict = f"{name}'s memory keeps {times(won)} more" if more else f"{name}'s memory comes nearer to 1"
    else:
        verdict = {
            "worse": f"**{name} does worse here**",
            "across": f"{name} is as far off on the other side of 1",
            "same": f"{name} makes no difference here",
        }[kind]
    state = "" if gated.verdict == "healthy" else f", {_state(gated, 'step')}"
    return (
        f"Over {steps} steps, as many as the network has layers, the first step gets {number(plain)} of the last "
        f"step's gradient in a plain tanh cell and {number(gated.ratio)} in the memory of {name}{state}: {verdict}. "
        "That is before training, with one set of random numbers; training can open the gates."
    )
