from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.chapters.why import charts, data
from vanish.ui.kit import drawing


def test_curves_are_the_activations_and_their_slopes():
    value, slope = (half.frame for half in data.curves(tuple(ACTIVATIONS)))
    for name, entry in ACTIVATIONS.items():
        for half, frame in enumerate((value, slope)):
            assert list(frame.columns) == ["z", "activation", "value"]
            own = frame[frame.activation == ACTIVATIONS[name].label]
            assert (own.z.min(), own.z.max()) == (-6, 6)
            assert np.diff(own.z).max() < (entry.period or 1) / 8
            np.testing.assert_array_equal(own.value, entry(own.z)[half])


@given(st.dictionaries(st.text(min_size=1), st.floats(0, 1.5), min_size=1, max_size=3), st.integers(1, 20))
def test_what_is_left_is_a_power_of_the_slope(slopes, steps):
    frame = data.remaining(tuple(slopes), slopes.values(), steps).frame
    assert list(frame.columns) == ["steps", "name", "value"]
    expected = [slope**n for slope in slopes.values() for n in range(1, steps + 1)]
    np.testing.assert_allclose(frame.value, expected, rtol=1e-12)


@given(st.floats(0, 1.5), st.integers(1, 120))
def test_what_is_dragged_is_computed_in_the_browser_as_numpy_does(share, people):
    row, start = data.row(share, people, charts.MOST_IN_ROW)
    assert start.frame.to_dict("list") == {"share": [share], "people": [min(people, charts.MOST_IN_ROW)]}
    spec = charts.whisper("#123456")
    assert {layer["data"]["name"] for layer in spec["layer"]} == {drawing.DATA, drawing.START}
    (left,) = {
        one["calculate"] for layer in spec["layer"] for one in layer.get("transform", []) if one.get("as") == "left"
    }
    signals = {"pow": pow, "share": share, "datum": SimpleNamespace(steps=row["steps"])}
    np.testing.assert_array_equal(eval(left, signals), share ** row["steps"])
    last = eval(charts.LEFT, {"pow": pow, "share": share, "people": people})
    assert last == np.float64(share) ** people
