import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import ACTIVATIONS, INITIALIZERS, NetworkSpec, Parameters, backprop, forward, initialize

SPECS = st.builds(
    NetworkSpec,
    depth=st.integers(1, 12),
    width=st.integers(1, 16),
    n_inputs=st.integers(1, 5),
    n_outputs=st.integers(1, 3),
    activation=st.sampled_from(list(ACTIVATIONS)),
    initializer=st.sampled_from(list(INITIALIZERS)),
    weight_scale=st.floats(0.1, 3),
    linear_output=st.booleans(),
)


def batch(spec, size, seed=0):
    return np.random.default_rng(seed).standard_normal((size, spec.n_inputs))


def off_the_kinks(spec, inputs):
    """Parameters, biases included, of the first seed whose units are all further from 0 than a step can move them."""
    for seed in range(3000):
        biases = [np.random.default_rng(seed).normal(0.2, 0.3, fan_out) for fan_out, _ in spec.layer_shapes]
        parameters = Parameters(initialize(spec, seed).weights, biases)
        passed = forward(spec, parameters, inputs)
        alive = np.abs(backprop(spec, parameters, inputs).weights[0]).max() > 1e-6
        if alive and min(np.abs(z).min() for z in passed.pre_activations) > 0.02:
            return parameters
    raise AssertionError("no seed keeps every unit off its kink")


def central_difference(spec, parameters, inputs, weighting, kind, layer, h=2e-4):
    """Fourth order, for every entry of one array at once: one network a nudged entry, side by side."""
    values = getattr(parameters, kind)[layer]
    nudges = np.eye(values.size).reshape(values.size, *values.shape)

    def loss(step):
        arrays = {
            name: [np.broadcast_to(a, (values.size, *a.shape)) for a in getattr(parameters, name)]
            for name in ("weights", "biases")
        }
        arrays[kind][layer] = values + step * nudges
        return (forward(spec, Parameters(**arrays), inputs).outputs * weighting).sum(axis=(-2, -1))

    return ((8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)).reshape(values.shape)


@pytest.mark.parametrize("linear_output", [False, True])
@pytest.mark.parametrize("initializer", INITIALIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_agrees_with_central_differences(activation, initializer, linear_output):
    spec = NetworkSpec(
        depth=4, width=4, n_outputs=2, activation=activation, initializer=initializer, linear_output=linear_output
    )
    inputs, weighting = batch(spec, 3), np.random.default_rng(1).standard_normal((3, 2))
    parameters = off_the_kinks(spec, inputs)
    gradients = backprop(spec, parameters, inputs, weighting)
    for layer in range(spec.depth):
        for kind in ("weights", "biases"):
            analytic = getattr(gradients, kind)[layer]
            central = central_difference(spec, parameters, inputs, weighting, kind, layer)
            assert np.linalg.norm(central - analytic) <= 1e-6 * np.linalg.norm(analytic)


@given(SPECS, st.integers(1, 5), st.integers(0, 2**64 - 1))
def test_gradients_have_their_shapes_and_fit_together(spec, size, seed):
    parameters, inputs = initialize(spec, seed), batch(spec, size)
    gradients = backprop(spec, parameters, inputs)
    passed = forward(spec, parameters, inputs)
    assert gradients.outputs.shape == (size, spec.n_outputs)
    for layer, (fan_out, fan_in) in enumerate(spec.layer_shapes):
        dz = gradients.pre_activations[layer]
        assert dz.shape == (size, fan_out)
        assert gradients.weights[layer].shape == parameters.weights[layer].shape == (fan_out, fan_in)
        assert gradients.biases[layer].shape == parameters.biases[layer].shape == (fan_out,)
        np.testing.assert_allclose(gradients.weights[layer], dz.T @ passed.inputs[layer], atol=1e-300)
        np.testing.assert_allclose(gradients.biases[layer], dz.sum(axis=0), atol=1e-300)
        assert np.isfinite(dz).all()


@given(SPECS, st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3))
def test_networks_side_by_side_are_the_networks_alone(spec, seeds):
    inputs = batch(spec, 2)
    stacked = backprop(spec, initialize(spec, seeds), inputs)
    for member, seed in enumerate(seeds):
        alone = backprop(spec, initialize(spec, seed), inputs)
        for kind in ("weights", "biases", "pre_activations"):
            for a, b in zip(getattr(stacked, kind), getattr(alone, kind), strict=True):
                np.testing.assert_allclose(a[member], b, rtol=1e-9, atol=1e-290)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_agrees_with_torch_autograd(activation):
    torch = pytest.importorskip("torch")
    if not hasattr(torch.nn.functional, activation):
        pytest.skip(f"torch.nn.functional has no {activation}")
    spec = NetworkSpec(depth=6, width=9, n_outputs=2, activation=activation, initializer="torch_default")
    parameters, inputs = initialize(spec, 5), batch(spec, 7)
    ours = backprop(spec, parameters, inputs)
    leaves = [[torch.tensor(p, requires_grad=True) for p in kind] for kind in (parameters.weights, parameters.biases)]
    h, pre_activations = torch.tensor(inputs), []
    for w, b in zip(*leaves, strict=True):
        z = h @ w.T + b
        z.retain_grad()
        pre_activations.append(z)
        h = getattr(torch.nn.functional, activation)(z)
    h.sum().backward()
    np.testing.assert_allclose(ours.outputs, h.detach().numpy(), rtol=1e-10)
    for layer in range(spec.depth):
        for mine, theirs in (
            (ours.weights[layer], leaves[0][layer].grad),
            (ours.biases[layer], leaves[1][layer].grad),
            (ours.pre_activations[layer], pre_activations[layer].grad),
        ):
            np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-10, atol=1e-14)


def test_no_output_gradient_means_ones():
    spec = NetworkSpec(n_outputs=3)
    parameters = initialize(spec, 1)
    ours, ones = (backprop(spec, parameters, batch(spec, 4), g) for g in (None, np.ones((4, 3))))
    np.testing.assert_array_equal(ours.weights[0], ones.weights[0])


def test_a_linear_output_leaves_the_activation_out():
    spec = NetworkSpec(linear_output=True, activation="sigmoid")
    parameters = initialize(spec, 1)
    passed = forward(spec, parameters, [0.5, -0.3, 0.8, -0.1])
    np.testing.assert_array_equal(passed.outputs, passed.pre_activations[-1])
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
        ("depth", 0, "depth must be a whole number from 1 to 200, got 0"),
        ("depth", 201, "depth must be a whole number from 1 to 200"),
        ("depth", True, "depth must be a whole number from 1 to 200"),
        ("width", 0, "width must be a whole number from 1 to 512"),
        ("depth", 2.5, "depth must be a whole number from 1 to 200"),
        ("width", 513, "width must be a whole number from 1 to 512"),
        ("n_inputs", 0, "n_inputs must be a whole number from 1 to 512"),
        ("n_inputs", 513, "n_inputs must be a whole number from 1 to 512"),
        ("n_outputs", 0, "n_outputs must be a whole number from 1 to 512"),
        ("n_outputs", "3", "n_outputs must be a whole number from 1 to 512"),
        ("activation", "evil", "activation must be one of sigmoid, tanh"),
        ("initializer", None, "initializer must be one of kata"),
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
    with pytest.raises(ValueError, match="inputs must have 4 columns"):
        forward(spec, initialize(spec, 1), [1.0, 2.0])


def test_the_leak_of_a_spec_reaches_every_layer():
    # With one unit a layer and every unit negative, each layer multiplies by its weight and the leak.
    spec = NetworkSpec(depth=2, width=1, n_inputs=1, activation="leaky_relu", activation_shape=0.5)
    parameters = Parameters([np.array([[-1.0]]), np.array([[3.0]])], [np.zeros(1), np.zeros(1)])
    gradients = backprop(spec, parameters, [2.0])
    np.testing.assert_array_equal(gradients.outputs, [[-1.5]])
    np.testing.assert_array_equal(gradients.pre_activations[0], [[0.75]])
    np.testing.assert_array_equal(gradients.weights[0], [[1.5]])
