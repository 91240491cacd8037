import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from networks import RECURRENT_SPECS

from vanish import RecurrentSpec, gradient_through_time
from vanish.choices import CELLS, INPUTS
from vanish.choices.inputs import example_inputs
from vanish.numerics.arrays import quantiles
from vanish.sequence import (
    backprop_through_time,
    forget_gate_products,
    initialize_recurrent,
    learnable_lag,
    measure_through_time,
    run_recurrent,
    spectral_bounds,
)

VANILLA = [name for name, cell in CELLS.items() if cell.largest_slope is not None]


def test_the_table_is_tidy():
    table = gradient_through_time("lstm", 5, 4, seeds=[1, 2**64 - 1], initializer="orthogonal")
    assert list(table.columns) == ["cell", "initializer", "seed", "state", "distance", "norm", "ratio"]
    assert len(table) == 2 * 2 * 5
    assert list(table.state) == ["hidden"] * 10 + ["cell"] * 10
    assert list(table.seed[:10]) == [1] * 5 + [2**64 - 1] * 5
    assert list(table.distance[:6]) == [0, 1, 2, 3, 4, 0]
    at_the_end = table[table.distance == 0]
    np.testing.assert_array_equal(at_the_end.ratio, 1)
    np.testing.assert_allclose(at_the_end[at_the_end.state == "hidden"].norm, 1, rtol=1e-15)
    assert set(gradient_through_time("gru", 5, 4).state) == {"hidden"}


@pytest.mark.parametrize("cell", CELLS)
def test_sizes_are_the_norms_of_the_gradients(cell):
    spec = RecurrentSpec(cell, n_inputs=3, hidden=6)
    measured = measure_through_time(spec, 12, [4, 9], "uniform", 0.7)
    parameters = initialize_recurrent(spec, 9)
    inputs = 0.7 * example_inputs(3, 12, "uniform")[:, None]
    passed = run_recurrent(spec, parameters, inputs)
    last = np.where(np.arange(12)[:, None, None] == 11, np.full(6, 6**-0.5), 0.0)
    gradients = backprop_through_time(spec, parameters, passed, hidden_gradients=last)
    np.testing.assert_allclose(measured.hidden[1], np.linalg.norm(gradients.hidden[::-1, 0], axis=-1), rtol=1e-10)
    if gradients.cells is not None:
        np.testing.assert_allclose(measured.cell[1], np.linalg.norm(gradients.cells[::-1, 0], axis=-1), rtol=1e-10)


@given(RECURRENT_SPECS, st.integers(1, 30), st.sampled_from(list(INPUTS)), st.floats(0, 10))
def test_no_plain_cells_gradient_exceeds_its_upper_bound(spec, steps, kind, scale):
    measured = measure_through_time(spec, steps, [1, 2], kind, scale)
    assert measured.hidden.shape == (2, steps)
    if spec.cell in VANILLA:
        bounds = spectral_bounds(spec, initialize_recurrent(spec, [1, 2]), steps)
        assert (measured.hidden <= bounds.upper * (1 + 1e-9) + 1e-300).all()
        assert (bounds.radius <= bounds.largest * (1 + 1e-9)).all()


def test_an_orthogonal_matrix_times_r_takes_r_a_step_while_tanh_is_straight():
    for radius in (0.5, 0.9, 1.0, 1.2):
        spec = RecurrentSpec(hidden=20, initializer="spectral_radius", spectral_radius=radius)
        # Inputs that small leave tanh's slope at 1 to the last digit but a few.
        sizes = measure_through_time(spec, 40, range(5), input_scale=1e-12).hidden
        np.testing.assert_allclose(sizes, np.broadcast_to(radius ** np.arange(40), (5, 40)), rtol=1e-9)


def test_a_linear_cell_settles_into_the_pace_of_its_largest_eigenvalue():
    spec = RecurrentSpec(hidden=30, initializer="xavier")
    sizes = measure_through_time(spec, 300, range(20), input_scale=1e-30).hidden
    radius = spectral_bounds(spec, initialize_recurrent(spec, range(20)), 300).radius
    pace = (sizes[:, -1] / sizes[:, 100]) ** (1 / 199)
    np.testing.assert_allclose(pace, radius, rtol=0.02)


def test_the_default_of_pytorch_vanishes_at_0_58_a_step():
    # The circular law: entries of variance 1 / (3 n) have a spectral radius of 1 / sqrt 3.
    table = gradient_through_time("rnn_tanh", 50, 256, seeds=range(10))
    middle = quantiles(table.norm.to_numpy().reshape(10, 50))[1]
    assert (middle[40] / middle[10]) ** (1 / 30) == pytest.approx(3**-0.5, rel=0.05)


def test_with_an_orthogonal_matrix_relu_loses_half_a_step_and_the_identity_nothing():
    relu = {"cell": "rnn_relu", "steps": 40, "hidden": 100, "seeds": range(10)}
    orthogonal = gradient_through_time(initializer="orthogonal", **relu).norm.to_numpy().reshape(10, 40)
    assert quantiles(orthogonal)[1, -1] < 1e-3
    # The sign of a unit's state, once there, stays: on average half the units are on.
    identity = (
        gradient_through_time(initializer="identity", input_kind="pixels", **relu).norm.to_numpy().reshape(10, 40)
    )
    assert np.all(np.ptp(identity[:, 1:39], axis=1) < 1e-12)
    np.testing.assert_allclose(identity[:, -1] ** 2, 0.5, atol=0.2)


def test_the_forget_gate_bias_decides_how_long_an_lstm_remembers():
    def lag(bias):
        table = gradient_through_time("lstm", 200, 32, seeds=range(9), forget_bias=bias)
        sizes = table[table.state == "cell"].norm.to_numpy().reshape(9, 200)
        return int(learnable_lag(quantiles(sizes)[1], 0.01))

    lags = [lag(bias) for bias in (0.0, 1.0, 2.0, 4.0)]
    assert lags == sorted(lags)
    assert lags[0] < 10 < 20 < lags[2]
    assert lags[-1] > 100


def test_without_recurrent_weights_the_cell_states_gradient_is_the_forget_gates_product():
    spec = RecurrentSpec("lstm", n_inputs=2, hidden=7, forget_bias=1.0)
    parameters = initialize_recurrent(spec, 3)
    parameters.weight_hh[...] = 0.0
    inputs = np.random.default_rng(0).standard_normal((30, 4, 2))
    passed = run_recurrent(spec, parameters, inputs)
    last = np.where(np.arange(30)[:, None, None] == 29, 1.0, 0.0)
    cells = backprop_through_time(spec, parameters, passed, hidden_gradients=last).cells
    np.testing.assert_allclose(cells[::-1], forget_gate_products(passed) * cells[-1], rtol=1e-12)


def test_the_cell_path_is_most_of_an_lstms_gradient_a_few_steps_back():
    measured = measure_through_time(RecurrentSpec("lstm", forget_bias=4.0), 50, range(9))
    np.testing.assert_allclose(measured.cell_path[:, 0], measured.cell[:, 0], rtol=1e-14)
    share = quantiles(measured.cell_path / measured.cell)[1]
    assert share[5] > 0.8
    # Further back the ways through the gates add up: the product alone says too little.
    assert share[49] < 0.5


def test_forget_gates_of_known_bias_multiply_to_the_sigmoids_power():
    spec = RecurrentSpec("lstm", hidden=3, initializer="orthogonal", forget_bias=2.0)
    parameters = initialize_recurrent(spec, 1)
    parameters.weight_hh[...] = 0.0
    products = forget_gate_products(run_recurrent(spec, parameters, np.zeros((20, 1, 1))))
    expected = (1 / (1 + np.exp(-2.0))) ** np.arange(20)
    np.testing.assert_allclose(products[:, 0], np.repeat(expected[:, None], 3, axis=1), rtol=1e-12)


@given(st.integers(1, 40))
def test_chunks_do_not_show(size):
    spec = RecurrentSpec("gru", hidden=5)
    whole = measure_through_time(spec, 8, range(20)).hidden
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vanish.sequence.through_time.WEIGHTS_AT_ONCE", size * spec.rows * spec.hidden)
        np.testing.assert_allclose(measure_through_time(spec, 8, range(20)).hidden, whole, rtol=1e-12)


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1e9)), st.floats(0.001, 1))
def test_the_learnable_lag_is_the_last_before_the_first_drop(sizes, fraction):
    lag = int(learnable_lag(sizes, fraction))
    floor = fraction * sizes[0]
    assert 0 <= lag < len(sizes)
    assert (sizes[: lag + 1] >= floor).all()
    if lag + 1 < len(sizes):
        assert sizes[lag + 1] < floor or sizes[lag + 1] == 0


def test_learnable_lags_by_hand():
    assert learnable_lag([1, 0.5, 0.09, 0.2], 0.1) == 1
    assert learnable_lag([1, 2, 4, np.inf], 0.1) == 3
    assert learnable_lag([1, np.nan, 1], 0.1) == 0
    assert list(learnable_lag(0.9 ** np.arange(100) * np.ones((2, 1)), 0.01)) == [43, 43]  # ln 0.01 / ln 0.9 = 43.7


def test_whatever_explodes_or_vanishes_altogether_is_a_result():
    explodes = gradient_through_time("rnn_relu", 500, 16, initializer="spectral_radius", spectral_radius=4.0)
    assert explodes.norm.max() > 1e20
    gone = gradient_through_time("rnn_tanh", 500, 16, initializer="spectral_radius", spectral_radius=0.0)
    assert not gone.norm[1:].any()
    assert learnable_lag(gone.norm, 0.5) == 0


@pytest.mark.slow
def test_the_longest_sequence_of_the_largest_cell_stays_within_100_megabytes():
    tracemalloc.start()
    measured = measure_through_time(RecurrentSpec("lstm", hidden=256), 2000, [1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert measured.hidden.shape == (1, 2000)
    assert peak < 100e6


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"steps": 2001}, "steps must be a whole number from 1 to 2000, got 2001"),
        ({"hidden": 300}, "hidden must be a whole number from 1 to 256, got 300"),
        ({"cell": "elman"}, "cell must be one of rnn_tanh, .*, got 'elman'"),
        ({"input_kind": "text"}, "input_kind must be one of kata, .*, got 'text'"),
        ({"input_scale": -1}, "input_scale must be a number from 0 to 100, got -1"),
        ({"seeds": range(101)}, "seeds must be 1 to 100 of them .* got 101"),
        ({"seeds": []}, "seeds must be a sequence of 1 to .* got 0"),
        ({"cell": "lstm", "steps": 500, "hidden": 256, "seeds": range(50)}, "seeds must be 1 to 37 of them for 256"),
    ],
)
def test_bad_arguments_are_named_with_their_range(arguments, says):
    with pytest.raises(ValueError, match=f"^{says}"):
        gradient_through_time(**({"cell": "gru", "steps": 10} | arguments))


def test_theories_say_which_cell_they_are_for():
    spec = RecurrentSpec("gru")
    parameters = initialize_recurrent(spec, 1)
    plain = r"^spec.cell must be one without gates \(rnn_tanh, rnn_relu, rnn_sigmoid\), got 'gru'"
    with pytest.raises(ValueError, match=plain):
        spectral_bounds(spec, parameters, 5)
    gated = r"^passed must be a pass of a cell with a forget gate \(lstm, lstm_relu\), got 'gru'"
    with pytest.raises(ValueError, match=gated):
        forget_gate_products(run_recurrent(spec, parameters, np.zeros((2, 1, 1))))
    with pytest.raises(ValueError, match=r"^fraction must be a number from 0 to 1, got 2"):
        learnable_lag([1.0], 2)
    with pytest.raises(ValueError, match=r"^sizes must be"):
        learnable_lag([], 0.5)


def test_what_the_gate_keeps_is_the_mean_of_its_values():
    """PyTorch's GRU by a loop of our own: h = (1 - z) n + z h, so that z is the share that is kept."""
    spec = RecurrentSpec("gru", hidden=5, initializer="torch_default")
    p, h, values = initialize_recurrent(spec, 3), np.zeros(5), []
    for x in 2.0 * example_inputs(1, 12, "normal"):
        r, z, n = np.split(p.weight_ih @ x + p.bias_ih, 3)
        ur, uz, un = np.split(p.weight_hh @ h + p.bias_hh, 3)
        r, z = 1 / (1 + np.exp(-(r + ur))), 1 / (1 + np.exp(-(z + uz)))
        h = (1 - z) * np.tanh(n + r * un) + z * h
        values.append(z)
    measured = measure_through_time(spec, 12, [3], input_scale=2.0)
    assert measured.kept == pytest.approx([np.mean(values)], rel=1e-12)
    assert measure_through_time(RecurrentSpec("rnn_tanh", hidden=5), 12, [3]).kept is None


def test_the_cell_states_gradient_is_torchs():
    torch = pytest.importorskip("torch")
    spec = RecurrentSpec("lstm", initializer="spectral_radius", spectral_radius=1.0, forget_bias=1.5)
    p = initialize_recurrent(spec, 42)
    cell = torch.nn.LSTMCell(1, 32, dtype=torch.float64)
    with torch.no_grad():
        for name, own in cell.named_parameters():
            own.copy_(torch.tensor(getattr(p, name)))
    h, c = torch.zeros(1, 32, dtype=torch.float64), torch.zeros(1, 32, dtype=torch.float64)
    states = []
    for x in 0.3 * example_inputs(1, 100, "normal"):
        h, c = cell(torch.tensor(x[None]), (h, c))
        c.retain_grad()
        states.append(c)
    h.sum().backward()
    sizes = [state.grad.norm().item() for state in reversed(states)]
    measured = measure_through_time(spec, 100, [42], input_scale=0.3)
    np.testing.assert_allclose(measured.cell[0] / measured.cell[0, 0], np.array(sizes) / sizes[0], rtol=1e-9)
