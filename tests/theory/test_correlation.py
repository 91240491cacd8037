from dataclasses import replace
from math import acos, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vanish import NetworkSpec
from vanish.theory import correlation_fixed_point, expected_similarity
from vanish.theory.correlation import TRAINABLE_SCALES, _shared

HE = NetworkSpec(depth=51, width=256, activation="relu", initializer="he_normal")


# c* and xi_c of tanh networks, biases of variance 0.05.
@pytest.mark.parametrize(
    ("sigma_w2", "correlation", "depth_scale"), [(1, 1, 3.627), (2.5, 0.446804, 11.80), (4, 0.165065, 6.980)]
)
def test_tanh_networks_fixed_points(sigma_w2, correlation, depth_scale):
    point = correlation_fixed_point("tanh", sigma_w2, 0.05)
    assert point.correlation == pytest.approx(correlation, abs=1e-6)
    assert point.correlation_depth_scale == pytest.approx(depth_scale, rel=5e-4)
    assert point.trainable_depth == TRAINABLE_SCALES * point.correlation_depth_scale


def test_lengths_settle_faster_than_correlations():
    for sigma_w2 in (1, 1.3, 2.5, 4):
        point = correlation_fixed_point("tanh", sigma_w2, 0.05)
        assert point.variance_depth_scale < point.correlation_depth_scale


@pytest.mark.parametrize("start", [-1.0, -0.4, 0.0, 1 - 1e-6])
def test_relus_map_is_the_arc_cosine_kernel(start):
    cosine, expected = start, []
    for _ in range(50):
        cosine = (sqrt(1 - cosine**2) + (pi - acos(cosine)) * cosine) / pi
        expected.append(cosine)
    # The reference itself loses digits next to 1.
    np.testing.assert_allclose(expected_similarity(HE, 2.0, start)[:50], expected, rtol=1e-9)


def test_the_edge_is_a_result():
    linear = correlation_fixed_point("tanh", 1.0)
    assert np.isnan(linear.correlation)
    assert linear.variance_depth_scale == linear.correlation_depth_scale == np.inf
    he = correlation_fixed_point("relu", 2.0)
    assert (he.correlation, he.correlation_depth_scale) == (1, np.inf)
    assert np.isnan(correlation_fixed_point("relu", 0.0).correlation)


def test_odd_activations_without_biases_forget_in_chaos():
    assert correlation_fixed_point("tanh", 2.0).correlation == pytest.approx(0, abs=1e-12)


@given(
    activation=st.sampled_from(["tanh", "sigmoid", "relu", "gelu"]),
    sigma_w2=st.floats(0.3, 6),
    sigma_b2=st.floats(0.01, 1),
)
@settings(max_examples=15)
def test_from_the_fixed_point_no_layer_leads_away(activation, sigma_w2, sigma_b2):
    point = correlation_fixed_point(activation, sigma_w2, sigma_b2)
    assert point.correlation_slope <= 1 + 1e-9
    if not 0 < point.variance < np.inf:
        return
    spec = NetworkSpec(
        depth=3, width=2, n_inputs=2, activation=activation, initializer="normal", weight_std=sqrt(sigma_w2 / 2)
    )
    spec = replace(spec, bias_std=sqrt(sigma_b2), n_outputs=2)
    # Inputs whose pre-activations are at the fixed point: so are those of every layer, and outputs do not change.
    square = (point.variance - sigma_b2) / sigma_w2
    cosine = (point.correlation * point.variance - sigma_b2) / (sigma_w2 * square)
    alike = expected_similarity(spec, sqrt(square), float(np.clip(cosine, -1, 1)))
    np.testing.assert_allclose(alike, cosine, atol=1e-6)


def test_theory_is_silent_where_it_does_not_hold():
    for changes in ({"normalization": "batch"}, {"residual": "identity"}, {"initializer": "lsuv"}):
        assert np.isnan(expected_similarity(replace(HE, depth=4, **changes))).all()
    assert np.isnan(expected_similarity(replace(HE, depth=2))[-1])


@pytest.mark.parametrize(("variance", "distance"), [(4e-4, 0.3), (2e-3, 1.0), (1e-3, 1.7), (1e-3, 1e-9)])
def test_a_sine_meets_two_inputs_as_random_draws_do(variance, distance):
    # By a plain sum over both inputs' common and own parts, fine enough for waves of this length.
    unlike, slopes = _shared("sin", variance, distance, None)
    omega, nodes = 30.0, np.linspace(-8, 8, 801)
    weights = np.exp(-(nodes**2) / 2)
    weights /= weights.sum()
    c = 1 - distance
    z, other = sqrt(variance) * nodes[:, None], sqrt(variance) * (c * nodes[:, None] + sqrt(1 - c * c) * nodes)
    both = weights[:, None] * weights
    half_squared = (np.square(np.sin(omega * z) - np.sin(omega * other)) * both).sum() / 2
    assert unlike == pytest.approx(half_squared, rel=1e-6)
    assert slopes == pytest.approx(omega**2 * (np.cos(omega * z) * np.cos(omega * other) * both).sum(), rel=1e-6)
