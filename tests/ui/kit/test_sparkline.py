from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.ui.kit import sparkline

SIZES = st.lists(st.floats().map(abs), min_size=1, max_size=30).map(np.array)


@given(SIZES)
def test_whatever_a_gradient_is_its_picture_stays_within_its_frame(sizes):
    drawn = ElementTree.fromstring(sparkline.svg({"a": sizes}, {"a": "#000"}))
    (line,) = [one for one in drawn if one.tag.endswith("polyline")]
    points = np.array([[float(n) for n in point.split(",")] for point in line.get("points").split()])
    assert points.shape == (len(sizes), 2)
    assert (points >= 0).all()
    assert (points <= [sparkline.WIDTH, sparkline.HEIGHT]).all()


def heights(*exponents):
    """Where a line is at its ends, whatever its first size."""
    drawn = sparkline.svg({"a": 10.0 ** np.array(exponents)}, {"a": "#000"})
    return [float(point.split(",")[1]) for point in drawn.split('points="')[1].split('"')[0].split()]


@pytest.mark.parametrize("lost", [2, 4, 16])
def test_a_line_goes_down_to_the_left_as_many_powers_of_ten_as_are_lost(lost):
    first, middle, last = heights(-lost, -lost / 2, 0)
    assert first > middle > last
    assert middle == pytest.approx((first + last) / 2, abs=0.1)
    # From some on all are at the lower edge, as nothing is.
    assert (first == sparkline.HEIGHT - sparkline.EDGE) == (lost >= sparkline.BELOW)
    assert heights(-300, 0)[0] == heights(-20, 0)[0] == sparkline.HEIGHT - sparkline.EDGE


def test_a_line_that_ends_healthy_ends_in_the_band():
    for exponent, inside in ((-1.9, True), (-2.1, False), (1.9, True), (2.1, False)):
        drawn = sparkline.svg({"a": np.array([10.0**exponent, 1.0])}, {"a": "#000"})
        top, height = (float(drawn.split(f'{name}="')[1].split('"')[0]) for name in (" y", "height"))
        assert (top <= heights(exponent, 0)[0] <= top + height) == inside
