from copy import deepcopy

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.ui.chapters.time import charts as time_charts
from vanish.ui.chapters.train import charts
from vanish.ui.kit import drawing, replay
from vanish.ui.kit.replay import Play

LINES = {drawing.DATA: replay.GROWS.format("step"), drawing.PRESENT: replay.NEVER}
TURNS = {drawing.DATA: replay.CHANGES}
CASES = [
    (charts.history(("tanh",), "Loss", "log"), LINES),
    (charts.heat("gradient"), {drawing.DATA: replay.GROWS.format("left"), drawing.PRESENT: replay.NEVER}),
    (charts.surface(), TURNS),
    (charts.fit("tanh"), TURNS),
    (charts.confusion(), TURNS),
    (charts.digits(), {drawing.POINTS: replay.CHANGES}),
    (time_charts.race(("gru",), ("GRU",), "Loss"), LINES),
]


@pytest.mark.parametrize(("spec", "shown"), CASES)
def test_a_chart_that_is_played_is_valid_and_shows_as_much_as_it_is_told(spec, shown):
    before = deepcopy(spec)
    played = Play(3, 500).of(spec, shown)
    # What is not played is the same chart as ever.
    assert spec == before
    *others, now = played["params"]
    assert others == before.get("params", [])
    ticks = now.pop("on")
    assert now == {"name": "now", "value": 0}
    assert len(ticks) == 1
    alt.Chart.from_dict({**played, "datasets": {name: [] for name in shown}})
    for layer in played["layer"]:
        when = shown.get(layer["data"]["name"])
        seen = layer["mark"].get("opacity") != 0
        filtered = {"filter": when} in layer.get("transform", [])
        assert filtered == (when not in (None, replay.NEVER) and seen)
        assert when != replay.NEVER or not seen


@given(st.integers(1, 10**5))
def test_a_run_is_played_from_its_first_step_to_its_last_in_the_time_that_is_said(last):
    played = Play(1, last).of(charts.history(("tanh",), "Loss", "log"), LINES)
    (tick,) = played["params"][0]["on"]
    now, n = 0.0, 0
    while now < last:
        later = eval(tick["update"], {"now": now, "min": min})
        assert now < later <= last
        now, n = later, n + 1
    assert n * tick["events"]["throttle"] == pytest.approx(1000 * replay.SECONDS, abs=2 * replay.TICK)


def test_playing_again_is_another_chart():
    spec = charts.history(("tanh",), "Loss", "log")
    assert Play(1, 9).of(spec, LINES) != Play(2, 9).of(spec, LINES)
