"""A run played again from its first step, in the browser: the server sends it once."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from itertools import count

import streamlit as st

from vanish.ui.kit import drawing
from vanish.ui.kit.columns import Table
from vanish.ui.kit.drawing import Spec

# How long a run takes to play, in seconds, and how long a picture of it stands, in milliseconds: a busy machine leaves
# some of them out.
SECONDS, TICK = 4, 80

# The browser's clock, in milliseconds, and what it said at the first tick; 0 before.
CLOCK, BEGAN = "now()", "began"

# When a row of data is seen, by the step that is played: from its own step on; until another takes its place; never.
GROWS, CHANGES, NEVER = "datum.{} <= now", "datum.since <= now && now < datum.until", "false"

# The beginning of session state's own entries: which run the reader plays.
PLAYS = "_plays_"

# Each time that a run is played is another chart, or it would go on where it is.
_numbers = count(1)

# What belongs to a layer, where a chart has only one.
PARTS = ("data", "mark", "encoding", "transform")


@dataclass(frozen=True)
class Play:
    """One time that a run is played: which one it is, and the run's last step."""

    number: int
    last: int

    def of(self, spec: Spec, shown: Mapping[str, str]) -> Spec:
        """The chart, with only so much of each of these data sets as ``shown`` says, an expression of ``now``, the step
        that is played; what comes later holds its place on the axes."""
        whole = {name: part for name, part in spec.items() if name in PARTS}
        layers = []
        for one in spec.get("layer", [whole]):
            layer = {"data": spec.get("data"), **one}
            when = shown.get(layer["data"]["name"])
            if when is None:
                layers.append(layer)
                continue
            if layer["mark"]["type"] == "line" or when == NEVER:
                layers.append(_unseen(layer))
            if when != NEVER:
                layers.append({**layer, "transform": [{"filter": when}, *layer.get("transform", [])]})
        # Which of the two ticks first is Vega's to say.
        share = f"({CLOCK} - ({BEGAN} || {CLOCK})) / {1000 * SECONDS}"
        clock = [_ticking(BEGAN, f"{BEGAN} || {CLOCK}"), _ticking("now", f"min({share}, 1) * {self.last}")]
        around = {name: part for name, part in spec.items() if name not in whole}
        params = [*spec.get("params", []), *clock]
        return {**around, "layer": layers, "params": params, "usermeta": {"play": self.number}}


def _ticking(name: str, update: str) -> Spec:
    """A parameter that is 0 at first, and what ``update`` says at every tick: Vega-Lite hands ``on`` to Vega, which
    knows it."""
    return {"name": name, "value": 0, "on": [{"events": {"type": "timer", "throttle": TICK}, "update": update}]}


def _unseen(layer: Spec) -> Spec:
    """The same marks, for their axes alone."""
    said = {channel: encoding for channel, encoding in layer["encoding"].items() if channel != "tooltip"}
    return {**layer, "mark": {**layer["mark"], "opacity": 0, "aria": False}, "encoding": said}


def button(
    name: str, run: Hashable, last: int, whole: bool = True, on_click: Callable[[], None] | None = None
) -> Play | None:
    """A button that plays a run, also one that somebody else has computed, to its ``last`` step; whether it is played.

    As soon as something else is on screen, it is not any more: another run, or, if not ``whole``, a part of this one.
    """

    def press() -> None:
        st.session_state[f"{PLAYS}{name}"] = next(_numbers), run
        if on_click:
            on_click()

    st.button("Play the run", icon=":material/play_arrow:", key=f"play_{name}", on_click=press)
    number, played = st.session_state.get(f"{PLAYS}{name}", (0, None))
    if whole and played == run:
        return Play(number, last)
    st.session_state.pop(f"{PLAYS}{name}", None)
    return None


def show(
    play: Play | None,
    spec: Spec,
    data: Mapping[str, Table],
    alt_text: str,
    key: str | None,
    shown: Mapping[str, str],
) -> None:
    """Draw a chart, as it is or played: ``shown`` says by data set what of it is to be seen then."""
    drawing.show(play.of(spec, shown) if play else spec, data, alt_text, key)
