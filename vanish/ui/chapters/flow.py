"""Chapter ``flow``: what does each layer of a real network receive?"""

import streamlit as st

from vanish.activations import ACTIVATIONS
from vanish.flow import MAGNITUDES
from vanish.ui import charts, data, readings
from vanish.ui.chapters import parts, rescue
from vanish.ui.data import Flow
from vanish.ui.palette import ACTIVATION_COLORS
from vanish.ui.settings import Settings

BACKWARDS = "← the gradient flows this way, from output to input (log scale)"
PIPES_ALT = "The networks as pipes: the bore is the gradient that reaches a layer"


def show(settings: Settings, flow: Flow) -> None:
    """Draw the chapter."""
    chart, pipes, table = data.flow_frames(flow, settings.scale)
    labels = tuple(ACTIVATIONS[name].label for name in flow.sizes)
    colors = tuple(ACTIVATION_COLORS[name] for name in flow.sizes)
    charts.show(charts.pipes(labels, colors, BACKWARDS), pipes, PIPES_ALT, key="pipes")
    magnitude = MAGNITUDES[settings.magnitude]
    spec = charts.per_layer(settings.activations, settings.scale, settings.mark, magnitude.label)
    charts.show(spec, chart, readings.flow_alt(flow.diagnoses), key="flow_chart")
    st.markdown("\n".join(f"- {line}" for line in readings.flow_reading(flow.diagnoses)))
    rescue.show(settings, flow)
    parts.table(table, f"{magnitude.label} of every layer and activation", key="flow_table")
    parts.download(table, "vanish-flow.csv", "Download as CSV", key="flow_csv")
    parts.formula(
        [
            r"\frac{\partial L}{\partial z_l} = \left( W_{l+1}^{\top} \frac{\partial L}{\partial z_{l+1}} \right)"
            r" \odot \varphi'(z_l)",
            magnitude.latex,
        ],
        "The gradient at the output is 1. Every layer on the way back multiplies it by its weights and by the slope "
        f"of its activation. Shown is {magnitude.label}: {magnitude.explanation}",
    )
