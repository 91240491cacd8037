"""The top of the page: the finding in one sentence, a card per network, the link."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import Diagnosis
from vanish.ui.kit import numbers, verdicts
from vanish.ui.kit.link import address
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell.settings import Settings


class Head(NamedTuple):
    """What the top of the page says: a sentence in Markdown, and a card for each network by its title."""

    sentence: str
    cards: dict[str, Diagnosis]


def of_layers(profiles: Profiles) -> Head:
    """The head of a chapter on networks with layers."""
    cards = {f"{ACTIVATIONS[name].label}: first / last": diagnosis for name, diagnosis in profiles.diagnoses.items()}
    return Head(verdicts.finding(profiles.diagnoses), cards)


def bar(settings: Settings, corrections: Sequence[str], entry: Callable[[], None] | None = None) -> None:
    """Draw the page's name, the ways in (``entry``) and out to others, and what had to be put right."""
    put_right(corrections)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**vanish** · what is left of the gradient, layer by layer", width="content")
        with st.container(horizontal=True, width="content"):
            if entry:
                entry()
            _copy_link(settings)


def put_right(corrections: Sequence[str]) -> None:
    """Say what a link asked for that cannot be had, if anything."""
    if corrections:
        st.warning("\n".join(f"- {line}" for line in corrections), title="Some settings were put right")


def _copy_link(settings: Settings) -> None:
    # In a lesson a link that says nothing else opens a step as it comes: this one says where the reader is.
    here = {"chapter": settings.chapter} if settings.lesson else {}
    with st.popover("Copy link", icon=":material/link:", type="tertiary", help="Opens the page just as you see it"):
        st.code(address(st.context.url or "", settings.changes | here), language=None, wrap_lines=True)


def show(head: Head) -> None:
    st.title(head.sentence, anchor=False)
    grid = st.grid(min(len(head.cards), 4), min_column_width=150, gap="small")
    for title, diagnosis in head.cards.items():
        grid.metric(
            title,
            numbers.number(diagnosis.ratio),
            verdicts.verdict(diagnosis),
            delta_color=verdicts.VERDICT_COLORS[diagnosis.verdict],
            delta_arrow="off",
            border=True,
        )
