"""The page within another one: the finding and its picture, and the way to the whole page."""

from pathlib import Path

import streamlit as st

STYLE = f"<style>{Path(__file__).with_suffix('.css').read_text('utf-8')}</style>"


def style() -> None:
    """Leave out what another page has no room for, where the page stands within one."""
    if st.context.is_embedded:
        st.html(STYLE)


def way_out(whole: str) -> None:
    """The link to the whole page, where only a part of it is shown."""
    if st.context.is_embedded:
        with st.container(key="whole_page"):
            st.link_button("The whole page", whole, icon=":material/open_in_new:", type="tertiary")
