import time
from dataclasses import replace

import numpy as np
import pytest

from vanish import NetworkSpec, estimate_seconds, fit_spec, train
from vanish.choices import DATASETS
from vanish.network.estimates import Trial
from vanish.network.loop import Course

DIGITS, SINE = DATASETS["digits"].make(), DATASETS["sine"].make()


def several_targets(loss):
    targets = {"squared": lambda x: x @ np.ones((64, 3)), "logistic": lambda x: (x[:, :3] > 0).astype(int)}[loss]
    own = {f"{part}_targets": targets(getattr(DIGITS, f"{part}_inputs")) for part in ("train", "test")}
    return replace(DIGITS, name="my own", loss=loss, n_outputs=3, **own)


def spec(dataset):
    return fit_spec(NetworkSpec(width=32, activation="relu", initializer="he_normal"), dataset)


def test_a_runs_length_is_estimated_within_a_factor_of_ten():
    estimated = estimate_seconds(spec(DIGITS), DIGITS, 400, 64)
    assert estimated < estimate_seconds(spec(DIGITS), DIGITS, 1200, 64) <= 3 * estimated
    # Of this process alone, because others may keep it waiting.
    begin = time.process_time()
    list(train(spec(DIGITS), DIGITS, "sgd", 400, 0.01))
    assert estimated / 10 < time.process_time() - begin < estimated * 10


def test_a_whole_run_is_its_start_its_steps_and_its_snapshots():
    assert Trial(start=1.0, step=0.1, snapshot=10.0).seconds(Course("sgd", 30, n_snapshots=4)) == pytest.approx(44)


@pytest.mark.parametrize("dataset", [DIGITS, SINE], ids=lambda dataset: dataset.name)
def test_data_of_ones_own_are_estimated_by_their_size(dataset):
    own = replace(dataset, name="my own")
    assert estimate_seconds(spec(own), own, 400, 64) == estimate_seconds(spec(dataset), dataset, 400, 64)
    many = {part: np.repeat(getattr(own, part), 8, axis=0) for part in ("train_inputs", "train_targets")}
    large = replace(own, **many)
    assert estimate_seconds(spec(own), large, 1, 64, "sgd", 2) > estimate_seconds(spec(own), own, 1, 64, "sgd", 2)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_data_with_several_targets_are_estimated_too(loss):
    own = several_targets(loss)
    assert (
        0 < estimate_seconds(NetworkSpec(width=8), own, 10, 16) < estimate_seconds(NetworkSpec(width=8), own, 1000, 16)
    )


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"^n_snapshots must be a whole number from 2 to 1000, got 1"):
        estimate_seconds(spec(DIGITS), DIGITS, 400, 64, n_snapshots=1)
    with pytest.raises(ValueError, match=r"^n_inputs must be 1 for my own, got 64"):
        estimate_seconds(spec(DIGITS), replace(SINE, name="my own"), 400, 64)
