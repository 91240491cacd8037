"""Charts as declarations.  A chart's structure depends on its kind and options alone and is built once;
data travel apart from it, so that a slider move sends numbers and no new chart."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from vanish.activations import ACTIVATIONS
from vanish.ui.palette import ACTIVATION_COLORS, GREY

Spec = dict[str, Any]

DATA = "data"
# Vega computes these when it draws, so that one structure serves every depth: both ends are always named,
# and of the layers between as many as there is room for.
_STRIDE = "ceil(length(domain('x')) / 10)"
LAYER_LABELS = (
    "datum.value == domain('x')[0] ? [datum.value, 'input'] : "
    "datum.value == peek(domain('x')) ? [datum.value, 'output'] : "
    f"datum.value % {_STRIDE} == 0 && peek(domain('x')) - datum.value >= {_STRIDE} ? datum.value : ''"
)
FULL = ".15e"
POWERS_OF_TEN = alt.Axis(format="~e", tickCount=6, gridOpacity=0.5)


def show(spec: Spec, data: pd.DataFrame, alt_text: str, key: str) -> None:
    """Draw a chart of this module with its data."""
    st.vega_lite_chart({**spec, "datasets": {DATA: data}}, width="stretch", alt=alt_text, key=key)


def _finish(chart: alt.LayerChart | alt.Chart, height: int) -> Spec:
    return (
        chart.properties(height=height)
        .configure_axis(labelFontSize=13, titleFontSize=13, titleFontWeight="normal")
        .configure_legend(labelFontSize=13, symbolSize=110, columnPadding=8, columns=3, orient="top", title=None)
        .configure_text(fontSize=13)
        .to_dict()
    )


def _base() -> alt.Chart:
    return alt.Chart(alt.NamedData(DATA))


def _layers(title: str = "Layer", scale: Any = alt.Undefined) -> alt.X:
    axis = alt.Axis(labelExpr=LAYER_LABELS, labelAngle=0, labelOverlap=False, ticks=False, domain=False, grid=False)
    return alt.X("layer:O", title=title, axis=axis, scale=scale)


def _activation_color(names: Sequence[str]) -> alt.Color:
    labels = [ACTIVATIONS[name].label for name in names]
    return alt.Color("activation:N", scale=alt.Scale(domain=labels, range=[ACTIVATION_COLORS[n] for n in names]))


def _size(scale: str, title: str) -> alt.Y:
    kind = alt.Scale(type="log") if scale == "log" else alt.Scale(zero=True)
    return alt.Y("value:Q", title=title, scale=kind, axis=POWERS_OF_TEN)


@lru_cache(maxsize=256)
def per_layer(names: tuple[str, ...], scale: str, mark: str, title: str) -> Spec:
    """One value a layer and activation, as bars or lines.

    Data: ``layer, activation`` (label), ``size``, ``value`` (the size, but missing where the axis has no
    place for it), ``floor`` (where bars start).  What cannot be drawn has a sign of its own.
    """
    labels = [ACTIVATIONS[name].label for name in names]
    color = _activation_color(names)
    tooltip = [
        alt.Tooltip("activation:N", title="Activation"),
        alt.Tooltip("layer:O", title="Layer"),
        alt.Tooltip("size:Q", title=title, format=FULL),
    ]
    base = _base().encode(x=_layers(), tooltip=tooltip)
    y = _size(scale, title)
    if mark == "bars":
        offset = alt.XOffset("activation:N", sort=labels)
        marks = base.mark_bar(cornerRadiusEnd=2).encode(y=y, y2="floor:Q", color=color, xOffset=offset)
        troubled = base.encode(xOffset=offset)
    else:
        line = base.mark_line(strokeWidth=2.5).encode(y=y, color=color)
        marks = line + base.mark_point(filled=True, size=70, opacity=1).encode(y=y, color=color)
        troubled = base
    signs = (
        troubled.transform_filter("datum.size == 0 || !isFinite(datum.size)")
        .transform_calculate(sign="datum.size == 0 ? '0' : isNaN(datum.size) ? 'nan' : '∞'")
        .mark_text(baseline="bottom", fontWeight="bold")
        .encode(y="floor:Q", text="sign:N", color=color)
    )
    return _finish(marks + signs, height=380)


@lru_cache(maxsize=64)
def pipes(names: tuple[str, ...], colors: tuple[str, ...], axis: str) -> Spec:
    """A row of pipes for each name: bore and depth of colour follow ``bore`` (0 to 1).

    Data: ``layer, row`` (0 is the top one), ``name, size, bore, note`` (what stands over the row).
    """
    rows = len(names)
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=None)
    base = _base().encode(
        x=_layers(axis, alt.Scale(paddingInner=0.0, paddingOuter=0.0)),
        tooltip=[
            alt.Tooltip("name:N", title="Network"),
            alt.Tooltip("layer:O", title="Layer"),
            alt.Tooltip("size:Q", title="Gradient", format=FULL),
        ],
    )
    hidden = alt.Y("top:Q", scale=alt.Scale(domain=[rows - 0.5, -0.62], nice=False), axis=None)

    def band(half: str) -> alt.Chart:
        return base.transform_calculate(top=f"datum.row - {half}", bottom=f"datum.row + {half}")

    wall = band("0.32").mark_rect(color=GREY, opacity=0.14).encode(y=hidden, y2="bottom:Q")
    flow = (
        band("(0.012 + 0.308 * datum.bore)")
        .mark_rect()
        .encode(
            y=hidden,
            y2="bottom:Q",
            color=color,
            opacity=alt.Opacity("bore:Q", scale=alt.Scale(domain=[0, 1], range=[0.35, 1]), legend=None),
        )
    )
    notes = (
        band("0.38")
        .transform_filter("datum.layer == 1")
        .mark_text(align="left", baseline="bottom", fontSize=14, fontWeight=600)
        .encode(x=alt.value(0), y=hidden, text="note:N", color=color)
    )
    return _finish(wall + flow + notes, height=70 * rows + 45)


@lru_cache(maxsize=16)
def decay(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """What is left after n layers, one line a slope.  Data: ``layers, name, value``."""
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)))
    base = _base().encode(
        x=alt.X("layers:Q", title="Layers passed", axis=alt.Axis(tickMinStep=1, grid=False)),
        y=alt.Y("value:Q", title="Gradient left", scale=alt.Scale(type="log"), axis=POWERS_OF_TEN),
        color=color,
        tooltip=[
            alt.Tooltip("name:N", title="Slope"),
            alt.Tooltip("layers:Q", title="Layers"),
            alt.Tooltip("value:Q", title="Gradient left", format=FULL),
        ],
    )
    return _finish(base.mark_line(strokeWidth=2.5) + base.mark_point(filled=True, size=80, opacity=1), height=340)


@lru_cache(maxsize=64)
def curves(names: tuple[str, ...], title: str) -> Spec:
    """Activation curves.  Data: ``z, activation, value``."""
    chart = (
        _base()
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("z:Q", title="Pre-activation z"),
            y=alt.Y("value:Q", title=title),
            color=_activation_color(names),
            tooltip=[
                alt.Tooltip("activation:N", title="Activation"),
                alt.Tooltip("z:Q", format=".2f"),
                alt.Tooltip("value:Q", title=title, format=".4f"),
            ],
        )
    )
    return _finish(chart, height=260)


@lru_cache(maxsize=16)
def telephone(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """A row of people who whisper on: a disc's area is what is left.  Data: ``steps, name, value``."""
    chart = (
        _base()
        .mark_circle(opacity=0.9)
        .encode(
            x=alt.X("steps:O", title="Person in the row", axis=alt.Axis(labelAngle=0, ticks=False, domain=False)),
            y=alt.Y("name:N", title=None, sort=list(names), axis=alt.Axis(ticks=False, domain=False, grid=False)),
            size=alt.Size("value:Q", scale=alt.Scale(domain=[0, 1], range=[0, 420], clamp=True), legend=None),
            color=alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=None),
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q", title="Left of the message", format=FULL)],
        )
    )
    return _finish(chart, height=60 * len(names) + 40)


@lru_cache(maxsize=16)
def products(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """The running product, layer by layer, on a linear axis.  Data: ``steps, name, value``."""
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=None)
    chart = (
        _base()
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "steps:O", title="Factors multiplied", axis=alt.Axis(labelAngle=0, labelOverlap="greedy", ticks=False)
            ),
            xOffset=alt.XOffset("name:N", sort=list(names)),
            y=alt.Y("value:Q", title="Product", axis=alt.Axis(tickCount=4)),
            color=color,
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q", title="Product", format=FULL)],
        )
    )
    return _finish(chart, height=230)
