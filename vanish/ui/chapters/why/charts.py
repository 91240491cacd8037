"""The charts of chapter ``why``."""

import altair as alt

from vanish.ui.kit.drawing import (
    FULL,
    Spec,
    activation_color,
    base_chart,
    dots,
    finish,
    named_color,
    powers_of_ten,
)
from vanish.ui.kit.shared import shared


@shared()
def decay(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """What is left after n layers, one line a slope.  Data: ``layers, name, value``."""
    chart = (
        base_chart()
        .mark_line(strokeWidth=2.5, point=dots(80))
        .encode(
            alt.X("layers:Q").title("Layers passed").axis(tickMinStep=1, grid=False),
            powers_of_ten("value:Q", "Gradient left"),
            named_color("name:N", names, colors),
            tooltip=[
                alt.Tooltip("name:N").title("Slope"),
                alt.Tooltip("layers:Q").title("Layers"),
                alt.Tooltip("value:Q").title("Gradient left").format(FULL),
            ],
        )
    )
    return finish(chart, height=340)


@shared()
def curves(names: tuple[str, ...], title: str) -> Spec:
    """Activation curves.  Data: ``z, activation, value``."""
    chart = (
        base_chart()
        .mark_line(strokeWidth=2.5)
        .encode(
            alt.X("z:Q").title("Pre-activation z"),
            alt.Y("value:Q").title(title),
            activation_color(names),
            tooltip=[
                alt.Tooltip("activation:N").title("Activation"),
                alt.Tooltip("z:Q").format(".2f"),
                alt.Tooltip("value:Q").title(title).format(".4f"),
            ],
        )
    )
    return finish(chart, height=260)


@shared()
def telephone(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """A row of people who whisper on: a disc's area is what is left.  Data: ``steps, name, value``."""
    chart = (
        base_chart()
        .mark_circle(opacity=0.9)
        .encode(
            alt.X("steps:O").title("Person in the row").axis(labelAngle=0, ticks=False, domain=False),
            alt.Y("name:N").title(None).sort(list(names)).axis(ticks=False, domain=False, grid=False),
            alt.Size("value:Q").scale(domain=[0, 1], range=[0, 420], clamp=True).legend(None),
            named_color("name:N", names, colors).legend(None),
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q").title("Left of the message").format(FULL)],
        )
    )
    return finish(chart, height=60 * len(names) + 40)


@shared()
def products(names: tuple[str, ...], colors: tuple[str, ...]) -> Spec:
    """The running product, layer by layer, on a linear axis.  Data: ``steps, name, value``."""
    chart = (
        base_chart()
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            alt.X("steps:O").title("Factors multiplied").axis(labelAngle=0, labelOverlap="greedy", ticks=False),
            alt.XOffset("name:N").sort(list(names)),
            alt.Y("value:Q").title("Product").axis(tickCount=4),
            named_color("name:N", names, colors).legend(None),
            tooltip=["name:N", "steps:O", alt.Tooltip("value:Q").title("Product").format(FULL)],
        )
    )
    return finish(chart, height=230)
