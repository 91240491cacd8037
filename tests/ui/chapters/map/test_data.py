from dataclasses import replace

import numpy as np
import pytest

import vanish
from vanish.ui.chapters.map import data
from vanish.ui.kit import progress
from vanish.ui.shell.settings import Settings

SIGNAL = Settings().signal


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
    cells = data.ratio_map(spec, SIGNAL, grid, progress.Progress(lambda share: None))
    assert len(cells) == len(data.MAP_SCALES) * 3
    assert ((cells.left < cells.weight_scale) & (cells.weight_scale < cells.right)).all()
    assert ((cells.bottom < cells.depth) & (cells.depth < cells.top)).all()
    row = cells[cells.depth == 5].sort_values("left")
    assert (row.right.to_numpy()[:-1] > row.left.to_numpy()[1:]).all()


def test_the_present_row_is_the_nearest_one():
    spec = vanish.NetworkSpec(activation="tanh", depth=2)
    grid = data.Grid("depth", (0.5, 1.0), (2, 5, 10), 1)
    cells = data.ratio_map(spec, SIGNAL, grid, progress.Progress(lambda share: None))
    assert set(data.nearest_row(cells, "depth", 6)["depth"]) == {5}


@pytest.mark.parametrize(("width", "depth", "batch_size"), [(8, 10, 1), (256, 100, 256)])
def test_a_map_of_wide_networks_has_fewer_cells_and_never_none(width, depth, batch_size):
    spec = vanish.NetworkSpec(width=width, depth=depth)
    grid = data.map_grid(spec, replace(SIGNAL, batch_size=batch_size), "bias_std")
    assert grid.n_seeds >= 1
    assert (len(grid.others) < len(data.MAP_BIASES)) == (width == 256)
