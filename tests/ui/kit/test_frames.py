import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from ui.sizes import POSITIVE, SIZES, networks

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit import frames


@given(networks(SIZES), st.sampled_from(["log", "linear"]))
def test_the_bars_keep_every_size_and_draw_those_that_have_a_place(sizes, scale):
    frame = frames.per_layer_frame(sizes, scale)
    depth = len(next(iter(sizes.values())))
    assert list(frame.columns) == ["layer", "activation", "size", "value", "floor"]
    assert list(frame.layer) == list(range(1, depth + 1)) * len(sizes)
    assert list(frame.activation) == [ACTIVATIONS[name].label for name in sizes for _ in range(depth)]
    np.testing.assert_array_equal(frame["size"], np.concatenate(list(sizes.values())))
    drawn = np.isfinite(frame["size"]) & ((frame["size"] > 0) | (scale == "linear"))
    np.testing.assert_array_equal(frame.value, frame["size"].where(drawn))


@given(st.lists(POSITIVE, min_size=1), st.lists(st.sampled_from([0.0, math.inf, math.nan])))
def test_bars_start_visibly_below_the_smallest_size(positive, others):
    floor = frames.floor(np.array(positive + others))
    assert floor > 0
    # Between a third and a thirtieth of a decade of bar is left for the smallest one.
    assert 0.29 < np.log10(min(positive)) - np.log10(floor) < 1.31


def test_bars_start_somewhere_even_when_nothing_can_be_drawn():
    assert frames.floor(np.array([0.0, math.nan, math.inf])) > 0


@given(networks(POSITIVE))
def test_floors_are_drawn_within_what_is_drawn_only(sizes):
    drawn = frames.per_layer_frame(sizes, "log")
    floors = frames.floors_frame(drawn)
    every = {entry.label: entry.smallest_subnormal for entry in vanish.choices.NUMBER_FORMATS.values()}
    within = {name: floor for name, floor in every.items() if drawn.value.min() <= floor <= drawn.value.max()}
    assert dict(zip(floors.format, floors.value, strict=True)) == within


@given(networks(SIZES))
def test_a_pipes_bore_follows_its_size(sizes):
    frame = frames.pipes_frame(sizes, [f"{name}, in words" for name in sizes])
    assert set(frame.columns) == {"layer", "row", "name", "size", "bore", "note"}
    assert (frame["note"] == frame["name"] + ", in words").all()
    assert frame.bore.between(0, 1).all()
    assert list(frame.groupby("row").name.unique().explode()) == list(sizes)
    ordered = frame.dropna().sort_values("size")
    assert ordered.bore.is_monotonic_increasing
    assert (ordered.bore[ordered["size"] > 0] > 0).all()
    assert (ordered.bore[ordered["size"] == 0] == 0).all()
