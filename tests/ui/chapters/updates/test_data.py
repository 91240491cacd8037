import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, initialize, kata
from vanish.choices.inputs import example_inputs
from vanish.ui.chapters.updates import data
from vanish.ui.chapters.updates.controls import QUANTITIES, Example

KATA = (0.5, -0.3, 0.8, -0.1)


def katas(activation, **changes):
    return data.movement(NetworkSpec(activation=activation, **changes), Example())


@given(st.integers(1, 100), st.floats(0.001, 1))
def test_ideal_updates_are_the_katas(depth, rate):
    table = data.ideal_table(depth, rate).frame
    expected = kata.update_comparison(depth, rate)
    assert list(table.columns) == [name.replace("relu", "ReLU").replace("_", " ") for name in expected]
    np.testing.assert_allclose(table, expected, rtol=1e-14)


# One step of PyTorch's SGD on the kata's networks.
@pytest.mark.parametrize(
    ("activation", "mean", "length", "relative", "biases"),
    [
        ("tanh", "2.348", "1.033", "1.464", "1525"),
        ("leaky_relu", "15.62", "6.775", "9.601", "2.694e+04"),
        ("sigmoid", "4.441e+08", "1.592e+08", "2.256e+08", "3.921e+08"),
    ],
)
def test_the_katas_weights_and_biases_move_apart(activation, mean, length, relative, biases):
    ratios = katas(activation).last_over_first
    columns = {key: f"{ratios[quantity.column]:.4g}" for key, quantity in QUANTITIES.items()}
    assert columns == {"relative": relative, "mean": mean, "length": length, "biases": biases}


def test_the_first_layer_of_a_deep_network_moves_more_than_its_last():
    ratios = katas("leaky_relu", depth=30, width=64).last_over_first
    assert f"{ratios['mean_abs']:.2f}" == "0.44"
    assert ratios["bias_mean_abs"] > 1e12


@given(st.sampled_from(["sigmoid", "tanh", "leaky_relu"]), st.integers(1, 6), st.integers(1, 9), st.integers(0, 2**53))
def test_a_step_is_the_backward_signal_times_the_forward_one(activation, depth, width, seed):
    # By the plain loops of the reference, which know neither our engine nor NumPy.
    one = data.movement(NetworkSpec(depth=depth, width=width, activation=activation), Example(seed=seed))
    name = "relu" if activation == "leaky_relu" else activation
    value, _ = reference.ACTIVATIONS[name]
    backward = reference.gradient_magnitudes(name, depth, width, KATA, seed)
    np.testing.assert_allclose(one.steps["bias_mean_abs"], backward, rtol=1e-12)
    given_to = list(KATA)
    for layer, rows in enumerate(reference.weights(depth, width, 4, seed)):
        rms = (sum(h * h for h in given_to) / len(given_to)) ** 0.5
        np.testing.assert_allclose(one.input_rms[layer], rms, rtol=1e-12)
        # |dz h| averaged over all pairs of one example is the product of the averages.
        mean_input = sum(map(abs, given_to)) / len(given_to)
        np.testing.assert_allclose(one.steps["mean_abs"][layer], backward[layer] * mean_input, rtol=1e-12)
        given_to = [value(sum(w * h for w, h in zip(row, given_to, strict=True))) for row in rows]


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_batch_norm_over_one_example_leaves_hidden_layers_no_gradient(activation):
    # (z - z) / std is 0 whatever z is: every layer before the last is cut off, and with it what stands below.
    normed = {"normalization": "batch", "linear_output": True}
    assert katas(activation, depth=6, **normed).without_gradient == (1, 2, 3, 4, 5)
    assert katas(activation, depth=6, normalization="layer", linear_output=True).without_gradient == ()
    many = data.movement(NetworkSpec(activation=activation, depth=6, **normed), Example(batch_size=16))
    assert many.without_gradient == ()


@given(st.floats(0.001, 1), st.sampled_from(list(QUANTITIES)))
def test_what_is_drawn_and_tabled_is_the_learning_rate_times_the_step(rate, key):
    movements = {name: katas(name, depth=4) for name in ("tanh", "relu")}
    column = QUANTITIES[key].column
    expected = np.concatenate([rate * one.steps[column] for one in movements.values()])
    np.testing.assert_array_equal(data.measured_frame(movements, column, rate)["size"], expected)
    table = data.measured_table(movements, rate)
    assert list(table["layer"]) == [4, 3, 2, 1]
    np.testing.assert_array_equal(table[f"tanh {key}"][::-1], expected[:4])
    np.testing.assert_array_equal(table["ReLU input"][::-1], movements["relu"].input_rms)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "leaky_relu"])
@pytest.mark.parametrize("batch", [1, 16])
def test_torch_takes_the_same_step(activation, batch):
    torch = pytest.importorskip("torch")
    spec, rate = NetworkSpec(activation=activation, depth=5, bias_std=0.3), 0.05
    drawn, inputs = initialize(spec, 42), example_inputs(4, batch)
    leaves = [
        [torch.tensor(part, requires_grad=True) for part in pair]
        for pair in zip(drawn.weights, drawn.biases, strict=True)
    ]
    function = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "leaky_relu": torch.nn.functional.leaky_relu}[activation]
    h = torch.tensor(inputs)
    for weights, biases in leaves:
        h = function(h @ weights.T + biases)
    optimizer = torch.optim.SGD([part for pair in leaves for part in pair], lr=rate)
    h.sum().backward()
    optimizer.step()
    one = data.movement(spec, Example(batch_size=batch))
    for layer, (weights, biases) in enumerate(leaves):
        moved = weights.detach().numpy() - drawn.weights[layer]
        share = np.linalg.norm(moved) / np.linalg.norm(drawn.weights[layer])
        assert rate * one.steps["relative_length"][layer] == pytest.approx(share, rel=1e-7, abs=1e-15)
        assert rate * one.steps["mean_abs"][layer] == pytest.approx(np.abs(moved).mean(), rel=1e-7, abs=1e-15)
        moved = biases.detach().numpy() - drawn.biases[layer]
        assert rate * one.steps["bias_mean_abs"][layer] == pytest.approx(np.abs(moved).mean(), rel=1e-7, abs=1e-15)
