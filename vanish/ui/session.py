"""The widgets' values across runs: what a link seeds, what presets and buttons set."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from vanish.ui.presets import PRESETS
from vanish.ui.settings import CONTROLS, DEFAULTS, from_link, listed

# Session state's own entry; widgets' entries carry the names of their settings.
LINK = "_link"


def begin_run() -> None:
    """Before any widget: on a session's first run read the link, on every other see to the preset."""
    if LINK in st.session_state:
        _put_out_preset()
        return
    texts = {name: st.query_params.get_all(name) for name in st.query_params}
    linked, corrections = from_link(texts)
    st.session_state[LINK] = corrections
    if linked.get("preset"):
        # The widgets seed themselves from the link; what it leaves to the preset, they cannot know.
        rest = {key: value for key, value in PRESETS[linked["preset"]].settings.items() if key not in texts}
        set_controls(**rest)
        st.query_params.update({key: listed(value) for key, value in rest.items() if value != DEFAULTS[key]})


def link_corrections() -> list[str]:
    """What was put right in the link, until the reader touches a control."""
    return st.session_state[LINK]


def set_controls(**values: Any) -> None:
    """Set controls by name (before they are drawn in this run, so from a button's ``on_click``)."""
    for key, value in values.items():
        st.session_state[key] = listed(value)


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
