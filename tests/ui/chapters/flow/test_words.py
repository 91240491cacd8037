import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import LAYERS, NAMES, check_words, sentences, tables
from ui.sizes import POSITIVE, SIZES

import vanish
from vanish import diagnose
from vanish.theory.luck import Luck
from vanish.ui.chapters.flow import words
from vanish.ui.kit import numbers


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data)


@given(NAMES, LAYERS.map(diagnose), LAYERS, st.floats(0.01, 0.99), st.integers(1, 256), st.booleans())
def test_a_cure_says_from_where_to_where_and_promises_only_what_he_does(
    name, before, layers, lossless, width, promised
):
    after = diagnose(layers, yardstick=lossless)
    said = words.cure(name, before, after, width, promised)
    assert f"from {numbers.number(before.ratio)} to {numbers.number(after.ratio)}" in said
    assert (f"this is one, {width} wide" in said) == promised == ("promises" in said)
    with np.errstate(all="ignore"):
        times = np.float64(after.ratio) / before.ratio
    usable = 0 < before.ratio < np.inf and 0 < times < np.inf
    assert (f"{numbers.number(times)} times as much" in said) == usable
    if np.isfinite(after.ratio):
        assert f"over that it is now {numbers.number(after.ratio / lossless)}" in said


@given(NAMES, POSITIVE, POSITIVE, st.floats(0.001, 10))
def test_small_weights_are_named_only_where_they_are_small(name, relu, tanh, strength):
    said = words.surprise(name, relu, tanh, strength)
    assert f"({numbers.number(relu)} against {numbers.number(tanh)})" in said
    assert (f"variance of a weight is {numbers.number(strength)} " in said) == (strength < 1.5)


@pytest.mark.parametrize("weight_scale", [0.5, 1.0, 2.0])
def test_torchs_range_is_that_of_the_present_weights_at_scale_1_only(weight_scale):
    said = words.same_as_torch(weight_scale)
    assert (f"multiplied by {weight_scale:g}" in said) == (weight_scale != 1)
    # On square layers: sqrt(2 / (n + n)) is torch.nn.Linear's 1 / sqrt(n), and a uniform's variance a third of that.
    assert "square layers" in said


RATIOS = st.lists(SIZES, min_size=1, max_size=30).map(np.array)


@given(RATIOS, st.integers(1, 256), st.floats(0.01, 1))
def test_scatter_is_of_the_ratios_that_are_numbers(ratios, width, lossless):
    said = words.scatter(ratios, width, lossless)
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    assert f"{len(ratios)} random networks {width} wide" in said
    assert "undefined" not in said
    if kept.size:
        assert numbers.number(lossless) in said
        check_between(said, kept)
    else:
        assert "not one is above 0 and finite" in said


def check_between(said, kept):
    """Of ten ratios and more the tenths at both ends are left out, of fewer none."""
    ordered = np.sort(kept)
    if kept.size == 1:
        assert f"the one ratio is {numbers.number(ordered[0])}" in said
        return
    last = kept.size - 1
    low, high = (round(0.1 * last), round(0.9 * last)) if kept.size >= 10 else (0, last)
    assert f"lie between {numbers.number(ordered[low])} and {numbers.number(ordered[high])}" in said
    assert ("eight in ten" in said) == ("the median" in said) == (kept.size >= 10)
    if kept.size >= 10:
        # What is called eight in ten is that.
        assert 0.74 <= (high - low + 1) / kept.size <= 0.9


@given(RATIOS)
def test_a_spread_is_of_the_ratios_that_are_numbers(ratios):
    said = words.spread(ratios)
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    assert f"Over {len(ratios)} seed" in said
    assert ("zero or undefined" in said) == bool(((ratios == 0) | np.isnan(ratios)).any())
    assert ("overflow" in said) == bool(np.isinf(ratios).any())
    if kept.size:
        check_between(said, kept)
        if kept.size < 10:
            assert ("says little" in said) == (kept.max() > 100 * kept.min())


@given(LAYERS.map(np.array), st.booleans())
def test_theory_is_quoted_as_first_over_last(expected, over_batch):
    said = words.against_theory(expected, over_batch)
    if np.isnan(expected).all():
        assert "no answer" in said
    elif len(expected) > 1:
        with np.errstate(all="ignore"):
            assert numbers.number(expected[0] / expected[-1]) in said
        assert ("batch size" in said) == over_batch


@given(tables(min_size=1), st.integers(1, 8))
def test_the_layer_with_most_idle_units_is_named(frame, batch_size):
    for line, (label, rows) in zip(words.idle(frame, batch_size), frame.groupby("activation", sort=False), strict=True):
        assert line.startswith(f"**{label}**")
        worst = rows.iloc[rows.saturated.argmax()]
        assert ("no unit is idle" in line) == (worst.saturated == 0)
        assert " 0.0 %" not in line
        if worst.saturated:
            assert f"layer {worst.layer} has the most idle units, {numbers.percent(worst.saturated)}" in line
            assert ("dead" in line) == (rows.dead.max() > 0 and batch_size > 1)


def test_one_example_cannot_tell_who_is_dead():
    # He's ReLU, 64 wide: half of the hidden units are off for one example, hardly any for all of 256.
    spec = vanish.NetworkSpec(depth=10, width=64, activation="relu", initializer="he_normal")
    weights = [layer.weights for layer in vanish.initialize(spec, 1).layers]
    shares = {}
    for batch in (1, 256):
        h, off = vanish.choices.example_inputs(4, batch), []
        for w in weights[:-1]:
            h = np.maximum(h @ w.T, 0)
            off.append((h == 0).all(axis=0).mean())
        shares[batch] = np.mean(off)
    assert shares[1] > 0.35 > 0.2 > shares[256]
    assert "only a batch" in words.idle_units(1)
    assert "for these it is **dead**" in words.idle_units(256)


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=9))
def test_a_spectrum_counts_the_directions_that_are_kept(values):
    values = np.sort(values)[::-1]
    kept = (values >= values[0] / 10).sum()
    said = words.spectrum("tanh", values)
    assert f"{kept} of {len(values)} {'is' if kept == 1 else 'are'} within a factor of 10" in said
    assert numbers.number(values[0]) in said


@pytest.mark.parametrize(("batch_size", "part"), [(2, "is rough"), (15, "is rough"), (16, None), (1, None)])
def test_batch_norm_says_what_it_needs(batch_size, part):
    said = " ".join(words.batch_norm(batch_size))
    assert part in said if part else said == ""


def test_luck_is_said_beside_the_networks_own_place():
    law = Luck({8: 9})
    middle = words.luck(law, law.quantile(0.5))
    assert "this one's is longer than in 50.0 % of them, and 3.5 % of all such networks are born dead" in middle
    low, high = (numbers.number(float(np.exp(law.quantile(share) / 2))) for share in (0.1, 0.9))
    assert f"a gradient of {low} to {high} times the last layer's length" in middle
    assert "This one is born dead, as 3.5 % are." in words.luck(law, -np.inf)
    assert "born dead" not in words.luck(Luck({64: 10}), 0.0).split(";")[1]
