import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from vanish.ui.shell.typeset import SENTENCES, typeset


@pytest.mark.parametrize(("kind", "name"), SENTENCES.items())
def test_every_sentence_leaves_with_its_numbers_held_to_their_words(kind, name):
    said = ForwardMsg()
    setattr(getattr(said.delta.new_element, kind), name, "layer 1")
    assert getattr(getattr(typeset(said).delta.new_element, kind), name) == "layer\N{NO-BREAK SPACE}1"


def test_what_is_no_sentence_leaves_as_it_is():
    code, other = ForwardMsg(), ForwardMsg(ref_hash="layer 1")
    code.delta.new_element.code.code_text = "layer 1"
    assert typeset(code).delta.new_element.code.code_text == "layer 1"
    assert typeset(other) == ForwardMsg(ref_hash="layer 1")
