"""The surprise of chapter ``flow`` and its cure: it is the initialisation, not the activation."""

import pandas as pd
import streamlit as st

from vanish.initializers import INITIALIZERS
from vanish.ui import data, readings
from vanish.ui.chapters import parts
from vanish.ui.data import Flow
from vanish.ui.settings import Settings

SCALINGS = ("kata", "xavier_uniform", "he_uniform")


def show(settings: Settings, flow: Flow) -> None:
    """Say what surprises, offer the cure and the way back, and compare the scalings on demand."""
    relu = next((name for name in ("leaky_relu", "relu") if name in flow.sizes), None)
    if relu is None:
        return
    ratios = {name: found.ratio for name, found in flow.diagnoses.items()}
    with st.container(border=True):
        if settings.initializer == "he_uniform":
            before = data.flow(settings.respecified(initializer="kata"), *settings.signal).diagnoses[relu]
            st.markdown(readings.cure(relu, before.ratio, ratios[relu], settings.width))
        elif ratios[relu] < ratios.get("tanh", 0.0):
            variance = INITIALIZERS[settings.initializer].weight_variance(settings.width, settings.width)
            strength = settings.width * variance * settings.weight_scale**2
            st.markdown(readings.surprise(relu, ratios[relu], ratios["tanh"], strength))
        if settings.initializer == "kata":
            st.markdown(readings.same_as_torch())
        parts.try_this(
            *[("try_he", "Switch to He initialisation", {"initializer": "he_uniform"})]
            * (settings.initializer != "he_uniform"),
            *[("try_kata", "Back to the kata's initialisation", {"initializer": "kata"})]
            * (settings.initializer != "kata"),
        )
        scatter = st.expander("Is it luck? Many seeds, three scalings", on_change="rerun", key="scatter")
        if scatter.open:
            with scatter:
                _scatter(settings, relu)


def _scatter(settings: Settings, activation: str) -> None:
    rows = []
    for initializer in SCALINGS:
        (spec,) = [s for s in settings.respecified(initializer=initializer) if s.activation == activation]
        ratios = data.ratios_over_seeds(spec, *settings.signal)
        low, middle, high = data.quantiles(ratios)
        rows.append(
            {
                "initializer": initializer,
                f"seed {settings.seed}": ratios[0],
                "median": middle,
                "10 %": low,
                "90 %": high,
            }
        )
    st.markdown(readings.scatter(len(ratios), settings.width, rows[-1]["10 %"], rows[-1]["90 %"]))
    parts.table(
        pd.DataFrame(rows), "First over last layer for three scalings of the same random numbers", key="scatter_table"
    )
