import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, backprop, forward, initialize
from vanish.choices import ACTIVATIONS, NORMALIZATIONS, example_inputs
from vanish.measure.updates import first_step, last_over_first


# One step of PyTorch's SGD on the kata's networks: a weight's update is not dL/dz.
@pytest.mark.parametrize(
    ("activation", "mean_abs", "length", "relative_length"),
    [
        ("tanh", "2.348", "1.033", "1.464"),
        ("leaky_relu", "15.62", "6.775", "9.601"),
        ("sigmoid", "4.441e+08", "1.592e+08", "2.256e+08"),
    ],
)
def test_how_much_further_the_katas_last_layer_moves_than_its_first(activation, mean_abs, length, relative_length):
    ratios = last_over_first(first_step(NetworkSpec(activation=activation), 42, example_inputs(4)))
    measured = [f"{ratios[name]:.4g}" for name in ("mean_abs", "length", "relative_length")]
    assert measured == [mean_abs, length, relative_length]


def test_the_signal_dies_on_both_ways_and_every_layers_weights_stand_still():
    spec = NetworkSpec(depth=30, width=64, activation="leaky_relu")
    steps = first_step(spec, 42, example_inputs(4))
    ratios = last_over_first(steps)
    assert f"{ratios.mean_abs:.2f}" == "0.44"
    assert ratios.bias_mean_abs == pytest.approx(1.75e12, rel=1e-2)
    assert ratios.input_rms < 1e-12
    assert steps.relative_length.max() < 1e-10


@pytest.mark.parametrize(
    ("activation", "biases"), [("tanh", 1524.888), ("leaky_relu", 26942.69), ("sigmoid", 3.921137e8)]
)
def test_biases_move_by_the_backward_signal_alone(activation, biases):
    ratios = last_over_first(first_step(NetworkSpec(activation=activation), 42, example_inputs(4)))
    assert ratios.bias_mean_abs == pytest.approx(biases, rel=1e-6)


@given(
    st.sampled_from(list(ACTIVATIONS)),
    st.sampled_from(list(NORMALIZATIONS)),
    st.integers(1, 6),
    st.integers(1, 9),
    st.integers(0, 2**64 - 1),
    st.floats(1e-6, 1e3),
)
def test_a_step_is_the_learning_rate_times_the_gradient(activation, normalization, depth, batch, seed, rate):
    spec = NetworkSpec(depth=depth, width=5, n_outputs=2, activation=activation, normalization=normalization)
    inputs = example_inputs(4, batch)
    at_outputs = np.random.default_rng(batch).standard_normal((batch, 2))
    steps = first_step(spec, seed, inputs, at_outputs, rate)
    parameters = initialize(spec, seed, inputs)
    gradients = backprop(spec, parameters, inputs, at_outputs)
    layers = forward(spec, parameters, inputs).layers
    assert list(steps.layer) == list(range(1, depth + 1))
    for layer in range(depth):
        row, dw, db, w = steps.iloc[layer], gradients.weights[layer], gradients.biases[layer], parameters.weights[layer]
        expected = {
            "mean_abs": rate * np.abs(dw).mean(),
            "length": rate * np.linalg.norm(dw),
            "relative_length": rate * np.linalg.norm(dw) / np.linalg.norm(w),
            "bias_mean_abs": rate * np.abs(db).mean(),
            "bias_length": rate * np.linalg.norm(db),
            "input_rms": np.sqrt((layers[layer].inputs ** 2).mean()),
        }
        assert row.drop("layer").to_dict() == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "leaky_relu"])
@pytest.mark.parametrize("batch", [1, 16])
def test_torch_moves_each_layer_as_far(activation, batch):
    torch = pytest.importorskip("torch")
    spec, inputs, rate = NetworkSpec(activation=activation), example_inputs(4, batch), 0.05
    drawn = initialize(spec, 42)
    modules = []
    for w in drawn.weights:
        linear = torch.nn.Linear(w.shape[1], w.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(w))
            linear.bias.zero_()
        modules += [
            linear,
            {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "leaky_relu": torch.nn.LeakyReLU}[activation](),
        ]
    network = torch.nn.Sequential(*modules)
    network(torch.tensor(inputs)).sum().backward()
    gradients = [(m.weight.grad.numpy().copy(), m.bias.grad.numpy().copy()) for m in modules[::2]]
    torch.optim.SGD(network.parameters(), lr=rate).step()
    steps = first_step(spec, 42, inputs, learning_rate=rate)
    np.testing.assert_allclose(steps.mean_abs, [rate * np.abs(dw).mean() for dw, _ in gradients], rtol=1e-9)
    np.testing.assert_allclose(steps.bias_length, [rate * np.linalg.norm(db) for _, db in gradients], rtol=1e-9)
    # What is seen of the movement itself is rounded to the weights' last digit.
    moved = [np.abs(m.weight.detach().numpy() - w).mean() for m, w in zip(modules[::2], drawn.weights, strict=True)]
    np.testing.assert_allclose(steps.mean_abs, moved, rtol=1e-6, atol=1e-16)


def test_weights_of_zero_are_findings_and_no_errors():
    steps = first_step(NetworkSpec(initializer="zeros"), 1, example_inputs(4))
    assert np.isinf(steps.relative_length.iloc[-1])
    assert np.isnan(steps.relative_length.iloc[0])


@pytest.mark.parametrize("rate", [-1, np.nan, 1001, "0.1"])
def test_bad_rates_are_named(rate):
    with pytest.raises(ValueError, match="learning_rate must be a number from 0 to 1000"):
        first_step(NetworkSpec(), 1, example_inputs(4), learning_rate=rate)
