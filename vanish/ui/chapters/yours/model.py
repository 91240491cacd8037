"""The reader's own model, pasted as code: what it is read as, and the way to it on the page."""

import streamlit as st

from vanish.code import ModelCode, read_model
from vanish.ui.chapters.yours import model_data, model_words
from vanish.ui.shell import session

EXAMPLE = "nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))"

HELP = (
    "PyTorch's nn.Sequential, a class whose forward is a chain, or Keras' Sequential. The code is parsed and never "
    "run; nothing of it is kept."
)


def show() -> None:
    """A box for code, what was read of it, and a button that opens it in chapter Layers."""
    folded = st.expander("Or paste your model's code", on_change="rerun", key="model")
    if not folded.open:
        return
    with folded:
        text = st.text_area("Your model's code", height=160, key="model_code", placeholder=EXAMPLE, help=HELP)
        if not text or not text.strip():
            return
        try:
            read = read_model(text)
        except ValueError as error:
            st.warning("No model was found in it. What was expected, and what stood there:")
            st.code(str(error), language=None, wrap_lines=True)
            return
        _read(read)


def _read(read: ModelCode) -> None:
    fitted = model_data.fitted(read.spec)
    st.markdown(model_words.read_as(read.framework, read.spec))
    st.button(
        "Open it in Layers",
        type="primary",
        icon=":material/open_in_new:",
        on_click=session.set_controls,
        kwargs=dict(fitted.controls),
        key="model_open",
    )
    lines = [*fitted.changed, *model_words.unread(read.unread)]
    st.markdown(model_words.left_out(len(lines)))
    if lines:
        st.markdown("\n".join(f"- {line}" for line in lines))
