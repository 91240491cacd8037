from math import erfc

import numpy as np
import pytest

from vanish.numerics.normal import normal_cdf, normal_density


def test_the_normal_distribution_is_exact_over_its_whole_range():
    z = np.linspace(-37, 9, 4601)
    exact = [0.5 * erfc(-x / 2**0.5) for x in z]
    np.testing.assert_allclose(normal_cdf(z), exact, rtol=5e-13)


def test_the_density_is_the_distributions_slope():
    z, h = np.linspace(-6, 6, 241), 1e-3
    central = (8 * (normal_cdf(z + h) - normal_cdf(z - h)) - normal_cdf(z + 2 * h) + normal_cdf(z - 2 * h)) / (12 * h)
    np.testing.assert_allclose(normal_density(z), central, rtol=1e-7, atol=1e-12)


def test_both_ends_are_reached():
    assert list(normal_cdf(np.array([-np.inf, 0.0, np.inf]))) == [0.0, pytest.approx(0.5, rel=1e-15), 1.0]
