from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish.choices import DATASETS
from vanish.choices.losses import LOSSES

REGRESSIONS = [name for name, entry in DATASETS.items() if entry.loss == "squared"]


@given(st.sampled_from(list(DATASETS)), st.floats(0, 1), st.integers(0, 2**64 - 1))
def test_every_data_set_is_what_its_entry_says(name, noise, seed):
    entry = DATASETS[name]
    data = entry.make(noise, seed)
    assert (entry.name, data.name, data.loss) == (name, name, entry.loss)
    assert entry.loss in LOSSES
    assert data.train_inputs.shape == (entry.n_train, entry.n_inputs)
    assert data.test_inputs.shape[1] == data.n_inputs == entry.n_inputs
    several = (entry.n_outputs,) if LOSSES[entry.loss].an_output_each and entry.n_outputs > 1 else ()
    assert data.train_targets.shape == (entry.n_train, *several)
    assert len(data.test_inputs) == len(data.test_targets) > 0
    if name not in REGRESSIONS:
        classes = set(range(2 if several else max(2, data.n_outputs)))
        assert set(data.train_targets.flat) == set(data.test_targets.flat) == classes
    assert all(a.dtype == np.float64 and np.isfinite(a).all() for a in (data.train_inputs, data.test_inputs))


@pytest.mark.parametrize("name", DATASETS)
def test_inputs_are_standardised_by_the_training_part(name):
    data = DATASETS[name].make()
    np.testing.assert_allclose(data.train_inputs.mean(axis=0), 0, atol=1e-12)
    std = data.train_inputs.std(axis=0)
    assert (std < 1 + 1e-9).all()
    # Pixels that are hardly ever anything but white are not blown up; everything else varies by exactly 1.
    np.testing.assert_allclose(std[data.std > 0.1], 1, rtol=1e-9)
    if not DATASETS[name].recorded:
        assert (data.std > 0.1).all()
    assert 0 < abs(data.test_inputs.mean()) < 0.2
    assert np.abs(data.test_inputs).max() < 10


@pytest.mark.parametrize("name", DATASETS)
def test_the_same_seed_gives_the_same_data_and_another_seed_others(name):
    entry = DATASETS[name]
    one, same, other = entry.make(0.1, 3), entry.make(0.1, 3), entry.make(0.1, 4)
    assert np.array_equal(one.train_inputs, same.train_inputs)
    assert np.array_equal(one.test_targets, same.test_targets)
    assert not np.array_equal(one.train_inputs, other.train_inputs)


def test_the_digits_are_the_1797_real_ones_with_their_source():
    data = DATASETS["digits"].make()
    assert len(data.train_targets) + len(data.test_targets) == 1797
    assert "Alpaydin" in data.source
    assert "CC BY 4.0" in data.source
    folder = Path(vanish.__file__).parent / "choices" / "data"
    assert "CC BY 4.0" in (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "digits.npz").stat().st_size < 60_000
    # Written by many hands, about as many of each, in both parts.
    assert np.bincount(data.train_targets).min() > 120
    assert np.bincount(data.test_targets).min() > 35
    # Whatever the seed, the split is one and the same.
    assert np.array_equal(data.test_targets, DATASETS["digits"].make(seed=9).test_targets)


def test_no_digit_is_in_both_parts():
    data = DATASETS["digits"].make()
    train = {row.tobytes() for row in data.train_inputs}
    assert not any(row.tobytes() in train for row in data.test_inputs)


def test_nearest_neighbours_tell_the_figures_apart_and_noise_blurs_them():
    for name in ("spirals", "moons", "circles", "xor", "checkerboard"):
        right = {noise: nearest_neighbour_accuracy(DATASETS[name].make(noise)) for noise in (0.0, 1.0)}
        assert right[0.0] > 0.9
        assert right[1.0] < right[0.0] - 0.1


def nearest_neighbour_accuracy(data):
    distance = np.square(data.test_inputs[:, None] - data.train_inputs).sum(axis=-1)
    return (data.train_targets[distance.argmin(axis=1)] == data.test_targets).mean()


@pytest.mark.parametrize("name", ["spirals", "circles", "xor", "checkerboard"])
def test_no_straight_line_tells_the_classes_apart(name):
    data = DATASETS[name].make()
    columns = np.column_stack([data.train_inputs, np.ones(len(data.train_inputs))])
    line, *_ = np.linalg.lstsq(columns, data.train_targets - 0.5, rcond=None)
    assert ((columns @ line > 0) == data.train_targets).mean() < 0.7


@pytest.mark.parametrize(("argument", "bad"), [("noise", -0.1), ("noise", 1.5), ("seed", -1), ("seed", 0.5)])
def test_bad_arguments_are_named_with_their_range(argument, bad):
    with pytest.raises(ValueError, match=rf"^{argument} must be .* from 0 to .*, got {bad}"):
        DATASETS["moons"].make(**{argument: bad})


@given(st.sampled_from(["circles", "spirals"]), st.integers(0, 99), st.data())
def test_a_figure_has_the_shape_that_is_asked_for(name, seed, data):
    shape = DATASETS[name].shape
    value = data.draw(st.floats(shape.low, shape.high))
    made = DATASETS[name].make(0.0, seed, value)
    points = made.train_inputs * made.std + made.mean
    radius, inner = np.hypot(*points.T), made.train_targets == 1
    if name == "circles":
        np.testing.assert_allclose(radius[~inner], 1, rtol=1e-9)
        np.testing.assert_allclose(radius[inner], value, atol=1e-9)
    else:
        # An arm winds by so many turns from the middle to its end.
        wound = np.exp(1j * (np.angle(points @ [1, 1j]) - 2 * np.pi * value * radius))
        np.testing.assert_allclose(wound, np.where(inner, -1, 1), atol=1e-6)


def test_a_shape_is_the_entrys_own_unless_one_is_given():
    for entry in DATASETS.values():
        if entry.shape:
            own, same = entry.make(seed=3), entry.make(seed=3, shape=entry.shape.default)
            assert np.array_equal(own.train_inputs, same.train_inputs)
    with pytest.raises(ValueError, match=r"^shape \(factor\) must be a number from 0 to 0.95, got 1"):
        DATASETS["circles"].make(shape=1)
    with pytest.raises(ValueError, match=r"^shape must be None for moons, got 0.5"):
        DATASETS["moons"].make(shape=0.5)
