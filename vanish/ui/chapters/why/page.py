"""Chapter ``why``: why does a product of slopes vanish?"""

import numpy as np
import pandas as pd
import streamlit as st

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.ui.chapters.why import charts, data
from vanish.ui.chapters.why import words as why_words
from vanish.ui.kit import drawing as kit_drawing
from vanish.ui.kit import frames, numbers, pieces
from vanish.ui.kit.controls import whole_numbers
from vanish.ui.kit.measured import Flow
from vanish.ui.kit.palette import ACTIVATION_COLORS
from vanish.ui.shell import moves
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, Settings

COLORS = tuple(ACTIVATION_COLORS[name] for name in kata.IDEAL_SLOPES)


SLOPES = tuple(f"slope_{name}" for name in kata.IDEAL_SLOPES)


# A row of people longer than this is no picture any more.
MOST_PEOPLE = 20


def show(settings: Settings, flow: Flow) -> None:
    """Draw the chapter."""
    slopes = {name: getattr(settings, f"slope_{name}") for name in kata.IDEAL_SLOPES}
    names = tuple(f"{ACTIVATIONS[name].label}: {slope:g}" for name, slope in slopes.items())
    table = kata.ideal_decay(whole_numbers(settings.layer_counts), slopes)
    kit_drawing.show(charts.decay(names, COLORS), _long(table, names), why_words.decay_alt(slopes), key="decay")
    words = why_words.decay_reading(slopes, settings.depth), why_words.typical_tanh_reading(slopes["tanh"])
    st.markdown("\n\n".join(words))
    moves.try_this(
        ("try_deeper", "Twice as deep", {"depth": min(2 * settings.depth, CONTROLS["depth"].high)}),
        ("try_slopes", "What if every slope were 0.9?", dict.fromkeys(SLOPES, 0.9)),
        ("try_kata_slopes", "The kata's slopes", {key: DEFAULTS[key] for key in SLOPES}),
    )
    pieces.table(table, "What is left after so many layers, for each slope", key="decay_table")
    pieces.download(table, "vanish-decay.csv", "Download as CSV", key="decay_csv")
    _curves(settings)
    _mental_models(settings.depth, slopes, names)
    pieces.formula(
        [r"\left| \frac{\partial L}{\partial z_1} \right| \approx \prod_{l=1}^{n} |\varphi'(z_l)| = s^{\,n}"],
        "One factor a layer. The weights add factors of their own: the next chapter measures both.",
    )
    _take_aways()


def _take_aways() -> None:
    folded = st.expander("What to take away", on_change="rerun", key="take_aways")
    if folded.open:
        folded.markdown(
            "- The gradient of an early layer is a product with one factor for every layer after it.\n"
            "- Factors below 1 on average make it vanish, factors above 1 make it explode; both get worse with depth, "
            "so stacking more layers makes a naive network worse, not better: the early layers stay where chance "
            "put them, and the later ones learn from what those make of the input.\n"
            "- The remedies all keep the average factor near 1, or give the gradient a way around the product: "
            + ", ".join(f"**{remedy}**" for remedy in kata.REMEDIES)
            + ". (Clipping is for the opposite problem.)"
        )


def _curves(settings: Settings) -> None:
    st.markdown(
        "**Where the slopes come from.** "
        + " ".join(f"{ACTIVATIONS[name].label}: {ACTIVATIONS[name].explanation}" for name in settings.activations)
    )
    value, slope = data.curves(settings.activations)
    for column, frame, title in zip(st.columns(2), (value, slope), ("Output", "Slope"), strict=True):
        with column:
            spec = charts.curves(settings.activations, title)
            kit_drawing.show(spec, frame, f"{title} of each activation over its input", key=f"curve_{title.lower()}")


def _mental_models(depth: int, slopes: dict[str, float], names: tuple[str, ...]) -> None:
    st.markdown("**Three ways to picture it**, with the slopes and the depth that are set.")
    left = data.remaining(names, slopes.values(), min(depth, MOST_PEOPLE))
    _picture(
        "**The telephone game.** Each person whispers on only part of what was heard; the disc is what is left.",
        charts.telephone(names, COLORS),
        left,
        "What is left of a message along a row of people",
    )
    _picture(
        f"**Repeated multiplication.** {why_words.multiplication(slopes, depth)}",
        charts.products(names, COLORS),
        left,
        "The product after each factor",
    )
    sizes = {name: slope ** np.arange(depth, 0, -1.0) for name, slope in zip(names, slopes.values(), strict=True)}
    notes = [f"{name}: {numbers.number(remaining[0])} is left" for name, remaining in sizes.items()]
    _picture(
        "**Narrow and wide pipes.** The gradient flows from right to left. Every layer is a pipe; a slope below 1 "
        "makes the next one narrower, a slope above 1 wider (log scale).",
        kit_drawing.pipes(names, COLORS, "Layer"),
        frames.pipes_frame(sizes, notes),
        "Ideal networks as pipes",
    )


def _picture(words: str, spec: kit_drawing.Spec, frame: pd.DataFrame, alt: str) -> None:
    text, drawing = st.columns((1, 2), gap="medium", vertical_alignment="center")
    text.markdown(words)
    with drawing:
        kit_drawing.show(spec, frame, alt, key=alt)


def _long(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    values = table.iloc[:, 1:].to_numpy()
    return pd.DataFrame(
        {
            "layers": np.tile(table["layers"], len(names)),
            "name": np.repeat(names, len(table)),
            # A log axis has no place for the zero that a slope of zero leaves.
            "value": np.where(values > 0, values, np.nan).T.ravel(),
        }
    )
