from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.schema import validate

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
    *others, began, now = played["params"]
    assert others == before.get("params", [])
    for one, name in ((began, replay.BEGAN), (now, "now")):
        ticks = one.pop("on")
        assert one == {"name": name, "value": 0}
        assert len(ticks) == 1
    validate(played, shown)
    for layer in played["layer"]:
        when = shown.get(layer["data"]["name"])
        seen = layer["mark"].get("opacity") != 0
        filtered = {"filter": when} in layer.get("transform", [])
        assert filtered == (when not in (None, replay.NEVER) and seen)
        assert when != replay.NEVER or not seen


def ticked(param, clock, signals):
    """A signal after a tick of the timer, as Vega has it."""
    (tick,) = param["on"]
    update = tick["update"].replace(replay.CLOCK, "clock").replace("||", "or")
    return eval(update, {"min": min, "clock": clock, **signals})


@given(
    st.integers(0, 10**5),
    st.floats(1, 2e12),
    st.lists(st.floats(0, 1500), min_size=2, max_size=60),
    st.booleans(),
)
def test_a_run_is_played_by_the_clock_however_slow_the_browser_is(last, clock, pauses, began_first):
    played = Play(1, last).of(charts.history(("tanh",), "Loss", "log"), LINES)
    params = {one["name"]: one for one in played["params"]}
    order = [replay.BEGAN, "now"] if began_first else ["now", replay.BEGAN]
    signals = dict.fromkeys(order, 0)
    # Nothing of the run is seen before the first tick, nor at it.
    for name in order:
        signals[name] = ticked(params[name], clock, signals)
    assert signals["now"] == 0
    passed = 0.0
    for pause in pauses:
        before, passed = signals["now"], passed + pause
        for name in order:
            signals[name] = ticked(params[name], clock + passed, signals)
        assert before <= signals["now"] <= last
        assert signals["now"] == pytest.approx(min(passed / (1000 * replay.SECONDS), 1) * last, rel=1e-3, abs=1e-3)
    for name in order:
        signals[name] = ticked(params[name], clock + 1001 * replay.SECONDS + passed, signals)
    assert signals["now"] == last


def test_playing_again_is_another_chart():
    spec = charts.history(("tanh",), "Loss", "log")
    assert Play(1, 9).of(spec, LINES) != Play(2, 9).of(spec, LINES)
