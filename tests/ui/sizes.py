"""Strategies of the sizes of gradients."""

import math

from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vanish.choices.activations import ACTIVATIONS

SIZES = st.floats(0, 1e300) | st.sampled_from([0.0, 5e-324, math.inf, math.nan])
POSITIVE = st.floats(1e-300, 1e300)


def networks(sizes):
    """One to four networks of one depth."""
    return st.integers(1, 12).flatmap(
        lambda n: st.dictionaries(st.sampled_from(list(ACTIVATIONS)), arrays(float, n, elements=sizes), min_size=1)
    )
