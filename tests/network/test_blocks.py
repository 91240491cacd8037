"""Residual blocks of one matrix and of two, and norms before the weights, before the activation and after the sum."""

from dataclasses import replace
from itertools import cycle, islice, product
from math import e, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
from central import assert_central
from networks import batch, crossed, flat_gradients, stirred
from torch_twins import assert_autograd

from vanish import NetworkSpec, backprop, forward, initialize
from vanish.choices import ACTIVATIONS, BLOCKS, NORM_PLACES, NORMALIZATIONS, RESIDUALS
from vanish.choices.losses import LOSSES
from vanish.network.flat import Passes, flatten, unflatten, with_ones
from vanish.network.low_precision import StoredNetwork
from vanish.network.prediction import fold_batch_norm, predict


def covering(block, norm_place, residual):
    """Specs of every normalisation, 7 hidden layers (6 square ones, or an odd 5), activations in turns."""
    start = 4 * list(product(BLOCKS, NORM_PLACES, RESIDUALS)).index((block, norm_place, residual))
    activations = islice(cycle(ACTIVATIONS), start, None)
    for number, (normalization, activation) in enumerate(zip(NORMALIZATIONS, activations, strict=False)):
        yield NetworkSpec(
            depth=5 + number % 2,
            width=3,
            n_inputs=2 + number // 2,
            n_outputs=2,
            activation=activation,
            initializer="xavier_normal",
            normalization=normalization,
            residual=residual,
            bias_std=0.3,
            linear_output=bool(number % 2),
            block=block,
            norm_place=norm_place,
        )


EVERY_BLOCK = pytest.mark.parametrize(
    ("block", "norm_place", "residual"), list(product(BLOCKS, NORM_PLACES, RESIDUALS))
)


@EVERY_BLOCK
def test_backprop_agrees_with_central_differences(block, norm_place, residual):
    for spec in covering(block, norm_place, residual):
        assert_central(spec, batch(spec, 4), np.random.default_rng(1).standard_normal((4, 2)))


@EVERY_BLOCK
def test_backprop_agrees_with_torch_autograd(block, norm_place, residual):
    torch = pytest.importorskip("torch")
    for spec in covering(block, norm_place, residual):
        wide = replace(spec, width=9)
        assert_autograd(torch, wide, stirred(wide, 5), batch(wide, 7), np.random.default_rng(1).standard_normal((7, 2)))


@EVERY_BLOCK
def test_buffered_passes_are_the_networks_own(block, norm_place, residual):
    loss, targets = LOSSES["softmax"], np.arange(7) % 2
    for spec in covering(block, norm_place, residual):
        # With as many inputs as units the first layer is in a block as well.
        for own in (replace(spec, width=6), replace(spec, n_inputs=3)):
            vector = flatten(own, stirred(own, 2))
            parameters, inputs = unflatten(own, vector), batch(own, 7)
            passes = Passes(own, vector, loss, 7)
            passes(with_ones(batch(own, 7, seed=9)), targets)  # what an earlier batch leaves behind must not show
            value = passes(with_ones(inputs), targets)
            expected, gradient = loss.value_and_gradient(forward(own, parameters, inputs).outputs, targets)
            assert value == pytest.approx(expected, rel=1e-12)
            its = backprop(own, parameters, inputs, gradient)
            largest = max(np.abs(w).max() for w in its.weights)
            np.testing.assert_allclose(passes.gradient, flat_gradients(own, its), rtol=1e-8, atol=1e-11 * largest)


@EVERY_BLOCK
def test_fixed_statistics_of_the_batch_itself_change_nothing(block, norm_place, residual):
    for spec in covering(block, norm_place, residual):
        parameters, inputs = stirred(spec, 3), batch(spec, 9)
        outputs = forward(spec, parameters, inputs).outputs
        np.testing.assert_allclose(predict(spec, parameters, inputs, inputs), outputs, rtol=1e-9, atol=1e-12)
        fixed, folded = fold_batch_norm(spec, parameters, inputs)
        for one, together in zip(inputs, outputs, strict=True):
            np.testing.assert_allclose(forward(fixed, folded, one).outputs[0], together, rtol=1e-9, atol=1e-12)


def stream_rms(spec, seeds, inputs):
    """RMS of what the output layer is given, the root of the mean square over networks."""
    squares = [np.square(forward(spec, initialize(spec, seed), inputs).layers[-1].inputs).mean() for seed in seeds]
    return sqrt(np.mean(squares))


def stack(n_layers, **fields):
    """A ReLU network of He weights, 64 wide: ``n_layers`` in blocks from the inputs on, then a linear output."""
    return NetworkSpec(
        **{"depth": n_layers + 1, "width": 64, "n_inputs": 64, "activation": "relu", "initializer": "he_normal"}
        | {"residual": "scaled", "linear_output": True}
        | fields
    )


NORMAL = np.random.default_rng(3).standard_normal((64, 64))


@pytest.mark.slow
@pytest.mark.parametrize("n_layers", [10, 50, 100, 198])
def test_two_matrices_with_a_linear_end_keep_the_sum_at_one_size(n_layers):
    # Layers are weight layers, n_layers / 2 blocks, and the scale is 1 / sqrt(n_layers): under He's initialisation a
    # branch has twice the sum's variance, so that each of the L blocks multiplies it by 1 + 1 / L.  Inputs have
    # variance 1.  One network of 64 units scatters by about 5 % (1.60, 1.59, 1.62, 1.59 in one report); these are 12.
    measured, blocks = stream_rms(stack(n_layers, block="two"), range(12), NORMAL), n_layers // 2
    assert measured == pytest.approx((1 + 1 / blocks) ** (blocks / 2), rel=0.04)
    assert measured == pytest.approx(1.6, abs=0.09)
    assert measured < sqrt(e) * 1.04


@pytest.mark.parametrize(("n_layers", "size"), [(10, 2.96), (50, 27.5), (100, 140), (199, 1400)])
def test_branches_that_are_never_negative_make_the_scaled_sum_grow(n_layers, size):
    assert stream_rms(stack(n_layers), range(6), NORMAL) == pytest.approx(size, rel=0.25)


@pytest.mark.parametrize("n_blocks", [1, 4, 20])
def test_orthogonal_linear_branches_have_the_closed_form(n_blocks):
    # A branch keeps variance, the scale's square is 1 / (2 L): (1 + 1 / (2 L))^L.
    spec = stack(2 * n_blocks, block="two", activation="identity", initializer="orthogonal")
    start = sqrt(np.square(NORMAL).mean())
    assert stream_rms(spec, range(12), NORMAL) == pytest.approx(
        start * (1 + 0.5 / n_blocks) ** (n_blocks / 2), rel=0.02
    )


def last_block_gradient(n_blocks, norm_place):
    """Length of dL/dW of the last block's last matrix, 128 wide, over seeds, when a random direction is asked for."""
    spec = NetworkSpec(
        depth=2 * n_blocks + 2,
        width=128,
        n_inputs=64,
        n_outputs=64,
        activation="relu",
        initializer="xavier_normal",
        normalization="layer",
        residual="identity",
        linear_output=True,
        block="two",
        norm_place=norm_place,
    )
    inputs, asked = NORMAL[:32], np.random.default_rng(5).standard_normal((32, 64))
    lengths = [
        np.linalg.norm(backprop(spec, initialize(spec, seed), inputs, asked).weights[2 * n_blocks]) for seed in range(3)
    ]
    return np.mean(lengths)


@pytest.mark.slow
@pytest.mark.parametrize(("norm_place", "exponent"), [("pre", -0.5), ("post", 0.0)])
def test_pre_norms_last_block_gets_less_the_deeper_the_network_and_post_norms_does_not(norm_place, exponent):
    # Xiong et al. 2020, theorem 1, for multilayer perceptrons; L = 6 is the first depth of the fit.
    depths = [6, 12, 24, 48]
    lengths = [last_block_gradient(n_blocks, norm_place) for n_blocks in depths]
    slope, _ = np.polyfit(np.log(depths), np.log(lengths), 1)
    assert slope == pytest.approx(exponent, abs=0.1)


def test_hidden_layers_pair_up_and_an_odd_one_is_left_over_at_the_end():
    for depth, n_inputs, blocks in (
        (8, 4, [[1, 2], [3, 4], [5, 6]]),
        (7, 4, [[1, 2], [3, 4]]),
        (5, 8, [[0, 1], [2, 3]]),
        (2, 4, []),
    ):
        spec = NetworkSpec(depth=depth, n_inputs=n_inputs, n_outputs=8, residual="identity", block="two")
        assert spec.blocks == blocks
        assert [layer for layer, one in enumerate(spec.layers) if one.closes] == [block[-1] for block in blocks]
        assert [layer for layer, one in enumerate(spec.layers) if one.linear] == [block[-1] for block in blocks]
        assert replace(spec, residual="none").blocks == []


def test_fixup_scales_inner_matrices_and_starts_the_last_ones_at_zero():
    spec = NetworkSpec(depth=18, width=16, activation="tanh", initializer="he_normal", residual="fixup", block="two")
    plain, fixup = (initialize(replace(spec, residual=kind), 7) for kind in ("identity", "fixup"))
    for layer, before, after in zip(spec.layers, plain.layers, fixup.layers, strict=True):
        # L^(-1 / (2 m - 2)) = 8^(-1/2)
        factor = 0 if layer.closes else 1 / sqrt(8) if layer.opens else 1
        np.testing.assert_allclose(after.weights, factor * before.weights, rtol=1e-14)
        assert after.gate == (1 if layer.closes else None)
    gradients = backprop(spec, fixup, batch(spec, 5))
    for layer, one in zip(spec.layers, gradients.layers, strict=True):
        assert np.abs(one.pre_activations).any() != layer.opens


def test_fixup_of_one_matrix_starts_all_of_it_at_zero():
    spec = NetworkSpec(depth=5, activation="tanh", initializer="xavier_normal", residual="fixup")
    assert [bool(w.any()) for w in initialize(spec, 1).weights] == [True, False, False, False, True]


@crossed(norm_place=NORM_PLACES, residual=["none", "identity", "fixup"])
def test_lsuv_brings_pre_activations_to_variance_one_in_blocks_as_well(residual, norm_place):
    spec = NetworkSpec(
        depth=8, width=32, n_inputs=6, activation="tanh", initializer="lsuv", residual=residual, block="two",
        normalization="layer", norm_place=norm_place, n_outputs=5,
    )  # fmt: skip
    inputs = batch(spec, 64)
    parameters = initialize(spec, 2, inputs)
    for layer, own, passed in zip(
        spec.layers, parameters.layers, forward(spec, parameters, inputs).layers, strict=True
    ):
        assert (passed.inputs @ own.weights.T).std() == pytest.approx(layer.residual_scale, rel=1e-10)


@pytest.mark.parametrize("normalization", ["layer", "rms"])
def test_norms_stand_where_their_place_says(normalization):
    fields = {"depth": 6, "width": 32, "activation": "relu", "initializer": "he_normal", "normalization": normalization}
    for residual, block, pre, post in (
        ("none", "one", [0, 32, 32, 32, 32, 32], [32, 32, 32, 32, 32, 0]),
        ("identity", "one", [0, 32, 32, 32, 32, 32], [32, 32, 32, 32, 32, 0]),
        ("identity", "two", [0, 32, 0, 32, 0, 32], [32, 0, 32, 0, 32, 0]),
    ):
        spec = NetworkSpec(**fields, residual=residual, block=block)
        assert [one.normalized_units for one in replace(spec, norm_place="pre").layers] == pre
        assert [one.normalized_units for one in replace(spec, norm_place="post").layers] == post
        own = replace(spec, norm_place="pre")
        for layer, passed in zip(own.layers, forward(own, initialize(own, 1), batch(own, 5)).layers, strict=True):
            if layer.normalized_units:
                assert np.square(passed.inputs).mean() == pytest.approx(1, rel=1e-3)
        own = replace(spec, norm_place="post")
        layers = forward(own, initialize(own, 1), batch(own, 5)).layers
        for layer, above in zip(own.layers, layers[1:], strict=False):
            if layer.normalized_units:
                assert np.square(above.inputs).mean() == pytest.approx(1, rel=1e-3)


def test_without_blocks_pre_norm_and_post_norm_are_one_network():
    spec = NetworkSpec(depth=6, activation="tanh", normalization="layer", norm_place="pre")
    other = replace(spec, norm_place="post")
    ours, its = (backprop(one, initialize(one, 4), batch(one, 5)) for one in (spec, other))
    np.testing.assert_allclose(ours.outputs, its.outputs, rtol=1e-13)
    np.testing.assert_allclose(ours.weights[0], its.weights[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("block", "block must be one of one, two, got 'three'"),
        ("norm_place", "norm_place must be one of activation, pre, post, got 'three'"),
    ],
)
def test_a_name_outside_the_tables_is_named(field, message):
    with pytest.raises(ValueError, match=message):
        NetworkSpec(**{field: "three"})


@EVERY_BLOCK
def test_a_format_that_loses_nothing_stores_the_networks_own_gradients(block, norm_place, residual):
    lossless = SimpleNamespace(round=lambda values: values)
    for spec in covering(block, norm_place, residual):
        inputs, asked = batch(spec, 6), np.random.default_rng(1).standard_normal((6, 2))
        stored = StoredNetwork(spec, stirred(spec, 4), inputs, asked, lossless)
        gradients = stored.gradients(stored.forward()[0], 1.0)
        expected = backprop(spec, stored.parameters, inputs, asked)
        for mine, its in zip(gradients, expected.layers, strict=True):
            np.testing.assert_allclose(mine.signal, its.pre_activations, rtol=1e-9, atol=1e-15)
            np.testing.assert_allclose(mine.arriving, its.outputs, rtol=1e-9, atol=1e-15)


def test_networks_of_one_structure_share_their_layers_and_others_have_their_own():
    spec = NetworkSpec(depth=12, residual="identity", block="two", normalization="batch")
    alike = replace(spec, weight_scale=2.0, bias_std=0.1, initializer="he_normal", activation="relu")
    assert alike.layers is spec.layers
    others = [
        replace(spec, depth=11),
        replace(spec, n_outputs=8),
        replace(spec, block="one"),
        replace(spec, residual="none"),
        replace(spec, residual="fixup"),
        replace(spec, norm_place="post"),
        replace(spec, normalization="none"),
        replace(spec, linear_output=True),
        replace(spec, activation="prelu"),
    ]
    assert all(one.layers != spec.layers for one in others)
