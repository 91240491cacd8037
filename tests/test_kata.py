import json
from pathlib import Path

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish import kata

GOLDEN = json.loads((Path(__file__).parent / "golden" / "kata.json").read_text())
CASES = [(case, name) for case in GOLDEN for name in case["gradient_magnitude"]]


@pytest.mark.parametrize(("case", "name"), CASES, ids=[f"seed{c['seed']}-{n}" for c, n in CASES])
def test_gradients_are_the_originals(case, name):
    ours = kata.gradient_magnitudes(name, case["n_layers"], case["layer_size"], case["input"], case["seed"])
    np.testing.assert_allclose(ours, case["gradient_magnitude"][name], rtol=1e-12)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"seed{case['seed']}")
def test_weights_are_the_originals(case):
    spec = vanish.NetworkSpec(depth=case["n_layers"], width=case["layer_size"], n_inputs=len(case["input"]))
    parameters = vanish.initialize(spec, case["seed"])
    np.testing.assert_allclose(parameters.weights[0], case["first_layer_weights"], rtol=1e-12)
    np.testing.assert_allclose(parameters.weights[-1], case["last_layer_weights"], rtol=1e-12)
    assert not any(bias.any() for bias in parameters.biases)


@pytest.mark.parametrize(("name", "ratio"), [("sigmoid", "2.55e-09"), ("tanh", "6.56e-04"), ("relu", "3.71e-05")])
def test_leaky_relu_vanishes_faster_than_tanh_under_the_katas_initialisation(name, ratio):
    magnitudes = kata.gradient_magnitudes(name)
    assert f"{magnitudes[0] / magnitudes[-1]:.2e}" == ratio


@given(
    st.sampled_from(list(kata.ACTIVATION_NAMES)),
    st.integers(1, 8),
    st.integers(1, 6),
    st.lists(st.floats(-3, 3), min_size=1, max_size=5),
    st.integers(0, 2**64 - 1),
)
def test_every_network_is_the_originals(name, n_layers, layer_size, inputs, seed):
    ours = kata.gradient_magnitudes(name, n_layers, layer_size, inputs, seed)
    theirs = reference.gradient_magnitudes(name, n_layers, layer_size, inputs, seed)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("name", kata.ACTIVATION_NAMES)
def test_the_general_engine_gives_the_katas_numbers(name):
    spec = vanish.NetworkSpec(depth=7, width=5, activation=kata.ACTIVATION_NAMES[name], initializer="kata")
    table = vanish.gradient_flow(spec, seeds=[3, 4])
    for seed in (3, 4):
        expected = reference.gradient_magnitudes(name, 7, 5, (0.5, -0.3, 0.8, -0.1), seed)
        np.testing.assert_allclose(table[table.seed == seed].mean_abs, expected, rtol=1e-12)
        gradients = vanish.backprop(spec, vanish.initialize(spec, seed), (0.5, -0.3, 0.8, -0.1))
        by_hand = [np.abs(dz).mean() for dz in gradients.pre_activations]
        np.testing.assert_allclose(by_hand, expected, rtol=1e-12)


@pytest.mark.parametrize(("depth", "low", "high"), [(100, 1e-90, 1e-80), (200, 1e-180, 1e-165)])
def test_a_hundred_sigmoid_layers_are_tiny_and_not_zero(depth, low, high):
    first = kata.gradient_magnitudes("sigmoid", n_layers=depth)[0]
    assert low < first < high


def test_ideal_decay_is_a_power_of_the_slope():
    table = kata.ideal_decay()
    assert list(table.columns) == ["layers", "sigmoid", "tanh", "relu"]
    assert list(table.layers) == [1, 2, 3, 5, 10, 20, 50]
    assert table.sigmoid[4] == 9.5367431640625e-07
    np.testing.assert_allclose(table.sigmoid, 4.0 ** -table.layers.to_numpy(dtype=float), rtol=1e-14)
    np.testing.assert_allclose(table.tanh, [0.65**n for n in table.layers], rtol=1e-14)
    assert (table.relu == 1).all()


def test_the_first_sigmoid_layer_moves_four_to_the_ninth_times_less():
    table = kata.update_comparison(10, 0.01)
    assert list(table.columns) == ["layer", "sigmoid_gradient", "sigmoid_update", "relu_gradient", "relu_update"]
    assert list(table.layer) == list(range(10, 0, -1))
    assert list(table.sigmoid_gradient) == [0.25 ** (10 - layer) for layer in range(10, 0, -1)]
    assert (table.relu_gradient == 1).all()
    assert table.sigmoid_update.iloc[0] / table.sigmoid_update.iloc[-1] == 4**9
    assert (table.relu_update == 0.01).all()
    np.testing.assert_array_equal(table.sigmoid_update, 0.01 * table.sigmoid_gradient)


@given(st.integers(1, 200), st.floats(1e-6, 1000))
def test_updates_are_the_learning_rate_times_the_gradient(n_layers, rate):
    table = kata.update_comparison(n_layers, rate)
    assert list(table.layer) == list(range(n_layers, 0, -1))
    np.testing.assert_allclose(table.sigmoid_update, [rate * 0.25**k for k in range(n_layers)], rtol=1e-14)
    np.testing.assert_allclose(table.relu_update, rate, rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kata.gradient_magnitudes("gelu"), "activation must be one of sigmoid, tanh, relu"),
        (lambda: kata.gradient_magnitudes("relu", n_layers=1001), "n_layers must be a whole number from 1 to 1000"),
        (lambda: kata.gradient_magnitudes("relu", layer_size=0), "layer_size must be a whole number from 1 to 4096"),
        (lambda: kata.gradient_magnitudes("relu", inputs=()), "inputs must be a sequence of 1 to 4096 numbers, got 0"),
        (lambda: kata.gradient_magnitudes("relu", seed=2**64), "seed must be a whole number from 0 to"),
        (lambda: kata.update_comparison(0), "n_layers must be a whole number from 1 to 1000"),
        (lambda: kata.update_comparison(10, float("nan")), "learning_rate must be a number from 0 to 1000"),
        (lambda: kata.ideal_decay([-1]), "layer_counts must be a whole number from 0 to 1000"),
        (lambda: kata.ideal_decay([1], {"x": "a"}), r"slopes\[x\] must be a number from 0 to 10"),
    ],
)
def test_bad_arguments_are_named_with_their_range(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_six_remedies_are_named():
    assert len(kata.REMEDIES) == 6
