import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import DEPTHS, SLOPES, check_words, sentences

from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.ui.chapters.why import words
from vanish.ui.kit import numbers


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data)


@given(st.dictionaries(st.sampled_from(["sigmoid", "tanh", "relu"]), SLOPES, min_size=1), DEPTHS)
def test_decay_is_multiplied_out(slopes, depth):
    said = words.decay_reading(slopes, depth)
    for name, slope in slopes.items():
        power = str(depth).translate(numbers.SUPERSCRIPTS)
        assert f"**{ACTIVATIONS[name].label}** {slope:g}{power} = {numbers.number(slope**depth)}" in said
        assert f"{ACTIVATIONS[name].label} multiplies by {slope:g}" in words.decay_alt(slopes)
    assert (f"one factor less, {depth - 1}." in said) == (depth > 1)
    moral = said.lower().rpartition("set: ")[2]
    for condition, holds in (
        ("slope below 1", any(slope < 1 for slope in slopes.values())),
        ("slope above 1", any(slope > 1 for slope in slopes.values())),
        ("exactly 1 keeps", any(slope == 1 for slope in slopes.values())),
    ):
        assert (condition in moral) == holds
    smallest = min(slopes.values())
    shown = min(depth, 20)
    assert f"= {numbers.number(smallest**depth)}." in words.multiplication(slopes, depth, shown)
    for said in (words.multiplication(slopes, depth, shown), words.telephone(slopes, shown, depth)):
        assert (f"the first {shown}" in said) == (depth > 20)


@given(st.dictionaries(st.sampled_from(["sigmoid", "tanh", "relu"]), SLOPES, min_size=1), DEPTHS)
def test_the_headline_is_of_the_slope_that_changes_most(slopes, depth):
    said = words.finding(slopes, depth)
    left = {name: slope**depth for name, slope in slopes.items()}
    assert f" {depth} layer{'' if depth == 1 else 's'} of " in said
    if set(slopes.values()) == {1.0}:
        assert "all of it arrives" in said
        return
    furthest = max(left, key=lambda name: abs(math.log(slopes[name])) if slopes[name] else math.inf)
    assert f"[{numbers.number(left[furthest])}]" in said
    assert ("orange" in said) == (slopes[furthest] < 1)
    assert ACTIVATIONS[furthest].label in said


def test_the_chapter_begins_with_the_telephone_game_and_needs_no_calculus():
    slopes = {"sigmoid": 0.25, "tanh": 0.65, "relu": 1.0}
    first = f"{words.finding(slopes, 10)} {words.whisper('sigmoid', 0.25)}"
    assert "each a quarter of what they hear: one part in 1.05 million arrives" in first
    assert "a quarter of what it hears, the most that it can" in first
    assert not re.search(r"derivative|dL|slope|∂", first)
    # A quarter is the most for sigmoids alone.
    assert "the most" not in words.whisper("tanh", 0.25) + words.whisper("sigmoid", 0.3)


@given(st.floats(0.02, 0.98))
def test_a_typical_tanh_slope_is_the_mean_over_normal_pre_activations(slope):
    std = float(re.search(r"deviation of about ([\d.,e-]+)\.", words.typical_tanh_reading(slope))[1].replace(",", ""))
    z = np.linspace(-12, 12, 200_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    slopes = 1 - np.tanh(std * z) ** 2
    # The deviation is said with two digits.
    assert np.sum(slopes * density) * (z[1] - z[0]) == pytest.approx(slope, abs=0.03)


def test_clipping_is_no_remedy_for_vanishing():
    said = words.take_aways(kata.REMEDIES)
    assert words.CLIPPING in kata.REMEDIES
    before, after = said.split("past the product: ")[1].split(f"**{words.CLIPPING}**")
    assert all(f"**{remedy}**" in before for remedy in kata.REMEDIES if remedy != words.CLIPPING)
    assert "opposite problem" in after
