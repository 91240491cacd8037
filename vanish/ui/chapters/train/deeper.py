"""The question of chapter ``train`` about depth: is deeper worse?"""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from vanish.choices.losses import LOSSES
from vanish.network.spec import NetworkSpec
from vanish.network.training import Snapshot
from vanish.ui.chapters.train import charts, data, words
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import drawing, jobs
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.measured import any_depth
from vanish.ui.kit.numbers import spelled
from vanish.ui.shell.settings import Settings


def show(settings: Settings, plan: Plan) -> None:
    title = f"Is deeper worse? The same training at {spelled(len(data.DEPTHS))} depths"
    folded = st.expander(title, on_change="rerun", key="deeper")
    if not folded.open:
        return
    with folded:
        # Neither the depth nor the activation on screen matters: one race for everybody who has the rest in common.
        spec = replace(any_depth(settings.specs[0]), activation="sigmoid", activation_shape=None)
        st.markdown(words.contest(len(data.DEPTHS), plan.steps))
        items = jobs.items(_job(spec, plan))
        if items:
            _picture(items, plan)


def _job(spec: NetworkSpec, plan: Plan) -> Job:
    total = len(data.DEPTHS) * len(data.CONTENDERS)
    return Job(
        name="train_depths",
        label="Train them all",
        key=("depth", spec, plan),
        seconds=lambda: data.depth_seconds(spec, plan),
        make=data.depth_race(spec, plan),
        status=lambda items: (len(items) / total, words.trained(len(items), total)),
        draw=lambda items: _picture(items, plan),
        to_lower="Lower **steps**, **width** or **training batch**.",
    )


def _picture(items: Sequence[tuple[str, int, Snapshot]], plan: Plan) -> None:
    names = tuple(data.CONTENDERS)
    score = f"Test {LOSSES[data.dataset(plan).loss].score_label}"
    for column, (measure, title, scale) in zip(
        st.columns(2), (("train_loss", "Final loss", "log"), ("test_accuracy", score, "linear")), strict=True
    ):
        with column:
            frame = data.depth_frame(items, measure)
            drawing.show(charts.against_depth(names, title, scale), frame, f"{title} against depth", key=None)
    st.markdown("\n".join(f"- {line}" for line in words.deeper(data.depth_frame(items, "test_accuracy"))))
