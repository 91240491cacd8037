from dataclasses import replace

import numpy as np
import pytest

from vanish import NetworkSpec, diagnose, forward, gradient_flow, initialize
from vanish.choices import INITIALIZERS, example_inputs
from vanish.choices.initializers import unit_uniform
from vanish.network.initialize import draw_layers
from vanish.theory import critical_weight_scale, signal_propagation

TABLE = pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=INITIALIZERS)
# The published variances of one weight, from fan_in and fan_out.
PUBLISHED = {
    "kata": lambda fan_in, fan_out: 2 / (fan_in + fan_out) / 3,
    "xavier_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "xavier_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "torch_default": lambda fan_in, fan_out: 1 / (3 * fan_in),
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
    "orthogonal": lambda fan_in, fan_out: 1 / max(fan_in, fan_out),
    "zeros": lambda fan_in, fan_out: 0.0,
    "siren": lambda fan_in, fan_out: 2 / fan_in / 30**2,
}
UNIFORM = [name for name, entry in INITIALIZERS.items() if entry.stream is unit_uniform and not entry.uses_bounds]


@TABLE
def test_weights_have_the_variance_that_the_table_says(initializer):
    spec = NetworkSpec(depth=3, width=200, n_inputs=120, initializer=initializer.name)
    # Data-dependent scaling comes on top of what the table says, and has a test of its own.
    drawn, _ = draw_layers(spec, [7], initializer)
    for weights in drawn[:2]:
        _, fan_out, fan_in = weights.shape
        expected = initializer.weight_variance(fan_in, fan_out, first=weights is drawn[0])
        assert weights.var() == pytest.approx(expected, rel=0.04)
        assert abs(weights.mean() - initializer.weight_mean()) <= 3 * weights.std() / np.sqrt(weights.size) * 1.5


@pytest.mark.parametrize("name", PUBLISHED)
def test_variances_are_the_published_ones_on_layers_that_are_not_square(name):
    for fan_in, fan_out in ((4, 8), (300, 50), (8, 1)):
        expected = PUBLISHED[name](fan_in, fan_out)
        assert INITIALIZERS[name].weight_variance(fan_in, fan_out) == pytest.approx(expected, rel=1e-12)


def test_torch_default_fills_its_half_width_and_no_other_initialiser_has_biases():
    spec = {"depth": 2, "width": 400, "n_inputs": 100, "n_outputs": 400}
    ours = initialize(NetworkSpec(**spec, initializer="torch_default"), 1)
    for weights, biases, half_width in zip(ours.weights, ours.biases, (1 / 10, 1 / 20), strict=True):
        assert 0.99 * half_width < np.abs(weights).max() <= half_width
        assert 0.95 * half_width < np.abs(biases).max() <= half_width
    for name in INITIALIZERS.keys() - {"torch_default"}:
        assert not any(b.any() for b in initialize(NetworkSpec(**spec, initializer=name), 1).biases)


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_initialisers_rescale_one_and_the_same_network(name):
    shared = {"depth": 4, "width": 6}
    kata = initialize(NetworkSpec(**shared, initializer="kata"), 42)
    other = initialize(NetworkSpec(**shared, initializer=name), 42)
    for a, b in zip(kata.weights, other.weights, strict=True):
        np.testing.assert_allclose(b / a, np.full_like(a, (b / a).flat[0]), rtol=1e-12)


@TABLE
def test_stacked_networks_are_the_single_ones(initializer):
    spec = NetworkSpec(depth=3, width=5, initializer=initializer.name)
    stacked = initialize(spec, [5, 2**63])
    for member, seed in enumerate((5, 2**63)):
        alone = initialize(spec, seed)
        for kind in ("weights", "biases"):
            for a, b in zip(getattr(stacked, kind), getattr(alone, kind), strict=True):
                np.testing.assert_array_equal(a[member], b)


@TABLE
def test_another_seed_is_another_network(initializer):
    spec = NetworkSpec(initializer=initializer.name)
    first, again, other = (initialize(spec, seed).weights[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    if initializer.name != "zeros":
        assert not np.isin(first, other).any()


@TABLE
def test_weight_scale_multiplies_every_weight(initializer):
    plain, scaled = (
        initialize(NetworkSpec(initializer=initializer.name, weight_scale=s), 3).weights[1] for s in (1, 2.5)
    )
    np.testing.assert_allclose(scaled, 2.5 * plain, rtol=1e-14)


def test_torch_default_starts_as_torch_linear_does():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    theirs = torch.nn.Linear(150, 200, dtype=torch.float64)
    ours = initialize(NetworkSpec(depth=3, width=200, n_inputs=150, initializer="torch_default"), 1)
    for mine, its in ((ours.weights[0], theirs.weight), (ours.biases[0], theirs.bias)):
        its = its.detach().numpy()
        assert mine.shape == its.shape
        assert np.abs(mine).max() <= 1 / np.sqrt(150)
        assert np.abs(mine).max() == pytest.approx(np.abs(its).max(), rel=0.03)
        assert mine.std() == pytest.approx(its.std(), rel=0.15)


def test_the_katas_initialisation_is_torchs_default_on_square_layers():
    kata, torch = INITIALIZERS["kata"], INITIALIZERS["torch_default"]
    assert kata.weight_variance(64, 64) == pytest.approx(torch.weight_variance(64, 64))
    assert kata.weight_variance(64, 64) == pytest.approx(INITIALIZERS["xavier_uniform"].weight_variance(64, 64) / 3)
    assert kata.weight_variance(64, 64) == pytest.approx(INITIALIZERS["he_normal"].weight_variance(64, 64) / 6)


@pytest.mark.parametrize(
    ("name", "ratio"), [("kata", "3.7e-05"), ("xavier_uniform", "5.2e-03"), ("he_uniform", "8.8e-02")]
)
def test_scaling_the_same_numbers_cures_leaky_relu(name, ratio):
    table = gradient_flow(NetworkSpec(activation="leaky_relu", initializer=name), 42)
    assert f"{diagnose(table.mean_abs).ratio:.1e}" == ratio


def test_biases_come_from_numbers_that_no_weight_used():
    parameters = initialize(NetworkSpec(initializer="torch_default", depth=2, width=4, n_inputs=4, n_outputs=4), 9)
    drawn = np.concatenate([parameters.weights[0].ravel(), parameters.biases[0]])
    assert len(np.unique(drawn)) == drawn.size


@pytest.mark.parametrize(("fan_out", "fan_in"), [(6, 6), (9, 4), (3, 7)])
def test_orthogonal_weights_neither_stretch_nor_shrink(fan_out, fan_in):
    spec = NetworkSpec(depth=1, n_inputs=fan_in, n_outputs=fan_out, initializer="orthogonal")
    (w,) = initialize(spec, 4).weights
    gram = w @ w.T if fan_out <= fan_in else w.T @ w
    np.testing.assert_allclose(gram, np.eye(min(fan_out, fan_in)), atol=1e-14)


def test_orthogonal_weights_are_evenly_distributed():
    # Without its signs taken out, LAPACK's Q has a first entry of one sign only.
    spec = NetworkSpec(depth=1, n_inputs=3, n_outputs=3, initializer="orthogonal")
    (w,) = initialize(spec, range(2000)).weights
    np.testing.assert_allclose(w.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose((w**2).mean(axis=0), 1 / 3, atol=0.03)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_lsuv_gives_every_layer_pre_activations_of_variance_one(activation, normalization):
    spec = NetworkSpec(
        depth=30, width=20, n_outputs=5, activation=activation, initializer="lsuv", normalization=normalization
    )
    inputs = example_inputs(4, 64, "uniform")
    parameters = initialize(spec, [1, 2], inputs)
    layers = forward(spec, parameters, inputs).layers
    for layer, w in zip(layers, parameters.weights, strict=True):
        z = layer.inputs @ w.swapaxes(-1, -2)
        np.testing.assert_allclose(z.var(axis=(-2, -1)), 1, rtol=1e-10)


def test_lsuv_leaves_a_layer_that_does_not_vary_as_it_is():
    spec = NetworkSpec(initializer="lsuv")
    for w in initialize(spec, 1, [[0.0, 0.0, 0.0, 0.0]]).weights:
        assert np.isfinite(w).all()
        assert w.any()


def test_zeros_give_no_gradient_below_the_last_layer():
    table = gradient_flow(NetworkSpec(initializer="zeros", activation="sigmoid"))
    assert list(table.mean_abs > 0) == [False] * 9 + [True]


def test_normal_takes_the_deviation_that_is_set():
    spec = NetworkSpec(depth=2, width=512, n_inputs=512, initializer="normal", weight_std=0.03)
    assert initialize(spec, 1).weights[0].std() == pytest.approx(0.03, rel=0.01)


def test_siren_spreads_its_inputs_over_waves_and_then_keeps_a_variance_near_1():
    # Sitzmann et al. 2020, theorem 1.8: coordinates from -1 to 1, a first layer of many periods, then variance 1.
    spec = NetworkSpec(depth=3, width=400, n_inputs=2, activation="sin", initializer="siren")
    parameters = initialize(spec, 3)
    assert np.abs(parameters.weights[0]).max() == pytest.approx(1 / 2, rel=1e-2)
    assert np.abs(parameters.weights[1]).max() == pytest.approx(np.sqrt(6 / 400) / 30, rel=1e-3)
    first, second, _ = forward(spec, parameters, np.random.default_rng(1).uniform(-1, 1, (200, 2))).layers
    assert np.square(first.value).mean() == pytest.approx(1 / 2, rel=0.05)
    assert (30 * second.activated).std() == pytest.approx(1, rel=0.05)
    # A bell curve of variance q leaves q' = 1 - exp(-2 q), which comes to rest at 0.797.
    deep = replace(spec, depth=30)
    assert 900 * signal_propagation(deep, np.full((1, 2), 0.7)).variance.iloc[-2] == pytest.approx(0.7968, abs=1e-4)


def test_a_truncated_normal_ends_at_two_stds_and_is_not_scaled_back_up():
    spec = NetworkSpec(depth=2, width=300, n_inputs=300, initializer="trunc_normal", weight_std=0.1)
    weights = initialize(spec, 1).weights[0]
    assert 0.199 < np.abs(weights).max() <= 0.2
    # Keras corrects by 0.87962566 where it does (VarianceScaling).
    assert weights.std() == pytest.approx(0.1 * 0.87962566, rel=5e-3)
    assert spec.weight_variance(300, 300) == pytest.approx((0.1 * 0.87962566103423978) ** 2, rel=1e-12)


def test_a_shallow_truncated_network_is_the_beginning_of_a_deeper_one():
    shallow, deep = (initialize(NetworkSpec(depth=d, width=9, initializer="trunc_normal"), 5) for d in (2, 30))
    np.testing.assert_array_equal(shallow.weights[0], deep.weights[0])


def test_a_truncated_normal_is_torchs():
    torch = pytest.importorskip("torch")
    theirs = torch.nn.init.trunc_normal_(torch.empty(100_000), std=0.1, a=-0.2, b=0.2).numpy()
    ours = initialize(NetworkSpec(depth=1, n_inputs=400, n_outputs=250, initializer="trunc_normal", weight_std=0.1), 1)
    quantiles = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(np.quantile(ours.weights[0], quantiles), np.quantile(theirs, quantiles), atol=3e-3)


def test_uniform_weights_fill_their_bounds():
    spec = NetworkSpec(depth=2, width=200, n_inputs=100, initializer="uniform", weight_scale=2)
    weights = initialize(spec, 1).weights[0]
    assert 0 <= weights.min() < 1e-3
    assert 2 - 1e-3 < weights.max() <= 2
    one = initialize(replace(spec, uniform_low=-0.3, uniform_high=-0.3), 1).weights[1]
    np.testing.assert_allclose(one, -0.6)


def test_the_bounds_of_uniform_weights_stand_in_order():
    with pytest.raises(ValueError, match=r"uniform_low must be at most uniform_high, 0\.5, got 1"):
        NetworkSpec(uniform_low=1, uniform_high=0.5)


def test_weights_from_0_to_1_saturate_sigmoids_and_have_no_theory():
    # The classic mistake: a sum of 64 positive terms is far out on the sigmoid's flat side.
    spec = NetworkSpec(depth=5, width=64, initializer="uniform")
    activated = forward(spec, initialize(spec, 1), example_inputs(4, 8)).layers[2].activated
    assert activated.min() > 5
    assert gradient_flow(spec, 1).mean_abs[0] < 1e-20
    assert signal_propagation(spec).drop(columns="layer").isna().all(axis=None)
    assert np.isnan(critical_weight_scale(spec))
    even = replace(spec, uniform_low=-1.0)
    np.testing.assert_allclose(
        signal_propagation(even).rms,
        signal_propagation(replace(even, initializer="normal", weight_std=np.sqrt(1 / 3))).rms,
    )


@pytest.mark.parametrize("name", [name for name, entry in INITIALIZERS.items() if not entry.unit_variance])
def test_a_layers_own_draw_is_a_networks_first_layer(name):
    spec = NetworkSpec(depth=1, n_inputs=5, n_outputs=3, initializer=name, weight_std=0.3, uniform_low=-0.2)
    entry, bounds = INITIALIZERS[name], (-0.2, 1.0)
    drawn = entry.draw([1, np.uint8(2)], np.uint8(5), 3, 0.3, bounds, first=True)
    for own, seed in zip(drawn, (1, 2), strict=True):
        np.testing.assert_array_equal(own, initialize(spec, seed).weights[0])
        np.testing.assert_array_equal(own, entry.draw(seed, 5, 3, 0.3, bounds, first=True))
