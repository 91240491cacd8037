import warnings
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from central import assert_central
from hypothesis import given
from hypothesis import strategies as st
from networks import KINDS, SPECS, batch, crossed, stirred
from torch_twins import assert_autograd

from vanish import NetworkSpec, Parameters, backprop, forward, initialize
from vanish.choices import ACTIVATIONS, INITIALIZERS, NORMALIZATIONS, RESIDUALS
from vanish.network.parameters import LayerParameters
from vanish.network.passes import backward

# What a network starts from is nothing to its derivative: each kind of network starts from one initialiser, in turns,
# so that each of them meets every activation, normalization and residual connection.
STARTS = {
    (activation, *kind): (turn + number) % len(INITIALIZERS)
    for turn, activation in enumerate(ACTIVATIONS)
    for number, kind in enumerate(product(RESIDUALS, NORMALIZATIONS))
}


def test_every_initializer_meets_every_choice_in_the_central_differences():
    for place, choices in enumerate((ACTIVATIONS, RESIDUALS, NORMALIZATIONS)):
        assert {(kind[place], start) for kind, start in STARTS.items()} == {*product(choices, range(len(INITIALIZERS)))}


@crossed(residual=RESIDUALS, normalization=NORMALIZATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_agrees_with_central_differences(activation, normalization, residual):
    number = STARTS[activation, residual, normalization]
    spec = NetworkSpec(
        depth=3,
        width=3,
        n_inputs=3,
        n_outputs=2,
        activation=activation,
        initializer=list(INITIALIZERS)[number],
        normalization=normalization,
        residual=residual,
        bias_std=0.3,
        linear_output=bool(number % 2),
    )
    inputs, weighting = batch(spec, 4), np.random.default_rng(1).standard_normal((4, 2))
    assert_central(spec, inputs, weighting)


@given(SPECS, st.integers(1, 5), st.integers(0, 2**64 - 1))
def test_gradients_have_their_shapes_and_fit_together(spec, size, seed):
    parameters, inputs = initialize(spec, seed), batch(spec, size)
    gradients = backprop(spec, parameters, inputs)
    layers = forward(spec, parameters, inputs).layers
    assert gradients.outputs.shape == (size, spec.n_outputs)
    for layer, (fan_out, fan_in) in enumerate(spec.layer_shapes):
        dz = gradients.pre_activations[layer]
        assert dz.shape == (size, fan_out)
        assert gradients.weights[layer].shape == parameters.weights[layer].shape == (fan_out, fan_in)
        assert gradients.biases[layer].shape == parameters.biases[layer].shape == (fan_out,)
        np.testing.assert_allclose(gradients.weights[layer], dz.T @ layers[layer].inputs, atol=1e-300)
        np.testing.assert_allclose(gradients.biases[layer], dz.sum(axis=0), atol=1e-300)
        assert np.isfinite(dz).all()


@given(SPECS, st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3))
def test_networks_side_by_side_are_the_networks_alone(spec, seeds):
    inputs = batch(spec, 2)
    stacked = backprop(spec, initialize(spec, seeds), inputs)
    for member, seed in enumerate(seeds):
        alone = backprop(spec, initialize(spec, seed), inputs)
        for many, one in zip(stacked.layers, alone.layers, strict=True):
            for kind in ("pre_activations", *KINDS):
                a, b = getattr(many, kind), getattr(one, kind)
                assert (a is None) == (b is None)
                if b is not None:
                    np.testing.assert_allclose(a[member], b, rtol=1e-6, atol=1e-9 * np.abs(b).max(initial=1e-280))


@crossed(residual=RESIDUALS, normalization=NORMALIZATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_agrees_with_torch_autograd(activation, normalization, residual):
    torch = pytest.importorskip("torch")
    spec = NetworkSpec(
        depth=6,
        width=9,
        n_outputs=2,
        activation=activation,
        initializer="torch_default",
        normalization=normalization,
        residual=residual,
    )
    ours, inputs, weighting = stirred(spec, 5), batch(spec, 7), np.random.default_rng(1).standard_normal((7, 2))
    assert_autograd(torch, spec, ours, inputs, weighting)


def test_no_output_gradient_means_ones():
    spec = NetworkSpec(n_outputs=3)
    parameters = initialize(spec, 1)
    ours, ones = (backprop(spec, parameters, batch(spec, 4), g) for g in (None, np.ones((4, 3))))
    np.testing.assert_array_equal(ours.weights[0], ones.weights[0])


def test_a_linear_output_leaves_the_activation_out():
    spec = NetworkSpec(linear_output=True, activation="sigmoid")
    parameters = initialize(spec, 1)
    passed = forward(spec, parameters, [0.5, -0.3, 0.8, -0.1])
    np.testing.assert_array_equal(passed.outputs, passed.layers[-1].activated)
    np.testing.assert_array_equal(backprop(spec, parameters, [0.5, -0.3, 0.8, -0.1]).pre_activations[-1], [[1.0]])


def overflowing(activation):
    spec = NetworkSpec(depth=200, width=64, activation=activation, initializer="he_uniform", weight_scale=100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return backprop(spec, initialize(spec, 1), batch(spec, 2))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_network_that_overflows_is_a_result_and_no_error(activation):
    before = np.geterr()
    assert not np.isfinite(overflowing(activation).outputs).any()
    assert np.geterr() == before


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_an_overflow_does_not_pass_for_a_dead_network(activation):
    assert not np.isfinite(overflowing(activation).pre_activations[0]).any()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("depth", 0, "depth must be a whole number from 1 to 1000, got 0"),
        ("depth", 1001, "depth must be a whole number from 1 to 1000"),
        ("depth", True, "depth must be a whole number from 1 to 1000"),
        ("width", 0, "width must be a whole number from 1 to 4096"),
        ("depth", 2.5, "depth must be a whole number from 1 to 1000"),
        ("width", 4097, "width must be a whole number from 1 to 4096"),
        ("n_inputs", 0, "n_inputs must be a whole number from 1 to 4096"),
        ("n_inputs", 4097, "n_inputs must be a whole number from 1 to 4096"),
        ("n_outputs", 0, "n_outputs must be a whole number from 1 to 4096"),
        ("n_outputs", "3", "n_outputs must be a whole number from 1 to 4096"),
        ("activation", "evil", "activation must be one of sigmoid, tanh"),
        ("initializer", None, "initializer must be one of kata"),
        ("normalization", "group", "normalization must be one of none, batch"),
        ("residual", "dense", "residual must be one of none, identity"),
        ("bias_std", -0.1, "bias_std must be a number from 0 to 100"),
        ("weight_std", float("inf"), "weight_std must be a number from 0 to 100"),
        ("weight_scale", -1, "weight_scale must be a number from 0 to 100"),
        ("weight_scale", 100.1, "weight_scale must be a number from 0 to 100"),
        ("weight_scale", "1", "weight_scale must be a number from 0 to 100"),
        ("weight_scale", True, "weight_scale must be a number from 0 to 100"),
        ("weight_scale", float("nan"), "weight_scale must be a number from 0 to 100"),
        ("activation_shape", 0.3, "activation_shape must be None for sigmoid"),
        ("linear_output", 1, "linear_output must be True or False"),
    ],
)
def test_a_bad_field_is_named_with_its_range(field, value, message):
    with pytest.raises(ValueError, match=message):
        NetworkSpec(**{field: value})


def test_a_leak_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"activation_shape \(negative_slope\) must be a number from 0 to 1"):
        NetworkSpec(activation="leaky_relu", activation_shape=2)


def test_inputs_that_do_not_fit_are_named():
    spec = NetworkSpec()
    with pytest.raises(ValueError, match=r"inputs must be finite numbers of shape \(..., 4\), got"):
        forward(spec, initialize(spec, 1), [1.0, 2.0])


def plain(weights, biases):
    return Parameters([LayerParameters(np.array(w), np.array(b)) for w, b in zip(weights, biases, strict=True)])


def test_the_leak_of_a_spec_reaches_every_layer():
    # With one unit a layer and every unit negative, each layer multiplies by its weight and the leak.
    spec = NetworkSpec(depth=2, width=1, n_inputs=1, activation="leaky_relu", activation_shape=0.5)
    gradients = backprop(spec, plain([[[-1.0]], [[3.0]]], [[0.0], [0.0]]), [2.0])
    np.testing.assert_array_equal(gradients.outputs, [[-1.5]])
    np.testing.assert_array_equal(gradients.pre_activations[0], [[0.75]])
    np.testing.assert_array_equal(gradients.weights[0], [[1.5]])


def test_a_residual_layer_passes_the_gradient_around_itself():
    # One unit: h' = h + gate relu(3 h), so dL/dh = 1 + 3 gate, and a gate of 0 leaves the gradient alone.
    for residual, gate in (("identity", 1.0), ("scaled", 1 / np.sqrt(2)), ("half", 0.5), ("rezero", 0.0)):
        spec = NetworkSpec(depth=2, width=1, n_inputs=1, activation="relu", residual=residual)
        drawn = initialize(spec, 1)
        assert [g.item() for g in drawn.gates] == [gate, gate]
        tripled = Parameters([replace(layer, weights=np.array([[3.0]])) for layer in drawn.layers])
        gradients = backprop(spec, tripled, [1.0])
        np.testing.assert_allclose(gradients.outputs, [[(1 + 3 * gate) ** 2]])
        np.testing.assert_allclose(gradients.pre_activations[0], [[gate * (1 + 3 * gate)]])
        np.testing.assert_allclose(gradients.gates[0], 3 * (1 + 3 * gate))


@pytest.mark.parametrize("normalization", sorted(NORMALIZATIONS.keys() - {"none"}))
def test_a_normalised_layer_has_mean_square_one_whatever_the_weights_scale(normalization):
    spec = NetworkSpec(depth=3, width=64, normalization=normalization, initializer="he_normal", weight_scale=7)
    layers = forward(spec, initialize(spec, 1), batch(spec, 50)).layers
    for layer in layers[:-1]:
        assert np.square(layer.activated).mean() == pytest.approx(1, rel=1e-4)
    assert layers[-1].unit is None


def test_biases_are_normal_with_the_deviation_that_is_asked_for():
    spec = NetworkSpec(depth=3, width=512, bias_std=0.7)
    biases = np.concatenate(initialize(spec, 3).biases)
    assert biases.std() == pytest.approx(0.7, rel=0.1)
    np.testing.assert_array_equal(
        initialize(spec, 3).weights[1], initialize(NetworkSpec(depth=3, width=512), 3).weights[1]
    )


def test_batch_norm_over_a_single_example_leaves_nothing():
    spec = NetworkSpec(normalization="batch", activation="tanh")
    assert not np.abs(backprop(spec, initialize(spec, 1), batch(spec, 1)).pre_activations[0]).any()


@given(SPECS, st.integers(1, 40))
def test_what_is_not_kept_changes_no_gradient(spec, size):
    spec = replace(spec, widths=None, width=256, depth=min(spec.depth, 3))
    parameters, inputs = initialize(spec, 3), batch(spec, size)
    kept, lean = forward(spec, parameters, inputs), forward(spec, parameters, inputs, keep=False)
    np.testing.assert_array_equal(kept.outputs, lean.outputs)
    for one, other in zip(kept.layers, lean.layers, strict=True):
        assert one.activated.shape == one.value.shape
        assert other.activated.size == 0
        np.testing.assert_array_equal(one.value, other.value)
    for one, other in zip(backward(spec, parameters, kept), backward(spec, parameters, lean), strict=True):
        np.testing.assert_array_equal(one.pre_activations, other.pre_activations)
