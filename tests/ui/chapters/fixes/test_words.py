from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences
from ui.sizes import SIZES

from vanish.measure.diagnosis import Verdict, diagnose
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, Clipped, treated
from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.fixes import data, words
from vanish.ui.chapters.fixes.data import Comparison
from vanish.ui.kit.causes import OUTPUT_OFF
from vanish.ui.kit.numbers import number

NAN, INF = float("nan"), float("inf")
PAIRS = st.integers(2, 8).flatmap(lambda n: st.tuples(*[st.lists(SIZES, min_size=n, max_size=n)] * 2))
COMPARISONS = st.builds(
    lambda pair, yardstick: comparison(*pair, yardstick=yardstick), PAIRS, st.sampled_from([1.0, 0.291, 0.05])
)
ALL_FOUR = st.fixed_dictionaries(dict.fromkeys(NETWORK_REMEDIES, COMPARISONS))
APPLIED = st.lists(st.sampled_from(NETWORK_REMEDIES), unique=True)


def comparison(before, after, examples=1, magnitude="mean_abs", yardstick=1.0, **more):
    sizes = np.array(before), np.array(after)
    return Comparison(*sizes, *(diagnose(one, yardstick=yardstick) for one in sizes), examples, magnitude, **more)


def to(ratio, before=1e-9, **more):
    """A network of two layers that a remedy takes to a ratio."""
    return comparison([before, 1.0], [ratio, 1.0], **more)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (to(0.5), "Healthy with this one alone."),
        (to(0.5, before=0.1), "Healthy before and after."),
        (to(1e-5), "Not enough by itself: still vanishing."),
        (to(1e5), "Not enough by itself: now exploding."),
        (to(2.38e-23, before=0.0), "Not enough by itself: now vanishing."),
        (to(1e-9), "On this network it makes no difference."),
        (to(1.1e-9), "On this network it makes little difference: less than 1.5-fold."),
        (to(1e-12), "**On this network it makes things worse**: layer 1 gets even less."),
        (to(1e7, before=1e3), "**On this network it makes things worse**: layer 1 gets even more."),
        (
            to(1e5, before=3e-4),
            "**On this network it makes things worse**: without it, first over last layer is nearer to 1; with it the "
            "network is exploding.",
        ),
        (
            to(2.0e4, before=5e-5),
            "**It takes this network from one side to the other**: vanishing before, exploding after.",
        ),
        (
            to(0.0),
            "**On this network it makes things worse**: Layer 1 of the network gets a gradient of exactly zero: for "
            "these inputs, with these random numbers.",
        ),
        (
            to(NAN),
            "**On this network it makes things worse**: The gradient of the network overflows: at layer 1 it is NaN or "
            "infinity.",
        ),
        (comparison([1.0], [2.0]), "One layer has nothing to lose, and nothing to win."),
        (to(0.0, cause=OUTPUT_OFF), OUTPUT_OFF.of("the network")),
    ],
)
def test_what_a_remedy_makes_of_the_network(network, said):
    assert words.outcome(network) == said


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_remedy_that_harms_or_is_not_enough_is_said_with_every_verdict(verdict):
    harmed, helped = to(1e-3, before=1.0), to(1e-3, before=1e-9)
    for network in (harmed, helped):
        # As if it had been diagnosed so.
        layers = (2,) if verdict not in ("vanishing", "exploding", "healthy") else ()
        changed = replace(network.diagnosis_after, verdict=verdict, layer=2, layers=layers, gap=GAP, step=STEP)
        vars(network)["diagnosis_after"] = changed
    assert words.outcome(harmed).startswith("**On this network it makes things worse**: ")
    assert words.outcome(helped).startswith("Not enough by itself: ") or verdict == "healthy"


JUMPING, CUT_OFF = diagnose([1e-6, 1e-6, 1e-6, 1.0, 1.0]), diagnose([1.0, 1e-5, 1.0])
STEP, GAP = JUMPING.step, CUT_OFF.gap


@given(COMPARISONS)
def test_what_is_said_of_a_remedy_agrees_with_first_over_last_taken_by_hand(network):
    """Over the yardstick, by Python's own floats."""
    first_last = [(float(sizes[0]), float(sizes[-1]) * network.yardstick) for sizes in (network.before, network.after)]
    usable = [all(0 < size < INF for size in pair) and 0 < pair[0] / pair[1] < INF for pair in first_last]
    said = words.outcome(network)
    if all(usable):
        far = [abs(np.log10(first / last)) for first, last in first_last]
        if far[1] < far[0] - 0.2:
            assert "worse" not in said
            assert "difference" not in said
        if far[1] > far[0] + 0.2:
            assert "worse" in said
    if "Healthy" in said:
        assert 0.009 < first_last[1][0] / first_last[1][1] < 101


@given(ALL_FOUR, APPLIED)
def test_only_what_makes_the_network_healthy_is_said_to_help_most(comparisons, applied):
    said = words.finding("tanh", comparisons, applied)
    name = words.best(comparisons, applied)
    badges = [words.badge(one, comparisons, applied) for one in comparisons]
    assert said.strip()
    assert sum("helps most" in badge or "comes nearest" in badge for badge in badges) == (name is not None)
    if set(applied) == set(NETWORK_REMEDIES):
        assert said.startswith("All four remedies are at work")
        return
    healthy = [
        one
        for one, network in comparisons.items()
        if one not in applied
        and network.diagnosis_after.verdict == "healthy"
        and words.effect(network.diagnosis_before.left, network.diagnosis_after.left) == "better"
    ]
    assert (" most: " in said) == bool(healthy)
    assert name in healthy or not healthy
    assert words.summary("tanh", 2, comparisons, applied)


def test_the_headline_names_the_best_and_how_far_it_leads():
    networks = {"relu": to(1e-4), "residual": to(0.1), "initialization": to(1e-15), "normalization": to(1e12)}
    assert words.finding("sigmoid", networks, []) == (
        "Residual connections help the sigmoid network most: from :orange[10⁻⁹] to :green[0.1] times what a "
        "lossless network keeps."
    )
    assert words.finding("tanh", networks, ["residual"]) == (
        "No other remedy is enough for the tanh network by itself. ReLU family comes nearest: from "
        ":orange[10⁻⁹] to :orange[10⁻⁴] times what a lossless network keeps, vanishing."
    )
    useless = {"relu": to(2.38e-23, before=0.0), "residual": to(0.0, before=0.0)}
    assert words.finding("relu", useless, []).startswith("None of the two remedies is enough for the ReLU network")
    assert words.badge("relu", useless, []) == " :orange-badge[comes nearest, not enough]"
    lossless = {"relu": to(0.5, before=0.99), "residual": to(15.0, before=0.99)}
    assert words.finding("identity", lossless, []) == (
        "The identity network is healthy as it is, and no remedy brings it much nearer to 1."
    )
    assert words.finding("tanh", {"relu": comparison([1.0], [1.0])}, []) == words.ONE_LAYER


def test_the_summary_names_the_network_what_it_has_and_what_harms():
    networks = {"relu": to(1e-4), "residual": to(0.1), "initialization": to(1e-15), "normalization": to(1e12)}
    said = words.summary("sigmoid", 3, networks, [])
    assert "the **sigmoid** network, of the three on screen the one that is furthest off." in said
    assert "Xavier / He initialization and Normalization make it worse." in said
    assert "Residual connections (10⁻⁹ without)" in words.summary("tanh", 1, networks, ["residual"])
    assert "Normalization makes it worse." in words.summary("tanh", 1, {"normalization": to(1e12)}, [])
    assert "Residual connections make it worse." in words.summary("tanh", 1, {"residual": to(1e12)}, [])


@given(st.floats(1e-20, 1e20), st.floats(1e-20, 1e20), st.sampled_from([0.291, 0.05]))
def test_the_ratios_as_measured_stand_beside_those_over_a_lossless_networks(before, after, yardstick):
    network = to(after, before=before, yardstick=yardstick)
    said = words.as_measured(network.diagnosis_before, network.diagnosis_after)
    assert f"{number(before)} before and {number(after)} after" in said
    assert said.endswith(f"if nothing were lost, {number(yardstick)}.")
    assert words.as_measured(diagnose([1.0, 1.0]), diagnose([1.0, 1.0])) == ""


def test_what_is_measured_in_another_way_is_said():
    assert words.how_measured(to(1.0), 1, "mean_abs", False) == ""
    many = comparison([1, 1], [1, 1], 32, "stream", own_gradients=True)
    assert words.how_measured(many, 1, "rms", False) == (
        "Before and after are measured over 32 examples, with an output gradient of its own for each example and as "
        "RMS of dL/dh here."
    )
    assert words.how_measured(comparison([1], [1], 32, own_gradients=True), 32, "mean_abs", True) == ""


def test_a_finding_that_begins_at_another_ratio_than_the_pages_says_why():
    shown, batch = diagnose([2e-9, 1.0]), to(1.0, examples=32, own_gradients=True)

    def said(page, *measured):
        return words.found_otherwise("sigmoid", "normalization", batch, page, *measured)

    assert said(shown, 1, "mean_abs", False) == (
        "The finding's 10⁻⁹ is the sigmoid network, too: the card “Normalization” is measured over 32 examples and "
        "with an output gradient of its own for each example."
    )
    # In the same way, or with the same figure.
    assert said(shown, 32, "mean_abs", True) is None
    assert said(batch.diagnosis_before, 1, "mean_abs", False) is None


@pytest.mark.parametrize("name", NETWORK_REMEDIES)
def test_a_card_names_the_two_networks_that_it_compares(name):
    spec = NetworkSpec(activation="tanh")
    for variant in REMEDIES[name].variants:
        said = words.compared(name, spec, treated(spec, [name], {name: variant}))
        gray, color = said.removeprefix("Gray line: ").removesuffix(".").split("; colored line: ")
        assert gray != color
    assert data.chosen("initialization", NetworkSpec(initializer="xavier_uniform", weight_scale=4)).endswith(" × 4")
    assert words.compared("relu", spec, replace(spec, activation="relu")) == "Gray line: tanh; colored line: ReLU."


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([0.1, 0.2], [0.1, 0.2], "it changes nothing here"),
        ([10.0, 20.0], [0.1, 0.2], "The ratio stays: first / last of the weights' gradients is 0.5 before"),
        ([10.0, 20.0], [1.0, 1.0], "The ratio changes with the direction"),
        ([0.0, 0.0], [0.0, 0.0], "it changes nothing here"),
        ([NAN, NAN], [NAN, NAN], "NaN or infinity"),
        ([INF, 1.0], [NAN, 0.0], "NaN or infinity"),
    ],
)
def test_clipping_is_said_to_leave_the_ratio_where_it_does(before, after, said):
    norms = [float(np.sqrt(np.square(one).sum())) for one in (before, after)]
    under, line = words.clipping(Clipped(*norms, np.array(before), np.array(after)), 1.0)
    assert said in line
    assert under.startswith("from ")


@pytest.mark.parametrize(
    ("plain", "gated", "said"),
    [
        (1e-6, 1e-1, "0.1 in the memory of LSTM: LSTM's memory keeps 100,000 times more"),
        (6.8e-32, 2.6e-18, "in the memory of LSTM, vanishing: LSTM's memory keeps 38.2 trillion times more"),
        (1e6, 1.0, "comes nearer to 1"),
        (1e-2, 1e-6, "**LSTM does worse here**"),
        (0.5, 0.5, "LSTM makes no difference here"),
        (1e-3, 1e3, "as far off on the other side of 1"),
        (0.0, 0.5, "comes nearer to 1"),
        (NAN, NAN, "makes no difference"),
    ],
)
def test_gates_are_praised_only_where_they_help(plain, gated, said):
    assert said in words.gates(plain, diagnose([gated, 1.0]), "lstm", 2)
    assert "one step" in words.gates(1.0, diagnose([1.0]), "gru", 1)


@given(st.data())
def test_gates_and_ratios_have_words_for_all_numbers(data):
    assert {"gates", "as_measured", "judged"} <= set(sentences(words))
    check_words(words.gates, data, cell=st.sampled_from(["lstm", "gru"]), steps=st.integers(1, 100))
