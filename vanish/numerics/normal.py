"""The normal distribution in NumPy alone."""

from math import pi, sqrt

import numpy as np

from vanish.numerics.arrays import Array

# erfc(x) exp(x^2) / t as a polynomial in 2 t - 1, with t = 3 / (3 + x), constant term first: interpolated in 40
# digits at the 22 Chebyshev points, good to 1e-14 for all x >= 0 (the form is Numerical Recipes', 3rd ed., 6.2.2).
_SERIES = (
    0.3580023023627799,
    0.2944648177232944,
    0.19674278570137047,
    0.10348908730022251,
    0.03984258709563093,
    0.008942411540157038,
    -0.0004041388735281984,
    -0.001011353979653304,
    -0.00018276991665351326,
    9.225911748086809e-05,
    3.5853931230290156e-05,
    -1.0131961854203563e-05,
    -5.823870436897067e-06,
    1.5809024846152639e-06,
    9.225926033647226e-07,
    -3.2899595979407735e-07,
    -1.3722452858870137e-07,
    7.321488451829213e-08,
    1.6639550520380793e-08,
    -1.3529981324591117e-08,
    -1.1800589059448242e-09,
    1.410965418710444e-09,
)


def normal_cdf(z: Array) -> Array:
    """Share of a standard normal below ``z``, any shape; the lower tail keeps its relative accuracy."""
    x = np.abs(z) * sqrt(0.5)
    t = 3.0 / (3.0 + x)
    place = 2.0 * t - 1.0
    series = np.full_like(place, _SERIES[-1])
    for coefficient in reversed(_SERIES[:-1]):
        series *= place
        series += coefficient
    tail = 0.5 * t * np.exp(-x * x) * series
    upper = z > 0
    return upper + (1.0 - 2.0 * upper) * tail


def normal_density(z: Array) -> Array:
    """Density of a standard normal at ``z``, any shape."""
    return np.exp(-0.5 * z * z) / sqrt(2 * pi)
