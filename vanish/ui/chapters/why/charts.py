"""The charts of chapter ``why``."""

from functools import lru_cache

import altair as alt

from vanish.ui.kit.drawing import FULL, POWERS_OF_TEN, Spec, activation_color, base_chart, finish


@lru_cache(maxsize=16)
def decay(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """What is left after n layers, one line a slope.  Data: ``layers, name, value``."""
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)))
    base = base_chart().encode(
        x=alt.X("layers:Q", title="Layers passed", axis=alt.Axis(tickMinStep=1, grid=False)),
        y=alt.Y("value:Q", title="Gradient left", scale=alt.Scale(type="log"), axis=POWERS_OF_TEN),
        color=color,
        tooltip=[
            alt.Tooltip("name:N", title="Slope"),
            alt.Tooltip("layers:Q", title="Layers"),
            alt.Tooltip("value:Q", title="Gradient left", format=FULL),
        ],
    )
    return finish(base.mark_line(strokeWidth=2.5) + base.mark_point(filled=True, size=80, opacity=1), height=340)


@lru_cache(maxsize=64)
def curves(names: tuple[str, ...], title: str) -> Spec:
    """Activation curves.  Data: ``z, activation, value``."""
    chart = (
        base_chart()
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("z:Q", title="Pre-activation z"),
            y=alt.Y("value:Q", title=title),
            color=activation_color(names),
            tooltip=[
                alt.Tooltip("activation:N", title="Activation"),
                alt.Tooltip("z:Q", format=".2f"),
                alt.Tooltip("value:Q", title=title, format=".4f"),
            ],
        )
    )
    return finish(chart, height=260)


@lru_cache(maxsize=16)
def telephone(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """A row of people who whisper on: a disc's area is what is left.  Data: ``steps, name, value``."""
    chart = (
        base_chart()
        .mark_circle(opacity=0.9)
        .encode(
            x=alt.X("steps:O", title="Person in the row", axis=alt.Axis(labelAngle=0, ticks=False, domain=False)),
            y=alt.Y("name:N", title=None, sort=list(names), axis=alt.Axis(ticks=False, domain=False, grid=False)),
            size=alt.Size("value:Q", scale=alt.Scale(domain=[0, 1], range=[0, 420], clamp=True), legend=None),
            color=alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=None),
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q", title="Left of the message", format=FULL)],
        )
    )
    return finish(chart, height=60 * len(names) + 40)


@lru_cache(maxsize=16)
def products(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """The running product, layer by layer, on a linear axis.  Data: ``steps, name, value``."""
    color = alt.Color("name:N", scale=alt.Scale(domain=list(names), range=list(colors)), legend=None)
    chart = (
        base_chart()
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
    return finish(chart, height=230)
