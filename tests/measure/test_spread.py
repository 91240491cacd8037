from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, backprop, forward, initialize
from vanish.choices import NORM_PLACES, NORMALIZATIONS, RESIDUALS, example_inputs
from vanish.measure.forward import handed_on
from vanish.measure.spread import KINDS, layer_spreads

SPEC = NetworkSpec(depth=5, width=12, activation="relu", initializer="he_normal", bias_std=0.1)
INPUTS = example_inputs(4, 16)


def numbers(spec, seed, inputs, kind):
    """The same numbers by the engine's public calls."""
    parameters = initialize(spec, seed, inputs)
    passed = forward(spec, parameters, inputs)
    gradients = backprop(spec, parameters, inputs)
    return {
        "pre_activations": [layer.activated for layer in passed.layers],
        "activations": handed_on(passed),
        "gradients": gradients.pre_activations,
        "weight_gradients": gradients.weights,
        "weights": parameters.weights,
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
@given(
    depth=st.integers(1, 6),
    normalization=st.sampled_from(list(NORMALIZATIONS)),
    norm_place=st.sampled_from(list(NORM_PLACES)),
    residual=st.sampled_from(list(RESIDUALS)),
    common=st.booleans(),
)
def test_every_number_is_counted_once(kind, depth, normalization, norm_place, residual, common):
    spec = replace(SPEC, depth=depth, normalization=normalization, norm_place=norm_place, residual=residual)
    spreads = layer_spreads(spec, 3, INPUTS, kind, common=common)
    assert [one.layer for one in spreads] == list(range(1, depth + 1))
    for one, own in zip(spreads, numbers(spec, 3, INPUTS, kind), strict=True):
        seen = one.histogram
        assert seen.n == own.size
        assert seen.zeros == (own == 0).sum()
        assert seen.counts.sum() + seen.zeros == own.size
        assert one.rms == pytest.approx(np.sqrt(np.square(own).mean()), rel=1e-12)
    if common:
        assert all((one.histogram.edges == spreads[0].histogram.edges).all() for one in spreads)


def test_bins_stand_where_numbers_are():
    relu = layer_spreads(SPEC, 3, INPUTS, "activations")[0].histogram
    assert relu.edges[0] == 0
    assert relu.zeros > 0
    weights = layer_spreads(SPEC, 3, INPUTS, "weights")[0].histogram
    assert weights.edges[0] == -weights.edges[-1]


def test_what_overflows_is_counted_apart():
    spreads = layer_spreads(replace(SPEC, weight_scale=100), 3, 1e305 * INPUTS, "activations")
    lost = [one.histogram.non_finite for one in spreads]
    assert lost[0] == 0
    assert lost[-1] > 0
    for one in spreads:
        assert one.histogram.counts.sum() + one.histogram.zeros + one.histogram.non_finite == one.histogram.n
        assert np.isfinite(one.rms)


def test_layers_come_in_the_order_that_is_asked_for():
    assert [one.layer for one in layer_spreads(SPEC, 3, INPUTS, "gradients", layers=[5, 2])] == [5, 2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "slopes"}, "kind must be one of pre_activations, activations"),
        ({"layers": [6]}, "layers must be a whole number from 1 to 5, got 6"),
        ({"common": 1}, "common must be True or False"),
        ({"seed": -1}, "seed must be a whole number from 0"),
    ],
)
def test_bad_arguments_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        layer_spreads(**{"spec": SPEC, "seed": 1, "inputs": INPUTS, **changes})


def test_no_layer_lies_beyond_the_common_bins():
    # The output alone has a gradient of 1; it is one number of many hundreds.
    spreads = layer_spreads(SPEC, 3, INPUTS, "gradients", common=True)
    for one, own in zip(spreads, layer_spreads(SPEC, 3, INPUTS, "gradients"), strict=True):
        assert one.histogram.edges[0] <= own.histogram.edges[0]
        assert one.histogram.edges[-1] >= own.histogram.edges[-1]
