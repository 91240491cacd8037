"""The top of the page: the finding in one sentence, a card per network, the link."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from vanish.activations import ACTIVATIONS
from vanish.diagnosis import Diagnosis
from vanish.ui import readings
from vanish.ui.data import Flow
from vanish.ui.settings import Settings, address


class Head(NamedTuple):
    """What the top of the page says: a sentence in Markdown, and a card for each network by its title."""

    sentence: str
    cards: dict[str, Diagnosis]


def of_layers(flow: Flow) -> Head:
    """The head of a chapter on networks with layers."""
    cards = {f"{ACTIVATIONS[name].label}: first / last": found for name, found in flow.diagnoses.items()}
    return Head(readings.finding(flow.diagnoses), cards)


def show(settings: Settings, head: Head, corrections: Sequence[str]) -> None:
    """Draw the header."""
    if corrections:
        st.warning("\n".join(f"- {line}" for line in corrections), title="Some settings were put right")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**vanish** · what is left of the gradient, layer by layer", width="content")
        with st.popover("Copy link", icon=":material/link:", type="tertiary", help="Opens the page just as you see it"):
            st.code(address(st.context.url or "", settings.changes), language=None, wrap_lines=True)
    st.title(head.sentence, anchor=False)
    grid = st.grid(min(len(head.cards), 4), min_column_width=150, gap="small")
    for title, found in head.cards.items():
        grid.metric(
            title,
            readings.number(found.ratio),
            readings.verdict(found),
            delta_color=readings.VERDICT_COLORS[found.verdict],
            delta_arrow="off",
            border=True,
        )
