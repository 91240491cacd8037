"""The page's own style, beside the theme: what is read on the theme's colours, forced colours, no motion, paper."""

from pathlib import Path

import streamlit as st

CSS = Path(__file__).with_suffix(".css").read_text("utf-8")


def apply() -> None:
    """Lay it on the page; it takes no room."""
    st.html(f"<style>{CSS}</style>")
