"""The chart of chapter ``map``."""

from functools import lru_cache

import altair as alt

from vanish.ui.kit.drawing import PRESENT, THEORY, Spec, base_chart, finish
from vanish.ui.kit.palette import GREY, MAP_COLORS

CELL = "cell"

# Decades of first / last at which the map's colours end.
MAP_DECADES = 6

# Stands out on every colour of the map, whichever theme is on.
MAP_INK = "#1b1b28"


@lru_cache(maxsize=8)
def heat_map(against: str, title: str) -> Spec:
    """First / last over weight scale and something else, with theory's lines and the present network on top.

    Data: ``left, right, bottom, top`` (a cell), ``weight_scale``, ``against`` (its middle), ``decades`` (log10 of
    the ratio, missing where there is none), ``ratio``, ``state``, ``words`` (all of it, to be heard); data set
    ``THEORY``: ``weight_scale, against, kind, piece, order``; data set ``PRESENT``: ``weight_scale, against``.
    A click on a cell selects it.
    """
    ratio = (
        alt.Color("decades:Q")
        .title("log10 of first / last layer")
        .scale(domain=[-MAP_DECADES, 0, MAP_DECADES], range=list(MAP_COLORS), clamp=True, interpolate="lab")
        .legend(orient="top", gradientLength=220, title="first / last layer, powers of ten")
    )
    cells = (
        base_chart()
        .mark_rect()
        .encode(
            alt.X("left:Q").title("Weight scale").scale(nice=False, zero=False).axis(grid=False),
            alt.X2("right:Q"),
            alt.Y("bottom:Q").title(title).scale(nice=False, zero=False).axis(grid=False),
            alt.Y2("top:Q"),
            color=alt.when("isValid(datum.decades)").then(ratio).otherwise(alt.value(GREY)),
            description="words:N",
            tooltip=[
                alt.Tooltip("weight_scale:Q").title("Weight scale").format(".2f"),
                alt.Tooltip(f"{against}:Q").title(title),
                alt.Tooltip("ratio:Q").title("First / last layer").format(".3e"),
                alt.Tooltip("state:N").title("Verdict"),
            ],
        )
        .add_params(alt.selection_point(name=CELL, fields=["weight_scale", against], on="click", empty=False))
    )
    on_top = (alt.X("weight_scale:Q").axis(grid=False), alt.Y(f"{against}:Q").axis(grid=False))
    theory = (
        base_chart(THEORY)
        .mark_line(strokeWidth=2.5, clip=True, color=MAP_INK)
        .encode(
            *on_top,
            alt.StrokeDash("kind:N").scale(domain=["border", "reach"], range=[[1, 0], [6, 4]]).legend(None),
            detail="piece:N",
            order="order:Q",
        )
    )
    here = base_chart(PRESENT).mark_point(size=220, strokeWidth=3, filled=False, color=MAP_INK).encode(*on_top)
    return finish(alt.layer(cells, theory, here), height=420)
