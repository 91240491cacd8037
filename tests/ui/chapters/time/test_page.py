from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.app import checked, click, figures, finding, move, page, settings, tables
from ui.schema import validate

import vanish
from vanish.choices.cells import CELLS
from vanish.choices.tasks import TASKS
from vanish.numerics.lcg import ensemble_seeds
from vanish.sequence.training import fit_recurrent_spec, train_recurrent
from vanish.ui.chapters.time import data, gradient
from vanish.ui.chapters.time import words as time_words
from vanish.ui.chapters.time.charts import BEYOND, CELL_STATE, EXTENT, HIDDEN, PASSES
from vanish.ui.chapters.time.controls import Memory
from vanish.ui.kit import budget, drawing, numbers
from vanish.ui.kit.budget import Cost
from vanish.ui.shell.settings import CONTROLS, Settings

pytestmark = pytest.mark.slow

CELL_NAMES = list(CELLS)
SHORT = {"chapter": "time", "sequence": "30", "hidden": "8"}
SMALL = SHORT | {"lag": "10", "time_steps": "50", "time_batch": "8"}
ALONG, RACE = "Gradient left at every step back, for each cell", "Test loss of each cell over the run"


def said(app):
    return "\n".join(words.value for words in app.markdown)


def alts(app):
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def cards(app):
    return {metric.label: metric.value for metric in app.metric} | figures(app)


def engine_run(now, cell, **changes):
    (spec,) = [spec for spec in now.recurrent_specs if spec.cell == cell]
    plan = replace(now.part(Memory), **changes)
    return list(
        train_recurrent(
            fit_recurrent_spec(spec, plan.task),
            plan.task,
            plan.lag,
            plan.time_optimizer,
            plan.time_steps,
            plan.time_rate,
            plan.time_batch,
            plan.time_clip,
            plan.seed,
            clip_at=plan.time_clip_at,
        )
    )


@pytest.mark.parametrize("initializer", vanish.choices.RECURRENT_INITIALIZERS)
def test_the_table_is_the_engines(initializer):
    app = page(**SHORT, cells=CELL_NAMES, recurrent_initializer=initializer, input_scale="0.5")
    table = tables(app)[ALONG]
    for cell in CELL_NAMES:
        expected = vanish.gradient_through_time(
            cell,
            30,
            8,
            initializer=initializer,
            spectral_radius=settings(app).spectral_radius,
            forget_bias=settings(app).forget_bias,
            input_scale=0.5,
        )
        for state, rows in expected.groupby("state"):
            label = CELLS[cell].label
            column = f"{label}, {state} state" if CELLS[cell].has_cell_state else label
            np.testing.assert_allclose(table[column], rows["ratio"], rtol=1e-12, err_msg=cell)


def test_bands_are_over_seeds_and_the_first_is_on_screen():
    app = page(**SHORT, cells=["gru"], n_seeds="7")
    table = tables(app)[ALONG]
    alone = tables(page(**SHORT, cells=["gru"]))[ALONG]
    np.testing.assert_array_equal(table["GRU"], alone["GRU"])
    assert (table["GRU 10 %"] <= table["GRU median"]).all()
    assert (table["GRU median"] <= table["GRU 90 %"]).all()


@pytest.mark.parametrize("fraction", ["0.1", "0.001"])
def test_cards_say_how_far_back_a_share_of_the_gradient_arrives(fraction):
    app = page(**SHORT, cells=CELL_NAMES, fraction=fraction)
    table = tables(app)[ALONG]
    for cell in CELL_NAMES:
        label = CELLS[cell].label
        column = table[f"{label}, {CELL_STATE}" if CELLS[cell].has_cell_state else label]
        first_below = int((column >= float(fraction)).to_numpy().argmin()) if (column < float(fraction)).any() else 30
        assert cards(app)[f"{label}: steps back"] == str(first_below - 1)


def test_the_reader_makes_it_vanish_hold_and_explode():
    app = page(chapter="time", cells=["rnn_tanh", "lstm"])
    for button, verdict in (("try_vanish", "vanishing"), ("try_hold", "healthy"), ("try_explode", "exploding")):
        diagnoses = data.profiles(settings(click(app, button))).diagnoses
        assert next(iter(diagnoses.values())).verdict == verdict
        assert app.title[0].value == finding(app)


def test_what_is_said_to_hold_holds_for_both_cells_and_many_seeds():
    for seed in ensemble_seeds(42, 20):
        profiles = data.profiles(Settings(chapter="time", **gradient.HOLD | {"seed": seed}))
        assert [one.verdict for one in profiles.diagnoses.values()] == ["healthy", "healthy"]


def test_an_orthogonal_matrix_has_to_stretch_by_more_than_1_before_a_relu_cells_gradient_grows():
    """By a loop of our own: what the cell's explanation says."""

    def left(seed, radius):
        generator = np.random.default_rng(seed)
        orthogonal, triangle = np.linalg.qr(generator.standard_normal((32, 32)))
        matrix = radius * orthogonal * np.sign(np.diag(triangle))
        read, state, slopes = generator.uniform(-1, 1, 32) / np.sqrt(32), np.zeros(32), []
        for x in generator.standard_normal(100):
            u = matrix @ state + read * x
            state = np.maximum(u, 0)
            slopes.append(u > 0)
        gradient = np.ones(32) / np.sqrt(32)
        for slope in slopes[:0:-1]:
            gradient = matrix.T @ (gradient * slope)
        return np.linalg.norm(gradient)

    medians = {radius: np.median([left(seed, radius) for seed in range(20)]) for radius in (1.1, 1.2, 1.3, 1.6, 2.0)}
    assert medians[1.1] < 1e-10
    assert medians[1.3] < 1e-3
    assert medians[1.6] > 1
    assert medians[2.0] > 1e6


def test_the_forget_gates_are_one_path_of_several():
    """Where the LSTM starts by Xavier's rule, the other paths leave 100,000 times as much."""
    now = Settings(chapter="time", cells=("lstm",), recurrent_initializer="xavier", forget_bias=2.0)
    (lstm,) = data.measured(now)
    alone = data.theory(lstm, now.seed)[data.FORGET_GATES][-1]
    assert alone == pytest.approx(5.72e-6, rel=0.01)
    assert lstm.path[0, -1] == pytest.approx(2.35, rel=0.01)
    app = page(chapter="time", cells=["lstm"], recurrent_initializer="xavier", time_overlays=["theory"])
    assert "The forget gates are one path of several; measured is the sum of all, which gives 410,000 times" in said(
        app
    )


def test_the_gate_that_keeps_the_state_starts_half_open_and_is_said():
    (gru,) = data.measured(Settings(cells=("gru",)))
    assert gru.kept[0] == pytest.approx(0.5, abs=0.02)
    (lstm,) = data.measured(Settings(cells=("lstm",), forget_bias=1.0))
    # The mean of a logistic function of about 1.
    assert lstm.kept[0] == pytest.approx(1 / (1 + np.exp(-1)), abs=0.03)
    assert f"update gate z starts at {numbers.number(gru.kept[0])} on average" in said(
        page(chapter="time", cells=["gru"])
    )


def test_one_power_of_the_radius_is_said_and_only_of_cells_without_gates():
    assert "0.9²⁹ = 0.0471 of a gradient" in said(page(**SHORT, cells=["rnn_tanh"]))
    assert "of a gradient, one factor" not in said(page(**SHORT, cells=["lstm", "gru"]))


def test_an_open_forget_gate_lets_the_lstm_see_the_whole_sequence():
    app = page(chapter="time", cells=["lstm"], forget_bias="-2")
    assert int(cards(app)["LSTM: steps back"]) < 10
    assert cards(move(app, "forget_bias", 6.0))["LSTM: steps back"] == "99"


def test_overlays_are_said_and_drawn():
    app = page(**SHORT, cells=CELL_NAMES, time_overlays=["theory", "floors"])
    for cell in CELL_NAMES:
        assert (f"**{CELLS[cell].label}**, dashed" in said(app)) == (cell != "gru")


def test_controls_show_only_where_they_matter():
    app = page(chapter="time")
    keys = {widget.key for widget in app.sidebar if getattr(widget, "key", None)}
    assert {"spectral_radius", "forget_bias", "sequence"} <= keys
    assert not {"depth", "time_rate", "learning_rate"} & keys
    app = page(chapter="time", time_view="race", recurrent_initializer="identity", cells=["gru"])
    keys = {widget.key for widget in app.sidebar if getattr(widget, "key", None)}
    assert {"time_rate", "lag"} <= keys
    assert not {"spectral_radius", "forget_bias", "sequence"} & keys


@pytest.mark.parametrize("task", TASKS)
def test_a_race_shows_what_training_gives(task):
    app = page(**SMALL, time_view="race", task=task, cells=["rnn_tanh", "lstm"])
    now, table = settings(click(app, "race")), tables(app)[RACE]
    for cell in now.cells:
        run = engine_run(now, cell)
        np.testing.assert_allclose(table[CELLS[cell].label], [s.test_loss for s in run], rtol=1e-12)
    assert f"{TASKS[task].baseline:.4g}" in said(app)


@pytest.mark.parametrize(
    ("view", "train", "chart"),
    [("race", "race", "race_chart"), ("clipping", "clip_race", f"losses_{data.WITH}")],
)
def test_the_last_run_stays_faint_behind_the_next_one(view, train, chart, drawn):
    link = SMALL | {"time_view": view, "cells": ["rnn_tanh"], "seed": "79"}
    app = click(page(**link), train)
    before = drawn[chart][1][drawing.DATA]
    drawn.clear()
    move(app, "time_rate", 0.02)
    assert "**Settings have changed: train again.** Faint: your last run, with learning rate" in said(app)
    spec, frames, text = drawn[chart]
    validate(spec, frames)
    assert text.endswith("before the settings changed")
    assert frames[drawing.DATA].empty
    np.testing.assert_array_equal(frames[drawing.LAST]["value"], before["value"])
    drawn.clear()
    click(app, train)
    assert "Faint: the run before, with learning rate" in said(app)
    drawn.clear()
    click(app, f"play_{train}")
    assert drawn[chart][0]["params"]
    drawn.clear()
    # Another task has another loss.
    assert "Faint" not in said(move(app, "task", next(task for task in TASKS if task != settings(app).task)))


def test_somebody_else_sees_a_finished_race_at_once():
    link = SMALL | {"time_view": "race", "cells": ["gru"], "seed": "77"}
    click(page(**link), "race")
    assert RACE in tables(page(**link))


def test_a_run_of_over_a_minute_is_refused_and_the_sliders_to_lower_are_named():
    app = page(chapter="time", time_view="race", hidden="64", lag="100", time_steps="3000", time_batch="64")
    (refusal,) = app.info
    for slider in ("training steps", "lag", "hidden units", "sequences in a batch"):
        assert f"**{slider}**" in refusal.value
    assert "race" not in [button.key for button in app.button]


EXPLODES = SMALL | {
    "lag": "20",
    "time_view": "clipping",
    "cells": ["rnn_relu"],
    "spectral_radius": "1.95",
    "time_optimizer": "sgd",
    "time_rate": "0.2",
}


def clipped():
    app = page(**EXPLODES)
    return click(app, "clip_race") if "clip_race" in [button.key for button in app.button] else app


def test_the_same_run_explodes_without_clipping_and_survives_with_it():
    app = clipped()
    now = settings(app)
    without, survivor = engine_run(now, "rnn_relu", time_clip="none"), engine_run(now, "rnn_relu")
    assert without[-1].divergence
    assert not survivor[-1].divergence
    assert f"diverged at step {without[-1].divergence.step}" in said(app)
    assert f"test loss {numbers.number(survivor[-1].test_loss)} (standard error " in said(app)
    assert sum(alt.startswith(("Loss at", "Norm of the gradient at")) for alt in alts(app)) == 4
    assert app.title[0].value == finding(app)
    assert app.title[0].value.startswith(f"Without clipping: :red[diverged] at step {without[-1].divergence.step}. ")
    # Shares are counted in each run by itself.
    norms = data.every_step(survivor, "gradient_norms")
    assert f"{100 * (norms > 1).mean():.1f} % of its gradients had a norm above 1 and were cut" in said(app)


def test_by_value_the_entries_are_counted_and_drawn():
    tanh = {"cells": ["rnn_tanh"], "spectral_radius": "1.35", "time_rate": "0.02"}
    app = page(**EXPLODES | tanh | {"time_clip": "value", "time_clip_at": "0.5"})
    app = click(app, "clip_race") if "clip_race" in [button.key for button in app.button] else app
    run = engine_run(settings(app), "rnn_tanh")
    entries = data.every_step(run, "largest_entries")
    assert 0 < (entries > 0.5).mean() < (data.every_step(run, "gradient_norms") > 0.5).mean()
    assert f"{100 * (entries > 0.5).mean():.1f} % of its gradients had an entry beyond ±0.5 and were cut" in said(app)
    assert "Largest entry of the gradient: how often, in the run without clipping" in alts(app)


def test_the_top_is_about_the_view_below_it():
    start = data.at_start(
        Settings(cells=("rnn_relu",)).recurrent_specs, Settings(time_view="race", lag=10).part(Memory)
    )
    assert len(start.sizes["rnn_relu"]) == 10
    app = page(**EXPLODES | {"seed": "79"})
    assert app.title[0].value.startswith("Before training: ")
    assert "step 20" in app.title[0].value or "Step 20" in app.title[0].value
    assert "(adding problem, lag 20)" in "".join(caption.value for caption in app.caption)
    race = page(**SMALL | {"time_view": "race", "cells": ["gru"], "seed": "79", "task": "copy"})
    assert "step 13's gradient" in race.title[0].value
    click(race, "race")
    assert race.title[0].value.startswith("Copy, lag 10, after 50 steps: the GRU has ")
    assert list(cards(race)) == ["GRU: test loss"]


def test_the_threshold_can_be_moved_without_training_again():
    app = clipped()
    # The last gradient is not finite and made no step.
    norms = data.every_step(engine_run(settings(app), "rnn_relu", time_clip="none"), "gradient_norms")[:-1]
    for limit in (20.0, 0.1):
        move(app, "time_clip_at", limit)
        share = 100 * (~(norms <= limit)).mean()
        assert f"{'100 %' if share == 100 else f'{share:.1f} %'} had a norm above {limit:g}" in said(app)
        assert "Norm of the gradient: how often, in the run without clipping" in alts(app)
    # Of another run there is nothing to show.
    move(app, "time_rate", 0.1)
    assert "**Where to put the threshold?**" not in [one.value for one in app.header]


def test_clipping_is_by_norm_where_the_controls_say_none_and_says_so():
    assert "clipped by norm at 1" in said(page(**EXPLODES | {"time_clip": "none"}))
    assert "clipped by value at 1" in said(page(**EXPLODES | {"time_clip": "value"}))


def test_the_cell_that_is_clipped_is_one_without_gates_if_there_is_one():
    specs = Settings(cells=("lstm", "rnn_relu", "rnn_tanh")).recurrent_specs
    assert data.plain(specs).cell == "rnn_relu"
    assert data.plain(specs[:1]).cell == "lstm"


@pytest.mark.parametrize("task", TASKS)
def test_an_example_of_the_task_stands_where_there_is_no_run_yet(task):
    app = page(**SMALL | {"task": task, "time_view": "race", "seed": "78"})
    assert "A sequence of the task, step by step" in alts(app)
    frame, target = data.example(settings(app).part(Memory))
    assert len(frame) == TASKS[task].length(10) * TASKS[task].n_inputs
    if task == "adding":
        wide = frame.pivot(index="step", columns="channel", values="value")
        assert target == pytest.approx((wide["number"] * wide["mark"]).sum())
        assert f"The right answer is {numbers.number(target)}" in said(app)


def test_a_threshold_that_nothing_uses_makes_no_other_race():
    specs = Settings().recurrent_specs
    plans = [Settings(time_view="race", time_clip="none", time_clip_at=limit).part(Memory) for limit in (1.0, 5.0)]
    assert data.racing(plans[0], specs) == data.racing(plans[1], specs)
    used = [replace(plan, time_clip="norm") for plan in plans]
    assert data.racing(used[0], specs) != data.racing(used[1], specs)


def test_bars_of_lengths_hold_every_step_and_none_is_on_both_sides_of_the_threshold():
    lengths = np.array([0.0, 1e-3, 0.5, 1.0, 2.0, 3.0, 1e50, np.inf, np.nan])
    frame = data.norms_frame(lengths, 1.0)
    assert frame["count"].sum() == 7
    assert frame["right"].max() <= 1.1 * data.CEILING
    assert frame[frame["clipped"] == BEYOND]["count"].sum() == 5
    assert (frame[frame["clipped"] == PASSES]["right"] <= 1 + 1e-9).all()
    assert data.norms_frame(np.array([np.nan, 0.0]), 1.0).empty


def test_traces_share_their_axes_and_mark_what_is_beyond_the_threshold():
    now = settings(page(**EXPLODES))
    runs = {"without": engine_run(now, "rnn_relu", time_clip="none"), "with": engine_run(now, "rnn_relu")}
    # Between the lengths that come up, so that a threshold that is a little off marks others.
    limit = float(np.median(data.every_step(runs["with"], "gradient_norms")))
    frames = data.trace_frames(runs, "gradient_norms", limit, "gradient_norms")
    assert 0 < frames["with"]["spike"].mean() < 1
    for name, run in runs.items():
        norms = data.every_step(run, "gradient_norms")
        np.testing.assert_array_equal(frames[name]["spike"], norms > limit)
        np.testing.assert_array_equal(frames[name]["size"], norms)
        assert frames[name]["value"].max() <= data.CEILING
    both = np.concatenate([frames[name]["value"] for name in runs])
    assert list(frames[EXTENT]["value"]) == [np.nanmin(both), np.nanmax(both)]


@given(st.integers(data.LONGEST_WHOLE + 1, 3001), st.data())
def test_a_long_trace_is_drawn_by_its_extremes_its_gaps_and_its_ends(steps, drawn):
    line, limiting = np.random.default_rng(steps).normal(size=(2, steps))
    gaps = drawn.draw(st.lists(st.integers(0, steps - 1), max_size=3))
    line[gaps] = np.nan
    spike = drawn.draw(st.integers(0, steps - 1))
    limiting[spike] = 9.0
    kept = data.extremes(line, limiting)
    assert {0, steps - 1, spike, np.nanargmin(line), np.nanargmax(line)} <= set(kept.tolist())
    assert np.isnan(line[kept]).any() == bool(gaps)
    assert len(kept) <= drawing.MOST_ELEMENTS
    np.testing.assert_array_equal(data.extremes(line[: data.LONGEST_WHOLE]), np.arange(data.LONGEST_WHOLE))


def test_the_state_that_lasts_is_what_counts():
    (lstm,) = data.measured(Settings(cells=("lstm",), sequence=30))
    (plain,) = data.measured(Settings(cells=("rnn_tanh",), sequence=30))
    assert lstm.path is lstm.states[CELL_STATE]
    assert plain.path is plain.states[HIDDEN]


@pytest.mark.parametrize("task", TASKS)
def test_no_setting_asks_for_more_than_the_engine_has_memory_for(task):
    largest = {key: CONTROLS[key].high for key in ("hidden", "lag", "time_batch")}
    for cells in (("lstm",), tuple(CELLS)):
        now = Settings(time_view="race", cells=cells, task=task, **largest)
        plan = data.racing(now.part(Memory), now.recurrent_specs)
        lengths = [TASKS[task].length(plan.lag) * (5 * spec.rows + 8 * spec.hidden) for spec in now.recurrent_specs]
        assert 1 <= plan.time_batch < now.time_batch
        assert plan.time_batch * sum(lengths) <= data.RACE_NUMBERS
    assert data.seconds(now.recurrent_specs[:1], plan) > 0


def test_links_from_before_keep_their_batch():
    cells = ("rnn_tanh", "rnn_relu", "gru", "lstm")
    now = Settings(time_view="race", cells=cells, hidden=32, lag=40, task="echo", time_batch=64)
    assert data.racing(now.part(Memory), now.recurrent_specs) == now.part(Memory)
    assert data.length(Settings(cells=cells, hidden=64, sequence=500)) == 500
    (spec,) = Settings(cells=("lstm",), hidden=38).recurrent_specs
    assert len(data.along(spec, 500, 1, 100, 1.0).path) == 100


def test_many_seeds_of_a_long_sequence_are_fewer_and_that_is_said():
    now = Settings(cells=("lstm",), hidden=16, sequence=2000, n_seeds=100)
    (lstm,) = data.measured(now)
    assert 1 < len(lstm.path) < 100
    seeds = {"lstm": len(lstm.path)}
    assert f"(LSTM {len(lstm.path)})" in time_words.fewer(data.length(now), now.sequence, seeds, now.n_seeds)


def test_a_sequence_of_two_thousand_steps_is_shown_as_far_as_there_is_time_and_that_is_said():
    long = Settings(cells=("rnn_tanh",), sequence=2000, hidden=16)
    (plain,) = data.measured(long)
    assert plain.path.shape == (1, 2000)
    drawn = data.along_frame([plain]).frame
    assert len(drawn) == data.MOST_POINTS
    assert list(drawn["distance"][[0, data.MOST_POINTS - 1]]) == [0, 1999]
    np.testing.assert_array_equal(drawn["size"], plain.path[0, drawn["distance"]])
    largest = Settings(cells=tuple(CELLS), sequence=2000, hidden=256)
    steps = data.length(largest)
    assert 100 < steps < 2000
    each = [data.cost(spec, steps, 1) for spec in largest.recurrent_specs]
    more = [data.cost(spec, steps + 10, 1) for spec in largest.recurrent_specs]
    assert budget.within(sum(each, Cost(0)), budget.ALONE)
    assert not budget.within(sum(more, Cost(0)), budget.ALONE)


def test_what_is_left_out_is_said(monkeypatch):
    monkeypatch.setattr(budget, "OPERATIONS", budget.OPERATIONS / 100)
    app = page(**SHORT | {"sequence": "2000", "cells": ["lstm"]})
    steps = data.length(settings(app))
    assert steps == len(tables(app)[ALONG]) < 2000
    assert f"a sequence of {steps} steps, not 2,000" in said(app)
    assert "Shown:" not in said(page(**SHORT, cells=["lstm"]))


def test_a_batch_that_is_too_large_is_smaller_and_that_is_said(monkeypatch):
    monkeypatch.setattr(data, "RACE_NUMBERS", 8000)
    app = page(**SMALL, time_view="race", cells=["rnn_sigmoid", "lstm_relu"])
    assert "A batch has 2 sequences here, not 8" in said(app)


def test_theory_bounds_what_is_measured():
    for cell in data.measured(Settings(cells=("rnn_tanh", "rnn_relu"), sequence=60)):
        upper = data.theory(cell, 42)[data.UPPER_BOUND]
        assert (cell.path[0] <= upper * (1 + 1e-9)).all()
    checked(page(chapter="time", time_overlays=["theory"], cells=["gru"]))


@pytest.mark.parametrize(
    ("lines", "floors", "place"),
    [
        ([[0, -1], [0, -100]], [], ("right", "below")),
        ([[0, -100]], [], ("right", "below")),
        ([[0, -300], [0, -20]], [], ("right", "above")),
        ([[0, -100]], [1e-7], ("left", "above")),
        ([[0, 16], [-1, -3]], [], ("left", "below")),
        ([[np.nan, np.nan]], [], ("left", "below")),
    ],
)
def test_the_label_of_a_rule_stands_where_no_line_passes(lines, floors, place):
    steps = np.arange(101.0)
    drawn = np.concatenate([10.0 ** np.interp(steps, [0, 100], ends) for ends in lines])
    assert data.label_place(np.tile(steps, len(lines)), drawn, 0.01, np.array(floors)) == place
