import math

import numpy as np
import pytest

from vanish.numerics.gamma import digamma, log_gamma, trigamma

EULER = 0.57721566490153286


def test_closed_forms():
    assert digamma(1) == pytest.approx(-EULER, rel=1e-13)
    assert digamma(0.5) == pytest.approx(-EULER - 2 * math.log(2), rel=1e-13)
    assert trigamma(1) == pytest.approx(math.pi**2 / 6, rel=1e-13)
    assert trigamma(0.5) == pytest.approx(math.pi**2 / 2, rel=1e-13)
    x = np.array([0.5, 1, 2.5, 7, 100, 4000.5])
    np.testing.assert_allclose(log_gamma(x).real, [math.lgamma(one) for one in x], rtol=1e-13, atol=1e-13)


def test_the_recurrences_hold_off_the_real_line_too():
    z = np.array([0.5 + 3j, 2 + 40j, 30 - 1j])
    np.testing.assert_allclose(np.exp(log_gamma(z + 1) - log_gamma(z)), z, rtol=1e-12)
    # Reflection: |gamma(1/2 + it)|^2 = pi / cosh(pi t).
    t = np.linspace(0.1, 8, 9)
    np.testing.assert_allclose(np.exp(2 * log_gamma(0.5 + 1j * t).real), np.pi / np.cosh(np.pi * t), rtol=1e-12)
