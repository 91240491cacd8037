import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.choices import LOSSES, TASKS


def lags(name):
    return st.integers(TASKS[name].smallest_lag, 60)


def draw(name, lag, batch_size=16, seed=0):
    return TASKS[name].make_batch(np.random.default_rng(seed), lag, batch_size)


@given(st.data(), st.sampled_from(list(TASKS)), st.integers(1, 20))
def test_shapes_are_what_the_task_says(data, name, batch_size):
    task, lag = TASKS[name], data.draw(lags(name))
    batch = draw(name, lag, batch_size)
    assert batch.inputs.shape == (task.length(lag), batch_size, task.n_inputs)
    assert batch.targets.shape == (task.n_scored, batch_size)
    assert list(np.flatnonzero(batch.scored)) == list(range(task.length(lag)))[-task.n_scored :]
    assert task.length(task.largest_lag) <= 2000


@given(lags("adding"))
def test_the_sum_of_two_marked_numbers_one_from_each_half_is_asked_for(lag):
    batch = draw("adding", lag)
    values, marks = batch.inputs[..., 0], batch.inputs[..., 1]
    assert set(np.unique(marks)) <= {0.0, 1.0}
    assert (marks[: lag // 2].sum(axis=0) == 1).all()
    assert (marks[lag // 2 :].sum(axis=0) == 1).all()
    np.testing.assert_allclose(batch.targets[0], (values * marks).sum(axis=0), rtol=1e-15)


@given(lags("copy"))
def test_what_was_shown_lag_steps_ago_is_asked_for_after_the_cue(lag):
    batch = draw("copy", lag)
    assert (batch.inputs.sum(axis=-1) == 1).all()
    assert (batch.inputs[lag, :, -1] == 1).all()
    assert batch.inputs[..., -1].sum() == 16
    for place, symbols in enumerate(batch.targets):
        step = np.flatnonzero(batch.scored)[place]
        assert (batch.inputs[step - lag].argmax(axis=-1) == symbols).all()


@given(lags("echo"))
def test_the_sign_lag_steps_ago_is_asked_for(lag):
    batch = draw("echo", lag)
    assert set(np.unique(batch.inputs)) <= {-1.0, 1.0}
    for place, bits in enumerate(batch.targets):
        step = np.flatnonzero(batch.scored)[place]
        assert ((batch.inputs[step - lag, :, 0] > 0) == bits).all()


@pytest.mark.parametrize("name", TASKS)
def test_the_baseline_is_the_loss_of_the_best_answer_without_memory(name):
    task = TASKS[name]
    targets = np.concatenate([draw(name, 20, 1024, seed).targets.ravel() for seed in range(20)])
    constant = np.full((len(targets), task.n_outputs), 1.0 if task.loss == "squared" else 0.0)
    measured = LOSSES[task.loss].value_and_gradient(constant, targets)[0]
    assert measured == pytest.approx(task.baseline, rel=0.02)
    # No other constant does better by more than chance.
    for nudge in np.random.default_rng(1).normal(0, 0.3, (20, task.n_outputs)):
        assert LOSSES[task.loss].value_and_gradient(constant + nudge, targets)[0] > task.baseline * 0.98


def test_the_adding_problems_baseline_is_two_twelfths():
    grid = (np.arange(2000) + 0.5) / 2000
    sums = grid[:, None] + grid
    assert np.mean((sums - 1) ** 2) == pytest.approx(TASKS["adding"].baseline, rel=1e-6)


def test_the_same_generator_gives_the_same_batch_and_the_next_one_another():
    generator = np.random.default_rng(3)
    first, second = (TASKS["echo"].make_batch(generator, 5, 8) for _ in range(2))
    assert np.array_equal(first.inputs, draw("echo", 5, 8, 3).inputs)
    assert not np.array_equal(first.inputs, second.inputs)


def test_lags_and_batch_sizes_have_a_range():
    with pytest.raises(ValueError, match=r"^lag \(adding\) must be a whole number from 2 to 2000, got 1"):
        draw("adding", 1)
    with pytest.raises(ValueError, match=r"^lag \(copy\) must be a whole number from 3 to 1997, got 1998"):
        draw("copy", 1998)
    with pytest.raises(ValueError, match=r"^batch_size must be a whole number from 1 to 1024, got 2000"):
        draw("echo", 5, 2000)


@pytest.mark.parametrize("name", TASKS)
def test_every_input_has_a_name_and_the_answer_is_read_off_the_scored_step(name):
    task = TASKS[name]
    batch = draw(name, 8)
    assert len(task.channels) == task.n_inputs == batch.inputs.shape[-1]
    answers = {task.answer(float(target)) for target in batch.targets[task.answer_step]}
    assert len(answers) > 1
    assert all(text.startswith("The right answer") and text.endswith(".") for text in answers)
    if name == "copy":
        first = batch.inputs[0, 0].argmax()
        assert task.answer(float(batch.targets[0, 0])) == f"The right answer begins with {task.channels[first]}."
