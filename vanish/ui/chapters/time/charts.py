"""Charts of chapter ``time``: as in ``charts``, structures that are built once, with data apart."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from vanish.ui.kit.drawing import DATA, FLOORS, FULL, POWERS_OF_TEN, PRESENT, THEORY, Spec, base_chart, finish
from vanish.ui.kit.palette import CELL_COLORS, GREY

# What a line stands for beside the cell that it is of.
HIDDEN, CELL_STATE = "hidden state", "cell state"


DASHES = {HIDDEN: [1, 0], CELL_STATE: [2, 3]}


EXTENT = "extent"


def _cell_color(cells: Sequence[str], labels: Sequence[str]) -> alt.Color:
    return alt.Color("cell:N", scale=alt.Scale(domain=list(labels), range=[CELL_COLORS[name] for name in cells]))


def _rules(name: str = FLOORS, left: bool = False) -> alt.LayerChart:
    """Labelled horizontal rules: data set ``FLOORS``, or another one, with ``format, value``."""
    rules = alt.Chart(alt.NamedData(name)).encode(y="value:Q")
    look: dict[str, Any] = (
        {"align": "left", "baseline": "top", "dy": 3} if left else {"align": "right", "baseline": "bottom", "dy": -2}
    )
    words = rules.mark_text(color=GREY, fontSize=12, **look)
    place = alt.value(4) if left else alt.value("width")
    return rules.mark_rule(strokeDash=[2, 4], color=GREY) + words.encode(text="format:N", x=place)


@lru_cache(maxsize=64)
def through_time(cells: tuple[str, ...], labels: tuple[str, ...], bands: bool, theory: bool) -> Spec:
    """Gradient against distance from the end of a sequence, a line a cell, and one more for a cell state.

    Data: ``cell`` (label), ``state, distance, size, value`` (missing where a log axis has no place for it), with
    ``bands`` also ``low, median, high``; data set ``THEORY``: ``cell, kind, distance, value``; data sets ``FLOORS`` and
    ``PRESENT``, the rule of what is enough: ``format, value``.  The cell state is dotted.
    """
    x = alt.X("distance:Q", title="Steps back from the end of the sequence", axis=alt.Axis(grid=False))
    title = "Gradient left, beside the last step's"
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log"), axis=POWERS_OF_TEN)
    dashes = alt.Scale(domain=list(DASHES), range=list(DASHES.values()))
    dash = alt.StrokeDash("state:N", scale=dashes, legend=None)
    color = _cell_color(cells, labels)
    base = base_chart().encode(
        x=x,
        color=color,
        detail="state:N",
        tooltip=[
            alt.Tooltip("cell:N", title="Cell"),
            alt.Tooltip("state:N", title="By the"),
            alt.Tooltip("distance:Q", title="Steps back"),
            alt.Tooltip("size:Q", title="Gradient left", format=FULL),
        ],
    )
    layers: list[alt.Chart | alt.LayerChart] = [_rules(), _rules(PRESENT, left=True)]
    if bands:
        layers.append(base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title=title), y2="high:Q"))
        layers.append(base.mark_line(strokeDash=[1, 3], strokeCap="round").encode(y="median:Q"))
    layers.append(base.mark_line(strokeWidth=2.5).encode(y=y, strokeDash=dash))
    if theory:
        tooltip = [
            alt.Tooltip("cell:N", title="Cell"),
            alt.Tooltip("kind:N", title="Line"),
            alt.Tooltip("distance:Q", title="Steps back"),
            alt.Tooltip("value:Q", title="At most, or about", format=".3e"),
        ]
        lines = alt.Chart(alt.NamedData(THEORY)).mark_line(strokeDash=[7, 4], strokeWidth=1.6, opacity=0.8)
        layers.append(lines.encode(x=x, y=y, color=color, detail="kind:N", tooltip=tooltip))
    return finish(alt.LayerChart(layer=layers), height=380)


@lru_cache(maxsize=8)
def example(channels: tuple[str, ...]) -> Spec:
    """A sequence of a task, a row an input.  Data: ``step, channel, value``."""
    chart = (
        base_chart()
        .mark_rect()
        .encode(
            x=alt.X("step:O", title="Step of the sequence", axis=alt.Axis(labelOverlap="greedy", labelAngle=0)),
            y=alt.Y("channel:N", title=None, sort=list(channels), axis=alt.Axis(ticks=False, domain=False)),
            color=alt.Color(
                "value:Q",
                scale=alt.Scale(domain=[-1, 0, 1], range=[CELL_COLORS["lstm"], "#88888822", CELL_COLORS["rnn_tanh"]]),
                legend=None,
            ),
            tooltip=["step:O", "channel:N", alt.Tooltip("value:Q", format=".3f")],
        )
    )
    return finish(chart, height=34 * len(channels) + 60)


@lru_cache(maxsize=64)
def race(cells: tuple[str, ...], labels: tuple[str, ...], title: str) -> Spec:
    """Test loss over the steps of a run, a line a cell.  Data: ``cell, step, value``; data set ``FLOORS``."""
    base = base_chart().encode(
        x=alt.X("step:Q", title="Training steps", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False)),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(type="log"), axis=POWERS_OF_TEN),
        color=_cell_color(cells, labels),
        tooltip=[
            alt.Tooltip("cell:N", title="Cell"),
            alt.Tooltip("step:Q", title="Step"),
            alt.Tooltip("value:Q", title=title, format=".4g"),
        ],
    )
    return finish(alt.LayerChart(layer=[_rules(), base.mark_line(strokeWidth=2.5)]), height=320)


@lru_cache(maxsize=16)
def trace(title: str, color: str) -> Spec:
    """One number at every step of a run, spikes marked.

    Data: ``step, size, value`` (the size, up to ``data_time.CEILING``), ``spike``; data set ``EXTENT``:
    ``step, value``, drawn invisibly so that two charts have the same axes; data set ``FLOORS``.
    """
    x = alt.X("step:Q", title="Training steps", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False))
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log"), axis=alt.Axis(format="~e", tickCount=5))
    base = base_chart().encode(x=x, y=y, color=alt.value(color))
    extent = alt.Chart(alt.NamedData(EXTENT)).mark_point(opacity=0).encode(x=x, y=y)
    tooltip = [alt.Tooltip("step:Q", title="Step"), alt.Tooltip("size:Q", title=title, format=".3g")]
    spikes = base.transform_filter("datum.spike").mark_point(filled=True, size=30, opacity=0.9).encode(tooltip=tooltip)
    line = base.mark_line(strokeWidth=1.3)
    return finish(alt.LayerChart(layer=[extent, _rules(), line, spikes]), height=210)


@lru_cache(maxsize=4)
def norms() -> Spec:
    """How often gradients of which length came up.

    Data: ``left, right, count, clipped`` (whether it lies beyond the threshold); data set ``PRESENT``:
    ``value, words``.
    """
    x = alt.X("left:Q", title="Length of the gradient", scale=alt.Scale(type="log"), axis=POWERS_OF_TEN)
    colors = alt.Scale(domain=["passes", "is cut"], range=[CELL_COLORS["rnn_tanh"], CELL_COLORS["lstm"]])
    bars = (
        alt.Chart(alt.NamedData(DATA))
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            x=x,
            x2="right:Q",
            y=alt.Y("count:Q", title="Training steps"),
            y2=alt.datum(0),
            color=alt.Color("clipped:N", scale=colors),
            tooltip=[
                alt.Tooltip("left:Q", title="From", format=".3g"),
                alt.Tooltip("right:Q", title="To", format=".3g"),
                alt.Tooltip("count:Q", title="Training steps"),
            ],
        )
    )
    here = alt.Chart(alt.NamedData(PRESENT)).encode(x=alt.X("value:Q", scale=alt.Scale(type="log")))
    words = here.mark_text(align="left", baseline="top", dx=6, color=GREY).encode(text="words:N", y=alt.value(0))
    rule = here.mark_rule(strokeWidth=2.5, color=GREY)
    return finish(alt.LayerChart(layer=[bars, rule, words]), height=220)
