import numpy as np
import pandas as pd
import pytest
from ui.app import checked, click, copied, move, page, settings, tables

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.network.training import fit_spec, train
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train import words as train_words
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import races

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
TABLE = "How far each layer has moved, its gradient and its saturated units"


def trained(**link):
    """The page after the reader has pressed Train and the run has ended."""
    app = page(**SMALL | link)
    return click(app, "train") if "train" in [button.key for button in app.button] else app


def said(app):
    return "\n".join(words.value for words in app.markdown)


def engine_run(now, name):
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
        )
    )


@pytest.mark.slow
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


@pytest.mark.slow
def test_who_comes_later_sees_the_finished_race_at_once():
    first = trained(data_seed="7")
    later = page(**SMALL, data_seed="7")
    assert "train" not in [button.key for button in later.button]
    assert said(later) == said(first)
    assert settings(page(**dict(copied(first)))).part(Plan) == settings(first).part(Plan)


def test_a_moved_control_is_another_race():
    app = move(trained(data_seed="8"), "learning_rate", 0.2)
    assert "train" in [button.key for button in app.button]
    assert TABLE not in tables(app)


@pytest.mark.slow
@pytest.mark.parametrize("dataset", DATASETS)
def test_every_data_set_can_be_learned_from(dataset):
    app = trained(dataset=dataset)
    assert "after 50 steps" in said(app)
    assert TABLE in tables(app)


@pytest.mark.slow
def test_the_moment_goes_back_through_the_run_without_training():
    app = trained()
    run = engine_run(settings(app), "tanh")
    for moment in (0, 50):
        table = tables(move(app, "moment", moment))[TABLE]
        snapshot = train_data.at_moment(run, moment)
        np.testing.assert_allclose(table["tanh moved"], snapshot.distance / run[0].weight_norm, rtol=1e-9)
    assert not tables(move(app, "moment", 0))[TABLE]["tanh moved"].any()


@pytest.mark.slow
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


@pytest.mark.slow
def test_deeper_is_worse_is_trained_and_drawn():
    app = page(**SMALL | {"width": "4"})
    app.session_state["deeper"] = True
    checked(app.run())
    click(app, "train_depths")
    for name in train_data.CONTENDERS:
        assert f"**{name}**: best at depth" in said(app)
    texts = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert "Final loss against depth" in texts


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
    runs = races.by_name(list(train_data.race(now.specs, now.part(Plan), lambda share: None)))
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


@pytest.mark.slow
def test_guessing_is_the_most_frequent_class():
    for name in DATASETS:
        now = settings(page(**SMALL | {"dataset": name}))
        data = train_data.dataset(now.part(Plan))
        if data.loss == "squared":
            assert train_data.dataset(now.part(Plan)).guessing == 0
        else:
            assert train_data.dataset(now.part(Plan)).guessing == pytest.approx(
                pd.Series(data.test_targets).value_counts(normalize=True).max()
            )
