"""On their way to a browser sentences are set so that no line ends within what is read in one breath."""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from vanish.ui.kit.numbers import unbroken

# Of elements, what of each is a sentence.
SENTENCES = {"markdown": "body", "heading": "body", "alert": "body", "progress": "text"}


def typeset(message: ForwardMsg) -> ForwardMsg:
    """The message, its sentences set for the page."""
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind in SENTENCES:
        said, name = getattr(element, kind), SENTENCES[kind]
        if (text := getattr(said, name)) != (whole := unbroken(text)):
            setattr(said, name, whole)
    return message
