"""The cards of chapter ``fixes``: each remedy by itself on the reader's network, before and after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vanish.choices.cells import CELLS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.diagnosis import diagnose, worst
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, smallest_batch, treated
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import first_over_last
from vanish.references import cite
from vanish.ui.chapters.fixes import charts, data, words
from vanish.ui.chapters.fixes.data import Comparison
from vanish.ui.chapters.fixes.effects import EFFECT_COLORS, effect, effect_words, gain
from vanish.ui.kit import budget, drawing, measured, numbers
from vanish.ui.kit.groups import SPEC_ROWS, Signal, way
from vanish.ui.kit.link import listed
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.palette import ACTIVATION_COLORS, CELL_COLORS
from vanish.ui.shell import header, moves, session, sidebar
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import CHAPTER_LABELS, DEFAULTS, Settings

PLAIN_CELL = "rnn_tanh"

# Session state's own entry: what each switch has set, and what was there before.
TAKEN_AWAY = "_before_remedies"


# What clipping and gates are for, which the network on screen has no need of.
ASIDE = {"clipping": " :gray-badge[for the opposite problem]", "gates": " :gray-badge[for sequences]"}


class Places(NamedTuple):
    """Where a card's results stand: its number, picture and words, and what is done with it, beside the picker."""

    results: DeltaGenerator
    row: DeltaGenerator


@dataclass(frozen=True)
class Treatment:
    """A remedy on the reader's network, and the controls that the switch sets and takes away: who presses it asks."""

    name: str
    applied: bool
    before: NetworkSpec
    after: NetworkSpec
    apply: Callable[[], Mapping[str, Any]]
    take_away: Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Ward:
    """The networks on screen, the one of them that the cards are about, the remedies as they apply to it, and what
    each does."""

    profiles: Profiles
    activation: str
    spec: NetworkSpec
    plans: Mapping[str, Treatment]
    comparisons: Mapping[str, Comparison]

    @property
    def applied(self) -> list[str]:
        """Remedies that are at work already."""
        return [name for name, plan in self.plans.items() if plan.applied]


def _screened(settings: Settings) -> tuple[tuple[NetworkSpec, ...], Signal]:
    """The networks among which the worst is looked for, and what is sent through them: a part of a view's budget."""
    share = budget.SCREEN / data.COMPARED
    specs = settings.specs[: budget.shown(settings.specs, share)]
    examples = budget.examples(specs, settings.signal.batch_size, share)
    return specs, replace(settings.signal, n_seeds=1, batch_size=examples)


def over(settings: Settings) -> float:
    """How many times a view's part of the budget the cards of the first network take with as few examples as can be.

    Its random numbers are drawn twice, before and after those of another initialization.
    """
    first = settings.specs[0]
    cured = treated(first, ["initialization"], {"initialization": settings.variants["initialization"]})
    drawn = 2 * budget.drawing(first) + budget.drawing(cured)
    each = budget.passing(first, smallest_batch(first, cured))
    return (drawn + data.COMPARED * each) / (budget.ALONE * budget.OPERATIONS)


def measure(settings: Settings) -> Ward | None:
    """The network on screen that is furthest off, with each remedy and without; nothing where there is no time for
    it."""
    if over(settings) > 1:
        return None
    profiles = measured.profiles(*_screened(settings))
    activation = worst(profiles.diagnoses)
    (spec,) = settings.respecified((activation,))
    plans = {name: treatment(settings, spec, name) for name in NETWORK_REMEDIES}
    comparisons = {name: data.compared(plan.before, plan.after, settings.signal) for name, plan in plans.items()}
    return Ward(profiles, activation, spec, plans, comparisons)


def head(settings: Settings, ward: Ward | None) -> Head:
    """Which remedy helps most, or what in the network's own making has to be mended first."""
    if ward is None:
        return Head(words.too_large(over(settings)))
    specs, signal = _screened(settings)
    less = settings.less(networks=len(specs), examples=signal.batch_size)
    # The picture is about one network alone.
    plain = header.of_layers(settings, ward.profiles, less)._replace(cards=())
    if ward.activation in ward.profiles.causes:
        return plain
    notes = (plain.note, _found_otherwise(settings, ward, signal))
    sentence = words.finding(ward.activation, ward.comparisons, ward.applied)
    return plain._replace(sentence=sentence, note=" ".join(filter(None, notes)))


def _found_otherwise(settings: Settings, ward: Ward, signal: Signal) -> str | None:
    """Why the finding begins at another ratio than the page's, if it does."""
    name = words.best(ward.comparisons, ward.applied)
    if name is None:
        return None
    own = NORMALIZATIONS[settings.normalization].over_batch
    measured_as = signal.batch_size, signal.magnitude, own
    shown = ward.profiles.diagnoses[ward.activation]
    return words.found_otherwise(ward.activation, name, ward.comparisons[name], shown, *measured_as)


def frame() -> tuple[Mapping[str, Places]]:
    """Draw of every card what is the same whatever moves."""
    with st.container(key="cards"):
        grid = st.grid(2, min_column_width=290, border=True)
    places = {}
    for name in REMEDIES:
        with grid.cell():
            places[name] = _fixed(name)
    return (places,)


def _fixed(name: str) -> Places:
    entry = REMEDIES[name]
    st.markdown(f"## {entry.title}{ASIDE.get(name, '')}\n\n{entry.sentence}\n\n$$ {entry.latex} $$")
    results = st.container()
    key = f"remedy_{name}" if name in NETWORK_REMEDIES else None
    row = st.container(horizontal=True, vertical_alignment="bottom", key=key)
    with row:
        sidebar.draw(f"fix_{name}")
    st.markdown(f"**The catch.** {entry.catch}\n\n:small[{cite(entry.sources)}]")
    return Places(results, row)


def show(settings: Settings, ward: Ward | None, places: Mapping[str, Places]) -> None:
    """What the remedies do, then a card for each."""
    if ward is None:
        _hide(places)
        return
    _overview(ward.comparisons)
    header.below_picture()
    st.markdown(words.summary(ward.activation, len(ward.profiles.sizes), ward.comparisons, ward.applied))
    for name, plan in ward.plans.items():
        badge = words.badge(name, ward.comparisons, ward.applied)
        _card(settings, plan, ward.comparisons[name], badge, places[name])
    _clipping(settings, ward.spec, places["clipping"])
    _gates(settings, ward.spec, places["gates"])


def _hide(places: Mapping[str, Places]) -> None:
    st.html("<style>.st-key-cards { display: none; }</style>")
    # What a run of the whole page leaves out, no run of the results alone may fill.
    for place in places.values():
        place.results.empty()
        place.row.empty()


def treatment(settings: Settings, spec: NetworkSpec, name: str) -> Treatment:
    """What a remedy, in the chosen variant, means for the network on screen that has ``spec``.

    If the network has it already, ``before`` is the network without it.
    """
    variant = settings.variants[name]
    plain = treated(spec, [name], {name: variant})
    cured = on_screen(settings, plain)
    applied = cured == spec

    def bare() -> NetworkSpec:
        changed = set(REMEDIES[name].changes(spec, variant)) & {"activation", *SPEC_ROWS}
        return on_screen(settings, plain, **{key: getattr(NetworkSpec(), key) for key in changed})

    return Treatment(
        name,
        applied,
        bare() if applied else spec,
        cured,
        lambda: _controls(settings, spec, cured),
        lambda: _controls(settings, spec, bare()),
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
    order = sorted(comparisons, key=lambda name: -gain(*_left(comparisons[name])))
    drawing.show(
        charts.dumbbells(len(order)),
        data.dumbbell_frame({REMEDIES[name].title: comparisons[name] for name in order}),
        "First over last layer, over a lossless network's, before and after each remedy, the best on top",
        key="fixes_overview",
    )


def _left(comparison: Comparison) -> tuple[float, float]:
    return comparison.diagnosis_before.left, comparison.diagnosis_after.left


def _card(settings: Settings, plan: Treatment, comparison: Comparison, badge: str, place: Places) -> None:
    entry = REMEDIES[plan.name]
    before, after = _left(comparison)
    explained = comparison.cause
    with place.results:
        _number(
            f"{words.judged(plan.after.depth)}{badge}",
            after,
            explained.tag if explained else effect_words(before, after),
            "gray" if explained else EFFECT_COLORS[effect(before, after)],
        )
        drawing.show(
            charts.both(ACTIVATION_COLORS[plan.after.activation]),
            data.both_frame(comparison.before, comparison.after),
            f"Gradient of every layer without {entry.title} (gray) and with it",
            key=f"card_{plan.name}",
        )
        own_gradients = NORMALIZATIONS[settings.normalization].over_batch
        lines = (
            words.outcome(comparison),
            words.compared(plan.name, plan.before, plan.after),
            words.as_measured(comparison.diagnosis_before, comparison.diagnosis_after),
            words.how_measured(comparison, settings.batch_size, settings.signal.magnitude, own_gradients),
        )
        st.markdown(" ".join(filter(None, lines)))
        if explained and explained.offer:
            moves.try_this((f"mend_{plan.name}", explained.offer, explained.controls))
    with place.row:
        _switch(plan)


def _number(label: str, value: float, change: str, color: Any) -> None:
    st.metric(label, numbers.number(value), change, delta_color=color, delta_arrow="off")


def _switch(plan: Treatment) -> None:
    key = f"apply_{plan.name}"
    # Set anew, it would be sent at every move.
    if st.session_state.get(key) != plan.applied:
        st.session_state[key] = plan.applied
    st.toggle(
        "Apply to the sidebar",
        key=key,
        help="Sets the controls of the sidebar, so that all chapters have it; off again, they are as they were.",
        on_change=_take_away if plan.applied else _apply,
        args=(plan,),
    )


def _apply(plan: Treatment) -> None:
    controls = plan.apply()
    now = {key: st.session_state.get(key, DEFAULTS[key]) for key in controls}
    st.session_state[TAKEN_AWAY] = st.session_state.get(TAKEN_AWAY, {}) | {plan.name: (dict(controls), now)}
    session.set_controls(**controls)


def _take_away(plan: Treatment) -> None:
    """Back to what was there, if this page has set it and nobody has moved it since; else to the original program's."""
    was_set, before = st.session_state.get(TAKEN_AWAY, {}).get(plan.name, ({}, {}))
    untouched = was_set and all(
        listed(st.session_state.get(key, DEFAULTS[key])) == listed(value) for key, value in was_set.items()
    )
    session.set_controls(**(before if untouched else plan.take_away()))


def _clipping(settings: Settings, spec: NetworkSpec, place: Places) -> None:
    clipping = settings.fix_clipping
    clip = data.clipped(spec, settings.signal, clipping, settings.clip_at)
    change, reading = words.clipping(clip, settings.clip_at)
    with place.results:
        _number("norm of the whole gradient", clip.length_after, change, "gray")
        drawing.show(
            charts.both(ACTIVATION_COLORS[spec.activation]),
            data.both_frame(clip.before, clip.after),
            "Gradient of every layer's weights before clipping (gray) and after it",
            key="card_clipping",
        )
        st.markdown(reading)
        applied = settings.clip == clipping
    with place.row:
        controls = {"clip": "none" if applied else clipping}
        _switch(Treatment("clipping", applied, spec, spec, lambda: controls, lambda: controls))


def _gates(settings: Settings, spec: NetworkSpec, place: Places) -> None:
    cell = settings.fix_gates
    plain, gated = (data.through_time(one, spec.width, spec.depth, settings.seed) for one in (PLAIN_CELL, cell))
    before, after = float(first_over_last(plain)), diagnose(gated)
    with place.results:
        _number(
            f"step 1 / step {spec.depth}",
            after.ratio,
            effect_words(before, after.ratio),
            EFFECT_COLORS[effect(before, after.ratio)],
        )
        drawing.show(
            charts.both(CELL_COLORS[cell], "Step", ("first", "last")),
            data.both_frame(plain, gated),
            f"Gradient by the memory at every step: plain tanh cell (gray) and {CELLS[cell].label}",
            key="card_gates",
        )
        st.markdown(words.gates(before, after, cell, spec.depth))
    with place.row:
        st.button(
            f"See it in chapter {CHAPTER_LABELS['time']}",
            key="open_time",
            on_click=session.set_controls,
            kwargs=data.in_chapter_time(PLAIN_CELL, cell, spec),
        )
