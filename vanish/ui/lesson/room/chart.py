"""What a room has said to a question: a bar for each choice, a dot for each number; and the truth, once it is shown."""

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from vanish.ui.kit import drawing
from vanish.ui.kit.drawing import DATA, INK, SILENT, Spec, base_chart, declared, finish
from vanish.ui.lesson import chart
from vanish.ui.lesson.answers import Answer, LogGuess, Options, Result
from vanish.ui.lesson.chart import KINDS, Row
from vanish.ui.lesson.room import words
from vanish.ui.lesson.room.store import Tally

TRUTH = "truth"

# Dots that have room above each other: no more structures than these.
HEIGHTS = (6, 12, 25, 50, 100, 250, 500)

TITLE = "The room's guesses"

# The words beside the truth.
SAID: Mapping[str, Any] = {"baseline": "top", "fontSize": 15, "fontWeight": 600}


def rows(answer: Answer, tally: Tally, result: Result | None) -> list[Row]:
    """The bars of a choice: each option's share, in the options' order."""
    return [
        Row(
            f"{answer.texts[text]}: {n}{' ← measured' if result and text == result.truth else ''}",
            n / max(tally.answered, 1),
            "measured" if result and text == result.truth else "guess",
        )
        for text, n in tally.counts.items()
    ]


def points(answer: Answer, tally: Tally) -> pd.DataFrame:
    """The dots of numbers: ``value``, ``place`` among those that are alike, ``words``."""
    counts = np.array(list(tally.counts.values()), dtype=int)
    values = np.array([answer.number(text) for text in tally.counts], dtype=np.float64)
    return pd.DataFrame(
        {
            "value": values.repeat(counts),
            "place": np.concatenate([np.arange(n) for n in counts] or [np.empty(0)]),
            "words": np.array([answer.texts[text] for text in tally.counts], dtype=object).repeat(counts),
        }
    )


def truth(answer: Answer, result: Result | None) -> pd.DataFrame:
    """The line of what was measured: ``value, words``; none before it is shown, or where no axis has a place for it."""
    value = float(result.truth) if result else np.nan
    if not result or not (0 < value < np.inf if isinstance(answer, LogGuess) else np.isfinite(value)):
        return pd.DataFrame({"value": [], "words": []})
    return pd.DataFrame({"value": [value], "words": [f"measured: {answer.truth(result)}"]})


@declared
def dots(low: float, high: float, log: bool, unit: str, most: int) -> Spec:
    """A dot for each guess, those that are alike above each other, up to ``most``, on an axis from ``low`` to ``high``,
    by powers of ten (``log``) or in per cent.  Data: ``value, place, words``; data set ``TRUTH``: ``value, words``."""
    scale = alt.Scale(type="log" if log else "linear", domain=[low, high], nice=False, clamp=True)
    x = alt.X("value:Q").scale(scale).title(f"{TITLE}, in {unit}" if unit else TITLE)
    x = x.axis(drawing.log_axis("x") if log else alt.Axis(format="%", tickCount=6, gridOpacity=0.5))
    # As large as dots can be that stand side by side and above each other.
    gap = math.log10(2) / math.log10(high / low) if log else 0.05 / (high - low)
    size = alt.expr(f"pow(min(0.85 * height / {most}, 0.9 * {gap:.4f} * width, 40), 2)")
    guessed = (
        base_chart()
        .mark_circle(size=size, opacity=1, color=KINDS["guess"])
        .encode(
            x,
            alt.Y("place:Q").scale(domain=[-0.5, most], nice=False).axis(None),
            tooltip=[alt.Tooltip("words:N").title("Guess")],
        )
    )
    line = base_chart(TRUTH)
    # Towards the middle, so that the words end on the slide.
    middle = (low * high) ** 0.5 if log else (low + high) / 2
    text = alt.Text("words:N")
    upwards = line.transform_filter(f"datum.value < {middle!r}").mark_text(align="left", dx=8, **SAID)
    downwards = line.transform_filter(f"datum.value >= {middle!r}").mark_text(align="right", dx=-8, **SAID)
    said = [part.encode(x, text, y=alt.value(0), color=alt.value(INK)) for part in (upwards, downwards)]
    rule = line.mark_rule(strokeWidth=4, color=KINDS["measured"], **SILENT).encode(x)
    return finish(alt.layer(guessed, rule, *said), height=240)


def show(answer: Answer, tally: Tally, result: Result | None, key: str, large: bool = False) -> None:
    """Draw what has been said, and (``result``) the truth."""
    alt_text = spoken(answer, tally, result)
    options = {"height": "stretch"} if large else {}
    if isinstance(answer, Options):
        shown = rows(answer, tally, result)
        spec, data = chart.bars(len(shown), TITLE, True, large), chart.frame(shown, share=True)
        drawing.show(spec, data, alt_text, key=key, **options)
        return
    numbers = points(answer, tally)
    tallest = int(numbers["place"].max()) + 1 if len(numbers) else 0
    values = [float(answer.number(text) or 0.0) for text in answer.texts]
    log = isinstance(answer, LogGuess)
    low, high = (values[0] / 1.6, values[-1] * 1.6) if log else (-0.02, 1.02)
    most = next(most for most in HEIGHTS if most >= tallest)
    plain = dots(low, high, log, answer.unit if isinstance(answer, LogGuess) else "", most)
    spec = drawing.for_slide(plain) if large else plain
    datasets: Mapping[str, pd.DataFrame] = {DATA: numbers, TRUTH: truth(answer, result)}
    drawing.show(spec, datasets, alt_text, key=key, **options)


def spoken(answer: Answer, tally: Tally, result: Result | None) -> str:
    """The picture for who hears it."""
    said = words.spread({answer.texts[text]: n for text, n in tally.counts.items()})
    return f"{TITLE}. {said}{f'. Measured: {answer.truth(result)}' if result else ''}"
