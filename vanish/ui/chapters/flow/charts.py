"""The charts behind the gradient: idle units, pre-activations, singular values."""

import altair as alt

from vanish.ui.kit.drawing import (
    DIGITS,
    Spec,
    activation_color,
    activation_dash,
    base_chart,
    declared,
    dotted,
    finish,
    known,
    layers_axis,
    powers_of_ten,
)
from vanish.ui.kit.palette import ACTIVATION_COLORS


@declared
def idle(names: tuple[str, ...]) -> Spec:
    """Share of units that pass little or nothing on.  Data: ``layer, activation, saturated, dead``."""
    base = _by_layer(
        names,
        alt.Tooltip("saturated:Q").title("Idle").format(".1%"),
        alt.Tooltip("dead:Q").title("Slope 0 for all examples").format(".1%"),
    )
    share = alt.Y("saturated:Q").title("Share of units").scale(domain=[0, 1]).axis(format="%")
    saturated = dotted(base.mark_line(strokeWidth=2.5).encode(share), 60, "layer", "activation")
    dead = base.mark_line(strokeWidth=2, strokeDash=[2, 4]).encode(y="dead:Q")
    return finish(alt.layer(*saturated, dead), height=240)


@declared
def histogram(name: str, title: str) -> Spec:
    """How an activation's network's numbers are spread, layer by layer.

    Data: ``layer, low, high, share``; ``shade``, the share beside the layer's largest; and ``bottom, top``, where a bin
    is drawn.
    """
    chart = (
        known(base_chart(), "layer", "bottom")
        .mark_rect()
        .encode(
            layers_axis().scale(paddingInner=0.05),
            alt.Y("bottom:Q").title(title).scale(zero=False, nice=False),
            alt.Y2("top:Q"),
            alt.Color("shade:Q").scale(range=["#88888818", ACTIVATION_COLORS[name]], domain=[0, 1]).legend(None),
            tooltip=[
                alt.Tooltip("layer:O").title("Layer"),
                alt.Tooltip("low:Q").title("From").format(DIGITS),
                alt.Tooltip("high:Q").title("To").format(DIGITS),
                alt.Tooltip("share:Q").title("Share of values").format(".1%"),
            ],
        )
    )
    return finish(chart, height=240)


@declared
def spectrum(names: tuple[str, ...]) -> Spec:
    """Singular values, largest first.  Data: ``activation, rank`` (0 to 1), ``value``."""
    line = (
        base_chart()
        .mark_line(strokeWidth=2)
        .encode(
            alt.X("rank:Q").title("Directions, the best kept first").axis(format="%", grid=False),
            powers_of_ten("value:Q", "Singular value"),
            activation_color(names),
            activation_dash(names),
            tooltip=[
                alt.Tooltip("activation:N").title("Activation"),
                alt.Tooltip("value:Q").title("Singular value").format(DIGITS),
            ],
        )
    )
    return finish(alt.layer(*dotted(line, 40, "activation", "rank")), height=260)


@declared
def forward(names: tuple[str, ...], field: str, title: str, log: bool) -> Spec:
    """A number a layer on the way forward, with theory's, dashed.

    Data: ``layer, activation``, the field and ``<field>_theory``, missing where it cannot be drawn.
    """
    theory = f"{field}_theory"
    base = _by_layer(
        names,
        alt.Tooltip(f"{field}:Q").title(title).format(DIGITS),
        alt.Tooltip(f"{theory}:Q").title("Theory").format(DIGITS),
    )
    y = powers_of_ten(f"{field}:Q", title) if log else alt.Y(f"{field}:Q").title(title).axis(gridOpacity=0.5)
    measured = dotted(base.mark_line(strokeWidth=2.5).encode(y), 40, "layer", "activation")
    expected = base.mark_line(strokeDash=[7, 4], strokeWidth=2, opacity=0.9).encode(y=f"{theory}:Q")
    return finish(alt.layer(*measured, expected), height=240)


def _by_layer(names: tuple[str, ...], *tooltips: alt.Tooltip) -> alt.Chart:
    """What charts of one number a layer have in common."""
    named = [alt.Tooltip("activation:N").title("Activation"), alt.Tooltip("layer:O").title("Layer")]
    return base_chart().encode(layers_axis(), activation_color(names), tooltip=[*named, *tooltips])
