from math import inf, isfinite, log10, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.ui.chapters.fixes import effects

RATIOS = st.floats(min_value=0) | st.just(nan)
ORDINARY = st.floats(1e-100, 1e100)


@pytest.mark.parametrize(
    ("before", "after", "kind", "said"),
    [
        (1e-9, 1e-4, "better", "from 10⁻⁹: 100,000 times better"),
        (1e-4, 1e-9, "worse", "from 10⁻⁴: 100,000 times worse"),
        (1e-3, 1e5, "worse", "from 0.001: past 1, 100 times worse"),
        (1e5, 1e-3, "better", "from 100,000: past 1, 100 times better"),
        (0.5, 0.5, "same", "from 0.5: makes no difference"),
        (0.5, 0.6, "same", "from 0.5: makes little difference"),
        # From vanishing to exploding is a difference, however alike the distances are.
        (3.7e-5, 2.5e4, "across", "from 3.7 × 10⁻⁵: past 1, about as far off"),
        (0.1, 10.0, "across", "from 0.1: past 1, about as far off"),
        (0.9, 1.1, "same", "from 0.9: makes little difference"),
        (0.0, 2.38e-23, "better", "from 0: no longer exactly zero"),
        (nan, 0.3, "better", "from undefined: a usable gradient now"),
        (inf, 0.3, "better", "from infinity: a usable gradient now"),
        (0.3, 0.0, "worse", "from 0.3: worse, no usable gradient is left"),
        (0.3, nan, "worse", "from 0.3: worse, no usable gradient is left"),
        (0.0, 0.0, "same", "from 0: makes no difference"),
        (0.0, inf, "same", "from 0: no usable gradient, before or after"),
        (1e-320, 1e-3, "better", "from 10⁻³²⁰: 10³¹⁷ times better"),
    ],
)
def test_better_is_nearer_to_one_from_either_side(before, after, kind, said):
    assert effects.effect(before, after) == kind
    assert effects.effect_words(before, after) == said


@given(RATIOS, RATIOS)
def test_what_one_direction_gains_the_other_loses(before, after):
    assert effects.gain(before, after) == -effects.gain(after, before)
    opposite = {"better": "worse", "worse": "better", "same": "same", "across": "across"}
    assert effects.effect(after, before) == opposite[effects.effect(before, after)]
    assert effects.effect_words(before, after)


@given(ORDINARY, ORDINARY)
def test_only_networks_that_are_alike_are_called_the_same(before, after):
    distances = abs(log10(before)), abs(log10(after))
    kind = effects.effect(before, after)
    if kind == "same":
        # Both within 1.5-fold of each other in distance, and on one side of 1 or next to it.
        assert distances[0] - distances[1] == pytest.approx(0, abs=log10(1.5) + 1e-9)
        assert (before < 1) == (after < 1) or min(distances) < log10(1.5)
    elif kind == "across":
        assert (before < 1) != (after < 1)
    else:
        assert (kind == "better") == (distances[1] < distances[0])
    assert isfinite(effects.gain(before, after))
