import numpy as np
import pytest

from vanish.numerics.arrays import evenly


@pytest.mark.parametrize(("count", "most"), [(1, 5), (5, 5), (7, 3), (1000, 12)])
def test_some_of_many_are_evenly_spaced_with_both_ends(count, most):
    places = evenly(count, most)
    assert len(places) == min(count, most)
    assert (places[0], places[-1]) == (0, count - 1)
    assert np.ptp(np.diff(places)) <= 1 if len(places) > 2 else True


def test_of_none_there_is_none():
    assert evenly(0, 5).tolist() == []
