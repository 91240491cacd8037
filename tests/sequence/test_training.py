import time
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import RECURRENT_SPECS
from torch_twins import torch_cell, torch_optimizer

from vanish import RecurrentSpec
from vanish.choices import CELLS, CLIPPINGS, LOSSES, OPTIMIZERS, SCHEDULES, TASKS
from vanish.sequence import (
    RecurrentDivergence,
    backprop_through_time,
    fit_recurrent_spec,
    initialize_recurrent,
    run_recurrent,
    sequence_batches,
    train_recurrent,
)
from vanish.sequence.training import SequenceRun, first_gradient_through_time


def network(cell, task="adding", **fields):
    return fit_recurrent_spec(RecurrentSpec(cell, **fields), task)


def last(*args, **options):
    *_, snapshot = train_recurrent(*args, **options)
    return snapshot


@pytest.mark.slow
def test_gated_cells_learn_to_add_over_40_steps_where_the_plain_one_stays_at_its_baseline():
    run = {"optimizer": "adam", "learning_rate": 0.01, "clip": "norm", "seed": 1, "n_snapshots": 2}
    remembered = {
        cell: last(network(cell, forget_bias=1.0), "adding", 40, steps=steps, **run)
        for cell, steps in (("gru", 300), ("lstm", 500), ("rnn_tanh", 500))
    }
    baseline = TASKS["adding"].baseline
    assert remembered["gru"].test_loss < baseline / 20
    assert remembered["lstm"].test_loss < baseline / 5
    assert remembered["rnn_tanh"].test_loss > 0.8 * baseline


@pytest.mark.slow
def test_clipping_by_norm_saves_a_run_that_explodes_without_it():
    # A matrix that doubles whatever it gets, over 23 steps (Pascanu, Mikolov & Bengio 2013).
    spec = network("rnn_relu", "copy", initializer="spectral_radius", spectral_radius=2.0)
    run = {"steps": 1500, "learning_rate": 0.1, "seed": 42, "schedule": "cosine", "n_snapshots": 5}
    free = list(train_recurrent(spec, "copy", 20, "sgd", **run))
    assert free[-1].divergence is not None
    assert free[-1].step < 10
    clipped = list(train_recurrent(spec, "copy", 20, "sgd", clip="norm", **run))
    assert clipped[-1].test_loss < TASKS["copy"].baseline / 5
    assert clipped[-1].test_score > 0.95
    # The explosions are there all the same: it is the step that is kept short.
    assert np.concatenate([shot.gradient_norms for shot in clipped]).max() > 100


@pytest.mark.slow
def test_any_cell_learns_where_nothing_has_to_be_remembered_for_long():
    for cell in CELLS:
        end = last(network(cell, "echo"), "echo", 2, "adam", 100, 0.01, clip="norm", n_snapshots=2)
        assert end.test_score > 0.95


def test_the_copy_task_is_learned_over_a_short_lag():
    assert last(network("gru", "copy"), "copy", 6, "adam", 250, 0.01, clip="norm", n_snapshots=2).test_score > 0.95


def torch_loss(torch, spec, task, lag, optimizer, steps, clip):
    """Loss on the test's sequences after so many steps, PyTorch's cell from our initial parameters."""
    cell, read_out = torch_cell(torch, spec, initialize_recurrent(spec, 7))
    leaves = [*cell.parameters(), *read_out.parameters()]
    stepper = torch_optimizer(torch, optimizer, leaves, 0.01)

    def loss(batch):
        outputs = read_out(cell(torch.tensor(batch.inputs))[0])[torch.tensor(batch.scored)].flatten(0, 1)
        targets = torch.tensor(batch.targets).flatten()
        functional = torch.nn.functional
        if task.loss == "softmax":
            return functional.cross_entropy(outputs, targets)
        if task.loss == "logistic":
            return functional.binary_cross_entropy_with_logits(outputs[:, 0], targets.double())
        return functional.mse_loss(outputs[:, 0], targets)

    for batch in islice(sequence_batches(task, lag, 16, 7), steps):
        stepper.zero_grad()
        loss(batch).backward()
        if clip == "norm":
            torch.nn.utils.clip_grad_norm_(leaves, 0.5)
        elif clip == "value":
            torch.nn.utils.clip_grad_value_(leaves, 0.1)
        stepper.step()
    with torch.no_grad():
        test = [loss(batch).item() for batch in islice(sequence_batches(task, lag, 16, 7, test=True), 16)]
    return np.mean(test)


@pytest.mark.parametrize(
    ("optimizer", "task", "clip"),
    [("sgd", "adding", "norm"), ("adam", "copy", "none"), ("rmsprop", "echo", "value")],
)
@pytest.mark.parametrize("cell", CELLS)
def test_the_loss_after_fifty_steps_is_torchs(cell, optimizer, task, clip):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # threads that wait for each other make small networks very slow on a busy machine
    spec = network(cell, task, hidden=12)
    clip_at = {"none": 1.0, "norm": 0.5, "value": 0.1}[clip]
    ours = last(spec, task, 8, optimizer, 50, 0.01, 16, clip, 7, clip_at=clip_at, n_snapshots=2)
    assert ours.test_loss == pytest.approx(torch_loss(torch, spec, TASKS[task], 8, optimizer, 50, clip), abs=1e-8)


@settings(max_examples=30)
@given(
    RECURRENT_SPECS,
    st.sampled_from(list(TASKS)),
    st.integers(3, 9),
    st.sampled_from(list(OPTIMIZERS)),
    st.sampled_from(list(SCHEDULES)),
    st.sampled_from(list(CLIPPINGS)),
)
def test_any_network_gives_whole_snapshots_or_says_where_it_diverged(spec, task, lag, optimizer, schedule, clip):
    spec = fit_recurrent_spec(spec, task)
    shots = list(train_recurrent(spec, task, lag, optimizer, 6, 0.01, 5, clip, schedule=schedule, n_snapshots=4))
    length = TASKS[task].length(lag)
    if shots[-1].divergence is None:
        assert [shot.step for shot in shots] == [0, 2, 4, 6]
        assert np.isfinite(shots[-1].test_loss)
    for name in ("losses", "gradient_norms", "largest_entries"):
        assert len(np.concatenate([getattr(shot, name) for shot in shots])) == shots[-1].step + 1
    for shot in shots:
        assert shot.through_time.shape == (length,)
        assert (shot.cell_through_time is None) == (not CELLS[spec.cell].has_cell_state)
        assert np.isnan(shot.spectral_radius) == (CELLS[spec.cell].largest_slope is None)
    assert [shot.parameters is not None for shot in shots] == [False] * (len(shots) - 1) + [True]


def test_a_snapshot_is_what_it_says():
    spec, task = network("lstm", "copy", hidden=6), TASKS["copy"]
    shots = list(train_recurrent(spec, task, 5, "sgd", 3, 0.1, 32, seed=2, clip="norm", clip_at=0.01))
    parameters, loss = initialize_recurrent(spec, 2), LOSSES["softmax"]
    tests = list(islice(sequence_batches(task, 5, 32, 2, test=True), 8))
    outputs = [run_recurrent(spec, parameters, batch.inputs).outputs(parameters)[batch.scored] for batch in tests]
    outputs, targets = np.concatenate(outputs, axis=1).reshape(-1, 4), np.hstack([b.targets for b in tests]).ravel()
    assert shots[0].test_loss == pytest.approx(loss.value_and_gradient(outputs, targets)[0])
    assert shots[0].test_score == loss.score(outputs, targets)
    # The scored steps of one sequence are not independent: it counts as one.
    by_sequence = [
        loss.value_and_gradient(outputs.reshape(3, -1, 4)[:, i], targets.reshape(3, -1)[:, i])[0] for i in range(256)
    ]
    assert shots[0].test_loss_error == pytest.approx(np.std(by_sequence, ddof=1) / 16)

    batch = next(sequence_batches(task, 5, 32, 2))
    passed = run_recurrent(spec, parameters, batch.inputs)
    output_gradients = np.zeros((8, 32, 4))
    value, gradient = loss.value_and_gradient(passed.outputs(parameters)[5:].reshape(-1, 4), batch.targets.ravel())
    output_gradients[5:] = gradient.reshape(3, 32, 4)
    gradients = backprop_through_time(spec, parameters, passed, output_gradients)
    assert shots[0].losses == pytest.approx([value])
    everything = np.concatenate([part.ravel() for part in vars(gradients.parameters).values()])
    assert shots[0].gradient_norms == pytest.approx([np.linalg.norm(everything)])
    assert shots[0].largest_entries == pytest.approx([np.abs(everything).max()])
    through_time, cell_through_time = (
        np.linalg.norm(g[::-1], axis=(-2, -1)) for g in (gradients.hidden, gradients.cells)
    )
    np.testing.assert_allclose(shots[0].through_time, through_time, rtol=1e-9)
    np.testing.assert_allclose(shots[0].cell_through_time, cell_through_time, rtol=1e-9)
    at_start = first_gradient_through_time(spec, task, 5, 32, 2)
    np.testing.assert_array_equal(at_start[0], shots[0].through_time)
    np.testing.assert_array_equal(at_start[1], shots[0].cell_through_time)
    # The norm that is shown is that before clipping; the update is of the clipped gradient.
    clipped = 0.1 * gradients.parameters.weight_hh * 0.01 / (np.linalg.norm(everything) + 1e-6)
    ratio = np.linalg.norm(clipped) / np.linalg.norm(parameters.weight_hh)
    assert shots[0].update_ratio == pytest.approx(ratio, rel=1e-9)


def test_a_plain_cells_spectral_radius_is_shown():
    spec = network("rnn_tanh", initializer="spectral_radius", spectral_radius=1.3)
    assert next(train_recurrent(spec, "adding", 5)).spectral_radius == pytest.approx(1.3)


def test_a_run_that_diverges_stops_keeps_what_it_has_and_says_where():
    spec = network("rnn_relu", initializer="spectral_radius", spectral_radius=3.0)
    shots = list(train_recurrent(spec, "adding", 100, "sgd", 200, 1.0))
    end = shots[-1]
    assert end.divergence.step == end.step < 200
    assert not np.isfinite(end.losses[-1]) or not np.isfinite(end.gradient_norms[-1])
    assert end.parameters is not None


def poisoned(what):
    """A network of four equal units whose first run breaks in a place that is known."""
    spec = network("rnn_relu", "echo", hidden=4)
    parameters = initialize_recurrent(spec, 1)
    for values in vars(parameters).values():
        values[...] = 1.0
    if what == "parameters":
        parameters.weight[...] = np.nan
    elif what == "states":
        # A step multiplies by 4e100, and 10^308 is passed by the fifth state.
        parameters.weight_hh[...] = 1e100
    elif what == "loss":
        parameters.weight[...] = 1e308
    elif what == "gradient":
        # States grow by 4e20 a step from 1e-300, gradients from about 1e97: the 12th from the end is too large.
        parameters.weight_ih[...], parameters.weight_hh[...], parameters.weight[...] = 1e-300, 1e20, 1e100
        parameters.bias_ih[...], parameters.bias_hh[...] = 0.0, 0.0
    return spec, parameters


@pytest.mark.parametrize(
    ("what", "time"), [("parameters", None), ("states", 5), ("loss", 22), ("gradient", 11)], ids=lambda what: str(what)
)
def test_the_first_value_that_is_not_finite_is_found(monkeypatch, what, time):
    spec, parameters = poisoned(what)
    monkeypatch.setattr("vanish.sequence.training.initialize_recurrent", lambda spec, seed: parameters)
    (shot,) = train_recurrent(spec, "echo", 2)
    assert shot.divergence == RecurrentDivergence(0, what, time)


def test_progress_may_interrupt_and_nothing_runs_before_it_is_asked():
    class Enough(Exception):
        pass

    def stop(share):
        assert 0 < share < 1
        raise Enough

    begin = time.perf_counter()
    shots = train_recurrent(network("lstm", hidden=128), "adding", 100, steps=100_000, n_snapshots=2, progress=stop)
    assert time.perf_counter() - begin < 0.1
    next(shots)
    with pytest.raises(Enough):
        next(shots)


def test_the_same_seed_gives_the_same_run_however_often_it_is_looked_at():
    spec = network("gru", hidden=8)
    one, other = (last(spec, "adding", 6, steps=40, seed=5, n_snapshots=n) for n in (3, 20))
    assert one.test_loss == other.test_loss
    assert np.array_equal(one.parameters.weight_hh, other.parameters.weight_hh)
    assert last(spec, "adding", 6, steps=40, seed=6).test_loss != one.test_loss


@pytest.mark.parametrize(
    ("argument", "bad", "says"),
    [
        ("task", "parity", "one of adding, copy, echo, got 'parity'"),
        ("lag", 2001, "from 2 to 2000, got 2001"),
        ("optimizer", "lion", "one of sgd, .* got 'lion'"),
        ("steps", 0, "from 1 to 100000, got 0"),
        ("learning_rate", -1, "from 0 to 100, got -1"),
        ("batch_size", 1025, "from 1 to 1024, got 1025"),
        ("clip", "hard", "one of none, norm, value, got 'hard'"),
        ("clip_at", float("nan"), "from 0 to 1e.06, got nan"),
        ("schedule", "linear", "one of constant, cosine, warm_up, got 'linear'"),
        ("seed", -1, "from 0 to .*, got -1"),
        ("n_snapshots", 1, "from 2 to 1000, got 1"),
    ],
)
def test_bad_arguments_are_named_with_their_range_before_anything_runs(argument, bad, says):
    with pytest.raises(ValueError, match=rf"^{argument}.* must be .*{says}"):
        train_recurrent(network("lstm"), **({"task": "adding", "lag": 5} | {argument: bad}))


def test_large_runs_are_told_how_large_a_batch_may_be():
    with pytest.raises(ValueError, match=r"^batch_size must be a whole number from 1 to 4, got 32"):
        train_recurrent(network("lstm", hidden=256), "adding", 500)


@pytest.mark.parametrize("cell", CELLS)
def test_buffers_stay_within_what_is_reckoned_for_a_batch(monkeypatch, cell):
    spec = network(cell, "copy", hidden=64)
    kept = {}

    def noted(run, step, rate, keep):
        for part in (run._passed, run._back, run._back._side_by_side):
            for name, value in (part if isinstance(part, dict) else vars(part)).items():
                if isinstance(value, np.ndarray):
                    kept[id(value)] = (name, value.size)
        return original(run, step, rate, keep)

    original = SequenceRun.snapshot
    monkeypatch.setattr(SequenceRun, "snapshot", noted)
    next(train_recurrent(spec, "copy", 60, batch_size=32))
    reckoned = TASKS["copy"].length(60) * 32 * (5 * spec.rows + 8 * spec.hidden)
    assert reckoned / 3 < sum(size for _, size in kept.values()) < 1.1 * reckoned


def test_sizes_that_were_left_open_are_the_tasks():
    spec = RecurrentSpec("gru", hidden=8)
    (*_, left_open) = train_recurrent(spec, "adding", 10, steps=3)
    (*_, fitted) = train_recurrent(fit_recurrent_spec(spec, "adding"), "adding", 10, steps=3)
    np.testing.assert_array_equal(left_open.losses, fitted.losses)


def test_a_network_of_other_sizes_is_sent_to_fit_recurrent_spec():
    with pytest.raises(ValueError, match=r"n_inputs must be 2 for adding, got 3 \(fit_recurrent_spec"):
        train_recurrent(RecurrentSpec(n_inputs=3), "adding", 10)
