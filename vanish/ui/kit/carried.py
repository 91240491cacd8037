"""What a reader's browser keeps beside the address, for a server that knows nothing of them: one that was started
anew, or another replica."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

# The boxes that hold it, which nobody sees; a browser sends what is in its widgets as soon as it is connected again.
WHOLE, RUNNING = BOXES = "carried", "carried_run"
UNSEEN = f"<style>{', '.join(f'.st-key-{box}_unseen' for box in BOXES)} {{display: none}}</style>"


def hold(box: str, texts: Mapping[str, Sequence[str] | str]) -> None:
    """Have the browser keep these texts by name; nothing is drawn where there are none."""
    if not texts:
        return
    st.session_state[box] = urlencode(texts, doseq=True)
    with st.container(key=f"{box}_unseen"):
        st.html(UNSEEN)
        st.text_input("What the address does not hold", key=box, label_visibility="collapsed")


def held() -> dict[str, list[str]]:
    """What the browser has brought into a session that begins, from all boxes; nothing, mostly."""
    context = get_script_run_ctx()
    if not context:
        return {}
    # No widget has been drawn yet, so that Streamlit knows the boxes by their identifiers alone.
    brought = context.session_state._state._new_widget_state.states
    texts: dict[str, list[str]] = {}
    for box in BOXES:
        for key, state in brought.items():
            if key.endswith(f"-{box}"):
                for name, more in parse_qs(state.value.string_value).items():
                    texts[name] = texts.get(name, []) + more
    return texts
