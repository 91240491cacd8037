import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sizes import POSITIVE, SIZES, networks

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit import frames
from vanish.ui.kit.columns import DATA, ROWS


@given(networks(SIZES), st.sampled_from(["log", "linear"]))
def test_the_bars_keep_every_size_and_draw_those_that_have_a_place(sizes, scale):
    frame = frames.per_layer_frame(sizes, scale).frame
    depth = len(next(iter(sizes.values())))
    assert list(frame.columns) == ["layer", "activation", "size", "value", "floor"]
    assert list(frame.layer) == list(range(1, depth + 1)) * len(sizes)
    assert list(frame.activation) == [ACTIVATIONS[name].label for name in sizes for _ in range(depth)]
    np.testing.assert_array_equal(frame["size"], np.concatenate(list(sizes.values())))
    drawn = np.isfinite(frame["size"]) & (frame["size"].between(1e-320, 1e308) | (scale == "linear"))
    np.testing.assert_array_equal(frame.value, frame["size"].where(drawn))


@given(st.lists(POSITIVE | st.floats(0, 1e-318) | st.floats(1e307), min_size=1))
def test_what_is_drawn_lies_between_powers_of_ten_that_are_numbers(sizes):
    # Vega ends a log axis there; at 0 or infinity it draws one flat line.
    drawn = frames.drawable(np.array(sizes), "log")
    for place in np.log10(drawn[~np.isnan(drawn)]):
        assert 0 < 10.0 ** math.floor(place) <= 10.0 ** math.ceil(place) < math.inf


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
    drawn = frames.per_layer_frame(sizes, "log").frame
    floors = frames.floors_frame(drawn["value"].to_numpy()).frame
    every = {entry.label: entry.smallest_subnormal for entry in vanish.choices.NUMBER_FORMATS.values()}
    within = {name: floor for name, floor in every.items() if drawn.value.min() <= floor <= drawn.value.max()}
    assert dict(zip(floors.format, floors.value, strict=True)) == within


@given(networks(SIZES), st.floats(0.01, 1))
def test_a_pipes_bore_follows_its_share_of_the_last_layer(sizes, yardstick):
    drawn = frames.pipes_frames(sizes, [f"{name}, in words" for name in sizes], yardstick=yardstick)
    frame, of_rows = drawn[DATA].frame, drawn[ROWS].frame
    assert set(frame.columns) == {"layer", "row", "name", "size", "share", "bore"}
    assert list(of_rows.note) == [f"{name}, in words" for name in sizes]
    frame = frame.merge(of_rows, on="row")
    assert len(frame) == sum(map(len, sizes.values()))
    assert frame.bore.between(0, 1).all()
    assert list(frame.groupby("row").name.unique().explode()) == list(sizes)
    for name, rows in frame.groupby("name"):
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(rows.share, np.float64(sizes[name]) / sizes[name][-1])
    ordered = frame.dropna().sort_values("share")
    assert ordered.bore.is_monotonic_increasing
    assert (ordered.bore[ordered.share == 0] == 0).all()
    # Between the two lines layer 1 is healthy.
    healthy = (frame.share / yardstick).between(0.01 * 1.0001, 100 / 1.0001)
    assert frame.bore[healthy].between(frame.low[healthy], frame.high[healthy]).all()


def test_pipes_have_one_scale_whatever_is_on_screen():
    def at_first(*ratios):
        drawn = frames.pipes_frames({str(n): np.array([ratio, 1.0]) for n, ratio in enumerate(ratios)}, ratios)
        frame = drawn[DATA].frame
        return list(frame.bore[frame.layer == 1])

    # Sigmoid at depth 5 and at depth 100 used to be drawn alike.
    assert at_first(2.3e-4) > at_first(1.3e-37) > at_first(1.3e-87) == [0]
    # A healthy ReLU's pipe used to be thinner than a vanishing tanh's.
    assert at_first(0.0756) > at_first(6.6e-4)
    assert at_first(0.0756, 1e-40) == at_first(0.0756) + at_first(1e-40)
    assert at_first(1.0) == [frames.FULL_BORE] < at_first(1e3) < at_first(1e38)
    assert frames.beyond_scale(np.array([1e-50, 0.0, 1e-40, 1e39, np.inf, 1.0])) == (1, 4)


@given(st.lists(SIZES, min_size=1, max_size=9).map(np.array))
def test_an_axis_grows_in_steps_and_holds_all(sizes):
    low, high = frames.axis_ends(sizes)
    assert low <= 1e-10
    assert high >= 1
    assert low < 1e-300 or math.log10(low) % 10 == pytest.approx(0, abs=1e-9)
    drawn = sizes[(sizes > 1e-300) & np.isfinite(sizes)]
    if drawn.size:
        assert low < drawn.min()
        assert high >= drawn.max() * (1 - 1e-9)


def test_an_axis_does_not_jump_while_a_slider_moves():
    ends = {frames.axis_ends(np.array([smallest, 1.0])) for smallest in np.logspace(-9.6, 0, 50)}
    assert ends == {(1e-10, 1.0)}


@given(networks(st.floats(1e-8, 1e8)), st.floats(0.05, 1))
def test_the_band_is_where_layer_1_of_every_network_is_healthy(sizes, yardstick):
    diagnoses = {name: vanish.diagnose(row, yardstick=yardstick) for name, row in sizes.items()}
    (band,) = frames.health_frame(diagnoses, sizes).frame.to_dict("records")
    lasts = [row[-1] * yardstick for row in sizes.values()]
    for first in np.logspace(math.log10(band["bottom"]) + 0.01, math.log10(band["top"]) - 0.01, 37):
        within = [0.01 <= first / last <= 100 for last in lasts]
        close = any(abs(abs(math.log10(first / last)) - 2) < 1e-9 for last in lasts)
        assert close or (band["low"] <= first <= band["high"]) == all(within)
