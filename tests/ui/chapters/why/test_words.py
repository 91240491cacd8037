import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import DEPTHS, SLOPES, check_words, sentences

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
        assert f"**{name}** {slope:g}{power} = {numbers.number(slope**depth)}" in said
        assert f"{name} multiplies by {slope:g}" in words.decay_alt(slopes)
    moral = said.lower().rpartition("set: ")[2]
    for condition, holds in (
        ("slope below 1", any(slope < 1 for slope in slopes.values())),
        ("slope above 1", any(slope > 1 for slope in slopes.values())),
        ("exactly 1 keeps", any(slope == 1 for slope in slopes.values())),
    ):
        assert (condition in moral) == holds
    smallest = min(slopes.values())
    assert words.multiplication(slopes, depth).endswith(f"= {numbers.number(smallest**depth)}.")


@given(st.floats(0.01, 0.99))
def test_a_typical_tanh_slope_is_explained_by_where_it_is_found(slope):
    z = float(re.search(r"\|z\| = ([\d.e-]+)", words.typical_tanh_reading(slope))[1])
    assert 1 - math.tanh(z) ** 2 == pytest.approx(slope, abs=0.06)
