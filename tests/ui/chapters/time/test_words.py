import inspect
import re
from collections.abc import Mapping, Sequence
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vanish import diagnose
from vanish.choices import CELLS, CLIPPINGS, TASKS
from vanish.measure.diagnosis import Diagnosis
from vanish.numerics import arrays
from vanish.sequence.divergence import RecurrentDivergence
from vanish.sequence.training import RecurrentSnapshot
from vanish.ui.chapters.time import words as time_words
from vanish.ui.chapters.time.words import Outcome
from vanish.ui.kit.numbers import number

SIZES = st.floats(0, 1e300) | st.sampled_from([0.0, 5e-324, np.inf, np.nan])
NAMES = st.sampled_from(list(CELLS))
CURVES = st.lists(SIZES, min_size=1, max_size=12).map(diagnose)


def snapshot(step, loss, norms, divergence=None, error=0.0, entries=None, through_time=None):
    sizes = np.array(norms)
    largest = sizes if entries is None else np.array(entries)
    along = sizes if through_time is None else np.array(through_time)
    return RecurrentSnapshot(
        step, 0.1, loss, error, 0.5, sizes, sizes, largest, along, None, 0.1, 1.0, None, divergence
    )


DIVERGENCES = st.builds(RecurrentDivergence, st.integers(0, 99), st.just("states"), st.none() | st.integers(1, 9))
RUNS = st.lists(
    st.builds(
        snapshot,
        st.integers(0, 9999),
        SIZES,
        st.lists(SIZES, min_size=1, max_size=5),
        st.none() | DIVERGENCES,
        SIZES,
    ),
    min_size=1,
    max_size=4,
)
BY_NAME = {
    "cell": NAMES,
    "cells": st.lists(NAMES, min_size=1, max_size=4, unique=True),
    "task": st.sampled_from(list(TASKS)),
    "target": st.sampled_from([0.0, 1.0]),
    "optimizer": st.just("sgd"),
    "lines": st.dictionaries(st.just("the forget gates' path alone"), SIZES, min_size=1),
    "steps": st.integers(1, 500),
    "of": st.just("over one sequence"),
    "kept": st.none() | SIZES,
    "diverged_at": st.none() | st.integers(0, 9999),
    "median": st.none() | st.integers(0, 499),
    "without": RUNS,
    "clipped_run": RUNS,
    "input_scale": st.floats(0, 3),
    "limit": st.floats(0.1, 20),
    "threshold": st.floats(0.1, 20),
    "baseline": st.sampled_from([1 / 6, np.log(2)]),
    "spectral_radius": st.floats(0, 4),
    "fraction": st.sampled_from([0.1, 1e-6]),
    "name": st.sampled_from(list(TASKS)),
    "lag": st.integers(1, 200),
    "step": st.integers(0, 499),
    "clip": st.sampled_from(list(CLIPPINGS)),
    "clip_at": st.floats(0.01, 100),
    "asked": st.integers(1, 2000),
    "each": st.integers(3, 20),
    "seeds": st.dictionaries(NAMES, st.integers(1, 100)),
    "n_seeds": st.integers(1, 100),
    "batch": st.integers(1, 64),
}
BY_TYPE = {
    float: SIZES,
    bool: st.booleans(),
    Diagnosis: CURVES,
    Mapping[str, Diagnosis]: st.dictionaries(NAMES, CURVES, min_size=1),
    arrays.Array: st.lists(SIZES, min_size=1, max_size=9).map(np.array),
    Sequence[RecurrentSnapshot]: RUNS,
    Mapping[str, Sequence[RecurrentSnapshot]]: st.dictionaries(NAMES, RUNS, min_size=1),
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
    if hints.pop("return") not in (str, str | None, tuple[str, str], Outcome):
        return  # Numbers that sentences are made of, tested below.
    said = SENTENCES[name](**{key: data.draw(BY_NAME.get(key, BY_TYPE.get(hint)), key) for key, hint in hints.items()})
    for words in [said] if isinstance(said, str) else said or ():
        assert words.strip()
        assert not re.search(r"\b(nan|inf|None|np\.float64)\b", words)


def test_the_finding_is_about_the_worst_cell_and_says_when_it_was_measured():
    curves = {"gru": diagnose([0.5, 1.0]), "lstm": diagnose([0.2, 1.0]), "rnn_tanh": diagnose([1e-9, 1.0])}
    said = "Before training: step 1 of the RNN (tanh) gets :orange[one part in 1 billion] of step 2's gradient (10⁻⁹)."
    assert time_words.finding(curves) == said
    del curves["rnn_tanh"]
    assert time_words.finding(curves).startswith("All healthy before training: step 1 of the LSTM gets")
    assert "[500] times" in time_words.finding(curves | {"gru": diagnose([500.0, 1.0])})


@given(st.floats(1e-9, 10), st.floats(0, 3))
def test_a_loss_is_better_or_worse_only_beyond_twice_the_tests_error(loss, off):
    error = 0.01
    run = [snapshot(100, loss, [1.0], error=error)]
    # Beside a baseline that lies so many standard errors above and below.
    above, below = loss + off * error, loss - off * error
    assert ("better than" in time_words.beside_baseline(run, above)) == (above - 2 * error > loss)
    assert ("worse than" in time_words.beside_baseline(run, below)) == (loss > below + 2 * error)
    solved = time_words.outcome(run, above) == "solved"
    assert solved == (loss < above / 10 and above - 2 * error > loss)
    assert ("has solved it" in time_words.race("gru", run, above)) == solved


def test_what_an_answer_without_memory_gets_by_luck_is_not_called_better():
    # The untrained answer 1 to the adding problem, by plain draws: mean squared error of a sum of two uniform numbers.
    generator = np.random.default_rng(0)
    for _ in range(20):
        losses = np.square(generator.random((256, 2)).sum(axis=1) - 1)
        error = losses.std(ddof=1) / 16
        assert error == pytest.approx(0.012, rel=0.2)
        by_luck = [snapshot(300, 0.165, [1.0], error=error)]
        assert time_words.outcome(by_luck, 1 / 6) == "no better"
    assert "learned nothing that the test shows" in time_words.race("gru", by_luck, 1 / 6)


def test_the_race_is_told_by_what_became_of_each_cell():
    runs = {
        "rnn_tanh": [snapshot(1200, 0.17, [1.0], error=0.012)],
        "gru": [snapshot(1200, 0.0002, [1.0])],
        "lstm": [snapshot(1200, 0.0015, [1.0])],
        "rnn_relu": [snapshot(7, np.nan, [np.inf], RecurrentDivergence(7, "states", 3))],
    }
    assert time_words.race_finding(runs, "adding", 50, 1200) == (
        "Adding problem, lag 50, after 1,200 steps: the GRU and the LSTM have :green[solved it]; "
        "the RNN (tanh) has :orange[learned nothing that the test shows]; the RNN (ReLU) :red[diverged]."
    )
    assert "stopped at step 1,200" in time_words.race_finding(runs, "adding", 50, 2000)


@given(st.floats(1e-12, 1e12), st.floats(1e-12, 1e12))
def test_a_race_says_what_reached_step_1_before_and_after(before, after):
    run = [
        snapshot(0, 0.2, [1.0], through_time=[2.0, 1.0, 2 * before]),
        snapshot(9, 0.1, [1.0], through_time=[1.0, 5.0, after]),
    ]
    said = f"{number(before)} reached step 1 before training and {number(after)} at the end."
    assert said in time_words.race("gru", run, 1 / 6)


def test_a_run_that_diverges_says_where():
    run = [snapshot(3, np.nan, [1.0, np.inf], RecurrentDivergence(3, "states", 7))]
    for words in (time_words.race("rnn_relu", run, 1 / 6), time_words.clipping(run, 1 / 6, "norm", 1.0, False)):
        assert "diverged at step 3: NaN or infinity in its states at step 7 of the sequence" in words


GRADIENTS = st.lists(st.lists(st.floats(-3, 3), min_size=4, max_size=4), min_size=2, max_size=20)


def test_what_became_of_both_runs_alike_is_said_once():
    def end(loss, step=100, at=None):
        return [snapshot(step, loss, [1.0], at and RecurrentDivergence(at, "states", None), error=0.01)]

    def said(*runs):
        return time_words.clipping_finding(*runs, 1 / 6, "norm", 1.0, 100)

    once = "Clipped by norm at 1 or not, the "
    assert said(end(0.16), end(0.17)) == (
        f"{once}test loss is no different from the 0.167 of an answer without memory: :orange[0.16] without clipping, "
        ":orange[0.17] with it."
    )
    assert said(end(0.1), end(0.1)).endswith("better than the 0.167 of an answer without memory: :green[0.1].")
    assert said(end(9, at=3), end(9, at=3)) == f"{once}run :red[diverged] at step 3."
    assert said(end(9, at=3), end(9, at=5)).endswith("diverged]: at step 3 without clipping, at step 5 with it.")
    # What came of each by itself.
    for pair in ((end(9, at=3), end(0.16)), (end(0.16, step=50), end(0.16)), (end(0.1), end(0.17))):
        assert said(*pair).startswith("Without clipping: ")


@given(GRADIENTS, st.floats(0.1, 3))
def test_what_is_called_cut_is_what_the_clipping_changes(gradients, limit):
    """Norms against a limit on the norm, entries against a limit on entries."""
    gradients = np.array(gradients)
    norms, entries = np.linalg.norm(gradients, axis=1), np.abs(gradients).max(axis=1)
    # PyTorch's small number beside the norm shortens, by less than a millionth, what is as long as the limit.
    assume(np.abs(norms - limit).min() > 1e-5)
    run = [snapshot(len(gradients) - 1, 0.2, norms, entries=entries)]
    for clip, sizes in (("norm", norms), ("value", entries)):
        changed = [not np.array_equal(CLIPPINGS[clip].clip(one.copy(), limit), one) for one in gradients]
        said = time_words.clipping(run, 1 / 6, clip, limit, True)
        share = 100 * np.mean(changed)
        assert f"{'100 %' if share == 100 else f'{share:.1f} %'} of its gradients had" in said
        assert f"{number(sizes.max())}." in said
        assert ("an entry" in said) == (clip == "value")


def test_a_gradient_that_made_no_step_was_not_cut():
    run = [snapshot(1, np.nan, [0.5, np.inf], RecurrentDivergence(1, "states", None))]
    assert "0.0 % of its gradients had a norm above 1 and were cut" in time_words.clipping(
        run, 1 / 6, "norm", 1.0, True
    )


def test_the_threshold_says_of_which_run_and_up_to_which_step():
    sizes = np.array([0.5, 2.0, 3.5, np.inf])
    said = time_words.threshold(sizes, 1.0, "norm", diverged_at=4)
    assert (
        "Of the gradients of the run without clipping, steps 0 to 3 (it diverged at step 4), 75.0 % had a norm" in said
    )
    # Pascanu et al.: half to ten times the mean, of what is finite.
    assert "mean norm is 2 (half are below 2)" in said
    assert "here 1 to 20" in said
    assert "Pascanu" not in time_words.threshold(sizes, 1.0, "value", diverged_at=4)


def test_a_mean_that_a_few_spikes_make_is_no_guide():
    said = time_words.threshold(np.array([0.2, 0.2, 0.3, 1e48]), 1.0, "norm", diverged_at=None)
    assert "Half of the norms are below 0.25; a few spikes make their mean 2.5 × 10⁴⁷, no guide." in said
    assert "Pascanu" not in said


def test_what_is_not_finite_is_beyond_every_threshold():
    sizes = np.array([0.5, 2.0, np.inf, np.nan])
    assert "75.0 % had a norm" in time_words.threshold(sizes, 1.0, "norm", diverged_at=4)
    assert time_words.no_spikes(sizes, 1.0, "norm", "sgd") is None
    assert "nothing to clip" in time_words.no_spikes(np.array([0.5]), 1.0, "norm", "sgd")


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=30), st.sampled_from([0.1, 0.01, 0.001]))
def test_how_far_back_a_share_arrives_is_said_with_what_comes_after(shares, fraction):
    backwards = np.array([1.0, *shares])
    diagnosis = diagnose(backwards[::-1])
    counted = next((k for k, one in enumerate(shares) if one < fraction), len(shares))
    value, note = time_words.reach(counted, diagnosis, fraction)
    assert value == str(counted)
    assert note.startswith("all steps" if counted == len(shares) else f"of {len(shares)}")
    if diagnosis.verdict != "exploding":
        assert (f"but {number(shares[-1])} at step 1" in note) == (counted < len(shares) and shares[-1] >= fraction)


def test_a_gradient_that_explodes_is_not_called_within_reach():
    assert time_words.reach(2, diagnose([1e5, 300.0, 1.0]), 0.01) == ("2", "all steps, but exploding")
    assert time_words.reach(1, diagnose([0.2, 0.3, 1.0]), 0.25, median=2) == ("1", "of 2, median over seeds 2")
    assert "no limit of learning" in time_words.COUNTED


@given(st.floats(0, 2), st.integers(2, 500))
def test_a_radius_has_one_factor_fewer_than_there_are_steps(spectral_radius, steps):
    left = 1.0
    for _ in range(steps - 1):
        left *= spectral_radius
    said = time_words.radius(spectral_radius, steps, ["gru", "rnn_tanh"])
    if 1e-300 < left < 1e300 and number(left) == number(left * (1 + 1e-12)) == number(left * (1 - 1e-12)):
        assert f"= {number(left)} of a gradient" in said
    assert str(steps - 1) in said.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    assert time_words.radius(spectral_radius, steps, ["gru", "lstm_relu"]) is None


def test_the_largest_slope_is_that_of_the_cells_on_screen():
    assert "slopes, at most 0.25," in time_words.radius(0.9, 10, ["rnn_sigmoid"])
    assert "slopes, at most 1," in time_words.radius(0.9, 10, ["rnn_sigmoid", "rnn_relu"])


def test_what_is_shown_of_what_was_asked_for():
    assert time_words.fewer(100, 100, {"gru": 3}, 3) is None
    said = time_words.fewer(640, 2000, {"rnn_tanh": 20, "lstm": 1}, 20)
    assert said.startswith("Shown: a sequence of 640 steps, not 2,000; of 20 seeds the first few (LSTM 1). ")
    assert time_words.smaller_batch(8, 8) is None
    assert time_words.smaller_batch(1, 8).startswith("A batch has 1 sequence here, not 8")


def test_two_cells_with_one_kind_of_gate_name_it_once():
    assert time_words.gates(["lstm", "lstm_relu"]).count("forget gate f") == 1


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_bounds_are_called_what_they_are(line, measured):
    said = time_words.theory("lstm", {"the forget gates' path alone": line}, measured)
    assert f"gives {number(measured / line)} times that" in said
    assert "one path of several" in said
    said = time_words.theory("rnn_tanh", {"pace": 1e-3, "upper": line}, measured)
    assert f"here {number(line / measured)} times what is measured" in said
    assert "pace bounds nothing" in said


@pytest.mark.parametrize("cell", CELLS)
def test_a_gate_is_spoken_of_where_there_is_one_with_its_value(cell):
    said = time_words.along(cell, diagnose([0.5, 1.0]), 0.25)
    assert CELLS[cell].keeping_label in said
    assert ("starts at 0.25 on average" in said) == bool(CELLS[cell].keeping_label)
    assert (time_words.gates([cell]) is None) == (not CELLS[cell].keeping_label)
    assert "gate" not in time_words.along(cell, diagnose([0.5, 1.0]), None)
