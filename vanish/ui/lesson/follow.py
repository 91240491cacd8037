"""Where a lesson's buttons lead: what is new comes into view, has the focus and is read out; a clicker's keys work."""

import json
from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")

# How often the reader has moved on in this session: a page that was only opened, or reloaded, stays as it is.
MOVED = "_lesson_moved"

# The script takes no room; the panel, and the lesson's end, stop below Streamlit's bar; a chart leaves room for its
# icons, so that they never lie over the question.
STYLE = """<style>
[data-testid=stElementContainer]:has(#vanish-lesson) { display: none; }
:is(.st-key-lesson_panel, .st-key-taken_home) { scroll-margin-top: 3.75rem; }
.st-key-lesson_panel [data-testid=stHeaderActionElements] { display: none; }
/* On a telephone the panel stands below what says that the room has moved on. */
@media (max-width: 40rem) {
  .st-key-room_strip:has(.st-key-room_follow) {
    position: fixed; inset: auto 0 0; z-index: 10; padding: 0.75rem 1rem; justify-content: space-between;
    background: Canvas; border-top: 1px solid GrayText;
  }
}
.st-key-lesson_picture { padding-top: 1.75rem; }
.st-key-lesson_picture [data-testid=stElementToolbar] { translate: none !important; }
</style>"""


def moved() -> None:
    """A button has led on: what is drawn next is new."""
    st.session_state[MOVED] = st.session_state.get(MOVED, 0) + 1


def show(panel: str, fresh: str, said: str) -> None:
    """Bring ``panel`` (a container's key) into view when a button has led on, the focus to the first heading of
    ``fresh``, or to itself where it has none, and ``said`` to who listens.  It belongs behind both."""
    told = {"moved": st.session_state.get(MOVED, 0), "panel": panel, "fresh": fresh, "said": said}
    # None of this is a reader's; even so, no text ends the script.
    arrived = json.dumps(told).replace("<", "\\u003c")
    keys = "removeEventListener('keydown', window.vanishWalk);\naddEventListener('keydown', window.vanishWalk = walk);"
    st.html(
        f"{STYLE}<span id=vanish-lesson></span><script>(() => {{\n{SCRIPT}\narrive({arrived});\n{keys}\n}})()</script>",
        unsafe_allow_javascript=True,
    )
