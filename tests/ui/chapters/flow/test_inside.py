import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.precision import PrecisionReport
from vanish.ui.chapters.flow import data, words
from vanish.ui.chapters.flow.controls import Stored
from vanish.ui.kit import measured
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


def test_each_layers_commonest_values_have_the_full_shade():
    frame = data.histogram(SPECS[0], SIGNAL)
    for _, layer in frame.groupby("layer"):
        assert layer.shade.max() == 1
        np.testing.assert_allclose(layer.shade, layer.share / layer.share.max())


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
        assert "layers 9 to 20 get weight gradients that are NaN or infinite" in said
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
