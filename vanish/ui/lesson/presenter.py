"""Presenter mode: the lesson in large type for a projector, and nothing else."""

from collections.abc import Sequence

import streamlit as st

from vanish.ui.lesson import chart, guide
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.place import Place
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.steps import Step
from vanish.ui.shell import header, session

# Everything is sized by the root's; the sidebar and its button have nothing to show here.
STYLE = """<style>
html { font-size: clamp(16px, 1.65vw, 26px) !important; }
[data-testid=stMainBlockContainer] { padding-top: 1.2rem; padding-bottom: 1rem; }
[data-testid=stHeader] { display: none; }
.st-key-morals li { font-size: 0.85em; line-height: 1.25; margin-bottom: 0.1rem; }
</style>"""


def show(place: Place, corrections: Sequence[str]) -> None:
    """Draw the present step: the question, then the answer; Next shows it first and moves on then."""
    st.html(STYLE)
    header.put_right(corrections)
    step = place.step
    if step is None:
        _morals(place)
    else:
        total = len(place.lesson.steps)
        st.markdown(f":small[{place.number} of {total}. {step.title}]\n\n## {step.question}")
        if place.hides:
            _options(step)
        else:
            _answer(guide.outcome(place, step))
    _walk(place)


def _options(step: Step) -> None:
    texts = list(step.answer.texts.values())
    if len(texts) < 9:
        st.markdown("\n".join(f"- {words}" for words in texts))
    else:
        st.markdown(f"Somewhere from **{texts[0]}** to **{texts[-1]}**. What do you say?")


def _answer(outcome: Outcome) -> None:
    drawing, words = st.columns((3, 2), gap="large", vertical_alignment="center")
    with drawing:
        chart.show(outcome, key="presented", large=True)
    words.markdown(f"**{outcome.verdict}**\n\n{outcome.result.why}")


def _morals(place: Place) -> None:
    st.markdown("## What to take home")
    steps = place.lesson.steps
    half = (len(steps) + 1) // 2
    with st.container(key="morals"):
        columns = st.columns(2, gap="large")
    for column, first in zip(columns, (0, half), strict=True):
        lines = [f"{n}. {step.moral}" for n, step in enumerate(steps[first : first + half], first + 1)]
        column.markdown("\n".join(lines))


def _walk(place: Place) -> None:
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            on_click=guide.go,
            args=(place.lesson.name, max(1, place.number - 1)),
            disabled=place.number == 1,
            shortcut="Left",
            key="present_back",
        )
        st.button(
            "Show the answer" if place.hides else "Next",
            icon=":material/visibility:" if place.hides else ":material/arrow_forward:",
            type="primary",
            on_click=_next,
            args=(place,),
            disabled=place.step is None,
            shortcut="Right",
            key="present_next",
        )
        st.space("stretch")
        st.button(
            "Leave presenter mode",
            icon=":material/close:",
            type="tertiary",
            on_click=_leave,
            args=(place,),
            key="present_leave",
        )


def _next(place: Place) -> None:
    if place.step and place.hides:
        guide.answer(place.step, SHOWN)
    else:
        guide.go(place.lesson.name, place.number + 1)


def _leave(place: Place) -> None:
    """To the same step on the page."""
    session.keep(present=0, lesson=place.lesson.name)
    guide.go(place.lesson.name, place.number)
