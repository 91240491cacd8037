"""The chapters' own pictures on a slide: what a question is about, drawn from the step's settings."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.ui.chapters.flow import data as flow_data
from vanish.ui.chapters.flow import page as flow_page
from vanish.ui.chapters.map import charts as map_charts
from vanish.ui.chapters.map import data as map_data
from vanish.ui.chapters.map import page as map_page
from vanish.ui.chapters.map import words as map_words
from vanish.ui.chapters.time import charts as time_charts
from vanish.ui.chapters.time import data as time_data
from vanish.ui.chapters.time import words as time_words
from vanish.ui.chapters.train import charts as train_charts
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.chapters.why import charts as why_charts
from vanish.ui.chapters.why import data as why_data
from vanish.ui.chapters.why import words as why_words
from vanish.ui.chapters.yours import charts as yours_charts
from vanish.ui.chapters.yours import data as yours_data
from vanish.ui.chapters.yours import words as yours_words
from vanish.ui.kit import drawing, frames, measured
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.drawing import Spec
from vanish.ui.kit.palette import ACTIVATION_COLORS
from vanish.ui.lesson import measures
from vanish.ui.shell.settings import Settings


class Drawn(NamedTuple):
    """A chart with its data, and what it is called by for those who hear it."""

    spec: Spec
    data: Any
    alt_text: str


# Draws what a step's settings are about.
Picture = Callable[[Settings], Drawn]


def decay(settings: Settings) -> Drawn:
    """What the step's slopes leave, layer by layer."""
    slopes = {name: getattr(settings, f"slope_{name}") for name in kata.IDEAL_SLOPES}
    # Slopes that are alike are one line.
    slopes = {name: slope for name, slope in slopes.items() if slope not in [*slopes.values()][: [*slopes].index(name)]}
    table = kata.ideal_decay(range(1, settings.n_layers + 1), slopes)
    alone = len(slopes) == 1
    names = tuple(f"slope {slope:g}" if alone else f"{ACTIVATIONS[n].label}: {slope:g}" for n, slope in slopes.items())
    colors = tuple(ACTIVATION_COLORS[name] for name in slopes)
    return Drawn(why_charts.decay(names, colors), why_data.decay_frame(table, names), why_words.decay_alt(slopes))


def pipes(settings: Settings) -> Drawn:
    """The networks as pipes."""
    profiles = measured.profiles(settings.specs, settings.signal)
    names = tuple(profiles.sizes)
    labels = tuple(ACTIVATIONS[name].label for name in names)
    spec = drawing.pipes(labels, tuple(ACTIVATION_COLORS[name] for name in names), flow_page.BACKWARDS)
    drawn = flow_data.frames(profiles, profiles, settings.scale, None, None, False)
    return Drawn(spec, drawn.pipes, flow_page.PIPES_ALT)


def floors(settings: Settings) -> Drawn:
    """Every layer's gradient over the smallest numbers of the formats."""
    profiles, magnitude = measured.profiles(settings.specs, settings.signal), MAGNITUDES[settings.magnitude]
    names = tuple(profiles.sizes)
    spec = drawing.per_layer(names, settings.scale, settings.mark, magnitude.label, floors=True, health=True)
    drawn = flow_data.frames(profiles, profiles, settings.scale, None, None, True)
    labels = ", ".join(ACTIVATIONS[name].label for name in names)
    return Drawn(spec, drawn.chart, f"Gradient of every layer, and the smallest numbers of the formats: {labels}")


def confusion(settings: Settings) -> Drawn:
    """What the trained network takes each digit for."""
    plan, run = settings.part(Plan), measures.trained(settings, measures.quietly)
    snapshot, (fitted,) = train_data.network_at(run, len(run) - 1), train_data.entries(settings.specs[:1], plan)
    assert snapshot is not None
    *_, counts = train_data.digits_frames(fitted, plan, snapshot)
    label = ACTIVATIONS[fitted.activation].label
    return Drawn(train_charts.confusion(), counts, f"What the {label} network takes for what")


def through_time(settings: Settings) -> Drawn:
    """What is left of the gradient at every step back."""
    cells = time_data.measured(settings)
    nothing = Columns({"format": np.empty(0, dtype=object), "value": np.empty(0)})
    data: Mapping[str, Any] = {
        drawing.DATA: time_data.along_frame(cells),
        drawing.PRESENT: nothing,
        drawing.FLOORS: frames.floors_frame(np.empty(0)),
    }
    labels = tuple(CELLS[name].label for name in settings.cells)
    spec = time_charts.through_time(settings.cells, labels, len(cells[0].path) > 1, theory=False)
    return Drawn(spec, data, time_words.along_alt(time_data.profiles(settings).diagnoses))


def edge(settings: Settings) -> Drawn:
    """The map, with its bar while it is computed."""
    found, against = map_page.measure(settings), settings.map_axis
    here = pd.DataFrame([{"weight_scale": settings.weight_scale, against: found.spec.depth}])
    data = {
        drawing.DATA: found.cells,
        drawing.THEORY: map_data.map_theory(replace(measured.any_depth(found.spec), weight_scale=1.0), against),
        drawing.PRESENT: here,
    }
    axis = map_words.AXES[against]
    return Drawn(map_charts.heat_map(against, axis), data, map_words.alt_text(found.label, axis.lower(), ""))


def log(settings: Settings) -> Drawn:
    """The built-in log: layers by steps."""
    report = yours_data.example(settings.example, yours_data.Asked()).report
    assert report is not None
    seen = yours_data.picture(report.log, report.parameters)
    spec = yours_charts.heat_map(seen.low, seen.high, seen.rows)
    verdicts = yours_data.verdicts(report, float(seen.cells["x2"].max()))
    drawn = {drawing.DATA: seen.cells, yours_charts.VERDICTS: verdicts}
    return Drawn(spec, drawn, yours_words.heat_alt(seen.rows, report.log.n_steps))
