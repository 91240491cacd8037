"""The charts of chapter ``fixes``."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from vanish.ui.kit.drawing import (
    AROUND,
    DIGITS,
    GROUND,
    INK,
    LAST,
    SILENT,
    Spec,
    base_chart,
    declared,
    dotted,
    finish,
    known,
    layers_axis,
    log_axis,
    named_color,
    sign_marks,
)
from vanish.ui.kit.numbers import vega_number
from vanish.ui.kit.palette import ACROSS, BETTER, COUNT_COLORS, GREY, HELPED, PLAIN, WORSE

EFFECTS = {"better": BETTER, "worse": WORSE, "same": GREY, "across": ACROSS}
EFFECT_SHAPES = ("circle", "cross", "square", "diamond")

# Before the words over a bar.
SIGNED = "datum.kind == 'better' ? '✓ ' : datum.kind == 'worse' ? '✗ ' : ''"

# Labels on two lines.
LAST_WORD_BELOW = r"split(replace(datum.label, / (\S+)$/, '|$1'), '|')"

THIN = "datum.from / datum.to < 2 && datum.to / datum.from < 2"

KIND_COLORS = {"plain": PLAIN, "residual": HELPED}
KIND_SHAPES = ("circle", "square")

# By how many remedies are at work.
COUNT_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def _ratio(field: str, title: str = "first / last layer, over lossless") -> alt.X:
    return alt.X(field).title(title).scale(type="log").axis(log_axis("x"))


def _whole(opacity: float = 1.0) -> alt.Chart:
    """A rule at a ratio of 1 over a lossless network's: nothing lost."""
    return base_chart().mark_rule(color=GREY, strokeDash=[3, 3], opacity=opacity, **SILENT).encode(x=alt.datum(1.0))


@declared
def both(color: str, axis: str = "Layer", ends: tuple[str, str] = ("input", "output")) -> Spec:
    """Gradient per layer before a remedy (grey) and after it, small enough for a card.

    Data: ``layer, which`` (``"before"`` or ``"after"``), ``size, value`` (the size, but missing where a log axis has
    no place for it), ``floor``.
    """
    # No title: a card has little room, and the labels say which end is which.
    base = base_chart().encode(
        layers_axis(None, ends),
        named_color("which:N", ["before", "after"], [GREY, color]).legend(None),
        tooltip=[
            alt.Tooltip("which:N").title("Remedy"),
            alt.Tooltip("layer:O").title(axis),
            alt.Tooltip("size:Q").title("Gradient").format(DIGITS),
        ],
    )
    y = alt.Y("value:Q").title(None).scale(type="log").axis(log_axis("y", ticks=4))
    lines = dotted(base.mark_line(strokeWidth=2.5).encode(y), 40, "layer", "which")
    return finish(alt.layer(*lines, known(sign_marks(base), "layer", "which")), height=150)


@declared
def dumbbells(remedies: int) -> Spec:
    """First / last ratio of each remedy over a lossless network's, from before to after, in the order of the data.

    Data: ``remedy, before, after, kind`` (better, worse, same or across).
    """
    base = known(base_chart(), "remedy").encode(
        alt.Y("remedy:N").title(None).sort(None).axis(ticks=False, domain=False, grid=False, labelLimit=220),
        _ratio("after:Q"),
        named_color("kind:N", list(EFFECTS), list(EFFECTS.values())).legend(None),
        tooltip=[
            alt.Tooltip("remedy:N").title("Remedy"),
            alt.Tooltip("before:Q").title("Over lossless before").format(DIGITS),
            alt.Tooltip("after:Q").title("Over lossless after").format(DIGITS),
        ],
    )
    bars = base.mark_rule(strokeWidth=4, opacity=0.45).encode(x2="before:Q")
    before = base.mark_point(filled=True, size=90, opacity=1).encode(alt.X("before:Q"), color=alt.value(GREY))
    shape = alt.Shape("kind:N").scale(domain=list(EFFECTS), range=EFFECT_SHAPES).legend(None)
    after = base.mark_point(filled=True, size=170, opacity=1).encode(shape)
    # Over the line, on its side of the dot.
    said = base.transform_calculate(
        side="datum.after < datum.before ? 'left' : 'right'", said=vega_number("datum.after")
    ).encode(text="said:N")
    words = _over(said, {"dy": -7, "align": {"expr": "datum.side"}, **SILENT})
    return finish(alt.layer(_whole(), bars, before, after, *words), height=42 * remedies + 50)


def _over(said: alt.Chart, look: Mapping[str, Any]) -> list[alt.Chart]:
    """Words over a mark, which the rule at 1 passes behind."""
    letters = {"baseline": "bottom", "fontWeight": "bold", **look}
    ground = said.mark_text(**letters | AROUND).encode(color=alt.value(GROUND), tooltip=alt.value(None))
    return [ground, said.mark_text(**letters).encode(color=alt.value(INK))]


@declared
def waterfall(rungs: int) -> Spec:
    """What each rung of the ladder changes in the ratio over a lossless network's, on a log axis, the first on top.

    Data: ``rung, place, kind`` (whole, better, worse, same, across), ``before, after, from, to`` (the same, but missing
    where a log axis has no place for them), ``floor, words`` (what stands over the bar).
    """
    base = base_chart().encode(
        alt.Y("rung:N")
        .title(None)
        .sort(field="place", op="min")
        .axis(ticks=False, domain=False, grid=False, labelExpr=LAST_WORD_BELOW),
        named_color("kind:N", ["whole", *EFFECTS], [GREY, *EFFECTS.values()]).legend(None),
        tooltip=[
            alt.Tooltip("rung:N").title("Rung"),
            alt.Tooltip("before:Q").title("From").format(DIGITS),
            alt.Tooltip("after:Q").title("To").format(DIGITS),
        ],
    )
    bars = base.mark_bar(height=18, yOffset=8).encode(_ratio("from:Q"), x2="to:Q")
    # A rung that ends near 1 leaves a bar too thin to be seen.
    ends = base.transform_filter(THIN).mark_tick(thickness=3, size=18, yOffset=8, **SILENT).encode(x="to:Q")
    said = (
        base.transform_calculate(end="isValid(datum.from) ? max(datum.from, datum.to) : datum.floor")
        .transform_calculate(left="datum.end <= datum.floor * 10", said=f"({SIGNED}) + datum.words")
        .encode(x="end:Q", text="said:N")
    )
    words = _over(said, {"dy": -3, "align": {"expr": "datum.left ? 'left' : 'right'"}})
    return finish(alt.layer(_whole(opacity=0.6), bars, ends, *words), height=48 * rungs + 50)


@declared
def scatter(last: bool = False) -> Spec:
    """What a network has learned against the ratio that it started with; faint those of the ``last`` training.

    Data: ``name, count`` (of its remedies), ``ratio, place`` (the same, but missing where a log axis has no place for
    it), ``accuracy``; data set ``LAST``, if there is one, as the data.
    """
    encodings = (
        _ratio("place:Q", "first / last layer before training"),
        alt.Y("accuracy:Q").title("Test accuracy").scale(domain=[0, 1]).axis(format="%"),
        alt.Color("count:O")
        .scale(domain=list(range(len(COUNT_COLORS))), range=list(COUNT_COLORS))
        .legend(title="remedies", columns=len(COUNT_COLORS), titleOrient="left", symbolStrokeWidth=0.7),
        alt.Shape("count:O").scale(domain=list(range(len(COUNT_SHAPES))), range=COUNT_SHAPES).title("remedies"),
    )
    tooltip = [
        alt.Tooltip("name:N").title("Remedies"),
        alt.Tooltip("ratio:Q").title("First / last layer").format(DIGITS),
        alt.Tooltip("accuracy:Q").title("Test accuracy").format(".1%"),
    ]
    points = base_chart().mark_point(filled=True, size=140, opacity=0.85, stroke="white", strokeWidth=0.7)
    chart = points.encode(*encodings, tooltip=tooltip)
    if not last:
        return finish(chart, height=300)
    faint = base_chart(LAST).mark_point(filled=True, size=140, opacity=0.25).encode(*encodings, tooltip=tooltip)
    return finish(alt.layer(faint, chart), height=300)


@declared
def correlations(depths: tuple[int, ...], theory: bool) -> Spec:
    """How alike neighboring gradients are, against these depths.

    Data: ``depth, kind, correlation, low, high, theory``.
    """
    base = base_chart().encode(
        alt.X("depth:Q").title("Depth").scale(type="log", nice=False).axis(grid=False, values=list(depths)),
        named_color("kind:N", list(KIND_COLORS), list(KIND_COLORS.values())),
        tooltip=[
            alt.Tooltip("kind:N").title("Network"),
            alt.Tooltip("depth:Q").title("Depth"),
            alt.Tooltip("correlation:Q").title("Correlation").format(DIGITS),
            *([alt.Tooltip("theory:Q").title("Theory").format(DIGITS)] if theory else []),
        ],
    )
    shape = alt.Shape("kind:N").scale(domain=list(KIND_COLORS), range=KIND_SHAPES)
    y = alt.Y("correlation:Q").title("Correlation of neighbors").axis(tickCount=6)
    layers = [
        base.mark_area(opacity=0.18).encode(y="low:Q", y2="high:Q"),
        *dotted(base.mark_line(strokeWidth=2.5).encode(y, shape), 70, "depth", "kind"),
    ]
    if theory:
        layers.append(base.mark_line(strokeDash=[7, 4], strokeWidth=2).encode(y="theory:Q"))
    return finish(alt.layer(*layers), height=280)


@declared
def walk(kind: str) -> Spec:
    """The derivative along a line through the inputs.  Data: ``t, slope``."""
    chart = (
        base_chart()
        .mark_line(strokeWidth=1.3, color=KIND_COLORS[kind])
        .encode(
            alt.X("t:Q").title("Along the line, t").axis(grid=False, tickCount=5, titlePadding=4),
            # Scaled, each to its own size: numbers would say nothing.
            alt.Y("slope:Q").title("df / dt").axis(tickCount=4, labels=False),
        )
    )
    return finish(chart, height=102)
