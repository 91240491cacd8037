"""What the two looks of chapter ``time`` that train share: the task, an example of it, what a long run should lower."""

from collections.abc import Sequence

import streamlit as st

from vanish.choices.tasks import TASKS
from vanish.sequence.spec import RecurrentSpec
from vanish.ui.chapters.time import charts, data, gradient, words
from vanish.ui.chapters.time.controls import Cells, Memory
from vanish.ui.kit import drawing, jobs, replay
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.table import table
from vanish.ui.shell import last
from vanish.ui.shell.header import Head
from vanish.ui.shell.last import Last
from vanish.ui.shell.settings import Settings

TO_LOWER = "Lower **training steps**, **lag**, **hidden units** or **sequences in a batch**, or take fewer cells."


# Of a run that is played: what is seen of its lines.
SEEN = {drawing.DATA: replay.GROWS.format("step")}


def task(plan: Memory, asked: int) -> None:
    """What has to be remembered, and whether a batch is smaller than was ``asked`` for."""
    st.markdown(words.task(plan.task, plan.lag))
    if smaller := words.smaller_batch(plan.time_batch, asked):
        st.markdown(smaller)


def example(plan: Memory) -> None:
    """One sequence, where there is no run to show."""
    frame, target = data.example(plan)
    st.markdown(words.example(plan.task, target))
    drawing.show(
        charts.example(TASKS[plan.task].channels), frame, "A sequence of the task, step by step", key="example"
    )


def before(settings: Settings, job: Job, over: bool) -> Last | None:
    """The run before, if it was of the same task, as other losses are no comparison; and what the faint marks are.

    ``over``: whether the run that they stand behind is over.
    """
    found: Last | None = jobs.last(job)
    if not found or found.settings.task != settings.task:
        return None
    st.markdown(last.words(last.changed(found.settings, settings, [*table(Cells), *table(Memory)]), over))
    return found


def at_start(specs: Sequence[RecurrentSpec], plan: Memory) -> Head:
    """The top of the page before a run: what reaches the first step of one of the task's sequences."""
    profiles = data.at_start(specs, plan)
    note = words.before(profiles.diagnoses, words.of_task(plan.task, plan.lag))
    return Head(words.finding(profiles.diagnoses), gradient.cards(profiles), note, apart=True)
