from dataclasses import replace

import numpy as np
import pytest

from vanish import NetworkSpec, forward, forward_profile, initialize, layer_activity, signal_propagation
from vanish.choices import example_inputs
from vanish.choices.inputs import unrelated_pair
from vanish.theory import expected_similarity

SPEC = NetworkSpec(depth=51, width=256, n_inputs=256, n_outputs=256, activation="relu", initializer="he_normal")


def test_relu_makes_unrelated_inputs_alike():
    x = np.ones(256)
    cosines = np.median([forward_profile(SPEC, seed, x)["cosine"] for seed in range(1, 8)], axis=0)
    np.testing.assert_allclose(cosines[[1, 4, 9, 29, 49]], [0.50, 0.74, 0.89, 0.98, 0.993], rtol=0.03)


@pytest.mark.parametrize(("activation", "bias_std"), [("relu", 0.0), ("tanh", 0.3), ("sigmoid", 0.1)])
def test_wide_networks_follow_theory(activation, bias_std):
    spec = replace(SPEC, depth=6, width=512, n_outputs=512, activation=activation, bias_std=bias_std)
    x = example_inputs(256, 8)
    tables = [forward_profile(spec, seed, x) for seed in range(1, 4)]
    theory = signal_propagation(spec, x)
    rms = float(np.sqrt(np.square(x).mean()))
    for column, expected in (
        ("std", theory["output_std"]),
        ("mean_square", theory["output_mean_square"]),
        ("cosine", expected_similarity(spec, rms)),
    ):
        measured = np.mean([table[column] for table in tables], axis=0)
        np.testing.assert_allclose(measured, expected, rtol=0.1, atol=0.05)


@pytest.mark.parametrize("norm_place", ["activation", "pre", "post"])
def test_sizes_are_those_of_the_outputs(norm_place):
    spec = NetworkSpec(depth=3, width=5, normalization="layer", residual="identity", norm_place=norm_place)
    x = example_inputs(4, 6)
    table = forward_profile(spec, 1, x)
    out = forward(spec, initialize(spec, 1, x), x).outputs
    assert table["std"].iloc[-1] == out.std()
    assert table["mean_square"].iloc[-1] == np.square(out).mean()
    activity = layer_activity(spec, 1, x)
    assert table[["saturated", "dead"]].equals(activity[["saturated", "dead"]])
    # One number cannot be compared in direction.
    assert np.isnan(table["cosine"].iloc[-1])


def test_what_cannot_be_compared_is_nan():
    x = example_inputs(4, 6)
    batch = forward_profile(NetworkSpec(depth=3, width=5, normalization="batch"), 1, x)
    dead = forward_profile(NetworkSpec(depth=3, width=5, activation="relu", weight_scale=0.0), 1, x)
    assert batch[["cosine", "correlation"]].isna().all(axis=None)
    assert dead[["cosine", "correlation"]].isna().all(axis=None)
    assert (dead["std"] == 0).all()


@pytest.mark.parametrize("n_inputs", [1, 2, 512])
def test_the_two_inputs_are_unrelated(n_inputs):
    pair = unrelated_pair(n_inputs)
    np.testing.assert_allclose(np.square(pair).mean(axis=1), 1)
    assert pair[0] @ pair[1] == pytest.approx(-1 if n_inputs == 1 else 0, abs=1e-10)
