"""What controls reach: learning rates of any decade, bounds of uniform weights, waves."""

import numpy as np
import pytest
from ui.app import copied, finding, move, page, settings, shown

import vanish
from vanish.ui.kit import numbers

pytestmark = pytest.mark.slow


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


@pytest.mark.parametrize(
    ("text", "rate"),
    [("0", 1e-6), ("1e-7", 1e-6), ("-1", 1e-6), ("20", 10.0), ("nan", 0.01), ("inf", 0.01), ("x", 0.01)],
)
def test_what_is_no_learning_rate_is_put_right_and_said(text, rate):
    app = page(chapter="updates", learning_rate=text)
    assert app.session_state["learning_rate"] == settings(app).learning_rate == rate
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
    assert any("no answer for this magnitude with these settings" in block.value for block in app.markdown)
    app = page(activations=["tanh"], initializer="uniform", uniform_low="-1", overlays=["theory"])
    assert any("Theory expects" in block.value for block in app.markdown)


def test_a_siren_is_one_link():
    app = page(activations=["sin", "relu6"], initializer="siren", width="64")
    assert [spec.activation for spec in settings(app).specs] == ["sin", "relu6"]
    weights = vanish.initialize(settings(app).specs[0], 42).weights
    assert np.abs(weights[1]).max() <= np.sqrt(6 / 64) / 30
    assert app.title[0].value == finding(app)


def test_inputs_of_another_size_saturate_the_first_layer_and_the_page_says_so():
    link = {"activations": ["tanh"], "batch_size": "32", "initializer": "xavier_uniform", "overlays": ["theory"]}
    assert not {"signal_scale", "signal_shift"} & set(shown(page(**link)))
    app = page(**link, inputs="pixels", signal_scale="255")
    assert {"signal_scale", "signal_shift"} <= set(shown(app))
    said = next(block.value for block in app.markdown if "root mean square of 1" in block.value)
    rms = np.sqrt(np.square(vanish.choices.example_inputs(4, 32, "pixels", scale=255)).mean())
    assert f"a root mean square of {numbers.number(rms)}; standardized ones have 1" in said
    (spec,) = settings(app).specs
    inputs = vanish.choices.example_inputs(4, 32, "pixels", scale=255)
    saturated = vanish.layer_activity(spec, 42, inputs).saturated[0]
    assert saturated > 0.9
    assert f"back: tanh {numbers.percent(saturated)}." in said
    table = vanish.gradient_flow(spec, 42, inputs)
    np.testing.assert_array_equal(app.dataframe[0].value["tanh"], table.mean_abs)
    assert page(**link, signal_scale="255").title[0].value == page(**link).title[0].value


def test_a_network_whose_slopes_are_learned_is_one_link():
    app = page(activations=["prelu"], initializer="he_uniform", width="32")
    (spec,) = settings(app).specs
    assert vanish.initialize(spec, 42).leaks == [0.25] * 10
    table = vanish.gradient_flow(spec, 42)
    np.testing.assert_array_equal(app.dataframe[0].value["PReLU"], table.mean_abs)
