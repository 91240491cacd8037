import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ui.sentences import ANY_NETWORKS, LAYERS, NAMES, ORDINARY, check_words, same_depth, sentences

from vanish import diagnose
from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import worst
from vanish.ui.kit import causes, numbers, verdicts


@pytest.mark.parametrize("name", sentences(verdicts))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(verdicts, name), data)


@given(same_depth(st.floats(1e-150, 1e150)))
def test_the_finding_is_about_the_worst_network_and_its_ratio(networks):
    assume(next(iter(networks.values())).n_layers > 1)
    name = worst(networks)
    diagnosis, said = networks[name], verdicts.finding(networks)
    assert f"{ACTIVATIONS[name].label} network" in said
    evidence = {
        "jump": diagnosis.step and diagnosis.step.factor,
        "blocked": diagnosis.gap and diagnosis.gap.depth,
        "too small": None,
        "too large": None,
    }.get(diagnosis.verdict, diagnosis.ratio)
    assert evidence is None or f"[{numbers.number(evidence)}]" in said
    if diagnosis.verdict in ("jump", "blocked"):
        assert f"ayer {diagnosis.layer} " in said.replace(":", " ")
    elif diagnosis.layers:
        assert verdicts.numbered(diagnosis.layers) in said
    assert ("ealthy" in said) == (diagnosis.verdict == "healthy")


@given(ANY_NETWORKS)
def test_the_finding_names_what_cannot_be_trained_first(networks):
    said = verdicts.finding(networks)
    kinds = {diagnosis.verdict for diagnosis in networks.values()}
    assert ("overflows" in said) == ("overflow" in kinds)
    assert ("exactly zero" in said) == ("dead" in kinds and "overflow" not in kinds)
    if kinds & {"dead", "overflow"}:
        kind = "overflow" if "overflow" in kinds else "dead"
        layers = {
            name: f"layer {diagnosis.layer}" if kind == "overflow" else verdicts.numbered(diagnosis.layers)
            for name, diagnosis in networks.items()
            if diagnosis.verdict == kind
        }
        assert any(
            where in said[0].lower() + said[1:] and ACTIVATIONS[name].label in said for name, where in layers.items()
        )


@given(ANY_NETWORKS)
def test_no_sentence_gives_a_network_anothers_verdict(networks):
    every = {"vanishing", "exploding", "healthy", "dead", "overflow"}
    for (name, diagnosis), line in zip(networks.items(), verdicts.reading(networks), strict=True):
        assert line.startswith(f"**{ACTIVATIONS[name].label}**, ")
        assert every & set(re.findall(r"\w+", line)) <= {diagnosis.verdict}
        assert every & set(re.findall(r"\w+", verdicts.verdict(diagnosis))) <= {diagnosis.verdict}


@given(NAMES, LAYERS)
def test_a_pipe_says_what_layer_1_gets_or_where_the_trouble_is(name, sizes):
    diagnosis = diagnose(sizes)
    said = verdicts.pipe_note(ACTIVATIONS[name].label, diagnosis)
    assert said.startswith(f"{ACTIVATIONS[name].label}: ")
    if diagnosis.verdict in ("dead", "overflow"):
        assert said.endswith(f" at layer {diagnosis.layer}")
    elif len(sizes) > 1:
        of = "times" if diagnosis.ratio >= 1 else "of"
        assert said.endswith(f": layer 1 gets {numbers.number(diagnosis.ratio)} {of} layer {len(sizes)}'s")


@given(ORDINARY, st.floats(0.01, 1))
def test_the_flow_is_read_off_in_numbers(sizes, yardstick):
    diagnosis = diagnose(sizes, yardstick=yardstick)
    (line,) = verdicts.reading({"tanh": diagnosis})
    if diagnosis.verdict not in verdicts.JUDGED_BY_ENDS:
        return
    factor, ratio = diagnosis.factor, sizes[0] / sizes[-1]
    interval = f"{numbers.number(factor.low)} to {numbers.number(factor.high)}"
    enough = len(sizes) >= 5
    assert (f"multiplies the gradient by {numbers.number(factor.value)} " in line) == enough
    assert (f"95 % interval {interval}" in line) == enough
    left = numbers.one_part_in(ratio) or f"{numbers.number(ratio)} of it"
    became = f"multiply it by {numbers.number(ratio)}." if ratio > 1 else f"leave {left}."
    assert line.replace("leaves", "leave").replace("multiplies it", "multiply it").endswith(became)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([0, 0, 1, 1], "on its way back the gradient arrives at layer 3, and no further."),
        ([1, 0, 1, 1], "on its way back the gradient arrives at layer 3, not at layer 2; layer 1 gets one."),
        ([1, 0, 1, 0], "no gradient sets out, the last layer's is exactly 0 already."),
    ],
)
def test_of_a_dead_network_the_line_says_how_far_the_gradient_comes_and_not_the_headline_again(sizes, said):
    diagnosis = diagnose(sizes)
    (line,) = verdicts.reading({"relu": diagnosis})
    assert line == f"**ReLU**, dead: {said}"
    assert verdicts.evidence(diagnosis, "the network") not in line


@given(st.lists(st.integers(1, 40), min_size=1, unique=True))
def test_layers_are_named_by_their_numbers_or_counted(layers):
    said = verdicts.numbered(layers)
    if "between" in said:
        assert said == f"{len(layers)} layers between {min(layers)} and {max(layers)}"
        return
    runs = re.findall(r"(\d+) to (\d+)|(\d+)", said)
    named = [n for low, high, one in runs for n in (range(int(low), int(high) + 1) if low else [int(one)])]
    assert named == sorted(layers)


@given(same_depth(st.floats(1e-30, 1e30)))
def test_what_is_left_is_over_what_a_lossless_network_has(networks):
    assert verdicts.against_lossless(networks) is None
    halved = {name: replace(diagnosis, yardstick=0.5) for name, diagnosis in networks.items()}
    said = verdicts.against_lossless(halved) or ""
    judged = {name: one for name, one in networks.items() if one.verdict in verdicts.JUDGED_BY_ENDS}
    for name, one in judged.items():
        assert f"{name} {numbers.number(2 * one.ratio)}" in said
    assert bool(said) == bool(judged)


@given(ANY_NETWORKS, st.sampled_from([causes.BATCH_OF_ONE, causes.OUTPUT_OFF, causes.CLOSED_GATES]))
def test_what_a_networks_making_explains_is_said_in_place_of_a_verdict(networks, cause):
    name = worst(networks)
    label = ACTIVATIONS[name].label
    assert verdicts.finding(networks, {name: cause}) == cause.of(f"the {label} network")
    (line,) = [line for line in verdicts.reading(networks, {name: cause}) if line.startswith(f"**{label}**")]
    assert cause.of("the network") in line
    assert "cannot learn" not in line


# What each verdict says of a network that was made for it, with the numbers that were put in.
EXAMPLES = {
    "missing": ([None, None, 1.0, 1.0], ["No gradient reaches layers 1 and 2 of it."]),
    "overflow": ([1.0, float("inf"), 1.0], ["at layer 2 it is NaN or infinity"]),
    "dead": ([0.0, 0.0, 1.0, 1.0], ["Layers 1 and 2 of it get a gradient of exactly zero"]),
    "jump": ([220.0] * 10 + [0.11] * 2, ["from layer 11 back to layer 10", "by 2,000"]),
    "blocked": (
        [0.02, 0.015, 1e-7, 1e-8, 1e-8, 1e-7, 0.01, 0.03],
        ["Inside it, layers 3 to 6 get less than a hundredth", "layer 4 5 × 10⁻⁷ of it"],
    ),
    "vanishing": (
        list(0.1 ** np.arange(9.0, -1, -1)),
        ["Layer 1 of it gets one part in 1 billion of layer 10's gradient (10⁻⁹)"],
    ),
    "exploding": (list(2.0 ** np.arange(19.0, -1, -1)), ["Layer 1 of it gets 524,000 times layer 20's gradient"]),
    "too small": ([1e-94] * 6, ["layers 1 to 6 are below float32's smallest normal number, 1.18 × 10⁻³⁸"]),
    "too large": ([1e104] * 6, ["layers 1 to 6 are above float32's largest number, 3.4 × 10³⁸"]),
    "healthy": ([0.5, 0.7, 1.0], ["Layer 1 of it gets 0.5 of layer 3's gradient"]),
}


@pytest.mark.parametrize("verdict", EXAMPLES)
def test_every_verdict_comes_with_its_evidence(verdict):
    sizes, parts = EXAMPLES[verdict]
    diagnosis = diagnose(sizes)
    assert diagnosis.verdict == verdict
    assert EXAMPLES.keys() == verdicts.VERDICT_COLORS.keys()
    said = verdicts.evidence(diagnosis, "it")
    assert all(part in said for part in parts), said
    assert "cannot learn" not in said


def test_healthy_says_what_it_means():
    said = verdicts.healthy()
    assert "between 0.01 and 100" in said
    assert "float32" in said
    assert "lossless" in said
    assert "lossless" not in verdicts.healthy("step", yardstick=False)
