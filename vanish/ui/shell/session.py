"""The widgets' values across runs: what a link seeds, what presets and buttons set."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

from vanish.ui.kit import carried, jobs
from vanish.ui.kit.controls import Decades, Options, Tabs
from vanish.ui.kit.gate import Kind
from vanish.ui.kit.groups import SIZED
from vanish.ui.kit.link import listed, taken_as
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, KEPT, LESSON_KEYS, ROOM_KEYS, TABLE, as_labels, from_link

# Session state's own entries; widgets' entries carry the names of their settings.
LINK, CORRECTIONS, READ_AGAIN = "_link", "_corrections", "_read_again"
UNWRITTEN, SET, WHOLE = "_unwritten", "_set", "_whole"
# What Streamlit calls the results.
RESULTS_ID = "_results_id"

# The part of the page that most moves change.  Streamlit can run it alone; all else then stays as it was.
RESULTS = "results"

# How often they run by themselves: never, as far as a reader is concerned.  But only a page with such a clock asks for
# a run of the whole as soon as it is connected again; what a server that was started anew knows nothing of, it ignores,
# and so the first press of a button among the results.  Browsers count no further than 24 days.
RENEWED = timedelta(days=20)

# Controls on which more depends than the results: above all, whether others are shown.
DECIDING = frozenset(
    {key for key, row in TABLE.items() if row.decides} | {key for row in TABLE.values() for key in row.when}
)


class Arrival(NamedTuple):
    """What else a link means: values to keep, controls to set, and what had to be put right."""

    keep: Mapping[str, Any]
    controls: Mapping[str, Any]
    corrections: list[str]


# What the page makes of a link's values.
Arrive = Callable[[Mapping[str, Any]], Arrival]

# Names of the controls that the page shows, by what all of them are set to.
Shown = Callable[[Callable[[str], Any]], Collection[str]]


def kind() -> Kind:
    """What a run is: a move, or what many may ask for at one moment, as they come, or as a job begins or ends."""
    ended = st.session_state.pop(jobs.ENDED, False)
    return Kind.PAGE if ended or jobs.pressed() or LINK not in st.session_state else Kind.MOVE


def begin_run(arrive: Arrive, shown: Shown) -> None:
    """Before any widget: read the link when a session begins or the reader goes back in the browser's history; on
    every other run see to the preset, and to the address if a button has set anything."""
    anew()
    # As it was written: what the page says of it quotes it.
    texts = _address()
    _label_link()
    context = get_script_run_ctx()
    if LINK not in st.session_state:
        _take_over()
        _read_link(texts, arrive)
    elif context and context.is_history_navigation and not st.session_state.get(READ_AGAIN):
        _go_back(texts, arrive, shown)
    elif not st.session_state.pop(READ_AGAIN, False):
        st.session_state.pop(CORRECTIONS, None)
        _put_out_preset()
        _write_address(shown)


def end_run(shown: Shown) -> None:
    """After all that stands on the page: from now on the results may change without the rest."""
    st.session_state[WHOLE] = True
    aside = values()
    unseen = aside.keys() - set(shown(value)) - set(KEPT)
    texts = {key: _texts(aside[key]) for key in sorted(unseen) if aside[key] != DEFAULTS[key]}
    if wanted := jobs.wanted():
        texts[jobs.WANTED] = wanted
    carried.hold(carried.WHOLE, texts)


def _take_over() -> None:
    """What the browser has kept of another server's session: settings that the address leaves out, jobs."""
    texts = carried.held()
    jobs.take_over(texts.pop(jobs.WANTED, []))
    for key, setting in from_link(texts)[0].items():
        if key not in st.query_params:
            st.session_state[key] = _as_state(key, setting)


def anew() -> None:
    """The next run is one of the whole page: what the reader, or a button, has done concerns more than the results.

    As a callback it holds too for a slider's move that comes at the same moment and asks for the results alone.
    """
    st.session_state[WHOLE] = False


def moved(key: str) -> None:
    """A control's ``on_change``: the results alone follow, unless something else on the page is to change as well."""
    context = get_script_run_ctx()
    # Who goes back in the browser's history may come to another chapter, or another step of a lesson.
    if key in DECIDING or st.session_state.get("preset") or (context and context.is_history_navigation):
        anew()
    # A run that was cut short has left the rest as it was before.
    if st.session_state.get(WHOLE) and draws_parts() and not (context and context.fragment_ids_this_run):
        st.rerun(RESULTS)


def draws_parts() -> bool:
    """Whether what a run does not draw stays: AppTest forgets it."""
    return not config.get_option("global.appTest")


def begin_results() -> None:
    """Before the results, with or without the rest of the page."""
    context = get_script_run_ctx()
    if context and context.fragment_ids_this_run:
        if len(context.fragment_ids_this_run) == 1:
            (st.session_state[RESULTS_ID],) = context.fragment_ids_this_run
        if not st.session_state.get(WHOLE):
            st.rerun()
        _label_link()
        _write_address()


def link_corrections() -> list[str]:
    """What was put right in the link: said once, until the reader does anything."""
    return st.session_state.pop(CORRECTIONS, [])


def _label_link() -> None:
    """Let widgets find their options' labels where the address has names: they look for nothing else.

    Streamlit keeps an address for widgets to seed themselves from, at first, when they come back, and when the reader
    goes back in the browser's history.  Another run would do as well, and could be seen; the address bar stays as it
    is either way.
    """
    texts = _address()
    labelled = {key: now for key, now in as_labels(texts).items() if now != texts[key]}
    context = get_script_run_ctx()
    if labelled and context:
        text = urlencode(parse_qs(context.query_string, keep_blank_values=True) | labelled, doseq=True)
        with context.session_state.query_params() as params:
            params.set_initial_query_params(text)
            params.populate_from_query_string(text)


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _read_link(texts: Mapping[str, list[str]], arrive: Arrive) -> None:
    linked, _ = from_link(texts)
    preset = PRESETS.get(linked.get("preset") or "")
    # The widgets seed themselves from the link; what it leaves to the preset, they cannot know.
    implied = {key: value for key, value in preset.named.items() if key not in linked} if preset else {}
    if preset and not preset.is_what(lambda key: (linked | implied).get(key, DEFAULTS[key])):
        del linked["preset"]
    arrival = arrive(linked)
    implied |= arrival.controls
    # What the page makes of a value comes in the place of what its control made of it.
    again = {line.partition(" takes ")[0] for line in arrival.corrections}
    st.session_state[CORRECTIONS] = [
        *(line for line in from_link(texts, implied)[1] if line.partition(" takes ")[0] not in again),
        *arrival.corrections,
    ]
    # Who sets a width wants layers of one size, but not where the link itself has sizes.
    own = {"sizes": linked["sizes"]} if "sizes" in linked and implied.keys() & SIZED else {}
    set_controls(**implied, **own)
    st.session_state[LINK] = st.session_state.get(LINK, {}) | linked | implied
    kept = {key: value for key, value in {**linked, **arrival.keep}.items() if key in KEPT}
    keep(**kept)
    used = linked | implied
    unlike = {
        key: None if used.get(key, DEFAULTS[key]) == DEFAULTS[key] else _texts(used[key])
        for key in texts
        if key in CONTROLS and key not in kept and (key not in linked or _reads_other(key, texts[key]))
    }
    st.session_state[UNWRITTEN] |= unlike
    _write_address()
    if unlike:
        # A widget must not meet what it cannot read: Streamlit's number box, for one, fails on an infinite number.
        st.session_state[READ_AGAIN] = True
        st.rerun()


def _go_back(texts: Mapping[str, list[str]], arrive: Arrive, shown: Shown) -> None:
    """To what the address says again: widgets find it by themselves, what has none is found here."""
    linked, _ = from_link(texts)
    st.session_state["chapter"] = _as_state("chapter", linked.get("chapter", DEFAULTS["chapter"]))
    for key in KEPT:
        st.session_state[key] = DEFAULTS[key]
    for key in linked.keys() - set(KEPT):
        st.session_state[key] = _as_state(key, linked[key])
    for key in set(shown(value)) - linked.keys():
        st.session_state[key] = _as_state(key, DEFAULTS[key])
    _read_link(texts, arrive)


def _reads_other(key: str, texts: list[str]) -> bool:
    """Whether the address says another thing than the page makes of it."""
    control = CONTROLS[key]
    parsed, kept_all = control.parse(texts)
    # A slider of stops reads a stop's own text only, which 0.0370 is not.
    return texts != [str(parsed)] if isinstance(control, Decades) else not kept_all


def _texts(value: Any) -> list[str] | str:
    """A control's value as an address holds it while its widget is not on the page."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else str(value)


def _texts_of_widget(key: str, value: Any, kind: str) -> list[str] | str:
    """A control's value as its widget would write it into the address."""
    control = CONTROLS[key]
    values = value if isinstance(value, list | tuple) else (value,)
    # Streamlit writes a slider's whole numbers as such.
    whole = kind == "double_array_value"
    texts = [
        control.called(one) if isinstance(control, Options) else f"{one:.0f}" if whole and one == int(one) else str(one)
        for one in values
    ]
    return texts if kind.endswith("array_value") else texts[0]


def _write_address(shown: Shown | None = None) -> None:
    """What buttons and links have set since the last time, into the address, and out of it what is no longer shown.

    In one message, since each is an entry in the browser's history; the widgets, which find their values there, send
    none.
    """
    unwritten = st.session_state.pop(UNWRITTEN, {})
    # A button in the results has set it in a run of the results alone: in this one the widgets have their old values.
    for key, given in st.session_state.pop(SET, {}).items():
        st.session_state[key] = _as_state(key, given)
    context = get_script_run_ctx()
    if not unwritten or not context:
        return
    with context.session_state.query_params() as params:
        if shown:
            staying = set(shown(value))
            unwritten = {
                **unwritten,
                **{key: None for key in params if key in CONTROLS and params.is_bound(key) and key not in staying},
            }
        for key, texts in unwritten.items():
            if texts is None:
                params.discard_param_no_forward_msg(key)
            else:
                bound = params.get_binding_for_param(key)
                params.set_with_no_forward_msg(
                    key, _texts_of_widget(key, _from_state(key), bound.value_type) if bound else texts
                )
        # Nothing more: it sends what there is.
        params.update({})


def set_controls(**values: Any) -> None:
    """Set controls by name (before they are drawn in this run, so from a button's ``on_click``).

    Who sets depth or width alone wants layers of one size.
    """
    if values.keys() & SIZED:
        values = {"sizes": DEFAULTS["sizes"], **values}
    for key, value in values.items():
        st.session_state[key] = _as_state(key, value)
    anew()
    _note(values)


def keep(**values: Any) -> None:
    """Set what the link holds without a widget (``KEPT``); the address follows."""
    keep_in_results(**values)
    anew()


def keep_in_results(**values: Any) -> None:
    """The same for what concerns the results alone."""
    for key, value in values.items():
        st.session_state[key] = value
    _note(values)


def _note(values: Mapping[str, Any]) -> None:
    """Have the address, and the controls, say it, once everything is set."""
    unwritten = {key: None if value == DEFAULTS[key] else _texts(value) for key, value in values.items()}
    st.session_state[UNWRITTEN] = st.session_state.get(UNWRITTEN, {}) | unwritten
    st.session_state[SET] = st.session_state.get(SET, {}) | dict(values)


def pin(text: str | None) -> None:
    """Pin a network, or (``None``) let go of the one that is pinned."""
    keep(pin=text)


def apply_preset() -> None:
    """Set what the preset that was just chosen names."""
    preset = PRESETS.get(st.session_state["preset"])
    if preset:
        set_controls(**preset.named)


def reset() -> None:
    """Back to the kata, in the same chapter and room; a lesson that is under way goes on, one that is not is
    forgotten."""
    under_way = value("lesson") or value("present")
    kept = {"chapter", *KEPT}
    set_controls(**{key: value for key, value in DEFAULTS.items() if key not in kept})
    stays = {*ROOM_KEYS, *(LESSON_KEYS if under_way else ())}
    keep(**{key: DEFAULTS[key] for key in KEPT if key not in stays})


# That a widget's state is not there, which may be ``None``.
_NOTHING = object()


def value(key: str) -> Any:
    """A control's value, before or after it has been drawn; of sizes that cannot be read, what the page uses."""
    now = _from_state(key, lambda: st.session_state[LINK].get(key, DEFAULTS[key]))
    return taken_as(TABLE[key], now)[0] if key == "sizes" else now


def values() -> Mapping[str, Any]:
    """Every control's value that the session knows, also of those that the open chapter does not show."""
    known = st.session_state.to_dict()
    return known[LINK] | {key: value for key, value in known.items() if key in CONTROLS}


def _as_state(key: str, value: Any) -> Any:
    """A control's value as its widget holds it."""
    control = CONTROLS[key]
    return control.called(value) if isinstance(control, Tabs) else listed(value)


def _from_state(key: str, otherwise: Callable[[], Any] | None = None) -> Any:
    """What a control's widget holds, as a setting; if it holds nothing yet, what it is ``otherwise`` or at first."""
    # Half of what a session's first run asks for is known by the link alone, and each look at the state is dear.
    held = st.session_state.get(key, _NOTHING)
    if held is _NOTHING:
        held = otherwise() if otherwise else DEFAULTS[key]
    return CONTROLS[key].name(held) if isinstance(CONTROLS[key], Tabs) else held


def _put_out_preset() -> None:
    """A preset stays lit only while all that it names is as it set it."""
    lit = PRESETS.get(st.session_state.get("preset") or "")
    if lit and not lit.is_what(_from_state):
        st.session_state["preset"] = None
