import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vanish import histogram

ANYTHING = arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0), elements=st.floats(width=64))
BINS = st.integers(1, 60)


@settings(max_examples=50)
@given(ANYTHING, BINS)
def test_every_value_is_counted_once(values, bins):
    seen = histogram(values, bins)
    finite = values[np.isfinite(values)]
    assert seen.n == values.size
    assert seen.non_finite == values.size - finite.size
    assert seen.zeros == (finite == 0).sum()
    assert seen.counts.shape == (bins,)
    assert seen.counts.sum() + seen.zeros + seen.non_finite == seen.n
    assert seen.edges.shape == (bins + 1,)
    assert (np.diff(seen.edges) > 0).all()
    np.testing.assert_allclose(seen.edges[::-1], -seen.edges, rtol=1e-12, atol=1e-15 * seen.edges[-1])


@given(ANYTHING, BINS, st.tuples(st.floats(-100, 100), st.floats(0.1, 100)))
def test_the_edges_decide_and_the_outermost_bins_hold_what_lies_beyond(values, bins, place):
    limits = (place[0], place[0] + place[1])
    seen = histogram(values, bins, limits)
    assert (seen.edges[0], seen.edges[-1]) == pytest.approx(limits)
    counted = values[np.isfinite(values) & (values != 0)]
    for number, count in enumerate(seen.counts):
        low = seen.edges[number] if number else -np.inf
        high = seen.edges[number + 1] if number < bins - 1 else np.inf
        assert count == ((counted >= low) & ((counted < high) | (high == np.inf))).sum()


@given(st.integers(-300, 300), st.integers(100, 400))
def test_one_odd_value_does_not_push_the_others_into_one_bin(decade, n):
    values = np.random.default_rng(n).standard_normal(n) * 10.0**decade
    odd = np.append(values, 1e305)
    most = np.abs(values).max()
    assert histogram(values).edges[-1] <= most * 1.0001
    assert histogram(odd).edges[-1] <= 3 * most
    assert np.count_nonzero(histogram(odd).counts) > 10


def test_numpy_agrees_between_the_limits():
    values = np.random.default_rng(1).uniform(-2, 2, 10_000)
    counts, edges = np.histogram(values, 40, (-2, 2))
    seen = histogram(values, 40, (-2, 2))
    np.testing.assert_array_equal(seen.counts, counts)
    np.testing.assert_array_equal(seen.edges, edges)


@pytest.mark.parametrize(
    "limits", [(1, 1), (2, 1), (1.0, np.nextafter(1.0, 2)), (0, 1e309), (0, 1e-310), (0,), (-1, 0, 1), "ab", 3]
)
def test_limits_without_room_are_refused(limits):
    with pytest.raises(ValueError, match=r"^limits must be .*, got "):
        histogram([1.0, 2.0], 40, limits)
