import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import LAYERS, check_words, sentences, value

from vanish import diagnose
from vanish.ui.chapters.updates import words
from vanish.ui.kit import numbers


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data)


@given(st.floats(2e-6, 1e6))
def test_layer_1_has_caught_up_after_so_many_steps_and_not_before(ratio):
    steps = value(words.steps_to_match(ratio))
    share = Fraction(ratio)
    assert steps == int(steps)
    assert int(steps) * share >= 1 - Fraction(1, 10**11)
    assert (int(steps) - 1) * share < 1


@pytest.mark.parametrize(
    ("ratio", "steps"), [(0.0, "never"), (math.nan, "undefined"), (0.25**9, "262,144"), (0.1, "10")]
)
def test_steps_to_match(ratio, steps):
    assert words.steps_to_match(ratio) == steps


@given(LAYERS, st.floats(0.001, 1))
def test_updates_are_read_off_in_numbers(sizes, rate):
    diagnosis, first, last = diagnose(sizes), rate * sizes[0], rate * sizes[-1]
    line = words.updates_reading("Tanh", first, last, diagnosis)
    assert numbers.number(last) in line
    if len(sizes) > 1:
        assert numbers.number(first) in line
        assert ("never catches up" in line) == (diagnosis.ratio == 0)
        assert ("no less than" in line) == (diagnosis.ratio >= 1)
