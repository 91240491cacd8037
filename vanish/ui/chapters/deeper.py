"""The paradox of chapter ``train``: deeper is worse."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from vanish.losses import LOSSES
from vanish.network import NetworkSpec
from vanish.training import Snapshot
from vanish.ui import charts, charts_train, data_train, readings
from vanish.ui.chapters import running
from vanish.ui.chapters.running import Job
from vanish.ui.settings import Plan, Settings


def show(settings: Settings, plan: Plan) -> None:
    """The button, and the picture."""
    folded = st.expander("Deeper is worse: the same training at seven depths", on_change="rerun", key="deeper")
    if not folded.open:
        return
    with folded:
        # Neither the depth nor the activation on screen matters: one race for everybody who has the rest in common.
        spec = replace(settings.specs[0], activation="sigmoid", activation_shape=None, depth=2)
        st.markdown(
            "Sigmoid networks with the present settings, against ReLU with He's initialisation, with and without a way "
            f"around each layer: {len(data_train.DEPTHS)} depths, {plan.steps:,} steps each."
        )
        items = running.items(_job(spec, plan))
        if items:
            _picture(items, plan)


def _job(spec: NetworkSpec, plan: Plan) -> Job:
    total = len(data_train.DEPTHS) * len(data_train.CONTENDERS)
    return Job(
        name="train_depths",
        label="Train them all",
        key=("depth", spec, plan),
        seconds=lambda: data_train.depth_seconds(spec, plan),
        make=lambda beat: data_train.depth_race(spec, plan, beat),
        status=lambda items: (len(items) / total, f"{len(items)} of {total} networks trained"),
        draw=lambda items: _picture(items, plan),
        to_lower="Lower **steps**, **width** or **training batch**.",
    )


def _picture(items: Sequence[tuple[str, int, Snapshot]], plan: Plan) -> None:
    names = tuple(data_train.CONTENDERS)
    score = f"Test {LOSSES[data_train.dataset(plan).loss].score_label}"
    for column, (measure, title, scale) in zip(
        st.columns(2), (("train_loss", "Final loss", "log"), ("test_accuracy", score, "linear")), strict=True
    ):
        with column:
            frame = data_train.depth_frame(items, measure)
            charts.show(charts_train.against_depth(names, title, scale), frame, f"{title} against depth", key=None)
    st.markdown("\n".join(f"- {line}" for line in readings.deeper(data_train.depth_frame(items, "test_accuracy"))))
