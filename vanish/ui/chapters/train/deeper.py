"""The question of chapter ``train`` about depth: is deeper worse?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from vanish.choices.losses import LOSSES
from vanish.network.training import Snapshot
from vanish.ui.chapters.train import charts, data, words
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import drawing, jobs
from vanish.ui.kit.groups import Network
from vanish.ui.kit.jobs import Job
from vanish.ui.kit.measured import any_depth
from vanish.ui.kit.numbers import spelled
from vanish.ui.kit.table import table
from vanish.ui.shell import last
from vanish.ui.shell.last import Last
from vanish.ui.shell.settings import Settings

# What of a network is the contenders' own: no race is another one by it.
OWN: Mapping[str, Any] = {"activation": "sigmoid", "activation_shape": None, "residual": "none", "linear_output": True}
UNREAD = ("depth", "activations", "negative_slope", "prelu_slope", "elu_alpha", "residual", "linear_output")


# What is drawn over depth, and its scale.
MEASURES = {"train_loss": "log", "test_accuracy": "linear"}


def show(settings: Settings, plan: Plan) -> None:
    title = f"Is deeper worse? The same training at {spelled(len(data.DEPTHS))} depths"
    folded = st.expander(title, on_change="rerun", key="deeper")
    if not folded.open:
        return
    with folded:
        st.markdown(words.contest(len(data.DEPTHS), plan.steps))
        items = jobs.items(_job(settings, plan))
        if faint := _last(settings, plan):
            _about(faint, settings, over=bool(items))
        if items or faint:
            _picture(items, plan, faint)


def _job(settings: Settings, plan: Plan) -> Job:
    # Neither the depth on screen nor what is the contenders' own matters: one race for everybody who has the rest in
    # common.
    spec = replace(any_depth(settings.specs[0]), **OWN)
    total = len(data.DEPTHS) * len(data.CONTENDERS)
    return Job(
        name="train_depths",
        label="Train them all",
        key=("depth", spec, plan),
        seconds=lambda: data.depth_seconds(spec, plan),
        make=data.depth_race(spec, plan),
        status=lambda items: (len(items) / total, words.trained(len(items), total)),
        draw=lambda items: _live(settings, plan, items),
        to_lower="Lower **steps**, **width** or **training batch**.",
        trace=lambda items: Last(settings, {of: data.depth_frame(items, of) for of in MEASURES}),
    )


def _last(settings: Settings, plan: Plan) -> Last | None:
    """The race before, if its losses are of the same kind."""
    found: Last | None = jobs.last(_job(settings, plan))
    return found if found and data.comparable(settings.dataset, found.settings.dataset) else None


def _about(faint: Last, settings: Settings, over: bool) -> None:
    read = [key for key in (*table(Network), *table(Plan)) if key not in UNREAD]
    st.markdown(last.words(last.changed(faint.settings, settings, read), over))


def _live(settings: Settings, plan: Plan, items: Sequence[tuple[str, int, Snapshot]]) -> None:
    if faint := _last(settings, plan):
        _about(faint, settings, over=True)
    _picture(items, plan, faint, live=True)


def _picture(items: Sequence[tuple[str, int, Snapshot]], plan: Plan, faint: Last | None, live: bool = False) -> None:
    names = tuple(data.CONTENDERS)
    titles = {"train_loss": "Final loss", "test_accuracy": f"Test {LOSSES[data.dataset(plan).loss].score_label}"}
    for column, (measure, scale) in zip(st.columns(2), MEASURES.items(), strict=True):
        with column:
            title, drawn = titles[measure], {drawing.DATA: data.depth_frame(items, measure)}
            if faint:
                drawn[drawing.LAST] = faint.frames[measure]
            alt = f"{title} against depth{'' if items else last.BEFORE}"
            key = None if live else f"deeper_{measure}"
            drawing.show(charts.against_depth(names, title, scale, faint is not None), drawn, alt, key)
    if items:
        lines = words.deeper(data.depth_frame(items, "test_accuracy"))
        st.markdown("\n".join(f"- {line}" for line in lines))
