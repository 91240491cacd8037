"""A room on the projector: its link in large type, how many have answered, and what they say while they say it."""

import streamlit as st

from vanish.ui.kit.plain import quoted
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.room import chart, words
from vanish.ui.lesson.room import page as room_page
from vanish.ui.lesson.room.door import ROOMS, Here
from vanish.ui.lesson.room.store import Tally
from vanish.ui.lesson.steps import Step

# Seconds between two looks.
LOOK_EVERY = 0.5

# Letters of a link that are shown: one that is cut short leads nowhere.
LONGEST = 300

STYLE = """<style>
.st-key-room_link p { font-size: 1.5rem; margin: 0; }
.st-key-room_link p code { font-size: 1em; }
.st-key-room_count p { font-size: 1.3rem; font-weight: 600; }
[data-testid=stVerticalBlock]:has(> [data-testid=stLayoutWrapper] > .st-key-slide) { height: 100%; }
[data-testid=stLayoutWrapper]:has(.st-key-slide) { flex: 1 1 0; min-height: 12rem; }
</style>"""


def asks(here: Here, step: Step) -> None:
    """Draw the guesses as they come."""
    st.html(STYLE)
    st.fragment(_look, run_every=LOOK_EVERY)(here, step)


def _look(here: Here, step: Step) -> None:
    tally = _head(here, step)
    with st.container(key="slide", height="stretch"):
        chart.show(step.answer, tally, None, key="room_guesses", large=True)


def answers(here: Here, outcome: Outcome) -> None:
    """Draw the guesses with the truth on top."""
    st.html(STYLE)
    tally = ROOMS.tally(here.code, outcome.step.name)
    chart.show(outcome.step.answer, tally, outcome.result, key="room_guesses", large=True)


def _head(here: Here, step: Step) -> Tally:
    room, tally = ROOMS.look(here.code), ROOMS.tally(here.code, step.name)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="room_head"):
        with st.container(key="room_link", width="content"):
            st.markdown(f":material/groups: {quoted(room_page.short_link(here.code), LONGEST)}")
        if room:
            counted = words.answered(tally.answered, room.people)
            said = f"{counted[0].upper()}{counted[1:]}" if room.people else "Open this on your phone"
            with st.container(key="room_count", width="content"):
                st.markdown(said)
    if room and room.again:
        st.caption(words.AGAIN)
    return tally
