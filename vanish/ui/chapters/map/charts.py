"""The chart of chapter ``map``."""

import altair as alt

from vanish.ui.kit.drawing import DIGITS, PRESENT, SILENT, THEORY, Spec, base_chart, declared, finish, known
from vanish.ui.kit.palette import GREY, MAP_COLORS

CELL = "cell"

# Decades of first / last at which the map's colours end.
MAP_DECADES = 6

MAP_INK, MAP_RIM = "#1b1b28", "#ffffff"

LOST = "half or more dead or overflow"


@declared
def heat_map(against: str, title: str, gray: bool) -> Spec:
    """First / last over weight scale and something else, with theory's lines and the present network on top;
    ``gray``: whether there are cells without a number, whose color the legend then names.

    Data: ``x, x2, y, y2`` (a cell), ``weight_scale``, ``against`` (its middle), ``decades`` (log10 of the ratio over
    a lossless network's, missing where half of the networks have none), ``ratio``, ``left``, ``state``, ``dead``,
    ``overflow``, ``words`` (all of it, to be heard); data set ``THEORY``: ``weight_scale, against, kind, piece,
    order``; data set ``PRESENT``: ``weight_scale, against``.  A click on a cell selects it.
    """
    ratio = (
        alt.Color("decades:Q")
        .title("first / last layer, powers of ten")
        .scale(domain=[-MAP_DECADES, 0, MAP_DECADES], range=list(MAP_COLORS), clamp=True, interpolate="lab")
        .legend(
            orient="top", gradientLength=220, values=[-MAP_DECADES, -MAP_DECADES / 2, 0, MAP_DECADES / 2, MAP_DECADES]
        )
    )
    cells = (
        known(base_chart(), "x", "y")
        # A cell without a number is painted, too, in the color that the configuration below gives it: by itself,
        # Vega-Lite leaves out what a color scale cannot place.
        .mark_rect(invalid="show")
        .encode(
            alt.X("x:Q").title("Weight scale").scale(nice=False, zero=False).axis(grid=False),
            alt.X2("x2:Q"),
            alt.Y("y:Q").title(title).scale(nice=False, zero=False).axis(grid=False),
            alt.Y2("y2:Q"),
            color=ratio,
            description="words:N",
            tooltip=[
                alt.Tooltip("weight_scale:Q").title("Weight scale").format(DIGITS),
                alt.Tooltip(f"{against}:Q").title(title),
                alt.Tooltip("ratio:Q").title("First / last layer").format(DIGITS),
                alt.Tooltip("left:Q").title("Over a lossless network's").format(DIGITS),
                alt.Tooltip("state:N").title("Verdict"),
                alt.Tooltip("dead:Q").title("Dead networks").format(".0%"),
                alt.Tooltip("overflow:Q").title("Networks that overflow").format(".0%"),
            ],
        )
        .add_params(alt.selection_point(name=CELL, fields=["weight_scale", against], on="click", empty=False))
    )
    on_top = (alt.X("weight_scale:Q").axis(grid=False), alt.Y(f"{against}:Q").axis(grid=False))
    lines = base_chart(THEORY).encode(
        *on_top,
        alt.StrokeDash("kind:N")
        .scale(domain=["border", "reach", "trainable"], range=[[1, 0], [6, 4], [1, 4]])
        .legend(None),
        detail="piece:N",
        order="order:Q",
    )
    point = base_chart(PRESENT).encode(*on_top)
    # Dark on a light rim: read on every color of the map.
    on_rim = [
        layer
        for color, wider in ((MAP_RIM, 3.0), (MAP_INK, 0.0))
        for layer in (
            lines.mark_line(strokeWidth=2.5 + wider, clip=True, color=color),
            point.mark_point(size=220, strokeWidth=3 + wider, filled=False, color=color),
        )
    ]
    chart = alt.layer(cells, *([_gray_cells()] if gray else []), *on_rim)
    return finish(chart.configure_scale(invalid={"color": {"value": GREY}}), height=420)


def _gray_cells() -> alt.Chart:
    """No mark of its own: the legend's entry for cells without a number."""
    return (
        base_chart()
        .transform_filter("false")
        .mark_square(**SILENT)
        .encode(
            alt.Fill("state:N")
            .scale(domain=[LOST], range=[GREY])
            .title(None)
            .legend(orient="bottom", symbolSize=220, labelLimit=0)
        )
    )
