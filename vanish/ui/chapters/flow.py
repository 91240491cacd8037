"""Chapter ``flow``: what does each layer of a real network receive?"""

from collections.abc import Mapping

import streamlit as st

from vanish.activations import ACTIVATIONS
from vanish.flow import MAGNITUDES
from vanish.ui import charts, data, readings, sidebar
from vanish.ui.chapters import parts, rescue
from vanish.ui.data import Flow
from vanish.ui.palette import ACTIVATION_COLORS
from vanish.ui.settings import Settings


def show(settings: Settings, flow: Flow) -> None:
    """Draw the chapter."""
    parts.question("What does each layer receive?")
    _pipes(flow)
    magnitude = MAGNITUDES[settings.magnitude]
    with st.container(horizontal=True):
        sidebar.draw("scale", "mark")
    frame = data.per_layer_frame(flow.sizes, settings.scale)
    spec = charts.per_layer(settings.activations, settings.scale, settings.mark, magnitude.label)
    charts.show(spec, frame, readings.flow_alt(flow.diagnoses), key="flow_chart")
    st.markdown("\n".join(f"- {line}" for line in readings.flow_reading(flow.diagnoses)))
    rescue.show(settings, flow)
    table = data.layers_table({ACTIVATIONS[name].label: sizes for name, sizes in flow.sizes.items()})
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


def _pipes(flow: Flow) -> None:
    notes = _notes(flow)
    labels = tuple(ACTIVATIONS[name].label for name in flow.sizes)
    frame = data.pipes_frame(dict(zip(labels, flow.sizes.values(), strict=True)), notes)
    spec = charts.pipes(
        labels,
        tuple(ACTIVATION_COLORS[name] for name in flow.sizes),
        "← the gradient flows this way, from output to input",
    )
    charts.show(spec, frame, "The networks as pipes: the bore is the gradient that reaches a layer", key="pipes")


def _notes(flow: Flow) -> Mapping[str, str]:
    return {
        ACTIVATIONS[name].label: f"{ACTIVATIONS[name].label}: layer 1 gets {readings.number(sizes[0])}"
        for name, sizes in flow.sizes.items()
    }
