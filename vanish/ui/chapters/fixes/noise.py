"""Shattered gradients, in chapter ``fixes``: do neighboring inputs ask for the same change?"""

import pandas as pd
import streamlit as st

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.ui.chapters.fixes import charts, data
from vanish.ui.chapters.fixes import noise_words as words
from vanish.ui.chapters.fixes.data import Walk
from vanish.ui.kit import drawing, pieces
from vanish.ui.kit.progress import Progress
from vanish.ui.shell import header, moves
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import Settings


def head(settings: Settings, _: None) -> Head:
    """How alike neighbors are, and how large the gradient is."""
    return Head(words.finding(_walks(settings), settings.noise_norm))


def _walks(settings: Settings) -> list[Walk]:
    return data.walks(settings.noise_norm, min(settings.n_layers, data.LARGEST_DEPTH), settings.seed)


def show(settings: Settings, _: None) -> None:
    """Walks along the inputs of three networks, and the same measured against depth."""
    walks = _walks(settings)
    for column, walk in zip(st.columns(len(walks)), walks, strict=True):
        with column:
            st.header(words.heading(walk.title, walk.correlation), anchor=False)
            drawing.show(
                charts.walk(walk.kind),
                walk.frame,
                f"Derivative along the line, {walk.title}",
                key=f"walk_{walk.title}",
            )
    header.below_picture()
    st.markdown(words.introduction(settings.noise_norm))
    st.markdown("\n".join(f"- {line}" for line in words.reading(walks)))
    normalized = NORMALIZATIONS[settings.noise_norm].normalizes
    moves.try_this(
        ("noise_deep", "50 layers", {"depth": 50}),
        ("noise_shallow", "5 layers", {"depth": 5}),
        (
            "noise_other_norm",
            "Without batch norm" if normalized else "With batch norm",
            {"noise_norm": "none" if normalized else "batch"},
        ),
    )
    _against_depth(settings)


def _against_depth(settings: Settings) -> None:
    frame = _measured(settings.noise_norm)
    # One layer alone needs no theory.
    theory = bool(frame.loc[frame["depth"] > 1, "theory"].notna().any())
    st.header("**Against depth**", anchor=False)
    st.markdown(words.against_depth(len(data.NOISE_SEEDS), theory))
    drawing.show(
        charts.correlations(data.NOISE_DEPTHS, theory),
        frame,
        "Correlation of neighboring gradients against depth",
        key="shattering",
    )
    table = frame.drop(columns=["unrelated"] if theory else ["unrelated", "theory"])
    pieces.table(table, "Correlation of neighboring gradients at each depth", key="shattering_table")
    columns = (
        "depth, in layers; kind of network; correlation of the gradients of neighboring inputs, from -1 to 1: the mean "
        f"over seeds, with the 10 % and the 90 % quantile (low, high){', and what theory expects' if theory else ''}"
    )
    pieces.download(table, "vanish-shattering.csv", "Download as CSV", "shattering_csv", columns)


def _measured(normalization: str) -> pd.DataFrame:
    place = st.empty()

    def report(share: float) -> None:
        place.progress(share, words.progress(data.NOISE_DEPTHS[-1], share))

    frame = data.shattering(normalization, Progress(report))
    place.empty()
    return frame
