"""The sidebar: ready-made networks, the controls that the open view reads, glossary and reset; and the row under the
chapter's question."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from vanish.ui.kit.table import FIRST, ROW, Place, View
from vanish.ui.shell import gallery, glossary, session
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, TABLE, Settings

CHANGED = Path(__file__).with_name("changed.js").read_text("utf-8")


class Fold(NamedTuple):
    """Controls that are folded together in the box ``st-key-fold_<name>``."""

    name: str
    keys: Sequence[str]


def draw(*keys: str) -> None:
    """Draw those of these controls that matter now, one below the other, where the script stands."""
    for key in keys:
        # A control that stands further down has not been drawn on a session's first run: the link knows its value.
        if TABLE[key].matters(session.value):
            _draw(key)


def _draw(key: str) -> None:
    CONTROLS[key].draw(key, DEFAULTS[key], on_change=partial(session.moved, key))


def changed(keys: Sequence[str], settings: Settings) -> str:
    """Which of these controls are not as they are at first, in words."""
    labels = [CONTROLS[key].label for key in keys if getattr(settings, key) != DEFAULTS[key]]
    return f"Changed: {', '.join(labels)}" if labels else ""


def row(view: View) -> None:
    """Draw the chapter's row."""
    for key in _mattering(view, ROW):
        _draw(key)


def _mattering(view: View, place: Place) -> list[str]:
    return [key for key in view.places.get(place, ()) if view.matters(key, session.value)]


def show(view: View, picture: gallery.Picture) -> list[Fold]:
    """Draw the sidebar of the open view where the script stands, and give what is folded in it; ``picture`` shows a
    ready-made network in small."""
    CONTROLS["preset"].draw("preset", DEFAULTS["preset"], on_change=session.apply_preset)
    gallery.show(picture)
    lit = PRESETS.get(session.value("preset") or "")
    if lit:
        st.caption(lit.caption)
    for key in _mattering(view, FIRST):
        _draw(key)
    folds = [fold for place in view.places if place not in (FIRST, ROW) for fold in _folded(view, place)]
    glossary.show()
    st.button("Reset", icon=":material/restart_alt:", on_click=session.reset, width="stretch", key="reset")
    return folds


def _folded(view: View, place: Place) -> Iterator[Fold]:
    keys = _mattering(view, place)
    if not keys:
        return
    name = view.places[place][0]
    # A line that is always the same: one that changes would fold it under the reader's hand.
    with st.expander(f"**{place.title}**: {place.line}", key=f"fold_{name}"):
        for key in keys:
            _draw(key)
    yield Fold(name, keys)


def say_changed(folds: Sequence[Fold], settings: Settings) -> None:
    """Say below each fold what in it is not as it is at first.

    With the results, as any move changes it, and as one element: writing to every fold from there would send them all
    at every move, and drawing them anew takes a run of the whole page.
    """
    said = json.dumps({fold.name: changed(fold.keys, settings) for fold in folds}).replace("<", "\\u003c")
    st.html(
        f"<span id=vanish-changed></span><script>(() => {{\nconst said = {said};\n{CHANGED}\n}})()</script>",
        unsafe_allow_javascript=True,
    )
