"""A look of chapter ``time``: a run whose gradients explode, with and without"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from vanish.cells import CELLS
from vanish.optimizers import CLIPPINGS
from vanish.recurrent import RecurrentSpec
from vanish.recurrent_training import RecurrentSnapshot
from vanish.sequences import TASKS
from vanish.ui import charts, charts_time, data_time, races, readings_time
from vanish.ui.chapters import memory, parts, running
from vanish.ui.chapters.running import Job
from vanish.ui.data import Flow
from vanish.ui.data_time import WITH, WITHOUT
from vanish.ui.palette import CELL_COLORS
from vanish.ui.presets import PRESETS
from vanish.ui.settings import Memory, Settings

COLORS = {WITHOUT: CELL_COLORS["lstm"], WITH: CELL_COLORS["rnn_tanh"]}
# Session state's own entry: the gradients of the last run without clipping, so that the threshold can be moved.
NORMS = "_norms"


def show(settings: Settings, _: Flow) -> None:
    """Draw the look."""
    plan, spec = data_time.clipping_plan(settings.memory), data_time.plain(settings.recurrent_specs)
    memory.task(plan)
    st.markdown(
        f"The same {CELLS[spec.cell].label}, the same sequences and the same first weights, twice: as it is, and with "
        f"gradients clipped {CLIPPINGS[plan.clip].label} at {plan.clip_at:g}."
    )
    parts.try_this(("try_clip", "The run that explodes", PRESETS["clip_saves"].named))
    runs = races.by_name(running.items(_job(spec, plan)))
    if runs:
        _sides(runs, plan)
        st.markdown("\n".join(f"- {line}" for line in _words(runs, plan)))
    else:
        memory.example(plan)
    _threshold(spec, plan, runs.get(WITHOUT))


def _job(spec: RecurrentSpec, plan: Memory) -> Job:
    return Job(
        name="clip_race",
        label="Train it twice",
        key=("clipping", spec, plan),
        seconds=lambda: 2 * data_time.seconds([spec], plan),
        make=lambda beat: data_time.clipping_race(spec, plan, beat),
        status=lambda items: data_time.status(items, plan),
        draw=lambda items: _sides(races.by_name(items), plan, live=True),
        to_lower=memory.TO_LOWER,
        primary=True,
    )


def _sides(runs: Mapping[str, Sequence[RecurrentSnapshot]], plan: Memory, live: bool = False) -> None:
    """Loss and length of the gradient at every step, the two runs side by side on the same axes."""
    baseline = pd.DataFrame({"format": ["remembering nothing"], "value": [TASKS[plan.task].baseline]})
    limit = pd.DataFrame({"format": [f"threshold {plan.clip_at:g}"], "value": [plan.clip_at]})
    looks = (("losses", "Loss", baseline), ("gradient_norms", "Length of the gradient", limit))
    columns = dict(zip((WITHOUT, WITH), st.columns(2), strict=True))
    for name in runs:
        columns[name].markdown(f"**{name.capitalize()} clipping**")
    for measure, title, rule in looks:
        frames = data_time.trace_frames(runs, measure, plan.clip_at)
        shared = {charts_time.EXTENT: frames[charts_time.EXTENT], charts.FLOORS: rule}
        for name in runs:
            with columns[name]:
                alt = f"{title} at every step of the run {name} clipping"
                key = None if live else f"{measure}_{name}"
                charts.show(charts_time.trace(title, COLORS[name]), {charts.DATA: frames[name], **shared}, alt, key)


def _words(runs: Mapping[str, Sequence[RecurrentSnapshot]], plan: Memory) -> list[str]:
    baseline = TASKS[plan.task].baseline
    lines = [readings_time.clipping(run, baseline, plan.clip_at, name == WITH) for name, run in runs.items()]
    if WITHOUT in runs:
        norms = data_time.every_step(runs[WITHOUT], "gradient_norms")
        hint = readings_time.no_spikes(norms, plan.clip_at, plan.optimizer)
        lines += [hint] if hint else []
    return lines


def _threshold(spec: RecurrentSpec, plan: Memory, run: Sequence[RecurrentSnapshot] | None) -> None:
    """The lengths of the run without clipping, which no threshold changes: the rule follows the slider at once."""
    kind = (spec, plan._replace(clip_at=0.0, clip=""))
    if run:
        st.session_state[NORMS] = kind, data_time.every_step(run, "gradient_norms")
    known, norms = st.session_state.get(NORMS, (None, np.empty(0)))
    if known != kind:
        return
    st.markdown(f"**Where to put the threshold?** {readings_time.threshold(norms, plan.clip_at)} Move the slider.")
    rule = pd.DataFrame({"value": [plan.clip_at], "words": [f"threshold {plan.clip_at:g}"]})
    frames = {charts.DATA: data_time.norms_frame(norms, plan.clip_at), charts.PRESENT: rule}
    charts.show(charts_time.norms(), frames, "How long the gradients were in the run without clipping", key="norms")
