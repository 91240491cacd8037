from dataclasses import replace

import numpy as np
import pytest
from networks import crossed

from vanish import NetworkSpec, forward, initialize, singular_values
from vanish.choices import BLOCKS, NORM_PLACES, NORMALIZATIONS, RESIDUALS
from vanish.measure.jacobian import jacobian

INPUT = np.array([[0.5, -0.3, 0.8, -0.1]])


@crossed(
    block=BLOCKS, norm_place=NORM_PLACES, residual=RESIDUALS, normalization=sorted(NORMALIZATIONS.keys() - {"batch"})
)
def test_the_jacobian_is_the_outputs_derivative(normalization, residual, norm_place, block):
    spec = NetworkSpec(
        depth=4, width=5, n_outputs=3, activation="tanh", initializer="xavier_normal", normalization=normalization,
        residual=residual, norm_place=norm_place, block=block,
    )  # fmt: skip
    parameters, h = initialize(spec, 2), 1e-5
    columns = [
        (forward(spec, parameters, INPUT + step).outputs - forward(spec, parameters, INPUT - step).outputs)[0] / (2 * h)
        for step in h * np.eye(4)
    ]
    np.testing.assert_allclose(jacobian(spec, 2, INPUT), np.stack(columns, axis=1), rtol=1e-6, atol=1e-9)


@crossed(block=BLOCKS, norm_place=NORM_PLACES)
def test_stretches_of_whole_blocks_multiply(norm_place, block):
    spec = NetworkSpec(
        depth=6, width=5, activation="tanh", normalization="batch", residual="identity", norm_place=norm_place,
        block=block,
    )  # fmt: skip
    inputs = np.random.default_rng(1).standard_normal((9, 4))
    whole = jacobian(spec, 3, inputs)
    np.testing.assert_allclose(whole, jacobian(spec, 3, inputs, 4, 6) @ jacobian(spec, 3, inputs, 1, 3), rtol=1e-11)


def test_a_stretch_within_a_block_leaves_out_what_goes_around_it():
    spec = NetworkSpec(depth=4, width=5, activation="tanh", residual="identity", block="two")
    first, second = initialize(spec, 3).weights[1:3]
    branch = jacobian(spec, 3, INPUT, 3, 3) @ jacobian(spec, 3, INPUT, 2, 2)
    np.testing.assert_allclose(jacobian(spec, 3, INPUT, 3, 3), second, rtol=1e-12)
    np.testing.assert_allclose(jacobian(spec, 3, INPUT, 2, 3), np.eye(5) + branch, rtol=1e-12)
    assert np.abs(jacobian(spec, 3, INPUT, 2, 2)).max() <= np.abs(first).max()


def test_orthogonal_linear_networks_are_isometric_and_gaussian_ones_are_not():
    linear = NetworkSpec(depth=30, width=40, activation="identity", initializer="orthogonal")
    np.testing.assert_allclose(singular_values(jacobian(linear, 1, INPUT, 2, 29)), 1, rtol=1e-12)
    gaussian = replace(linear, initializer="lecun_normal")
    values = singular_values(jacobian(gaussian, 1, INPUT, 2, 29))
    assert values[0] / values[-1] > 1e6


def test_an_overflow_has_no_singular_values():
    spec = NetworkSpec(depth=200, width=16, activation="relu", initializer="he_uniform", weight_scale=100)
    assert np.isnan(singular_values(jacobian(spec, 1, INPUT, 2, 199))).all()


@pytest.mark.parametrize(
    ("stretch", "message"),
    [((0, 3), "first must be a whole number from 1 to 3"), ((1, 11), "last must be a whole number from 1 to 10")],
)
def test_a_stretch_outside_the_network_is_named(stretch, message):
    with pytest.raises(ValueError, match=message):
        jacobian(NetworkSpec(), 1, INPUT, *stretch)
