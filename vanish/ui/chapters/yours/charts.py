"""The charts of chapter ``yours``: layers by steps, and one step's profile."""

import altair as alt

from vanish.ui.kit.drawing import (
    DIGITS,
    INK,
    SILENT,
    Spec,
    base_chart,
    declared,
    finish,
    log_axis,
    log_labels,
    named_color,
)
from vanish.ui.kit.palette import GREY, HEALTHY, MAP_COLORS, NEAREST, OWN

# What is no number, by word: a shape of its own each.
MARKS = ("exactly 0", "missing", "below the last digit", "infinite", "NaN")
SHAPES = ("circle", "stroke", "triangle-down", "triangle-up", "cross")

# Of the height, what the legend and the axis take, or the axis alone.
ROW_HEIGHT, MOST_HEIGHT, AROUND, AXIS = 22, 520, 150, 60


# Data set of the verdicts under the layers, and what their row is called.
VERDICTS, VERDICT_ROW = "verdicts", "→ verdict"

# By verdict: what vanishes and what explodes are told apart as on the map; the word stands on it as well.
VERDICT_COLORS = {
    "healthy": HEALTHY,
    "vanishing": MAP_COLORS[0],
    "too small": MAP_COLORS[0],
    "blocked": MAP_COLORS[0],
    "jump": MAP_COLORS[0],
    "exploding": MAP_COLORS[-1],
    "too large": MAP_COLORS[-1],
    "overflow": MAP_COLORS[-1],
    "dead": "#5b5d6b",
    "missing": GREY,
    "hidden": GREY,
}


def _names(rows: int) -> alt.Axis:
    """Every row's name, where a row is as high as a line."""
    tight = ROW_HEIGHT * rows > MOST_HEIGHT
    return alt.Axis(
        labelLimit=130,
        labelFlush=False,
        labelOverlap="parity" if tight else False,
        ticks=False,
        domain=False,
        grid=False,
    )


@declared
def heat_map(low: float, high: float, rows: int) -> Spec:
    """Layers by steps, and under them what is said of each step.

    Data: ``layer``, ``label`` (its name on the axis), ``x``, ``x2`` (a cell's steps), ``size`` (missing where it is no
    number) and ``mark`` (what it is then).  Colors end at ``low`` and ``high``; nan says that there is no number.
    Data set ``VERDICTS``: ``label, x, x2, verdict, ratio``, and ``word`` where there is room for it.
    """
    base = base_chart().encode(
        alt.X("x:Q").title("Step").scale(nice=False, zero=False).axis(grid=False, tickMinStep=1, format=",.6~g"),
        # Of rectangles and signs, each would have a scale of its own kind.
        alt.Y("label:N").sort(None).scale(type="band").title(None).axis(_names(rows)),
        tooltip=[
            alt.Tooltip("layer:N").title("Layer"),
            alt.Tooltip("x:Q").title("Step").format(",.6~g"),
            alt.Tooltip("size:Q").title("Size").format(DIGITS),
            alt.Tooltip("mark:N").title("Or else"),
        ],
    )
    numbers = (
        base.transform_filter("isValid(datum.size)")
        .mark_rect()
        .encode(
            alt.X2("x2:Q"),
            color=alt.Color("size:Q")
            .scale(type="log", domain=[low, high] if low > 0 else [0.1, 1], scheme="viridis", clamp=True)
            .title("Size of the gradient")
            .legend(alt.Legend(labelExpr=log_labels("color"), gradientLength=240, tickCount=4) if low > 0 else None),
        )
    )
    others = base.transform_filter("datum.mark != null")
    ground = others.mark_rect(color=GREY, opacity=0.18, **SILENT).encode(alt.X2("x2:Q"))
    signs = (
        others.transform_calculate(middle="(datum.x + datum.x2) / 2")
        .mark_point(filled=True, size=36, strokeWidth=2, **SILENT)
        .encode(
            alt.X("middle:Q"),
            alt.Shape("mark:N").scale(domain=MARKS, range=SHAPES).legend(None),
            color=alt.value(INK),
        )
    )
    # The legend and the axis stand within the height.
    height = min(ROW_HEIGHT * (rows + 1), MOST_HEIGHT) + AROUND
    layers = [numbers, ground, signs, *_verdicts()]
    return finish(alt.layer(*layers).resolve_scale(color="independent"), height=height)


def _verdicts() -> list[alt.Chart]:
    """A stretch of color for each stretch of the run with one verdict."""
    base = base_chart(VERDICTS).encode(alt.X("x:Q"), alt.Y("label:N").sort(None))
    stretches = base.mark_rect(opacity=0.45, cornerRadius=2).encode(
        alt.X2("x2:Q"),
        named_color("verdict:N", list(VERDICT_COLORS), list(VERDICT_COLORS.values())).legend(None),
        tooltip=[
            alt.Tooltip("verdict:N").title("Verdict"),
            alt.Tooltip("x:Q").title("From step").format(",.6~g"),
            alt.Tooltip("ratio:Q").title("First / last layer there").format(DIGITS),
        ],
    )
    words = base.mark_text(align="left", dx=4, color=INK, **SILENT).encode(alt.Text("word:N"))
    return [stretches, words]


@declared
def profile(title: str, nearest: bool, rows: int) -> Spec:
    """Sizes of one step, a bar a layer below the next, as in the picture above it: names can be read on a telephone.

    Data: ``layer``, ``label`` (its name on the axis), ``place``, ``size``, ``value`` (missing where the axis has no
    place for it), ``floor`` (where bars start), ``sign`` (what stands there instead, "<" for what is smaller than
    shown), and ``curve, low, high`` of the nearest network.
    """
    base = base_chart().encode(
        alt.Y("label:N").sort(field="place").title(None).axis(_names(rows)),
        tooltip=[
            alt.Tooltip("layer:N").title("Layer"),
            alt.Tooltip("size:Q").title(title).format(DIGITS),
            *([alt.Tooltip("curve:Q").title("Nearest network").format(DIGITS)] if nearest else []),
        ],
    )
    x = alt.X("value:Q").title(title).scale(type="log").axis(log_axis("x", ticks=5))
    layers = [base.mark_bar(cornerRadiusEnd=2, color=OWN).encode(x, x2="floor:Q")]
    if nearest:
        layers.append(base.mark_area(opacity=0.25, color=NEAREST, orient="horizontal").encode(x="low:Q", x2="high:Q"))
        layers.append(
            base.mark_line(strokeDash=[7, 4], strokeWidth=2.5, color=NEAREST, orient="horizontal").encode(x="curve:Q")
        )
    signs = (
        base.transform_filter("datum.sign != ''")
        .mark_text(align="left", dx=4, fontWeight="bold", color=INK)
        .encode(alt.X("floor:Q"), alt.Text("sign:N"))
    )
    return finish(alt.layer(*layers, signs), height=min(ROW_HEIGHT * rows, MOST_HEIGHT) + AXIS)
