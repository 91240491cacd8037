"""What one can look at in the clinic: the chapters' own charts of a network whose settings are not told."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.choices.datasets import DATASETS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.flow import charts as flow_charts
from vanish.ui.chapters.flow import data as flow_data
from vanish.ui.chapters.flow import words as flow_words
from vanish.ui.chapters.flow.controls import Stored
from vanish.ui.chapters.time import charts as time_charts
from vanish.ui.chapters.time import data as time_data
from vanish.ui.chapters.time import words as time_words
from vanish.ui.chapters.train import charts as train_charts
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import drawing, frames, measured
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.groups import Signal
from vanish.ui.lesson.measures import trained
from vanish.ui.shell.settings import Settings


def _one(settings: Settings) -> tuple[tuple[NetworkSpec, ...], Signal, tuple[str, ...]]:
    """The network, what is sent through it, its activation."""
    return settings.specs, settings.signal, settings.activations


def _gradient(settings: Settings) -> None:
    specs, signal, names = _one(settings)
    profiles, magnitude = measured.profiles(specs, signal), MAGNITUDES[signal.magnitude]
    drawn = flow_data.frames(profiles, profiles, "log", None, None, True)
    spec = drawing.per_layer(names, "log", settings.mark, magnitude.label, (), (), True, True)
    labels = [ACTIVATIONS[name].label for name in names]
    drawing.show(spec, drawn.chart, flow_words.chart_alt(magnitude, labels), key="clinic_gradient")


def _stored(settings: Settings) -> None:
    specs, signal, names = _one(settings)
    report, _ = flow_data.stored(specs[0], signal, settings.part(Stored))
    frame = frames.per_layer_frame({names[0]: report.layers["weight_zero"].to_numpy()}, "percent")
    title = "Weights whose gradient is stored as 0"
    drawing.show(drawing.per_layer(names, "percent", "bars", title), frame, f"{title}, layer by layer", "clinic_stored")


def _units(settings: Settings) -> None:
    specs, signal, names = _one(settings)
    alt = "Share of idle units in each layer, and of dead ones, dotted"
    st.caption(alt)
    drawing.show(flow_charts.idle(names), flow_data.activity(specs, signal), alt, key="clinic_units")


def _histogram(settings: Settings, kind: str, title: str) -> None:
    specs, signal, names = _one(settings)
    bins = flow_data.spreads(specs[0], signal, kind, "common").bins
    drawing.show(flow_charts.histogram(names[0], title), bins, f"{title}, layer by layer", key=f"clinic_{kind}")


def _arriving(settings: Settings) -> None:
    _histogram(settings, "pre_activations", "What goes into the activation")


def _weights(settings: Settings) -> None:
    _histogram(settings, "weights", "Weights")


def _forward(settings: Settings) -> None:
    specs, signal, names = _one(settings)
    drawn = flow_data.drawable(flow_data.forward(specs, signal)[0])
    for field, title, log in (
        ("std", "Standard deviation of outputs", True),
        ("cosine", "Cosine of two unrelated inputs", False),
    ):
        spec = flow_charts.forward(names, field, title, log)
        drawing.show(spec, drawn, f"{title}, layer by layer", key=f"clinic_{field}")


def _run(settings: Settings) -> Mapping[str, list[train_data.Snapshot]]:
    return {settings.activations[0]: trained(settings, lambda share, words: None)}


def _curves(settings: Settings) -> None:
    runs = _run(settings)
    here = Columns({"step": np.array([run[-1].step for run in runs.values()])})
    for measure, title, scale in (
        ("train_loss", "Training loss", "log"),
        ("test_accuracy", "Test accuracy", "linear"),
    ):
        drawn = {drawing.DATA: train_data.history_frame(runs, measure), drawing.PRESENT: here}
        spec = train_charts.history(tuple(runs), title, scale)
        drawing.show(spec, drawn, f"{title} over the run", key=f"clinic_{measure}")


def _over_the_run(settings: Settings) -> None:
    for look, alt in (("gradient", "Gradient of each layer over the run"), ("dead", "Dead units over the run")):
        (run,) = _run(settings).values()
        drawn = {drawing.DATA: train_data.heat_frame(run), drawing.PRESENT: pd.DataFrame({"step": [run[-1].step]})}
        drawing.show(train_charts.heat(look), drawn, alt, key=f"clinic_heat_{look}")


def _first_step(settings: Settings) -> None:
    (run,), names = _run(settings).values(), settings.activations
    title = "First step of the weights, over their length"
    frame = frames.per_layer_frame({names[0]: run[0].update_ratio}, "log")
    drawing.show(drawing.per_layer(names, "log", "bars", title), frame, f"{title}, layer by layer", key="clinic_step")


def _examples(settings: Settings) -> None:
    learnt = train_data.dataset(settings.part(Plan))
    alt = f"What there is to learn: {DATASETS[learnt.name].label}"
    if DATASETS[learnt.name].image_shape:
        pixels, labels = train_data.strip(learnt)
        drawn = {drawing.DATA: pixels, drawing.POINTS: labels}
        drawing.show(train_charts.digits(), drawn, alt, key="clinic_examples")
    else:
        frame = train_data.points_frame(learnt)
        drawing.show(train_charts.points(learnt.n_inputs), frame, alt, key="clinic_examples")


def _through_time(settings: Settings) -> None:
    cells = time_data.measured(settings)
    none = frames.floors_frame(np.empty(0))
    drawn = {drawing.DATA: time_data.along_frame(cells), drawing.PRESENT: none, drawing.FLOORS: none}
    labels = tuple(CELLS[name].label for name in settings.cells)
    alt = time_words.along_alt(time_data.profiles(settings).diagnoses)
    drawing.show(time_charts.through_time(settings.cells, labels, False, False), drawn, alt, key="clinic_time")


# By chapter: what each of the tabs draws.
LOOKS: Mapping[str, Mapping[str, tuple[Callable[[Settings], None], ...]]] = MappingProxyType(
    {
        "flow": {
            "gradient": (_gradient, _stored),
            "units": (_units, _arriving),
            "signal": (_forward,),
            "weights": (_weights,),
        },
        "train": {
            "curves": (_curves,),
            "layers": (_over_the_run,),
            "first_step": (_first_step,),
            "data": (_examples,),
        },
        "time": {"gradient": (_through_time,)},
    }
)
