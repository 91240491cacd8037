import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.numerics.robust_line import LARGEST_EXACT, _kendall_below, theil_sen

FACTORS = (0.055721, 0.5, 1.0, 1.466942)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("points", "factor"), list(zip([5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 45, 60], FACTORS * 3, strict=True))
)
def test_the_interval_holds_the_truth_in_95_of_100_runs(points, factor):
    generator = np.random.default_rng([points, FACTORS.index(factor), 1950])
    x = np.arange(1.0, points + 1)
    y = np.log(factor) * x + generator.standard_normal((4000, points))
    fits = [theil_sen(x, row) for row in y]
    assert 0.935 <= np.mean([fit.low <= np.log(factor) <= fit.high for fit in fits]) <= 0.965
    assert np.median([fit.value for fit in fits]) == pytest.approx(np.log(factor), abs=0.2 / points)


@given(st.integers(5, 40), st.floats(-5, 5), st.floats(-100, 100))
def test_a_line_without_scatter_is_known_exactly(points, slope, height):
    x = np.arange(1.0, points + 1)
    fit = theil_sen(x, slope * x + height)
    assert [fit.low, fit.value, fit.high] == pytest.approx([slope] * 3, abs=1e-12)


@given(st.lists(st.floats(-50, 50), min_size=5, max_size=30), st.floats(-3, 3), st.floats(-20, 20))
def test_a_tilt_moves_the_whole_interval_with_it(heights, tilt, lift):
    x, y = np.arange(float(len(heights))), np.array(heights)
    plain, tilted = theil_sen(x, y), theil_sen(x, y + tilt * x + lift)
    assert plain.low <= plain.value <= plain.high
    expected = [plain.low + tilt, plain.value + tilt, plain.high + tilt]
    assert [tilted.low, tilted.value, tilted.high] == pytest.approx(expected, abs=1e-9)


def test_a_quarter_of_odd_points_moves_the_slope_little():
    x = np.arange(20.0)
    y = 0.5 * x
    y[[3, 8, 12, 17, 19]] += 1e6
    assert theil_sen(x, y).value == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("points", [2, 3, 4])
def test_below_five_points_there_is_no_95_percent(points):
    fit = theil_sen(np.arange(float(points)), np.arange(float(points)) ** 2)
    assert (fit.low, fit.high) == (-np.inf, np.inf)


def test_kendalls_distribution_is_that_of_all_orders():
    # Of the 120 orders of 5 things 1, 4, 9, 15, ... have 0, 1, 2, 3, ... pairs the wrong way round (OEIS A008302).
    np.testing.assert_allclose(np.diff(_kendall_below(5), prepend=0) * 120, [1, 4, 9, 15, 20, 22, 20, 15, 9, 4, 1])


def test_the_normal_approximation_takes_over_smoothly(monkeypatch):
    exact = _kendall_below(LARGEST_EXACT)
    monkeypatch.setattr("vanish.numerics.robust_line.LARGEST_EXACT", LARGEST_EXACT - 1)
    approximate = _kendall_below(LARGEST_EXACT)
    np.testing.assert_allclose(approximate, exact[: len(approximate)], atol=1e-3)
