"""The charts of chapter ``why``."""

import altair as alt

from vanish.ui.kit.drawing import (
    DIGITS,
    INK,
    KEYS,
    LINE,
    START,
    Spec,
    activation_color,
    activation_dash,
    base_chart,
    declared,
    dotted,
    dragged,
    finish,
    keyed,
    known,
    named_color,
    powers_of_ten,
)
from vanish.ui.kit.numbers import vega_count, vega_number
from vanish.ui.kit.palette import DASHES, GREY


@declared
def decay(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """What is left after n layers, one line a slope.  Data: ``layers, name, value``, and data set ``KEY``."""
    line = (
        base_chart()
        .mark_line(strokeWidth=2.5)
        .encode(
            alt.X("layers:Q").title("Layers passed").axis(tickMinStep=1, grid=False),
            powers_of_ten("value:Q", "Gradient left"),
            keyed(named_color("name:N", names, colors), **LINE),
            alt.StrokeDash("name:N").scale(domain=names, range=[*DASHES.values()][: len(names)]).legend(None),
            tooltip=[
                alt.Tooltip("name:N").title("Slope"),
                alt.Tooltip("layers:Q").title("Layers"),
                alt.Tooltip("value:Q").title("Gradient left").format(DIGITS),
            ],
        )
    )
    return finish(alt.layer(*dotted(line, 80, "layers", "name"), KEYS), height=340)


@declared
def curves(names: tuple[str, ...], title: str) -> Spec:
    """Activation curves.  Data: ``z, activation, value``."""
    chart = (
        base_chart()
        .mark_line(strokeWidth=2.5)
        .encode(
            alt.X("z:Q").title("Pre-activation z"),
            alt.Y("value:Q").title(title),
            activation_color(names).legend(**LINE),
            activation_dash(names),
            tooltip=[
                alt.Tooltip("activation:N").title("Activation"),
                alt.Tooltip("z:Q").format(DIGITS),
                alt.Tooltip("value:Q").title(title).format(DIGITS),
            ],
        )
    )
    return finish(chart, height=260)


# The most people in the row that one can drag, and square pixels of the disc of a whole message.
MOST_IN_ROW, WHOLE = 100, 1400

# What is left of the message at the end of the row that one drags.
LEFT = "pow(share, people)"


def arrives() -> str:
    """The Vega expression of what arrives at the end of the row: two lines at most."""
    part = f"{LEFT} < 0.1 && isFinite(1 / {LEFT}) ? ':\\n' + 'one part in ' + ({vega_count(f'(1 / {LEFT})')}) : ''"
    said = (
        f"share == 0 ? 'nothing' : {LEFT} == 0 ? 'less than a computer can hold' : {LEFT} == 1 ? 'all of it' : "
        f"({vega_number(LEFT)}) + ({LEFT} < 1 ? ' of it' : ' times as much')"
    )
    return f"'Person ' + people + ' passes on ' + ({said}) + ({part})"


@declared
def whisper(color: str) -> Spec:
    """A row of people who whisper on, with sliders of its own: a disc's area is what is left, in a ring for a whole.

    Data: ``steps``, 1 to ``MOST_IN_ROW``; data set ``START``: ``share, people``, where the sliders begin.
    """
    whole = f"min({WHOLE}, PI / 4 * pow(0.85 * width / people, 2))"
    people = (
        known(base_chart(), "steps")
        .transform_filter("datum.steps <= people")
        .transform_calculate(left="pow(share, datum.steps)", whole=whole)
        .transform_calculate(area="min(1, datum.left) * datum.whole", said=vega_number("datum.left"))
        .encode(
            alt.X("steps:O").title("Person in the row").axis(labelAngle=0, labelOverlap="greedy", ticks=False),
            y=alt.value(72),
            tooltip=[alt.Tooltip("steps:O").title("Person"), alt.Tooltip("said:N").title("Passes on")],
        )
    )
    rings = people.mark_point(color=GREY, opacity=0.6, strokeWidth=1).encode(alt.Size("whole:Q").scale(None))
    discs = people.mark_circle(color=color, opacity=0.95).encode(alt.Size("area:Q").scale(None))
    words = (
        base_chart(START)
        .mark_text(align="left", baseline="top", fontWeight=600, color=INK, lineBreak="\n", fontSize=17, lineHeight=22)
        .encode(text=alt.value({"expr": arrives()}), x=alt.value(0), y=alt.value(0))
    )
    spec = finish(alt.layer(rings, discs, words), height=168)
    return dragged(spec, share=("Each passes on", 0.0, 1.5, 0.01), people=("People in the row", 1, MOST_IN_ROW, 1))


@declared
def telephone(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """A row of people who whisper on: a disc's area is what is left.  Data: ``steps, name, value``."""
    chart = (
        known(base_chart(), "steps", "name")
        .mark_circle(opacity=0.9)
        .encode(
            alt.X("steps:O").title("Person in the row").axis(labelAngle=0, ticks=False, domain=False),
            alt.Y("name:N").title(None).sort(list(names)).axis(ticks=False, domain=False, grid=False, labelLimit=200),
            alt.Size("value:Q").scale(domain=[0, 1], range=[0, 420], clamp=True).legend(None),
            named_color("name:N", names, colors).legend(None),
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q").title("Left of the message").format(DIGITS)],
        )
    )
    return finish(chart, height=60 * len(names) + 40)


@declared
def products(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """The running product, layer by layer, on a linear axis.  Data: ``steps, name, value``."""
    chart = (
        known(base_chart(), "steps", "name")
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            alt.X("steps:O").title("Factors multiplied").axis(labelAngle=0, labelOverlap="greedy", ticks=False),
            alt.XOffset("name:N").sort(list(names)),
            alt.Y("value:Q").title("Product").axis(tickCount=4),
            named_color("name:N", names, colors).legend(None),
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q").title("Product").format(DIGITS)],
        )
    )
    return finish(chart, height=230)
