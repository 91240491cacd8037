from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec
from vanish.choices import ACTIVATIONS, INITIALIZERS
from vanish.theory import critical_weight_scale, fixed_point
from vanish.theory.fixed_points import batch_norm_chi, chi_map
from vanish.theory.mean_field import variance_map

EVERY_ACTIVATION = pytest.mark.parametrize("activation", ACTIVATIONS)


def test_he_keeps_relus_squared_gradient_constant():
    point = fixed_point("relu", 2)
    assert point.chi == pytest.approx(1, abs=1e-12)
    assert point.variance == 1
    assert point.depth_scale == np.inf


@pytest.mark.parametrize(
    ("activation", "sigma_w2", "variance", "chi"),
    [
        ("relu", 1, 0, "0.500000"),
        ("leaky_relu", 1 / 3, 0, "0.166683"),
        ("sigmoid", 1, 0.264687, "0.055721"),
        ("sigmoid", 1 / 3, 0.085034, "0.020008"),
        ("tanh", 1, 0, "1.000000"),
        ("tanh", 2, 0.617965, "1.105529"),
    ],
)
def test_fixed_points_are_the_published_ones(activation, sigma_w2, variance, chi):
    point = fixed_point(activation, sigma_w2)
    assert point.variance == pytest.approx(variance, abs=5e-7)
    assert f"{point.chi:.6f}" == chi
    assert point.depth_scale == pytest.approx(np.inf if chi == "1.000000" else 1 / abs(np.log(float(chi))), rel=1e-4)


def test_batch_norm_makes_relus_gradient_explode_by_pi_over_pi_minus_1():
    assert batch_norm_chi("relu") == pytest.approx(pi / (pi - 1), rel=1e-12)
    assert batch_norm_chi("identity") == pytest.approx(1, rel=1e-12)


@EVERY_ACTIVATION
def test_no_activation_stops_batch_norm_from_exploding(activation):
    # E[phi'^2] >= Var(phi): the Gaussian Poincaré inequality, equal for straight lines only.
    assert batch_norm_chi(activation) >= 1 - 1e-12


def test_selu_keeps_variance_1_under_lecuns_initialisation():
    assert fixed_point("selu", 1).variance == pytest.approx(1, rel=1e-12)


@pytest.mark.slow
@given(st.sampled_from(sorted(ACTIVATIONS)), st.floats(0.01, 30), st.floats(0, 3))
def test_iterating_the_map_leads_to_the_fixed_point(activation, sigma_w2, sigma_b2):
    q = previous = np.float64(1.0)
    for _ in range(200):
        previous, q = q, variance_map(activation, q, sigma_w2, sigma_b2)
        if q == previous:  # and so for ever
            break
    star = fixed_point(activation, sigma_w2, sigma_b2).variance
    if abs(q - previous) <= 1e-13 * q:
        assert star == pytest.approx(q, rel=1e-9)
    else:  # still on its way, always in one direction
        assert previous < q <= star or previous > q >= star


def test_a_map_of_chi_is_what_its_points_are():
    w, b = np.meshgrid([0.5, 1.0, 2.0, 9.0], [0.0, 0.1])
    table = chi_map("tanh", w, b)
    assert table.shape == w.shape
    points = [fixed_point("tanh", *pair).chi for pair in zip(w.ravel(), b.ravel(), strict=True)]
    np.testing.assert_allclose(table.ravel(), points, rtol=1e-9)


@pytest.mark.parametrize(
    ("activation", "initializer", "scale"),
    [
        ("relu", "he_normal", 1),
        ("relu", "kata", sqrt(6)),
        ("tanh", "lecun_normal", 1),
        ("tanh", "torch_default", None),
        ("identity", "orthogonal", 1),
        ("leaky_relu", "kata", sqrt(3 / 0.50005)),
    ],
)
def test_at_the_critical_scale_chi_is_1(activation, initializer, scale):
    spec = NetworkSpec(width=64, activation=activation, initializer=initializer)
    found = critical_weight_scale(spec)
    if scale is not None:
        assert found == pytest.approx(scale, rel=2e-6)
    entry = INITIALIZERS[initializer]
    sigma_w2 = 64 * entry.weight_variance(64, 64) * found**2
    assert fixed_point(activation, sigma_w2, entry.bias_variance(64)).chi == pytest.approx(1, abs=1e-6)


def test_there_is_no_critical_scale_where_the_scale_does_not_matter():
    assert np.isnan(critical_weight_scale(NetworkSpec(residual="identity")))
    assert np.isnan(critical_weight_scale(NetworkSpec(initializer="zeros")))
    for normalization in ("batch", "layer", "rms"):
        assert np.isnan(critical_weight_scale(NetworkSpec(normalization=normalization)))


# Errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fixed_point("step", 1), "activation must be one of sigmoid, tanh"),
        (lambda: fixed_point("tanh", -1), "sigma_w2 must be a number from 0"),
        (lambda: fixed_point("tanh", 1, -1), "sigma_b2 must be a number from 0"),
        (lambda: chi_map("tanh", [1, -1]), "must not be negative"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
