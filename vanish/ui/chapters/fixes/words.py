"""What chapter ``fixes`` says: better or worse is never typed, always read from the numbers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.measure.combinations import RATES, Combination
from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW, Diagnosis, Verdict
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, Clipped, Rung
from vanish.numerics.arrays import first_over_last
from vanish.ui.chapters.fixes.data import Comparison, Walk, combination_name
from vanish.ui.chapters.train.words import LEARNED
from vanish.ui.kit.numbers import count, number, percent, spelled

# A smaller factor than this is what another seed makes too.
NOTICED = float(np.log10(1.5))

EFFECT_COLORS: Mapping[str, Literal["green", "red", "gray"]] = {"better": "green", "worse": "red", "same": "gray"}


def _decades(ratio: float) -> float:
    """How far a ratio is from 1, in powers of ten: infinitely far where nothing arrives, or no number."""
    return float(abs(np.log10(ratio))) if 0 < ratio < np.inf else float("inf")


def gain(before: float, after: float) -> float:
    """By how many powers of ten a ratio has come nearer to 1; below 0 where it has gone further away."""
    was, now = _decades(before), _decades(after)
    return 0.0 if was == now else was - now


def effect(before: float, after: float) -> str:
    """Better, worse or the same."""
    won = gain(before, after)
    return "same" if abs(won) < NOTICED else "better" if won > 0 else "worse"


def effect_words(before: float, after: float) -> str:
    """What stands under a card's ratio."""
    won, start = gain(before, after), f"from {number(before)}"
    kind = effect(before, after)
    if kind == "same":
        return f"{start}: makes {'little' if won else 'no'} difference"
    if np.isinf(won):
        return f"{start}: alive again" if won > 0 else f"{start}: worse, no gradient that could be used is left"
    return f"{start}: {times(abs(won))} {kind}"


def times(decades: float) -> str:
    """A factor in words: 3.2 times, 15,800 times."""
    if decades > 300:
        return f"1e{decades:.0f} times"
    factor = 10.0**decades
    return f"{number(factor, 2) if factor < 100 else count(float(f'{factor:.3g}'))} times"


# What a network is with a verdict whose name alone makes no sentence.
STATES: Mapping[Verdict, str] = {
    "missing": "a layer without a gradient",
    "overflow": "an overflow",
    "jump": "a jump between two layers",
    "blocked": "a layer inside that gets next to nothing",
    "too small": "too small for float32",
    "too large": "too large for float32",
}


def warning(comparison: Comparison) -> str:
    """What is wrong with a remedy on this network, if anything is."""
    before, after = comparison.diagnosis_before, comparison.diagnosis_after
    if after.n_layers == 1:
        return "One layer has nothing to lose, and nothing to win."
    kind = effect(before.ratio, after.ratio)
    if kind == "same":
        little = gain(before.ratio, after.ratio) != 0
        how = "little difference: another seed would do as much" if little else "no difference"
        return f"On this network it makes {how}."
    if kind == "better":
        if after.verdict == "healthy":
            return ""
        state = STATES.get(after.verdict, after.verdict)
        return f"Not enough by itself: {'still' if after.verdict == before.verdict else 'now'} {state}."
    return f"**On this network it makes things worse**: {_what_happens(after)}."


def _what_happens(after: Diagnosis) -> str:
    outcomes: dict[Verdict, str] = {
        "missing": f"no gradient reaches layer {after.layer}",
        "overflow": f"at layer {after.layer} the gradient is no finite number any more",
        "dead": f"layer {after.layer} gets exactly zero",
        "jump": f"layer {after.layer} gets far more or far less than the layer after it",
        "blocked": f"layer {after.layer} gets far less than either end",
        "vanishing": "layer 1 gets even less",
        "exploding": "layer 1 now gets too much",
        "too small": f"at layer {after.layer} the gradient is too small for float32",
        "too large": f"at layer {after.layer} the gradient is too large for float32",
        "healthy": "the ratio was nearer to 1 without it",
    }
    return outcomes[after.verdict]


def how_measured(comparison: Comparison, n_examples: int, magnitude: str) -> str:
    """Where a card is measured in another way than the network on screen, with ``n_examples`` as ``magnitude``."""
    parts = []
    if comparison.examples != n_examples:
        parts.append(f"over {comparison.examples} examples")
    if comparison.magnitude != magnitude:
        parts.append(f"as {MAGNITUDES[comparison.magnitude].label}")
    return f"Before and after are measured {' and '.join(parts)} here." if parts else ""


def best(comparisons: Mapping[str, Comparison], applied: Sequence[str] = ()) -> str | None:
    """The remedy that helps most, of those that are not at work yet, if any helps at all."""
    gains = {
        name: gain(one.diagnosis_before.ratio, one.diagnosis_after.ratio)
        for name, one in comparisons.items()
        if name not in applied
    }
    name = max(gains, key=lambda one: gains[one], default=None)
    return name if name and gains[name] >= NOTICED else None


def summary(activation: str, comparisons: Mapping[str, Comparison], applied: Sequence[str]) -> str:
    """On top of the cards: which network they are about, and which remedy helps it most."""
    label = ACTIVATIONS[activation].label
    if next(iter(comparisons.values())).diagnosis_after.n_layers == 1:
        return f"The cards are about the **{label}** network, which has one layer: nothing to cure. Add layers."
    lines = [f"The cards are about the **{label}** network, the one that the sentence on top speaks of."]
    if applied:
        without = [
            f"{REMEDIES[key].title} ({number(comparisons[key].diagnosis_before.ratio)} without)" for key in applied
        ]
        lines.append(f"It has {_listed(without)} already.")
    name = best(comparisons, applied)
    if name:
        before, after = comparisons[name].diagnosis_before.ratio, comparisons[name].diagnosis_after.ratio
        lines.append(
            f"**{REMEDIES[name].title} {'would help' if applied else 'helps'} most**: first over last layer goes from "
            f"{number(before)} to **{number(after)}**."
        )
    else:
        lines.append(f"**None of the {'others' if applied else spelled(len(NETWORK_REMEDIES))} helps it** by itself.")
    harmful = [
        REMEDIES[key].title
        for key, one in comparisons.items()
        if effect(one.diagnosis_before.ratio, one.diagnosis_after.ratio) == "worse"
    ]
    if harmful:
        lines.append(f"{_listed(harmful)} {'makes' if len(harmful) == 1 else 'make'} it worse.")
    lines.append(
        "Grey is without a remedy, green or orange with it: better or worse. Dashed is a ratio of 1, nothing lost."
    )
    return " ".join(lines)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def clipping(clip: Clipped, limit: float) -> tuple[str, str]:
    """Under the length after clipping, and what to make of it."""
    before, after = clip.length_before, clip.length_after
    ratios = [float(first_over_last(sizes)) for sizes in (clip.before, clip.after)]
    if not np.isfinite(before):
        return f"from {number(before)}", "The gradient is no finite number: there is nothing to shorten any more."
    kept = f"first / last of the weights' gradients is {number(ratios[0])} before and {number(ratios[1])} after"
    if after == before:
        return (
            f"from {number(before)}: not touched",
            f"Nothing to cut at {limit:g}, so **it changes nothing here**: {kept}.",
        )
    same = np.isclose(ratios[0], ratios[1], rtol=1e-6, equal_nan=True)
    words = "The ratio stays" if same else "The ratio changes with the direction"
    return f"from {number(before)}: shortened", f"{words}: {kept}."


def gates(plain: Diagnosis, gated: Diagnosis, cell: str, steps: int) -> str:
    """A plain recurrent cell against one with gates."""
    name = CELLS[cell].label
    if steps == 1:
        return "A sequence of one step has nothing to hand on. Raise the depth."
    won = effect(plain.ratio, gated.ratio)
    verdict = {
        "better": f"{name}'s memory keeps {times(abs(gain(plain.ratio, gated.ratio)))} more"
        if np.isfinite(gain(plain.ratio, gated.ratio)) and plain.ratio < gated.ratio
        else f"{name}'s memory fares better",
        "worse": f"**{name} fares worse here**",
        "same": f"{name} makes no difference here",
    }[won]
    return (
        f"Over {steps} steps, as many as the network has layers, {number(plain.ratio)} of the last step's gradient "
        f"reaches the first step of a plain tanh cell, and {number(gated.ratio)} that of {name}: {verdict}."
    )


def ladder_introduction(depth: int, width: int) -> str:
    """What the ladder starts from, and what its colours mean."""
    return (
        f"From the kata's sigmoid network, {depth} layers of {width}, up: each rung adds a remedy "
        "to all those before it. Green brings the ratio nearer to 1 (dashed), orange takes it further away."
    )


def bar_words(before: Sequence[float], after: Sequence[float]) -> list[str]:
    """What stands over the waterfall's bars: ratios at both ends, what a rung does between."""
    words = [rung_words(one, other) for one, other in zip(before, after, strict=True)]
    words[0], words[-1] = number(after[0]), number(after[-1])
    return words


def ladder_alt(bars: Sequence[str]) -> str:
    """The waterfall in one line, for those who hear the page."""
    return f"First over last layer, rung by rung: {', '.join(bars)}"


def rung_words(before: float, after: float) -> str:
    """What stands over a bar of the waterfall."""
    if not (0 < before < np.inf and 0 < after < np.inf):
        return number(after)
    factor = after / before
    return f"× {number(factor)}" if factor >= 1 else f"÷ {number(1 / factor)}"


def ladder(rungs: Sequence[Rung], n_examples: int) -> list[str]:
    """The ladder in sentences."""
    start = rungs[0].ratio
    lines = [
        f"**Start**: the kata's sigmoid network at the present size, {number(start)}"
        + (f" (over {n_examples} examples, the same on every rung)." if n_examples > 1 else ".")
    ]
    for below, rung in pairwise(rungs):
        assert rung.remedy
        before, after = below.ratio, rung.ratio
        kind, won = effect(before, after), abs(gain(before, after))
        verdict = {"same": f"{'little' if won else 'no'} difference", "better": "usable again", "worse": "useless"}[
            kind
        ]
        if kind != "same" and np.isfinite(won):
            # Across 1, a factor is not what has been won.
            across = (before < 1) != (after < 1)
            verdict = f"{times(won)} {kind}" if across else kind
        lost = f"; {percent(rung.lost)} of the seeds are lost" if rung.lost else ""
        title = f"**{REMEDIES[rung.remedy].title}** ({rung.variant})"
        lines.append(f"{title}: {rung_words(before, after)}, which leaves {number(after)}: {verdict}{lost}.")
    end = rungs[-1].ratio
    kind, won = effect(start, end), abs(gain(start, end))
    whole = f"{times(won)} {kind}" if np.isfinite(won) and kind != "same" else kind
    lines.append(
        f"**All together**: from {number(start)} to {number(end)}, {whole}. The order does not change where the "
        "ladder ends, only which rung gets the praise."
    )
    return lines


def contest(n_networks: int, depth: int, width: int, steps: int, most_steps: int, full_depth: int, batch: int) -> str:
    """What all the combinations are trained on; up to ``full_depth`` they train for ``most_steps``."""
    rates = ", ".join(f"{rate:g}" for rate in RATES)
    fewer = f" (networks this deep take their time: {most_steps} at depth {full_depth})" if steps < most_steps else ""
    return (
        f"All {n_networks} combinations, {depth} layers of {width} units whatever the width on the left, learn "
        f"to read digits for **{steps} steps**{fewer} of plain gradient "
        f"descent, {batch} examples a step. Each trains at learning rates {rates}; the one with the lowest training "
        "loss counts."
    )


def trained(n: int, total: int) -> str:
    """How far the training is."""
    return f"{n} of {total} combinations trained"


def combinations(rows: Sequence[Combination], guess: float, steps: int) -> list[str]:
    """What the table of all combinations shows."""
    none, everything = rows[0], rows[-1]
    best_row = max(rows, key=lambda row: np.nan_to_num(row.test_accuracy, nan=-1.0))
    best_words = (
        f"{combination_name(best_row.remedies)}, with {percent(best_row.test_accuracy)} of the test digits right"
    )
    lines = [
        f"**Best after {steps} steps**: {best_words}. Without any remedy: {percent(none.test_accuracy)}, where "
        f"guessing gives {percent(guess)}; with all {spelled(len(NETWORK_REMEDIES))}: "
        f"{percent(everything.test_accuracy)}."
    ]
    ratios = np.array([row.ratio for row in rows])
    groups = {
        f"a ratio below {VANISHING_BELOW:g}": ratios < VANISHING_BELOW,
        f"a ratio from {VANISHING_BELOW:g} to {EXPLODING_ABOVE:g}": (ratios >= VANISHING_BELOW)
        & (ratios <= EXPLODING_ABOVE),
        f"a ratio above {EXPLODING_ABOVE:g}": ratios > EXPLODING_ABOVE,
    }
    learned = np.array([row.test_accuracy > guess + LEARNED for row in rows])
    for words, group in groups.items():
        if group.any():
            scores = [row.test_accuracy for row, inside in zip(rows, group, strict=True) if inside]
            outcome = _how_many(int((learned & group).sum()), scores)
            lines.append(f"Of the {group.sum()} that start with {words}, {outcome}.")
    diverged = sum(row.divergence is not None for row in rows)
    if diverged:
        lines.append(f"{diverged} diverged at every learning rate.")
    return lines


def _how_many(learned: int, scores: Sequence[float]) -> str:
    verb = "have" if learned > 1 else "has"
    low, high = percent(min(scores)), percent(max(scores))
    reached = f"accuracy {low}" if low == high else f"accuracy from {low} to {high}"
    return f"{learned or 'none'} {verb} learned {'something' if learned else 'anything'}: {reached}"


# Correlations between neighbours: nearly the same, and next to nothing in common.
ALIKE, NOISE = 0.9, 0.3


def walk(title: str, value: float) -> str:
    """What stands over a walk."""
    return f"**{title}**: correlation {correlation(value)}"


def against_depth(n_seeds: int, theory: bool) -> str:
    """What the picture against depth shows."""
    dashed = " Dashed: what theory expects of wide networks." if theory else ""
    return f"**Against depth**: how alike neighbours on the line are, over {n_seeds} seeds (the band).{dashed}"


def progress(deepest: int, share: float) -> str:
    """How far the measurement is."""
    return f"Measuring networks of up to {deepest} layers: {share:.0%}"


def noise(walks: Sequence[Walk]) -> list[str]:
    """What a walk along the inputs finds: size and meaning of the gradient."""
    lines = []
    for walk in walks:
        lines.append(
            f"**{walk.title[0].upper()}{walk.title[1:]}**: neighbours agree to {correlation(walk.correlation)}, "
            f"{_meaning(walk.correlation)}; size of df/dt {number(walk.size)}."
        )
    return lines


def correlation(value: float) -> str:
    """A correlation, two decimals."""
    return "undefined" if np.isnan(value) else f"{value:.2f}".replace("-", "−")


def _meaning(value: float) -> str:
    if np.isnan(value):
        return "no gradient that could be compared"
    if value > ALIKE:
        return "so a step that helps one input helps those around it"
    return "which is noise: a step for one input says nothing about the next" if value < NOISE else "less and less"
