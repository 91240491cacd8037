"""The sidebar: presets on top, groups of controls, reset and the link."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from vanish.ui import session
from vanish.ui.settings import CONTROLS, DEFAULTS, PRESET

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Network": ("depth", "width", "activations", "initializer", "weight_scale", "seed"),
        "Signal": ("batch_size", "magnitude"),
    }
)
# Controls that mean something in one chapter only are shown with that chapter.
CHAPTER_GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {"updates": ("Learning", ("learning_rate",))}
)


def draw(*keys: str) -> None:
    """Draw these controls, one below the other, where the script stands."""
    for key in keys:
        CONTROLS[key].draw(key, DEFAULTS[key])


def show(chapter: str) -> None:
    """Draw the sidebar of a chapter."""
    with st.sidebar:
        PRESET.draw("preset", DEFAULTS["preset"], on_change=session.apply_preset)
        groups = dict(GROUPS) | dict([CHAPTER_GROUPS[chapter]] if chapter in CHAPTER_GROUPS else [])
        for title, keys in groups.items():
            st.markdown(f"**{title}**")
            draw(*keys)
        st.button("Reset", icon=":material/restart_alt:", on_click=session.reset, width="stretch", key="reset")
