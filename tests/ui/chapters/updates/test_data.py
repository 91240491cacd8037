import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from ui.sizes import POSITIVE, networks

from vanish import kata
from vanish.ui.chapters.updates import data
from vanish.ui.kit import measured


@given(st.integers(1, 100), st.floats(0.001, 1))
def test_ideal_updates_are_the_katas(depth, rate):
    table = data.updates_table(data.ideal_gradients(depth), rate)
    expected = kata.update_comparison(depth, rate)
    assert list(table.columns) == list(expected.columns)
    np.testing.assert_allclose(table, expected, rtol=1e-14)


@given(networks(POSITIVE), st.floats(0.001, 1))
def test_an_update_is_learning_rate_times_gradient(sizes, rate):
    profiles = measured.Profiles(sizes)
    table = data.updates_table(profiles, rate)
    assert list(table.layer) == sorted(table.layer, reverse=True)
    for name, values in sizes.items():
        np.testing.assert_array_equal(table[f"{name}_gradient"][::-1], values)
        np.testing.assert_array_equal(table[f"{name}_update"][::-1], rate * values)
    np.testing.assert_array_equal(
        data.updates_frame(profiles, rate)["size"], np.concatenate(list(sizes.values())) * rate
    )
