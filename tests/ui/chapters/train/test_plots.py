from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ui.app import click, move, page, shown, tables
from ui.sentences import SHARES, check_words, sentences
from ui.sizes import SIZES

from vanish import NetworkSpec, histogram, train
from vanish.network.distributions import KINDS
from vanish.ui.chapters.train import plots_data, plots_words
from vanish.ui.kit.numbers import number

COLUMNS = {f"{kind}_{what}": SHARES for kind in KINDS for what in ("zeros", "non_finite")}
COLUMNS |= {f"{kind}_std": SIZES | st.just(np.nan) for kind in KINDS}
COLUMNS |= {"layer": st.integers(1, 99), "saturated": SHARES, "dead": SHARES}
COLUMNS["update_to_data"] = st.floats(-20, 5) | st.sampled_from([np.nan, np.inf, -np.inf])
LAYERS = st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=12, unique_by=lambda row: row["layer"])


@pytest.mark.parametrize("name", sentences(plots_words))
@settings(max_examples=15)
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(plots_words, name), data, layers=LAYERS.map(pd.DataFrame))


@cache
def run(**fields):
    spec = NetworkSpec(**{"depth": 5, "width": 8, "activation": "tanh", "initializer": "xavier_normal"} | fields)
    return list(train(spec, "moons", steps=30, learning_rate=0.1, n_snapshots=31))


def frame(**fields):
    return plots_data.layers_frame(*plots_data.seen_at(run(**fields), 100))


def test_the_sentences_are_of_the_first_the_last_and_the_worst_layer():
    layers = frame()
    std, first, last = layers["gradients_std"], layers["gradients_std"].iloc[0], layers["gradients_std"].iloc[-1]
    said = plots_words.gradients(layers)
    assert f"{number(first)} in layer 1, {number(last)} in layer 5 (first / last {number(first / last)})" in said
    assert len(std) == 5
    said = plots_words.updates(layers)
    assert f"(layer {layers['layer'][layers['update_to_data'].idxmin()]})" in said
    assert f"{layers['update_to_data'].max():.2f}".replace("-", "−") in said


def test_zeros_and_what_does_not_move_are_said():
    layers = frame(weight_scale=0)
    for says, what in ((plots_words.weights, "the weights"), (plots_words.weight_gradients, "dL/dW")):
        assert says(layers).startswith(f"All numbers of {what} that were counted are exactly 0.")
    assert "No ratio exists in layers 1 to 5" in plots_words.updates(layers)
    dead = frame(activation="relu")
    assert "exactly 0" in plots_words.activations(dead)


def test_of_what_is_not_finite_nothing_is_said_to_be_unsaturated():
    layers = frame().assign(saturated=0.0)
    assert "No unit is saturated" in plots_words.activations(layers)
    layers["activations_non_finite"] = [0.0, 0.0, 0.5, 1.0, 1.0]
    said = plots_words.activations(layers)
    assert "saturated" not in said
    assert "At most 100 % of a layer's are NaN or infinite (layer 4)" in said


def test_the_nearest_moment_with_histograms_is_taken():
    steps = [one.step for one in run() if one.distributions]
    assert len(steps) == 20 < len(run())
    for moment, step in ((0, 0), (100, 30)):
        assert plots_data.seen_at(run(), moment)[0].step == step
    for moment in range(0, 101, 7):
        taken = plots_data.seen_at(run(), moment)[0].step
        assert abs(taken - moment * 0.3) <= min(abs(step - moment * 0.3) for step in steps) + 1e-9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis", ["shared", "own"])
def test_columns_hold_all_that_can_be_drawn(kind, axis):
    _, seen = plots_data.seen_at(run(), 50)
    drawn = plots_data.spread_frame(seen, kind, axis)
    at = KINDS.index(kind)
    for place, layer in enumerate(seen.layers):
        rows = drawn[drawn["layer"] == layer]
        rest = (seen.zeros[at, place] + seen.non_finite[at, place]) / seen.n[at, place]
        assert rows["share"].sum() == pytest.approx(1 - rest)
        assert rows["shade"].max() == 1
    reach = 1 if axis == "own" else seen.limits[at].max()
    assert drawn["low"].min() >= -reach
    assert drawn["high"].max() <= reach


def test_a_share_over_a_column_is_never_rounded_to_none_or_all():
    layers = pd.DataFrame({"layer": range(6), "saturated": [0.0, 1e-6, 0.004, 0.5, 0.9999, 1.0]})
    assert list(plots_data.notes_frame(layers, "activations")["note"]) == ["", "<1", "<1", "50", ">99", "100"]


@given(st.integers(1, 500), st.floats(1, 1e6))
def test_wider_bins_hold_the_same_numbers(n, wider):
    found = histogram(np.random.default_rng(n).standard_normal(n))
    edges = found.edges * wider
    moved = plots_data.moved_to(found, edges)
    assert moved.sum() == pytest.approx(found.counts.sum())
    # Both axes have an edge at 0.
    assert moved[:20].sum() == pytest.approx(found.counts[:20].sum())


def test_the_file_of_bins_is_the_histograms():
    snapshot, seen = plots_data.seen_at(run(), 50)
    bins = plots_data.bins_frame(snapshot.step, seen)
    rows = bins[(bins["kind"] == "weight_gradients") & (bins["layer"] == 2)]
    found = seen.histogram("weight_gradients", 1)
    np.testing.assert_array_equal(rows["count"], found.counts)
    np.testing.assert_allclose(rows["low"], found.edges[:-1], atol=1e-12 * found.edges[-1])
    assert (bins["step"] == snapshot.step).all()


@pytest.mark.slow
def test_the_look_opens_on_demand_and_shows_the_network_and_the_moment_asked_for():
    small = {"chapter": "train", "dataset": "moons", "steps": "50", "depth": "3", "activations": ["tanh", "relu"]}
    app = click(page(**small), "train")
    assert "plots_axis" not in shown(app)
    app.session_state["look_plots"] = True
    app = app.run()
    assert not app.exception
    assert {"plots_of", "plots_axis"} <= set(shown(app))
    assert "What is inside each layer of tanh at step 50" in tables(app)
    # What is drawn within the results runs them alone, so the row above is moved first.
    app = move(move(move(app, "moment", 0), "plots_of", "2"), "plots_axis", "own")
    table = tables(app)["What is inside each layer of ReLU at step 0"]
    assert list(table["layer"]) == [1, 2, 3]
