"""What the two looks of chapter ``time`` that train share: the task, an example of it, what a long run should lower."""

import streamlit as st

from vanish.sequences import TASKS
from vanish.ui import charts, charts_time, data_time, readings_time
from vanish.ui.settings import Memory

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
    frame, target = data_time.example(plan)
    st.markdown(f"**One of the sequences.** {readings_time.answer(plan.task, target)}")
    channels = data_time.CHANNELS[plan.task]
    charts.show(charts_time.example(channels), frame, "A sequence of the task, step by step", key="example")
