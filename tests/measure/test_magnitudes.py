from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vanish import NetworkSpec, backprop, gradient_flow, initialize
from vanish.choices import example_inputs
from vanish.measure.flow import layer_magnitudes
from vanish.measure.magnitudes import MAGNITUDES, SIZES, size_of
from vanish.measure.remedies import measured_ratios
from vanish.measure.sweep import sweep
from vanish.network.passes import LayerGradients

SHARES = [name for name, entry in MAGNITUDES.items() if entry.is_share]
NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-3)


def measure(name, dw, weights=None):
    """Of a layer whose dL/dz and whose dL/dW are these very numbers."""
    dw = np.asarray(dw, dtype=np.float64)
    gradients = LayerGradients(dw.T, dw.T, np.eye(dw.shape[1]))
    np.testing.assert_array_equal(gradients.weights, dw)
    return float(MAGNITUDES[name].measure(gradients, np.asarray(dw if weights is None else weights, dtype=np.float64)))


@pytest.mark.parametrize(
    "spec",
    [
        NetworkSpec(depth=4, width=9, activation="relu", initializer="he_normal", n_outputs=3, bias_std=0.2),
        NetworkSpec(widths=(6, 11), activation="tanh", initializer="xavier_uniform", linear_output=True),
    ],
)
def test_torch_prints_the_same(spec):
    torch = pytest.importorskip("torch")
    inputs = example_inputs(spec.n_inputs, 5)
    parameters = initialize(spec, 3)
    act = getattr(torch, spec.activation)
    h, weights, zs = torch.tensor(inputs), [], []
    for layer, (w, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        weights.append(torch.tensor(w, requires_grad=True))
        zs.append(h @ weights[-1].T + torch.tensor(b))
        zs[-1].retain_grad()
        last = layer == spec.depth - 1
        h = zs[-1] if last and spec.linear_output else act(zs[-1])
    h.sum().backward()
    printed = {
        "weight_mean_abs": [w.grad.abs().mean() for w in weights],
        "weight_std": [w.grad.std() for w in weights],
        "weight_max": [w.grad.abs().max() for w in weights],
        "std_ratio": [w.grad.std() / w.std() for w in weights],
        "zero_share": [(z.grad == 0).double().mean() for z in zs],
        "weight_zero_share": [(w.grad == 0).double().mean() for w in weights],
    }
    table = gradient_flow(spec, 3, inputs)
    for name, values in printed.items():
        np.testing.assert_allclose(table[name], [value.item() for value in values], rtol=1e-10, err_msg=name)
    assert (table.zero_share > 0).any() == (spec.activation == "relu")


@given(
    arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=NUMBERS),
    st.integers(-900, 900),
    st.sampled_from(list(MAGNITUDES)),
)
def test_what_is_no_share_scales_with_the_gradient(dw, power, name):
    # Powers of two, far beyond those whose squares are float64 numbers.
    scale = 1.0 if MAGNITUDES[name].is_share else 2.0**power
    weights = np.arange(dw.size).reshape(dw.shape) + 1.0
    np.testing.assert_allclose(measure(name, dw * 2.0**power, weights), scale * measure(name, dw, weights), rtol=1e-12)


@given(arrays(float, array_shapes(min_dims=2, max_dims=2), elements=st.sampled_from([0.0, -0.0, 1e-300, 2])))
def test_zeros_are_counted_exactly(dw):
    zeros = sum(number == 0 for number in dw.ravel().tolist())
    for name in SHARES:
        assert measure(name, dw) * dw.size == pytest.approx(zeros, abs=1e-9)


@given(arrays(float, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=NUMBERS))
def test_a_size_is_0_where_everything_is_and_nowhere_else(dw):
    for name in SIZES:
        assert (measure(name, dw, np.ones(dw.shape)) == 0) == (not dw.any())


@given(NUMBERS, array_shapes(min_dims=2, max_dims=2, max_side=8))
def test_equal_gradients_have_a_std_of_exactly_0_and_a_single_one_has_none(number, shape):
    std = measure("weight_std", np.full(shape, number))
    assert std == 0 if np.prod(shape) > 1 else np.isnan(std)


def test_sizes_at_the_ends_of_float64():
    for size in (1e-320, 1e308):
        dw = np.array([[size, -size], [0.0, size]])
        assert measure("weight_mean_abs", dw) == pytest.approx(0.75 * size, rel=1e-2)
        assert measure("weight_max", dw) == size
        assert measure("weight_std", dw) == pytest.approx(np.sqrt(11 / 12) * size, rel=1e-2)
    lost = LayerGradients(np.array([[np.inf]]), np.array([[1.0]]), np.array([[1.0, 2.0]]))
    for name in ("weight_mean_abs", "weight_max", "weight_std"):
        with np.errstate(all="ignore"):
            assert not np.isfinite(MAGNITUDES[name].measure(lost, np.ones((1, 2))))


def test_what_is_no_size_is_judged_by_one_that_is():
    spec = NetworkSpec(depth=3)
    assert {name: size_of(name) for name in SIZES} == {name: name for name in SIZES}
    assert {size_of(name) for name in MAGNITUDES} <= SIZES.keys()
    for name in MAGNITUDES.keys() - SIZES.keys():
        for call in (
            lambda name=name: sweep(spec, [2], [1.0], magnitude=name),
            lambda name=name: measured_ratios(spec, [1], magnitude=name),
        ):
            with pytest.raises(ValueError, match="magnitude must be one of mean_abs"):
                call()


def test_half_of_relus_units_are_off_and_three_quarters_of_its_weights_get_nothing():
    spec = NetworkSpec(depth=4, width=200, activation="relu", initializer="he_normal", linear_output=True)
    units, weights = layer_magnitudes(spec, range(5), example_inputs(4), SHARES).mean(axis=1)
    np.testing.assert_allclose(units, [0.5, 0.5, 0.5, 0], atol=0.03)
    np.testing.assert_allclose(weights, [0.5, 0.75, 0.75, 0.5], atol=0.03)
    smooth = gradient_flow(replace(spec, activation="tanh", initializer="xavier_normal"))
    assert (smooth[SHARES] == 0).all(axis=None)


def test_backprop_counts_weights_over_all_examples():
    spec = NetworkSpec(depth=3, width=20, activation="relu")
    inputs = example_inputs(4, 16)
    rows, dw = gradient_flow(spec, 1, inputs), backprop(spec, initialize(spec, 1), inputs).weights
    assert list(rows.weight_zero_share) == [float((own == 0).mean()) for own in dw]
