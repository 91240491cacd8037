from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import crossed

from vanish import NetworkSpec, forward, initialize, predict
from vanish.choices import ACTIVATIONS, BLOCKS, INITIALIZERS, NORM_PLACES, NORMALIZATIONS, RESIDUALS
from vanish.measure.shattered import KINDS, autocorrelation, gradient_over_line, line, on_a_line, shattering
from vanish.numerics.lcg import ensemble_seeds
from vanish.theory import expected_correlation
from vanish.theory.kernel import theory_holds, unrelated_correlation

HE = on_a_line(NetworkSpec(width=128, activation="relu", initializer="he_normal"))


@crossed(block=BLOCKS, norm_place=NORM_PLACES, residual=RESIDUALS, normalization=NORMALIZATIONS)
def test_the_gradient_is_the_outputs_derivative_along_the_line(normalization, residual, norm_place, block):
    spec = NetworkSpec(
        depth=4, width=5, n_inputs=3, activation="tanh", initializer="xavier_normal", normalization=normalization,
        residual=residual, norm_place=norm_place, block=block,
    )  # fmt: skip
    x, step = line(3, 20), np.array([1e-5, 0, 0])
    parameters = initialize(spec, 8, x)
    up, down = (predict(spec, parameters, x + sign * step, x)[:, 0] for sign in (1, -1))
    np.testing.assert_allclose(gradient_over_line(spec, [8], 20)[0], (up - down) / 2e-5, rtol=1e-6, atol=1e-9)


@given(
    st.sampled_from(list(ACTIVATIONS)),
    st.sampled_from(list(INITIALIZERS)),
    st.sampled_from(list(NORMALIZATIONS)),
    st.integers(1, 100),
    st.integers(2, 40),
)
def test_any_network_fits_on_a_line(activation, initializer, normalization, depth, points):
    spec = NetworkSpec(
        depth=depth, width=6, activation=activation, initializer=initializer, normalization=normalization
    )
    gradients = gradient_over_line(on_a_line(spec), [1, 2], points)
    assert gradients.shape == (2, points)
    found = autocorrelation(gradients, [0, 1])
    assert (np.isnan(found) | (np.abs(found) <= 1 + 1e-12)).all()
    assert (np.isnan(found[:, 0]) | np.isclose(found[:, 0], 1)).all()


@pytest.mark.slow
@pytest.mark.parametrize("bias_std", [0, 0.5])
@pytest.mark.parametrize(
    ("residual", "block"), [*((residual, "one") for residual in KINDS.values()), ("identity", "two"), ("fixup", "two")]
)
def test_wide_networks_do_what_the_kernels_derivative_says(residual, block, bias_std):
    for depth, tolerance in ((2, 0.02), (3, 0.02), (6, 0.04)):
        spec = replace(HE, width=64, depth=depth, residual=residual, bias_std=bias_std, block=block)
        g = np.concatenate([gradient_over_line(spec, ensemble_seeds(seed, 100), 16) for seed in range(2)])
        here, there = g[:, :-1], g[:, 1:]
        found = (here * there).mean() / np.sqrt(np.square(here).mean() * np.square(there).mean())
        assert found == pytest.approx(expected_correlation(spec, 16), abs=tolerance)


def test_one_hidden_layer_has_a_closed_form():
    # Both units on: the integral of cos^2 over the arc of weights that are positive at t and at s, over pi / 2.
    angle = np.arctan2(1, line(2, 9)[:, 0])
    low, high = angle[:-1] - np.pi / 2, angle[1:] + np.pi / 2
    expected = (high / 2 + np.sin(2 * high) / 4 - low / 2 - np.sin(2 * low) / 4) / (np.pi / 2)
    assert expected_correlation(replace(HE, depth=2), 9) == pytest.approx(expected.mean(), rel=1e-12)


def test_inputs_with_nothing_in_common_keep_a_half_or_three_quarters_a_layer():
    # Balduzzi et al. 2017, theorems 1 and 2; the first layer is never residual.
    assert unrelated_correlation(replace(HE, depth=11)) == pytest.approx(2.0**-10)
    assert unrelated_correlation(replace(HE, depth=11, residual="identity")) == pytest.approx(0.5 * 0.75**9)
    # Two matrices have one ReLU between them: (1 + 2 * 2 / 4) / (1 + 2 * 2 / 2).
    pairs = replace(HE, depth=12, residual="identity", block="two")
    assert unrelated_correlation(pairs) == pytest.approx(0.5 * (2 / 3) ** 5)
    assert np.isnan(unrelated_correlation(replace(HE, activation="tanh")))
    assert np.isnan(unrelated_correlation(replace(HE, residual="identity", normalization="batch")))


def test_without_normalisation_correlation_falls_as_a_power_of_depth():
    depths = np.array([25, 50, 100])
    found = np.array([expected_correlation(replace(HE, depth=int(depth)), 16) for depth in depths])
    # An exponential would take the same share twice as often: the square of what it took before.
    first, second = found[1:] / found[:-1]
    assert second > first**1.5
    assert found[-1] > 1e6 * unrelated_correlation(replace(HE, depth=100))


@pytest.mark.slow
def test_plain_networks_with_batch_norm_shatter_and_residual_ones_do_not():
    table = shattering(depths=[2, 10, 30]).pivot_table(index="depth", columns="kind", values="correlation")
    assert (table.loc[2] > 0.98).all()
    assert 0.4 < table.loc[10, "plain"] < 0.8
    assert abs(table.loc[30, "plain"]) < 0.2
    assert table.loc[30, "residual"] > 0.8
    assert table.loc[30, "scaled residual"] > 0.95


def test_gradients_that_are_noise_explode_and_those_that_keep_their_size_are_alike():
    sizes, correlations = {}, {}
    for normalization in ("batch", "none"):
        for depth in (4, 50):
            spec = replace(on_a_line(), depth=depth, normalization=normalization)
            gradients = gradient_over_line(spec, ensemble_seeds(1, 5))
            sizes[normalization, depth] = np.sqrt(np.square(gradients).mean())
            correlations[normalization, depth] = np.abs(autocorrelation(gradients, [1]).mean())
    assert correlations["batch", 50] < 0.2
    assert sizes["batch", 50] > 1000 * sizes["batch", 4]
    assert correlations["none", 50] > 0.7
    assert 0.2 < sizes["none", 50] / sizes["none", 4] < 5


def test_noise_has_the_autocorrelation_of_noise():
    white = np.random.default_rng(4).standard_normal((40, 256))
    brown = white.cumsum(axis=1)
    lags = [0, 1, 5, 255]
    assert autocorrelation(white, lags).mean(axis=0)[:3] == pytest.approx([1, 0, 0], abs=0.03)
    assert (autocorrelation(brown, lags)[:, 1] > 0.9).all()
    np.testing.assert_allclose(autocorrelation(1e-200 * white, lags), autocorrelation(1e200 * white, lags), rtol=1e-12)
    assert np.isnan(autocorrelation(np.zeros((1, 5)), [1])).all()


def test_theory_is_silent_where_it_does_not_hold():
    for changes in (
        {"activation": "tanh"},
        {"normalization": "layer"},
        {"initializer": "orthogonal"},
        {"initializer": "he_uniform"},
        {"linear_output": False},
        {"residual": "identity", "width": 2},
    ):
        spec = replace(HE, **changes)
        assert not theory_holds(spec)
        assert np.isnan(expected_correlation(spec))
    assert expected_correlation(replace(HE, depth=1, normalization="batch")) == pytest.approx(1)


def test_the_table_is_tidy_and_its_progress_is_told():
    told = []
    table = shattering(HE, [1, 4], [7, 8], ["plain", "residual"], 16, told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]
    assert list(zip(table.depth, table.kind, strict=True)) == [
        (1, "plain"), (1, "residual"), (4, "plain"), (4, "residual"),
    ]  # fmt: skip
    assert (table.low <= table.correlation + 1e-12).all()
    assert (table.correlation <= table.high + 1e-12).all()
    row = table.iloc[2]
    expected = autocorrelation(gradient_over_line(replace(HE, depth=4), [7, 8], 16), [1])
    assert row.correlation == pytest.approx(expected.mean(), rel=1e-12)


def test_a_line_has_one_input_that_moves():
    x = line(3, 5)
    np.testing.assert_array_equal(x[:, 0], [-2, -1, 0, 1, 2])
    assert (x[:, 1:] == 1).all()
    wide = on_a_line(NetworkSpec(width=256, activation="elu"))
    assert (wide.width, wide.n_inputs, wide.n_outputs, wide.activation) == (128, 2, 1, "elu")
    assert forward(wide, initialize(wide, 1), line(2, 5)).outputs.shape == (5, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradient_over_line(HE, [1], 257), "points must be a whole number from 2 to 256, got 257"),
        (lambda: gradient_over_line(HE, []), "seeds must be a sequence of 1 to 100 whole numbers, got 0"),
        (lambda: gradient_over_line(replace(HE, depth=101), [1]), "spec.depth must be a whole number from 1 to 100"),
        (lambda: gradient_over_line(replace(HE, width=257), [1]), "spec.width must be a whole number from 1 to 256"),
        (lambda: gradient_over_line(HE, [-1], 8), "seeds must be a whole number"),
        (lambda: autocorrelation(np.ones((1, 4)), [4]), "lags must be a whole number from 0 to 3, got 4"),
        (lambda: expected_correlation(HE, 8, 8), "lag must be a whole number from 0 to 7, got 8"),
        (lambda: shattering(depths=[0]), "depths must be a whole number from 1 to 100, got 0"),
        (lambda: shattering(kinds=["odd"]), "kinds must be one of plain, residual, scaled residual"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
