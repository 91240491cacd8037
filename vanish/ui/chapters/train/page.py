"""Chapter ``train``: does it stop learning in practice?"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.losses import LOSSES
from vanish.choices.optimizers import OPTIMIZERS
from vanish.network.spec import NetworkSpec
from vanish.network.training import Snapshot
from vanish.ui.chapters.train import charts, data, deeper, plots, words
from vanish.ui.chapters.train.controls import LOOKS, Plan
from vanish.ui.chapters.train.data import Beginning, Runs
from vanish.ui.chapters.train.runs import learned_slopes, moved, outcome
from vanish.ui.kit import drawing, frames, jobs, pieces, races, replay, verdicts
from vanish.ui.kit.columns import Columns, Table
from vanish.ui.kit.groups import Network
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.numbers import number
from vanish.ui.kit.replay import Play
from vanish.ui.kit.table import table
from vanish.ui.shell import header, last, moves, session
from vanish.ui.shell.header import Card, Head
from vanish.ui.shell.last import Last
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import DEFAULTS, Settings

# What is drawn over a run, and its scale.
MEASURES = {"train_loss": "log", "test_accuracy": "linear"}

# For who would rather see: figures in the plane, on which one watches networks draw a line.
RACE = PRESETS["spiral_race"].named
TO_SEE = (
    ("see_spirals", "See it: two spirals", RACE),
    ("see_circles", "See it: circles", {**RACE, "dataset": "circles"}),
)


def measure(settings: Settings) -> Beginning:
    """What the networks that will race receive before the first step."""
    return data.beginning(data.racers(settings.specs), settings.part(Plan))


def head(settings: Settings, beginning: Beginning) -> Head:
    """What the networks that will race receive; after the race, what became of them."""
    plan = settings.part(Plan)
    runs = races.by_name(jobs.result(_race(settings)))
    return _after(runs, data.dataset(plan)) if any(run[-1].step for run in runs.values()) else _before(plan, beginning)


def _before(plan: Plan, beginning: Beginning) -> Head:
    diagnoses, causes = beginning.diagnoses, beginning.causes
    cards = tuple(
        Card(
            f"{ACTIVATIONS[name].label}: weights",
            number(beginning.weights[name]),
            words.signal(diagnosis, causes.get(name)),
            verdicts.VERDICT_COLORS[diagnosis.verdict],
        )
        for name, diagnosis in diagnoses.items()
    )
    note = words.before_note(data.dataset(plan).loss, beginning.n_examples, diagnoses)
    sentence = words.before(diagnoses, causes)
    return Head(sentence, cards, note, header.offers(causes), apart=True)


def _after(runs: Runs, dataset: Dataset) -> Head:
    guessing, score = dataset.guessing, LOSSES[dataset.loss].score_label
    cards = tuple(
        Card(
            f"{ACTIVATIONS[name].label}: test {score}",
            words.fate(run),
            words.fate_beside(run),
            words.OUTCOME_COLORS[outcome(run, guessing)],
        )
        for name, run in runs.items()
    )
    note = words.after_note(guessing, len(dataset.test_targets))
    return Head(words.after(runs, guessing, score), cards, note, apart=True)


def show(settings: Settings, _: Beginning) -> None:
    """What there is to learn, or what came of a race; and whether depth helps."""
    plan, specs = settings.part(Plan), data.racers(settings.specs)
    left_out = len(settings.activations) > len(specs)
    race = _race(settings)
    items, faint = jobs.items(race), _last(settings, race)
    if items:
        _result(settings, plan, specs, races.by_name(items), faint)
    else:
        if faint:
            st.markdown(_about(faint, settings, over=False))
            _curves({}, plan, faint=faint)
        _what_there_is_to_learn(plan)
        header.below_picture()
        if data.dataset(plan).n_inputs != 2:
            moves.try_this(*TO_SEE)
    st.markdown(words.introduction(plan.dataset, plan.train_batch, len(specs) if left_out else None))
    deeper.show(settings, plan)
    pieces.formula(
        [
            rf"g = \frac{{\partial L}}{{\partial \theta}},\quad {OPTIMIZERS[plan.optimizer].latex}",
            r"\text{update ratio}_l = \lVert \Delta W_l \rVert / \lVert W_l \rVert",
        ],
        words.formula(data.dataset(plan).loss, plan.optimizer, CLIPPINGS[plan.clip].limits),
    )


def _race(settings: Settings) -> Job:
    plan, specs = settings.part(Plan), data.racers(settings.specs)
    return Job(
        name="train",
        label="Train",
        key=data.race_key(specs, plan),
        seconds=lambda: data.seconds(specs, plan),
        make=data.race(specs, plan),
        status=lambda items: _status(items, plan),
        draw=lambda items: _live(settings, items),
        to_lower="Lower **steps**, **depth**, **width** or **training batch**, or race fewer activations.",
        primary=True,
        trace=lambda items: Last(settings, {of: data.history_frame(races.by_name(items), of).frame for of in MEASURES}),
    )


def _last(settings: Settings, race: Job) -> Last | None:
    """The run before, if its curves can stand in the same charts: losses of one kind can be compared."""
    found: Last | None = jobs.last(race)
    return found if found and data.comparable(settings.dataset, found.settings.dataset) else None


def _about(faint: Last, settings: Settings, over: bool) -> str:
    return last.words(last.changed(faint.settings, settings, [*table(Network), *table(Plan)]), over)


def _live(settings: Settings, items: Sequence[tuple[str, Snapshot]]) -> None:
    """The curves so far."""
    faint = _last(settings, _race(settings))
    if faint:
        st.markdown(_about(faint, settings, over=True))
    _curves(races.by_name(items), settings.part(Plan), _latest(items), faint, live=True)


def _latest(items: Sequence[tuple[str, Snapshot]]) -> int:
    return max((snapshot.step for _, snapshot in items), default=0)


def _status(items: Sequence[tuple[str, Snapshot]], plan: Plan) -> tuple[float, str]:
    step, runs = _latest(items), races.by_name(items)
    losses = {name: run[-1].train_loss for name, run in runs.items()}
    return step / plan.steps, words.status(step, plan.steps, losses)


def _what_there_is_to_learn(plan: Plan) -> None:
    dataset = data.dataset(plan)
    alt = f"What there is to learn: {DATASETS[plan.dataset].label}"
    if DATASETS[plan.dataset].image_shape:
        pixels, labels = data.strip(dataset)
        drawing.show(charts.digits(), {drawing.DATA: pixels, drawing.POINTS: labels}, alt, key="to_learn")
    elif data.n_labels(dataset) == 1 or dataset.n_inputs == 1:
        drawing.show(charts.points(dataset.n_inputs), data.points_frame(dataset), alt, key="to_learn")
    else:
        for label, column in enumerate(st.columns(data.n_labels(dataset))):
            with column:
                st.header(words.label(label), anchor=False)
                frame = data.points_frame(dataset, label)
                drawing.show(charts.points(dataset.n_inputs), frame, f"{alt}, label {label + 1}", f"to_learn_{label}")


# Of a run that is played: what is seen of lines and cells over its steps, and of the rule at a moment.
SEEN = {drawing.DATA: replay.GROWS.format("step"), drawing.PRESENT: replay.NEVER}
SEEN_CELLS = {drawing.DATA: replay.GROWS.format("left"), drawing.PRESENT: replay.NEVER}


def _curves(
    runs: Runs,
    plan: Plan,
    step: int | None = None,
    faint: Last | None = None,
    live: bool = False,
    play: Play | None = None,
) -> None:
    """Loss and score over the run, with a rule at a step of it; faint those of the run before."""
    score = LOSSES[data.dataset(plan).loss].score_label
    titles = {"train_loss": "Training loss", "test_accuracy": f"Test {score}"}
    for column, (measure, scale) in zip(st.columns(2), MEASURES.items(), strict=True):
        title = titles[measure]
        drawn: dict[str, Table] = {
            drawing.DATA: data.history_frame(runs, measure),
            drawing.PRESENT: Columns({"step": np.array([] if step is None else [step], dtype=np.int64)}),
        }
        alt = f"{title} of each network over the run{'' if runs else last.BEFORE}"
        if faint:
            drawn[drawing.LAST] = faint.frames[measure]
        with column:
            spec = charts.history(tuple(runs), title, scale, faint.settings.activations if faint else ())
            replay.show(play, spec, drawn, alt, None if live else measure, SEEN)


def _play(settings: Settings, runs: Runs) -> Play | None:
    """Whether the run is played, up to the moment that is its end."""
    end = DEFAULTS["moment"]
    steps = max(run[-1].step for run in runs.values())
    whole, go_there = settings.moment == end, partial(session.set_controls, moment=end)
    return replay.button("train", _race(settings).key, steps, whole, None if whole else go_there)


def _result(
    settings: Settings, plan: Plan, specs: Sequence[NetworkSpec], runs: Runs, faint: Last | None = None
) -> None:
    score = LOSSES[data.dataset(plan).loss].score_label
    guess = data.dataset(plan).guessing
    play = _play(settings, runs)
    moments = {name: data.at_moment(run, settings.moment) for name, run in runs.items()}
    step = max(snapshot.step for snapshot in moments.values())
    if faint:
        st.markdown(_about(faint, settings, over=True))
    _curves(runs, plan, step, faint, play=play)
    header.below_picture()
    st.markdown("\n".join(f"- {words.training(name, run, guess, score)}" for name, run in runs.items()))
    moves.pickers("moment", "train_look")
    st.header(words.at_the_moment({name: snapshot.step for name, snapshot in moments.items()}), anchor=False)
    columns = st.columns(len(runs))
    for column, (name, run) in zip(columns, runs.items(), strict=True):
        with column:
            st.header(ACTIVATIONS[name].label, anchor=False)
            _network(next(s for s in specs if s.activation == name), plan, run, settings.moment, play)
            here = pd.DataFrame({"step": [moments[name].step]})
            look = settings.train_look
            alt = f"{LOOKS[look].capitalize()} of each layer of the {ACTIVATIONS[name].label} network over the run"
            heat = {drawing.DATA: data.heat_frame(run), drawing.PRESENT: here}
            replay.show(play, charts.heat(look), heat, alt, f"heat_{name}", SEEN_CELLS)
            if (slopes := data.slopes_frame(run)) is not None:
                alt = f"Learned slope of each layer of the {ACTIVATIONS[name].label} network over the run"
                frames_of = {drawing.DATA: slopes, drawing.PRESENT: here}
                replay.show(play, charts.slopes(), frames_of, alt, f"slopes_{name}", SEEN_CELLS)
    _layers(runs, moments)
    plots.show(settings, runs)


def _layers(runs: Runs, moments: Mapping[str, Snapshot]) -> None:
    names = tuple(runs)
    lengths = {name: moved(runs[name], moments[name]) for name in names}
    ratios = {name: moments[name].update_ratio for name in names}
    left, right = st.columns(2)
    with left:
        title = "Weights moved, over their length at the start"
        frame = frames.per_layer_frame(lengths, "log")
        drawing.show(drawing.per_layer(names, "log", "bars", title), frame, "How far each layer has moved", key="moved")
    with right:
        title = "Next update of the weights, over their length"
        spec, frame = drawing.per_layer(names, "log", "lines", title), frames.per_layer_frame(ratios, "log")
        drawing.show(spec, frame, "Size of the next update beside the weights, layer by layer", key="update_ratio")
    columns = {f"{ACTIVATIONS[n].label} moved": values for n, values in lengths.items()}
    columns |= {f"{ACTIVATIONS[n].label} gradient": moments[n].gradient_norm for n in names}
    columns |= {f"{ACTIVATIONS[n].label} saturated": moments[n].saturated for n in names}
    columns |= {f"{ACTIVATIONS[n].label} dead": moments[n].dead for n in names}
    for n in names:
        if slopes := learned_slopes(moments[n]):
            each = [slopes.get(layer, np.nan) for layer in range(1, len(moments[n].dead) + 1)]
            columns[f"{ACTIVATIONS[n].label} learned slope"] = np.array(each)
    table = frames.layers_table({name: np.asarray(values, dtype=np.float64) for name, values in columns.items()})
    alt = "How far each layer's weights have moved, their gradient, saturated and dead units"
    pieces.table(table, alt, key="train_table")
    about = (
        "layer (1: at the input); for each network: moved, how far its weights are from the start over their length "
        "then; gradient, the length of dL/dW (no units); saturated and dead, shares of units from 0 to 1; learned "
        "slope, for negative inputs"
    )
    pieces.download(table, "vanish-train.csv", "Download as CSV", "train_csv", about)


def _network(spec: NetworkSpec, plan: Plan, run: Sequence[Snapshot], moment: int, play: Play | None = None) -> None:
    """What a network has made of the data."""
    snapshot, (fitted,) = data.network_at(run, moment), data.entries([spec], plan)
    if snapshot is None:
        st.caption(words.NOT_KEPT)
        return
    name, label = spec.activation, ACTIVATIONS[spec.activation].label
    if fitted.n_inputs == 2:
        _surfaces(fitted, plan, run, snapshot, play)
    elif fitted.n_inputs == 1:
        curve, points = data.fit_frame(fitted, plan, snapshot)
        if play:
            curve = data.over_the_run(run, lambda one, _: data.fit_frame(fitted, plan, one)[0])
        drawn = {drawing.DATA: curve, drawing.POINTS: points}
        replay.show(play, charts.fit(name), drawn, f"The curve of the {label} network", f"fit_{name}", TAKES_TURNS)
    else:
        pixels, labels, counts = data.digits_frames(fitted, plan, snapshot)
        if play:
            labels = data.over_the_run(run, lambda one, _: data.digits_frames(fitted, plan, one)[1])
            counts = data.over_the_run(run, lambda one, _: data.digits_frames(fitted, plan, one)[2])
        drawn, turns = {drawing.DATA: pixels, drawing.POINTS: labels}, {drawing.POINTS: replay.CHANGES}
        alt = f"Test digits and what the {label} network takes them for"
        replay.show(play, charts.digits(), drawn, alt, f"digits_{name}", turns)
        alt = f"What the {label} network takes for what"
        replay.show(play, charts.confusion(), {drawing.DATA: counts}, alt, f"confusion_{name}", TAKES_TURNS)


# Of a run that is played: one picture after the other.
TAKES_TURNS = {drawing.DATA: replay.CHANGES}


def _surfaces(fitted: NetworkSpec, plan: Plan, run: Sequence[Snapshot], snapshot: Snapshot, play: Play | None) -> None:
    """What a network says all over the plane, of each label."""
    name, n_labels = fitted.activation, data.n_labels(data.dataset(plan))
    for label in range(n_labels):
        cells, points = data.surface_frame(fitted, plan, snapshot, label)
        if play:
            cells = data.surfaces(fitted, plan, run, label)
        alt, key = f"Where the {ACTIVATIONS[name].label} network draws the line", f"surface_{name}"
        if n_labels > 1:
            st.subheader(words.label(label), anchor=False)
            alt, key = f"{alt}, label {label + 1}", f"{key}_{label}"
        drawn = {drawing.DATA: cells, drawing.POINTS: points}
        replay.show(play, charts.surface(), drawn, alt, key, TAKES_TURNS)
