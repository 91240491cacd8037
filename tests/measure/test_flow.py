import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vanish import NetworkSpec, backprop, forward, gradient_flow, initialize
from vanish.choices import inputs as choices_inputs
from vanish.measure import flow
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.passes import LayerGradients
from vanish.numerics.arrays import quantiles

SPEC = NetworkSpec(depth=6, width=7, activation="tanh", initializer="xavier_normal")


def test_the_table_is_tidy():
    specs = [NetworkSpec(depth=3, activation=name) for name in ("relu", "tanh")]
    table = gradient_flow(specs, seeds=[1, 2**64 - 1])
    assert list(table.columns) == ["activation", "initializer", "seed", "layer", *MAGNITUDES]
    assert len(table) == 2 * 2 * 3
    assert list(table.layer[:6]) == [1, 2, 3, 1, 2, 3]
    assert list(table.seed) == [1, 1, 1, 2**64 - 1, 2**64 - 1, 2**64 - 1] * 2
    assert list(table.activation) == ["relu"] * 6 + ["tanh"] * 6


def test_magnitudes_are_what_they_say():
    inputs = np.random.default_rng(3).standard_normal((5, 4))
    table = gradient_flow(SPEC, 11, inputs)
    parameters = initialize(SPEC, 11)
    gradients = backprop(SPEC, parameters, inputs)
    for layer in range(SPEC.depth):
        row, dz, dw = table.iloc[layer], gradients.pre_activations[layer], gradients.weights[layer]
        assert row.mean_abs == pytest.approx(np.abs(dz).mean(), rel=1e-13)
        assert row.rms == pytest.approx(np.sqrt((dz**2).mean()), rel=1e-13)
        assert row.weight_norm == pytest.approx(np.linalg.norm(dw), rel=1e-13)
        assert row.relative_norm == pytest.approx(
            np.linalg.norm(dw) / np.linalg.norm(parameters.weights[layer]), rel=1e-13
        )


def test_norms_of_tiny_gradients_do_not_underflow():
    # Squares of 1e-170 are no float64 any more.
    first = gradient_flow(NetworkSpec(depth=200)).iloc[0]
    assert 1e-180 < first.mean_abs <= first.rms < 3 * first.mean_abs
    assert first.weight_norm > 1e-180


@given(st.integers(-900, 900))
def test_a_norm_of_scaled_gradients_is_the_scaled_norm(power):
    parameters = initialize(SPEC, 3)
    gradients = backprop(SPEC, parameters, choices_inputs.example_inputs(4, 5))
    layers = forward(SPEC, parameters, choices_inputs.example_inputs(4, 5)).layers
    for layer in range(SPEC.depth):
        dz, h = gradients.pre_activations[layer], layers[layer].inputs
        plain, scaled = (LayerGradients(dz * s, dz * s, h) for s in (1.0, 2.0**power))
        for magnitude in MAGNITUDES.values():
            expected = magnitude.measure(plain, parameters.weights[layer])
            if not magnitude.is_share:
                expected = expected * 2.0**power
            np.testing.assert_allclose(magnitude.measure(scaled, parameters.weights[layer]), expected, rtol=1e-12)


def test_norms_of_huge_gradients_do_not_overflow():
    # Squares of 1e200 are no float64 either.
    huge = LayerGradients(np.full((2, 3), 1e200), np.full((2, 3), 1e200), np.full((2, 4), 0.5))
    weights = np.ones((3, 4))
    assert MAGNITUDES["rms"].measure(huge, weights) == pytest.approx(1e200)
    assert MAGNITUDES["weight_norm"].measure(huge, weights) == pytest.approx(12**0.5 * 1e200)


def test_no_weights_and_no_gradient_are_findings_and_no_errors():
    table = gradient_flow(NetworkSpec(depth=3, weight_scale=0))
    assert list(table.mean_abs == 0) == [True, True, False]
    assert table.relative_norm.isna().iloc[0]


def test_seeds_in_turns_give_what_seeds_side_by_side_give(monkeypatch):
    together = gradient_flow(SPEC, range(9))
    monkeypatch.setattr(flow, "NUMBERS_AT_ONCE", 1)
    in_turns = gradient_flow(SPEC, range(9))
    np.testing.assert_allclose(together[list(MAGNITUDES)], in_turns[list(MAGNITUDES)], rtol=1e-12)


def test_many_seeds_take_no_more_memory_than_a_few():
    spec, x = NetworkSpec(depth=60, width=60, initializer="he_uniform"), choices_inputs.example_inputs(4, 1)
    peaks = []
    for seeds in (17, 33):
        tracemalloc.start()
        flow.layer_magnitudes(spec, range(seeds), x, ["mean_abs"])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 50e6
    assert peaks[1] < 1.1 * peaks[0]


def test_the_first_example_is_the_katas():
    inputs = choices_inputs.example_inputs(4, 3)
    np.testing.assert_array_equal(inputs[0], [0.5, -0.3, 0.8, -0.1])
    assert inputs.shape == (3, 4)
    np.testing.assert_array_equal(choices_inputs.example_inputs(4, 8)[:3], inputs)
    assert choices_inputs.example_inputs(7, 2).shape == (2, 7)
    by_default, given_inputs = gradient_flow(SPEC, 1, batch_size=3), gradient_flow(SPEC, 1, inputs)
    np.testing.assert_array_equal(by_default.mean_abs, given_inputs.mean_abs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradient_flow(SPEC, magnitudes=["size"]), "magnitudes must be one of mean_abs, rms"),
        (lambda: gradient_flow(SPEC, batch_size=0), "batch_size must be a whole number from 1 to 4096"),
        (lambda: gradient_flow(SPEC, batch_size=4097), "batch_size must be a whole number from 1 to 4096"),
        (lambda: gradient_flow(SPEC, batch_size=True), "batch_size must be a whole number from 1 to 4096"),
        (lambda: gradient_flow(SPEC, inputs=[1.0, 2.0]), r"inputs must be finite numbers of shape \(..., 4\)"),
        (lambda: gradient_flow(SPEC, seeds=[-1]), "seeds must be a whole number from 0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_he_keeps_relus_gradient_where_the_katas_initialisation_loses_it():
    wide = {"depth": 20, "width": 256, "activation": "relu"}
    seeds = range(3)
    for initializer, low, high in (("he_normal", 0.3, 3.0), ("kata", 1e-9, 1e-6)):
        table = gradient_flow(NetworkSpec(**wide, initializer=initializer), seeds, batch_size=8, magnitudes=["rms"])
        hidden = table[table.layer.isin([2, 19])].pivot_table(index="seed", columns="layer", values="rms")
        assert low < np.exp(np.log(hidden[2] / hidden[19]).mean()) < high


@given(arrays(float, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(0, 1e300)))
def test_quantiles_are_values_in_order_and_true_on_any_scale(values):
    found = quantiles(values)
    for column in range(values.shape[1]):
        low, middle, high = found[:, column]
        assert {low, middle, high} <= set(values[:, column])
        assert low <= middle <= high
    np.testing.assert_array_equal(quantiles(np.sqrt(values)), np.sqrt(found))


def test_quantiles_leave_a_tenth_of_the_seeds_on_either_side():
    np.testing.assert_array_equal(quantiles(np.arange(101.0)[:, None])[:, 0], [10, 50, 90])


def test_what_is_not_a_number_counts_as_the_largest():
    np.testing.assert_array_equal(quantiles(np.array([np.nan, 1.0, np.inf, 2.0, 3.0])), [1.0, 3.0, np.nan])
