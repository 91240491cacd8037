"""The sidebar: ready-made networks, the controls that the open view reads, glossary and reset; and the row under the
chapter's question."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from vanish.ui.kit.table import FIRST, ROW, Place, View
from vanish.ui.shell import gallery, glossary, session
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, TABLE


def draw(*keys: str) -> None:
    """Draw those of these controls that matter now, one below the other, where the script stands."""
    for key in keys:
        # A control that stands further down has not been drawn on a session's first run: the link knows its value.
        if TABLE[key].matters(session.value):
            _draw(key)


def _draw(key: str, beside: Sequence[str] = (), said: str = "") -> None:
    """``said``: what the page says of the controls that are folded together with it."""
    CONTROLS[key].draw(key, DEFAULTS[key], on_change=partial(_moved, key, beside, said))


def _moved(key: str, beside: Sequence[str], said: str) -> None:
    if changed(beside) != said:
        session.anew()
    session.moved(key)


def changed(keys: Sequence[str]) -> str:
    """Which of these controls are not as they are at first, in words."""
    labels = [CONTROLS[key].label for key in keys if session.value(key) != DEFAULTS[key]]
    return f"Changed: {', '.join(labels)}" if labels else ""


def row(view: View) -> None:
    """Draw the chapter's row."""
    for key in _mattering(view, ROW):
        _draw(key)


def _mattering(view: View, place: Place) -> list[str]:
    return [key for key in view.places.get(place, ()) if view.matters(key, session.value)]


def show(view: View, picture: gallery.Picture) -> None:
    """Draw the sidebar of the open view where the script stands; ``picture`` shows a ready-made network in small."""
    CONTROLS["preset"].draw("preset", DEFAULTS["preset"], on_change=session.apply_preset)
    gallery.show(picture)
    lit = PRESETS.get(session.value("preset") or "")
    if lit:
        st.caption(lit.caption)
    for key in _mattering(view, FIRST):
        _draw(key)
    for place in view.places:
        if place not in (FIRST, ROW):
            _fold(view, place)
    glossary.show()
    st.button("Reset", icon=":material/restart_alt:", on_click=session.reset, width="stretch", key="reset")


def _fold(view: View, place: Place) -> None:
    keys = _mattering(view, place)
    if not keys:
        return
    said, name = changed(keys), view.places[place][0]
    # One block, whatever is said: those below stay where they are, open or not.
    with st.container(gap="xsmall", key=f"place_{name}"):
        # A line that is always the same: one that changes would fold it under the reader's hand.
        with st.expander(f"**{place.title}**: {place.line}", key=f"fold_{name}"):
            for key in keys:
                _draw(key, keys, said)
        if said:
            st.caption(said)
