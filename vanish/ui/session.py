"""The widgets' values across runs: what a link seeds, what presets and buttons set."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from vanish.ui.presets import PRESETS
from vanish.ui.settings import CONTROLS, DEFAULTS, from_link

# Session state's own entries; widgets' entries carry the names of their settings.
LINK, PENDING = "_link", "_pending"


def begin_run() -> None:
    """Before any widget: read the link on a session's first run, then bring in what is waiting to be set."""
    if LINK not in st.session_state:
        texts = {name: st.query_params.get_all(name) for name in st.query_params}
        values, corrections = from_link(texts)
        st.session_state[LINK] = corrections
        preset = values.get("preset")
        if preset:
            # Streamlit writes to the address bar only for widgets that it has seen, so let one run pass.
            missing = {key: value for key, value in PRESETS[preset].settings.items() if key not in texts}
            st.session_state[PENDING] = missing
    else:
        set_controls(**st.session_state.pop(PENDING, {}))
        _put_out_preset()


def finish_controls() -> None:
    """After the widgets of a first run: start over where a preset in the link has more to set."""
    if st.session_state.get(PENDING):
        st.rerun()


def link_corrections() -> list[str]:
    """What was put right in the link, until the reader touches a control."""
    return st.session_state[LINK]


def set_controls(**values: Any) -> None:
    """Set controls by name (before they are drawn in this run, so from a button's ``on_click``)."""
    for key, value in values.items():
        st.session_state[key] = list(value) if isinstance(value, tuple) else value


def apply_preset() -> None:
    """Set what the preset that was just chosen names."""
    preset = st.session_state["preset"]
    if preset:
        set_controls(**PRESETS[preset].settings)


def reset() -> None:
    """Back to the kata, in the same chapter."""
    set_controls(**{key: value for key, value in DEFAULTS.items() if key != "chapter"})


def values() -> Mapping[str, Any]:
    """Every control's value that the session knows."""
    return {key: st.session_state[key] for key in CONTROLS if key in st.session_state}


def _put_out_preset() -> None:
    """A preset stays lit only while all that it names is as it set it."""
    lit = st.session_state.get("preset")
    if lit in PRESETS:
        for key, value in PRESETS[lit].settings.items():
            now = st.session_state.get(key, DEFAULTS[key])
            if (tuple(now) if isinstance(value, tuple) else now) != value:
                st.session_state["preset"] = None
                return
