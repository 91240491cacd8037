"""The top of the page: the finding in one sentence, a card per network, the link."""

from collections.abc import Mapping, Sequence

import streamlit as st

from vanish.activations import ACTIVATIONS
from vanish.diagnosis import Diagnosis
from vanish.ui import readings
from vanish.ui.data import Flow
from vanish.ui.settings import Settings, address


def show(settings: Settings, flow: Flow, corrections: Sequence[str]) -> None:
    """Draw the header."""
    if corrections:
        st.warning("\n".join(f"- {line}" for line in corrections), title="Some settings were put right")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**vanish** · what is left of the gradient, layer by layer", width="content")
        with st.popover("Copy link", icon=":material/link:", type="tertiary", help="Opens the page just as you see it"):
            st.code(address(st.context.url or "", settings.changes), language=None, wrap_lines=True)
    st.title(readings.finding(flow.diagnoses), anchor=False)
    _cards(flow.diagnoses)


def _cards(diagnoses: Mapping[str, Diagnosis]) -> None:
    grid = st.grid(min(len(diagnoses), 4), min_column_width=150, gap="small")
    for name, found in diagnoses.items():
        grid.metric(
            f"{ACTIVATIONS[name].label}: first / last",
            readings.number(found.ratio),
            readings.verdict(found),
            delta_color=readings.VERDICT_COLORS[found.verdict],
            delta_arrow="off",
            border=True,
        )
