from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, diagnose, gradient_flow
from vanish.choices import example_inputs
from vanish.measure.flow import layer_magnitudes
from vanish.measure.magnitudes import MAGNITUDES, SIZES
from vanish.measure.yardstick import example_output_gradient, lossless_ratio, mean_length

# Of these the closed form is a mean over inputs of every direction.
FOR_ANY_INPUT = ("weight_mean_abs", "weight_max")

LOSSLESS = NetworkSpec(depth=5, activation="identity", initializer="orthogonal")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "ratio"), [(8, 0.291), (64, 0.100), (256, 0.0499)])
def test_one_output_unit_alone_costs_about_the_root_of_the_width(width, ratio):
    spec = replace(LOSSLESS, width=width)
    assert lossless_ratio(spec) == pytest.approx(ratio, rel=3e-3)
    assert lossless_ratio(spec, "rms") == pytest.approx(width**-0.5)
    (measured,) = layer_magnitudes(spec, range(6000 // width), example_inputs(4), ["mean_abs"])
    assert (measured[:, 0] / measured[:, -1]).mean() == pytest.approx(lossless_ratio(spec), rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(8, 4, 1), (64, 4, 1), (16, 64, 10), (16, 4, 40), (12, 30, 30), (20, 20, 20)])
@pytest.mark.parametrize("own", [False, True])
def test_the_closed_form_is_what_orthogonal_identity_networks_have(shape, own):
    width, n_inputs, n_outputs = shape
    spec = replace(LOSSLESS, width=width, n_inputs=n_inputs, n_outputs=n_outputs)
    inputs = np.random.default_rng(5).standard_normal((6, n_inputs))
    at_outputs = example_output_gradient(n_outputs, 6) if own else None
    names = [name for name in SIZES if name not in FOR_ANY_INPUT]
    for name, sizes in zip(names, layer_magnitudes(spec, range(150), inputs, names, at_outputs), strict=True):
        assert (sizes[:, 0] / sizes[:, -1]).mean() == pytest.approx(lossless_ratio(spec, name), rel=0.05), name


@pytest.mark.parametrize("widths", [(8, 8, 8), (16, 5, 24)])
@pytest.mark.parametrize("n_outputs", [1, 10])
def test_the_closed_form_is_that_of_inputs_in_every_direction(widths, n_outputs):
    spec = replace(LOSSLESS, depth=4, widths=widths, n_outputs=n_outputs)
    inputs = np.random.default_rng(5).standard_normal((300, 1, 4))
    # The length of the input is in first and last.
    inputs /= np.linalg.norm(inputs, axis=2, keepdims=True)
    sizes = np.mean([layer_magnitudes(spec, [seed], x, FOR_ANY_INPUT) for seed, x in enumerate(inputs)], axis=(0, 2))
    for name, of_layers in zip(FOR_ANY_INPUT, sizes, strict=True):
        assert of_layers[0] / of_layers[-1] == pytest.approx(lossless_ratio(spec, name), rel=0.06)


@given(st.integers(1, 200), st.integers(1, 200))
def test_the_length_of_a_projection_is_between_its_bounds(k, n):
    # Jensen: the mean of a root is below the root of the mean, and the mean square is k / n.
    assert 0 < mean_length(k, n) <= min(1.0, (k / n) ** 0.5)
    if k < n:
        assert mean_length(k, n) ** 2 == pytest.approx(k / n, abs=0.5 / n)


def test_the_length_of_a_projection_is_measured():
    drawn = np.random.default_rng(0).standard_normal((20_000, 7))
    lengths = np.linalg.norm(drawn[:, :3], axis=1) / np.linalg.norm(drawn, axis=1)
    assert mean_length(3, 7) == pytest.approx(lengths.mean(), rel=5e-3)


@given(st.integers(2, 200), st.sampled_from(list(SIZES)))
def test_only_the_shape_counts(depth, magnitude):
    spec = NetworkSpec(depth=depth, width=16, activation="tanh", normalization="layer", residual="identity")
    assert lossless_ratio(spec, magnitude) == lossless_ratio(replace(LOSSLESS, width=16), magnitude)
    assert lossless_ratio(replace(spec, depth=1), magnitude) == 1


@pytest.mark.slow
@pytest.mark.parametrize("width", [8, 64, 256])
def test_over_the_yardstick_a_network_that_loses_nothing_keeps_1(width):
    spec = replace(LOSSLESS, depth=10, width=width)
    left = [diagnose(gradient_flow(spec, seed).mean_abs, yardstick=lossless_ratio(spec)).left for seed in range(1, 21)]
    assert np.mean(left) == pytest.approx(1, rel=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [8, 32, 128])
def test_under_batch_norm_each_example_needs_a_gradient_of_its_own(batch_size):
    # The sum of a linear network's outputs is a constant under batch norm: its gradient is 0 but for rounding.
    spec = replace(LOSSLESS, depth=10, width=128, normalization="batch")

    def ratios(at_outputs):
        tables = (
            gradient_flow(spec, seed, batch_size=batch_size, magnitudes=["mean_abs"], output_gradient=at_outputs)
            for seed in range(5)
        )
        return np.array([table.mean_abs.iloc[0] / table.mean_abs.iloc[-1] for table in tables])

    assert (ratios(None) < 1e-12).all()
    own = ratios(example_output_gradient(1, batch_size))
    assert 0.3 < np.median(own) < 30


def test_torch_agrees_on_batch_norm_with_a_gradient_for_each_example():
    torch = pytest.importorskip("torch")
    from vanish import initialize

    spec = replace(LOSSLESS, depth=10, width=256, normalization="batch")
    inputs, at_outputs = example_inputs(4, 32), example_output_gradient(1, 32)
    h, kept = torch.tensor(inputs), []
    for layer, w in enumerate(initialize(spec, 3).weights):
        z = (h @ torch.tensor(w).T).requires_grad_()
        z.retain_grad()
        kept.append(z)
        h = torch.nn.functional.batch_norm(z, None, None, training=True) if layer < spec.depth - 1 else z
    (h * torch.tensor(at_outputs)).sum().backward()
    expected = [float(z.grad.abs().mean()) for z in kept]
    table = gradient_flow(spec, 3, inputs, magnitudes=["mean_abs"], output_gradient=at_outputs)
    np.testing.assert_allclose(table.mean_abs, expected, rtol=1e-9)


@given(st.integers(1, 20), st.integers(3, 60))
def test_output_gradients_are_signs_that_differ_from_example_to_example(n_outputs, batch_size):
    gradient = example_output_gradient(n_outputs, batch_size)
    assert gradient.shape == (batch_size, n_outputs)
    assert (np.abs(gradient) == 1).all()
    assert (gradient != gradient[0]).any()
    np.testing.assert_array_equal(gradient[:3], example_output_gradient(n_outputs, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lossless_ratio(LOSSLESS, "size"), "magnitude must be one of mean_abs, rms"),
        (lambda: example_output_gradient(0, 4), "n_outputs must be a whole number from 1 to 4096"),
        (lambda: example_output_gradient(1, 5000), "batch_size must be a whole number from 1 to 4096"),
        (
            lambda: gradient_flow(LOSSLESS, batch_size=3, output_gradient=np.ones((2, 1))),
            r"output_gradient must .*\(3, 1\)",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_every_size_has_a_yardstick_and_nothing_else():
    assert {lossless_ratio(LOSSLESS, name) > 0 for name in SIZES} == {True}
    for name in MAGNITUDES.keys() - SIZES.keys():
        with pytest.raises(ValueError, match=f"magnitude must be one of mean_abs, .*, got '{name}'"):
            lossless_ratio(LOSSLESS, name)
