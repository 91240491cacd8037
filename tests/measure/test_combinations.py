from dataclasses import replace

import numpy as np
import pytest

from vanish import NetworkSpec, backprop, fit_spec, initialize, train
from vanish.choices import DATASETS
from vanish.choices.losses import LOSSES
from vanish.measure.combinations import BATCH, all_combinations, combinations_seconds, loss_ratio, train_combinations
from vanish.measure.remedies import NETWORK_REMEDIES, treated, untreated

SMALL = NetworkSpec(depth=10, width=32)
DIGITS = DATASETS["digits"].make()
STEPS = 160


@pytest.fixture(scope="module")
def table():
    return {row.remedies: row for row in train_combinations(SMALL, steps=STEPS, rates=(0.03, 0.3))}


def test_there_is_a_network_for_every_subset():
    rows = all_combinations(NetworkSpec(depth=7, activation="tanh", residual="rezero"))
    assert len({names for names, _ in rows}) == len({spec for _, spec in rows}) == 2 ** len(NETWORK_REMEDIES)
    assert rows[0] == ((), NetworkSpec(depth=7))
    assert rows[-1][0] == NETWORK_REMEDIES
    for names, spec in rows:
        assert spec == treated(untreated(spec), names)
        wanted = ("he_uniform" if "relu" in names else "xavier_uniform") if "initialization" in names else "kata"
        assert spec.initializer == wanted


def test_variants_are_taken():
    rows = dict(all_combinations(SMALL, {"normalization": "rms"}))
    assert rows[("normalization",)].normalization == "rms"


@pytest.mark.slow
def test_ten_sigmoid_layers_learn_by_residual_connections_or_batch_norm_only(table):
    assert len(table) == 2 ** len(NETWORK_REMEDIES)
    for names, row in table.items():
        if "relu" not in names:
            cured = {"residual", "normalization"} & set(names)
            assert (row.test_accuracy > 0.85) if cured else (row.test_accuracy < 0.2)
    assert table[("relu", "initialization")].test_accuracy > 0.8 > 0.2 > table[("relu",)].test_accuracy


@pytest.mark.slow
def test_what_learns_has_a_ratio_near_1_and_what_has_vanished_does_not_learn(table):
    for row in table.values():
        if row.decades < -3:
            assert row.test_accuracy < 0.2
        if abs(row.decades) < 1:
            assert row.test_accuracy > 0.8


@pytest.mark.slow
def test_a_row_is_the_run_that_training_gives(table):
    row = table[("relu", "normalization")]
    *_, last = train(row.spec, DIGITS, "sgd", STEPS, row.learning_rate, BATCH, seed=42, n_snapshots=2)
    assert (row.train_loss, row.test_accuracy) == (last.train_loss, last.test_accuracy)
    *_, other = train(row.spec, DIGITS, "sgd", STEPS, {0.03: 0.3, 0.3: 0.03}[row.learning_rate], BATCH, n_snapshots=2)
    assert row.train_loss < other.train_loss


def test_ratios_are_of_the_losss_gradient():
    spec = fit_spec(treated(SMALL, ["residual", "normalization"]), DIGITS)
    parameters = initialize(spec, 9)
    inputs, targets = DIGITS.train_inputs[:BATCH], DIGITS.train_targets[:BATCH]
    outputs = backprop(spec, parameters, inputs).outputs
    gradients = backprop(spec, parameters, inputs, LOSSES["softmax"].value_and_gradient(outputs, targets)[1])
    first, last = (np.abs(gradients.pre_activations[place]).mean() for place in (0, -1))
    assert loss_ratio(spec, [9], DIGITS)[0] == pytest.approx(first / last, rel=1e-12)


@pytest.mark.slow
def test_a_row_in_which_every_rate_diverges_says_so():
    rows = train_combinations(replace(SMALL, depth=20, width=8), steps=3, rates=(30.0, 100.0))
    by_remedies = {row.remedies: row for row in rows}
    row = by_remedies[("relu", "residual", "initialization")]
    assert row.diverged == 2
    assert row.divergence is not None
    assert by_remedies[()].diverged == 0
    assert by_remedies[()].divergence is None


def test_progress_is_told_in_order_and_can_interrupt():
    shares = []
    list(train_combinations(replace(SMALL, depth=2, width=4), steps=2, rates=(0.1,), progress=shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(train_combinations(SMALL, steps=1, progress=stop))


def test_a_single_layer_has_nothing_to_lose():
    rows = list(train_combinations(replace(SMALL, depth=1), steps=20, rates=(0.1,)))
    assert {row.decades for row in rows} == {0.0}


def test_the_estimate_grows_with_what_there_is_to_do():
    one = combinations_seconds(SMALL, steps=50, rates=(0.1,))
    assert one > 0
    assert combinations_seconds(SMALL, steps=50, rates=(0.1, 0.2)) == pytest.approx(2 * one)
    assert combinations_seconds(replace(SMALL, depth=100), steps=50, rates=(0.1,)) == pytest.approx(10 * one)


@pytest.mark.parametrize(
    ("spec", "arguments", "message"),
    [
        (replace(SMALL, depth=101), {}, "spec.depth must be a whole number from 1 to 100, got 101"),
        (replace(SMALL, width=65), {}, "spec.width must be a whole number from 1 to 64, got 65"),
        (SMALL, {"steps": 2001}, "steps must be a whole number from 1 to 2000, got 2001"),
        (SMALL, {"rates": ()}, "rates must be a sequence of 1 to 10 numbers, got 0"),
        (SMALL, {"rates": (-1,)}, "rates must be a number from 0 to 100, got -1"),
    ],
)
def test_bad_arguments_are_named_at_once(spec, arguments, message):
    for call in (train_combinations, combinations_seconds):
        with pytest.raises(ValueError, match=message):
            call(spec, **arguments)
