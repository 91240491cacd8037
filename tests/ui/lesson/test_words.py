import inspect
import math
import re
from collections.abc import Mapping
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import value

from vanish.ui.kit import numbers
from vanish.ui.lesson import words

SIZES = st.floats(0, 1e300) | st.sampled_from([0.0, 5e-324, math.inf, math.nan])
NAMES = st.sampled_from(["tanh", "leaky ReLU", "10 × the learning rate"])
TABLES = st.dictionaries(NAMES, SIZES, min_size=1)
SHARES = st.floats(0, 1)
BY_NAME = {
    "right": st.booleans(),
    "guess": SHARES,
    "slope": st.floats(0, 1.5),
    "rate": st.just("10 × the learning rate"),
    "untrained": SHARES,
    "learned": st.booleans(),
    "steps": st.integers(2, 500),
    "lossless": st.floats(1e-3, 1),
    "floors": st.fixed_dictionaries({"float16": SIZES, "bfloat16": SIZES}),
    "lost": st.sampled_from(["float16", "bfloat16", ""]),
    "share": SHARES,
    "accuracy": SHARES,
    "guessing": SHARES,
    "accuracies": st.dictionaries(NAMES, SHARES | st.just(math.nan), min_size=1),
    "radius": st.floats(0, 2),
    "border": SIZES,
    "good": st.integers(0, 5),
    "guessed": st.integers(5, 15),
}
BY_TYPE = {float: SIZES, int: st.integers(1, 100), str: NAMES, Mapping[str, float]: TABLES}
SCALES = st.fixed_dictionaries(dict.fromkeys(("0.5", "1", "4"), SIZES))
OWN = {
    "catching_up": {"after": st.fixed_dictionaries({"10 × the learning rate": SIZES}, optional={"tanh": SIZES})},
    "edge": {"ratios": SCALES},
    "what_helps": {
        "untrained": st.just(dict.fromkeys(("tanh", "leaky ReLU", "10 × the learning rate"), 0.1)),
        "learned": st.just({"tanh": True, "leaky ReLU": False, "10 × the learning rate": True}),
    },
    "steps": {"depth": st.integers(2, 100)},
    "batch_norm": {"depth": st.integers(2, 100)},
}
SENTENCES = {
    name: function
    for name, function in vars(words).items()
    if inspect.isfunction(function) and function.__module__ == words.__name__ and not name.startswith("_")
}


@pytest.mark.parametrize("name", SENTENCES)
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    hints = get_type_hints(SENTENCES[name])
    assert hints.pop("return") in (str, str | None, bool)
    own = BY_NAME | OWN.get(name, {})
    drawn = {key: data.draw(own[key] if key in own else BY_TYPE[kind], key) for key, kind in hints.items()}
    said = SENTENCES[name](**drawn)
    if isinstance(said, bool):
        return
    if said is None:
        assert not any(math.isfinite(value) for value in drawn["values"].values())
        return
    assert said.strip()
    assert not re.search(r"\b(nan|inf|None|np\.float64)\b", said)


@given(st.floats(1e-200, 1e200), st.floats(1e-200, 1e200))
def test_a_guess_is_said_to_be_on_the_side_where_it_is(guess, measured):
    said = words.off(guess, measured)
    off = math.log10(guess / measured) if 0 < guess / measured < math.inf else 300
    if "Spot on" in said:
        assert abs(off) < math.log10(1.0501)
    else:
        assert ("too large" in said) == (guess > measured)
        assert ("Close" in said) == (abs(math.log10(guess) - math.log10(measured)) <= 1)
        assert " 1 times" not in said


@pytest.mark.parametrize("measured", [0.0, math.inf, math.nan])
def test_what_cannot_be_compared_is_not_compared(measured):
    assert "cannot be compared" in words.off(1e-3, measured)


def test_how_far_off_is_in_numbers():
    assert words.off(1e-4, 1e-6) == "You said 10⁻⁴; measured: 10⁻⁶. 100 times too large, 2.0 powers of ten."
    assert words.off_share(0.5, 0.091) == "You said 50 %; measured: 9.1 %. 41 points too high."
    assert words.off_share(0.5, 0.55) == "You said 50 %; measured: 55.0 %. Close: 5 points too low."


@given(st.booleans(), SHARES, SHARES)
def test_a_network_is_held_against_itself_before_training(learned, untrained, accuracy):
    said = words.digits("sigmoid", learned, untrained, accuracy, 0.1, 0.2, 10)
    assert ("It has not learned" in said) != learned
    assert f"{numbers.percent(accuracy)} of the test digits right; before training it got" in said
    assert numbers.percent(untrained) in said


@given(SIZES, SIZES, SIZES, SIZES, SIZES)
def test_the_slowest_layer_is_moved_furthest_by_the_best_and_biases_stand_apart(before, rate, tanh, weights, biases):
    after = {"10 × the learning rate": rate, "tanh": tanh}
    said = words.catching_up(before, after, "10 × the learning rate", weights, biases, 10)
    finite = [value for value in after.values() if math.isfinite(value)]
    if not finite:
        return
    assert f"moves the slowest layer's weights by {numbers.number(max(finite))}" in said
    assert f"biases moved {words.times(biases)} times" in said
    assert f"its weights {words.times(weights)} times" in said
    if "the signal had faded" in said:
        assert biases > 100
        assert biases > 100 * weights


@given(st.dictionaries(NAMES, st.floats(1e-300, 1e300), min_size=1), st.integers(2, 500))
def test_the_factor_of_a_step_gives_the_ratio_again(ratios, steps):
    said = words.gates(ratios, steps)
    best = max(ratios.values())
    factor = math.exp(math.log(best) / (steps - 1))
    assert f"keeps most, {numbers.number(best)}: " in said
    shown = float(value(said.split(": ")[1].split(" a step")[0]))
    assert math.isclose(shown, factor, rel_tol=0.006)


@given(SIZES, st.integers(2, 100), st.integers(1, 256), st.floats(0.01, 1))
def test_what_batch_norm_is_expected_to_do_is_theorys_product_over_the_single_output(ratio, depth, width, lossless):
    said = words.batch_norm(ratio, depth, width, lossless)
    expected = lossless * math.sqrt(math.pi / (math.pi - 1)) ** (depth - 1)
    assert f"{words.short(float(f'{expected:.3g}'))} expected" in said


@given(st.dictionaries(NAMES, st.floats(0, 1e300), min_size=1), SIZES)
def test_the_best_is_named_with_its_number(ratios, strength):
    said = words.rank(ratios, strength)
    best = max(ratios.values())
    assert f"keeps most, {numbers.number(best)}." in said
    named = said.split(" keeps most")[0].lower()
    assert best in [value for name, value in ratios.items() if name.lower() == named]


@given(st.floats(0.0, 1.5), st.integers(1, 100))
def test_a_slope_says_what_becomes_of_it(slope, layers):
    said = words.nearly_one(slope, layers, slope**layers)
    assert ("vanishes in the end" in said) == (slope < 1)
    assert ("explodes in the end" in said) == (slope > 1)


@given(SHARES, st.integers(1, 200))
def test_luck_is_only_ruled_out_when_nearly_all_agree(share, n):
    assert ("no luck" in words.luck(share, n)) == (share > 0.9)


@given(SIZES, st.integers(2, 500), st.floats(0, 1.5))
def test_slopes_take_what_the_matrix_leaves(ratio, steps, radius):
    said = words.sequence(ratio, steps, radius)
    assert ("take the rest" in said) == (ratio < radius ** (steps - 1))


@given(st.integers(0, 15), st.integers(0, 15))
def test_a_score_counts_and_is_kind(good, more):
    said = words.score(good, good + more, 15)
    if good + more:
        assert said.startswith(f"{good} of your {good + more} " if good + more > 1 else "Your one guess ")
        assert ("Well done" in said) == (good >= more)
    assert not re.search(r"wrong|bad|poor|only|most people|remember", said)
