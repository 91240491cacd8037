from math import pi, sqrt

import numpy as np
import pytest

from vanish.choices import ACTIVATIONS
from vanish.theory.gaussian import gaussian_moments

EVERY_ACTIVATION = pytest.mark.parametrize("activation", ACTIVATIONS)


@pytest.mark.parametrize("variance", [1e-30, 1e-9, 0.3, 1.0, 40.0, 1e6])
def test_moments_are_the_closed_forms(variance):
    def check(name, shape, *expected):
        moments = gaussian_moments(name, variance, shape)
        np.testing.assert_allclose([getattr(moments, key) for key in vars(moments)], expected, rtol=1e-12)

    half, deviation = variance / 2, sqrt(variance)
    check("relu", None, deviation / sqrt(2 * pi), half, 0.5, 0.5)
    check("leaky_relu", 0.2, 0.8 * deviation / sqrt(2 * pi), half * 1.04, 0.6, 0.52)
    # GELU, by parts: E[z Phi(z)] = q / sqrt(2 pi (1 + q))
    assert gaussian_moments("gelu", variance).mean == pytest.approx(variance / sqrt(2 * pi * (1 + variance)), rel=1e-10)
    identity = gaussian_moments("identity", variance)
    assert identity.mean_square == pytest.approx(variance, rel=1e-12)
    assert abs(identity.mean) < 1e-15 * deviation
    assert gaussian_moments("sigmoid", variance).mean == pytest.approx(0.5, rel=1e-12)
    assert gaussian_moments("identity", variance, mean=3.0).mean_square == pytest.approx(9 + variance, rel=1e-12)


def _by_brute_force(activation, variance):
    """The same moments by twelve times as many panels, those of the fixed scales and of the relative ones apart."""
    deviation = sqrt(variance)
    turns = {"gelu": 0.7517915246935645, "silu": 1.2784645427610738, "mish": 1.1924312055418186}
    points = [abs(k) for k in ACTIVATIONS[activation].kinks] + [turns.get(activation, 0.0)]
    edges = np.unique(np.concatenate([deviation * np.linspace(0, 10, 81), np.geomspace(1e-3, 1e5, 160), points]))
    edges = edges[edges <= 10 * deviation]
    nodes, weights = np.polynomial.legendre.leggauss(24)
    half = np.diff(edges)[:, None] / 2
    z = (edges[:-1, None] + half * (1 + nodes)).ravel()
    weights = (half * weights).ravel() * np.exp(-0.5 * np.square(z / deviation)) / (deviation * sqrt(2 * pi))
    value, slope = (np.stack(x) for x in zip(*(ACTIVATIONS[activation](side) for side in (z, -z)), strict=True))
    return [(np.square(value) @ weights).sum(), (np.abs(slope) @ weights).sum(), (np.square(slope) @ weights).sum()]


@pytest.mark.parametrize("activation", [name for name, entry in ACTIVATIONS.items() if entry.period is None])
def test_moments_are_accurate_from_tiny_variances_to_huge_ones(activation):
    variances = 10.0 ** np.arange(-30, 7, 2)
    moments = gaussian_moments(activation, variances)
    expected = np.array([_by_brute_force(activation, variance) for variance in variances]).T
    found = [moments.mean_square, moments.mean_abs_slope, moments.mean_square_slope]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@EVERY_ACTIVATION
def test_moments_at_the_ends(activation):
    moments = gaussian_moments(activation, [0.0, np.inf, np.nan, -1.0, 1.0])
    value, slope = ACTIVATIONS[activation](np.zeros(1))
    assert moments.mean[0] == pytest.approx(value[0], abs=1e-15)
    assert moments.mean_square[0] == pytest.approx(value[0] ** 2, abs=1e-15)
    assert moments.mean_abs_slope[0] == pytest.approx(slope[0], abs=1e-15)
    assert np.isnan(moments.mean_square[1:4]).all()
    assert moments.mean_square[4] == pytest.approx(gaussian_moments(activation, 1.0).mean_square, rel=1e-14)


def test_an_unknown_activation_is_named():
    with pytest.raises(ValueError, match="activation must be one of sigmoid, tanh"):
        gaussian_moments("step", 1)


def test_moments_of_a_wave_are_the_closed_forms():
    variances, omega = 10.0 ** np.arange(-30, 7, 2), 30.0
    moments = gaussian_moments("sin", variances)
    left = np.exp(-2 * omega**2 * variances)
    np.testing.assert_allclose(moments.mean_square, -np.expm1(-2 * omega**2 * variances) / 2, rtol=1e-10)
    np.testing.assert_allclose(moments.mean_square_slope, omega**2 * (1 + left) / 2, rtol=1e-10)
    assert moments.mean_abs_slope[-1] == pytest.approx(omega * 2 / pi, rel=1e-10)
    shifted = gaussian_moments("sin", 1e-3, mean=7.0)
    assert shifted.mean == pytest.approx(np.sin(7 * omega) * np.exp(-(omega**2) * 1e-3 / 2), rel=1e-9)
