from dataclasses import replace
from math import nan

import numpy as np
import pytest

import vanish
from vanish.ui.chapters.map import charts, data, words
from vanish.ui.kit import progress
from vanish.ui.shell.settings import Settings

SIGNAL = Settings().signal
QUIETLY = progress.Progress(lambda share: None)


def lossless(width):
    return vanish.NetworkSpec(activation="identity", initializer="orthogonal", width=width, linear_output=True, depth=2)


@pytest.mark.slow
@pytest.mark.parametrize("against", ["depth", "bias_std"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "gelu"])
@pytest.mark.parametrize("residual", ["none", "identity"])
def test_theorys_lines_stay_on_the_map(activation, residual, against):
    spec = vanish.NetworkSpec(activation=activation, width=64, initializer="he_normal", residual=residual, depth=2)
    lines, border = data.map_theory(spec, against), data.border_of(spec)
    assert np.isfinite(lines[["weight_scale", against]].to_numpy(dtype=float)).all()
    assert lines["weight_scale"].between(data.MAP_SCALES[0], data.MAP_SCALES[-1]).all()
    if residual == "identity":
        assert not len(lines)
        assert np.isnan(border)
    else:
        np.testing.assert_equal(border, vanish.theory.critical_weight_scale(spec))
        solid = lines[lines.kind == "border"]
        assert len(solid) or not border <= data.MAP_SCALES[-1]
        if against == "depth":
            assert (solid.weight_scale == border).all()


def test_cells_tile_the_map_and_overlap_a_little():
    spec = vanish.NetworkSpec(activation="tanh", depth=2)
    grid = data.Grid("depth", data.MAP_SCALES, (2, 5, 10), 1)
    cells = data.ratio_map(spec, SIGNAL, grid, QUIETLY)
    assert len(cells) == len(data.MAP_SCALES) * 3
    assert ((cells.x < cells.weight_scale) & (cells.weight_scale < cells.x2)).all()
    assert ((cells.y < cells.depth) & (cells.depth < cells.y2)).all()
    row = cells[cells.depth == 5].sort_values("x")
    assert (row.x2.to_numpy()[:-1] > row.x.to_numpy()[1:]).all()


@pytest.mark.parametrize(("middles", "first"), [((0.1, 0.7, 1.3), 0.0), ((0.5, 0.7), 0.4), ((0.0, 0.2), -0.1)])
def test_a_map_of_few_cells_has_no_place_below_0_for_what_lies_above_it(middles, first):
    assert data._edges(middles)[0] == pytest.approx(first)


def test_the_present_row_is_the_nearest_one():
    spec = vanish.NetworkSpec(activation="tanh", depth=2)
    grid = data.Grid("depth", (0.5, 1.0), (2, 5, 10), 1)
    cells = data.ratio_map(spec, SIGNAL, grid, QUIETLY)
    assert set(data.nearest_row(cells, "depth", 6)["depth"]) == {5}


@pytest.mark.parametrize(("width", "depth", "batch_size"), [(8, 10, 1), (256, 100, 256)])
def test_a_map_of_wide_networks_has_fewer_cells_and_never_none(width, depth, batch_size):
    spec = vanish.NetworkSpec(width=width, depth=depth)
    grid = data.map_grid(spec, replace(SIGNAL, batch_size=batch_size), "bias_std")
    assert grid.n_seeds >= 1
    assert (len(grid.others) < len(data.MAP_BIASES)) == (width == 256)


def test_dead_networks_and_such_that_overflow_are_counted_apart_and_do_not_move_the_median():
    cell = data.cell(np.array([0.0, 0.0, 0.1, 0.2, 0.4]), np.array([1.0, 0.0, 1.0, 1.0, 1.0]))
    assert cell == data.Ratio(ratio=0.2, dead=0.4, overflow=0.0, output_off=0.2)
    cell = data.cell(np.array([np.inf, nan, 3.0, 0.0]), np.array([1.0, np.inf, 1.0, 2.0]))
    assert cell == data.Ratio(ratio=3.0, dead=0.25, overflow=0.5, output_off=0.0)
    assert np.isnan(data.cell(np.zeros(1), np.ones(1)).ratio)


def test_a_cell_is_dead_or_overflows_from_half_of_its_networks_on():
    assert data.state(1.0, 0.4, 0.0) == "healthy"
    assert data.state(1.0, 0.6, 0.0) == data.state(nan, 0.3, 0.2) == "dead"
    assert data.state(1.0, 0.2, 0.4) == "overflow"
    assert data.state(1e-3, 0.0, 0.0) == "vanishing"
    assert data.state(1e3, 0.0, 0.4) == "exploding"


def test_a_cell_of_dead_networks_has_no_color_of_a_ratio_and_is_painted_all_the_same():
    # One output unit with ReLU is off in half of all networks.
    spec = vanish.NetworkSpec(activation="relu", depth=2, width=4)
    cells = data.ratio_map(spec, SIGNAL, data.Grid("depth", (0.5, 1.0), (2, 40), 5), QUIETLY)
    lost = cells["dead"] + cells["overflow"] >= 0.5
    assert lost.any()
    assert (cells["decades"].isna() == lost).all()
    mark = charts.heat_map("depth", "Depth", True)["layer"][0]["mark"]
    assert mark["type"] == "rect"
    assert mark["invalid"] == "show"


def test_the_color_of_cells_without_a_number_is_named_where_there_are_some():
    for gray in (True, False):
        assert (charts.LOST in str(charts.heat_map("depth", "Depth", gray))) == gray
        assert ("gray" in words.legend("tanh", 5, 1, 0.3, 0.3, False, gray)) == gray


@pytest.mark.parametrize("width", [8, 64])
def test_what_loses_nothing_is_1_on_the_map_at_any_width(width):
    cells = data.ratio_map(lossless(width), SIGNAL, data.Grid("depth", (1.0, 1.5), (10, 20), 5), QUIETLY)
    kept = cells[cells["weight_scale"] == 1.0]
    assert kept["left"].between(0.2, 5).all()
    assert set(kept["state"]) == {"healthy"}
    assert "exploding" in set(cells["state"][cells["weight_scale"] == 1.5])


def test_under_batch_norm_each_example_brings_a_gradient_of_its_own():
    # The plain sum of a linear network's outputs does not depend on its weights: 1e-16 of rounding.
    signal = replace(SIGNAL, batch_size=16, inputs="normal", magnitude="rms")
    spec = replace(lossless(8), normalization="batch")
    cells = data.ratio_map(spec, signal, data.Grid("depth", (1.0, 1.5), (10, 20), 5), QUIETLY)
    assert cells["left"].between(0.1, 1e4).all()


def test_theory_draws_only_what_it_speaks_of():
    spec = vanish.NetworkSpec(activation="relu", width=64, depth=2, initializer="he_normal")
    assert data.border(spec, "mean_abs").scale == pytest.approx(1.0)
    assert data.border(spec, "weight_norm").reason
    assert data.border(replace(spec, residual="rezero"), "mean_abs").reason
    # Layer and RMS norm of ReLU: half of sigma_w^2 over half of sigma_w^2, whatever the scale.
    for normalization in ("layer", "rms"):
        assert data.border(replace(spec, normalization=normalization), "rms").factor == pytest.approx(1.0)
    batch = replace(spec, normalization="batch")
    assert data.border(batch, "rms").factor == pytest.approx(np.pi / (np.pi - 1))
    assert all(data.map_theory(batch, against).empty for against in data.STRIDES)


@pytest.mark.slow
def test_wide_networks_leave_the_healthy_range_about_where_theory_says():
    spec = vanish.NetworkSpec(activation="tanh", width=256, linear_output=True, depth=2)
    lines = data.map_theory(spec, "depth")
    reach = lines[lines.kind == "reach"]
    scales = (1.3, 1.45)
    cells = data.ratio_map(spec, SIGNAL, data.Grid("depth", scales, tuple(range(2, 41, 2)), 3), QUIETLY)
    for scale in scales:
        measured = cells.depth[(cells.state != "healthy") & (cells.weight_scale == scale)].min()
        assert measured == pytest.approx(np.interp(scale, reach.weight_scale, reach.depth), rel=0.3)


def test_the_dotted_line_is_six_depth_scales_of_the_correlation():
    spec = vanish.NetworkSpec(depth=2, width=64, activation="tanh", initializer="lecun_normal", bias_std=0.05**0.5)
    # At sigma_w^2 = 4: xi_c = 6.980.
    assert data.trainable_depth(replace(spec, weight_scale=2.0)) == pytest.approx(6 * 6.980, rel=1e-3)
    lines = data.map_theory(spec, "depth")
    trainable = lines[lines.kind == "trainable"]
    assert trainable.depth.between(data.MAP_DEPTHS[0], data.MAP_DEPTHS[-1]).all()
    assert set(trainable.weight_scale) <= set(data.MAP_SCALES)
    for scale, depth in zip(trainable.weight_scale, trainable.depth, strict=True):
        assert depth == data.trainable_depth(replace(spec, weight_scale=scale))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"normalization": "layer"}, words.NORMALIZED),
        ({"initializer": "lsuv"}, words.MADE_FOR_INPUTS),
        # Xavier's variance is by fan-in and fan-out together.
        ({"widths": (8, 32, 16), "initializer": "xavier_normal"}, words.UNLIKE_LAYERS),
    ],
)
def test_no_dotted_line_where_theory_does_not_follow_two_inputs_and_it_is_said(changes, reason):
    spec = vanish.NetworkSpec(activation="tanh", **changes)
    assert np.isnan(data.trainable_depth(spec))
    assert data.why_no_depth(spec) == reason
    assert not (data.map_theory(spec, "depth")["kind"] == "trainable").any()


def test_unequal_widths_have_the_depth_scale_of_equal_ones_where_weights_go_by_fan_in():
    equal = vanish.NetworkSpec(depth=4, width=64, activation="tanh", initializer="lecun_normal", bias_std=0.3)
    unequal = replace(equal, depth=4, width=64, widths=(16, 64, 32))
    for scale in (0.8, 1.5):
        spec = replace(unequal, weight_scale=scale)
        assert data.why_no_depth(spec) == ""
        assert data.trainable_depth(spec) == pytest.approx(data.trainable_depth(replace(equal, weight_scale=scale)))


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "initializer", "depth"), [("tanh", "lecun_normal", 30), ("sin", "siren", 12)])
def test_against_biases_the_dotted_line_is_where_six_depth_scales_are_the_present_depth(activation, initializer, depth):
    spec = vanish.NetworkSpec(depth=depth, width=64, activation=activation, initializer=initializer)
    lines = data.map_theory(spec, "bias_std")
    dotted = lines[lines["kind"] == "trainable"]
    assert dotted["piece"].nunique() == 2
    for scale, std in zip(dotted["weight_scale"], dotted["bias_std"], strict=True):
        depth = data.trainable_depth(replace(spec, weight_scale=scale, bias_std=std))
        assert depth == pytest.approx(spec.depth, rel=0.1)


def test_theory_is_asked_once_for_networks_that_differ_in_what_does_not_concern_it(monkeypatch):
    spec = vanish.NetworkSpec(activation="tanh", width=13, weight_scale=1.3, bias_std=0.21, depth=7)
    border, deep = data.border_of(spec), data.trainable_depth(spec)
    asked = []
    for name in ("critical_weight_scale", "hidden_correlation"):
        monkeypatch.setattr(data, name, asked.append)
    assert data.border_of(replace(spec, depth=70, weight_scale=2.0)) == border
    assert data.trainable_depth(replace(spec, depth=70)) == deep
    assert data.why_no_depth(replace(spec, depth=70)) == ""
    assert not asked
