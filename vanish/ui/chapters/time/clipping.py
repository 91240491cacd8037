"""A look of chapter ``time``: one run twice, with and without clipping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from vanish.choices.clippings import CLIPPINGS
from vanish.choices.tasks import TASKS
from vanish.numerics.arrays import Array
from vanish.sequence.spec import RecurrentSpec
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.chapters.time import charts, data, memory, words
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.chapters.time.data import WITH, WITHOUT
from vanish.ui.kit import drawing, jobs, numbers, races, replay
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.palette import HELPED, PLAIN
from vanish.ui.kit.replay import Play
from vanish.ui.shell import header, last, moves
from vanish.ui.shell.header import Card, Head
from vanish.ui.shell.last import Last
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import Settings

COLORS = {WITHOUT: PLAIN, WITH: HELPED}

# Session state's own entry: the gradients of the last run without clipping, so that the threshold can be moved.
GRADIENTS = "_norms"


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradients of a run without clipping that made a step: their sizes, ``(steps,)``, by clipping."""

    sizes: Mapping[str, Array]
    diverged_at: int | None


def measure(settings: Settings) -> data.Runs:
    """The two runs, if they are over; nothing before."""
    return races.by_name(jobs.result(_job(settings)))


def head(settings: Settings, runs: data.Runs) -> Head:
    """What became of the two runs; before them, what the cell receives of the task's gradient."""
    plan, spec = _plan(settings), data.plain(settings.recurrent_specs)
    if runs.keys() < {WITHOUT, WITH}:
        return memory.at_start([spec], plan)
    baseline = TASKS[plan.task].baseline
    sentence = words.clipping_finding(
        runs[WITHOUT], runs[WITH], baseline, plan.time_clip, plan.time_clip_at, plan.time_steps
    )
    return Head(sentence, tuple(_card(name, run, baseline) for name, run in runs.items()), apart=True)


def _card(name: str, run: words.Run, baseline: float) -> Card:
    color = words.OUTCOME_COLORS[words.outcome(run, baseline)]
    value = "diverged" if run[-1].divergence else numbers.number(run[-1].test_loss)
    return Card(f"{name.capitalize()} clipping: test loss", value, words.beside_card(run, baseline), color)


def show(settings: Settings, _: data.Runs) -> None:
    """The two runs side by side, and where to put the threshold."""
    plan, spec = _plan(settings), data.plain(settings.recurrent_specs)
    job = _job(settings)
    runs = races.by_name(jobs.items(job))
    faint = memory.before(settings, job, over=bool(runs))
    if runs:
        play = replay.button("clip_race", job.key, max(run[-1].step for run in runs.values()))
        _sides(runs, plan, faint, play=play)
        st.markdown("\n".join(f"- {line}" for line in _reading(runs, plan)))
    else:
        if faint:
            _sides({}, plan, faint)
        memory.example(plan)
    header.below_picture()
    memory.task(plan, settings.time_batch)
    st.markdown(words.twice(spec.cell, plan.time_clip, plan.time_clip_at))
    moves.try_this(("try_clip", "The run that explodes", PRESETS["clip_saves"].named))
    _threshold(spec, plan, runs.get(WITHOUT))


def _plan(settings: Settings) -> Memory:
    return data.clipping_plan(settings.part(Memory), data.plain(settings.recurrent_specs))


def _job(settings: Settings) -> Job:
    plan, spec = _plan(settings), data.plain(settings.recurrent_specs)
    return Job(
        name="clip_race",
        label="Train it twice",
        key=("clipping", spec, plan),
        seconds=lambda: 2 * data.seconds([spec], plan),
        make=data.clipping_race(spec, plan),
        status=lambda items: data.status(items, plan),
        draw=lambda items: _live(settings, items),
        to_lower=memory.TO_LOWER,
        primary=True,
        trace=lambda items: Last(settings, data.faint_traces(races.by_name(items))),
    )


def _live(settings: Settings, items: Sequence[tuple[str, RecurrentSnapshot]]) -> None:
    """The two runs so far."""
    faint = memory.before(settings, _job(settings), over=True)
    _sides(races.by_name(items), _plan(settings), faint, live=True)


def _sides(
    runs: Mapping[str, Sequence[RecurrentSnapshot]],
    plan: Memory,
    faint: Last | None = None,
    live: bool = False,
    play: Play | None = None,
) -> None:
    """Loss and size of the gradient at every step, the two runs side by side on the same axes; faint those before."""
    baseline = pd.DataFrame({"format": [words.WITHOUT_MEMORY], "value": [TASKS[plan.task].baseline]})
    limit = pd.DataFrame({"format": [words.threshold_rule(plan.time_clip_at)], "value": [plan.time_clip_at]})
    limited = data.limited(plan.time_clip)
    looks = (("losses", "Loss", baseline), (limited, words.size_title(plan.time_clip), limit))
    columns = dict(zip((WITHOUT, WITH), st.columns(2), strict=True))
    before = faint.frames if faint else {}
    names = [name for name in columns if name in runs or data.faint_name(name, "losses") in before]
    for name in names:
        columns[name].header(f"{name.capitalize()} clipping", anchor=False)
    for measured, title, rule in looks:
        frames = data.trace_frames(runs, measured, plan.time_clip_at, limited)
        old = {name: before[key] for name in names if (key := data.faint_name(name, measured)) in before}
        ends = pd.concat([frames[charts.EXTENT], *old.values()])
        for name in names:
            drawn = {drawing.DATA: frames.get(name, data.NO_TRACE), charts.EXTENT: ends, drawing.FLOORS: rule}
            drawn |= {drawing.LAST: old[name]} if name in old else {}
            alt = f"{title} at every step of the run {name} clipping"
            spec = charts.trace(title, COLORS[name], name in old)
            with columns[name]:
                text, place = alt if runs else f"{alt}{last.BEFORE}", None if live else f"{measured}_{name}"
                replay.show(play, spec, drawn, text, place, memory.SEEN)


def _reading(runs: Mapping[str, Sequence[RecurrentSnapshot]], plan: Memory) -> list[str]:
    baseline, clip, limit = TASKS[plan.task].baseline, plan.time_clip, plan.time_clip_at
    lines = [words.clipping(run, baseline, clip, limit, name == WITH) for name, run in runs.items()]
    if WITHOUT in runs:
        hint = words.no_spikes(data.every_step(runs[WITHOUT], data.limited(clip)), limit, clip, plan.time_optimizer)
        lines += [hint] if hint else []
    longest = max(len(data.every_step(run, "losses")) for run in runs.values())
    return lines + ([words.thinned(round(longest / data.PARTS))] if longest > data.LONGEST_WHOLE else [])


def _threshold(spec: RecurrentSpec, plan: Memory, run: Sequence[RecurrentSnapshot] | None) -> None:
    """The gradients of the run without clipping, which no threshold changes: the rule follows the slider at once."""
    kind = (spec, replace(plan, time_clip="none", time_clip_at=1.0))
    if run:
        taken = {clip: words.steps_taken(run, clip) for clip in CLIPPINGS}
        st.session_state[GRADIENTS] = kind, Gradients(taken, run[-1].step if run[-1].divergence else None)
    known, gradients = st.session_state.get(GRADIENTS, (None, None))
    if known != kind:
        return
    sizes = gradients.sizes[plan.time_clip]
    st.header("**Where to put the threshold?**", anchor=False)
    st.markdown(words.threshold(sizes, plan.time_clip_at, plan.time_clip, gradients.diverged_at))
    rule = pd.DataFrame({"value": [plan.time_clip_at], "words": [words.threshold_rule(plan.time_clip_at)]})
    frames = {drawing.DATA: data.norms_frame(sizes, plan.time_clip_at), drawing.PRESENT: rule}
    title = words.size_title(plan.time_clip)
    drawing.show(charts.norms(title), frames, f"{title}: how often, in the run without clipping", key="norms")
