import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import vanish
from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.numerics.lcg import ensemble_seeds
from vanish.ui.chapters.flow import data
from vanish.ui.chapters.updates import data as updates_data
from vanish.ui.chapters.why import data as why_data
from vanish.ui.kit import drawing, measured
from vanish.ui.kit import frames as kit_frames
from vanish.ui.shell.settings import Settings

SIZES = st.floats(0, 1e300) | st.sampled_from([0.0, math.inf, math.nan])
POSITIVE = st.floats(1e-300, 1e300)


def networks(sizes):
    """One to four networks of one depth."""
    return st.integers(1, 12).flatmap(
        lambda n: st.dictionaries(st.sampled_from(list(ACTIVATIONS)), arrays(float, n, elements=sizes), min_size=1)
    )


@given(networks(SIZES), st.sampled_from(["log", "linear"]))
def test_the_bars_keep_every_size_and_draw_those_that_have_a_place(sizes, scale):
    frame = kit_frames.per_layer_frame(sizes, scale)
    depth = len(next(iter(sizes.values())))
    assert list(frame.columns) == ["layer", "activation", "size", "value", "floor"]
    assert list(frame.layer) == list(range(1, depth + 1)) * len(sizes)
    assert list(frame.activation) == [ACTIVATIONS[name].label for name in sizes for _ in range(depth)]
    np.testing.assert_array_equal(frame["size"], np.concatenate(list(sizes.values())))
    drawn = np.isfinite(frame["size"]) & ((frame["size"] > 0) | (scale == "linear"))
    np.testing.assert_array_equal(frame.value, frame["size"].where(drawn))


@given(st.lists(POSITIVE, min_size=1), st.lists(st.sampled_from([0.0, math.inf, math.nan])))
def test_bars_start_visibly_below_the_smallest_size(positive, others):
    floor = kit_frames.floor(np.array(positive + others))
    assert floor > 0
    # Between a third and a thirtieth of a decade of bar is left for the smallest one.
    assert 0.29 < np.log10(min(positive)) - np.log10(floor) < 1.31


def test_bars_start_somewhere_even_when_nothing_can_be_drawn():
    assert kit_frames.floor(np.array([0.0, math.nan, math.inf])) > 0


@given(networks(SIZES))
def test_a_pipes_bore_follows_its_size(sizes):
    frame = kit_frames.pipes_frame(sizes, [f"{name}, in words" for name in sizes])
    assert set(frame.columns) == {"layer", "row", "name", "size", "bore", "note"}
    assert (frame["note"] == frame["name"] + ", in words").all()
    assert frame.bore.between(0, 1).all()
    assert list(frame.groupby("row").name.unique().explode()) == list(sizes)
    ordered = frame.dropna().sort_values("size")
    assert ordered.bore.is_monotonic_increasing
    assert (ordered.bore[ordered["size"] > 0] > 0).all()
    assert (ordered.bore[ordered["size"] == 0] == 0).all()


@pytest.mark.parametrize("depth", [10, 100])
def test_no_layer_of_a_deep_sigmoid_network_is_flattened_to_zero(depth):
    settings = Settings(depth=depth, activations=("sigmoid",))
    frames = data.flow_frames(measured.flow(settings.specs, settings.signal), "log", None, None, False)
    chart, pipes, table = frames.chart[drawing.DATA], frames.pipes, frames.table
    assert (chart.value > chart.floor).all()
    assert (table.sigmoid > 0).all()
    order = table.sigmoid.argsort()
    assert (np.diff(pipes.bore[order]) > 0).all()
    assert pipes.bore.min() > 0
    assert table.sigmoid[0] < 1e-8


@given(
    st.fixed_dictionaries(
        {
            "depth": st.integers(1, 12),
            "width": st.integers(1, 12),
            "activations": st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=1, unique=True).map(tuple),
            "seed": st.integers(0, 2**53 - 1),
            "batch_size": st.integers(1, 4),
            "magnitude": st.sampled_from(list(vanish.measure.magnitudes.MAGNITUDES)),
        }
    )
)
def test_the_page_shows_what_the_engine_computes(values):
    settings = Settings(**values)
    flow = measured.flow(settings.specs, settings.signal)
    expected = vanish.gradient_flow(
        settings.specs, settings.seed, batch_size=settings.batch_size, magnitudes=[settings.magnitude]
    )
    for name, rows in expected.groupby("activation"):
        np.testing.assert_array_equal(flow.sizes[name], rows[settings.magnitude])
        np.testing.assert_equal(vars(flow.diagnoses[name]), vars(vanish.diagnose(rows[settings.magnitude])))


@given(st.integers(1, 100), st.floats(0.001, 1))
def test_ideal_updates_are_the_katas(depth, rate):
    table = updates_data.updates_table(updates_data.ideal_gradients(depth), rate)
    expected = kata.update_comparison(depth, rate)
    assert list(table.columns) == list(expected.columns)
    np.testing.assert_allclose(table, expected, rtol=1e-14)


@given(networks(POSITIVE), st.floats(0.001, 1))
def test_an_update_is_learning_rate_times_gradient(sizes, rate):
    flow = measured.Flow(sizes, {name: vanish.diagnose(values) for name, values in sizes.items()})
    table = updates_data.updates_table(flow, rate)
    assert list(table.layer) == sorted(table.layer, reverse=True)
    for name, values in sizes.items():
        np.testing.assert_array_equal(table[f"{name}_gradient"][::-1], values)
        np.testing.assert_array_equal(table[f"{name}_update"][::-1], rate * values)
    np.testing.assert_array_equal(
        updates_data.updates_frame(flow, rate)["size"], np.concatenate(list(sizes.values())) * rate
    )


def test_curves_are_the_activations_and_their_slopes():
    value, slope = why_data.curves(tuple(ACTIVATIONS))
    for name, entry in ACTIVATIONS.items():
        expected = entry(np.linspace(-6, 6, 121))
        for frame, numbers in zip((value, slope), expected, strict=True):
            assert list(frame.columns) == ["z", "activation", "value"]
            np.testing.assert_array_equal(frame.value[frame.activation == ACTIVATIONS[name].label], numbers)


@given(st.dictionaries(st.text(min_size=1), st.floats(0, 1.5), min_size=1, max_size=3), st.integers(1, 20))
def test_what_is_left_is_a_power_of_the_slope(slopes, steps):
    frame = why_data.remaining(tuple(slopes), slopes.values(), steps)
    assert list(frame.columns) == ["name", "steps", "value"]
    expected = [slope**n for slope in slopes.values() for n in range(1, steps + 1)]
    np.testing.assert_allclose(frame.value, expected, rtol=1e-12)


def test_the_first_of_many_seeds_is_the_one_that_is_shown():
    settings = Settings(activations=("leaky_relu",), initializer="he_uniform")
    (spec,) = settings.specs
    ratios = measured.ratios_over_seeds(spec, settings.signal)
    assert ratios[0] == measured.flow(settings.specs, settings.signal).diagnoses["leaky_relu"].ratio
    assert len(ratios) == measured.SPREAD_SEEDS
    assert len(set(ratios)) == len(ratios)


def test_a_wide_network_gets_fewer_seeds_and_always_its_own():
    narrow, wide = (vanish.NetworkSpec(width=width, depth=50) for width in (8, 256))
    assert measured.affordable_seeds(narrow, 42, 100, 1) == ensemble_seeds(42, 100)
    few = measured.affordable_seeds(wide, 42, 100, 256)
    assert 1 <= len(few) < 100
    assert few == ensemble_seeds(42, len(few))


@given(networks(POSITIVE))
def test_floors_are_drawn_within_what_is_drawn_only(sizes):
    drawn = kit_frames.per_layer_frame(sizes, "log")
    floors = kit_frames.floors_frame(drawn)
    every = {entry.label: entry.smallest_subnormal for entry in vanish.choices.NUMBER_FORMATS.values()}
    within = {name: floor for name, floor in every.items() if drawn.value.min() <= floor <= drawn.value.max()}
    assert dict(zip(floors.format, floors.value, strict=True)) == within
