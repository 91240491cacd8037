"""A look of chapter ``time``: a run whose gradients explode, with and without clipping."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from vanish.choices.tasks import TASKS
from vanish.sequence.spec import RecurrentSpec
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.chapters.time import charts, data, memory, words
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.chapters.time.data import WITH, WITHOUT
from vanish.ui.kit import drawing, jobs, races
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.palette import CELL_COLORS
from vanish.ui.shell import moves
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import Settings

COLORS = {WITHOUT: CELL_COLORS["lstm"], WITH: CELL_COLORS["rnn_tanh"]}

# Session state's own entry: the gradients of the last run without clipping, so that the threshold can be moved.
NORMS = "_norms"


def show(settings: Settings, _: Profiles) -> None:
    """The two runs side by side, and where to put the threshold."""
    plan, spec = data.clipping_plan(settings.part(Memory)), data.plain(settings.recurrent_specs)
    memory.task(plan)
    st.markdown(words.twice(spec.cell, plan.time_clip, plan.time_clip_at))
    moves.try_this(("try_clip", "The run that explodes", PRESETS["clip_saves"].named))
    runs = races.by_name(jobs.items(_job(spec, plan)))
    if runs:
        _sides(runs, plan)
        st.markdown("\n".join(f"- {line}" for line in _reading(runs, plan)))
    else:
        memory.example(plan)
    _threshold(spec, plan, runs.get(WITHOUT))


def _job(spec: RecurrentSpec, plan: Memory) -> Job:
    return Job(
        name="clip_race",
        label="Train it twice",
        key=("clipping", spec, plan),
        seconds=lambda: 2 * data.seconds([spec], plan),
        make=lambda beat: data.clipping_race(spec, plan, beat),
        status=lambda items: data.status(items, plan),
        draw=lambda items: _sides(races.by_name(items), plan, live=True),
        to_lower=memory.TO_LOWER,
        primary=True,
    )


def _sides(runs: Mapping[str, Sequence[RecurrentSnapshot]], plan: Memory, live: bool = False) -> None:
    """Loss and length of the gradient at every step, the two runs side by side on the same axes."""
    baseline = pd.DataFrame({"format": ["remembering nothing"], "value": [TASKS[plan.task].baseline]})
    limit = pd.DataFrame({"format": [words.threshold_rule(plan.time_clip_at)], "value": [plan.time_clip_at]})
    looks = (("losses", "Loss", baseline), ("gradient_norms", "Length of the gradient", limit))
    columns = dict(zip((WITHOUT, WITH), st.columns(2), strict=True))
    for name in runs:
        columns[name].markdown(f"**{name.capitalize()} clipping**")
    for measure, title, rule in looks:
        frames = data.trace_frames(runs, measure, plan.time_clip_at)
        shared = {charts.EXTENT: frames[charts.EXTENT], drawing.FLOORS: rule}
        for name in runs:
            with columns[name]:
                alt = f"{title} at every step of the run {name} clipping"
                key = None if live else f"{measure}_{name}"
                drawing.show(charts.trace(title, COLORS[name]), {drawing.DATA: frames[name], **shared}, alt, key)


def _reading(runs: Mapping[str, Sequence[RecurrentSnapshot]], plan: Memory) -> list[str]:
    baseline = TASKS[plan.task].baseline
    lines = [words.clipping(run, baseline, plan.time_clip_at, name == WITH) for name, run in runs.items()]
    if WITHOUT in runs:
        norms = data.every_step(runs[WITHOUT], "gradient_norms")
        hint = words.no_spikes(norms, plan.time_clip_at, plan.time_optimizer)
        lines += [hint] if hint else []
    return lines


def _threshold(spec: RecurrentSpec, plan: Memory, run: Sequence[RecurrentSnapshot] | None) -> None:
    """The lengths of the run without clipping, which no threshold changes: the rule follows the slider at once."""
    kind = (spec, replace(plan, time_clip="none", time_clip_at=1.0))
    if run:
        st.session_state[NORMS] = kind, data.every_step(run, "gradient_norms")
    known, norms = st.session_state.get(NORMS, (None, np.empty(0)))
    if known != kind:
        return
    st.markdown(words.threshold(norms, plan.time_clip_at))
    rule = pd.DataFrame({"value": [plan.time_clip_at], "words": [words.threshold_rule(plan.time_clip_at)]})
    frames = {drawing.DATA: data.norms_frame(norms, plan.time_clip_at), drawing.PRESENT: rule}
    drawing.show(charts.norms(), frames, "How long the gradients were in the run without clipping", key="norms")
