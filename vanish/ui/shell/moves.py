"""Buttons that move the controls, and controls outside the sidebar."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import streamlit as st

from vanish.ui.shell import session, sidebar


def try_this(*buttons: tuple[str, str, Mapping[str, Any]]) -> None:
    """Buttons that move the controls: ``(key, label, what to set)``."""
    with st.container(horizontal=True) if len(buttons) > 1 else nullcontext():
        for key, label, values in buttons:
            st.button(label, key=key, on_click=session.set_controls, kwargs=dict(values))


def pickers(*keys: str) -> None:
    """Controls side by side, as many as there is room for."""
    grid = st.grid(len(keys), min_column_width=190)
    for key in keys:
        with grid.cell():
            sidebar.draw(key)
