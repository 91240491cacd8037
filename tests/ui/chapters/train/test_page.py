import gc
import json
import math
import statistics
import weakref
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from ui.app import checked, click, copied, finding, move, page, settings, shown, tables
from ui.schema import validate

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.network.prediction import predict
from vanish.network.training import fit_spec, train
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train import words as train_words
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.chapters.train.runs import has_learned
from vanish.ui.kit import drawing, jobs, live, numbers, races
from vanish.ui.kit.gate import GATE
from vanish.ui.kit.numbers import number
from vanish.ui.kit.processes import DiedError
from vanish.ui.kit.shared import Store
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, from_values

pytestmark = pytest.mark.slow

SMALL = {
    "chapter": "train",
    "dataset": "moons",
    "steps": "50",
    "width": "8",
    "depth": "3",
    "activations": ["tanh", "relu"],
    "initializer": "he_normal",
    "learning_rate": "0.1",
}
TABLE = "How far each layer's weights have moved, their gradient, saturated and dead units"


def trained(**link):
    """The page after the reader has pressed Train and the run has ended."""
    app = page(**SMALL | link)
    return click(app, "train") if "train" in [button.key for button in app.button] else app


def said(app):
    return "\n".join(words.value for words in [*app.header, *app.markdown])


def test_a_process_that_dies_is_said_and_the_button_stays(monkeypatch):
    def dying(make, beat):
        yield from ()
        raise DiedError

    monkeypatch.setattr(live, "compute", dying)
    app = page(**SMALL | {"seed": "977"}).button(key="train").click().run()
    (message,) = app.error
    assert message.value == numbers.DIED
    assert not app.exception
    monkeypatch.undo()
    assert "train" in [button.key for button in app.run().button]
    click(app, "train")
    assert tables(app)


def test_what_was_stopped_is_kept_for_all_and_let_go_when_too_much_has_been(monkeypatch):
    app = trained(seed="978")
    run = next(reversed(live._known.values()))
    monkeypatch.setattr(live, "_known", OrderedDict())
    # As the button does: the run itself is no longer known, nor has the reader seen its end.
    at = next(key for key, _ in app.session_state["_traces_train"]), 12
    jobs.STOPPED.keep(at, tuple(run.items[:12]))
    app.session_state["_stopped_train"], app.session_state["_wanted"] = at, {}
    checked(app.run())
    assert "train" in [button.key for button in app.button]
    assert f"step {run.items[11][1].step}" in said(app)
    monkeypatch.setattr(jobs, "STOPPED", Store(1, GATE))
    assert f"step {run.items[11][1].step}" not in said(checked(app.run()))


def test_what_a_session_keeps_of_a_run_is_not_the_run(monkeypatch):
    monkeypatch.setattr(live, "_known", OrderedDict())
    app = trained(seed="979")
    run = weakref.ref(live._known.popitem()[1])
    gc.collect()
    assert run() is None
    assert tables(app)


def engine_run(now, name, n_snapshots=40):
    (spec,) = now.respecified(activations=(name,))
    data = DATASETS[now.dataset].make(None if now.dataset == "digits" else now.noise, now.data_seed)
    return list(
        train(
            fit_spec(spec, data),
            data,
            now.optimizer,
            now.steps,
            now.learning_rate,
            now.train_batch,
            now.clip,
            now.seed,
            clip_at=now.clip_at,
            schedule=now.schedule,
            n_snapshots=n_snapshots,
        )
    )


@pytest.mark.parametrize(
    "link", [{}, {"optimizer": "adam", "schedule": "cosine", "clip": "norm", "clip_at": "0.5", "train_batch": "16"}]
)
def test_a_race_shows_what_training_gives(link):
    app = trained(**link)
    now, table = settings(app), tables(app)[TABLE]
    for name in now.activations:
        run = engine_run(now, name)
        label = ACTIVATIONS[name].label
        assert train_words.training(name, run, train_data.dataset(now.part(Plan)).guessing, "accuracy") in said(app)
        np.testing.assert_allclose(table[f"{label} moved"], run[-1].distance / run[0].weight_norm, rtol=1e-9)
        np.testing.assert_allclose(table[f"{label} gradient"], run[-1].gradient_norm, rtol=1e-9)


def test_a_run_can_be_played_also_by_who_comes_later_and_ends_with_another_move(drawn):
    trained(data_seed="7")
    drawn.clear()
    later = page(**SMALL, data_seed="7", moment="40")
    still = {key: spec for key, (spec, _, _) in drawn.items()}
    drawn.clear()
    click(later, "play_train")
    # To its end, wherever the moment was.
    assert settings(later).moment == 100
    played = {key for key, (spec, _, _) in drawn.items() if spec.get("params")}
    assert played == {"train_loss", "test_accuracy"} | {
        f"{what}_{name}" for what in ("heat", "surface") for name in ("tanh", "relu")
    }
    drawn.clear()
    move(later, "moment", 60)
    assert {key: spec for key, (spec, _, _) in drawn.items()} == still
    drawn.clear()
    move(later, "moment", 100)
    assert {key: spec for key, (spec, _, _) in drawn.items()} == still


@pytest.mark.parametrize("dataset", ["spirals", "sine", "digits"])
def test_what_is_played_begins_untrained_and_ends_as_the_run_does(dataset):
    now = settings(page(**SMALL | {"dataset": dataset}))
    run, plan = engine_run(now, "relu"), now.part(Plan)
    (spec,) = train_data.entries(now.respecified(activations=("relu",)), plan)
    draw = {
        "spirals": lambda one, last: train_data.surface_frame(spec, plan, one, 0, 48 if last else 5)[0],
        "sine": lambda one, _: train_data.fit_frame(spec, plan, one)[0],
        "digits": lambda one, _: train_data.digits_frames(spec, plan, one)[2],
    }[dataset]
    frame = train_data.over_the_run(run, draw)
    pictures = [one.drop(columns=["since", "until"]).reset_index(drop=True) for _, one in frame.groupby("since")]
    stands = frame[["since", "until"]].drop_duplicates().to_numpy()
    assert len(pictures) == train_data.PICTURES
    # One picture at each step.
    assert stands[0, 0] == 0
    assert (stands[1:, 0] == stands[:-1, 1]).all()
    assert stands[-1, 0] == run[-1].step < stands[-1, 1]
    pd.testing.assert_frame_equal(pictures[0], draw(run[0], False).reset_index(drop=True))
    pd.testing.assert_frame_equal(pictures[-1], draw(run[-1], True).reset_index(drop=True))


def test_who_comes_later_sees_the_finished_race_at_once():
    first = trained(data_seed="7")
    later = page(**SMALL, data_seed="7")
    assert "train" not in [button.key for button in later.button]
    assert said(later) == said(first)
    assert settings(page(**dict(copied(first)))).part(Plan) == settings(first).part(Plan)


def test_a_moved_control_is_another_race_and_the_last_one_stays_faint(drawn):
    app = trained(data_seed="8", seed="91")
    drawn.clear()
    move(app, "learning_rate", 0.2)
    assert "train" in [button.key for button in app.button]
    assert TABLE not in tables(app)
    assert "**Settings have changed: train again.** Faint: your last run, with learning rate 0.1." in said(app)
    run = engine_run(replace(settings(app), learning_rate=0.1), "relu")
    for measure in ("train_loss", "test_accuracy"):
        spec, frames, text = drawn[measure]
        validate(spec, frames)
        faint, now = frames[drawing.LAST], frames[drawing.DATA]
        assert text.endswith("over the run, before the settings changed")
        assert list(faint[faint.activation == "ReLU"]["value"]) == [getattr(one, measure) for one in run]
        assert now.empty


def test_behind_the_next_run_the_last_one_stays():
    app = trained(data_seed="8", seed="91")
    click(move(app, "learning_rate", 0.2), "train")
    assert "Faint: the run before, with learning rate 0.1." in said(app)
    # With the settings of then that run is back, and the other one is faint.
    assert "train again" not in said(move(app, "learning_rate", 0.1))
    assert "Faint: the run before, with learning rate 0.2." in said(app)
    # A loss of another kind is no comparison.
    assert "Faint" not in said(move(app, "dataset", "sine"))


def test_who_would_rather_see_than_read_finds_figures_first():
    assert CONTROLS["dataset"].options[:2] == ("spirals", "circles")
    app = click(page(chapter="train"), "see_circles")
    assert settings(app).dataset == "circles"
    assert "What there is to learn: circles" in [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert not {"see_spirals", "see_circles"} & {button.key for button in app.button}


def test_what_was_left_before_its_end_is_said(monkeypatch):
    monkeypatch.setattr(live, "left", lambda key: True)
    (message,) = page(**SMALL | {"seed": "976"}).info
    assert message.value == numbers.left_early("Train")


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_data_set_can_be_learned_from(dataset):
    app = trained(dataset=dataset)
    assert "after 50 steps" in said(app)
    assert TABLE in tables(app)


def test_the_moment_goes_back_through_the_run_without_training():
    app = trained()
    run = engine_run(settings(app), "tanh")
    for moment in (0, 50):
        table = tables(move(app, "moment", moment))[TABLE]
        snapshot = train_data.at_moment(run, moment)
        np.testing.assert_allclose(table["tanh moved"], snapshot.distance / run[0].weight_norm, rtol=1e-9)
    assert not tables(move(app, "moment", 0))[TABLE]["tanh moved"].any()


def test_a_run_of_over_a_minute_is_refused_and_the_sliders_to_lower_are_named():
    app = page(chapter="train", width="256", depth="100", steps="5000", train_batch="256")
    (refusal,) = app.info
    for slider in ("steps", "depth", "width", "training batch"):
        assert f"**{slider}**" in refusal.value
    assert "train" not in [button.key for button in app.button]


def test_a_run_that_diverges_says_where():
    app = trained(activations=["identity"], weight_scale="4", depth="20", learning_rate="1", data_seed="3")
    run = engine_run(settings(app), "identity")
    assert run[-1].divergence
    assert f"diverged at step {run[-1].divergence.step:,}" in said(app)
    assert f"of layer {run[-1].divergence.layer}" in said(app)


def against_depth(app):
    """The charts of the paradox by their alternative text: specification, and data by name."""
    return {
        chart.proto.alt: (
            json.loads(chart.proto.spec),
            {one.name: convert_arrow_bytes_to_pandas_df(one.data.data) for one in chart.proto.datasets},
        )
        for chart in app.get("vega_lite_chart")
        if "against depth" in chart.proto.alt
    }


def test_deeper_is_worse_is_trained_and_drawn_and_stays_faint_behind_the_next_race():
    app = page(**SMALL | {"width": "4"})
    app.session_state["deeper"] = True
    assert not against_depth(checked(app.run()))
    click(app, "train_depths")
    for name in train_data.CONTENDERS:
        assert f"**{name}**: best at depth" in said(app) or f"**{name}**: diverged" in said(app)
    _, before = against_depth(app)["Final loss against depth"]
    assert len(before[drawing.DATA]) == len(train_data.DEPTHS) * len(train_data.CONTENDERS)
    assert drawing.LAST not in before
    # What is the contenders' own makes no other race.
    assert "train_depths" not in [button.key for button in move(app, "residual", "identity").button]
    move(app, "learning_rate", 0.2)
    assert "train_depths" in [button.key for button in app.button]
    assert "**Settings have changed: train again.** Faint: your last run, with learning rate 0.1." in said(app)
    assert "best at depth" not in said(app)
    spec, now = against_depth(app)["Final loss against depth, before the settings changed"]
    validate(spec, now)
    pd.testing.assert_frame_equal(now[drawing.LAST], before[drawing.DATA])
    assert now[drawing.DATA].empty
    # A loss of another kind is no comparison.
    assert "Faint" not in said(move(app, "dataset", "sine"))


def test_the_paradox_races_the_networks_that_it_names():
    now = settings(page(**SMALL))
    named = train_data.contenders(now.specs[0], now.part(Plan))
    assert {name for name, _ in named} == set(train_data.CONTENDERS)
    assert sorted({spec.depth for _, spec in named}) == list(train_data.DEPTHS)
    for name, spec in named:
        assert spec.activation == ("sigmoid" if name == "sigmoid" else "relu")
        assert spec.initializer == ("he_normal" if "He" in name else now.initializer)
        assert spec.residual == ("identity" if "residual" in name else "none")


def test_a_race_yields_what_each_network_yields_alone():
    now = settings(page(**SMALL))
    runs = races.by_name(list(train_data.race(now.specs, now.part(Plan))(lambda share: None)))
    for name in now.activations:
        alone = engine_run(now, name)
        assert [s.step for s in runs[name]] == [s.step for s in alone]
        assert [s.train_loss for s in runs[name]] == [s.train_loss for s in alone]


def test_frames_hold_every_snapshot_and_layer():
    now = settings(page(**SMALL))
    run = engine_run(now, "relu")
    heat = train_data.heat_frame(run)
    assert len(heat) == len(run) * now.depth
    np.testing.assert_array_equal(heat["size"].to_numpy().reshape(len(run), -1), [s.gradient_norm for s in run])
    history = train_data.history_frame({"relu": run}, "test_accuracy")
    np.testing.assert_array_equal(history["value"], [s.test_accuracy for s in run])
    runs = {"relu": run, "tanh": [replace(run[1], train_loss=np.inf)]}
    rows = train_data.history_frame(runs, "train_loss").arrow.to_pylist()
    assert [(row["activation"], row["step"]) for row in rows] == [
        *(("ReLU", s.step) for s in run),
        ("tanh", run[1].step),
    ]
    assert rows[0]["value"] == run[0].train_loss
    assert rows[-1]["value"] is None
    assert [str(kind) for kind in train_data.history_frame({}, "train_loss").arrow.schema.types] == [
        "string",
        "int64",
        "double",
    ]


def test_learned_slopes_are_said_drawn_and_tabled_from_where_they_start():
    link = {"activations": ["prelu", "tanh"], "prelu_slope": "0.4"}
    app = trained(**link)
    run = engine_run(settings(app), "prelu")
    slopes = np.array([[float(leak) for leak in shot.parameters.leaks[:-1]] for shot in run])
    assert slopes[0].tolist() == pytest.approx([0.4, 0.4])
    np.testing.assert_array_equal(train_data.slopes_frame(run)["slope"].to_numpy().reshape(len(run), -1), slopes)
    np.testing.assert_array_equal(tables(app)[TABLE]["PReLU learned slope"], [*slopes[-1], np.nan])
    assert "(at first 0.4)" in said(app)
    drawn = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert "Learned slope of each layer of the PReLU network over the run" in drawn
    assert not any("slope of each layer of the tanh" in alt for alt in drawn)


def test_a_decision_surface_is_what_the_network_says():
    now = settings(page(**SMALL))
    run = engine_run(now, "relu")
    (spec,) = train_data.entries(now.respecified(activations=("relu",)), now.part(Plan))
    cells, points = train_data.surface_frame(spec, now.part(Plan), run[-1])
    x = np.column_stack([(cells.left + cells.right) / 2, (cells.bottom + cells.top) / 2])
    said_by_network = vanish.forward(spec, run[-1].parameters, x).outputs[:, 0]
    np.testing.assert_allclose(cells.share, 1 / (1 + np.exp(-said_by_network)), rtol=1e-6)
    assert len(points) == len(train_data.dataset(now.part(Plan)).test_targets)


def test_confusion_counts_every_test_digit_once():
    now = settings(page(**SMALL | {"dataset": "digits"}))
    run = engine_run(now, "relu")
    (spec,) = train_data.entries(now.respecified(activations=("relu",)), now.part(Plan))
    pixels, words, counts = train_data.digits_frames(spec, now.part(Plan), run[-1])
    targets = train_data.dataset(now.part(Plan)).test_targets
    assert counts["count"].sum() == len(targets)
    right = counts[counts.digit == counts.said]["count"].sum()
    assert right / len(targets) == pytest.approx(run[-1].test_accuracy, abs=2e-3)
    assert pixels.grey.between(0, 1).all()
    assert len(words) == train_data.SHOWN_DIGITS
    assert set(words["outcome"]) <= {"right", "wrong"}
    true = [str(target) for target in targets[: train_data.SHOWN_DIGITS]]
    assert [outcome == "right" for outcome in words["outcome"]] == [
        taken == label for taken, label in zip(words["taken"], true, strict=True)
    ]


def test_true_labels_are_neither_right_nor_wrong():
    now = settings(page(**SMALL | {"dataset": "digits"}))
    _, words = train_data.strip(train_data.dataset(now.part(Plan)))
    assert set(words["outcome"]) == {"label"}
    assert list(words["taken"]) == [str(target) for target in train_data.dataset(now.part(Plan)).test_targets[:12]]


def test_guessing_is_the_most_frequent_class():
    for name in DATASETS:
        now = settings(page(**SMALL | {"dataset": name}))
        data = train_data.dataset(now.part(Plan))
        if data.loss == "squared":
            assert train_data.dataset(now.part(Plan)).guessing == 0
        else:
            assert train_data.dataset(now.part(Plan)).guessing == pytest.approx(
                np.mean(
                    [
                        pd.Series(column).value_counts(normalize=True).max()
                        for column in data.test_targets.reshape(len(data.test_targets), -1).T
                    ]
                )
            )


DIGITS = {"chapter": "train", "initializer": "xavier_uniform", "width": "32", "optimizer": "momentum"}


def run_of(**link):
    """The first network's run, and the page's settings."""
    now = settings(page(**{"chapter": "train"} | link))
    return engine_run(now, now.activations[0]), now


def test_before_training_the_finding_is_of_the_first_step_of_the_run():
    app = page(**DIGITS, activations=["tanh"])
    now = settings(app)
    first = engine_run(replace(now, steps=50), "tanh")[0]
    (spec,) = train_data.entries(now.specs, now.part(Plan))
    beginning = train_data.beginning(now.specs, now.part(Plan))
    fans = [fan_out * fan_in for fan_out, fan_in in spec.layer_shapes]
    rms = first.gradient_norm / np.sqrt(fans)
    # The mean size and the RMS of a layer's entries are of one order.
    assert beginning.weights["tanh"] == pytest.approx(rms[0] / rms[-1], rel=0.5)
    # The weights' own stands below the finding.
    assert any(f"**{number(beginning.weights['tanh'])}**" in one.value for one in app.markdown)
    assert number(beginning.diagnoses["tanh"].ratio) in app.title[0].value


def test_a_run_that_is_over_has_the_title_until_the_next_one():
    app = trained(data_seed="11")
    assert app.title[0].value.startswith("After 50 steps, tanh ")
    assert app.title[0].value == finding(app)
    assert move(app, "learning_rate", 0.3).title[0].value.startswith("Before training")


def test_batch_norm_over_one_example_offers_more_examples():
    app = page(**SMALL | {"normalization": "batch", "train_batch": "1", "activations": ["tanh"]})
    assert "by construction" in app.title[0].value
    app = click(app, "mend_train_batch")
    assert settings(app).train_batch == 32
    assert "by construction" not in app.title[0].value


def test_an_untrained_network_that_separates_moons_has_not_learned():
    link = {"dataset": "moons", "steps": "50", "learning_rate": "0.001", "depth": "1", "seed": "5"}
    run, now = run_of(activations=["tanh"], **link)
    guessing = train_data.dataset(now.part(Plan)).guessing
    assert run[-1].test_accuracy > guessing + 0.3
    assert "has not learned" in train_words.training("tanh", run, guessing, "accuracy")


def test_the_error_of_a_score_is_by_the_test_examples():
    for dataset in ("digits", "moons", "sine"):
        run, now = run_of(activations=["tanh"], dataset=dataset, steps="50")
        (spec,) = train_data.entries(now.specs, now.part(Plan))
        data = train_data.dataset(now.part(Plan))
        outputs = predict(spec, run[-1].parameters, data.test_inputs, data.train_inputs)
        if data.loss == "squared":
            squares = [float(o - t) ** 2 for o, t in zip(outputs[:, 0], data.test_targets, strict=True)]
            each = [square / statistics.pvariance(data.test_targets.tolist()) for square in squares]
        else:
            answers = outputs.argmax(axis=1) if data.n_outputs > 1 else outputs[:, 0] > 0
            each = [float(answer == target) for answer, target in zip(answers, data.test_targets, strict=True)]
        assert run[-1].test_error == pytest.approx(statistics.pstdev(each) / math.sqrt(len(each)), rel=1e-4)


@pytest.mark.parametrize(
    ("preset", "changes", "learns"),
    [
        ("digits_sigmoid_10", {}, False),
        # Glorot and Bengio's own rule for the sigmoid: Xavier's weights times four.
        ("digits_sigmoid_10", {"weight_scale": 4.0}, True),
        ("digits_relu_he_10", {}, True),
        ("torch_default_20", {}, False),
        ("spiral_race", {}, True),
    ],
)
def test_the_presets_do_in_training_what_their_titles_say(preset, changes, learns):
    now, _ = from_values(dict(PRESETS[preset].settings) | changes)
    for name in now.activations:
        # It is told by the network before the first step and after the last.
        run = engine_run(now, name, n_snapshots=2)
        assert has_learned(run, train_data.dataset(now.part(Plan)).guessing) == learns, name


def test_titles_name_the_steps_and_the_optimizer_that_are_set():
    for name in ("digits_sigmoid_10", "torch_default_20"):
        preset = PRESETS[name]
        assert f"{preset.settings['steps']:,} steps with {preset.settings['optimizer']}" in preset.title


def test_a_layer_that_died_in_training_is_named_and_drawn():
    link = {"depth": "5", "activations": ["relu"], "initializer": "he_normal", "learning_rate": "0.5", "steps": "500"}
    app = click(page(**DIGITS | link), "train")
    run = engine_run(settings(app), "relu")
    # Counted here: units with a positive input on some training example.
    parameters, data = run[-1].parameters, train_data.dataset(settings(app).part(Plan))
    values, shares = data.train_inputs, []
    for layer in parameters.layers:
        z = values @ layer.weights.T + layer.biases
        shares.append(float((z <= 0).all(axis=0).mean()))
        values = np.maximum(z, 0)
    dead = [place for place, share in enumerate(shares[:-1], 1) if share == 1]
    assert dead
    assert f"layer {dead[-1]}" in said(app)
    assert "dead: all units have a slope of exactly 0 for every training example" in said(app)
    assert "has not learned" in app.title[0].value
    assert "dead" in app.title[0].value
    app = move(app, "train_look", "dead")
    assert "Dead units of each layer of the ReLU network over the run" in [
        chart.proto.alt for chart in app.get("vega_lite_chart")
    ]
    np.testing.assert_array_equal(train_data.heat_frame(run)["dead"].to_numpy()[-5:], run[-1].dead)
    assert tables(app)[TABLE]["ReLU dead"].tolist() == run[-1].dead.tolist()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_formula_is_the_optimizers(optimizer):
    app = page(**SMALL | {"optimizer": optimizer})
    app.session_state["formula"] = True
    assert OPTIMIZERS[optimizer].latex in said(checked(app.run()))


def test_the_largest_networks_are_looked_at_too():
    link = {"depth": "100", "width": "256", "train_batch": "256", "initializer": "lsuv", "activations": ["relu"]}
    app = page(**{"chapter": "train"} | link)
    now = settings(app)
    beginning = train_data.beginning(now.specs, now.part(Plan))
    assert 1 <= beginning.n_examples < now.train_batch
    examples = "example alone" if beginning.n_examples == 1 else f"{beginning.n_examples} examples"
    assert f"measured on the first {examples}" in " ".join(one.value for one in app.caption)


@pytest.mark.parametrize(("name", "key"), [("circles", "data_factor"), ("spirals", "data_turns")])
def test_a_figure_is_shaped_by_its_own_control_alone(name, key):
    link = {"chapter": "train", "dataset": name, "activations": ["relu"], "depth": "2"}
    low = CONTROLS[key].low + CONTROLS[key].step
    app = page(**link, **{key: str(low)})
    assert {"data_factor", "data_turns"} & set(shown(app)) == {key}
    own = DATASETS[name].make(settings(app).noise, 0, low)
    np.testing.assert_array_equal(train_data.dataset(settings(app).part(Plan)).train_inputs, own.train_inputs)
    # A link from before names no shape, and what another figure is shaped by makes no other race.
    old = settings(page(**link)).part(Plan)
    np.testing.assert_array_equal(train_data.dataset(old).train_inputs, DATASETS[name].make(old.noise).train_inputs)
    assert replace(settings(app), dataset="moons").part(Plan) == replace(old, dataset="moons")


def test_each_of_several_labels_has_a_picture_of_its_own():
    alts = [
        chart.proto.alt for chart in page(**SMALL | {"dataset": "overlap", "data_seed": "9"}).get("vega_lite_chart")
    ]
    assert [alt for alt in alts if "to learn" in alt] == [
        f"What there is to learn: overlapping discs, label {number}" for number in (1, 2)
    ]
    app = trained(dataset="overlap", activations=["relu"])
    now = settings(app)
    run = engine_run(now, "relu")
    (spec,) = train_data.entries(now.specs, now.part(Plan))
    frames = [train_data.surface_frame(spec, now.part(Plan), run[-1], label) for label in (0, 1)]
    x = np.column_stack([(frames[0][0][a] + frames[0][0][b]) / 2 for a, b in (("left", "right"), ("bottom", "top"))])
    outputs = vanish.forward(spec, run[-1].parameters, x).outputs
    for label, (cells, points) in enumerate(frames):
        np.testing.assert_allclose(cells.share, 1 / (1 + np.exp(-outputs[:, label])), rtol=1e-6)
        targets = train_data.dataset(now.part(Plan)).test_targets[:, label]
        np.testing.assert_array_equal(points["class"], targets)


def test_of_several_values_every_curve_is_drawn():
    now = settings(page(**SMALL | {"dataset": "waves"}))
    run = engine_run(now, "relu")
    (spec,) = train_data.entries(now.respecified(activations=("relu",)), now.part(Plan))
    curves, points = train_data.fit_frame(spec, now.part(Plan), run[-1])
    for target, curve in curves.groupby("target"):
        outputs = vanish.forward(spec, run[-1].parameters, curve[["x"]].to_numpy()).outputs
        np.testing.assert_allclose(curve.y, outputs[:, target], rtol=1e-6)
    np.testing.assert_array_equal(points.y, train_data.dataset(now.part(Plan)).test_targets.T.ravel())
