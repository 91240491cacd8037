import numpy as np
import pytest

from vanish.ui.chapters.flow import data
from vanish.ui.kit import drawing, measured
from vanish.ui.kit.frames import beyond_scale
from vanish.ui.shell.settings import Settings


@pytest.mark.parametrize("depth", [10, 100])
def test_no_layer_of_a_deep_sigmoid_network_is_flattened_to_zero_unless_it_is_said(depth):
    settings = Settings(depth=depth, activations=("sigmoid",))
    profiles = measured.profiles(settings.specs, settings.signal)
    drawn = data.frames(profiles, profiles, "log", None, None, False)
    chart, pipes, table = (one.frame for one in (drawn.chart[drawing.DATA], drawn.pipes[drawing.DATA], drawn.table))
    assert (chart.value > chart.floor).all()
    assert (table.sigmoid > 0).all()
    order = table.sigmoid.argsort()
    beyond = beyond_scale(table.sigmoid.to_numpy())
    assert (np.diff(pipes.bore[order])[len(beyond) :] > 0).all()
    assert (pipes.bore == 0).sum() == len(beyond)
    assert all(("beyond the scale" in note) == bool(beyond) for note in drawn.pipes[drawing.ROWS]["note"])
    assert bool(beyond) == (depth == 100)
    assert table.sigmoid[0] < 1e-8
