"""The page: reads the settings, shows the header and the open chapter."""

import gc
import os
from pathlib import Path

# Before NumPy is loaded.  On a shared server one product is not worth two cores: a thread that waits for a busy
# core holds up all the others.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import streamlit as st

from vanish.ui import header, session, sidebar
from vanish.ui.chapters import CHAPTERS
from vanish.ui.settings import DEFAULTS, from_values

st.set_page_config(
    page_title="vanish: where gradients go",
    page_icon=str(Path(__file__).parent / "vanish" / "ui" / "icon.png"),
    layout="wide",
)


@st.cache_resource
def leave_to_rest(chapter: str) -> None:
    """Streamlit looks for garbage after every run; what imports and first runs leave needs no second look, ever."""
    gc.collect()
    gc.freeze()


session.begin_run()
top = st.container()
tabs = st.tabs(tuple(CHAPTERS), default=DEFAULTS["chapter"], key="chapter", on_change="rerun", bind="query-params")
chapter, tab = next((CHAPTERS[name], tab) for name, tab in zip(CHAPTERS, tabs, strict=True) if tab.open)

# All controls come before the settings are read, wherever on the page they stand.
sidebar.show(chapter.sidebar)
with tab:
    st.subheader(chapter.question, anchor=False)
    with st.container(horizontal=True):
        sidebar.draw(*chapter.row)

settings, corrections = from_values(session.values())
flow = chapter.measure(settings)
with top:
    header.show(settings, chapter.head(flow), corrections + session.link_corrections())
with tab:
    chapter.show(settings, flow)
leave_to_rest(settings.chapter)
