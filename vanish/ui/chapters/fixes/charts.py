"""Charts of chapter ``fixes``: as in ``charts``, structures that are built once, with data apart."""

from functools import lru_cache

import altair as alt

from vanish.ui.kit.drawing import FULL, POWERS_OF_TEN, Spec, base_chart, finish, layers_axis
from vanish.ui.kit.palette import GREY

BETTER, WORSE = "#0c9e73", "#d55e00"


# Labels on two lines.
LAST_WORD_BELOW = r"split(replace(datum.label, / (\S+)$/, '|$1'), '|')"


THIN = "datum.from / datum.to < 2 && datum.to / datum.from < 2"


KIND_COLORS = {"plain": "#d55e00", "residual": "#2b87d1"}


@lru_cache(maxsize=32)
def both(color: str, axis: str = "Layer") -> Spec:
    """Gradient per layer before a remedy (grey) and after it, small enough for a card.

    Data: ``layer, which`` (``"before"`` or ``"after"``), ``size, value`` (the size, but missing where a log axis has
    no place for it), ``floor``.
    """
    # No title: a card has little room, and the labels say which end is which.
    base = base_chart().encode(
        x=layers_axis(None),
        color=alt.Color("which:N", scale=alt.Scale(domain=["before", "after"], range=[GREY, color]), legend=None),
        tooltip=[
            alt.Tooltip("which:N", title="Remedy"),
            alt.Tooltip("layer:O", title=axis),
            alt.Tooltip("size:Q", title="Gradient", format=FULL),
        ],
    )
    y = alt.Y(
        "value:Q", title=None, scale=alt.Scale(type="log"), axis=alt.Axis(format="~e", tickCount=4, gridOpacity=0.5)
    )
    signs = (
        base.transform_filter("datum.size == 0 || !isFinite(datum.size)")
        .transform_calculate(sign="datum.size == 0 ? '0' : isNaN(datum.size) ? 'nan' : '∞'")
        .mark_text(baseline="bottom", fontWeight="bold")
        .encode(y="floor:Q", text="sign:N")
    )
    lines = base.mark_line(strokeWidth=2.5).encode(y=y) + base.mark_point(filled=True, size=40, opacity=1).encode(y=y)
    return finish(lines + signs, height=150)


@lru_cache(maxsize=8)
def dumbbells(remedies: int) -> Spec:
    """First / last ratio of each remedy, from before to after, in the order of the data.

    Data: ``remedy, before, after, kind`` (better, worse or same).
    """
    axis = alt.Axis(ticks=False, domain=False, grid=False, labelLimit=220)
    base = base_chart().encode(
        y=alt.Y("remedy:N", title=None, sort=None, axis=axis),
        tooltip=[
            alt.Tooltip("remedy:N", title="Remedy"),
            alt.Tooltip("before:Q", title="First / last before", format=".3e"),
            alt.Tooltip("after:Q", title="First / last after", format=".3e"),
        ],
    )
    x = alt.X(
        "after:Q",
        title="first / last layer",
        scale=alt.Scale(type="log"),
        axis=POWERS_OF_TEN,
    )
    color = alt.Color(
        "kind:N", scale=alt.Scale(domain=["better", "worse", "same"], range=[BETTER, WORSE, GREY]), legend=None
    )
    whole = base_chart().mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.datum(1.0))
    bars = base.mark_rule(strokeWidth=4, opacity=0.45).encode(x=x, x2="before:Q", color=color)
    before = base.mark_point(filled=True, size=90, opacity=1, color=GREY).encode(x=alt.X("before:Q"))
    after = base.mark_point(filled=True, size=170, opacity=1).encode(x=x, color=color)
    return finish(alt.LayerChart(layer=[whole, bars, before, after]), height=36 * remedies + 50)


@lru_cache(maxsize=8)
def waterfall(rungs: int) -> Spec:
    """What each rung of the ladder changes in the ratio, on a log axis, the first rung on top.

    Data: ``rung, place, kind`` (whole, better, worse), ``before, after, from, to`` (the same, but missing where a log
    axis has no place for them), ``floor, words`` (what stands over the bar).
    """
    axis = alt.Axis(ticks=False, domain=False, grid=False, labelExpr=LAST_WORD_BELOW)
    base = base_chart().encode(
        y=alt.Y("rung:N", title=None, sort=alt.EncodingSortField("place", op="min"), axis=axis),
        tooltip=[
            alt.Tooltip("rung:N", title="Rung"),
            alt.Tooltip("before:Q", title="From", format=FULL),
            alt.Tooltip("after:Q", title="To", format=FULL),
        ],
    )
    x = alt.X("from:Q", title="first / last layer", scale=alt.Scale(type="log"), axis=POWERS_OF_TEN)
    color = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["whole", "better", "worse"], range=[GREY, BETTER, WORSE]),
        legend=None,
    )
    bars = base.mark_bar(height=18, yOffset=8).encode(x=x, x2="to:Q", color=color)
    # A rung that ends near 1 leaves a bar too thin to be seen.
    ends = base.transform_filter(THIN).mark_tick(thickness=3, size=18, yOffset=8).encode(x="to:Q", color=color)
    words = (
        base.transform_calculate(end="isValid(datum.from) ? max(datum.from, datum.to) : datum.floor")
        .transform_calculate(left="datum.end <= datum.floor * 10")
        .mark_text(baseline="bottom", dy=-3, fontWeight="bold", align={"expr": "datum.left ? 'left' : 'right'"})
        .encode(x="end:Q", text="words:N", color=color)
    )
    whole = base_chart().mark_rule(color=GREY, strokeDash=[3, 3], opacity=0.6).encode(x=alt.datum(1.0))
    return finish(alt.LayerChart(layer=[whole, bars, ends, words]), height=48 * rungs + 50)


@lru_cache(maxsize=1)
def scatter() -> Spec:
    """What a network has learned against the ratio that it started with.

    Data: ``name, count`` (of its remedies), ``ratio, place`` (the same, but missing where a log axis has no place for
    it), ``accuracy``.
    """
    chart = (
        base_chart()
        .mark_point(filled=True, size=140, opacity=0.85, stroke="white", strokeWidth=0.7)
        .encode(
            x=alt.X(
                "place:Q", title="first / last layer before training", scale=alt.Scale(type="log"), axis=POWERS_OF_TEN
            ),
            y=alt.Y("accuracy:Q", title="Test accuracy", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            color=alt.Color(
                "count:O",
                scale=alt.Scale(domain=[0, 1, 2, 3, 4], range=[GREY, "#d55e00", "#b38600", "#2b87d1", "#0c9e73"]),
                legend=alt.Legend(title="remedies", columns=5, titleOrient="left"),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="Remedies"),
                alt.Tooltip("ratio:Q", title="First / last layer", format=".3e"),
                alt.Tooltip("accuracy:Q", title="Test accuracy", format=".1%"),
            ],
        )
    )
    return finish(chart, height=300)


@lru_cache(maxsize=4)
def correlations(theory: bool) -> Spec:
    """How alike neighbouring gradients are, against depth.  Data: ``depth, kind, correlation, low, high, theory``."""
    color = alt.Color("kind:N", scale=alt.Scale(domain=list(KIND_COLORS), range=list(KIND_COLORS.values())))
    base = base_chart().encode(
        x=alt.X(
            "depth:Q", title="Depth", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(grid=False, tickCount=6)
        ),
        color=color,
        tooltip=[
            alt.Tooltip("kind:N", title="Network"),
            alt.Tooltip("depth:Q", title="Depth"),
            alt.Tooltip("correlation:Q", title="Correlation", format=".3f"),
            *([alt.Tooltip("theory:Q", title="Theory", format=".3f")] if theory else []),
        ],
    )
    y = alt.Y("correlation:Q", title="Correlation of neighbours", axis=alt.Axis(tickCount=6))
    layers = [
        base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(strokeWidth=2.5).encode(y=y),
        base.mark_point(filled=True, size=70, opacity=1).encode(y=y),
    ]
    if theory:
        layers.append(base.mark_line(strokeDash=[7, 4], strokeWidth=2).encode(y="theory:Q"))
    return finish(alt.LayerChart(layer=layers), height=280)


@lru_cache(maxsize=4)
def walk(kind: str) -> Spec:
    """The derivative along a line through the inputs.  Data: ``t, slope``."""
    chart = (
        base_chart()
        .mark_line(strokeWidth=1.3, color=KIND_COLORS[kind])
        .encode(
            x=alt.X("t:Q", title="Along the line, t", axis=alt.Axis(grid=False, tickCount=5)),
            y=alt.Y("slope:Q", title="df / dt over its size", axis=alt.Axis(tickCount=4)),
        )
    )
    return finish(chart, height=170)
