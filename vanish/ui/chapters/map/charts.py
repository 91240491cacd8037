"""The chart of chapter ``map``."""

from functools import lru_cache

import altair as alt

from vanish.ui.kit.drawing import PRESENT, THEORY, Spec, base_chart, finish
from vanish.ui.kit.palette import GREY, MAP_COLORS

CELL = "cell"


# Decades of first / last at which the map's colours end.
MAP_DECADES = 6


@lru_cache(maxsize=8)
def heat_map(against: str, title: str) -> Spec:
    """First / last over weight scale and something else, with theory's lines and the present network on top.

    Data: ``left, right, bottom, top`` (a cell), ``weight_scale``, ``against`` (its middle), ``decades`` (log10 of
    the ratio, missing where there is none), ``ratio``, ``state``, ``words`` (all of it, to be heard); data set
    ``THEORY``: ``weight_scale, against, kind, piece, order``; data set ``PRESENT``: ``weight_scale, against``.
    A click on a cell selects it.
    """
    plain, tight = alt.Axis(grid=False), alt.Scale(nice=False, zero=False)
    x, y = alt.X("left:Q", title="Weight scale", scale=tight, axis=plain), alt.Y("bottom:Q", scale=tight, axis=plain)
    color = alt.condition(
        "isValid(datum.decades)",
        alt.Color(
            "decades:Q",
            title="log10 of first / last layer",
            scale=alt.Scale(
                domain=[-MAP_DECADES, 0, MAP_DECADES], range=list(MAP_COLORS), clamp=True, interpolate="lab"
            ),
            legend=alt.Legend(orient="top", gradientLength=220, title="first / last layer, powers of ten"),
        ),
        alt.value(GREY),
    )
    cells = (
        base_chart()
        .mark_rect()
        .encode(
            x=x,
            x2="right:Q",
            y=y.title(title),
            y2="top:Q",
            color=color,
            description="words:N",
            tooltip=[
                alt.Tooltip("weight_scale:Q", title="Weight scale", format=".2f"),
                alt.Tooltip(f"{against}:Q", title=title),
                alt.Tooltip("ratio:Q", title="First / last layer", format=".3e"),
                alt.Tooltip("state:N", title="Verdict"),
            ],
        )
        .add_params(alt.selection_point(name=CELL, fields=["weight_scale", against], on="click", empty=False))
    )
    theory = (
        alt.Chart(alt.NamedData(THEORY))
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(
            x=alt.X("weight_scale:Q", axis=plain),
            y=alt.Y(f"{against}:Q", axis=plain),
            detail="piece:N",
            strokeDash=alt.StrokeDash(
                "kind:N",
                scale=alt.Scale(domain=["border", "reach"], range=[[1, 0], [6, 4]]),
                legend=None,
            ),
            color=alt.value("#1b1b28"),
            order="order:Q",
        )
    )
    here = (
        alt.Chart(alt.NamedData(PRESENT))
        .mark_point(size=220, strokeWidth=3, filled=False, color="#1b1b28")
        .encode(x=alt.X("weight_scale:Q", axis=plain), y=alt.Y(f"{against}:Q", axis=plain))
    )
    return finish(cells + theory + here, height=420)
