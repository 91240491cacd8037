"""What the two looks of chapter ``time`` that train share: the task, an example of it, what a long run should lower."""

import streamlit as st

from vanish.choices.tasks import TASKS
from vanish.ui.chapters.time import charts, data
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.kit import drawing

TO_LOWER = "Lower **training steps**, **lag**, **hidden units** or **sequences in a batch**, or take fewer cells."


def task(plan: Memory) -> None:
    """What has to be remembered."""
    entry = TASKS[plan.task]
    st.markdown(
        f"**{entry.label.capitalize()}**, lag {plan.lag}. {entry.explanation} {entry.lag_note} "
        f"What remembers nothing stays at a loss of {entry.baseline:.4g} ({entry.baseline_note})."
    )


def example(plan: Memory) -> None:
    """One sequence, where there is no run to show."""
    frame, target = data.example(plan)
    entry = TASKS[plan.task]
    st.markdown(f"**One of the sequences.** {entry.answer(target)}")
    drawing.show(charts.example(entry.channels), frame, "A sequence of the task, step by step", key="example")
