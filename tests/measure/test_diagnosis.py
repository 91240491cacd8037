import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, diagnose, gradient_flow

POSITIVE = st.lists(st.floats(1e-100, 1e100), min_size=2, max_size=20)


@given(POSITIVE)
def test_the_verdict_is_first_over_last(sizes):
    found = diagnose(sizes)
    assert found.ratio == sizes[0] / sizes[-1]
    expected = "vanishing" if found.ratio < 1e-2 else "exploding" if found.ratio > 1e2 else "healthy"
    assert found.verdict == expected
    assert found.factor_per_layer ** (len(sizes) - 1) == pytest.approx(found.ratio, rel=1e-9)


@given(POSITIVE, st.integers(-60, 60))
def test_the_unit_of_the_gradient_does_not_matter(sizes, power):
    assert diagnose(np.array(sizes) * 2.0**power) == diagnose(sizes)


@given(POSITIVE, st.data(), st.sampled_from([0.0, math.inf, math.nan]))
def test_what_cannot_learn_is_found_where_the_gradient_meets_it_first(sizes, data, trouble):
    layers = data.draw(st.lists(st.integers(1, len(sizes)), min_size=1, max_size=3))
    for layer in layers:
        sizes[layer - 1] = trouble
    found = diagnose(sizes)
    assert found.verdict == ("dead" if trouble == 0 else "overflow")
    assert found.layer == max(layers)


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (np.nextafter(1e-2, 0), "vanishing"),
        (1e-2, "healthy"),
        (1e2, "healthy"),
        (np.nextafter(1e2, 1e3), "exploding"),
    ],
)
def test_two_decades_either_way_are_still_healthy(ratio, verdict):
    assert diagnose([ratio, 7.0, 1.0]).verdict == verdict


def test_an_overflow_is_worse_than_a_dead_layer():
    found = diagnose([1.0, math.nan, 1.0, 0.0, 1.0])
    assert (found.verdict, found.layer) == ("overflow", 2)


@pytest.mark.parametrize(
    ("spec", "verdict", "layer"),
    [
        (NetworkSpec(activation="sigmoid"), "vanishing", None),
        (NetworkSpec(activation="tanh", initializer="he_uniform"), "healthy", None),
        (NetworkSpec(activation="leaky_relu", initializer="he_uniform", weight_scale=5), "exploding", None),
        (NetworkSpec(activation="relu", weight_scale=0), "dead", 10),
        (NetworkSpec(activation="relu", weight_scale=0, linear_output=True), "dead", 9),
    ],
)
def test_networks_get_the_verdict_they_are_known_for(spec, verdict, layer):
    found = diagnose(gradient_flow(spec).mean_abs)
    assert (found.verdict, found.layer) == (verdict, layer)


def test_one_layer_has_nothing_to_lose():
    found = diagnose([0.3])
    assert (found.verdict, found.ratio, found.factor_per_layer) == ("healthy", 1.0, 1.0)


@pytest.mark.parametrize("sizes", [[], [[1.0, 2.0]], [1.0, -1.0], 3.0])
def test_what_is_no_list_of_sizes_is_refused(sizes):
    with pytest.raises(ValueError, match="one non-negative number per layer"):
        diagnose(sizes)
