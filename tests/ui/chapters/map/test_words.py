import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences

from vanish.ui.chapters.map import words

STATES = ("vanishing", "healthy", "exploding", "dead", "overflow")
SCALES = [0.1, 0.4, 0.7, 1.0]
ROW = st.lists(st.sampled_from(STATES), min_size=len(SCALES), max_size=len(SCALES))
SHARES = st.sampled_from([0.0, 0.2, 0.4, 1.0])
OWN = {
    "scales": st.just(SCALES),
    "states": ROW,
    "lost": st.lists(SHARES, min_size=len(SCALES), max_size=len(SCALES)),
    "dead": SHARES,
    "at_depth": st.none() | st.integers(1, 100),
    "overflow": SHARES,
    "reason": st.sampled_from(["", words.RESIDUAL, words.OF_WEIGHTS]),
}


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data, **OWN)


@given(ROW)
def test_the_finding_names_the_healthy_weight_scales_of_the_row(states):
    said = words.finding("tanh", SCALES, states, "depth 10")
    healthy = [scale for scale, state in zip(SCALES, states, strict=True) if state == "healthy"]
    assert ("no weight scale" in said) == (not healthy)
    assert ("every weight scale" in said) == (len(healthy) == len(SCALES))
    if 0 < len(healthy) < len(SCALES):
        assert f"{healthy[0]:.2f}" in said
        assert f"{healthy[-1]:.2f}" in said
        between = [state for scale, state in zip(SCALES, states, strict=True) if healthy[0] <= scale <= healthy[-1]]
        assert ("with gaps" in said) == (set(between) != {"healthy"})


@given(ROW, OWN["lost"])
def test_a_row_is_told_state_by_state_and_with_what_it_has_lost(states, lost):
    said = words.row_reading(SCALES, states, lost, "depth 10")
    for state in STATES:
        assert (state in said.split("Up to")[0]) == (state in states)
    stretches = [scale for n, scale in enumerate(SCALES) if not n or states[n] != states[n - 1]]
    assert said.count(";") == len(stretches) - 1
    assert all(f"{scale:.2f}" in said for scale in stretches)
    partly = [share for share in lost if 0 < share < 1]
    assert ("Up to" in said) == bool(partly)


@given(st.floats(0.01, 100), st.sampled_from([math.nan, 1.0, 1 + 1e-12, 0.5, 1.47]))
def test_theory_never_says_that_no_scale_keeps_what_every_scale_keeps(scale, factor):
    everywhere = words.border(math.nan, factor, "")
    assert ("every weight scale keeps" in everywhere) == (abs(factor - 1) < 1e-9)
    assert ("no weight scale" in everywhere) == math.isnan(factor)
    assert "border at a weight scale of" in words.border(scale, math.nan, "")


def test_how_deep_networks_were_trained_is_said_where_theory_knows():
    for at_depth in (None, 12):
        for drawn in (True, False):
            assert words.trainable(math.nan, 1.0, at_depth, drawn) is None
            without, within = (words.trainable(depth, 2.0, at_depth, drawn) for depth in (math.inf, 41.88))
            assert "ξ_c is infinite" in without
            assert "about 41.9 layers (6 ξ_c, " in within
            assert ("dotted" in without) == ("dotted" in within) == drawn
    assert "the present depth, 12" in words.trainable(41.88, 2.0, 12, True)
