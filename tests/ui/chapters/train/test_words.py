import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import RUNS, check_words, sentences, tables

from vanish.ui.chapters.train import words
from vanish.ui.kit import numbers


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data)


@given(RUNS, st.floats(0, 1))
def test_a_trained_network_is_judged_by_guessing(run, guessing):
    said, last = words.training("tanh", run, guessing, "accuracy"), run[-1]
    if last.divergence:
        assert f"step {last.divergence.step}" in said
        assert f"layer {last.divergence.layer}" in said
    else:
        assert ("next to nothing" in said) == (not last.test_accuracy > guessing + words.LEARNED)
        assert numbers.percent(last.test_accuracy) in said


@given(tables(min_size=1))
def test_deeper_names_the_best_and_the_deepest(frame):
    for line, (name, rows) in zip(words.deeper(frame), frame.groupby("name", sort=False), strict=True):
        assert line.startswith(f"**{name}**")
        assert f"with {numbers.percent(rows.value.max())}" in line
        assert f"depth {rows.depth.max()} reaches" in line
