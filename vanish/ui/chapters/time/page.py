"""Chapter ``time``: and along a sequence?"""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from vanish.choices.cells import CELLS
from vanish.choices.losses import LOSSES
from vanish.choices.tasks import TASKS
from vanish.sequence import training
from vanish.sequence.spec import RecurrentSpec
from vanish.ui.chapters.time import charts, clipping, data, memory, words
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.kit import drawing, frames, jobs, pieces, races
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import header, moves
from vanish.ui.shell.header import Head
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import Settings


def head(_: Settings, profiles: Profiles) -> Head:
    """The top of the page: steps instead of layers."""
    diagnoses = profiles.diagnoses
    cards = tuple(header.card(f"{CELLS[name].label}: first / last step", one) for name, one in diagnoses.items())
    return Head(words.finding(diagnoses), cards)


def show(settings: Settings, profiles: Profiles) -> None:
    """One of the chapter's three looks; the others do not run."""
    looks = {"gradient": _gradient, "clipping": clipping.show, "race": _race}
    looks[settings.time_view](settings, profiles)
    pieces.formula(
        [
            r"\frac{\partial L}{\partial h_t} = \left( \prod_{k=t+1}^{T} W_{hh}^{\top}\, \mathrm{diag}(\varphi'(u_k)) "
            r"\right) \frac{\partial L}{\partial h_T},\qquad "
            r"\left\lVert \frac{\partial L}{\partial h_t} \right\rVert \le (\gamma\, \sigma_{\max})^{T-t} "
            r"\left\lVert \frac{\partial L}{\partial h_T} \right\rVert",
            r"\text{LSTM: } \frac{\partial c_T}{\partial c_t} \approx \prod_{k=t+1}^{T} f_k",
            *[CELLS[name].latex for name in settings.cells],
        ],
        "The same matrix at every step: what shrinks or stretches does so again and again (Hochreiter 1991; Bengio et "
        "al. 1994; Pascanu et al. 2013). The LSTM's cell state is only multiplied by the forget gate.",
    )


def _gradient(settings: Settings, profiles: Profiles) -> None:
    """How much of the last step's gradient reaches each step before it."""
    cells, fraction = data.measured(settings), float(settings.fraction)
    labels = tuple(CELLS[name].label for name in settings.cells)
    theory = "theory" in settings.time_overlays
    frame = data.along_frame(cells)
    drawn = {
        drawing.DATA: frame,
        drawing.PRESENT: pd.DataFrame({"format": [words.enough(fraction)], "value": [fraction]}),
        drawing.FLOORS: frames.floors_frame(frame if "floors" in settings.time_overlays else frame[:0]),
    }
    if theory:
        drawn[drawing.THEORY] = data.theory_frame(cells, settings.seed)
    bands = len(cells[0].path) > 1
    spec = charts.through_time(settings.cells, labels, bands, theory)
    drawing.show(spec, drawn, words.along_alt(profiles.diagnoses), key="time_chart")
    lines = [words.along(name, diagnosis) for name, diagnosis in profiles.diagnoses.items()]
    lines += _theory(cells, settings.seed) if theory else []
    st.markdown("\n".join(f"- {line}" for line in lines))
    if settings.recurrent_initializer == "spectral_radius":
        st.markdown(words.radius(settings.spectral_radius))
    _reach(cells, settings.sequence, fraction)
    moves.try_this(
        ("try_vanish", "Make it vanish", PRESETS["rnn_vanish"].settings),
        ("try_hold", "Make it hold", HOLD),
        ("try_explode", "Make it explode", PRESETS["rnn_explode"].settings),
        ("try_forget", "Open the forget gate", {"cells": ("rnn_tanh", "lstm"), "forget_bias": 6.0}),
    )
    table = data.along_table(cells)
    pieces.table(table, "Gradient left at every step back, for each cell", key="time_table")
    pieces.download(table, "vanish-time.csv", "Download as CSV", key="time_csv")


def _theory(cells: Sequence[data.Along], seed: int) -> list[str]:
    ends = {one.spec.cell: {name: float(line[-1]) for name, line in data.theory(one, seed).items()} for one in cells}
    return [words.theory(name, lines) for name, lines in ends.items() if lines]


# Small inputs leave tanh where its slope is 1, so that an orthogonal matrix is all there is.
HOLD = {
    "cells": ("rnn_tanh", "lstm"),
    "recurrent_initializer": "spectral_radius",
    "spectral_radius": 1.0,
    "forget_bias": 6.0,
    "input_scale": 0.1,
}


def _reach(cells: Sequence[data.Along], length: int, fraction: float) -> None:
    st.markdown("**From how far back can it learn?** The most steps back that still get enough of the gradient.")
    grid = st.grid(min(len(cells), 4), min_column_width=150, gap="small")
    for one in cells:
        value, of = words.reach(data.reach(one, fraction), length)
        grid.metric(
            f"{CELLS[one.spec.cell].label}: steps back",
            value,
            of,
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def _race(settings: Settings, _: Profiles) -> None:
    """The cells learn a task that asks for memory."""
    plan, specs = data.racing(settings.part(Memory)), settings.recurrent_specs
    memory.task(plan)
    items = jobs.items(_job(specs, plan))
    if items:
        _result(races.by_name(items), plan)
    else:
        memory.example(plan)


def _job(specs: tuple[RecurrentSpec, ...], plan: Memory) -> Job:
    return Job(
        name="race",
        label="Race",
        key=("memory", specs, plan),
        seconds=lambda: data.seconds(specs, plan),
        make=lambda beat: data.race(specs, plan, beat),
        status=lambda items: data.status(items, plan),
        draw=lambda items: _curves(races.by_name(items), plan, live=True),
        to_lower=memory.TO_LOWER,
        primary=True,
    )


def _curves(runs: data.Runs, plan: Memory, live: bool = False) -> None:
    task = TASKS[plan.task]
    title = f"Test loss ({LOSSES[task.loss].label})"
    labels = tuple(CELLS[name].label for name in runs)
    drawn = {
        drawing.DATA: data.race_frame(runs),
        drawing.FLOORS: pd.DataFrame({"format": ["remembering nothing"], "value": [task.baseline]}),
    }
    spec = charts.race(tuple(runs), labels, title)
    drawing.show(spec, drawn, f"{title} of each cell over the run", key=None if live else "race_chart")


def _result(runs: Mapping[str, Sequence[training.RecurrentSnapshot]], plan: Memory) -> None:
    _curves(runs, plan)
    baseline = TASKS[plan.task].baseline
    st.markdown("\n".join(f"- {words.race(name, run, baseline)}" for name, run in runs.items()))
    table = data.race_table(runs)
    pieces.table(table, "Test loss of each cell over the run", key="race_table")
    pieces.download(table, "vanish-race.csv", "Download as CSV", key="race_csv")
