import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import NAMES, RUNS, SHARES, check_words, same_depth, sentences, snapshot
from ui.sizes import SIZES

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import worst
from vanish.ui.chapters.train import words
from vanish.ui.chapters.train.runs import dead_layers, has_learned
from vanish.ui.kit import numbers
from vanish.ui.kit.numbers import percent

RATIOS = st.fixed_dictionaries({name: st.floats(1e-200, 1e200) for name in ACTIVATIONS})
SLOPES = st.one_of(
    st.dictionaries(st.integers(1, 20), st.floats(-1, 2), min_size=1),
    st.just({2: math.nan}),
    st.just({1: 0.25, 2: 0.25}),
    st.just({}),
)
FRAMES = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["sigmoid", "ReLU + He"]),
            "depth": st.integers(1, 20),
            "value": SHARES | st.floats(0, 1) | st.just(math.nan),
            "error": st.floats(0, 0.1),
        }
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda row: (row["name"], row["depth"]),
).map(pd.DataFrame)


@pytest.mark.parametrize("name", sentences(words))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    check_words(getattr(words, name), data, weights=RATIOS, frame=FRAMES, first=SLOPES, last=SLOPES)


@given(SLOPES, st.booleans())
def test_learned_slopes_are_said_with_the_layers_of_the_least_and_the_largest(last, kept):
    said = words.slopes(dict.fromkeys(last, 0.25) if kept else {}, last)
    if not last or not all(map(math.isfinite, last.values())):
        assert said is None
        return
    assert all(numbers.number(pick(last.values())) in said for pick in (min, max))
    assert ("at first 0.25" in said) == kept
    if "between" in said:
        layers = [int(layer) for layer in re.findall(r"\(layer (\d+)\)", said)]
        assert [last[layer] for layer in layers] == [min(last.values()), max(last.values())]


def scored(start, end, n_test):
    """A run whose test accuracy goes from ``start`` to ``end`` on ``n_test`` examples."""
    shots = [snapshot([1.0, 1.0, 1.0, share], None) for share in (start, end)]
    return [
        replace(shot, test_error=math.sqrt(share * (1 - share) / n_test))
        for shot, share in zip(shots, (start, end), strict=True)
    ]


@given(st.integers(2, 1000), st.data(), st.floats(0, 1))
def test_a_network_is_judged_by_itself_before_training_and_by_one_answer_for_all(n_test, data, guessing):
    right_before, right_after = (data.draw(st.integers(0, n_test)) for _ in range(2))
    before, after = right_before / n_test, right_after / n_test
    run = scored(before, after, n_test)
    # Bernoulli variances, by hand.
    spread = math.sqrt((before - before**2 + after - after**2) / n_test)
    own = math.sqrt((after - after**2) / n_test)
    gaps = (after - before) - 3 * spread, (after - guessing) - 3 * own
    if min(abs(gap) for gap in gaps) > 1e-9:
        assert has_learned(run, guessing) == all(gap > 0 for gap in gaps)
    said = words.training("tanh", run, guessing, "accuracy")
    assert ("**tanh** has learned" in said) == has_learned(run, guessing)
    assert f"accuracy {percent(after)}" in said
    assert f"{percent(before)} before the first" in said
    assert f"{percent(guessing)} by one answer for all" in said


def test_86_percent_that_were_there_before_training_are_not_learned():
    assert not has_learned(scored(0.86, 0.86, 400), 0.5)
    assert has_learned(scored(0.86, 0.99, 400), 0.5)


@given(RUNS, st.floats(0, 1))
def test_a_run_that_diverged_says_where_and_no_score(run, guessing):
    last = run[-1]
    said = words.training("tanh", run, guessing, "accuracy")
    assert ("diverged" in said) == bool(last.divergence)
    if last.divergence:
        assert f"step {last.divergence.step}" in said
        assert f"layer {last.divergence.layer}" in said
        assert "%" not in said + words.fate(run) + words.fate_beside(run)
        assert f"diverged] at step {last.divergence.step}" in words.after({"tanh": run}, guessing, "accuracy")


def dying(shares, gradients):
    """A run of ``len(shares)`` snapshots, ten steps apart: share of dead units and size of gradient, layer by layer."""
    return [
        replace(snapshot([1.0, 1.0, 1.0, 0.1], None), step=10 * place, dead=np.array(dead), gradient_norm=np.array(g))
        for place, (dead, g) in enumerate(zip(shares, gradients, strict=True))
    ]


def test_a_dead_layer_is_named_with_its_step_and_what_it_cuts_off():
    alive, dead = [0.0, 0.2, 0.1, 0.5, 0.0], [0.0, 0.2, 0.1, 1.0, 0.0]
    run = dying([alive, dead, alive, dead, dead], [[1.0] * 5] * 4 + [[0.0] * 5])
    said = words.dead_units(run)
    assert said.startswith("Since step 30, layer 4 is dead")
    assert "no gradient reaches the weights of layers 1 to 4" in said
    assert "those of layer 5 get none either" in said
    assert "layer 4 dead" in words.after({"relu": run}, 0.1, "accuracy")


@given(st.lists(st.lists(SHARES, min_size=4, max_size=4), min_size=1, max_size=6), st.data())
def test_a_layer_is_dead_since_the_step_after_which_no_unit_lived(shares, data):
    gradients = [data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=4, max_size=4)) for _ in shares]
    result, layers = dead_layers(dying(shares, gradients)), []
    for layer in range(4):
        if shares[-1][layer] == 1:
            layers.append(layer + 1)
    assert list(result.layers) == layers
    assert list(result.without_gradient) == [place for place, size in enumerate(gradients[-1], 1) if size == 0]
    if layers:
        since = len(shares) - 1
        while since and all(shares[since - 1][layer - 1] == 1 for layer in layers):
            since -= 1
        assert result.since == 10 * since
        assert f"Since step {10 * since}," in words.dead_units(dying(shares, gradients))
    else:
        most = max(shares[-1])
        said = words.dead_units(dying(shares, gradients))
        assert said is None if most == 0 else f"At most {percent(most)}" in said


@given(same_depth(st.floats(1e-30, 1e30)))
def test_before_training_it_is_said_what_layer_1_gets_and_what_to_do(diagnoses):
    said = words.before(diagnoses, {})
    name = worst(diagnoses)
    one = diagnoses[name]
    if one.n_layers == 1:
        return
    assert said.startswith("Before training")
    assert ACTIVATIONS[name].label in said
    if one.verdict in ("vanishing", "exploding", "healthy"):
        bare = re.sub(r":\w+\[(.+?)\]", r"\1", said)
        share = re.fullmatch(r".*? gets (.+)\. Does it learn\? Train it\.", bare).group(1)
        assert share == numbers.share_of(one.ratio, f"layer {one.n_layers}'s gradient")


@given(st.dictionaries(NAMES, st.tuples(SHARES, SHARES), min_size=1, max_size=3), st.floats(0, 1))
def test_after_training_every_network_has_its_score_beside_those_that_fared_alike(scores, guessing):
    runs = {name: scored(*ends, 400) for name, ends in scores.items()}
    said = words.after(runs, guessing, "accuracy")
    assert said.count("test accuracy") == 1
    alike = {}
    for name, (before, after) in scores.items():
        verdict = "has learned" if has_learned(runs[name], guessing) else "has not learned"
        alike.setdefault(verdict, []).append((name, f":{words.OUTCOME_COLORS[verdict]}[{percent(after)}]"))
        # Of several networks, what they scored before stands in a line below.
        assert (f"{percent(before)} before" in said) == (len(scores) == 1)
    for verdict, networks in alike.items():
        labels, figures = ([one[place] for one in networks] for place in (0, 1))
        verb = verdict if len(networks) == 1 else verdict.replace("has", "have")
        assert f"{numbers.joined([ACTIVATIONS[name].label for name in labels])} {verb} (" in said
        # Dead layers may stand between them.
        assert re.search(".*".join(map(re.escape, figures)), said)


@given(st.lists(RUNS, min_size=2, max_size=3))
def test_networks_that_diverged_are_named_together_each_with_its_step(several):
    runs = dict(zip(("sigmoid", "tanh", "relu"), several, strict=False))
    lost = {name: run[-1].divergence.step for name, run in runs.items() if run[-1].divergence}
    said = words.after(runs, 0.1, "accuracy")
    assert said.count("diverged") == bool(lost)
    if lost:
        assert f"{numbers.joined([ACTIVATIONS[name].label for name in lost])} :red[diverged] at step" in said
        assert numbers.joined([f"{step:,}" for step in lost.values()]) in said


@given(FRAMES)
def test_deeper_is_worse_only_where_the_numbers_say_so(frame):
    for line, (name, rows) in zip(words.deeper(frame), frame.groupby("name", sort=False), strict=True):
        assert line.startswith(f"**{name}**")
        ended = [row for row in rows.itertuples() if not math.isnan(row.value)]
        if not ended:
            assert "diverged at" in line
            assert "%" not in line
            continue
        best = max(row.value for row in ended)
        assert f"with {percent(best)}" in line
        for row in rows.itertuples():
            if math.isnan(row.value):
                assert re.search(rf"diverged at depth [\d, ]*\b{row.depth}\b", line)
        deepest = max(rows.itertuples(), key=lambda row: row.depth)
        if "deeper is worse" in line:
            assert best - deepest.value > 0
            assert f"depth {deepest.depth} reaches {percent(deepest.value)}" in line


def test_a_depth_that_reads_as_well_is_not_worse():
    rows = [{"name": "ReLU", "depth": depth, "value": value, "error": 0.01} for depth, value in ((2, 0.95), (20, 0.94))]
    assert words.deeper(pd.DataFrame(rows)) == [
        "**ReLU**: best at depth 2 with 95.0 %; depth 20 reaches 94.0 %: no worse, within the error of the test set."
    ]
    rows[1]["value"] = 0.1
    assert words.deeper(pd.DataFrame(rows))[0].endswith("depth 20 reaches 10.0 %: deeper is worse.")


@given(st.lists(SIZES, min_size=4, max_size=4))
def test_what_moved_is_the_weights(sizes):
    said = words.training("tanh", [snapshot(sizes, None)], 0.1, "accuracy")
    assert "moved" not in said or "Layer 1's weights have moved" in said
