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


def draw(*keys: str) -> None:
    """Draw these controls, one below the other, where the script stands."""
    for key in keys:
        CONTROLS[key].draw(key, DEFAULTS[key])


def show(chapter_group: tuple[str, tuple[str, ...]] | None) -> None:
    """Draw the sidebar, with the group of the open chapter if it has one."""
    with st.sidebar:
        PRESET.draw("preset", DEFAULTS["preset"], on_change=session.apply_preset)
        for title, keys in [*GROUPS.items(), *([chapter_group] if chapter_group else [])]:
            st.markdown(f"**{title}**")
            draw(*keys)
        st.button("Reset", icon=":material/restart_alt:", on_click=session.reset, width="stretch", key="reset")
