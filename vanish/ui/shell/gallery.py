"""All ready-made networks at a glance: by what they show, each with its picture and a line."""

from collections.abc import Callable, Mapping

import streamlit as st

from vanish.ui.shell import session
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.reports import REPORTS

# HTML of the picture of one.
Picture = Callable[[str], str]

# By chapter, in the order of the page; ``None``: whichever is open.
GROUPS: Mapping[str, tuple[str | None, ...]] = {
    "Layer by layer": (None, "flow"),
    "Training": ("train",),
    "Cures": ("fixes",),
    "Along a sequence": ("time",),
}

REPORTED = "Reported by others"

LEGEND = (
    "The small pictures show the gradient before training, on its way back from the last layer (right) to the first "
    "(left), in powers of ten: as large as in the last layer on the dotted line, healthy within the green band."
)


def groups() -> dict[str, list[str]]:
    """Names of ready-made networks by what they show; those of others by themselves."""
    own = [name for name in PRESETS if name not in REPORTS]
    shown = {title: [name for name in own if PRESETS[name].chapter in chapters] for title, chapters in GROUPS.items()}
    return shown | {REPORTED: list(REPORTS)}


def show(picture: Picture) -> None:
    """A button that opens the gallery."""
    if st.button("See them all", icon=":material/grid_view:", type="tertiary", key="gallery", on_click=session.anew):
        _open(picture)


@st.dialog("Ready-made networks", width="large", icon=":material/grid_view:", on_dismiss=session.anew)
def _open(picture: Picture) -> None:
    by_title = groups()
    titles = list(by_title)
    title = st.segmented_control("What they show", titles, default=titles[0], required=True, key="gallery_group")
    st.caption(LEGEND)
    grid = st.grid(3, min_column_width=240, border=True)
    for name in by_title[title or titles[0]]:
        with grid.cell():
            st.html(picture(name))
            if st.button(PRESETS[name].label, on_click=_choose, args=(name,), width="stretch", key=f"gallery_{name}"):
                st.rerun()
            st.caption(PRESETS[name].sentence)


def _choose(name: str) -> None:
    session.set_controls(preset=name, **PRESETS[name].named)
