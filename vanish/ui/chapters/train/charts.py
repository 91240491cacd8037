"""Charts of chapter ``train``: as in ``charts``, structures that are built once, with data apart."""

from functools import lru_cache

import altair as alt

from vanish.ui.kit.drawing import POINTS, PRESENT, Spec, activation_color, base_chart, finish
from vanish.ui.kit.palette import ACTIVATION_COLORS, CLASS_COLORS, GREY


@lru_cache(maxsize=64)
def history(names: tuple[str, ...], title: str, scale: str) -> Spec:
    """One number over the steps of a run, a line a network.

    Data: ``activation, step, value``; data set ``PRESENT``: ``step``.
    """
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log") if scale == "log" else alt.Scale(domain=[0, 1]))
    base = base_chart().encode(
        x=alt.X("step:Q", title="Steps", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False)),
        y=y,
        color=activation_color(names),
        tooltip=[
            alt.Tooltip("activation:N", title="Activation"),
            alt.Tooltip("step:Q", title="Step"),
            alt.Tooltip("value:Q", title=title, format=".4g"),
        ],
    )
    here = alt.Chart(alt.NamedData(PRESENT)).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="step:Q")
    return finish(alt.LayerChart(layer=[here, base.mark_line(strokeWidth=2.5)]), height=240)


# Decades of gradient norm at which the heat map's colours end.
HEAT_DECADES = (-10, 1)


@lru_cache(maxsize=4)
def gradient_heat() -> Spec:
    """Gradient of each layer over a run.

    Data: ``left, right`` (steps), ``layer, size, decades``; data set ``PRESENT``: ``step``.
    """
    color = alt.condition(
        "isValid(datum.decades)",
        alt.Color(
            "decades:Q",
            scale=alt.Scale(domain=list(HEAT_DECADES), scheme="viridis", clamp=True),
            legend=alt.Legend(orient="top", gradientLength=160, title="gradient norm, powers of ten"),
        ),
        alt.value(GREY),
    )
    cells = (
        base_chart()
        .mark_rect()
        .encode(
            x=alt.X("left:Q", title="Steps", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False)),
            x2="right:Q",
            y=alt.Y("layer:O", title="Layer", axis=alt.Axis(labelOverlap="greedy", ticks=False, domain=False)),
            color=color,
            tooltip=[
                alt.Tooltip("left:Q", title="Step"),
                alt.Tooltip("layer:O", title="Layer"),
                alt.Tooltip("size:Q", title="Gradient norm", format=".3e"),
            ],
        )
    )
    here = alt.Chart(alt.NamedData(PRESENT)).mark_rule(color="#ffffff", strokeWidth=2).encode(x="step:Q")
    return finish(alt.LayerChart(layer=[cells, here]), height=240)


@lru_cache(maxsize=4)
def surface() -> Spec:
    """What a network says at every place of the plane, and the points that it should tell apart.

    Data: ``left, right, bottom, top, share`` (of class 1); data set ``POINTS``: ``x, y, class``.
    """
    flat = alt.Axis(labels=False, ticks=False, domain=False, grid=False, title=None)
    tight = alt.Scale(nice=False, zero=False)
    colors = [CLASS_COLORS[0], "#f3f1f6", CLASS_COLORS[1]]
    cells = (
        base_chart()
        .mark_rect()
        .encode(
            x=alt.X("left:Q", scale=tight, axis=flat),
            x2="right:Q",
            y=alt.Y("bottom:Q", scale=tight, axis=flat),
            y2="top:Q",
            color=alt.Color(
                "share:Q", scale=alt.Scale(domain=[0, 0.5, 1], range=colors, interpolate="lab"), legend=None
            ),
        )
    )
    points = (
        alt.Chart(alt.NamedData(POINTS))
        .mark_point(filled=True, size=32, opacity=1, stroke="white", strokeWidth=0.7)
        .encode(
            x=alt.X("x:Q", axis=flat),
            y=alt.Y("y:Q", axis=flat),
            fill=alt.Fill("class:N", scale=alt.Scale(domain=[0, 1], range=list(CLASS_COLORS)), legend=None),
        )
    )
    return finish(alt.LayerChart(layer=[cells, points]).resolve_scale(color="independent"), height=280)


@lru_cache(maxsize=4)
def points(n_inputs: int) -> Spec:
    """What there is to learn.  Data: ``x, y, class``."""
    x_title, y_title = ("Input", "Output") if n_inputs == 1 else ("First input", "Second input")
    chart = (
        base_chart()
        .mark_point(filled=True, size=36, opacity=0.9)
        .encode(
            x=alt.X("x:Q", title=x_title),
            y=alt.Y("y:Q", title=y_title),
            color=alt.Color("class:N", scale=alt.Scale(domain=[0, 1], range=list(CLASS_COLORS)), legend=None),
        )
    )
    return finish(chart, height=320)


@lru_cache(maxsize=16)
def fit(name: str) -> Spec:
    """A curve through points.  Data: ``x, y``; data set ``POINTS``: ``x, y``."""
    points = alt.Chart(alt.NamedData(POINTS)).mark_point(filled=True, size=14, opacity=0.5, color=GREY)
    axes = {"x": alt.X("x:Q", title="Input"), "y": alt.Y("y:Q", title="Output")}
    line = base_chart().mark_line(strokeWidth=3, color=ACTIVATION_COLORS[name]).encode(order="x:Q", **axes)
    return finish(alt.LayerChart(layer=[points.encode(**axes), line]), height=280)


@lru_cache(maxsize=4)
def digits() -> Spec:
    """A strip of digits and what they are taken for.

    Data: ``x, y, grey``; data set ``POINTS``: ``x, taken, right``.
    """
    pixels = (
        base_chart()
        .transform_calculate(x2="datum.x + 1.05", y2="datum.y + 1.05")
        .mark_rect()
        .encode(
            x=alt.X("x:Q", scale=alt.Scale(nice=False), axis=None),
            x2="x2:Q",
            y=alt.Y("y:Q", scale=alt.Scale(domain=[11, 0], nice=False), axis=None),
            y2="y2:Q",
            color=alt.Color("grey:Q", scale=alt.Scale(domain=[0, 1], scheme="greys"), legend=None),
        )
    )
    words = (
        alt.Chart(alt.NamedData(POINTS))
        .mark_text(fontWeight="bold", baseline="top")
        .encode(
            x=alt.X("x:Q", axis=None),
            y=alt.datum(8.6),
            text="taken:N",
            color=alt.condition("datum.right", alt.value("#0c9e73"), alt.value("#d55e00")),
        )
    )
    return finish(alt.LayerChart(layer=[pixels, words]), height=120)


@lru_cache(maxsize=4)
def confusion() -> Spec:
    """How often which digit was taken for which.  Data: ``digit, said, count``."""
    base = base_chart().encode(
        x=alt.X("said:O", title="Taken for", axis=alt.Axis(labelAngle=0, ticks=False, domain=False)),
        y=alt.Y("digit:O", title="Digit", axis=alt.Axis(ticks=False, domain=False)),
        tooltip=["digit:O", alt.Tooltip("said:O", title="taken for"), "count:Q"],
    )
    cells = base.mark_rect().encode(color=alt.Color("count:Q", scale=alt.Scale(scheme="blues"), legend=None))
    words = (
        base.transform_filter("datum.count > 0")
        .mark_text(fontSize=11)
        .encode(text="count:Q", color=alt.condition("datum.count > 20", alt.value("white"), alt.value("#1b1b28")))
    )
    return finish(alt.LayerChart(layer=[cells, words]), height=260)


@lru_cache(maxsize=8)
def against_depth(names: tuple[str, ...], title: str, scale: str) -> Spec:
    """A trained network's number against its depth.  Data: ``name, depth, value``."""
    y = alt.Y("value:Q", title=title, scale=alt.Scale(type="log") if scale == "log" else alt.Scale(domain=[0, 1]))
    colors = [ACTIVATION_COLORS[name] for name in ("sigmoid", "relu", "leaky_relu")]
    base = base_chart().encode(
        x=alt.X("depth:Q", title="Depth", axis=alt.Axis(grid=False)),
        y=y,
        color=alt.Color("name:N", scale=alt.Scale(domain=list(names), range=colors)),
        tooltip=["name:N", "depth:Q", alt.Tooltip("value:Q", title=title, format=".4g")],
    )
    return finish(base.mark_line(strokeWidth=2.5) + base.mark_point(filled=True, size=80, opacity=1), height=260)
