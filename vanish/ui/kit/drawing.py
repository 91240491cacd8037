"""Charts as declarations.  A chart's structure depends on its kind and options alone and is built once;
data travel apart from it, so that a slider move sends numbers and no new chart."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.palette import ACTIVATION_COLORS, GREY

Spec = dict[str, Any]


DATA, PINNED, FLOORS, THEORY, PRESENT, POINTS = "data", "pinned", "floors", "theory", "present", "points"


LINE_TITLES = {"low": "10 % of seeds", "median": "Median", "high": "90 % of seeds", "theory": "Theory"}


# Vega computes these when it draws, so that one structure serves every depth: both ends are always named,
# and of the layers between as many as there is room for.
_STRIDE = "ceil(length(domain('x')) / 10)"


LAYER_LABELS = (
    "datum.value == domain('x')[0] ? [datum.value, 'input'] : "
    "datum.value == peek(domain('x')) ? [datum.value, 'output'] : "
    f"datum.value % {_STRIDE} == 0 && datum.value - domain('x')[0] >= {_STRIDE} && "
    f"peek(domain('x')) - datum.value >= {_STRIDE} ? datum.value : ''"
)


FULL = ".15e"


# The page's own text colour, whichever theme is on.
INK = "currentColor"


POWERS_OF_TEN = alt.Axis(format="~e", tickCount=6, gridOpacity=0.5)


def show(
    spec: Spec, data: pd.DataFrame | Mapping[str, pd.DataFrame], alt_text: str, key: str | None, **options: Any
) -> None:
    """Draw a chart of this module with its data: one frame, or one for each data set that it names."""
    datasets = data if isinstance(data, Mapping) else {DATA: data}
    st.vega_lite_chart({**spec, "datasets": datasets}, width="stretch", alt=alt_text, key=key, **options)


def finish(chart: alt.LayerChart | alt.Chart, height: int) -> Spec:
    """The chart's structure, with the look that all charts share."""
    ink: dict[str, Any] = {"labelColor": INK, "titleColor": INK, "labelFontSize": 13}
    return (
        chart.properties(height=height)
        .configure_axis(titleFontSize=13, titleFontWeight="normal", **ink)
        .configure_legend(symbolSize=110, symbolOpacity=1, columnPadding=8, columns=3, orient="top", title=None, **ink)
        .configure_text(fontSize=13)
        .to_dict()
    )


def base_chart() -> alt.Chart:
    """A chart of the data set that every chart has."""
    return alt.Chart(alt.NamedData(DATA))


def layers_axis(title: str | None = "Layer", scale: Any = alt.Undefined) -> alt.X:
    """Layers from input to output."""
    axis = alt.Axis(labelExpr=LAYER_LABELS, labelAngle=0, labelOverlap=False, ticks=False, domain=False, grid=False)
    return alt.X("layer:O", title=title, axis=axis, scale=scale)


def activation_color(names: Sequence[str]) -> alt.Color:
    """Each activation's own colour."""
    labels = [ACTIVATIONS[name].label for name in names]
    return alt.Color("activation:N", scale=alt.Scale(domain=labels, range=[ACTIVATION_COLORS[n] for n in names]))


def _size(scale: str, title: str) -> alt.Y:
    kind = alt.Scale(type="log") if scale == "log" else alt.Scale(zero=True)
    return alt.Y("value:Q", title=title, scale=kind, axis=POWERS_OF_TEN)


@lru_cache(maxsize=256)
def per_layer(
    names: tuple[str, ...],
    scale: str,
    mark: str,
    title: str,
    lines: tuple[str, ...] = (),
    pinned: tuple[str, ...] = (),
    floors: bool = False,
) -> Spec:
    """One value a layer and activation, as bars or lines.

    Data: ``layer, activation`` (label), ``size``, ``value`` (the size, but missing where the axis has no
    place for it), ``floor`` (where bars start).  What cannot be drawn has a sign of its own.  ``lines`` may
    name further columns: ``low, median, high`` of a band, and ``theory``.  Data set ``PINNED`` has the
    first four columns for the activations in ``pinned``; data set ``FLOORS`` has ``format, value``.
    """
    labels = [ACTIVATIONS[name].label for name in names]
    color = activation_color(tuple(dict.fromkeys(names + pinned)))
    tooltip = [
        alt.Tooltip("activation:N", title="Activation"),
        alt.Tooltip("layer:O", title="Layer"),
        alt.Tooltip("size:Q", title=title, format=FULL),
        *[alt.Tooltip(f"{name}:Q", title=LINE_TITLES[name], format=FULL) for name in lines],
    ]
    base = base_chart().encode(x=layers_axis(), tooltip=tooltip, color=color)
    y = _size(scale, title)
    layers: list[alt.Chart] = []
    if mark == "bars":
        offset = alt.XOffset("activation:N", sort=labels)
        troubled = base.encode(xOffset=offset)
        layers.append(troubled.mark_bar(cornerRadiusEnd=2).encode(y=y, y2="floor:Q"))
        if "low" in lines:
            layers.append(troubled.mark_rule(strokeWidth=2, opacity=0.45).encode(y="low:Q", y2="high:Q"))
            layers.append(
                troubled.mark_tick(thickness=2, size=10, color=GREY).encode(y="median:Q", color=alt.Undefined)
            )
    else:
        troubled = base
        if "low" in lines:
            layers.append(base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=title), y2="high:Q"))
            layers.append(base.mark_line(strokeDash=[1, 3], strokeWidth=2, strokeCap="round").encode(y="median:Q"))
        layers.append(base.mark_line(strokeWidth=2.5).encode(y=y))
        layers.append(base.mark_point(filled=True, size=70, opacity=1).encode(y=y))
    if "theory" in lines:
        layers.append(base.mark_line(strokeDash=[7, 4], strokeWidth=2, opacity=0.9).encode(y="theory:Q"))
    if pinned:
        before = alt.Chart(alt.NamedData(PINNED)).mark_line(strokeWidth=5, opacity=0.3)
        layers.append(before.encode(x=layers_axis(), y="value:Q", color=color))
    if floors:
        rules = alt.Chart(alt.NamedData(FLOORS)).encode(y="value:Q")
        layers.append(rules.mark_rule(strokeDash=[2, 4], color=GREY))
        labelled = rules.mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=GREY, fontSize=12)
        layers.append(labelled.encode(text="format:N", x=alt.value(0)))
    signs = (
        troubled.transform_filter("datum.size == 0 || !isFinite(datum.size)")
        .transform_calculate(sign="datum.size == 0 ? '0' : isNaN(datum.size) ? 'nan' : '∞'")
        .mark_text(baseline="bottom", fontWeight="bold")
        .encode(y="floor:Q", text="sign:N")
    )
    return finish(alt.LayerChart(layer=[*layers, signs]), height=380)


@lru_cache(maxsize=64)
def pipes(names: tuple[str, ...], colors: tuple[str, ...], axis: str) -> Spec:
    """A row of pipes for each name: bore and depth of colour follow ``bore`` (0 to 1).

    Data: ``layer, row`` (0 is the top one), ``name, size, bore, note`` (what stands over the row).
    """
    rows = len(names)
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=None)
    base = base_chart().encode(
        x=layers_axis(axis, alt.Scale(paddingInner=0.0, paddingOuter=0.0)),
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
    return finish(wall + flow + notes, height=70 * rows + 45)
