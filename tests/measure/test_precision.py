import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, backprop, initialize, underflow_layers
from vanish.choices import NUMBER_FORMATS, example_inputs
from vanish.choices.number_formats import round_to
from vanish.measure.precision import largest_loss_scale, precision_report

EXPLODING = NetworkSpec(depth=20, width=64, activation="leaky_relu", initializer="he_normal", weight_scale=3)
NORMAL = example_inputs(4, 64, "normal")


def test_layers_are_counted_from_the_input():
    table = underflow_layers([1e-50, 1e-42, 1e-10, 1e-6, 1e-3, 1.0]).set_index("format")
    assert table.below_normal.dropna().to_dict() == {
        "float32": 2,
        "bfloat16": 2,
        "float16": 4,
        "float8 (e4m3)": 5,
        "float8 (e5m2)": 4,
    }
    assert table.below_subnormal.dropna().to_dict() == {
        "float32": 1,
        "bfloat16": 2,
        "float16": 3,
        "float8 (e4m3)": 4,
        "float8 (e5m2)": 4,
    }
    assert table.above_largest.isna().all()


def test_between_half_the_smallest_number_and_all_of_it_a_gradient_is_rounded_up_not_lost():
    lost = underflow_layers([0.4 * 2.0**-24, 0.7 * 2.0**-24, 1.0]).set_index("format").below_subnormal
    assert lost["float16"] == 1


def test_ceilings_are_named_as_floors_are():
    table = underflow_layers([1e300, 1e39, 1e5, 500.0, 1.0]).set_index("format")
    assert table.above_largest.dropna().to_dict() == {
        "float32": 2,
        "bfloat16": 2,
        "float16": 3,
        "float8 (e4m3)": 4,
        "float8 (e5m2)": 3,
    }


@given(st.lists(st.one_of(st.floats(0, 1e6), st.just(math.nan), st.just(math.inf)), min_size=1, max_size=30))
def test_the_layer_named_is_the_last_one_out_of_range(magnitudes):
    table = underflow_layers(magnitudes)
    for entry, row in zip(NUMBER_FORMATS.values(), table.itertuples(), strict=True):
        stored = round_to(magnitudes, entry.name)
        marks = {
            "below_normal": np.array(magnitudes) < entry.smallest_normal,
            "below_subnormal": stored == 0,
            "above_largest": np.isinf(stored) | (stored > entry.largest),
        }
        for column, marked in marks.items():
            if column == "above_largest" and not entry.has_infinity:
                marked = np.array(magnitudes) > 464
            layers = np.flatnonzero(marked) + 1
            named = getattr(row, column)
            assert named == layers.max() if layers.size else pd.isna(named)


@pytest.mark.parametrize("magnitudes", [[[1.0, 2.0]], [-1.0], 3.0])
def test_what_is_no_list_of_sizes_is_refused(magnitudes):
    with pytest.raises(
        ValueError, match=r"^magnitudes must be (one non-negative number per layer|numbers of shape \(n_layers\)), got"
    ):
        underflow_layers(magnitudes)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_float16_overflows_forward_at_layer_8_and_the_gradients_of_9_to_20_are_not_finite(reduction):
    report = precision_report(EXPLODING, 42, NORMAL, "float16", reduction=reduction)
    assert report.forward_overflow == 8
    assert report.non_finite == tuple(range(9, 21))
    assert largest_loss_scale(EXPLODING, 42, NORMAL, reduction=reduction) is None


@pytest.mark.parametrize("name", ["float64", "float32", "bfloat16"])
def test_formats_with_more_exponent_hold_the_same_network(name):
    report = precision_report(EXPLODING, 42, NORMAL, name)
    assert (report.forward_overflow, report.non_finite, report.zero, report.overflow) == (None, (), (), ())


def torch_run(spec, seed, inputs, dtype, mean, scale):
    """Weight gradients and outputs of each layer, by PyTorch in the format."""
    import torch

    kind = getattr(torch, dtype)
    phi = {"leaky_relu": torch.nn.functional.leaky_relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[spec.activation]
    weights = [torch.tensor(w).to(kind).requires_grad_() for w in initialize(spec, seed).weights]
    h, outputs = torch.tensor(inputs).to(kind), []
    for layer, w in enumerate(weights):
        z = h @ w.T
        h = z if spec.linear_output and layer == spec.depth - 1 else phi(z)
        outputs.append(h)
    h.backward(torch.full_like(h, scale / (len(inputs) if mean else 1)))
    return [w.grad.double().numpy() for w in weights], [h.detach().double().numpy() for h in outputs]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("mean", [False, True])
@pytest.mark.parametrize(
    ("spec", "scale"),
    [
        (EXPLODING, 1.0),
        (NetworkSpec(depth=10, activation="sigmoid"), 1.0),
        (NetworkSpec(depth=10, activation="sigmoid"), 2.0**14),
        (NetworkSpec(depth=12, width=32, activation="tanh", initializer="xavier_normal", linear_output=True), 2.0**6),
        (NetworkSpec(depth=8, width=32, activation="tanh", initializer="normal", weight_std=0.005), 1.0),
    ],
)
def test_torch_loses_the_same_layers(spec, scale, mean, dtype):
    pytest.importorskip("torch")
    gradients, outputs = torch_run(spec, 42, NORMAL, dtype, mean, scale)
    report = precision_report(spec, 42, NORMAL, dtype, reduction="mean" if mean else "sum", loss_scale=scale)
    overflow = [layer for layer, h in enumerate(outputs, start=1) if not np.isfinite(h).all()]
    assert report.forward_overflow == min(overflow, default=None)
    assert report.non_finite == tuple(n for n, dw in enumerate(gradients, start=1) if not np.isfinite(dw).all())
    zero = np.array([(dw == 0).mean() for dw in gradients])
    # Where a layer's gradients lie at the very edge, the order in which a library adds and rounds decides.
    clear = (zero < 0.05) | (zero > 0.95)
    assert clear.sum() >= len(zero) / 2
    np.testing.assert_allclose(report.layers.weight_zero[clear], zero[clear], atol=0.1)


@given(st.integers(2, 12), st.sampled_from(["sigmoid", "tanh", "leaky_relu"]), st.integers(0, 1000), st.booleans())
def test_in_float64_nothing_is_lost(depth, activation, seed, mean):
    spec = NetworkSpec(depth=depth, activation=activation)
    report = precision_report(spec, seed, NORMAL, "float64", reduction="mean" if mean else "sum")
    assert (report.forward_overflow, report.zero, report.losing_digits, report.overflow) == (None, (), (), ())


def test_a_loss_scale_brings_lost_layers_back():
    spec = NetworkSpec(depth=10, activation="sigmoid")
    plain = precision_report(spec, 42, NORMAL, reduction="mean")
    assert plain.zero == (1, 2, 3, 4, 5)
    scale = largest_loss_scale(spec, 42, NORMAL, reduction="mean")
    scaled = precision_report(spec, 42, NORMAL, reduction="mean", loss_scale=scale)
    assert len(scaled.zero) < len(plain.zero)
    assert scaled.overflow == ()
    assert precision_report(spec, 42, NORMAL, reduction="mean", loss_scale=2 * scale).overflow != ()


@given(
    st.integers(1, 10),
    st.sampled_from(["sigmoid", "tanh", "leaky_relu", "relu"]),
    st.floats(0.1, 2),
    st.integers(0, 1000),
    st.sampled_from(["float16", "bfloat16", "float8_e4m3", "float8_e5m2"]),
)
def test_the_largest_safe_scale_is_safe_and_the_next_is_not(depth, activation, weight_scale, seed, name):
    spec = NetworkSpec(depth=depth, activation=activation, initializer="he_normal", weight_scale=weight_scale)
    scale = largest_loss_scale(spec, seed, NORMAL[:8], name)
    if scale is None:
        assert precision_report(spec, seed, NORMAL[:8], name).forward_overflow is not None
        return
    assert math.log2(scale) == round(math.log2(scale))
    assert precision_report(spec, seed, NORMAL[:8], name, loss_scale=scale).overflow == ()
    if scale < 2.0**127:
        assert precision_report(spec, seed, NORMAL[:8], name, loss_scale=2 * scale).overflow != ()


def test_the_mean_of_a_loss_gives_each_example_its_share():
    spec = NetworkSpec(depth=4, activation="tanh", initializer="xavier_normal")
    sum_scale, mean_scale = (largest_loss_scale(spec, 1, NORMAL, "float16", reduction=one) for one in ("sum", "mean"))
    assert mean_scale == 64 * sum_scale


def test_shares_are_of_the_stored_gradients():
    spec = NetworkSpec(depth=6, activation="sigmoid", initializer="xavier_normal")
    report = precision_report(spec, 7, NORMAL, "float16")
    exact = backprop(spec, initialize(spec, 7), NORMAL).weights
    stored = [round_to(dw, "float16") for dw in exact]
    zero = [(dw == 0).mean() for dw in stored]
    subnormal = [((dw != 0) & (np.abs(dw) < 2.0**-14)).mean() for dw in stored]
    np.testing.assert_allclose(report.layers.weight_zero, zero, atol=0.1)
    np.testing.assert_allclose(report.layers.weight_subnormal, subnormal, atol=0.15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"number_format": "half"}, "number_format must be one of float64"),
        ({"reduction": "max"}, "reduction must be one of sum, mean"),
        ({"loss_scale": 0}, "loss_scale must be a number from"),
        ({"loss_scale": math.nan}, "loss_scale must be a number from"),
        ({"output_gradient": np.ones((3, 1))}, r"output_gradient must be numbers of shape \(64, 1\), or"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        precision_report(EXPLODING, 42, NORMAL, **arguments)
