import numpy as np
import pytest

from vanish import NetworkSpec, forward, initialize, layer_activity
from vanish.choices import INPUTS, example_inputs
from vanish.theory import signal_propagation


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_are_scaled_and_then_shifted(name):
    plain, moved = example_inputs(5, 6, name), example_inputs(5, 6, name, scale=3, shift=-2)
    np.testing.assert_allclose(moved, 3 * plain - 2, rtol=1e-15)
    np.testing.assert_array_equal(example_inputs(5, 6, name, scale=1, shift=0), plain)


@pytest.mark.parametrize(
    ("argument", "allowed"), [("scale", "a number from 0 to 1e\\+06"), ("shift", "a number from -1e\\+06 to 1e\\+06")]
)
@pytest.mark.parametrize("value", [float("nan"), -1e7, 1e7, "x", None])
def test_what_is_no_scale_or_shift_is_refused(argument, allowed, value):
    with pytest.raises(ValueError, match=f"{argument} must be {allowed}, got"):
        example_inputs(4, **{argument: value})


@pytest.mark.parametrize(("scale", "shift"), [(0.1, 0.0), (1.0, 3.0), (20.0, 0.0)])
def test_theory_starts_from_the_inputs_own_mean_square(scale, shift):
    # q0 = sigma_w^2 (scale^2 + shift^2) for inputs of variance 1 and mean 0 (Poole et al. 2016).
    spec = NetworkSpec(depth=3, width=512, n_inputs=512, n_outputs=512, activation="tanh", initializer="lecun_normal")
    inputs = example_inputs(512, 2, "signs", scale=scale, shift=shift)
    expected = signal_propagation(spec, inputs)
    assert expected.variance[0] == pytest.approx(scale**2 + shift**2, rel=0.03 if shift else 1e-9)
    passed = forward(spec, initialize(spec, 1), inputs)
    measured = [np.square(layer.activated).mean() for layer in passed.layers]
    np.testing.assert_allclose(measured, expected.variance, rtol=0.12)


def test_inputs_that_nobody_standardised_saturate_the_first_layer():
    spec = NetworkSpec(width=64, n_inputs=64, activation="tanh", initializer="xavier_uniform")
    shares = [layer_activity(spec, 1, example_inputs(64, 16, "pixels", scale=scale)).saturated[0] for scale in (1, 255)]
    assert shares[0] < 0.01
    assert shares[1] > 0.9
