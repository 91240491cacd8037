import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import LAYERS, NAMES, check_words, sentences, tables
from ui.sizes import POSITIVE, SIZES

from vanish.numerics.arrays import quantiles
from vanish.ui.chapters.flow import words
from vanish.ui.kit import numbers


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data)


@given(NAMES, POSITIVE, POSITIVE, st.integers(1, 256), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_cure_says_from_where_to_where_and_what_he_promises(name, before, after, width, weight_scale):
    said = words.cure(name, before, after, width, weight_scale)
    assert f"from {numbers.number(before)} to {numbers.number(after)}" in said
    assert (f"one network, {width} wide" in said) == (weight_scale == 1)
    assert (f"here it is {weight_scale:g}." in said) == (weight_scale != 1)


@given(NAMES, POSITIVE, POSITIVE, st.floats(0.001, 10))
def test_a_surprise_says_which_numbers_surprise(name, relu, tanh, strength):
    said = words.surprise(name, relu, tanh, strength)
    assert f"({numbers.number(relu)} against {numbers.number(tanh)})" in said
    assert f"variance of a weight is {numbers.number(strength)} " in said


@given(st.integers(5, 200), st.integers(1, 256), POSITIVE, POSITIVE)
def test_scatter_says_between_what(n_seeds, width, low, high):
    said = words.scatter(n_seeds, width, low, high)
    assert f"over {n_seeds} random networks {width} wide" in said
    assert f"between {numbers.number(low)} and {numbers.number(high)}" in said


@given(st.lists(SIZES, min_size=1, max_size=30).map(np.array), st.integers(0, 100))
def test_a_spread_is_of_the_ratios_that_are_numbers(ratios, more):
    said = words.spread(ratios, len(ratios) + more)
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    assert f"Over {len(ratios)} seeds" in said
    assert ("take their time" in said) == (more > 0)
    assert ("zero or undefined" in said) == bool(((ratios == 0) | np.isnan(ratios)).any())
    assert ("overflow" in said) == bool(np.isinf(ratios).any())
    if kept.size:
        low, middle, high = quantiles(kept)
        assert f"between {numbers.number(low)} and {numbers.number(high)}" in said
        assert f"median is {numbers.number(middle)}" in said
        assert ("says little" in said) == (high > 100 * low)


@given(LAYERS.map(np.array), st.integers(1, 256))
def test_theory_is_quoted_as_first_over_last(expected, width):
    said = words.against_theory(expected, width)
    if np.isnan(expected).all():
        assert "no answer" in said
    elif len(expected) > 1:
        with np.errstate(all="ignore"):
            assert numbers.number(expected[0] / expected[-1]) in said
        assert ("narrow networks" in said) == (width < 64)


@given(tables(min_size=1))
def test_the_layer_with_most_saturated_units_is_named(frame):
    for line, (label, rows) in zip(words.idle(frame), frame.groupby("activation", sort=False), strict=True):
        assert line.startswith(f"**{label}**")
        worst = rows.iloc[rows.saturated.argmax()]
        assert ("no unit is saturated" in line) == (worst.saturated == 0)
        if worst.saturated:
            assert f"layer {worst.layer} has the most saturated units, {worst.saturated:.0%}" in line


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=9))
def test_a_spectrum_counts_the_directions_that_are_kept(values):
    values = np.sort(values)[::-1]
    said = words.spectrum("tanh", values)
    assert f"{(values >= values[0] / 10).sum()} of {len(values)} are within a factor of 10" in said
    assert numbers.number(values[0]) in said


@pytest.mark.parametrize(("batch_size", "part"), [(1, "always gives 0"), (15, "is rough"), (16, None)])
def test_batch_norm_says_what_it_needs(batch_size, part):
    said = " ".join(words.batch_norm(batch_size))
    assert part in said if part else said == ""
