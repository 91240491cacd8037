import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import SPECS, batch, stirred

from vanish import ACTIVATIONS, NORMALIZATIONS, RESIDUALS, NetworkSpec, backprop, forward
from vanish.choices.losses import LOSSES
from vanish.network.flat import Passes, count_parameters, flatten, views, with_ones


@given(SPECS, st.integers(0, 1000))
def test_a_vector_holds_every_learned_parameter_once(spec, seed):
    parameters = stirred(spec, seed)
    vector = flatten(spec, parameters)
    back = views(spec, vector).parameters
    for kind, arrays in vars(parameters).items():
        for ours, given_array in zip(getattr(back, kind), arrays, strict=True):
            assert (ours is None) == (given_array is None)
            if ours is not None and (kind != "gates" or spec.residual == "rezero"):
                assert np.array_equal(ours, given_array)
    places = views(spec, np.arange(float(count_parameters(spec))))
    learned = [*places.blocks, *places.gains, *places.shifts, *(places.gates if spec.residual == "rezero" else [])]
    found = np.concatenate([np.ravel(a) for a in learned if a is not None])
    assert np.array_equal(np.sort(found), np.arange(count_parameters(spec)))


@pytest.mark.parametrize("residual", RESIDUALS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
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
        parameters, inputs = views(spec, vector).parameters, batch(spec, 7)
        targets = np.arange(7) % 3 if name == "softmax" else np.linspace(-1.0, 1.0, 7)
        passes = Passes(spec, vector, LOSSES[name], 7)
        passes(with_ones(batch(spec, 7, seed=9)), targets)  # what an earlier batch leaves behind must not show
        loss = passes(with_ones(inputs), targets)
        value, gradient = LOSSES[name].value_and_gradient(forward(spec, parameters, inputs).outputs, targets)
        assert loss == pytest.approx(value, rel=1e-12)
        expected, found = backprop(spec, parameters, inputs, gradient), views(spec, passes.gradient).parameters
        largest = max(np.abs(w).max() for w in expected.weights)
        kinds = ["weights", "biases", "gains", "shifts", *(["gates"] if residual == "rezero" else [])]
        for kind in kinds:
            for mine, its in zip(getattr(found, kind), getattr(expected, kind), strict=True):
                assert (mine is None) == (its is None)
                if its is not None:
                    np.testing.assert_allclose(mine, its, rtol=1e-9, atol=1e-12 * largest)
