import math

import numpy as np
import pytest
from torch_twins import torch_activation

from vanish.choices import ACTIVATIONS

TABLE = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
DENSE = np.linspace(-20, 20, 400_001)


@TABLE
def test_the_slope_is_the_derivative_of_the_value(activation):
    z = np.linspace(-6, 6, 1201) + 0.00317  # off the kinks
    h = 1e-5
    central = (activation(z + h)[0] - activation(z - h)[0]) / (2 * h)
    np.testing.assert_allclose(activation(z)[1], central, rtol=1e-7, atol=1e-9)


@TABLE
def test_the_largest_slope_is_reached_and_never_passed(activation):
    slopes = np.abs(activation(DENSE)[1])
    assert slopes.max() == pytest.approx(activation.largest_slope, abs=1e-7)
    assert slopes.max() <= activation.largest_slope * (1 + 1e-12)


@TABLE
def test_large_inputs_neither_overflow_nor_turn_into_nan(activation):
    # pytest turns RuntimeWarning into an error
    z = np.geomspace(1e-300, 1e4, 2000)
    for half in activation(np.concatenate([-z, [0.0, -710.0, 710.0], z])):
        assert np.isfinite(half).all()


@TABLE
def test_infinite_inputs_are_no_error(activation):
    value, slope = activation(np.array([-np.inf, np.inf]))
    assert value.shape == slope.shape == (2,)
    assert not (np.abs(slope) > activation.largest_slope).any()


@TABLE
def test_every_entry_has_its_words(activation):
    assert ACTIVATIONS[activation.name] is activation
    assert activation.label
    assert activation.latex
    assert activation.explanation.endswith(".")


@pytest.mark.parametrize("z", [40.0, 300.0, 700.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_saturated_slopes_keep_their_tail(z, sign):
    at = np.array([sign * z])
    assert ACTIVATIONS["sigmoid"](at)[1][0] == pytest.approx(np.exp(-z), rel=1e-12, abs=0)
    if 2 * z < 700:
        assert ACTIVATIONS["tanh"](at)[1][0] == pytest.approx(4 * np.exp(-2 * z), rel=1e-12, abs=0)


def test_sigmoid_keeps_the_tail_of_its_value():
    assert ACTIVATIONS["sigmoid"](np.array([-600.0]))[0][0] == pytest.approx(np.exp(-600.0), rel=1e-12, abs=0)


def test_the_leak_is_a_parameter():
    value, slope = ACTIVATIONS["leaky_relu"](np.array([-2.0, 3.0]), 0.2)
    np.testing.assert_allclose(value, [-0.4, 3.0], rtol=1e-15)
    np.testing.assert_allclose(slope, [0.2, 1.0], rtol=1e-15)


@pytest.mark.parametrize("activation", [entry for entry in ACTIVATIONS.values() if entry.shape], ids=lambda a: a.name)
def test_the_shape_parameter_reaches_the_function_and_has_a_default(activation):
    z, shape = np.linspace(-3, 3, 31), activation.shape
    low, default, high = (activation(z, s)[0] for s in (shape.low, shape.default, shape.high))
    np.testing.assert_array_equal(activation(z)[0], default)
    assert not np.array_equal(low, high)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"identity", "hard_sigmoid", "sin", "prelu"}))
def test_values_and_slopes_are_torchs(name):
    torch = pytest.importorskip("torch")
    # Further out PyTorch rounds: softplus to its input from 20 on, GELU's tail to 0.
    z = np.linspace(-18, 18, 3601)
    inputs = torch.tensor(z, requires_grad=True)
    values = torch_activation(torch, name)(inputs)
    values.sum().backward()
    ours = ACTIVATIONS[name](z)
    np.testing.assert_allclose(ours[0], values.detach(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(ours[1], inputs.grad, rtol=1e-9, atol=1e-12)


def test_gelu_is_exact():
    z = np.linspace(-37, 37, 7401)
    exact = [x * 0.5 * math.erfc(-x / math.sqrt(2)) for x in z]
    np.testing.assert_allclose(ACTIVATIONS["gelu"](z)[0], exact, rtol=1e-12)


@TABLE
def test_large_arrays_are_worked_through_in_blocks(activation):
    z = np.random.default_rng(1).standard_normal((7, 3, 1000))
    whole, rows = activation(z), [activation(row) for row in z.reshape(21, 1000)]
    for half in (0, 1):
        np.testing.assert_array_equal(whole[half].reshape(21, 1000), [row[half] for row in rows])


def test_selu_keeps_mean_zero_and_variance_one():
    # Klambauer et al. 2017: the fixed point that its two constants are chosen for.
    value, _ = ACTIVATIONS["selu"](np.random.default_rng(1).standard_normal(4_000_000))
    assert abs(value.mean()) < 2e-3
    assert value.var() == pytest.approx(1, abs=3e-3)
