"""The ladder of chapter ``fixes``: remedies one after another, and what each step buys."""

import streamlit as st

from vanish.remedies import NETWORK_REMEDIES
from vanish.ui import charts, charts_fixes, data_fixes, readings_fixes, sidebar
from vanish.ui.chapters import parts
from vanish.ui.data import Flow
from vanish.ui.settings import Settings

# Orders that are worth seeing: (key, label, order).
ORDERS = (
    ("order_kata", "The kata's order", NETWORK_REMEDIES),
    ("order_weights_first", "Initialisation first", ("initialization", "relu", "normalization", "residual")),
    ("order_norm_first", "Normalisation first", ("normalization", "relu", "initialization", "residual")),
    ("order_modern", "Without residual connections", ("relu", "initialization", "normalization")),
)


def show(settings: Settings, _: Flow) -> None:
    """Draw the view."""
    sidebar.draw("ladder")
    parts.pickers(*(f"fix_{name}" for name in settings.ladder))
    spec = settings.specs[0]
    rungs, n_examples = data_fixes.ladder(spec, settings.ladder, tuple(settings.variants.items()), settings.signal)
    frame = data_fixes.ladder_frame(rungs)
    pairs = zip(frame["before"], frame["after"], strict=True)
    words = [readings_fixes.rung_words(before, after) for before, after in pairs]
    for end in (0, len(words) - 1):
        words[end] = readings_fixes.number(frame["after"].iloc[end])
    st.markdown(
        f"From the kata's sigmoid network, {settings.depth} layers of {settings.width}, up: each rung adds a remedy "
        "to all those before it. Green brings the ratio nearer to 1 (dashed), orange takes it further away."
    )
    charts.show(
        charts_fixes.waterfall(len(frame)),
        frame.assign(words=words),
        f"First over last layer, rung by rung: {', '.join(words)}",
        key="ladder_chart",
    )
    lines = readings_fixes.ladder(rungs, n_examples)
    st.markdown("\n".join(f"- {line}" for line in lines))
    parts.try_this(*[(key, label, {"ladder": order}) for key, label, order in ORDERS if order != settings.ladder])
    table = data_fixes.rungs_table(rungs)
    parts.table(table, "Ratio of first to last layer on every rung", key="ladder_table")
    parts.download(table, "vanish-ladder.csv", "Download as CSV", key="ladder_csv")
