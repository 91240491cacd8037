from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.measure.combinations import Combination
from vanish.measure.diagnosis import Verdict, diagnose
from vanish.measure.remedies import REMEDIES, Clipped, Rung
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.fixes import words
from vanish.ui.chapters.fixes.data import Comparison, Walk

NAN, INF = float("nan"), float("inf")
RATIOS = st.floats(min_value=0) | st.just(NAN)


def comparison(before, after, examples=1, magnitude="mean_abs"):
    return Comparison(np.array(before), np.array(after), examples, magnitude)


def to(ratio, before=1e-9):
    """A network of two layers that a remedy takes to a ratio."""
    return comparison([before, 1.0], [ratio, 1.0])


@pytest.mark.parametrize(
    ("before", "after", "kind", "said"),
    [
        (1e-9, 1e-4, "better", "from 1.00e-9: 100,000 times better"),
        (1e-4, 1e-9, "worse", "from 1.00e-4: 100,000 times worse"),
        (1e-3, 1e5, "worse", "from 0.001: 100 times worse"),
        (1e5, 1e-3, "better", "from 100,000: 100 times better"),
        (0.5, 0.5, "same", "from 0.5: makes no difference"),
        (0.5, 0.6, "same", "from 0.5: makes little difference"),
        (0.1, 10.0, "same", "from 0.1: makes no difference"),
        (0.0, 0.3, "better", "from 0: alive again"),
        (NAN, 0.3, "better", "from undefined: alive again"),
        (INF, 0.3, "better", "from infinity: alive again"),
        (0.3, 0.0, "worse", "from 0.3: worse, no gradient that could be used is left"),
        (0.3, NAN, "worse", "from 0.3: worse, no gradient that could be used is left"),
        (0.3, INF, "worse", "from 0.3: worse, no gradient that could be used is left"),
        (0.0, 0.0, "same", "from 0: makes no difference"),
        (NAN, 0.0, "same", "from undefined: makes no difference"),
        (1e-320, 1e-3, "better", "from 1.00e-320: 1e317 times better"),
    ],
)
def test_better_is_nearer_to_one_from_either_side(before, after, kind, said):
    assert words.effect(before, after) == kind
    assert words.effect_words(before, after) == said


@given(RATIOS, RATIOS)
def test_what_one_direction_gains_the_other_loses(before, after):
    assert words.gain(before, after) == -words.gain(after, before)
    opposite = {"better": "worse", "worse": "better", "same": "same"}
    assert words.effect(after, before) == opposite[words.effect(before, after)]
    assert words.effect_words(before, after)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (to(0.5), ""),
        (to(1e-5), "Not enough by itself: still vanishing."),
        (to(1e5), "Not enough by itself: now exploding."),
        (to(1e-9), "On this network it makes no difference."),
        (to(1.1e-9), "On this network it makes little difference: another seed would do as much."),
        (to(1e-12), "**On this network it makes things worse**: layer 1 gets even less."),
        (to(1e12), "**On this network it makes things worse**: layer 1 now gets too much."),
        (to(0.0), "**On this network it makes things worse**: layer 1 gets exactly zero."),
        (to(NAN), "**On this network it makes things worse**: at layer 1 the gradient is no finite number any more."),
        (to(0.1, before=0.9), "**On this network it makes things worse**: the ratio was nearer to 1 without it."),
        (comparison([1.0], [2.0]), "One layer has nothing to lose, and nothing to win."),
    ],
)
def test_a_remedy_that_harms_or_is_not_enough_is_told(found, said):
    assert words.warning(found) == said


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_remedy_that_harms_or_is_not_enough_is_told_with_every_verdict(verdict):
    harmed, helped = to(1e-3, before=1.0), to(1e-3, before=1e-9)
    for network in (harmed, helped):
        # As if it had been diagnosed so.
        vars(network)["diagnosis_after"] = replace(network.diagnosis_after, verdict=verdict, layer=2)
    assert words.warning(harmed).startswith("**On this network it makes things worse**: ")
    assert words.warning(helped).startswith("Not enough by itself: ") or verdict == "healthy"


def test_what_is_measured_in_another_way_is_told():
    assert words.how_measured(to(1.0), 1, "mean_abs") == ""
    assert words.how_measured(comparison([1], [1], 32), 1, "mean_abs") == (
        "Before and after are measured over 32 examples here."
    )
    assert words.how_measured(comparison([1], [1], 32, "stream"), 1, "rms") == (
        "Before and after are measured over 32 examples and as RMS of dL/dh here."
    )


def test_the_summary_names_the_best_and_all_that_harm():
    found = {"relu": to(1e-4), "residual": to(0.1), "initialization": to(1e-15), "normalization": to(1e12)}
    said = words.summary("sigmoid", found, [])
    assert "the **sigmoid** network" in said
    assert "**Residual connections helps most**: first over last layer goes from 1.00e-9 to **0.1**" in said
    assert "Xavier / He initialisation and Normalisation make it worse." in said
    assert words.best(found) == "residual"


def test_the_summary_leaves_out_what_is_at_work():
    found = {"relu": to(1e-4), "residual": to(0.1)}
    said = words.summary("tanh", found, ["residual"])
    assert "It has Residual connections (1.00e-9 without) already." in said
    assert "**ReLU family would help most**" in said
    assert "None of the others helps" in words.summary("tanh", {"residual": to(0.1)}, ["residual"])
    assert "None of the four helps" in words.summary("tanh", {"relu": to(1e-9), "residual": to(0.0)}, [])
    assert "nothing to cure" in words.summary("tanh", {"relu": comparison([1.0], [1.0])}, [])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([0.1, 0.2], [0.1, 0.2], "it changes nothing here"),
        (
            [10.0, 20.0],
            [0.1, 0.2],
            "The ratio stays: first / last of the weights' gradients is 0.5 before",
        ),
        ([10.0, 20.0], [1.0, 1.0], "The ratio changes with the direction"),
        ([0.0, 0.0], [0.0, 0.0], "it changes nothing here"),
        ([NAN, NAN], [NAN, NAN], "no finite number"),
        ([INF, 1.0], [NAN, 0.0], "no finite number"),
    ],
)
def test_clipping_is_said_to_leave_the_ratio_where_it_does(before, after, said):
    lengths = [float(np.sqrt(np.square(one).sum())) for one in (before, after)]
    under, line = words.clipping(Clipped(*lengths, np.array(before), np.array(after)), 1.0)
    assert said in line
    assert under.startswith("from ")


@pytest.mark.parametrize(
    ("plain", "gated", "said"),
    [
        (1e-6, 1e-2, "LSTM's memory keeps 10,000 times more"),
        (1e6, 1.0, "fares better"),
        (1e-2, 1e-6, "**LSTM fares worse here**"),
        (0.5, 0.5, "LSTM makes no difference here"),
        (0.0, 0.5, "fares better"),
        (NAN, NAN, "makes no difference"),
    ],
)
def test_gates_are_praised_only_where_they_help(plain, gated, said):
    assert said in words.gates(diagnose([plain, 1.0]), diagnose([gated, 1.0]), "lstm", 2)
    assert "one step" in words.gates(diagnose([1.0]), diagnose([1.0]), "gru", 1)


def rung(remedy, decades, lost=0.0):
    return Rung(remedy, remedy and REMEDIES[remedy].default, NetworkSpec(), decades, 0.0, lost)


def test_every_rung_of_the_ladder_is_judged_by_its_numbers():
    rungs = [rung(None, -9.0), rung("relu", -4.0), rung("residual", 6.0), rung("normalization", 6.0)]
    start, relu, residual, same, whole = words.ladder(rungs, 32)
    assert "over 32 examples" in start
    assert relu == "**ReLU family** (leaky_relu): × 100,000, which leaves 1.00e-4: better."
    assert residual == "**Residual connections** (identity): × 1.00e10, which leaves 1.00e6: 100 times worse."
    assert same.endswith("no difference.")
    assert "from 1.00e-9 to 1.00e6, 1,000 times better" in whole


@pytest.mark.parametrize("strange", [NAN, INF, -INF])
def test_a_ladder_with_a_dead_rung_has_words_too(strange):
    rungs = [rung(None, -3.0), rung("relu", strange, lost=0.6), rung("residual", -1.0)]
    _, relu, residual, _ = words.ladder(rungs, 1)
    assert relu.endswith("useless; 60.0 % of the seeds are lost.")
    assert residual.endswith("usable again.")


def combination(decades, accuracy, remedies=(), divergence=None):
    return Combination(remedies, NetworkSpec(), decades, 0.03, 1.0, 1.0, accuracy, accuracy, 0, divergence)


def test_combinations_are_counted_by_where_they_start():
    rows = [
        combination(-9.0, 0.1),
        combination(-4.0, 0.1, ("relu",)),
        combination(-0.5, 0.9, ("residual",)),
        combination(5.0, 0.2, ("relu", "residual")),
        combination(NAN, NAN, ("normalization",), divergence=object()),
    ]
    lines = words.combinations(rows, 0.1, 300)
    assert lines[0].startswith("**Best after 300 steps**: Residual connections, with 90.0 % of the test digits right.")
    assert "Of the 2 that start with a ratio below 0.01, none has learned anything: accuracy 10.0 %." in lines
    assert "Of the 1 that start with a ratio from 0.01 to 100, 1 has learned something: accuracy 90.0 %." in lines
    assert "Of the 1 that start with a ratio above 100, 1 has learned something: accuracy 20.0 %." in lines
    assert lines[-1] == "1 diverged at every learning rate."


@pytest.mark.parametrize(
    ("correlation", "said"),
    [
        (0.95, "0.95, so a step"),
        (0.5, "0.50, less and less"),
        (-0.02, "−0.02, which is noise"),
        (NAN, "undefined, no"),
    ],
)
def test_a_walk_says_whether_neighbours_agree(correlation, said):
    (line,) = words.noise([Walk("plain, 50 deep", "plain", correlation, 3.0, None)])
    assert line.startswith("**Plain, 50 deep**")
    assert said in line
