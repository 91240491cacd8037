"""The charts behind the gradient: idle units, pre-activations, singular values."""

from functools import lru_cache

import altair as alt

from vanish.ui.kit.drawing import FULL, POWERS_OF_TEN, Spec, activation_color, base_chart, finish, layers_axis
from vanish.ui.kit.palette import ACTIVATION_COLORS


@lru_cache(maxsize=64)
def idle(names: tuple[str, ...]) -> Spec:
    """Share of units that pass little or nothing on.  Data: ``layer, activation, saturated, dead``."""
    base = base_chart().encode(
        x=layers_axis(),
        color=activation_color(names),
        tooltip=[
            alt.Tooltip("activation:N", title="Activation"),
            alt.Tooltip("layer:O", title="Layer"),
            alt.Tooltip("saturated:Q", title="Saturated", format=".1%"),
            alt.Tooltip("dead:Q", title="Dead", format=".1%"),
        ],
    )
    share = alt.Y("saturated:Q", title="Share of units", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    lines = base.mark_line(strokeWidth=2.5).encode(y=share) + base.mark_point(filled=True, size=60).encode(y=share)
    return finish(lines + base.mark_line(strokeWidth=2, strokeDash=[2, 4]).encode(y="dead:Q"), height=240)


@lru_cache(maxsize=32)
def histogram(name: str) -> Spec:
    """Distribution of what goes into the activation, layer by layer.

    Data: ``layer, low, high, share``, and ``shade`` (the share beside the layer's largest).
    """
    chart = (
        base_chart()
        .mark_rect()
        .encode(
            x=layers_axis(scale=alt.Scale(paddingInner=0.05)),
            y=alt.Y("low:Q", title="Into the activation", scale=alt.Scale(zero=False, nice=False)),
            y2="high:Q",
            color=alt.Color(
                "shade:Q",
                scale=alt.Scale(range=["#88888818", ACTIVATION_COLORS[name]], domain=[0, 1]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("layer:O", title="Layer"),
                alt.Tooltip("low:Q", title="From", format=".3g"),
                alt.Tooltip("high:Q", title="To", format=".3g"),
                alt.Tooltip("share:Q", title="Share of values", format=".1%"),
            ],
        )
    )
    return finish(chart, height=240)


@lru_cache(maxsize=64)
def spectrum(names: tuple[str, ...]) -> Spec:
    """Singular values, largest first.  Data: ``activation, rank`` (0 to 1), ``value``."""
    base = base_chart().encode(
        x=alt.X("rank:Q", title="Directions, the best kept first", axis=alt.Axis(format="%", grid=False)),
        y=alt.Y("value:Q", title="Singular value", scale=alt.Scale(type="log"), axis=POWERS_OF_TEN),
        color=activation_color(names),
        tooltip=[
            alt.Tooltip("activation:N", title="Activation"),
            alt.Tooltip("value:Q", title="Singular value", format=FULL),
        ],
    )
    return finish(base.mark_line(strokeWidth=2) + base.mark_point(filled=True, size=40, opacity=1), height=260)
