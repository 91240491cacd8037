import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.precision import PrecisionReport
from vanish.measure.spread import KINDS, layer_spreads
from vanish.ui.chapters.flow import data, words
from vanish.ui.chapters.flow.controls import Stored
from vanish.ui.kit import measured, numbers
from vanish.ui.kit.numbers import SUPERSCRIPTS
from vanish.ui.shell.settings import Settings

SETTINGS = Settings(depth=6, width=20, batch_size=16, inputs="normal", activations=("tanh", "relu"))
SPECS, SIGNAL = SETTINGS.specs, SETTINGS.signal
INPUTS = measured.inputs_of(SPECS[0], SIGNAL)


def test_activity_is_the_engines_for_every_network():
    frame = data.activity(SPECS, SIGNAL)
    for spec in SPECS:
        rows = frame[frame.activation == ACTIVATIONS[spec.activation].label]
        expected = vanish.layer_activity(spec, SIGNAL.seed, INPUTS)
        np.testing.assert_array_equal(rows[list(expected.columns)], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_histograms_are_the_engines(kind):
    (spec, _), drawn = SPECS, {axis: data.spreads(SPECS[0], SIGNAL, kind, axis) for axis in ("common", "own")}
    for axis, one in drawn.items():
        expected = layer_spreads(spec, SIGNAL.seed, INPUTS, kind, common=axis == "common")
        np.testing.assert_array_equal(one.table.rms, [layer.rms for layer in expected])
        for layer in expected:
            bins = one.bins[one.bins.layer == layer.layer]
            assert bins["count"].sum() == layer.histogram.counts.sum()
            # The commonest values have the full shade.
            assert bins.shade.max() == 1
            np.testing.assert_allclose(bins.shade, bins.share / bins.share.max())
            unit = layer.rms if axis == "own" else 1
            np.testing.assert_allclose((bins.bottom * unit, bins.top * unit), (bins.low, bins.high), atol=1e-300)


def test_what_is_in_no_cell_is_counted_and_said():
    relu = data.spreads(SPECS[1], SIGNAL, "activations", "common")
    most = relu.table.zeros.max()
    assert most > 0
    assert f"exact zeros: {numbers.percent(most)} in layer" in words.spread_over(relu.table)
    assert words.spread_over(relu.table).endswith("; no NaN or infinite values")
    lost = relu.table.assign(non_finite=[0, 0, 0, 0.25, 1, 0.5])
    assert words.spread_over(lost).endswith("; NaN or infinite values: 100 % in layer 5, in no layer more")
    one = pd.DataFrame({"layer": [1], "rms": [0.5], "zeros": [0.25], "non_finite": [0.0]})
    assert words.spread_over(one) == "root mean square 0.5 in layer 1; exact zeros: 25.0 %; no NaN or infinite values"


def test_layers_too_small_for_the_common_axis_are_named():
    vanishing = Settings(activations=("sigmoid",), depth=10)
    assert data.spreads(vanishing.specs[0], vanishing.signal, "gradients", "common").hides_some
    assert not data.spreads(vanishing.specs[0], vanishing.signal, "weights", "common").hides_some
    assert "a cell or two at 0" in words.histograms("gradients", 10, 60, True)
    deep = Settings(depth=100, activations=("tanh",))
    drawn = data.spreads(deep.specs[0], deep.signal, "weights", "common")
    assert len(drawn.table) == data.MOST_COLUMNS
    assert drawn.table.layer.iloc[[0, -1]].tolist() == [1, 100]
    assert "60 of the 100 layers" in words.histograms("weights", 100, data.MOST_COLUMNS, False)


def test_the_spectrum_is_of_the_hidden_layers():
    found = data.spectra(SPECS, SIGNAL)
    for spec in SPECS:
        expected = vanish.singular_values(vanish.jacobian(spec, SIGNAL.seed, INPUTS, 2, 5))
        np.testing.assert_array_equal(found[spec.activation], expected)


def test_what_rounding_leaves_of_a_zero_is_not_drawn():
    frame = data.spectra_frame({"tanh": np.array([1.0, 1e-3, 1e-20]), "relu": np.zeros(3)})
    assert list(frame["value"]) == [1.0, 1e-3]
    assert list(frame["rank"]) == [pytest.approx(1 / 3), pytest.approx(2 / 3)]


def test_a_dash_stands_for_never():
    table = data.underflow_table({"tanh": np.array([1e-5, 1.0]), "relu": np.array([1.0, 1.0])}).set_index("format")
    assert table["tanh loses digits"]["float16"] == "1"
    assert set(table["ReLU loses digits"]) == set(table["ReLU becomes 0"]) == set(table["ReLU is too large"]) == {"–"}


def test_the_whole_network_overflows_float16_where_pytorch_does():
    # PyTorch 2.13 in float16: the outputs of layer 8 are the first that are infinite, and so the gradients of 9 to 20.
    settings = Settings(
        depth=20,
        width=64,
        activations=("leaky_relu",),
        initializer="he_normal",
        weight_scale=3.0,
        batch_size=64,
        inputs="normal",
    )
    (spec,) = settings.specs
    for loss in ("sum", "mean"):
        said = words.stored("leaky ReLU", *data.stored(spec, settings.signal, Stored(format_loss=loss)))
        assert "layer 8 is the first with an output that is too large" in said
        assert "in layers 9 to 20 weights get gradients that are NaN or infinite" in said
        assert "No loss scale" in said
    said = words.stored("leaky ReLU", *data.stored(spec, settings.signal, Stored("bfloat16")))
    assert "all outputs fit; on the way back, all gradients fit" in said


def test_a_loss_scale_saves_what_float16_turns_into_0():
    settings = Settings(activations=("sigmoid",), linear_output="linear")
    (spec,) = settings.specs
    before, fits = data.stored(spec, settings.signal, Stored())
    after, _ = data.stored(spec, settings.signal, Stored(loss_scale=14))
    assert set(after.zero) < set(before.zero)
    assert f"2{str(round(np.log2(fits))).translate(SUPERSCRIPTS)}." in words.stored("sigmoid", before, fits)
    # One power of two more, and something is too large.
    assert not data.stored(spec, settings.signal, Stored(loss_scale=round(np.log2(fits))))[0].overflow
    assert data.stored(spec, settings.signal, Stored(loss_scale=round(np.log2(fits)) + 1))[0].overflow


@given(st.sampled_from(list(NUMBER_FORMATS)), st.data())
def test_every_layer_that_is_not_held_is_named_once(name, draw):
    share = st.sampled_from([0.0, 0.3, 0.6, 1.0])
    columns = [
        "output_overflow",
        "arriving_overflow",
        "signal_overflow",
        "signal_non_finite",
        "weight_overflow",
        "weight_non_finite",
        "weight_zero",
        "weight_subnormal",
    ]
    shares = {column: draw.draw(st.lists(share, min_size=5, max_size=5)) for column in columns}
    layers = pd.DataFrame({"layer": np.arange(1, 6)} | shares)
    report = PrecisionReport(name, 1.0, layers)
    said = words.stored("tanh", report, draw.draw(st.none() | st.sampled_from([2.0**-3, 1.0, 2.0**20])))
    way_back = said.split("on the way back, ")[1]
    assert ("all outputs fit" in said) == (layers.output_overflow == 0).all()
    wrong = (layers.drop(columns=["layer", "output_overflow", "weight_zero", "weight_subnormal"]) > 0).any(axis=1)
    lost = layers.weight_zero + layers.weight_subnormal >= 0.5
    assert ("all gradients fit" in way_back) == (not (wrong | lost).any())


def test_the_forward_picture_is_the_engines():
    frame, ends = data.forward(SPECS, SIGNAL)
    for spec in SPECS:
        rows = frame[frame.activation == ACTIVATIONS[spec.activation].label]
        expected = vanish.forward_profile(spec, SIGNAL.seed, INPUTS)
        columns = ["std", "mean_square", "cosine", "correlation"]
        np.testing.assert_array_equal(rows[columns], expected[columns])
        rms = float(np.sqrt(np.square(INPUTS).mean()))
        np.testing.assert_array_equal(rows["cosine_theory"], vanish.theory.expected_similarity(spec, rms))
    assert ends["ReLU"].correlation == 1


def rows_of(**columns):
    length = len(next(iter(columns.values())))
    unknown = dict.fromkeys(("std", "std_theory", "cosine", "cosine_theory"), [np.nan] * length)
    return pd.DataFrame({"layer": range(1, length + 1), **unknown, **columns})


def test_where_two_inputs_become_alike_is_said():
    table = rows_of(cosine=[0.5, 0.98, 0.99, np.nan], cosine_theory=[0.4, 0.97, 0.99, np.nan])
    assert words.alike(table) == (
        "after layer 2 the cosine of two unrelated inputs is 0.98 (theory 0.97): only 19.9 % of either output's "
        "length is not common to both"
    )
    assert words.alike(table[:1]).endswith("inputs is 0.5 (theory 0.4); in no layer does it reach 0.98")
    assert words.alike(rows_of(cosine=[np.nan])) == "two inputs cannot be compared in any layer"


def test_spreads_that_cannot_be_compared_are_said():
    assert words.spread_of(rows_of(std=[1.0, 0.5, 0.0])) == (
        "the spread of the outputs goes from 1 in layer 1 to 0.5 in layer 2"
    )
    assert words.spread_of(rows_of(std=[1.0, np.inf, np.nan])).endswith("too large for float64 from layer 2 on")
    assert words.spread_of(rows_of(std=[0.0])).startswith("there are not two layers")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (("tanh", 2.5, 0.05), "c\\* = 0.447, and the distance from it shrinks e-fold every ξ_c = 11.8 layers"),
        (("relu", 2.0), "c\\* = 1, at last slower than by any fixed factor a layer (ξ_c is infinite)"),
        (("tanh", 1.0), "they keep the angle between two inputs"),
        (("relu", 0.0), "there is no signal left to compare"),
    ],
)
def test_where_theory_leads_is_said(case, said):
    assert said in words.leads_to(vanish.theory.correlation_fixed_point(*case))


def test_what_is_not_compared_is_said_with_its_reason():
    assert "Under batch norm no two inputs are compared" in words.forward(4, None, True, False)
    assert "Theory's cosine is of plain networks" in words.forward(4, None, False, False)
    assert "more than 100 layers" in words.forward(4, 100, False, True)
    assert "Theory's cosine" not in words.forward(4, None, False, True)
