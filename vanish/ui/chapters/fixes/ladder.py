"""The ladder of chapter ``fixes``: remedies one after another, and what each step buys."""

import streamlit as st

from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.remedies import NETWORK_REMEDIES, Rung
from vanish.ui.chapters.fixes import charts, data
from vanish.ui.chapters.fixes import ladder_words as words
from vanish.ui.kit import budget, drawing, pieces, verdicts
from vanish.ui.shell import header, moves, sidebar
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import Settings

# Orders that are worth seeing: (key, label, order).
ORDERS = (
    ("order_kata", "The original order", NETWORK_REMEDIES),
    ("order_weights_first", "Initialization first", ("initialization", "relu", "normalization", "residual")),
    ("order_norm_first", "Normalization first", ("normalization", "relu", "initialization", "residual")),
    ("order_modern", "Without residual connections", ("relu", "initialization", "normalization")),
)


def head(settings: Settings, _: None) -> Head:
    """Where the ladder leads."""
    rungs, n_examples, n_seeds = _measured(settings)
    shown = budget.said([(n_seeds, settings.n_seeds, "seeds"), (n_examples, settings.batch_size, "examples")])
    return Head(words.finding(rungs, settings.n_layers), note=shown)


def _measured(settings: Settings) -> tuple[list[Rung], int, int]:
    return data.ladder(settings.specs[0], settings.ladder, tuple(settings.variants.items()), settings.signal)


def show(settings: Settings, _: None) -> None:
    """The order of the remedies, the waterfall, and its rungs in words and as a table."""
    sidebar.draw("ladder")
    rungs, n_examples = _measured(settings)[:2]
    frame = data.ladder_frame(rungs)
    bars = words.bar_words(frame["before"].tolist(), frame["after"].tolist())
    drawing.show(
        charts.waterfall(len(frame)),
        frame.assign(words=bars),
        words.alt(bars),
        key="ladder_chart",
    )
    header.below_picture()
    st.markdown(words.introduction(settings.n_layers, settings.units))
    moves.pickers(*(f"fix_{name}" for name in settings.ladder))
    lines = words.reading(rungs, n_examples)
    if aside := verdicts.judged_as(MAGNITUDES[settings.magnitude]):
        st.caption(aside)
    st.markdown("\n".join(f"- {line}" for line in lines))
    moves.try_this(*[(key, label, {"ladder": order}) for key, label, order in ORDERS if order != settings.ladder])
    table = data.rungs_table(rungs)
    pieces.table(table, "Ratio of first to last layer on every rung", key="ladder_table")
    columns = (
        "remedy and variant added on this rung; ratio, first / last layer of "
        f"{MAGNITUDES[settings.signal.magnitude].label} (no unit); the same over a lossless network's; log10 of the "
        "ratio, and of what the rung multiplied it by"
    )
    pieces.download(table, "vanish-ladder.csv", "Download as CSV", "ladder_csv", columns)
