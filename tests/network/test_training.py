import time
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import SPECS
from torch_twins import torch_forward, torch_layers, torch_optimizer

from vanish import NetworkSpec, estimate_seconds, fit_spec, forward, initialize, layer_activity, predict, train
from vanish.choices import DATASETS, LOSSES, OPTIMIZERS, RESIDUALS, SCHEDULES, Dataset
from vanish.network.divergence import Divergence, find_divergence
from vanish.network.training import batches

DIGITS, SPIRALS, SINE = (DATASETS[name].make() for name in ("digits", "spirals", "sine"))


def network(dataset=DIGITS, **fields):
    fields = {"width": 32, "activation": "relu", "initializer": "he_normal"} | fields
    return fit_spec(NetworkSpec(**fields), dataset)


def last(*args, **options):
    *_, snapshot = train(*args, **options)
    return snapshot


def test_the_slopes_of_prelu_are_learned_one_a_layer():
    # He et al. 2015: they start at 0.25 and are no part of a linear output.
    start, *_, end = train(network(SPIRALS, depth=4, activation="prelu"), SPIRALS, "sgd", 50, 0.1, n_snapshots=2)
    assert start.parameters.leaks == [0.25, 0.25, 0.25, None]
    assert all(leak != 0.25 for leak in end.parameters.leaks)
    other = network(SPIRALS, depth=4, activation="prelu", activation_shape=0.5)
    assert initialize(other, 1).leaks == [0.5, 0.5, 0.5, None]


@pytest.mark.slow
def test_ten_sigmoid_layers_do_not_learn_digits_and_relu_with_he_does():
    run = {"optimizer": "momentum", "steps": 1200, "learning_rate": 0.02, "batch_size": 64}
    sigmoid = last(network(activation="sigmoid", initializer="xavier_uniform"), DIGITS, **run)
    assert sigmoid.test_accuracy < 0.2
    assert sigmoid.train_loss > 2.29  # what not looking at the picture costs: ln 10 = 2.303
    relu = last(network(), DIGITS, **run)
    assert relu.test_accuracy > 0.95
    assert relu.train_accuracy == 1


@pytest.mark.slow
def test_ten_relu_layers_from_torchs_default_do_not_learn_digits_with_sgd():
    run = {"optimizer": "sgd", "steps": 450, "learning_rate": 0.05}
    assert last(network(initializer="torch_default"), DIGITS, **run).test_accuracy < 0.2
    assert last(network(), DIGITS, **run).test_accuracy > 0.85


def test_the_first_sigmoid_layer_hardly_moves_while_the_last_one_does():
    end = last(network(activation="sigmoid", initializer="xavier_uniform"), DIGITS, "sgd", 300, 0.1)
    moved = end.distance / end.weight_norm
    assert moved[0] < 1e-4 * moved[-1]


def test_with_weights_of_zero_only_the_last_bias_learns():
    end = last(network(initializer="zeros"), DIGITS, "sgd", 50, 0.1)
    assert not end.distance.any()
    assert np.abs(end.parameters.biases[-1]).min() > 0
    assert not any(b.any() for b in end.parameters.biases[:-1])


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_can_be_learned(name):
    data = DATASETS[name].make()
    spec = network(data, depth=4, width=24)
    end = last(spec, data, "adam", 800, 0.01, 64, schedule="cosine", n_snapshots=2)
    assert end.test_accuracy > 0.85


@pytest.mark.slow
def test_five_narrow_relu_layers_tell_close_circles_apart_and_twenty_do_not():
    # A well-known tutorial (J. Brownlee, "How to fix the vanishing gradients problem using the ReLU"): about 0.83.
    data = DATASETS["circles"].make(noise=0.1, seed=1, shape=0.8)
    fields = {"width": 5, "initializer": "he_uniform"}
    ends = [
        last(network(data, depth=hidden + 1, **fields), data, "momentum", 3000, 0.01, 32, seed=1, n_snapshots=2)
        for hidden in (5, 20)
    ]
    assert ends[0].test_accuracy == pytest.approx(0.83, abs=0.05)
    assert ends[1].test_accuracy < 0.55


def torch_losses(torch, spec, dataset, optimizer, steps, clip):
    """Loss of one batch after another, PyTorch's network from our initial weights."""
    layers = torch_layers(torch, initialize(spec, 7, dataset.train_inputs), RESIDUALS[spec.residual].learned)
    leaves = [a for own in layers for a in own.values() if a is not None and a.requires_grad]
    stepper = torch_optimizer(torch, optimizer, leaves, 0.005)
    inputs, targets = torch.tensor(dataset.train_inputs), torch.tensor(dataset.train_targets)

    def loss(chosen):
        h = torch_forward(torch, spec, layers, inputs[chosen])
        functional = torch.nn.functional
        if dataset.loss == "softmax":
            return functional.cross_entropy(h, targets[chosen])
        if dataset.loss == "logistic":
            return functional.binary_cross_entropy_with_logits(h, targets[chosen].double().reshape(h.shape))
        return functional.mse_loss(h, targets[chosen].reshape(h.shape))

    for batch in islice(batches(len(inputs), 32, 7), steps):
        stepper.zero_grad()
        loss(torch.tensor(batch)).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(leaves, 0.5)
        stepper.step()
    with torch.no_grad():
        return loss(slice(None)).item()


@pytest.mark.parametrize(
    ("dataset", "fields", "clip"),
    [
        (DIGITS, {"activation": "relu"}, False),
        (SPIRALS, {"activation": "tanh", "normalization": "layer", "residual": "rezero"}, True),
        (SINE, {"activation": "gelu", "normalization": "batch", "residual": "scaled"}, False),
        (SPIRALS, {"activation": "prelu", "normalization": "batch"}, False),
    ],
    ids=["digits", "spirals", "sine", "spirals with slopes that are learned"],
)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_loss_after_a_hundred_steps_is_torchs(optimizer, dataset, fields, clip):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # threads that wait for each other make small networks very slow on a busy machine
    spec = network(dataset, depth=6, width=16, **fields)
    clipping = {"clip": "norm", "clip_at": 0.5} if clip else {}
    ours = last(spec, dataset, optimizer, 100, 0.005, 32, seed=7, n_snapshots=2, **clipping)
    assert ours.train_loss == pytest.approx(torch_losses(torch, spec, dataset, optimizer, 100, clip), abs=1e-8)


def several_targets(loss):
    """Points of the plane with three targets each: values for a regression, or labels that may all be true at once."""
    inputs = np.random.default_rng(1).uniform(-1, 1, (600, 2))
    x, y = inputs.T
    values = np.column_stack([x * y, x**2, 10 * (x - y)])
    targets = values if loss == "squared" else (np.column_stack([x * y, x + y, x**2 + y**2 - 0.6]) > 0).astype(int)
    return Dataset(
        name="my own",
        loss=loss,
        n_outputs=3,
        train_inputs=inputs[:400],
        train_targets=targets[:400],
        test_inputs=inputs[400:],
        test_targets=targets[400:],
        mean=np.zeros(2),
        std=np.ones(2),
        noise=0.0,
        seed=0,
        source="this test",
    )


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_loss_of_several_targets_is_torchs(loss):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    dataset = several_targets(loss)
    spec = network(dataset, depth=4, width=16)
    ours = last(spec, dataset, "adam", 100, 0.005, 32, seed=7, n_snapshots=2)
    assert ours.train_loss == pytest.approx(torch_losses(torch, spec, dataset, "adam", 100, False), abs=1e-8)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_several_targets_are_learned_and_predicted_at_once(loss):
    dataset = several_targets(loss)
    spec = network(dataset, depth=4, width=24)
    end = last(spec, dataset, "adam", 600, 0.01, 64, schedule="cosine", n_snapshots=2)
    assert end.test_accuracy > 0.93 > dataset.guessing + 10 * end.test_error
    outputs = predict(spec, end.parameters, dataset.test_inputs)
    assert outputs.shape == (200, 3)
    # Each of them is learned, and not the mean alone.
    if loss == "logistic":
        assert ((outputs > 0) == dataset.test_targets).mean(axis=0).min() > 0.9
    else:
        unexplained = np.square(outputs - dataset.test_targets).mean(axis=0) / dataset.test_targets.var(axis=0)
        assert unexplained.max() < 0.15


def test_targets_of_another_shape_are_refused_by_name():
    squared, logistic = several_targets("squared"), several_targets("logistic")
    with pytest.raises(ValueError, match=r"^train_targets must be finite numbers of shape \(400, 3\)"):
        replace(squared, train_targets=squared.train_targets[:, 0])
    with pytest.raises(ValueError, match=r"^test_targets must be classes from 0 to 1, got 2"):
        replace(logistic, test_targets=2 * logistic.test_targets)
    with pytest.raises(ValueError, match=r"^train_targets must be finite numbers of shape \(400\)"):
        replace(logistic, loss="softmax")
    assert replace(logistic, train_targets=logistic.train_targets.tolist()).train_targets.dtype == np.int64


@settings(max_examples=30)
@given(SPECS, st.sampled_from([SPIRALS, SINE]), st.sampled_from(list(OPTIMIZERS)), st.sampled_from(list(SCHEDULES)))
def test_any_network_gives_whole_snapshots_or_says_where_it_diverged(spec, dataset, optimizer, schedule):
    spec = fit_spec(spec, dataset)
    shots = list(train(spec, dataset, optimizer, 6, 0.01, 16, schedule=schedule, n_snapshots=4))
    if shots[-1].divergence is None:
        assert [shot.step for shot in shots] == [0, 2, 4, 6]
        assert np.isfinite(shots[-1].train_loss)
    for shot in shots:
        for name in ("gradient_norm", "update_ratio", "weight_norm", "distance", "dead", "saturated"):
            assert getattr(shot, name).shape == (spec.depth,)
        assert 0 <= shot.dead.min() <= shot.dead.max() <= 1
    assert not shots[0].distance.any()


def test_a_run_that_diverges_stops_keeps_what_it_has_and_says_where():
    spec = network(SINE, depth=5, residual="none")
    shots = list(train(spec, SINE, "sgd", 400, 50.0))
    assert all(shot.divergence is None and np.isfinite(shot.train_loss) for shot in shots[:1])
    end = shots[-1]
    assert end.divergence.step == end.step < 400
    assert 1 <= end.divergence.layer <= 5
    assert end.parameters is not None


@pytest.mark.parametrize(
    ("nudge", "divergence"),
    [
        (lambda p: p.weights[2].__setitem__((0, 0), np.nan), Divergence(9, 3, "parameters")),
        (lambda p: [w.__imul__(1e160) for w in p.weights[:2]], Divergence(9, 2, "pre-activations")),
        (lambda p: p.weights[3].__imul__(1e200), Divergence(9, 4, "loss")),
        (lambda p: None, None),
    ],
)
def test_the_first_value_that_is_not_finite_is_found_at_its_layer(nudge, divergence):
    spec = network(SINE, depth=4)
    parameters = initialize(spec, 3)
    nudge(parameters)
    data = SINE.train_inputs[:32], SINE.train_targets[:32]
    assert find_divergence(spec, parameters, *data, "squared", 9) == divergence


def test_a_gate_whose_gradient_alone_overflows_is_where_a_run_diverges():
    # ReZero's gates are 0 at first: what a layer computes reaches nothing but the gradient of its gate.
    spec = network(SINE, depth=4, residual="rezero")
    parameters = initialize(spec, 3)
    parameters.biases[1][:] = 1e308
    parameters.weights[3][:] *= 1e3
    data = SINE.train_inputs[:32], SINE.train_targets[:32]
    assert find_divergence(spec, parameters, *data, "squared", 9) == Divergence(9, 2, "gradient")


def test_closing_the_generator_stops_at_once_and_nothing_runs_before_it_is_asked():
    begin = time.perf_counter()
    shots = train(network(depth=20), DIGITS, "adam", 100_000, 0.001)
    assert time.perf_counter() - begin < 0.1
    assert next(shots).step == 0
    begin = time.perf_counter()
    shots.close()
    assert time.perf_counter() - begin < 0.1
    assert next(shots, None) is None


def test_progress_may_interrupt_between_snapshots():
    class Enough(Exception):
        pass

    def stop(share):
        assert 0 < share < 1
        raise Enough

    shots = train(network(), DIGITS, "sgd", 100_000, 0.001, n_snapshots=2, progress=stop)
    next(shots)
    with pytest.raises(Enough):
        next(shots)


def test_the_same_seed_gives_the_same_run_however_often_it_is_looked_at():
    spec = network(SPIRALS, depth=3)
    one, other = (last(spec, SPIRALS, "adam", 60, 0.01, seed=5, n_snapshots=n) for n in (3, 20))
    assert one.train_loss == other.train_loss
    assert np.array_equal(one.parameters.weights[0], other.parameters.weights[0])
    assert last(spec, SPIRALS, "adam", 60, 0.01, seed=6).train_loss != one.train_loss


def test_an_epoch_shows_each_example_at_most_once():
    order = batches(100, 30, 1)
    epoch = np.concatenate([next(order) for _ in range(3)])
    assert len(set(epoch)) == 90
    assert not np.array_equal(np.concatenate([next(order) for _ in range(3)]), epoch)


def test_a_snapshot_is_what_it_says():
    spec = network(SPIRALS, depth=4, normalization="layer")
    shots = list(train(spec, SPIRALS, "sgd", 3, 0.1, 32, seed=2))
    parameters = initialize(spec, 2, SPIRALS.train_inputs)
    outputs = forward(spec, parameters, SPIRALS.test_inputs).outputs
    assert shots[0].test_loss == pytest.approx(LOSSES["logistic"].value_and_gradient(outputs, SPIRALS.test_targets)[0])
    assert shots[0].test_accuracy == LOSSES["logistic"].score(outputs, SPIRALS.test_targets)
    activity = layer_activity(spec, 2, SPIRALS.train_inputs)
    np.testing.assert_allclose(shots[0].saturated, activity.saturated)
    np.testing.assert_allclose(shots[0].dead, activity.dead)
    # SGD's update is the rate times the gradient, and after one update that is the distance.
    moved = 0.1 * shots[0].gradient_norm
    np.testing.assert_allclose(shots[0].update_ratio * shots[0].weight_norm, moved, rtol=1e-10)
    np.testing.assert_allclose(shots[1].distance, moved, rtol=1e-10)


def test_clipping_shortens_the_update_and_not_the_gradient_that_is_shown():
    spec = network(SPIRALS, depth=4)
    free, tight = (next(train(spec, SPIRALS, "sgd", 5, 1.0, clip=clip, clip_at=1e-3)) for clip in ("none", "norm"))
    assert np.array_equal(free.gradient_norm, tight.gradient_norm)
    assert np.linalg.norm(tight.update_ratio * tight.weight_norm) <= 1e-3 < np.linalg.norm(free.gradient_norm)


def test_large_networks_keep_the_parameters_of_few_snapshots_and_of_the_last(monkeypatch):
    monkeypatch.setattr("vanish.network.training.KEPT_NUMBERS", 5000)
    shots = list(train(network(SPIRALS, depth=3, width=24), SPIRALS, "sgd", 30, 0.01, 16, n_snapshots=30))
    kept = [shot.parameters is not None for shot in shots]
    assert kept[-1]
    assert 3 < sum(kept) < 10


@pytest.mark.parametrize(
    ("argument", "bad", "says"),
    [
        ("optimizer", "lion", "one of sgd, .* got 'lion'"),
        ("steps", 0, "from 1 to 100000, got 0"),
        ("learning_rate", -1, "from 0 to 100, got -1"),
        ("batch_size", 801, "from 1 to 800, got 801"),
        ("clip", "hard", "one of none, norm, value, got 'hard'"),
        ("clip_at", float("nan"), "from 0 to 1e.06, got nan"),
        ("schedule", "linear", "one of constant, cosine, warm_up, got 'linear'"),
        ("seed", -1, "from 0 to .*, got -1"),
        ("n_snapshots", 1, "from 2 to 1000, got 1"),
        ("dataset", "mnist", "one of spirals, .* got 'mnist'"),
    ],
)
def test_bad_arguments_are_named_with_their_range_before_anything_runs(argument, bad, says):
    with pytest.raises(ValueError, match=rf"^{argument} must be .*{says}"):
        train(network(SPIRALS), **({"dataset": SPIRALS} | {argument: bad}))


def test_sizes_that_were_left_open_are_the_datas():
    spec = NetworkSpec(depth=3)
    (*_, left_open), (*_, fitted) = train(spec, SPIRALS, steps=5), train(fit_spec(spec, SPIRALS), SPIRALS, steps=5)
    assert left_open.train_loss == fitted.train_loss
    assert estimate_seconds(spec, DIGITS, 5, 16) > 0
    with pytest.raises(ValueError, match="inputs"):
        predict(spec, left_open.parameters, SPIRALS.test_inputs)


def test_a_network_that_has_the_datas_sizes_is_trained_as_it_is():
    spec = NetworkSpec(depth=2, n_inputs=2)
    (first, *_) = train(spec, SPIRALS, steps=1)
    outputs = predict(spec, initialize(spec, 42), SPIRALS.train_inputs)
    assert first.train_loss == LOSSES["logistic"].value_and_gradient(outputs, SPIRALS.train_targets)[0]


@pytest.mark.parametrize(
    ("sizes", "says"),
    [({"n_inputs": 5}, "n_inputs must be 64 for digits, got 5"), ({"n_outputs": 2}, "n_inputs .* got 4")],
)
def test_a_network_of_other_sizes_is_sent_to_fit_spec(sizes, says):
    with pytest.raises(ValueError, match=rf"{says} \(fit_spec"):
        train(NetworkSpec(**sizes), DIGITS)
