"""The leader's page: one sheet on what to say and what goes wrong, for who stands in front of the room."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from vanish.ui.lesson import guide, results
from vanish.ui.lesson.place import Place
from vanish.ui.lesson.steps import Step
from vanish.ui.shell import header, session

TEXT = Path(__file__).with_suffix(".md").read_text("utf-8")

# On paper, beside what holds for every page: one sheet, for the long lesson too.
PRINT = """<style>
@media print {
  html { font-size: 11px !important; }
  .st-key-leader :is(td, th) { padding: 0.05rem 0.5rem !important; }
}
</style>"""


def show(place: Place, corrections: Sequence[str]) -> None:
    """Draw the sheet."""
    st.html(PRINT)
    header.put_right(corrections)
    steps = place.lesson.steps
    with st.container(key="leader"):
        st.title(f"Leader's page: {place.lesson.title}", anchor=False)
        _buttons(place)
        st.markdown(f"{TEXT}\n## What to say\n\n{said(steps)}")


def said(steps: Sequence[Step]) -> str:
    """Each question with its answer, as far as that has been measured, and the line to say."""
    lines = [f"| {n} | {step.title} | {_answer(step)} | {step.moral} |" for n, step in enumerate(steps, 1)]
    return "\n".join(["| | Question | Answer | Say |", "|---|---|---|---|", *lines])


def _answer(step: Step) -> str:
    return step.answer.truth(results.result(step)) if results.is_known(step) else "not measured yet"


def _buttons(place: Place) -> None:
    unknown = [step for step in place.lesson.steps if not results.is_known(step)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("To the slides", icon=":material/present_to_all:", on_click=_to_slides, key="leader_slides")
        asked = bool(unknown) and st.button("Measure all answers", icon=":material/speed:", key="leader_measure")
        st.markdown(":small[Your browser prints this page on one sheet.]", width="content")
    if asked:
        for step in unknown:
            guide.asked(False, partial(results.result, step))
        st.rerun()


def _to_slides() -> None:
    session.keep(present=1)
