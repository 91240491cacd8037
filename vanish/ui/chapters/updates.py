"""Chapter ``updates``: who gets to learn?"""

import pandas as pd
import streamlit as st

from vanish import kata
from vanish.activations import ACTIVATIONS
from vanish.diagnosis import diagnose
from vanish.flow import MAGNITUDES
from vanish.ui import charts, data, readings
from vanish.ui.chapters import parts
from vanish.ui.data import Array, Flow
from vanish.ui.settings import Settings

IDEAL = ("sigmoid", "relu")


def show(settings: Settings, flow: Flow) -> None:
    """Draw the chapter."""
    parts.question("Who gets to learn?")
    ideal = kata.update_comparison(settings.depth, settings.learning_rate)
    st.markdown(
        f"A step moves a weight by learning rate × gradient, here {settings.learning_rate:g} × gradient. "
        "First as if sigmoid always had its largest slope and ReLU were always on, then on the present network."
    )
    measured = _measured(flow, settings.learning_rate)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Idealised**")
        _panel({name: ideal[f"{name}_update"].to_numpy()[::-1] for name in IDEAL}, "ideal")
    with right:
        st.markdown("**Measured**")
        _panel({name: settings.learning_rate * sizes for name, sizes in flow.sizes.items()}, "measured")
    for title, frame, key in (("Idealised", ideal, "ideal"), ("Measured", measured, "measured")):
        parts.table(frame, f"{title} gradient and update of every layer", key=f"{key}_table")
        parts.download(frame, f"vanish-updates-{key}.csv", f"Download the {key} updates as CSV", key=f"{key}_csv")
    magnitude = MAGNITUDES[settings.magnitude]
    parts.formula(
        [r"\Delta w = -\eta \, \frac{\partial L}{\partial w}", r"\text{steps}_1 = \frac{g_L}{g_1}"],
        f"Gradient descent with learning rate η. The measured gradient is {magnitude.label}: {magnitude.explanation}",
    )


def _panel(updates: dict[str, Array], key: str) -> None:
    frame = data.per_layer_frame(updates, "log")
    spec = charts.per_layer(tuple(updates), "log", "bars", "Size of one update")
    charts.show(spec, frame, f"Size of one update in every layer, {key}", key=f"{key}_chart")
    lines = [
        readings.updates_reading(ACTIVATIONS[name].label, sizes[0], sizes[-1], len(sizes), diagnose(sizes))
        for name, sizes in updates.items()
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))


def _measured(flow: Flow, learning_rate: float) -> pd.DataFrame:
    columns = {}
    for name, sizes in flow.sizes.items():
        columns[f"{name}_gradient"] = sizes
        columns[f"{name}_update"] = learning_rate * sizes
    return data.layers_table(columns)[::-1]
