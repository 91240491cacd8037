import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences
from ui.sizes import SIZES

from vanish import diagnose
from vanish.ui.chapters.map import words


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data)


@given(st.lists(SIZES, min_size=1, max_size=12), SIZES)
def test_a_row_of_the_map_says_which_weight_scales_are_healthy(ratios, border):
    scales = [0.1 * (n + 1) for n in range(len(ratios))]
    said = " ".join(words.map_reading(scales, ratios, "depth 10", border))
    healthy = [s for s, r in zip(scales, ratios, strict=True) if diagnose([r, 1.0]).verdict == "healthy"]
    assert ("no weight scale on the map" in said) == (not healthy)
    assert all(f"{end:.2f}" in said for end in healthy[:1] + healthy[-1:])
    assert ("no border here" in said) == (not math.isfinite(border))
