"""What the ladder of chapter ``fixes`` says."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from vanish.measure.remedies import REMEDIES, Rung
from vanish.ui.chapters.fixes.data import chosen
from vanish.ui.chapters.fixes.effects import crosses, effect, gain, lost_or_found, times, usable
from vanish.ui.chapters.fixes.words import KEPT, ONE_LAYER, verb
from vanish.ui.kit.numbers import number, percent, spelled


def finding(rungs: Sequence[Rung], depth: int) -> str:
    """The headline over the ladder: where it starts and ends, and its largest step."""
    if depth == 1:
        return ONE_LAYER
    start, end = rungs[0].left, rungs[-1].left
    way = f"from {number(start)} to {number(end)} {KEPT}"
    if len(rungs) == 2:
        entry = REMEDIES[str(rungs[1].remedy)]
        return f"{entry.title} {verb(entry, 'take')} the sigmoid network {way}."
    steps = [(abs(rung.step), below, rung) for below, rung in pairwise(rungs) if np.isfinite(rung.step)]
    largest = ""
    if steps and max(size for size, *_ in steps) > 0:
        _, below, rung = max(steps, key=lambda step: step[0])
        entry = REMEDIES[str(rung.remedy)]
        largest = f"; largest step: {entry.title} ({step_words(below.left, rung.left)})"
    remedies = spelled(len(rungs) - 1).capitalize()
    return f"{remedies} remedies take the sigmoid network {way}{largest}."


def introduction(depth: int, units: str) -> str:
    """What the ladder starts from, and what its colors mean."""
    return (
        f"From the original program's sigmoid network, {depth} layers of {units}, up: each rung adds a remedy "
        "to all those before it. The ratio stands over that of a lossless network of the same shape. Green (✓) brings "
        "it nearer to 1 (dashed: nothing lost), red (✗) takes it further away."
    )


def bar_words(before: Sequence[float], after: Sequence[float]) -> list[str]:
    """What stands over the waterfall's bars: ratios at both ends, what a rung does between."""
    words = [step_words(one, other) for one, other in zip(before, after, strict=True)]
    words[0], words[-1] = number(after[0]), number(after[-1])
    return words


def alt(bars: Sequence[str]) -> str:
    """The waterfall in one line, for those who hear the page."""
    return f"First over last layer, over a lossless network's, rung by rung: {', '.join(bars)}"


def step_words(before: float, after: float) -> str:
    """What stands over a bar of the waterfall."""
    if not (usable(before) and usable(after)):
        return number(after)
    factor = after / before
    return f"× {number(factor)}" if factor >= 1 else f"÷ {number(1 / factor)}"


def reading(rungs: Sequence[Rung], n_examples: int) -> list[str]:
    """The ladder in sentences."""
    start, end = rungs[0], rungs[-1]
    many = f" (over {n_examples} examples, the same on every rung)" if n_examples > 1 else ""
    lines = [f"**Start**: the original program's sigmoid network at the present size, {number(start.left)}{many}."]
    for below, rung in pairwise(rungs):
        assert rung.remedy
        # A share of seeds that leaves the median a number is said beside it.
        lost = f"; for {percent(rung.lost)} of the seeds it is exactly zero or not finite" if rung.lost else ""
        title = f"**{REMEDIES[rung.remedy].title}** ({chosen(rung.remedy, rung.spec)})"
        lines.append(f"{title}: {_way(below.left, rung.left)}: {_verdict(below.left, rung.left)}{lost}.")
    lines.append(
        f"**All together**: from {number(start.left)} to {number(end.left)}, {_whole(start.left, end.left)}; first / "
        f"last as measured goes from {number(start.ratio)} to {number(end.ratio)}. In another order the end is the "
        "same, but the steps are not: what a remedy is worth depends on what is there already."
    )
    return lines


def _way(before: float, after: float) -> str:
    """By what factor, and to which ratio; without a factor from which."""
    if usable(before) and usable(after):
        return f"{step_words(before, after)}, which leaves {number(after)}"
    return f"from {number(before)} to {number(after)}"


def _verdict(before: float, after: float) -> str:
    """One rung, better or worse; what a factor of the ratio says already is not said again."""
    kind, won = effect(before, after), gain(before, after)
    if kind == "across":
        return "past 1, about as far off"
    if kind == "same":
        return f"{'little' if won else 'no'} difference"
    if np.isinf(won):
        return lost_or_found(before, won)
    # Across 1, a factor is not what has been won.
    return f"past 1, {times(abs(won))} {kind}" if crosses(before, after) else kind


def _whole(before: float, after: float) -> str:
    won = gain(before, after)
    if effect(before, after) in ("same", "across") or np.isinf(won):
        return _verdict(before, after)
    return f"{times(abs(won))} {'nearer to' if won > 0 else 'further from'} 1"
