"""The cards of chapter ``fixes``: each remedy by itself on the reader's network, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from vanish.choices.cells import CELLS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.diagnosis import diagnose, worst
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, smallest_batch, treated
from vanish.network.spec import NetworkSpec
from vanish.references import cite
from vanish.ui.chapters.fixes import charts, data, words
from vanish.ui.chapters.fixes.data import Comparison
from vanish.ui.kit import drawing, numbers
from vanish.ui.kit.groups import SPEC_ROWS, way
from vanish.ui.kit.link import listed
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.palette import ACTIVATION_COLORS
from vanish.ui.shell import session, sidebar
from vanish.ui.shell.settings import DEFAULTS, Settings

PLAIN_CELL = "rnn_tanh"

GATED_COLOR = ACTIVATION_COLORS["tanh"]

# Session state's own entry: what each switch has set, and what was there before.
TAKEN_AWAY = "_before_remedies"


@dataclass(frozen=True)
class Treatment:
    """A remedy on the reader's network: what the switch sets and what takes it away, as controls."""

    name: str
    applied: bool
    before: NetworkSpec
    after: NetworkSpec
    apply: Mapping[str, Any]
    take_away: Mapping[str, Any]


def show(settings: Settings, profiles: Profiles) -> None:
    """Which remedy helps most, then a card for each."""
    activation = worst(profiles.diagnoses)
    (spec,) = settings.respecified((activation,))
    plans = {name: treatment(settings, spec, name) for name in NETWORK_REMEDIES}
    comparisons = {name: data.compared(plan.before, plan.after, settings.signal) for name, plan in plans.items()}
    applied = [name for name, plan in plans.items() if plan.applied]
    st.markdown(words.summary(activation, comparisons, applied))
    _overview(comparisons)
    best = words.best(comparisons, applied)
    grid = st.grid(2, min_column_width=290, border=True)
    for name, plan in plans.items():
        with grid.cell():
            _card(settings, plan, comparisons[name], name == best)
    with grid.cell():
        _clipping(settings, spec)
    with grid.cell():
        _gates(settings, spec)


def treatment(settings: Settings, spec: NetworkSpec, name: str) -> Treatment:
    """What a remedy, in the chosen variant, means for the network on screen that has ``spec``.

    If the network has it already, ``before`` is the network without it.
    """
    variant = settings.variants[name]
    cured = on_screen(settings, treated(spec, [name], {name: variant}))
    applied = cured == spec
    setting = REMEDIES[name].setting
    bare = on_screen(settings, treated(spec, [name], {name: variant}), **{setting: getattr(NetworkSpec(), setting)})
    return Treatment(
        name,
        applied,
        bare if applied else spec,
        cured,
        _controls(settings, spec, cured),
        _controls(settings, spec, bare),
    )


def on_screen(settings: Settings, spec: NetworkSpec, **changes: Any) -> NetworkSpec:
    """The network that the sidebar makes of a spec: with its own leaky slope and alpha."""
    kept = {key: getattr(spec, key) for key in SPEC_ROWS} | changes
    activation = kept.pop("activation", spec.activation)
    (respecified,) = settings.respecified((activation,), **kept)
    return respecified


def _controls(settings: Settings, now: NetworkSpec, then: NetworkSpec) -> dict[str, Any]:
    """What to set in the sidebar, so that one of its networks becomes another one and can be measured."""
    values = way(now, then)
    if then.activation != now.activation:
        names = [then.activation if name == now.activation else name for name in settings.activations]
        values["activations"] = tuple(dict.fromkeys(names))
    if settings.batch_size < smallest_batch(then):
        values["batch_size"] = smallest_batch(then)
    if RESIDUALS[then.residual].starts_closed:
        values["magnitude"] = "stream"
    return values


def _overview(comparisons: Mapping[str, Comparison]) -> None:
    ratios = {name: (one.diagnosis_before.ratio, one.diagnosis_after.ratio) for name, one in comparisons.items()}
    order = sorted(ratios, key=lambda name: -words.gain(*ratios[name]))
    frame = data.dumbbell_frame({REMEDIES[name].title: comparisons[name] for name in order})
    drawing.show(
        charts.dumbbells(len(order)),
        frame.assign(kind=[words.effect(*ratios[name]) for name in order]),
        "First over last layer before and after each remedy, the best on top",
        key="fixes_overview",
    )


def _card(settings: Settings, plan: Treatment, comparison: Comparison, is_best: bool) -> None:
    entry = REMEDIES[plan.name]
    badges = " :green-badge[helps most here]" if is_best else ""
    _head(plan.name, badges + (" :gray-badge[at work]" if plan.applied else ""))
    after = comparison.diagnosis_after
    _number(
        f"layer 1 / layer {plan.after.depth}",
        after.ratio,
        words.effect_words(comparison.diagnosis_before.ratio, after.ratio),
        words.EFFECT_COLORS[words.effect(comparison.diagnosis_before.ratio, after.ratio)],
    )
    drawing.show(
        charts.both(ACTIVATION_COLORS[plan.after.activation]),
        data.both_frame(comparison.before, comparison.after),
        f"Gradient of every layer without {entry.title} (grey) and with it",
        key=f"card_{plan.name}",
    )
    lines = words.warning(comparison), words.how_measured(comparison, settings.batch_size, settings.magnitude)
    st.markdown(" ".join(filter(None, lines)) or "Enough by itself: the ratio is healthy.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _picker(plan.name)
        _switch(plan)
    _foot(plan.name)


def _head(name: str, badges: str = "") -> None:
    entry = REMEDIES[name]
    st.markdown(f"**{entry.title}**{badges}  \n{entry.sentence}\n\n$$ {entry.latex} $$")


def _number(label: str, value: float, change: str, color: Any) -> None:
    st.metric(label, numbers.number(value), change, delta_color=color, delta_arrow="off")


def _picker(name: str) -> None:
    sidebar.draw(f"fix_{name}")


def _foot(name: str) -> None:
    entry = REMEDIES[name]
    st.markdown(f"**The catch.** {entry.catch}\n\n:small[{cite(entry.sources)}]")


def _switch(plan: Treatment) -> None:
    key = f"apply_{plan.name}"
    st.session_state[key] = plan.applied
    st.toggle(
        "Apply to the sidebar",
        key=key,
        help="Sets the controls of the sidebar, so that all chapters have it; off again, they are as they were.",
        on_change=_take_away if plan.applied else _apply,
        args=(plan,),
    )


def _apply(plan: Treatment) -> None:
    now = {key: st.session_state.get(key, DEFAULTS[key]) for key in plan.apply}
    st.session_state[TAKEN_AWAY] = st.session_state.get(TAKEN_AWAY, {}) | {plan.name: (dict(plan.apply), now)}
    session.set_controls(**plan.apply)


def _take_away(plan: Treatment) -> None:
    """Back to what was there, if this page has set it and nobody has moved it since; else to the kata's."""
    was_set, before = st.session_state.get(TAKEN_AWAY, {}).get(plan.name, ({}, {}))
    untouched = was_set and all(
        listed(st.session_state.get(key, DEFAULTS[key])) == listed(value) for key, value in was_set.items()
    )
    session.set_controls(**(before if untouched else plan.take_away))


def _clipping(settings: Settings, spec: NetworkSpec) -> None:
    clipping = settings.fix_clipping
    clip = data.clipped(spec, settings.signal, clipping, settings.clip_at)
    change, reading = words.clipping(clip, settings.clip_at)
    _head("clipping", " :gray-badge[for the opposite problem]")
    _number("length of the whole gradient", clip.length_after, change, "gray")
    drawing.show(
        charts.both(ACTIVATION_COLORS[spec.activation]),
        data.both_frame(clip.before, clip.after),
        "Gradient of every layer's weights before clipping (grey) and after it",
        key="card_clipping",
    )
    st.markdown(reading)
    applied = settings.clip == clipping
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _picker("clipping")
        controls = {"clip": "none" if applied else clipping}
        _switch(Treatment("clipping", applied, spec, spec, controls, controls))
    _foot("clipping")


def _gates(settings: Settings, spec: NetworkSpec) -> None:
    cell = settings.fix_gates
    plain, gated = (data.through_time(one, spec.width, spec.depth, settings.seed) for one in (PLAIN_CELL, cell))
    before, after = diagnose(plain), diagnose(gated)
    _head("gates", " :gray-badge[for sequences]")
    _number(
        f"step 1 / step {spec.depth}",
        after.ratio,
        words.effect_words(before.ratio, after.ratio),
        words.EFFECT_COLORS[words.effect(before.ratio, after.ratio)],
    )
    drawing.show(
        charts.both(GATED_COLOR, "Step"),
        data.both_frame(plain, gated),
        f"Gradient by the memory at every step: plain tanh cell (grey) and {CELLS[cell].label}",
        key="card_gates",
    )
    st.markdown(words.gates(before, after, cell, spec.depth))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _picker("gates")
        st.button(
            "See it in chapter time",
            key="open_time",
            on_click=session.set_controls,
            kwargs=data.in_chapter_time(PLAIN_CELL, cell, spec),
        )
    _foot("gates")
