from dataclasses import replace

import numpy as np
import pytest

from vanish import RecurrentSpec
from vanish.choices import CELLS
from vanish.choices.recurrent_initializers import MOST_BLOCKS
from vanish.sequence import initialize_recurrent


@pytest.mark.parametrize("name", CELLS)
def test_pytorchs_default_is_within_its_bound_and_fills_it(name):
    spec = RecurrentSpec(name, n_inputs=5, hidden=100)
    bound = 0.1  # 1 / sqrt(hidden), for weights and biases alike
    for kind, values in vars(initialize_recurrent(spec, 1)).items():
        assert np.abs(values).max() <= bound
        if values.size > 100:
            assert values.var() == pytest.approx(bound**2 / 3, rel=0.15), kind


@pytest.mark.parametrize("name", CELLS)
def test_each_gates_block_is_initialised_for_itself(name):
    spec = RecurrentSpec(name, hidden=40, n_inputs=3)
    n_gates = CELLS[name].n_gates

    def blocks(**fields):
        parameters = initialize_recurrent(replace(spec, **fields), 7)
        assert not parameters.bias_ih.any()
        assert not parameters.bias_hh.any()
        return parameters.weight_hh.reshape(n_gates, 40, 40)

    for block in blocks(initializer="orthogonal"):
        np.testing.assert_allclose(block @ block.T, np.eye(40), atol=1e-12)
    for block in blocks(initializer="spectral_radius", spectral_radius=1.7):
        np.testing.assert_allclose(np.abs(np.linalg.eigvals(block)), 1.7, rtol=1e-12)
    for block in blocks(initializer="identity"):
        assert np.array_equal(block, np.eye(40))
    for block in blocks(initializer="xavier"):
        assert np.abs(block).max() <= np.sqrt(3 / 40)
        assert block.var() == pytest.approx(1 / 40, rel=0.1)
    distinct = {block.tobytes() for block in blocks(initializer="orthogonal")}
    assert len(distinct) == n_gates


def test_the_identity_comes_with_small_input_weights():
    parameters = initialize_recurrent(RecurrentSpec("rnn_relu", hidden=200, n_inputs=20, initializer="identity"), 3)
    assert parameters.weight_ih.std() == pytest.approx(0.001, rel=0.05)


def test_initializers_leave_everything_but_the_recurrent_weights_alone():
    spec = RecurrentSpec("lstm", n_inputs=2)
    orthogonal = initialize_recurrent(replace(spec, initializer="orthogonal"), 1)
    scaled = initialize_recurrent(replace(spec, initializer="spectral_radius", spectral_radius=0.5), 1)
    np.testing.assert_allclose(scaled.weight_hh, 0.5 * orthogonal.weight_hh, rtol=1e-14)
    default = initialize_recurrent(spec, 1)
    for name in ("weight_ih", "weight", "bias"):
        assert np.array_equal(getattr(default, name), getattr(orthogonal, name))


def test_the_forget_bias_is_added_once_and_to_the_forget_gate_alone():
    spec = RecurrentSpec("lstm", hidden=6)
    plain, biased = (initialize_recurrent(replace(spec, forget_bias=bias), 4) for bias in (0.0, 1.5))
    added = biased.bias_ih + biased.bias_hh - plain.bias_ih - plain.bias_hh
    np.testing.assert_allclose(added.reshape(4, 6), np.array([0, 1.5, 0, 0])[:, None] * np.ones(6), atol=1e-15)
    for cell in ("rnn_tanh", "rnn_relu", "gru"):
        plain, biased = (initialize_recurrent(RecurrentSpec(cell, forget_bias=bias), 4) for bias in (0.0, 1.5))
        assert np.array_equal(plain.bias_ih, biased.bias_ih)


@pytest.mark.parametrize(
    ("field", "bad", "says"),
    [
        ("cell", "elman", "one of rnn_tanh, rnn_relu, rnn_sigmoid, gru, lstm, lstm_relu, got 'elman'"),
        ("hidden", 257, "a whole number from 1 to 256, got 257"),
        ("n_inputs", 0, "a whole number from 1 to 256, got 0"),
        ("initializer", "he", "one of torch_default, .* got 'he'"),
        ("spectral_radius", 4.5, "a number from 0 to 4, got 4.5"),
        ("forget_bias", float("nan"), "a number from -10 to 10, got nan"),
    ],
)
def test_bad_fields_are_named_with_their_range(field, bad, says):
    with pytest.raises(ValueError, match=rf"^{field} must be {says}"):
        RecurrentSpec(**{field: bad})


def test_a_seed_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"^seed must be a whole number from 0 to .*, got -1"):
        initialize_recurrent(RecurrentSpec(), -1)


@pytest.mark.parametrize("hidden", [12, 65])
@pytest.mark.parametrize("initializer", ["orthogonal", "spectral_radius", "xavier"])
def test_cells_with_fewer_gates_have_the_first_blocks_of_those_with_more(initializer, hidden):
    spec = RecurrentSpec("lstm", hidden=hidden, initializer=initializer, spectral_radius=0.7)
    of_lstm = initialize_recurrent(spec, 11).weight_hh.reshape(4, hidden, hidden)
    for cell in ("rnn_tanh", "gru"):
        one = initialize_recurrent(replace(spec, cell=cell), [11, 12]).weight_hh[0]
        np.testing.assert_array_equal(one.reshape(-1, hidden, hidden), of_lstm[: CELLS[cell].n_gates])


def test_what_is_kept_for_the_next_cell_is_nobodys_to_change():
    spec = RecurrentSpec("gru", hidden=6, initializer="orthogonal")
    first = initialize_recurrent(spec, 5)
    kept = first.weight_hh.copy()
    first.weight_hh[...] = 0.0
    assert np.array_equal(initialize_recurrent(spec, 5).weight_hh, kept)


def test_as_many_blocks_are_kept_as_any_cell_has():
    assert max(cell.n_gates for cell in CELLS.values()) == MOST_BLOCKS
