import pytest
import streamlit as st
from ui.app import page


@pytest.mark.parametrize(
    ("chapter", "picture"),
    [("why", "Gradient left after a number of layers"), ("train", "What there is to learn: handwritten digits")],
)
def test_within_another_page_the_chapters_own_picture_is_the_first(monkeypatch, chapter, picture):
    first = {}
    for embedded in (False, True):
        monkeypatch.setattr(type(st.context), "is_embedded", embedded)
        first[embedded] = page(chapter=chapter).get("vega_lite_chart")[0].proto.alt
    assert first[True].startswith(picture)
    assert (first[False] == first[True]) == (chapter != "why")
