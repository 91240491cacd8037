"""A look of chapter ``time``: what is left of the gradient at every step of a sequence, before training."""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import streamlit as st

from vanish.choices.cells import CELLS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS
from vanish.ui.chapters.time import charts, data, words
from vanish.ui.kit import drawing, frames, pieces
from vanish.ui.kit.columns import Table
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import header, moves
from vanish.ui.shell.header import Head
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import Settings

# Small inputs leave tanh where its slope is 1, and a forget gate that keeps 0.82 of the cell state at a step leaves,
# with what comes back through the other gates, about as much as there was.
HOLD = MappingProxyType(
    {**PRESETS["rnn_vanish"].settings, "spectral_radius": 1.0, "forget_bias": 1.5, "input_scale": 0.3}
)


def head(settings: Settings, profiles: Profiles) -> Head:
    """What the worst cell does to its gradient along the sequence."""
    diagnoses = profiles.diagnoses
    note = words.before(diagnoses, words.of_inputs(settings.input_scale))
    return Head(words.finding(diagnoses), cards(profiles), note)


def cards(profiles: Profiles) -> tuple[header.Card, ...]:
    """First over last step of each cell."""
    return tuple(header.card(CELLS[name].label, one) for name, one in profiles.diagnoses.items())


def show(settings: Settings, profiles: Profiles) -> None:
    """How much of the last step's gradient reaches each step before it."""
    cells, fraction = data.measured(settings), float(settings.fraction)
    labels = tuple(CELLS[name].label for name in settings.cells)
    theory = "theory" in settings.time_overlays
    frame = data.along_frame(cells)
    floors = frames.floors_frame(frame["value"] if "floors" in settings.time_overlays else np.empty(0))
    drawn: dict[str, Table] = {
        drawing.DATA: frame,
        drawing.KEY: drawing.key_frame(header.key(cards(profiles))),
        drawing.PRESENT: data.rule_frame(frame["distance"], frame["value"], fraction, floors["value"]),
        drawing.FLOORS: floors,
    }
    if theory:
        drawn[drawing.THEORY] = data.theory_frame(cells, settings.seed)
    n_seeds, steps = cells[0].path.shape
    bands = n_seeds > 1
    spec = charts.through_time(settings.cells, labels, bands, theory)
    drawing.show(spec, drawn, words.along_alt(profiles.diagnoses), key="time_chart")
    header.below_picture()
    seeds = {cell.spec.cell: len(cell.path) for cell in cells}
    less = words.fewer(steps, settings.sequence, seeds, settings.n_seeds)
    lines = [_line(cell, profiles) for cell in cells] + (_theory(cells, settings.seed) if theory else [])
    about_radius = words.radius(settings.spectral_radius, steps, settings.cells)
    said = [
        less,
        "\n".join(f"- {line}" for line in lines),
        words.gates(settings.cells),
        about_radius if RECURRENT_INITIALIZERS[settings.recurrent_initializer].uses_radius else "",
    ]
    # One text is sent, parsed and laid out in a part of the time that five take.
    st.markdown("\n\n".join(filter(None, said)))
    st.header(words.reach_question(fraction), anchor=False)
    st.markdown(words.COUNTED)
    _reach(cells, profiles, fraction)
    moves.try_this(
        ("try_vanish", "Make it vanish", PRESETS["rnn_vanish"].settings),
        ("try_hold", "Make it hold", HOLD),
        ("try_explode", "Make it explode", PRESETS["rnn_explode"].settings),
        ("try_forget", "Open the forget gate", {"cells": ("rnn_tanh", "lstm"), "forget_bias": 6.0}),
    )
    table = data.along_table(cells)
    pieces.table(table, "Gradient left at every step back, for each cell", key="time_table")
    columns = (
        "steps_back, from the end of the sequence; for each cell the length of the gradient there over that at the end "
        "(no unit), for the first seed, and its quantiles over seeds"
    )
    pieces.download(table, "vanish-time.csv", "Download as CSV", "time_csv", columns)


def _line(cell: data.Along, profiles: Profiles) -> str:
    name = cell.spec.cell
    return words.along(name, profiles.diagnoses[name], None if cell.kept is None else float(cell.kept[0]))


def _theory(cells: Sequence[data.Along], seed: int) -> list[str]:
    ends = [(cell, {name: float(line[-1]) for name, line in data.theory(cell, seed).items()}) for cell in cells]
    return [words.theory(cell.spec.cell, lines, float(cell.path[0, -1])) for cell, lines in ends if lines]


def _reach(cells: Sequence[data.Along], profiles: Profiles, fraction: float) -> None:
    grid = st.grid(min(len(cells), 4), min_column_width=150, gap="small")
    for cell in cells:
        name, median = cell.spec.cell, data.reach_over_seeds(cell, fraction)
        value, note = words.reach(data.reach(cell, fraction), profiles.diagnoses[name], fraction, median)
        title = f"{CELLS[name].label}: steps back"
        grid.metric(title, value, note, delta_color="off", delta_arrow="off", border=True)
