"""The ladder of chapter ``fixes``: remedies one after another, and what each step buys."""

import streamlit as st

from vanish.measure.remedies import NETWORK_REMEDIES
from vanish.ui.chapters.fixes import charts, data
from vanish.ui.chapters.fixes import words as fixes_words
from vanish.ui.kit import drawing, numbers, pieces
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import moves, sidebar
from vanish.ui.shell.settings import Settings

# Orders that are worth seeing: (key, label, order).
ORDERS = (
    ("order_kata", "The kata's order", NETWORK_REMEDIES),
    ("order_weights_first", "Initialisation first", ("initialization", "relu", "normalization", "residual")),
    ("order_norm_first", "Normalisation first", ("normalization", "relu", "initialization", "residual")),
    ("order_modern", "Without residual connections", ("relu", "initialization", "normalization")),
)


def show(settings: Settings, _: Profiles) -> None:
    """Draw the view."""
    sidebar.draw("ladder")
    moves.pickers(*(f"fix_{name}" for name in settings.ladder))
    spec = settings.specs[0]
    rungs, n_examples = data.ladder(spec, settings.ladder, tuple(settings.variants.items()), settings.signal)
    frame = data.ladder_frame(rungs)
    pairs = zip(frame["before"], frame["after"], strict=True)
    words = [fixes_words.rung_words(before, after) for before, after in pairs]
    for end in (0, len(words) - 1):
        words[end] = numbers.number(frame["after"].iloc[end])
    st.markdown(
        f"From the kata's sigmoid network, {settings.depth} layers of {settings.width}, up: each rung adds a remedy "
        "to all those before it. Green brings the ratio nearer to 1 (dashed), orange takes it further away."
    )
    drawing.show(
        charts.waterfall(len(frame)),
        frame.assign(words=words),
        f"First over last layer, rung by rung: {', '.join(words)}",
        key="ladder_chart",
    )
    lines = fixes_words.ladder(rungs, n_examples)
    st.markdown("\n".join(f"- {line}" for line in lines))
    moves.try_this(*[(key, label, {"ladder": order}) for key, label, order in ORDERS if order != settings.ladder])
    table = data.rungs_table(rungs)
    pieces.table(table, "Ratio of first to last layer on every rung", key="ladder_table")
    pieces.download(table, "vanish-ladder.csv", "Download as CSV", key="ladder_csv")
