"""What the ladder, the combinations and the walks along the inputs say."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.measure.combinations import Combination
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, Rung, treated
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.fixes import combinations_words, ladder_words, noise_words
from vanish.ui.chapters.fixes.data import Walk
from vanish.ui.chapters.fixes.words import KEPT
from vanish.ui.kit.numbers import number

NAN, INF = float("nan"), float("inf")


def rung(remedy, decades, lost=0.0, step=0.0, yardstick=1.0):
    spec = treated(NetworkSpec(), [remedy] if remedy else [])
    return Rung(remedy, remedy and REMEDIES[remedy].default, spec, decades, step, lost, yardstick)


def test_every_rung_of_the_ladder_is_judged_by_its_numbers():
    rungs = [rung(None, -9.0), rung("relu", -4.0), rung("residual", 6.0), rung("normalization", 6.0)]
    start, relu, residual, same, whole = ladder_words.reading(rungs, 32)
    assert "over 32 examples" in start
    assert relu == "**ReLU family** (leaky ReLU): × 100,000, which leaves 10⁻⁴: better."
    assert residual == ("**Residual connections** (identity): × 10¹⁰, which leaves 10⁶: past 1, 100 times worse.")
    assert same.endswith("no difference.")
    assert "from 10⁻⁹ to 10⁶, 1,000 times nearer to 1" in whole


@pytest.mark.parametrize(
    ("decades", "before", "again"),
    [
        (NAN, "undefined", "a usable gradient now."),
        (INF, "infinity", "a usable gradient now."),
        (-INF, "0", "no longer exactly zero."),
    ],
)
def test_a_ladder_with_a_rung_without_gradient_has_words_too(decades, before, again):
    rungs = [rung(None, -3.0), rung("relu", decades, lost=0.6), rung("residual", -30.0)]
    _, relu, residual, _ = ladder_words.reading(rungs, 1)
    assert f": from 0.001 to {before}: no" in relu
    assert relu.endswith("no usable gradient is left; for 60.0 % of the seeds it is exactly zero or not finite.")
    assert residual.endswith(f": from {before} to 10⁻³⁰: {again}")


@given(
    st.lists(st.floats(-100, 100) | st.just(NAN) | st.just(-INF), min_size=5, max_size=5),
    st.sampled_from([1.0, 0.291, 0.05]),
)
def test_the_ladders_headline_says_both_ends_over_a_lossless_networks_and_its_largest_step(decades, yardstick):
    with np.errstate(invalid="ignore"):
        steps = [0.0, *np.subtract(decades[1:], decades[:-1])]
    rungs = [
        rung(name, height, step=step if np.isfinite(step) else NAN, yardstick=yardstick)
        for name, height, step in zip([None, *NETWORK_REMEDIES], decades, steps, strict=True)
    ]
    said = ladder_words.finding(rungs, 10)
    ends = [number(float(10 ** np.float64(height)) / yardstick) for height in (decades[0], decades[-1])]
    assert f"from {ends[0]} to {ends[1]} {KEPT}" in said
    finite = {name: abs(step) for name, step in zip(NETWORK_REMEDIES, steps[1:], strict=True) if np.isfinite(step)}
    if finite and max(finite.values()) > 0:
        assert f"largest step: {REMEDIES[max(finite, key=lambda name: finite[name])].title} (" in said
    else:
        assert "largest" not in said
    bars = ladder_words.bar_words([1.0, *decades], [*decades, 1.0])
    assert ladder_words.alt(bars)


def test_a_ladder_of_one_rung_and_one_of_one_layer():
    assert ladder_words.finding([rung(None, -9.0), rung("residual", 0.0)], 10) == (
        "Residual connections take the sigmoid network from 10⁻⁹ to 1 times what a lossless network keeps."
    )
    assert "nothing to cure" in ladder_words.finding([rung(None, 0.0), rung("relu", 0.0)], 1)


def combination(decades, accuracy, remedies=(), divergence=None, before=0.1):
    return Combination(remedies, NetworkSpec(), decades, before, 0.03, 1.0, 1.0, accuracy, accuracy, 0, divergence)


ROWS = [
    combination(-9.0, 0.1),
    combination(-4.0, 0.12, ("relu",)),
    combination(-0.5, 0.9, ("residual",)),
    combination(5.0, 0.2, ("relu", "residual")),
    combination(NAN, 0.0, ("normalization",), divergence=object()),
]


def test_combinations_are_counted_by_where_they_start():
    lines = combinations_words.reading(ROWS, 449, 0.1, 300)
    assert lines[0] == "**Best after 300 steps**: Residual connections, with 90.0 % of the 449 test digits right."
    assert lines[1] == (
        "Without any remedy: 10.0 % right, 10.0 % before training; with all four: diverged at every learning rate."
    )
    assert "Of the two that start with a ratio below 0.01: none have learned, accuracy from 10.0 % to 12.0 %." in lines
    assert "Of the one that starts with a ratio from 0.01 to 100: one has learned, accuracy 90.0 %." in lines
    assert "Of the one that starts with a ratio above 100: one has learned, accuracy 20.0 %." in lines
    assert (
        "Of the one that starts with no ratio that is a number: none have learned, one diverged at every learning rate."
        in lines
    )
    assert not any(" 0.0 %" in line for line in lines)
    assert combinations_words.finding(ROWS, 5, 10, 449, 0.1, 300) == (
        "2 of 5 combinations have learned to read digits within 300 steps; best is Residual connections, with 90.0 %."
    )
    assert combinations_words.finding(ROWS[:2], 5, 10, 449, 0.1, 300).startswith("Which combinations")
    nothing = [combination(1.0, 0.0, divergence=object())]
    assert combinations_words.finding(nothing, 1, 10, 449, 0.1, 300) == (
        "0 of 1 combinations have learned to read digits within 300 steps."
    )


@given(st.integers(0, 449), st.integers(0, 449))
def test_learned_is_against_the_same_network_before_training_with_the_test_sets_error(before, after):
    row = combination(0.0, after / 449, before=before / 449)
    now, then = (p * (1 - p) / 449 for p in (after / 449, before / 449))
    learned = (after - before) / 449 > 3 * sqrt(now + then) and after / 449 - 0.1 > 3 * sqrt(now)
    assert combinations_words.has_learned(row, 449, 0.1) == learned
    assert not combinations_words.has_learned(replace(row, divergence=object()), 449, 0.1)


def test_a_network_that_reads_as_much_as_before_has_not_learned_however_good_that_is():
    assert not combinations_words.has_learned(combination(0.0, 0.86, before=0.86), 449, 0.5)
    assert not combinations_words.has_learned(combination(0.0, 0.13, before=0.10), 449, 0.1)
    assert not combinations_words.has_learned(combination(0.0, 0.10, before=0.0), 449, 0.1)
    assert combinations_words.has_learned(combination(0.0, 0.2, before=0.10), 449, 0.1)


def walk(title, kind, depth, correlation, size):
    return Walk(title, kind, depth, correlation, size, None)


@pytest.mark.parametrize(
    ("correlation", "said"),
    [
        (0.95, "0.95, nearly alike: a step"),
        (0.57, "0.57, partly alike; RMS of df/dt 12.3."),
        (-0.02, "−0.02, hardly alike"),
        (-0.5, "−0.50, opposed"),
        (NAN, "undefined, there is nothing"),
    ],
)
def test_a_walk_says_whether_neighbors_agree(correlation, said):
    (line,) = noise_words.reading([walk("plain, 50 layers deep", "plain", 50, correlation, 12.3)])
    assert line.startswith("**Plain, 50 layers deep**: gradients of neighbors have correlation ")
    assert said in line


@given(
    st.lists(st.floats(-1, 1) | st.just(NAN), min_size=3, max_size=3),
    st.lists(st.floats(1e-9, 1e9), min_size=3, max_size=3),
    st.sampled_from(["batch", "none"]),
)
def test_the_headline_of_the_walks_says_correlations(correlations, sizes, normalization):
    kinds = [("plain", 4), ("plain", 50), ("residual", 50)]
    walks = [
        walk(f"{kind}, {depth} layers deep", kind, depth, *pair)
        for (kind, depth), *pair in zip(kinds, correlations, sizes, strict=True)
    ]
    said = noise_words.finding(walks, normalization)
    assert said.startswith(f"50 layers of ReLU {'with batch norm' if normalization == 'batch' else 'without'}")
    shown = [noise_words.correlation(one) for one in correlations[1:]]
    assert said.endswith(f"gradients correlate {shown[0]}; with residual connections, {shown[1]}.")


def test_where_there_are_statistics_it_is_said_that_they_are_held_fixed():
    assert "Batch norm's mean and standard deviation" in noise_words.introduction("batch")
    assert "mean and standard" not in noise_words.introduction("none")


def test_the_band_is_what_it_is_said_to_be():
    assert "holds all of them" in noise_words.against_depth(5, False)
    assert "eight in ten" in noise_words.against_depth(50, True)
