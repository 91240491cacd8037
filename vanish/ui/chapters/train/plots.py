"""The four plots of courses on activations, gradients and batch norm, over a run: a look that opens on demand."""

import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.network.distributions import Distributions
from vanish.ui.chapters.train import charts, plots_data
from vanish.ui.chapters.train import plots_words as words
from vanish.ui.chapters.train.data import Runs
from vanish.ui.kit import drawing, pieces
from vanish.ui.shell import moves
from vanish.ui.shell.settings import Settings

TITLE = "Inside the layers: activations, gradients, weights and updates, as histograms over the run"

# By kind: its title, its axis, and what is said of it.
SPREADS = {
    "activations": ("Activations", "output", words.activations),
    "gradients": ("Gradients dL/dz", "dL/dz", words.gradients),
    "weight_gradients": ("Gradients of the weights, dL/dW", "dL/dW", words.weight_gradients),
    "weights": ("Weights", "weight", words.weights),
}

# Beside each other where there is room.
PAIRS = (("activations", "gradients"), ("weight_gradients", "weights"))

# Of the files.
LAYER_COLUMNS = (
    "layer (1: at the input); of each kind of numbers std, the standard deviation (no unit), and the shares, from 0 "
    "to 1, of exact zeros and of what is not finite; saturated and dead, shares of units; update_to_data, the next "
    "update over the weights, by their standard deviations"
)
BIN_COLUMNS = "step of training; kind of numbers; layer (1: at the input); low and high, a bin's ends (no unit); count"
RATIO_COLUMNS = "layer (1: at the input); step of training; ratio, the update over the weights (no unit)"


def show(settings: Settings, runs: Runs) -> None:
    folded = st.expander(TITLE, on_change="rerun", key="look_plots")
    if folded.open:
        with folded:
            _plots(settings, runs)


def _plots(settings: Settings, runs: Runs) -> None:
    moves.pickers(*(["plots_of"] if len(runs) > 1 else []), "plots_axis")
    names = list(runs)
    name = names[min(int(settings.plots_of), len(names)) - 1]
    run, label = runs[name], ACTIVATIONS[name].label
    snapshot, seen = plots_data.seen_at(run, settings.moment)
    layers = plots_data.layers_frame(snapshot, seen)
    st.markdown(words.introduction(label, snapshot.step, len(seen.layers), len(snapshot.dead)))
    for pair in PAIRS:
        for kind, column in zip(pair, st.columns(2), strict=True):
            with column:
                _spread(settings.plots_axis, kind, name, seen, layers)
    said = words.updates(layers)
    st.header("Update to data, over the steps", anchor=False)
    ratios, here = plots_data.update_frame(run), pd.DataFrame({"step": [snapshot.step]})
    alt = f"Update over weights of each layer of {label} over the run. {said}"
    data = {drawing.DATA: ratios, drawing.PRESENT: here}
    drawing.show(charts.update_to_data(words.RULE), data, alt, key="plots_updates")
    st.markdown(f"{said} {words.rule()}")
    pieces.table(layers, f"What is inside each layer of {label} at step {snapshot.step}", key="plots_table")
    with st.container(horizontal=True):
        pieces.download(layers, "vanish-inside.csv", "Table as CSV", "plots_csv", LAYER_COLUMNS)
        bins, told = plots_data.bins_frame(snapshot.step, seen), ratios[["layer", "step", "ratio"]]
        pieces.download(bins, "vanish-histograms.csv", "Histograms as CSV", "plots_bins_csv", BIN_COLUMNS)
        pieces.download(told, "vanish-updates.csv", "Updates as CSV", "plots_ratio_csv", RATIO_COLUMNS)


def _spread(axis: str, kind: str, name: str, seen: Distributions, layers: pd.DataFrame) -> None:
    """How one kind of numbers is spread."""
    title, symbol, says = SPREADS[kind]
    st.header(title, anchor=False)
    st.caption(f"On top: {'% saturated' if kind == 'activations' else '% exact zeros'}")
    spec = charts.spread(name, symbol if axis == "shared" else f"{symbol} / reach")
    data = {
        drawing.DATA: plots_data.spread_frame(seen, kind, axis),
        drawing.POINTS: plots_data.notes_frame(layers, kind),
    }
    said = says(layers)
    drawing.show(spec, data, f"{title} of {ACTIVATIONS[name].label}. {said}", key=f"plots_{kind}")
    st.markdown(said)
