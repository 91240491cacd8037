"""The paradox of chapter ``train``: deeper is worse."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import streamlit as st

from vanish.losses import LOSSES
from vanish.network import NetworkSpec
from vanish.training import Snapshot
from vanish.ui import charts, charts_train, data_train, live, readings
from vanish.ui.live import Live
from vanish.ui.settings import Plan, Settings

STOPPED = "_stopped_depth"


def show(settings: Settings, plan: Plan) -> None:
    """The button, and the picture."""
    folded = st.expander("Deeper is worse: the same training at seven depths", on_change="rerun", key="deeper")
    if not folded.open:
        return
    with folded:
        # Neither the depth nor the activation on screen matters: one race for everybody who has the rest in common.
        spec = replace(settings.specs[0], activation="sigmoid", activation_shape=None, depth=2)
        key = ("depth", spec, plan)
        st.markdown(
            "Sigmoid networks with the present settings, against ReLU with He's initialisation, with and without a way "
            f"around each layer: {len(data_train.DEPTHS)} depths, {plan.steps:,} steps each."
        )
        run = live.known(key)
        stopped = st.session_state.get(STOPPED) == key and not (run and run.finished)
        if run is None or stopped:
            run = _train_button(key, spec, plan)
        if run and not run.finished:
            _watch(run, key, plan)
            st.rerun()
        if run:
            _picture(run.items, plan)


def _train_button(key: Hashable, spec: NetworkSpec, plan: Plan) -> Live | None:
    seconds = data_train.depth_seconds(spec, plan)
    if seconds > data_train.LONGEST_RUN:
        st.info(readings.too_long(seconds, data_train.LONGEST_RUN))
        return None
    if not st.button(f"Train them all ({readings.duration(seconds)})", key="train_depths"):
        return None
    st.session_state.pop(STOPPED, None)
    return live.start(key, lambda beat: data_train.depth_race(spec, plan, beat))


def _watch(run: Live, key: Hashable, plan: Plan) -> None:
    st.button("Stop", icon=":material/stop:", on_click=_stop, args=(key,), key="stop_depths")
    bar, place = st.progress(0.0, readings.WAITING), st.empty()
    total = len(data_train.DEPTHS) * len(data_train.CONTENDERS)
    for items in run.watch():
        bar.progress(len(items) / total, f"{len(items)} of {total} networks trained")
        if items:
            with place.container():
                _picture(items, plan)


def _stop(key: Hashable) -> None:
    st.session_state[STOPPED] = key


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
