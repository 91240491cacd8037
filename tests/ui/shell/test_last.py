from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words

from vanish.ui.shell import last
from vanish.ui.shell.settings import Settings


@given(data=st.data())
def test_there_are_words_for_every_change(data):
    check_words(last.words, data)


@pytest.mark.parametrize("over", [False, True])
def test_it_is_said_what_has_changed_unless_it_is_much(over):
    some = {"Depth": "10", "Leaky ReLU slope": "0.1", "ReLU slope": "1", "Layer sizes": ""}
    said = last.words(some, over)
    assert said.endswith(", with depth 10, leaky ReLU slope 0.1, ReLU slope 1, layer sizes none.")
    assert ("train again" in said) != over
    for many in (some | {"Seed": "1"}, {}):
        assert last.words(many, over).endswith(", with other settings.")


def test_of_what_has_changed_only_what_matters_is_named():
    then = Settings(depth=10, activations=("tanh", "relu"), negative_slope=0.01)
    now = replace(then, depth=12, activations=("tanh",), negative_slope=0.2, width=9)
    found = last.changed(then, now, ("depth", "activations", "negative_slope", "seed"))
    # No network has a slope for negative inputs, and the width was not asked about.
    assert found == {"Depth": "10", "Activations": "tanh, ReLU"}
