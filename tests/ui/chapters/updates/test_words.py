import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences, value
from ui.sizes import SIZES

from vanish.ui.chapters.updates import words
from vanish.ui.chapters.updates.controls import QUANTITIES
from vanish.ui.kit import numbers

QUANTITY = st.sampled_from(list(QUANTITIES.values()))
ENDS = st.tuples(SIZES, SIZES)
STEPS = st.dictionaries(st.sampled_from(["tanh", "ReLU", "sigmoid"]), ENDS, min_size=1)


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    if name == "moved":  # numbers for the others' words
        who, factor = words.moved(*data.draw(ENDS))
        assert math.isnan(factor) or factor >= 1 or who == "same"
        return
    check_words(getattr(words, name), data, quantity=QUANTITY, steps=STEPS)


@given(st.floats(2e-6, 1e6))
def test_layer_1_has_caught_up_after_so_many_steps_and_not_before(ratio):
    steps = value(words.steps_to_match(ratio))
    share = Fraction(ratio)
    assert steps == int(steps)
    assert int(steps) * share >= 1 - Fraction(1, 10**11)
    assert (int(steps) - 1) * share < 1


@pytest.mark.parametrize(
    ("ratio", "steps"), [(0.0, "never"), (math.nan, "undefined"), (0.25**9, "262,144"), (0.1, "10")]
)
def test_steps_to_match(ratio, steps):
    assert words.steps_to_match(ratio) == steps


@given(ENDS, st.integers(2, 100))
def test_who_moves_further_is_said_as_it_is(ends, n_layers):
    first, last = ends
    said = words.ideal_reading("Tanh", first, last, n_layers)
    assert numbers.number(first) in said
    assert numbers.number(last) in said
    if "steps** to move" in said:
        assert last > first > 0
    if "moves further" in said:
        assert first > last > 0
    if "keeps up" in said:
        assert 0.99 < last / first < 1.01
    assert ("stands still" in said) == (0 in ends and first != last and math.isfinite(first + last))


@given(QUANTITY, ENDS, ENDS, st.integers(2, 100), st.booleans())
def test_weights_and_biases_are_spoken_of_apart(quantity, ends, biases, n_layers, over_batch):
    said = words.measured_reading("Tanh", quantity, *ends, *biases, n_layers, over_batch)
    assert quantity.what in said
    if not math.isfinite(sum(ends)) or "cannot be compared: " in said:
        return
    assert (words.BIASES_CANCELLED in said) == over_batch
    assert ("Biases: " in said) == (not over_batch and not quantity.of_biases)


@given(STEPS, QUANTITY, st.integers(2, 100))
def test_the_finding_is_of_the_network_whose_ends_differ_most(steps, quantity, n_layers):
    said = words.finding(steps, quantity, n_layers)
    assert quantity.what in said or "cannot be compared" in said
    ratios = {
        name: Fraction(last) / Fraction(first) for name, (first, last) in steps.items() if _comparable(first, last)
    }
    if len(ratios) < len(steps):
        assert any(words in said for words in ("not at all", "neither", "cannot be compared"))
        return
    (named,) = [name for name in steps if f"the {name} network" in said]
    apart = {name: max(ratio, 1 / ratio) for name, ratio in ratios.items()}
    assert float(apart[named]) >= 0.995 * float(max(apart.values()))
    if apart[named] > 1.01:
        first, last = ("layer 1's", f"layer {n_layers}'s")
        mover, other = (last, first) if ratios[named] > 1 else (first, last)
        assert said.index(mover) < said.index(other)


def _comparable(first, last):
    """Whether both ends move, and their ratio is a number that a computer can hold."""
    if not (0 < first < math.inf and 0 < last < math.inf):
        return False
    return 0 < last / first < math.inf


@given(SIZES, SIZES, SIZES, st.integers(2, 100))
def test_a_signal_has_faded_where_less_than_a_hundredth_arrives(first, last, furthest, n_layers):
    said = words.forward_reading("Tanh", first, last, furthest, n_layers)
    comparable = 0 < first < math.inf and math.isfinite(last)
    assert ("has faded" in said) == (comparable and last / first < 0.01)
    moved = "weights move." if furthest == 0 else numbers.number(furthest)
    assert moved in said or not math.isfinite(furthest)


@pytest.mark.parametrize(("batch_size", "over_batch"), [(1, False), (32, False), (32, True)])
def test_what_is_measured_is_said(batch_size, over_batch):
    said = words.measured_how(batch_size, over_batch)
    assert ("every output is 1" in said) != over_batch
    assert ("summed over 32 examples" in said) == (batch_size > 1)


@given(st.sets(st.integers(1, 99), min_size=1))
def test_one_example_of_batch_norm_is_named_as_the_reason_with_the_layers(still):
    said = words.one_example(sorted(still))
    assert "by construction" in said
    assert str(min(still)) in said
    assert str(max(still)) in said


def test_biases_before_batch_norm_are_no_finding():
    ends = {"tanh": (1e-20, 1.0)}
    assert words.finding(ends, QUANTITIES["biases"], 10, over_batch=True) == words.BIASES_CANCELLED
    assert "moves layer 10's weights" in words.finding(ends, QUANTITIES["relative"], 10, over_batch=True)
