"""The sidebar: presets on top, groups of controls, glossary and reset; and the row under the chapter's question."""

from functools import partial

import streamlit as st

from vanish.ui.kit.table import ROW, Places
from vanish.ui.shell import glossary, session
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, TABLE


def draw(*keys: str) -> None:
    """Draw those of these controls that matter now, one below the other, where the script stands."""
    for key in keys:
        entry = TABLE[key]
        # A control that stands further down has not been drawn on a session's first run: the link knows its value.
        if entry.matters(session.value):
            entry.control.draw(key, entry.default, on_change=partial(session.moved, key))


def row(places: Places) -> None:
    """Draw the chapter's row."""
    draw(*places.get(ROW, ()))


def show(places: Places) -> None:
    """Draw the sidebar, with the groups of the open chapter."""
    with st.sidebar:
        CONTROLS["preset"].draw("preset", TABLE["preset"].default, on_change=session.apply_preset)
        lit = PRESETS.get(session.value("preset") or "")
        if lit:
            st.caption(lit.caption)
        for title, keys in places.items():
            if title != ROW and any(TABLE[key].matters(session.value) for key in keys):
                st.markdown(f"**{title}**")
                draw(*keys)
        glossary.show()
        st.button("Reset", icon=":material/restart_alt:", on_click=session.reset, width="stretch", key="reset")
