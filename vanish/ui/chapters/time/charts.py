"""The charts of chapter ``time``."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from vanish.ui.kit.drawing import (
    AROUND,
    DIGITS,
    FLOORS,
    INK,
    KEYS,
    LAST,
    PRESENT,
    SILENT,
    THEORY,
    Spec,
    base_chart,
    declared,
    finish,
    keyed,
    log_axis,
    named_color,
    powers_of_ten,
)
from vanish.ui.kit.palette import CELL_COLORS, GREY, SIGNED_COLORS

# What a line stands for beside the cell that it is of.
HIDDEN, CELL_STATE = "hidden state", "cell state"

DASHES = {HIDDEN: [1, 0], CELL_STATE: [2, 3]}

EXTENT = "extent"

# What a bar of the histogram of sizes is, beside the threshold.
PASSES, BEYOND = "passes", "beyond the threshold"


def _cell_color(cells: Sequence[str], labels: Sequence[str]) -> alt.Color:
    return named_color("cell:N", labels, [CELL_COLORS[name] for name in cells])


# Where a rule's label may stand: at which end, and whether above the rule or below it; the first one that is free.
LABEL_PLACES = ("left", "below"), ("right", "below"), ("right", "above"), ("left", "above")
# On a telephone, of its words the number alone.
_FITS = "width < 500 ? split(datum.format, ' of ')[0] : datum.format"


def _rules(name: str = FLOORS, placed: bool = False) -> list[alt.Chart]:
    """Labelled horizontal rules: data set ``FLOORS``, or another one, with ``format, value``; where their labels are
    ``placed``, with the ``end`` and the ``side`` of one of ``LABEL_PLACES``."""
    rules = base_chart(name).transform_calculate(said=_FITS).encode(y="value:Q")
    look: dict[str, Any] = {"align": "right", "baseline": "bottom", "dy": -2}
    x = alt.value("width")
    if placed:
        # Written into the chart, each place would be a chart of its own.
        above = "datum.side == 'above'"
        look = {"align": alt.expr("datum.end"), "baseline": alt.expr(f"{above} ? 'bottom' : 'top'")}
        look["dy"] = alt.expr(f"{above} ? -2 : 3")
        x = alt.value(alt.expr("datum.end == 'left' ? 4 : width"))
    words = rules.mark_text(color=INK, fontSize=12, **look)
    ground = rules.mark_text(fontSize=12, **AROUND, **look)
    said = [one.encode(text="said:N", x=x) for one in (ground, words)]
    return [rules.mark_rule(strokeDash=[2, 4], color=GREY, **SILENT), *said]


@declared
def through_time(cells: tuple[str, ...], labels: tuple[str, ...], bands: bool, theory: bool) -> Spec:
    """Gradient against distance from the end of a sequence, a line a cell, and one more for a cell state.

    Data: ``cell`` (label), ``state, distance, size, value`` (missing where a log axis has no place for it), with
    ``bands`` also ``low, median, high``; data set ``THEORY``: ``cell, kind, distance, value``; data sets ``FLOORS`` and
    ``PRESENT``, the rule at the share looked for: ``format, value, end, side``; data set ``KEY``.  The cell state is
    dotted.
    """
    x = alt.X("distance:Q").title("Steps back from the end of the sequence").axis(grid=False)
    title = "Gradient / the last step's"
    y = powers_of_ten("value:Q", title)
    dash = alt.StrokeDash("state:N").scale(domain=list(DASHES), range=list(DASHES.values())).legend(None)
    color = keyed(_cell_color(cells, labels))
    base = base_chart().encode(
        x,
        color,
        detail="state:N",
        tooltip=[
            alt.Tooltip("cell:N").title("Cell"),
            alt.Tooltip("state:N").title("By the"),
            alt.Tooltip("distance:Q").title("Steps back"),
            alt.Tooltip("size:Q").title("Gradient left").format(DIGITS),
        ],
    )
    layers = [*_rules(), KEYS]
    if bands:
        layers.append(base.mark_area(opacity=0.15).encode(alt.Y("low:Q").title(title), y2="high:Q"))
        layers.append(base.mark_line(strokeDash=[1, 3], strokeCap="round").encode(y="median:Q"))
    layers.append(base.mark_line(strokeWidth=2.5).encode(y, dash))
    if theory:
        tooltip = [
            alt.Tooltip("cell:N").title("Cell"),
            alt.Tooltip("kind:N").title("Line"),
            alt.Tooltip("distance:Q").title("Steps back"),
            alt.Tooltip("value:Q").title("Value").format(DIGITS),
        ]
        lines = base_chart(THEORY).mark_line(strokeDash=[7, 4], strokeWidth=1.6, opacity=0.8)
        layers.append(lines.encode(x, y, color, detail="kind:N", tooltip=tooltip))
    layers += _rules(PRESENT, placed=True)
    return finish(alt.layer(*layers), height=380)


@declared
def example(channels: tuple[str, ...]) -> Spec:
    """A sequence of a task, a row an input.  Data: ``step, channel, value``."""
    chart = (
        base_chart()
        .mark_rect()
        .encode(
            alt.X("step:O").title("Step of the sequence").axis(labelOverlap="parity", labelAngle=0),
            alt.Y("channel:N").title(None).sort(list(channels)).axis(ticks=False, domain=False),
            alt.Color("value:Q").scale(domain=[-1, 0, 1], range=list(SIGNED_COLORS)).legend(None),
            tooltip=["step:O", "channel:N", alt.Tooltip("value:Q").format(DIGITS)],
        )
    )
    return finish(chart, height=34 * len(channels) + 60)


@declared
def race(cells: tuple[str, ...], labels: tuple[str, ...], title: str, last: bool = False) -> Spec:
    """Test loss over the steps of a run, a line a cell; faint the ``last`` run, of some of these cells.

    Data: ``cell, step, value``; data set ``FLOORS``; data set ``LAST``, if there is a last run, as the data.
    """
    x = alt.X("step:Q").title("Training steps").scale(nice=False).axis(grid=False)
    y, color = powers_of_ten("value:Q", title), _cell_color(cells, labels)
    tooltip = [
        alt.Tooltip("cell:N").title("Cell"),
        alt.Tooltip("step:Q").title("Step"),
        alt.Tooltip("value:Q").title(title).format(DIGITS),
    ]
    losses = base_chart().mark_line(strokeWidth=2.5).encode(x, y, color, tooltip=tooltip)
    faint = base_chart(LAST).mark_line(strokeWidth=5, opacity=0.3).encode(x, y, color, tooltip=tooltip)
    return finish(alt.layer(*_rules(), *([faint] if last else []), losses), height=320)


@declared
def trace(title: str, color: str, last: bool = False) -> Spec:
    """One number at every step of a run, spikes marked; faint the ``last`` run.

    Data: ``step, size, value`` (the size, up to ``data.CEILING``), ``spike``; data set ``EXTENT``:
    ``step, value``, drawn invisibly so that two charts have the same axes; data set ``FLOORS``; data set ``LAST``, if
    there is a last run: ``step, value``.
    """
    x = alt.X("step:Q").title("Training steps").scale(nice=False).axis(grid=False)
    y = alt.Y("value:Q").title(title).scale(type="log").axis(log_axis("y", ticks=5))
    extent = base_chart(EXTENT).mark_point(opacity=0).encode(x, y)
    base = base_chart().encode(x, y, color=alt.value(color))
    tooltip = [alt.Tooltip("step:Q").title("Step"), alt.Tooltip("size:Q").title(title).format(DIGITS)]
    spikes = (
        base.transform_filter("datum.spike")
        .mark_point(filled=True, size=30, opacity=0.9, **SILENT)
        .encode(tooltip=tooltip)
    )
    faint = [base_chart(LAST).mark_line(strokeWidth=4, opacity=0.25, color=color).encode(x, y)] if last else []
    # A run lies all over its rule: that stands above it, and its name where a run seldom comes.
    rule = base_chart(FLOORS).mark_rule(strokeDash=[4, 4], strokeWidth=2, color=INK, **SILENT).encode(y="value:Q")
    name = (
        base_chart(FLOORS)
        .transform_calculate(said="'dashed: ' + datum.format")
        .mark_text(color=INK, fontSize=12, align="right", baseline="top")
        .encode(text="said:N", x=alt.value("width"), y=alt.value(0))
    )
    line = base.mark_line(strokeWidth=1.3)
    return finish(alt.layer(extent, *faint, line, spikes, rule, name), height=210)


@declared
def norms(title: str) -> Spec:
    """How often gradients of which size came up.

    Data: ``left, right, count, clipped`` (whether it lies beyond the threshold); data set ``PRESENT``:
    ``value, words``.
    """
    bars = (
        base_chart()
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            alt.X("left:Q").title(title).scale(type="log").axis(log_axis("x")),
            alt.X2("right:Q"),
            alt.Y("count:Q").title("Training steps"),
            named_color("clipped:N", [PASSES, BEYOND], [GREY, INK]).legend(symbolStrokeWidth=0),
            y2=alt.datum(0),
            tooltip=[
                alt.Tooltip("left:Q").title("From").format(DIGITS),
                alt.Tooltip("right:Q").title("To").format(DIGITS),
                alt.Tooltip("count:Q").title("Training steps"),
            ],
        )
    )
    here = base_chart(PRESENT).encode(alt.X("value:Q").scale(type="log"))
    said = [
        here.mark_text(align="left", baseline="top", dx=6, **look).encode(text="words:N", y=alt.value(0))
        for look in (AROUND, {"color": INK})
    ]
    return finish(alt.layer(bars, here.mark_rule(strokeWidth=2.5, color=GREY, **SILENT), *said), height=220)
