import inspect
import re
from collections.abc import Mapping, Sequence
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import diagnose
from vanish.choices import CELLS, CLIPPINGS, TASKS
from vanish.measure.diagnosis import Diagnosis
from vanish.numerics import arrays
from vanish.sequence.divergence import RecurrentDivergence
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.chapters.time import words as time_words

SIZES = st.floats(0, 1e300) | st.sampled_from([0.0, 5e-324, np.inf, np.nan])
NAMES = st.sampled_from(list(CELLS))
CURVES = st.lists(SIZES, min_size=1, max_size=12).map(diagnose)


def snapshot(step, loss, norms, divergence=None):
    sizes = np.array(norms)
    return RecurrentSnapshot(step, 0.1, loss, 0.5, sizes, sizes, sizes, None, 0.1, 1.0, None, divergence)


DIVERGENCES = st.builds(RecurrentDivergence, st.integers(0, 99), st.just("states"), st.none() | st.integers(1, 9))
RUNS = st.lists(
    st.builds(snapshot, st.integers(0, 9999), SIZES, st.lists(SIZES, min_size=1, max_size=5), st.none() | DIVERGENCES),
    min_size=1,
    max_size=4,
)
BY_NAME = {
    "cell": NAMES,
    "task": st.sampled_from(list(TASKS)),
    "target": st.sampled_from([0.0, 1.0]),
    "optimizer": st.just("sgd"),
    "lines": st.dictionaries(st.just("forget gates alone"), SIZES, min_size=1),
    "steps": st.integers(0, 499),
    "length": st.integers(1, 500),
    "baseline": st.sampled_from([1 / 6, np.log(2)]),
    "spectral_radius": st.floats(0, 4),
    "fraction": st.sampled_from([0.1, 1e-6]),
    "name": st.sampled_from(list(TASKS)),
    "lag": st.integers(1, 200),
    "step": st.integers(0, 499),
    "clip": st.sampled_from(list(CLIPPINGS)),
    "clip_at": st.floats(0.01, 100),
}
BY_TYPE = {
    float: SIZES,
    bool: st.booleans(),
    Diagnosis: CURVES,
    Mapping[str, Diagnosis]: st.dictionaries(NAMES, CURVES, min_size=1),
    arrays.Array: st.lists(SIZES, min_size=1, max_size=9).map(np.array),
    Sequence[RecurrentSnapshot]: RUNS,
}
SENTENCES = {
    name: function
    for name, function in vars(time_words).items()
    if inspect.isfunction(function) and function.__module__ == time_words.__name__ and not name.startswith("_")
}


@pytest.mark.parametrize("name", SENTENCES)
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    hints = get_type_hints(SENTENCES[name])
    assert hints.pop("return") in (str, str | None, tuple[str, str])
    said = SENTENCES[name](**{key: data.draw(BY_NAME.get(key, BY_TYPE.get(hint)), key) for key, hint in hints.items()})
    for words in [said] if isinstance(said, str) else said or ():
        assert words.strip()
        assert not re.search(r"\b(nan|inf|None|np\.float64)\b", words)


def test_the_finding_is_about_the_worst_cell():
    curves = {"gru": diagnose([0.5, 1.0]), "lstm": diagnose([0.2, 1.0]), "rnn_tanh": diagnose([1e-9, 1.0])}
    assert time_words.finding(curves) == "Step 1 of the RNN (tanh) gets :orange[1.00e-9] of step 2's gradient."
    del curves["rnn_tanh"]
    assert time_words.finding(curves).startswith("All healthy: step 1 of the LSTM gets")
    assert "[500] times" in time_words.finding(curves | {"gru": diagnose([500.0, 1.0])})


@pytest.mark.parametrize(
    ("loss", "verdict"), [(0.001, "has solved it"), (0.1, "has learned something"), (1 / 6, "has learned nothing")]
)
def test_a_race_is_judged_beside_remembering_nothing(loss, verdict):
    assert verdict in time_words.race("gru", [snapshot(100, loss, [1.0])], 1 / 6)


def test_a_run_that_diverges_says_where():
    run = [snapshot(3, np.nan, [1.0, np.inf], RecurrentDivergence(3, "states", 7))]
    for words in (time_words.race("rnn_relu", run, 1 / 6), time_words.clipping(run, 1 / 6, 1.0, False)):
        assert "at step 3" in words
        assert "in its states at step 7 of the sequence" in words


def test_what_has_no_finite_length_is_too_long():
    norms = np.array([0.5, 2.0, np.inf, np.nan])
    assert "would cut 75.0 %" in time_words.threshold(norms, 1.0)
    assert time_words.no_spikes(norms, 1.0, "sgd") is None
    assert "nothing to clip" in time_words.no_spikes(np.array([0.5]), 1.0, "sgd")


@pytest.mark.parametrize(("steps", "words"), [(99, "the whole sequence"), (98, "of 99"), (0, "of 99")])
def test_how_far_back_is_said_beside_the_length(steps, words):
    assert time_words.reach(steps, 100) == (str(steps), words)
