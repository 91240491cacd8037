"""What the view of all combinations in chapter ``fixes`` says."""

from collections.abc import Sequence
from math import hypot, sqrt

import numpy as np

from vanish.measure.combinations import RATES, Combination
from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.measure.remedies import NETWORK_REMEDIES
from vanish.ui.chapters.fixes.data import combination_name
from vanish.ui.chapters.train.runs import STANDARD_ERRORS
from vanish.ui.kit.numbers import percent, spelled

STARTS_ALT = "Test accuracy before training against the ratio of first to last layer, a point for each combination"

STARTS = (
    "Where the networks start: each point is a combination of remedies, untrained. Train them, and see which points "
    "rise: those that start near 1, or those far to the left as well?"
)


def finding(rows: Sequence[Combination], n_networks: int, depth: int, n_test: int, guessing: float, steps: int) -> str:
    """The headline: how many combinations learn to read, once they all have been trained."""
    if len(rows) < n_networks:
        return (
            f"Which combinations of remedies let a network of depth {depth} learn to read digits? "
            f"Train all {n_networks}, and see."
        )
    learned = sum(has_learned(row, n_test, guessing) for row in rows)
    best = _best(rows)
    at_best = f"; best is {combination_name(best.remedies)}, with {percent(best.test_accuracy)}" if best else ""
    return f"{learned} of {n_networks} combinations have learned to read digits within {steps} steps{at_best}."


def has_learned(row: Combination, n_test: int, guessing: float) -> bool:
    """As in chapter ``train``: whether it reads more of ``n_test`` digits than before training, and than guessing."""
    if row.divergence:
        return False
    now, before = (sqrt(share * (1 - share) / n_test) for share in (row.test_accuracy, row.untrained_accuracy))
    above_start = row.test_accuracy - row.untrained_accuracy > STANDARD_ERRORS * hypot(now, before)
    return above_start and row.test_accuracy - guessing > STANDARD_ERRORS * now


def contest(n_networks: int, depth: int, width: int, steps: int, most_steps: int, full_depth: int, batch: int) -> str:
    """What all the combinations are trained on; up to ``full_depth`` they train for ``most_steps``."""
    rates = ", ".join(f"{rate:g}" for rate in RATES)
    fewer = f" (networks this deep take their time: {most_steps} at depth {full_depth})" if steps < most_steps else ""
    return (
        f"All {n_networks} combinations, each {depth} layers of {width} units whatever width is set, learn to read "
        f"digits for **{steps} steps**{fewer} of plain gradient descent, {batch} examples a step. Each trains at "
        f"learning rates {rates}; the one with the lowest training loss counts."
    )


def trained(n: int, total: int) -> str:
    """How far the training is."""
    return f"{n} of {total} combinations trained"


def reading(rows: Sequence[Combination], n_test: int, guessing: float, steps: int) -> list[str]:
    """What the table of all combinations shows."""
    lines = []
    best = _best(rows)
    if best:
        lines.append(
            f"**Best after {steps} steps**: {combination_name(best.remedies)}, with {percent(best.test_accuracy)} of "
            f"the {n_test} test digits right."
        )
    lines.append(
        f"Without any remedy: {_ended(rows[0])}; with all {spelled(len(NETWORK_REMEDIES))}: {_ended(rows[-1])}."
    )
    ratios = np.array([row.ratio for row in rows])
    groups = {
        f"a ratio below {VANISHING_BELOW:g}": ratios < VANISHING_BELOW,
        f"a ratio from {VANISHING_BELOW:g} to {EXPLODING_ABOVE:g}": (ratios >= VANISHING_BELOW)
        & (ratios <= EXPLODING_ABOVE),
        f"a ratio above {EXPLODING_ABOVE:g}": ratios > EXPLODING_ABOVE,
        "no ratio that is a number": np.isnan(ratios),
    }
    for words, inside in groups.items():
        if inside.any():
            lines.append(_group(words, [row for row, one in zip(rows, inside, strict=True) if one], n_test, guessing))
    lines.append(
        f"“Learned” means: more than {STANDARD_ERRORS} standard errors above the same network before training, and "
        f"above guessing, {percent(guessing)}. The ratio is first over last layer's mean |dL/dz| as measured, of the "
        "loss on a first batch."
    )
    return lines


def _best(rows: Sequence[Combination]) -> Combination | None:
    finished = [row for row in rows if not row.divergence]
    return max(finished, key=lambda row: row.test_accuracy, default=None)


def _ended(row: Combination) -> str:
    """What became of one of them."""
    if row.divergence:
        return "diverged at every learning rate"
    return f"{percent(row.test_accuracy)} right, {percent(row.untrained_accuracy)} before training"


def _group(words: str, rows: Sequence[Combination], n_test: int, guessing: float) -> str:
    finished = [row.test_accuracy for row in rows if not row.divergence]
    learned, diverged = sum(has_learned(row, n_test, guessing) for row in rows), len(rows) - len(finished)
    has = "has" if learned == 1 else "have"
    starts = "starts" if len(rows) == 1 else "start"
    parts = [f"{spelled(learned)} {has} learned"]
    if finished:
        low, high = percent(min(finished)), percent(max(finished))
        parts.append(f"accuracy {low}" if low == high else f"accuracy from {low} to {high}")
    if diverged:
        parts.append(f"{spelled(diverged)} diverged at every learning rate")
    return f"Of the {spelled(len(rows))} that {starts} with {words}: {', '.join(parts)}."
