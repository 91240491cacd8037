"""What controls reach: learning rates of any decade, bounds of uniform weights, waves."""

import numpy as np
import pytest
from ui.app import copied, finding, move, page, settings, shown

import vanish


@pytest.mark.parametrize(("text", "rate"), [("0.037", 0.037), ("0.0370", 0.037), ("1", 1.0), ("1e-6", 1e-6)])
def test_a_link_keeps_its_learning_rate(text, rate):
    app = page(chapter="updates", learning_rate=text)
    assert app.session_state["learning_rate"] == settings(app).learning_rate == rate
    assert float(dict(copied(app))["learning_rate"]) == rate


def test_a_rate_between_two_stops_stays_until_the_reader_moves_it():
    app = move(page(chapter="updates", learning_rate="0.037"), "depth", 12)
    assert settings(app).learning_rate == 0.037
    assert "0.037" in app.select_slider(key="learning_rate").options
    app = move(app, "learning_rate", 2e-6)
    assert "0.037" not in move(app, "depth", 13).select_slider(key="learning_rate").options
    assert settings(app).learning_rate == 2e-6


@pytest.mark.parametrize("text", ["0", "1e-7", "20", "nan", "inf", "-1", "x"])
def test_what_is_no_learning_rate_is_put_right_and_said(text):
    app = page(chapter="updates", learning_rate=text)
    assert settings(app).learning_rate == 0.01
    assert "**learning_rate** takes a number from 1e-06 to 10;" in app.warning[0].value


def test_the_bounds_of_uniform_weights_are_shown_with_them_alone_and_reach_the_engine():
    bounds = {"uniform_low", "uniform_high"}
    app = page(activations=["sigmoid"], width="64")
    assert not bounds & set(shown(app))
    app = move(app, "initializer", "uniform")
    assert bounds <= set(shown(app))
    assert settings(app).specs[0] == vanish.NetworkSpec(width=64, initializer="uniform", weight_std=0.3)
    assert app.title[0].value == finding(app)
    app = move(move(app, "uniform_low", 0.5), "uniform_high", -0.25)
    (spec,) = settings(app).specs
    assert (spec.uniform_low, spec.uniform_high) == (-0.25, 0.5)


def test_where_weights_have_a_mean_theory_draws_nothing_and_says_so():
    app = page(activations=["tanh"], initializer="uniform", overlays=["theory"])
    assert any("no answer for these settings" in block.value for block in app.markdown)
    app = page(activations=["tanh"], initializer="uniform", uniform_low="-1", overlays=["theory"])
    assert any("Theory expects" in block.value for block in app.markdown)


def test_a_siren_is_one_link():
    app = page(activations=["sin", "relu6"], initializer="siren", width="64")
    assert [spec.activation for spec in settings(app).specs] == ["sin", "relu6"]
    weights = vanish.initialize(settings(app).specs[0], 42).weights
    assert np.abs(weights[1]).max() <= np.sqrt(6 / 64) / 30
    assert app.title[0].value == finding(app)
