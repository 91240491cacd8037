import pickle
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from networks import SPECS
from torch_twins import torch_forward, torch_layers, torch_optimizer

from vanish import NetworkSpec, backprop, fit_spec, forward, histogram, initialize, train
from vanish.choices import DATASETS, LOSSES
from vanish.network.distributions import BINS, KINDS, MOST_LAYERS, MOST_MOMENTS, MOST_NUMBERS, Watch
from vanish.network.flat import Passes, flatten
from vanish.network.training import batches
from vanish.numerics.histogram import binned

MOONS = DATASETS["moons"].make()
SMALL = {"batch_size": 16, "seed": 3, "n_snapshots": 4}


def network(**fields):
    return fit_spec(NetworkSpec(**{"depth": 4, "width": 8, "activation": "tanh", "bias_std": 0.1} | fields), MOONS)


def first_batch(spec):
    """Parameters, inputs and targets of a run's first step."""
    batch = next(batches(len(MOONS.train_inputs), SMALL["batch_size"], SMALL["seed"]))
    return initialize(spec, SMALL["seed"], MOONS.train_inputs), MOONS.train_inputs[batch], MOONS.train_targets[batch]


def same(seen, kind, layer, values):
    """Whether a histogram holds these very values, counted by their own rule."""
    found = seen.histogram(kind, layer)
    assert found.n == values.size
    assert found.zeros == (values == 0).sum()
    np.testing.assert_array_equal(found.counts, binned(values[values != 0], found.edges))
    assert seen.std[KINDS.index(kind), layer] == pytest.approx(values.std(), rel=1e-9, abs=1e-300)


@settings(max_examples=40)
@given(SPECS)
def test_the_signals_that_passes_leave_behind_are_dl_dz(spec):
    generator, loss = np.random.default_rng(1), LOSSES["softmax"]
    inputs, targets = generator.standard_normal((7, spec.n_inputs)), np.arange(7) % spec.n_outputs
    parameters = initialize(spec, 1, inputs)
    passes = Passes(spec, flatten(spec, parameters), loss, 7)
    passes(np.column_stack([inputs, np.ones(7)]), targets)
    outputs = forward(spec, parameters, inputs).outputs
    np.testing.assert_allclose(passes.outputs[-1].T, outputs, rtol=1e-9, atol=1e-9 * np.abs(outputs).max())
    _, at_outputs = loss.value_and_gradient(outputs, targets)
    signals = backprop(spec, parameters, inputs, at_outputs).pre_activations
    for ours, theirs in zip(passes.signals, signals, strict=True):
        np.testing.assert_allclose(ours.T, theirs, rtol=1e-6, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.parametrize("fields", [{}, {"activation": "relu", "residual": "identity"}, {"normalization": "layer"}])
def test_a_snapshots_histograms_hold_what_the_pass_gives(fields):
    spec = network(**fields)
    parameters, inputs, targets = first_batch(spec)
    passed = forward(spec, parameters, inputs)
    _, at_outputs = LOSSES[MOONS.loss].value_and_gradient(passed.outputs, targets)
    gradients = backprop(spec, parameters, inputs, at_outputs)
    seen = next(train(spec, MOONS, steps=3, **SMALL)).distributions
    assert seen.layers == (1, 2, 3, 4)
    same(seen, "activations", 3, passed.outputs)
    for layer in range(4):
        same(seen, "gradients", layer, gradients.pre_activations[layer])
        same(seen, "weight_gradients", layer, gradients.weights[layer])
        same(seen, "weights", layer, parameters.weights[layer])


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_gradients_of_a_step_and_updates_of_three_are_pytorchs(optimizer):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    spec = network(activation="relu")
    ours = [s.distributions for s in train(spec, MOONS, optimizer, 3, 0.01, **SMALL)]
    theirs = torch_layers(torch, initialize(spec, SMALL["seed"], MOONS.train_inputs), learned_gates=False)
    stepper = torch_optimizer(torch, optimizer, [v for own in theirs for v in own.values() if v is not None], 0.01)
    chosen = batches(len(MOONS.train_inputs), SMALL["batch_size"], SMALL["seed"])
    for seen, batch in zip(ours, islice(chosen, 4), strict=True):
        for own in theirs:
            own.pop("pre_activations", None)
        outputs = torch_forward(torch, spec, theirs, torch.tensor(MOONS.train_inputs[batch]))
        targets = torch.tensor(MOONS.train_targets[batch], dtype=torch.float64)
        stepper.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], targets).backward()
        before = [own["weights"].detach().clone() for own in theirs]
        stepper.step()
        for layer, own in enumerate(theirs):
            same(seen, "gradients", layer, own["pre_activations"].grad.numpy())
            same(seen, "weight_gradients", layer, own["weights"].grad.numpy())
            update = own["weights"].detach() - before[layer]
            expected = float((update.std() / before[layer].std()).log10())
            assert seen.update_to_data[layer] == pytest.approx(expected, abs=1e-6)


def test_a_deep_wide_long_run_keeps_a_bounded_part():
    spec = network(depth=16, width=24)
    run = list(train(spec, MOONS, steps=24, batch_size=16, n_snapshots=24))
    seen = [snapshot.distributions for snapshot in run]
    there = [one for one in seen if one]
    assert len(there) == MOST_MOMENTS
    assert seen[0]
    assert seen[-1]
    for one in there:
        assert len(one.layers) == MOST_LAYERS
        assert (one.layers[0], one.layers[-1]) == (1, 16)
        assert one.counts.shape == (len(KINDS), MOST_LAYERS, BINS)
        assert one.n.max() == MOST_NUMBERS
        np.testing.assert_array_equal(one.counts.sum(axis=2) + one.zeros + one.non_finite, one.n)
    assert len(pickle.dumps(there)) < MOST_MOMENTS * len(KINDS) * MOST_LAYERS * (4 * BINS + 100)
    again = pickle.loads(pickle.dumps(there[3]))
    np.testing.assert_array_equal(again.counts, there[3].counts)


def test_a_sample_is_spread_like_the_whole():
    spec = network(width=64, depth=3)
    seen = next(train(spec, MOONS, steps=1, batch_size=64)).distributions
    weights = initialize(spec, 42).weights[1]
    found = seen.histogram("weights", 1)
    whole = histogram(weights, BINS, (found.edges[0], found.edges[-1]))
    assert found.n == MOST_NUMBERS < whole.n
    # Kolmogorov and Smirnov's bound for one in a thousand.
    apart = np.abs(np.cumsum(found.counts) / found.n - np.cumsum(whole.counts) / whole.n).max()
    assert apart < 1.95 / np.sqrt(MOST_NUMBERS)


def test_nothing_moves_at_a_rate_of_0_and_an_exploding_run_counts_what_is_not_finite():
    still = next(train(network(), MOONS, steps=1, learning_rate=0)).distributions
    assert (still.update_to_data == -np.inf).all()
    *_, end = train(network(activation="identity", weight_scale=100), MOONS, steps=9, learning_rate=1)
    assert end.divergence
    assert end.distributions.non_finite.any()
    full = end.distributions.counts.sum(axis=2) + end.distributions.zeros + end.distributions.non_finite
    np.testing.assert_array_equal(full, end.distributions.n)


def test_one_odd_number_among_many_goes_to_the_outermost_bin():
    spec = network()
    vector = flatten(spec, initialize(spec, 1))
    passes = Passes(spec, vector, LOSSES[MOONS.loss], 16)
    watch = Watch(spec, vector, passes)
    before = watch()
    vector[20] = 1e300
    after = watch()
    kind = KINDS.index("weights")
    assert after.limits[kind].max() < 100 * before.limits[kind].max()
    np.testing.assert_array_equal(after.counts[kind].sum(axis=1), before.counts[kind].sum(axis=1))
