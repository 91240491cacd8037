from math import floor
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.ui.chapters.train import charts, data
from vanish.ui.chapters.train.controls import Plan

PIXELS, WORDS = data.strip(data.dataset(Plan()))


def value(expression, **signals):
    """What a Vega expression comes to, of those that Python reads too."""
    condition, question, rest = expression.partition(" ? ")
    if question:
        yes, no = rest.split(" : ")
        return value(yes if value(condition, **signals) else no, **signals)
    return eval(expression, {"min": min, "floor": floor, **signals})


# A telephone's column, a third and a half of a laptop's, all of it, a projector.
@given(width=st.integers(250, 1900))
def test_digits_are_square_and_none_lies_over_another_or_beyond_the_edge(width):
    spec = charts.digits()
    signals = {"width": width, "height": spec["height"]}
    for param in spec["params"]:
        signals[param["name"]] = value(param["expr"], **signals)
    place = {one["as"]: one["calculate"] for one in spec["layer"][0]["transform"]}
    pixel, starts = signals["pixel"], []
    for image in PIXELS["image"].unique():
        ends = []
        for row, column in ((0, 0), (7, 7)):
            here = signals | {"datum": SimpleNamespace(image=image, row=row, column=column)}
            ends.append([value(place[axis], **here) for axis in ("x", "y")])
        (left, top), (right, bottom) = ends
        assert right - left == pytest.approx(7 * pixel) == bottom - top
        assert right + pixel <= width
        # And a word below it.
        assert bottom + 4 * pixel <= spec["height"] + 1e-9
        starts.append((left / pixel, top / pixel))
    for number, (left, top) in enumerate(starts):
        assert all(abs(left - x) > 8.9 or abs(top - y) > 10.9 for x, y in starts[:number])
    assert len(starts) == len(WORDS) == data.SHOWN_DIGITS
