"""A look of chapter ``time``: the cells learn a task that asks for memory."""

from collections.abc import Hashable, Sequence

import pandas as pd
import streamlit as st

from vanish.choices.cells import CELLS
from vanish.choices.losses import LOSSES
from vanish.choices.tasks import TASKS
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.chapters.time import charts, data, memory, words
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.kit import drawing, jobs, numbers, pieces, races, replay
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.replay import Play
from vanish.ui.shell import header, last
from vanish.ui.shell.header import Card, Head
from vanish.ui.shell.last import Last
from vanish.ui.shell.settings import Settings


def measure(settings: Settings) -> data.Runs:
    """The race that is over, by cell; nothing before."""
    return races.by_name(jobs.result(_job(settings)))


def head(settings: Settings, runs: data.Runs) -> Head:
    """Who has learned the task; before the race, what the cells receive of its gradient."""
    plan = _plan(settings)
    if not runs:
        return memory.at_start(settings.recurrent_specs, plan)
    baseline = TASKS[plan.task].baseline
    sentence = words.race_finding(runs, plan.task, plan.lag, plan.time_steps)
    return Head(
        sentence,
        tuple(_card(name, run, baseline) for name, run in runs.items()),
        words.outcomes_mean(baseline),
        apart=True,
    )


def _card(cell: str, run: words.Run, baseline: float) -> Card:
    became = words.outcome(run, baseline)
    value = "diverged" if run[-1].divergence else numbers.number(run[-1].test_loss)
    return Card(
        f"{CELLS[cell].label}: test loss", value, words.learned_card(run, baseline), words.OUTCOME_COLORS[became]
    )


def show(settings: Settings, _: data.Runs) -> None:
    """The race, and what came of it."""
    plan = _plan(settings)
    job = _job(settings)
    items = jobs.items(job)
    faint = memory.before(settings, job, over=bool(items))
    if items:
        _result(races.by_name(items), plan, faint, job.key)
    else:
        if faint:
            _curves({}, plan, faint)
        memory.example(plan)
    header.below_picture()
    memory.task(plan, settings.time_batch)


def _plan(settings: Settings) -> Memory:
    return data.racing(settings.part(Memory), settings.recurrent_specs)


def _job(settings: Settings) -> Job:
    specs, plan = settings.recurrent_specs, _plan(settings)
    return Job(
        name="race",
        label="Race",
        key=("memory", specs, plan),
        seconds=lambda: data.seconds(specs, plan),
        make=data.race(specs, plan),
        status=lambda items: data.status(items, plan),
        draw=lambda items: _live(settings, items),
        to_lower=memory.TO_LOWER,
        primary=True,
        trace=lambda items: Last(settings, {LOSS: data.race_frame(races.by_name(items))}),
    )


# What is drawn of a run.
LOSS = "loss"


def _live(settings: Settings, items: Sequence[tuple[str, RecurrentSnapshot]]) -> None:
    """The curves so far."""
    faint = memory.before(settings, _job(settings), over=True)
    _curves(races.by_name(items), _plan(settings), faint, live=True)


def _curves(
    runs: data.Runs, plan: Memory, faint: Last | None = None, live: bool = False, play: Play | None = None
) -> None:
    """Test loss over the run; faint that of the run before."""
    task = TASKS[plan.task]
    title = f"Test loss ({LOSSES[task.loss].label})"
    cells = tuple(dict.fromkeys([*runs, *(faint.settings.cells if faint else ())]))
    labels = tuple(CELLS[name].label for name in cells)
    drawn = {
        drawing.DATA: data.race_frame(runs),
        drawing.FLOORS: pd.DataFrame({"format": [words.WITHOUT_MEMORY], "value": [task.baseline]}),
    }
    if faint:
        drawn[drawing.LAST] = faint.frames[LOSS]
    spec = charts.race(cells, labels, title, faint is not None)
    alt = f"{title} of each cell over the run{'' if runs else last.BEFORE}"
    replay.show(play, spec, drawn, alt, None if live else "race_chart", memory.SEEN)


def _result(runs: data.Runs, plan: Memory, faint: Last | None, key: Hashable) -> None:
    play = replay.button("race", key, max(run[-1].step for run in runs.values()))
    _curves(runs, plan, faint, play=play)
    baseline = TASKS[plan.task].baseline
    st.markdown("\n".join(f"- {words.race(name, run, baseline)}" for name, run in runs.items()))
    table = data.race_table(runs)
    pieces.table(table, "Test loss of each cell over the run", key="race_table")
    columns = f"step of training; for each cell the test loss ({LOSSES[TASKS[plan.task].loss].label}, no unit)"
    pieces.download(table, "vanish-race.csv", "Download as CSV", "race_csv", columns)
