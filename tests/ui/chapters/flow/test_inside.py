import numpy as np
import pytest

import vanish
from vanish.choices.activations import ACTIVATIONS
from vanish.ui.chapters.flow import data
from vanish.ui.kit import measured
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
    assert set(table["ReLU loses digits"]) == set(table["ReLU is lost"]) == {"–"}
