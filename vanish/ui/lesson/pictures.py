"""The chapters' own pictures on a slide: what a question is about, drawn from the step's settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.choices.initializers import INITIALIZERS
from vanish.measure import remedies
from vanish.measure.magnitudes import MAGNITUDES
from vanish.ui.chapters.fixes import data as fixes_data
from vanish.ui.chapters.flow import data as flow_data
from vanish.ui.chapters.flow import page as flow_page
from vanish.ui.chapters.flow import words as flow_words
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
from vanish.ui.chapters.updates import data as updates_data
from vanish.ui.chapters.updates import page as updates_page
from vanish.ui.chapters.why import charts as why_charts
from vanish.ui.chapters.why import data as why_data
from vanish.ui.chapters.why import words as why_words
from vanish.ui.chapters.yours import charts as yours_charts
from vanish.ui.chapters.yours import data as yours_data
from vanish.ui.chapters.yours import words as yours_words
from vanish.ui.kit import drawing, frames, measured, verdicts
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.drawing import Spec
from vanish.ui.kit.numbers import percent
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


def starts(settings: Settings) -> Drawn:
    """The network as pipes, as the original program starts it and below it as the step does."""
    (name,) = settings.activations
    sizes, notes = {}, []
    for start in ("kata", settings.initializer):
        profiles = measured.profiles(replace(settings, initializer=start).specs, settings.signal)
        label, diagnosis = INITIALIZERS[start].label, profiles.diagnoses[name]
        sizes[label] = profiles.sizes[name]
        notes.append(verdicts.pipe_note(f"{label[0].upper()}{label[1:]}", diagnosis))
    spec = drawing.pipes(tuple(sizes), (ACTIVATION_COLORS[name],) * len(sizes), flow_page.BACKWARDS)
    return Drawn(spec, frames.pipes_frames(sizes, notes, yardstick=diagnosis.yardstick), flow_page.PIPES_ALT)


def layers(settings: Settings) -> Drawn:
    """Every layer's gradient: with the smallest numbers of the formats where the step asks for them, and of many
    networks with their quantiles."""
    profiles, magnitude = measured.profiles(settings.specs, settings.signal), MAGNITUDES[settings.magnitude]
    names, floors = tuple(profiles.sizes), "floors" in settings.overlays
    lines = ("low", "median", "high") if profiles.bands else ()
    spec = drawing.per_layer(names, settings.scale, settings.mark, magnitude.label, lines, floors=floors, health=True)
    drawn = flow_data.frames(profiles, profiles, settings.scale, None, None, floors)
    return Drawn(spec, drawn.chart, flow_words.chart_alt(magnitude, tuple(ACTIVATIONS[name].label for name in names)))


def on_paper(settings: Settings) -> Drawn:
    """How large an update is in every layer, where only slopes count."""
    depth = settings.n_layers
    spec = drawing.per_layer(tuple(updates_data.ideal_gradients(depth).sizes), "log", "bars", "Size of one update")
    frame = updates_data.ideal_frame(depth, settings.learning_rate)
    return Drawn(spec, frame, "Size of one update in every layer, on paper")


def steps_helped(settings: Settings) -> Drawn:
    """How far one step moves every layer's weights, beside their own length: as the step is set, and with each help."""
    title = "A step over the weights' length"
    lines, colors = {}, []
    for name, changes in {"": {}, **measures.HELPS}.items():
        changed = replace(settings, **changes)
        ((activation, moved),) = updates_page.measure(changed).items()
        words = measures.HELPS_WORDS[name] if name else "as it is"
        lines[words] = changed.learning_rate * moved.steps["relative_length"]
        colors.append(ACTIVATION_COLORS[activation])
    spec = drawing.curves(tuple(lines), tuple(colors), "Layer", title, share=False)
    drawn = [{"name": words, "x": np.arange(1, len(sizes) + 1), "value": sizes} for words, sizes in lines.items()]
    return Drawn(spec, _curves(drawn, "log"), f"{title}, layer by layer: {'; '.join(lines)}")


def remedies_apart(settings: Settings) -> Drawn:
    """The network as pipes, and below it the same with each remedy by itself."""
    (spec,) = settings.specs
    compared = {
        words: fixes_data.compared(spec, remedies.treated(spec, [name]), settings.signal)
        for name, words in measures.REMEDY_WORDS.items()
    }
    untreated = next(iter(compared.values()))
    sizes = {"No remedy": untreated.before} | {words: one.after for words, one in compared.items()}
    verdicts_of = [untreated.diagnosis_before, *(one.diagnosis_after for one in compared.values())]
    colors = [spec.activation, *(remedies.treated(spec, [name]).activation for name in measures.REMEDY_WORDS)]
    chart = drawing.pipes(tuple(sizes), tuple(ACTIVATION_COLORS[name] for name in colors), flow_page.BACKWARDS)
    notes = [verdicts.pipe_note(words, one) for words, one in zip(sizes, verdicts_of, strict=True)]
    return Drawn(chart, frames.pipes_frames(sizes, notes, yardstick=untreated.yardstick), flow_page.PIPES_ALT)


def ideas(settings: Settings) -> Drawn:
    """How many of the test digits the network reads as it trains, with each idea."""
    title, drawn, colors = "Test digits read right", [], []
    for name, changes in measures.IDEAS.items():
        changed = replace(settings, **changes)
        run = measures.trained(changed, measures.quietly)
        steps, right = np.array([(one.step, one.test_accuracy) for one in run]).T
        drawn.append({"name": measures.IDEAS_WORDS[name], "x": steps, "value": right})
        colors.append(ACTIVATION_COLORS[changed.activations[0]])
    names = tuple(one["name"] for one in drawn)
    spec = drawing.curves(names, tuple(colors), "Steps", title, share=True)
    return Drawn(spec, _curves(drawn, "linear"), f"{title}, over the training: {'; '.join(names)}")


def _curves(lines: Sequence[Mapping[str, Any]], scale: str) -> Columns:
    """The data of ``drawing.curves``."""
    return Columns.below([Columns({**line, "value": frames.drawable(line["value"], scale)}) for line in lines])


def confusion(settings: Settings) -> Drawn:
    """What the trained network takes each digit for."""
    plan, run = settings.part(Plan), measures.trained(settings, measures.quietly)
    snapshot, (fitted,) = train_data.network_at(run, len(run) - 1), train_data.entries(settings.specs[:1], plan)
    assert snapshot is not None
    *_, counts = train_data.digits_frames(fitted, plan, snapshot)
    label = ACTIVATIONS[fitted.activation].label
    return Drawn(train_charts.confusion(), counts, f"What the {label} network takes for what")


# Between surfaces, and above them for words, in sides of one.
GAP, HEAD = 0.15, 0.25

# Places along a side of two planes whose cells are elements of the page: what is painted does not know the theme's ink.
PLACES = int((drawing.MOST_ELEMENTS / 2) ** 0.5)


def surfaces(cure: Mapping[str, Any], settings: Settings) -> Drawn:
    """What a network makes of the plane, before a cure and after it, side by side."""
    shown = {}
    for moment, treated in (("Before", settings), ("After", replace(settings, **cure))):
        (fitted,), run = (
            train_data.entries(treated.specs[:1], treated.part(Plan)),
            measures.trained(treated, measures.quietly),
        )
        drawn = train_data.surface_frame(fitted, treated.part(Plan), run[-1], grid=PLACES)
        shown[f"{moment} the cure: {percent(run[-1].test_accuracy)} of the test right"] = drawn
    return Drawn(train_charts.surface(notes=True), _side_by_side(shown), f"The plane: {'; '.join(shown)}")


def _side_by_side(shown: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The data of ``surface`` for several planes, each of side 1, under what is said of it."""
    cells, points, notes = [], [], []
    across = 0.0
    for note, (plane, examples) in shown.items():
        reach = plane["right"].max()
        scaled, at = plane[["left", "right", "bottom", "top"]] / (2 * reach), across + 0.5
        cells.append(scaled.assign(left=scaled["left"] + at, right=scaled["right"] + at, share=plane["share"]))
        points.append(examples.assign(x=examples["x"] / (2 * reach) + at, y=examples["y"] / (2 * reach)))
        notes.append({"x": across, "y": 0.5 + HEAD / 2, "note": note})
        across += 1 + GAP
    return {drawing.DATA: pd.concat(cells), drawing.POINTS: pd.concat(points), drawing.KEY: pd.DataFrame(notes)}


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
    spec = map_charts.heat_map(against, axis, found.gray)
    return Drawn(spec, data, map_words.alt_text(found.label, axis.lower(), ""))


def log(settings: Settings) -> Drawn:
    """The built-in log: layers by steps."""
    report = yours_data.example(settings.example, yours_data.Asked()).report
    assert report is not None
    seen = yours_data.picture(report.log, report.parameters)
    spec = yours_charts.heat_map(seen.low, seen.high, seen.rows)
    verdicts = yours_data.verdicts(report, float(seen.cells["x2"].max()))
    drawn = {drawing.DATA: seen.cells, yours_charts.VERDICTS: verdicts}
    return Drawn(spec, drawn, yours_words.heat_alt(seen.rows, report.log.n_steps))
