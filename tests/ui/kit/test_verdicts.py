import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ui.sentences import ANY_NETWORKS, LAYERS, NAMES, ORDINARY, check_words, same_depth, sentences

from vanish import diagnose
from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import worst
from vanish.ui.kit import numbers, verdicts


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
    assert diagnosis.layer is None or f"ayer {diagnosis.layer} " in said.replace(".", " ")
    assert ("ealthy" in said) == (diagnosis.verdict == "healthy")


@given(ANY_NETWORKS)
def test_the_finding_names_what_cannot_be_trained_first(networks):
    said = verdicts.finding(networks)
    kinds = {diagnosis.verdict for diagnosis in networks.values()}
    assert ("overflows" in said) == ("overflow" in kinds)
    assert ("exactly zero" in said) == ("dead" in kinds and "overflow" not in kinds)
    if kinds & {"dead", "overflow"}:
        kind = "overflow" if "overflow" in kinds else "dead"
        layers = {name: diagnosis.layer for name, diagnosis in networks.items() if diagnosis.verdict == kind}
        assert any(
            f"ayer {n} " in said.replace(":", " ") and ACTIVATIONS[name].label in said for name, n in layers.items()
        )


@given(ANY_NETWORKS)
def test_no_sentence_gives_a_network_anothers_verdict(networks):
    every = {"vanishing", "exploding", "healthy", "dead", "overflow"}
    for (name, diagnosis), line in zip(networks.items(), verdicts.reading(networks), strict=True):
        assert line.startswith(f"**{ACTIVATIONS[name].label}**: ")
        assert every & set(re.findall(r"\w+", line)) <= {diagnosis.verdict}
        assert every & set(re.findall(r"\w+", verdicts.verdict(diagnosis))) <= {diagnosis.verdict}
        assert (
            f"{ACTIVATIONS[name].label} {numbers.number(diagnosis.ratio)} ({diagnosis.verdict})"
            in verdicts.alt_text(networks)
        )


@given(NAMES, LAYERS)
def test_a_pipe_says_what_layer_1_gets_or_where_the_trouble_is(name, sizes):
    diagnosis = diagnose(sizes)
    said = verdicts.pipe_note(name, diagnosis)
    assert said.startswith(f"{ACTIVATIONS[name].label}: ")
    if diagnosis.verdict in ("dead", "overflow"):
        assert said.endswith(f" at layer {diagnosis.layer}")
    elif len(sizes) > 1:
        assert said.endswith(f": layer 1 gets {numbers.number(diagnosis.ratio)} of layer {len(sizes)}'s")


@given(ORDINARY)
def test_the_flow_is_read_off_in_numbers(sizes):
    diagnosis = diagnose(sizes)
    (line,) = verdicts.reading({"tanh": diagnosis})
    assert f"multiplies the gradient by {numbers.number(diagnosis.factor_per_layer)} on average" in line
    assert f"leave {numbers.number(diagnosis.ratio)} of it" in line.replace("leaves", "leave")
    assert ("one part in" in line) == (diagnosis.ratio < 0.5)
