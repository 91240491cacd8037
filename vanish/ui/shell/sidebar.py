"""The sidebar: ready-made networks, the controls that the open view reads, glossary and reset; and the row under the
chapter's question."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vanish.ui.kit.table import FIRST, ROW, Place, View
from vanish.ui.shell import gallery, glossary, session
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, TABLE


class Fold(NamedTuple):
    """The place ``below`` the folded controls ``keys``."""

    below: DeltaGenerator
    keys: Sequence[str]


def draw(*keys: str) -> None:
    """Draw those of these controls that matter now, one below the other, where the script stands."""
    for key in keys:
        # A control that stands further down has not been drawn on a session's first run: the link knows its value.
        if TABLE[key].matters(session.value):
            _draw(key)


def _draw(key: str) -> None:
    CONTROLS[key].draw(key, DEFAULTS[key], on_change=partial(session.moved, key))


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
    # One block, whatever is said: those below stay where they are, open or not.
    with st.container(gap=None, key=f"place_{name}"):
        # A line that is always the same: one that changes would fold it under the reader's hand.
        with st.expander(f"**{place.title}**: {place.line}", key=f"fold_{name}"):
            for key in keys:
                _draw(key)
        yield Fold(st.container(), keys)


def say_changed(folds: Sequence[Fold]) -> None:
    """Say below each fold what in it is not as it is at first: with the results, as a move changes it."""
    for fold in folds:
        if said := changed(fold.keys):
            fold.below.caption(said)
        elif not session.runs_alone():
            # What results are to write to when they run alone, they have to have written to before.
            fold.below.empty()
