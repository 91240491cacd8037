import numpy as np
import pytest

from vanish import NetworkSpec, forward, initialize, layer_activity, pre_activation_histogram
from vanish.choices import example_inputs

INPUTS = example_inputs(4, 64, "normal")


def test_activity_is_what_it_says():
    spec = NetworkSpec(depth=5, width=30, activation="relu", initializer="he_normal", normalization="layer")
    table = layer_activity(spec, 3, INPUTS)
    layers = forward(spec, initialize(spec, 3), INPUTS).layers
    assert list(table.layer) == [1, 2, 3, 4, 5]
    for row, layer in zip(table.itertuples(), layers, strict=True):
        assert row.mean == pytest.approx(layer.activated.mean())
        assert row.std == pytest.approx(layer.activated.std())
        assert row.saturated == (layer.activated <= 0).mean()
        assert row.dead == (layer.activated <= 0).all(axis=0).mean()


def test_large_weights_saturate_a_sigmoid_and_normalisation_saves_it():
    large = {"activation": "sigmoid", "weight_scale": 40, "width": 64}
    assert layer_activity(NetworkSpec(**large), 1, INPUTS).saturated[1:9].min() > 0.5
    saved = layer_activity(NetworkSpec(**large, normalization="layer"), 1, INPUTS)
    assert saved.saturated[:9].max() == 0


def test_a_negative_bias_kills_relu_units_and_leaky_relus_never_die():
    shifted = {"depth": 3, "width": 64, "weight_scale": 0.01, "bias_std": 1.0}
    dead = layer_activity(NetworkSpec(activation="relu", **shifted), 1, INPUTS).dead
    assert 0.3 < dead[0] < 0.7
    assert not layer_activity(NetworkSpec(activation="leaky_relu", **shifted), 1, INPUTS).dead.any()


def test_a_linear_output_is_neither_saturated_nor_dead():
    last = layer_activity(NetworkSpec(activation="sigmoid", weight_scale=50, linear_output=True), 1, INPUTS).iloc[-1]
    assert (last.saturated, last.dead) == (0, 0)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_histogram_holds_every_value_once(activation):
    spec = NetworkSpec(depth=4, activation=activation)
    table = pre_activation_histogram(spec, 1, INPUTS, bins=20)
    np.testing.assert_allclose(table.groupby("layer").share.sum(), 1)
    first = forward(spec, initialize(spec, 1), INPUTS).layers[0].activated
    for row in table[table.layer == 1].itertuples():
        within = (first >= row.low) & ((first < row.high) | (row.high == table.high.max()))
        assert row.share == pytest.approx(within.mean(), abs=2 / first.size)


def test_what_overflows_is_left_out_of_the_histogram():
    spec = NetworkSpec(depth=200, width=64, activation="relu", initializer="he_uniform", weight_scale=100)
    table = pre_activation_histogram(spec, 1, INPUTS)
    assert np.isfinite(table[["low", "high"]]).all(axis=None)
    assert table.layer.max() < 200
