from dataclasses import fields, replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, kata
from vanish.choices import ACTIVATIONS, CLIPPINGS, INITIALIZERS
from vanish.choices.clippings import NORM_EPSILON
from vanish.choices.inputs import example_inputs
from vanish.measure.remedies import (
    NETWORK_REMEDIES,
    REMEDIES,
    clipped,
    comparison_inputs,
    decades,
    improves,
    ladder,
    matched_initializer,
    measured_ratios,
    smallest_batch,
    treated,
    untreated,
)
from vanish.numerics.lcg import ensemble_seeds

SEEDS = ensemble_seeds(42, 21)
KATA = NetworkSpec()
VARIANTS = [(name, variant) for name, entry in REMEDIES.items() for variant in entry.variants]


def measured(spec, inputs=None, seeds=SEEDS):
    return decades(measured_ratios(spec, seeds, inputs))


def test_the_table_has_the_katas_six_in_its_order():
    assert [entry.title.split()[0].lower()[:4] for entry in REMEDIES.values()] == [
        "relu", "resi", "xavi", "norm", "grad", "gate",
    ]  # fmt: skip
    assert len(REMEDIES) == len(kata.REMEDIES)
    for entry in REMEDIES.values():
        assert entry.default in entry.variants
        assert all(entry.sentence.endswith(end) and entry.catch.endswith(end) for end in ".")


@given(
    st.sampled_from(VARIANTS),
    st.sampled_from(list(ACTIVATIONS)),
    st.integers(1, 100),
    st.integers(1, 12),
    st.sampled_from(list(INITIALIZERS)),
)
def test_every_variant_makes_a_network_of_every_network(chosen, activation, depth, width, initializer):
    name, variant = chosen
    shape = ACTIVATIONS[activation].shape
    spec = NetworkSpec(
        depth=depth, width=width, activation=activation, initializer=initializer,
        activation_shape=shape.high if shape else None,
    )  # fmt: skip
    changes = REMEDIES[name].changes(spec, variant)
    after = replace(spec, **changes)
    assert set(changes) <= {f.name for f in fields(NetworkSpec)}
    assert bool(changes) == (REMEDIES[name].acts_on == "network")
    assert replace(after, **REMEDIES[name].changes(after, variant)) == after
    if changes:
        meant = {"matched": ACTIVATIONS[activation].initializer, "xavier_sigmoid": "xavier_uniform"}
        assert getattr(after, REMEDIES[name].setting) == meant.get(variant, variant)
    assert measured_ratios(after, [3]).shape == (1,)


def test_what_clipping_sets_is_what_training_takes():
    assert set(REMEDIES["clipping"].variants) == set(CLIPPINGS) - {"none"}


@pytest.mark.parametrize("name", NETWORK_REMEDIES)
def test_each_remedy_alone_helps_the_katas_sigmoid_network(name):
    after = treated(KATA, [name])
    inputs = comparison_inputs(KATA, after)
    before = measured(KATA, inputs)
    assert before == pytest.approx(-8.4, abs=0.2)
    # Xavier's buys two of eight decades, residual connections and batch norm nearly all.
    least = {"relu": 3, "residual": 6, "initialization": 1.5, "normalization": 6}[name]
    assert improves(before, measured(after, inputs))
    assert measured(after, inputs) - before > least


@pytest.mark.parametrize("variant", [v for name, v in VARIANTS if name == "relu" and v != "relu"])
def test_all_of_the_relu_family_help_and_none_cures(variant):
    after = measured(treated(KATA, ["relu"], {"relu": variant}))
    assert measured(KATA) + 2 < after < -1


def test_relu_on_the_single_output_is_off_in_half_of_all_networks():
    first, *_, last = ladder(KATA, ["relu"], {"relu": "relu"}, ensemble_seeds(42, 101))
    assert first.lost == 0
    assert last.lost == pytest.approx(0.5, abs=0.12)


def test_he_keeps_a_relu_network_at_any_depth_and_xavier_no_sigmoid():
    ends = {}
    for depth in (10, 30):
        wide = NetworkSpec(depth=depth, width=128)
        he, xavier = treated(wide, ["relu", "initialization"]), treated(wide, ["initialization"])
        assert (he.initializer, xavier.initializer) == ("he_uniform", "xavier_uniform")
        ends[depth] = measured(he), measured(xavier)
    he, xavier = (after - before for before, after in zip(ends[10], ends[30], strict=True))
    # The squared gradient is multiplied by chi = 1 and 0.055721 (ReLU under He, sigmoid under Xavier) a layer.
    assert he == pytest.approx(0, abs=0.7)
    assert xavier == pytest.approx(20 * np.log10(0.055721) / 2, rel=0.05)


def test_matched_initialisers_are_those_of_the_papers():
    assert matched_initializer("relu") == matched_initializer("gelu") == "he_uniform"
    assert matched_initializer("tanh") == matched_initializer("sigmoid") == "xavier_uniform"
    assert matched_initializer("selu") == "lecun_normal"
    # ReLU6 passes on what a rectifier does only up to 6, and PReLU starts by passing on a quarter of the rest.
    soft = ("relu6", "prelu", "sin")
    for name, entry in ACTIVATIONS.items():
        assert matched_initializer(name) in INITIALIZERS
        assert entry.rectifies == (name not in soft and matched_initializer(name) != "xavier_uniform")
    with pytest.raises(ValueError, match="activation must be one of sigmoid"):
        matched_initializer("step")


@pytest.mark.slow
def test_batch_norm_makes_deep_relu_networks_explode():
    # Yang et al. 2019: pi / (pi - 1) a layer in squared gradient.
    spec = NetworkSpec(
        depth=50, width=128, n_outputs=128, activation="relu", initializer="he_normal", linear_output=True
    )
    after = treated(spec, ["normalization"])
    inputs = np.random.default_rng(0).standard_normal((128, 4))
    far = measured(after, inputs, SEEDS[:3])
    assert not improves(measured(spec, inputs, SEEDS[:3]), far)
    near = measured(replace(after, depth=30), inputs, SEEDS[:3])
    assert 10 ** (2 * (far - near) / 20) == pytest.approx(np.pi / (np.pi - 1), rel=0.05)


def test_batch_norm_over_one_example_passes_nothing_and_comparisons_know():
    after = treated(KATA, ["normalization"])
    assert measured(after, example_inputs(4, 1)) == -np.inf
    assert smallest_batch(KATA) == 1
    assert smallest_batch(KATA, after) == len(comparison_inputs(KATA, after)) == 32
    assert len(comparison_inputs(after, batch_size=50)) == 50
    assert smallest_batch(treated(KATA, ["normalization"], {"normalization": "layer"})) == 1


def test_the_first_rung_is_the_katas_number():
    rung, *_ = ladder(KATA, inputs=kata.KATA_INPUTS)
    sizes = kata.gradient_magnitudes("sigmoid")
    assert 10**rung.decades == pytest.approx(sizes[0] / sizes[-1], rel=1e-12)
    assert (rung.remedy, rung.variant, rung.step, rung.lost) == (None, None, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 10, 50])
def test_the_order_matters_but_neither_the_end_nor_the_sum_does(depth):
    spec = NetworkSpec(depth=depth)
    ladders = [ladder(spec, order, seeds=SEEDS[:5]) for order in permutations(NETWORK_REMEDIES)]
    for rungs in ladders:
        assert rungs[-1].spec == ladders[0][-1].spec
        assert rungs[-1].decades == ladders[0][-1].decades
        assert sum(rung.step for rung in rungs) == pytest.approx(rungs[-1].decades - rungs[0].decades, abs=1e-9)
    bought = {round(rung.step, 6) for rungs in ladders for rung in rungs if rung.remedy == "residual"}
    assert len(bought) > (3 if depth > 2 else 0)


def test_an_initialiser_is_matched_again_when_the_activation_changes():
    xavier, he = ladder(KATA, ["initialization", "relu"])[1:]
    assert (xavier.spec.initializer, he.spec.initializer) == ("xavier_uniform", "he_uniform")


def test_residual_connections_under_relu_and_he_explode_with_depth():
    deep = treated(NetworkSpec(depth=50), ["relu", "initialization"])
    assert measured(treated(deep, ["residual"])) > 5
    assert abs(measured(treated(deep, ["residual"], {"residual": "scaled"}))) < 1.5


def test_rezero_with_as_many_inputs_as_units_is_seen_in_the_stream_only():
    spec = NetworkSpec(width=4, residual="rezero")
    assert decades(measured_ratios(spec, SEEDS)) == -np.inf
    assert decades(measured_ratios(spec, SEEDS, magnitude="stream")) > -1.5


def test_dead_and_overflowing_networks_are_results():
    rungs = ladder(NetworkSpec(weight_scale=0), ["relu"])
    assert rungs[0].decades == -np.inf
    assert np.isnan(rungs[1].step)
    assert rungs[0].lost == 1
    huge = NetworkSpec(depth=200, width=16, activation="relu", initializer="he_uniform", weight_scale=100)
    assert ladder(huge, [])[0].lost == 1


def test_nearer_to_a_ratio_of_1_is_better():
    assert improves(-8, 2)
    assert not improves(-1, 3)
    assert improves(-np.inf, -300)
    assert improves(np.nan, -300)
    assert not improves(-300, np.nan)
    assert not improves(np.nan, np.nan)


def test_untreated_is_the_kata_at_the_same_size():
    spec = NetworkSpec(
        depth=7, width=5, n_inputs=3, n_outputs=2, activation="elu", activation_shape=0.5, initializer="lsuv",
        weight_scale=2, bias_std=1, normalization="rms", residual="rezero", linear_output=True,
    )  # fmt: skip
    assert untreated(spec) == NetworkSpec(depth=7, width=5, n_inputs=3, n_outputs=2, linear_output=True)


@given(st.integers(0, 2**64 - 1), st.floats(-12, 2), st.sampled_from(["none", "batch"]), st.booleans())
def test_clipping_by_norm_leaves_the_ratio_as_it_was(seed, power, normalization, exploding):
    explosive = {"activation": "relu", "initializer": "he_uniform", "residual": "rezero", "weight_scale": 2.0}
    spec = NetworkSpec(n_outputs=8, normalization=normalization, **(explosive if exploding else {}))
    cut = clipped(spec, seed, limit=10**power)
    factor = min(1, 10**power / (cut.length_before + NORM_EPSILON))
    np.testing.assert_allclose(cut.after, factor * cut.before, rtol=1e-12)
    assert cut.length_after <= 10**power * (1 + 1e-12)
    with np.errstate(all="ignore"):
        ratios = [sizes[0] / sizes[-1] for sizes in (cut.before, cut.after)]
    np.testing.assert_allclose(ratios[1], ratios[0], rtol=1e-12)


def test_clipping_by_value_does_not():
    cut = clipped(KATA, 42, clipping="value", limit=1e-3)
    before, after = (sizes[0] / sizes[-1] for sizes in (cut.before, cut.after))
    assert after > 10 * before
    assert cut.after[0] == cut.before[0]


def test_clipping_keeps_the_length_of_tiny_gradients():
    cut = clipped(NetworkSpec(depth=200), 42)
    assert 0 < cut.after[0] < 1e-150


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: REMEDIES["relu"].changes(KATA, "tanh"), "variant must be one of relu"),
        (lambda: treated(KATA, ["clipping"]), "names must be one of relu, residual, initialization, normalization"),
        (lambda: treated(KATA, ["relu"], {"leeches": "all"}), "variants must be one of relu"),
        (lambda: ladder(KATA, ["relu", "relu"]), "order must be names of remedies, none twice"),
        (lambda: ladder(KATA, seeds=[]), "seeds must be a sequence of 1 to 100000 whole numbers, got 0"),
        (lambda: clipped(KATA, 1, clipping="hair"), "clipping must be one of none, norm, value"),
        (lambda: clipped(KATA, 1, limit=-1), "limit must be a number from 0 to 1e\\+06"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
