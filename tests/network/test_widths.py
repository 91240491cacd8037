"""Networks whose hidden layers differ in size."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import UNEQUAL, batch, stirred

import vanish
from vanish import NetworkSpec, backprop, forward, initialize, signal_propagation, sweep
from vanish.choices import DATASETS, RESIDUALS
from vanish.measure.flow import layer_magnitudes
from vanish.measure.magnitudes import SIZES
from vanish.measure.remedies import treated, untreated
from vanish.measure.yardstick import lossless_ratio
from vanish.network.passes import backward
from vanish.theory import critical_weight_scale

HOURGLASS = NetworkSpec(widths=(40, 24, 12, 24, 40), n_inputs=30, n_outputs=10)


def test_widths_say_how_deep_and_how_wide():
    spec = NetworkSpec(widths=[3, 5, 4])
    assert (spec.depth, spec.width, spec.widths, spec.widest) == (4, 5, (3, 5, 4), 5)
    assert spec.layer_shapes == [(3, 4), (5, 3), (4, 5), (1, 4)]
    assert [w.shape for w in initialize(spec, 1).weights] == spec.layer_shapes


@given(st.integers(1, 999), st.integers(1, 4096))
def test_equal_widths_are_depth_and_width(layers, units):
    assert NetworkSpec(widths=(units,) * layers) == NetworkSpec(depth=layers + 1, width=units)
    assert NetworkSpec(widths=()) == NetworkSpec()


@given(UNEQUAL, UNEQUAL, st.integers(1, 30))
def test_replacing_says_no_two_things(widths, others, depth):
    spec = NetworkSpec(widths=widths)
    assert replace(spec, widths=others) == NetworkSpec(widths=others)
    assert replace(spec, activation="tanh") == NetworkSpec(widths=widths, activation="tanh")
    assert replace(spec, widths=None, depth=depth, width=7) == NetworkSpec(depth=depth, width=7)
    if spec.widths and depth != spec.depth:
        with pytest.raises(ValueError, match=rf"^depth must be {spec.depth}, which widths make it, .* got {depth}$"):
            replace(spec, depth=depth)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widths": (3, 5), "depth": 10}, "depth must be 3, which widths make it, or left out, got 10"),
        ({"widths": (3, 5), "width": 3}, "width must be 5, which widths make it, or left out, got 3"),
        ({"widths": (3, 0)}, "widths must be a whole number from 1 to 4096, got 0"),
        ({"widths": (3, 5000)}, "widths must be a whole number from 1 to 4096, got 5000"),
        ({"widths": 3}, "widths must be a sequence of 0 to 999 whole numbers, got 3"),
        ({"widths": (3,) * 1000}, "widths must be a sequence of 0 to 999 whole numbers, got 1000"),
    ],
)
def test_what_does_not_go_together_is_named(arguments, message):
    with pytest.raises(ValueError, match=rf"^{message}"):
        NetworkSpec(**arguments)


@given(UNEQUAL, st.integers(1, 20))
def test_at_another_depth_it_is_a_beginning_or_goes_on_as_it_ends(widths, depth):
    spec, hidden = NetworkSpec(widths=widths), tuple(widths) + (widths[-1],) * 20
    assert spec.at_depth(depth).hidden_sizes == hidden[: depth - 1]
    assert spec.at_depth(spec.depth) == spec


def test_large_networks_work():
    spec = NetworkSpec(depth=3, width=1000, n_inputs=784, n_outputs=10, initializer="he_normal", activation="relu")
    assert forward(spec, initialize(spec, 1), np.ones(784)).outputs.shape == (1, 10)
    deep = NetworkSpec(depth=1000, width=4, activation="tanh", initializer="orthogonal")
    assert len(backprop(deep, initialize(deep, 1), np.ones(4)).layers) == 1000
    assert len(signal_propagation(NetworkSpec(widths=(4, 5) * 50, activation="tanh"))) == 101
    with pytest.raises(ValueError, match=r"^seed must ask for at most .* \(1 GiB\)"):
        initialize(NetworkSpec(depth=1000, width=4096), 1)


def test_residual_connections_lead_past_square_layers_that_are_neighbors():
    spec = NetworkSpec(widths=(8, 8, 16, 16, 16, 4), residual="identity", n_inputs=8, n_outputs=4)
    assert spec.blocks == [[0], [1], [3], [4], [6]]
    # Of 8-8-8 | 16-16-16 | 4-4 the output layer is in no block of two.
    assert replace(spec, block="two").blocks == [[0, 1], [3, 4]]
    # Squares that another layer stands between are no pair.
    assert NetworkSpec(widths=(8, 8, 16, 16), residual="identity", block="two").blocks == []


@pytest.mark.parametrize("residual", RESIDUALS)
@pytest.mark.parametrize("block", ["one", "two"])
def test_torch_agrees(residual, block):
    torch = pytest.importorskip("torch")
    from torch_twins import assert_autograd

    widths = (6, 6, 6, 9, 9, 9, 4, 4)
    spec = NetworkSpec(widths=widths, activation="tanh", normalization="layer", residual=residual, block=block)
    spec = replace(spec, n_inputs=5, n_outputs=3, initializer="he_normal")
    assert_autograd(torch, spec, stirred(spec, 1), batch(spec, 7), np.random.default_rng(2).standard_normal((7, 3)))


def test_nielsens_book():
    # Chapter 5, four hidden layers: norms of dC/db, averaged over images, in the hidden layers, with his cross-entropy.
    spec = NetworkSpec(widths=(30,) * 4, n_inputs=784, n_outputs=10, initializer="lecun_normal", bias_std=1)
    assert spec.layer_shapes == [(30, 784), (30, 30), (30, 30), (30, 30), (10, 30)]
    digits = DATASETS["digits"].make()
    small = (digits.train_inputs[:200] * digits.std + digits.mean).reshape(-1, 8, 8)
    pixels = small / small.max()
    # 8 x 8 pixels as 24 x 24, with a margin, as MNIST's.
    images = np.pad(pixels.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2))).reshape(-1, 784)
    parameters = initialize(spec, range(30))
    passed = forward(spec, parameters, images)
    outputs = passed.outputs
    at_outputs = (outputs - np.eye(10)[digits.train_targets[:200]]) / (outputs * (1 - outputs))
    layers = [layer.pre_activations for layer in backward(spec, parameters, passed, at_outputs)][:0:-1]
    norms = np.array([np.linalg.norm(dz.mean(axis=-2), axis=-1) for dz in layers])
    # His is one network of many.
    low, middle, high = np.quantile(norms, (0.05, 0.5, 0.95), axis=1)
    book = np.array([0.003, 0.017, 0.070, 0.285])
    assert (low < book).all()
    assert (book < high).all()
    np.testing.assert_allclose(middle, book, rtol=0.35)


@pytest.mark.slow
def test_hanins_spread_follows_the_sum_of_one_over_width():
    # Hanin 2018: how far a ReLU network's gradient spreads over seeds goes by its sum of 1 / width.
    shared = {"activation": "relu", "initializer": "he_normal", "n_inputs": 16, "linear_output": True}
    unequal = NetworkSpec(widths=(24, 120) * 3, **shared)
    networks = {
        "unequal": unequal,
        "as many in all": NetworkSpec(depth=7, width=72, **shared),
        "the same sum": NetworkSpec(depth=7, width=40, **shared),
    }
    inputs = np.random.default_rng(1).standard_normal((1, 16))
    spreads = {}
    for name, spec in networks.items():
        (sizes,) = layer_magnitudes(spec, range(1000), inputs, ["rms"])
        first = sizes[:, 0][sizes[:, 0] > 0]
        spreads[name] = np.log(np.square(first)).var()
        # 5 in the limit of large width, and a little more in narrow layers.
        assert 5 < spreads[name] / sum(1 / units for units in spec.hidden_sizes) < 6.5
    assert spreads["unequal"] > 1.7 * spreads["as many in all"]


@pytest.mark.parametrize("widths", [(128, 256, 512, 256, 128), (64, 512, 64, 512, 64)])
@pytest.mark.parametrize(("activation", "initializer"), [("relu", "he_normal"), ("tanh", "xavier_uniform")])
def test_theory_takes_each_layers_own_sizes(widths, activation, initializer):
    spec = NetworkSpec(widths=widths, activation=activation, initializer=initializer, n_inputs=100, n_outputs=50)
    inputs = np.random.default_rng(3).standard_normal((1, 100))
    (measured,) = layer_magnitudes(spec, range(12), inputs, ["rms"])
    expected = signal_propagation(spec, inputs).rms
    np.testing.assert_allclose(np.sqrt(np.square(measured).mean(axis=0)), expected, rtol=0.12)


# Those of single weights depend on the direction of the inputs: tests/measure/test_yardstick.py has them.
@pytest.mark.parametrize("magnitude", sorted(SIZES.keys() - {"weight_mean_abs", "weight_max"}))
def test_the_yardstick_is_that_of_the_shape(magnitude):
    lossless = replace(HOURGLASS, activation="identity", initializer="orthogonal")
    inputs = np.random.default_rng(5).standard_normal((2, 30))
    (measured,) = layer_magnitudes(lossless, range(150), inputs, [magnitude])
    first, last = measured[:, 0], measured[:, -1]
    # The ratio of means where it is that, else the mean ratio: the last layer's gradient is always the same.
    if magnitude in ("rms", "stream"):
        ratio = np.sqrt(np.square(first).mean() / np.square(last).mean())
    else:
        ratio = first.mean() / last.mean()
    assert ratio == pytest.approx(lossless_ratio(HOURGLASS, magnitude), rel=0.05)


def test_a_sweep_has_each_networks_own_ends():
    spec = replace(HOURGLASS, activation="tanh", initializer="xavier_normal")
    table = sweep(spec, (1, 2, 4, 6, 8), (1.0, 1.5), seeds=(3, 4)).set_index(["depth", "weight_scale", "seed"])
    for (depth, scale, seed), row in table.iterrows():
        one = replace(spec.at_depth(depth), weight_scale=scale)
        (sizes,) = layer_magnitudes(one, [seed], vanish.choices.example_inputs(30), ["mean_abs"])
        np.testing.assert_allclose((row["first"], row["last"]), sizes[0, [0, -1]], rtol=1e-12)


def test_the_critical_scale_is_where_a_network_of_its_sizes_keeps_its_gradient():
    # He's 2 / fan_in is critical whatever the sizes; a std of its own is critical where the mean log fan-in says so.
    he = replace(HOURGLASS, activation="relu", initializer="he_normal")
    assert critical_weight_scale(he) == pytest.approx(1)
    fans = [fan_in for _, fan_in in HOURGLASS.layer_shapes[1:-1]]
    own = replace(he, initializer="normal", weight_std=0.1)
    expected = 10 * np.sqrt(2 / np.exp(np.log(fans).mean()))
    assert critical_weight_scale(own) == pytest.approx(expected, rel=1e-6)


def test_remedies_and_training_keep_the_sizes():
    assert untreated(HOURGLASS).layer_shapes == HOURGLASS.layer_shapes
    assert treated(HOURGLASS, ["relu", "residual"]).layer_shapes == HOURGLASS.layer_shapes
    fitted = vanish.fit_spec(HOURGLASS, DATASETS["moons"].make())
    assert (fitted.widths, fitted.n_inputs) == (HOURGLASS.widths, 2)
    assert vanish.estimate_seconds(fitted, "moons", 10, 16) > 0
    line = vanish.measure.shattered.on_a_line(replace(HOURGLASS, widths=(200, 5, 128)))
    assert line.widths == (128, 5, 128)


@pytest.mark.parametrize(("residual", "block"), [("none", "one"), ("fixup", "two"), ("identity", "one")])
def test_a_deep_network_keeps_few_layers(residual, block):
    deep = NetworkSpec(depth=100, residual=residual, block=block)
    assert len(deep.layers) == 100
    assert len({id(layer) for layer in deep.layers}) <= 6
    assert len({id(shape) for shape in deep.layer_shapes}) == 3
