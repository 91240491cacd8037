import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import KINDS, SPECS, batch, crossed, flat_gradients, stirred

from vanish import NetworkSpec, backprop, forward
from vanish.choices import ACTIVATIONS, NORMALIZATIONS, RESIDUALS
from vanish.choices.losses import LOSSES
from vanish.network.flat import Passes, count_parameters, flatten, layer_views, unflatten, with_ones


@given(SPECS, st.integers(0, 1000))
def test_a_vector_holds_every_learned_parameter_once(spec, seed):
    parameters = stirred(spec, seed)
    vector = flatten(spec, parameters)
    for ours, given_layer in zip(unflatten(spec, vector).layers, parameters.layers, strict=True):
        for kind in KINDS:
            mine, its = getattr(ours, kind), getattr(given_layer, kind)
            assert (mine is None) == (its is None)
            if mine is not None and (kind != "gate" or RESIDUALS[spec.residual].learned):
                assert np.array_equal(mine, its)
    layers = layer_views(spec, np.arange(float(count_parameters(spec))))
    learned = [
        np.ravel(array)
        for layer in layers
        for array in (
            layer.block,
            layer.gain,
            layer.shift,
            layer.gate if RESIDUALS[spec.residual].learned else None,
            layer.leak,
        )
        if array is not None
    ]
    assert np.array_equal(np.sort(np.concatenate(learned)), np.arange(count_parameters(spec)))


@crossed(residual=RESIDUALS, normalization=NORMALIZATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_buffered_passes_are_the_networks_own(activation, normalization, residual):
    for linear, name in ((True, "softmax"), (False, "softmax"), (True, "squared")):
        spec = NetworkSpec(
            depth=5,
            width=6,
            n_inputs=6,
            n_outputs=3 if name == "softmax" else 1,
            activation=activation,
            initializer="he_normal",
            normalization=normalization,
            residual=residual,
            linear_output=linear,
        )
        vector = flatten(spec, stirred(spec, 2))
        parameters, inputs = unflatten(spec, vector), batch(spec, 7)
        targets = np.arange(7) % 3 if name == "softmax" else np.linspace(-1.0, 1.0, 7)
        passes = Passes(spec, vector, LOSSES[name], 7)
        passes(with_ones(batch(spec, 7, seed=9)), targets)  # what an earlier batch leaves behind must not show
        loss = passes(with_ones(inputs), targets)
        value, gradient = LOSSES[name].value_and_gradient(forward(spec, parameters, inputs).outputs, targets)
        assert loss == pytest.approx(value, rel=1e-12)
        expected = backprop(spec, parameters, inputs, gradient)
        largest = max(np.abs(w).max() for w in expected.weights)
        np.testing.assert_allclose(passes.gradient, flat_gradients(spec, expected), rtol=1e-9, atol=1e-12 * largest)
