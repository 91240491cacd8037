"""The answer to a question of a lesson: a bar for each number, the reader's guess among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from vanish.ui.kit import drawing, frames
from vanish.ui.kit.drawing import DIGITS, INK, SILENT, Spec, base_chart, declared, finish, named_color
from vanish.ui.kit.palette import GREY, GUESS, TRUTH
from vanish.ui.lesson.results import Outcome

# What was asked for or is right, what the reader said, all else.
KINDS: Mapping[str, str] = {
    "measured": TRUTH,
    "guess": GUESS,
    "other": GREY,
}

# Stands behind the reader's choice; short, for a telephone.
YOU = " ← you"


@dataclass(frozen=True)
class Row:
    """A bar: what stands over it, its length, and which of ``KINDS`` it is."""

    words: str
    value: float
    kind: str


def rows(outcome: Outcome) -> list[Row]:
    """The bars of a step that was answered, the guess among them."""
    result, answer = outcome.result, outcome.step.answer
    number = answer.number(outcome.text) if outcome.guessed else None
    drawn = []
    for place, (name, value) in enumerate(result.rows.items()):
        words = f"{answer.texts.get(name, name)}: {result.say(value)}"
        if isinstance(result.truth, str):
            kind = "measured" if name in (result.truth, result.told) else "guess" if name == outcome.text else "other"
            drawn.append(Row(words + (YOU if name == outcome.text else ""), value, kind))
        else:
            drawn.append(Row(words, value, "measured" if place == 0 else "other"))
            if place == 0 and number is not None:
                drawn.append(Row(f"Your guess: {outcome.guess}", number, "guess"))
    return drawn


def frame(shown: Sequence[Row], share: bool) -> pd.DataFrame:
    """The data of ``bars``: ``row, words, value`` (missing where the axis has no place for it), ``floor, kind``."""
    values = np.array([row.value for row in shown], dtype=np.float64)
    return pd.DataFrame(
        {
            "row": np.arange(len(shown)),
            "words": [row.words for row in shown],
            "value": frames.drawable(values, "linear" if share else "log"),
            "floor": 0.0 if share else frames.floor(values),
            "kind": [row.kind for row in shown],
        }
    )


@declared
def bars(n_rows: int, title: str, share: bool, large: bool = False) -> Spec:
    """A bar for each row, its words over it.  Data: ``row, words, value, floor, kind``."""
    # Where there are many, what follows below them stays on a laptop's screen.
    height, foot, size, font = 46 if n_rows <= 6 else 34, 84, 15 if n_rows <= 6 else 12, 14
    look: dict[str, Any] = {"grid": True, "labelFontSize": font, "titleFontSize": font}
    axis = alt.Axis(format="%", tickCount=6, gridOpacity=0.5, **look) if share else drawing.log_axis("x", **look)
    x = alt.X("value:Q").title(title).axis(axis)
    base = base_chart().encode(
        alt.Y("top:Q").scale(domain=[n_rows - 0.5, -0.6], nice=False).axis(None),
        named_color("kind:N", list(KINDS), list(KINDS.values())).legend(None),
        tooltip=[alt.Tooltip("words:N").title("Measured"), alt.Tooltip("value:Q").format(DIGITS)],
    )
    bar: dict[str, Any] = {
        "size": alt.expr(f"0.36 * height / {n_rows + 0.1}") if large else size,
        "cornerRadiusEnd": 3,
    }
    placed = base.transform_calculate(top="datum.row + 0.2").encode(
        x.scale(domain=[0, 1]) if share else x.scale(type="log"), x2="floor:Q"
    )
    lengths = placed.transform_filter("datum.kind != 'guess'").mark_bar(**bar)
    # The reader's own is an outline: its words are read out.
    hollow: dict[str, Any] = {"stroke": GUESS, "strokeWidth": 2, "strokeDash": [5, 3], "fillOpacity": 0.15}
    guess = placed.transform_filter("datum.kind == 'guess'").mark_bar(**bar, **hollow, **SILENT)
    words = (
        base.transform_calculate(top="datum.row - 0.25")
        .mark_text(align="left", fontSize=font, fontWeight=600)
        .encode(x=alt.value(2), text="words:N", color=alt.value(INK))
    )
    spec = finish(alt.layer(lengths, guess, words), height=height * n_rows + foot)
    return drawing.for_slide(spec) if large else spec


def show(outcome: Outcome, key: str, large: bool = False, most: int | None = None) -> None:
    """Draw the answer: all its bars, or as many as ``most``, what was asked for and the guess among them."""
    shown = rows(outcome)[:most]
    spec = bars(len(shown), outcome.result.title, outcome.result.share, large)
    options = {"height": "stretch"} if large else {}
    drawing.show(spec, frame(shown, outcome.result.share), alt_text(outcome.result.title, shown), key=key, **options)


def alt_text(title: str, shown: Sequence[Row]) -> str:
    """The chart in one line."""
    return f"{title}. {'; '.join(row.words.replace(YOU, ' (your choice)') for row in shown)}"
