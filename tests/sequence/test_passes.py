import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import RECURRENT_SPECS
from torch_twins import torch_cell

from vanish import RecurrentSpec
from vanish.choices import CELLS
from vanish.sequence import RecurrentParameters, backprop_through_time, initialize_recurrent, run_recurrent
from vanish.sequence.passes import BackwardPass, ForwardPass
from vanish.sequence.spec import gate_rows


def stirred(spec, seed=0):
    """Every parameter a random number, so that none hides behind a 0 or a 1."""
    generator = np.random.default_rng(seed)
    return RecurrentParameters(**{name: generator.normal(0, 0.4, shape) for name, shape in spec.shapes.items()})


def problem(spec, steps=6, batch=3, seed=1, leading=()):
    """Inputs, an initial state, and how a loss weighs outputs and states."""
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((steps, *leading, batch, spec.n_inputs))
    state = [
        generator.normal(0, 0.5, (*leading, batch, spec.hidden)) for _ in range(1 + CELLS[spec.cell].has_cell_state)
    ]
    weigh = generator.standard_normal((steps, *leading, batch, spec.n_outputs))
    weigh_hidden = generator.standard_normal((steps, *leading, batch, spec.hidden))
    return inputs, state, weigh, weigh_hidden


@pytest.mark.parametrize("name", CELLS)
def test_outputs_and_all_gradients_are_torchs(name):
    torch = pytest.importorskip("torch")
    spec = RecurrentSpec(name, n_inputs=3, hidden=7, n_outputs=2)
    parameters = stirred(spec)
    inputs, state, weigh, weigh_hidden = problem(spec, steps=20, batch=4)
    passed = run_recurrent(spec, parameters, inputs, state)
    ours = backprop_through_time(spec, parameters, passed, weigh, weigh_hidden)

    cell, read_out = torch_cell(torch, spec, parameters)
    x = torch.tensor(inputs, requires_grad=True)
    first = [torch.tensor(part[None], requires_grad=True) for part in state]
    hidden, _ = cell(x, tuple(first) if len(first) > 1 else first[0])
    outputs = read_out(hidden)
    ((outputs * torch.tensor(weigh)).sum() + (hidden * torch.tensor(weigh_hidden)).sum()).backward()

    near = {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(passed.hidden, hidden.detach(), **near)
    np.testing.assert_allclose(passed.outputs(parameters), outputs.detach(), **near)
    np.testing.assert_allclose(ours.inputs, x.grad, **near)
    for own, theirs in zip(ours.state, first, strict=True):
        np.testing.assert_allclose(own, theirs.grad[0], **near)
    for key, theirs in [*cell.named_parameters(), *read_out.named_parameters()]:
        np.testing.assert_allclose(getattr(ours.parameters, key.removesuffix("_l0")), theirs.grad, err_msg=key, **near)


def central_difference(spec, parameters, problem, kind, h=1e-4):
    """Fourth order, for every entry of one array at once: one network a nudged entry, side by side."""
    inputs, state, weigh, weigh_hidden = problem
    arrays = vars(parameters) | {"h_0": state[0], "c_0": state[-1]}
    values = arrays[kind]
    nudges = np.eye(values.size).reshape(values.size, *values.shape)

    def loss(step):
        nudged = arrays | {kind: values + step * nudges}
        many = RecurrentParameters(
            **{name: np.broadcast_to(nudged[name], (values.size, *spec.shapes[name])) for name in spec.shapes}
        )
        start = [nudged["h_0"], nudged["c_0"]][: len(state)]
        passed = run_recurrent(spec, many, inputs, start)
        weighed = (passed.outputs(many) * weigh[:, None]).sum(axis=(0, -2, -1))
        return weighed + (passed.hidden * weigh_hidden[:, None]).sum(axis=(0, -2, -1))

    difference = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
    return difference.reshape(values.shape)


@pytest.mark.parametrize("name", CELLS)
def test_every_gradient_is_the_central_difference(name):
    spec = RecurrentSpec(name, n_inputs=2, hidden=4, n_outputs=2)
    # No unit within a nudge's reach of ReLU's kink.
    parameters, given_problem = stirred(spec, seed=30 if name == "lstm_relu" else 2), problem(spec)
    inputs, state, *weigh = given_problem
    passed = run_recurrent(spec, parameters, inputs, state)
    if name == "rnn_relu":
        assert np.abs(passed.gates).min() > 2e-3
    if name == "lstm_relu":
        assert np.abs(passed.cells).min() > 2e-3
    ours = backprop_through_time(spec, parameters, passed, *weigh)
    named = vars(ours.parameters) | dict(zip(("h_0", "c_0"), ours.state, strict=False))
    for kind, gradient in named.items():
        expected = central_difference(spec, parameters, given_problem, kind)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8, err_msg=kind)


def test_the_gradient_of_a_state_is_what_a_run_that_starts_there_says():
    # dL/dh_t and dL/dc_t, totals, are the gradients by the initial state of the rest of the sequence.
    for name in CELLS:
        spec = RecurrentSpec(name, n_inputs=2, hidden=5)
        parameters = stirred(spec, seed=3)
        inputs, state, weigh, weigh_hidden = problem(spec, steps=9)
        passed = run_recurrent(spec, parameters, inputs, state)
        whole = backprop_through_time(spec, parameters, passed, weigh, weigh_hidden)
        middle = [passed.hidden[3], *([] if passed.cells is None else [passed.cells[3]])]
        rest = run_recurrent(spec, parameters, inputs[4:], middle)
        after = backprop_through_time(spec, parameters, rest, weigh[4:], weigh_hidden[4:])
        own = weigh_hidden[3] + weigh[3] @ parameters.weight
        if not CELLS[name].has_cell_state:
            np.testing.assert_allclose(whole.hidden[3], after.state[0] + own, rtol=1e-12)
        else:
            o, c = passed.gates[3][gate_rows(spec, 3)].T, passed.cells[3]
            slope = np.where(c > 0, 1.0, 0.0) if name == "lstm_relu" else 1 - np.tanh(c) ** 2
            np.testing.assert_allclose(whole.hidden[3], after.state[0] + own, rtol=1e-12)
            through_h = whole.hidden[3] * o * slope
            np.testing.assert_allclose(whole.cells[3], after.state[1] + through_h, rtol=1e-12)


@given(RECURRENT_SPECS, st.integers(1, 7), st.integers(1, 4))
def test_networks_side_by_side_are_the_networks_one_by_one(spec, steps, batch):
    seeds = [3, 2**64 - 1]
    together = initialize_recurrent(spec, seeds)
    inputs, state, *weigh = problem(spec, steps, batch, leading=(2,))
    passed = run_recurrent(spec, together, inputs, state)
    many = backprop_through_time(spec, together, passed, *weigh)
    for place, seed in enumerate(seeds):
        alone = initialize_recurrent(spec, seed)
        own = [part[:, place] for part in (inputs, *weigh)]
        single = run_recurrent(spec, alone, own[0], [part[place] for part in state])
        one = backprop_through_time(spec, alone, single, *own[1:])
        np.testing.assert_allclose(passed.outputs(together)[:, place], single.outputs(alone), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(many.hidden[:, place], one.hidden, rtol=1e-9, atol=1e-12)
        for name in spec.shapes:
            np.testing.assert_allclose(
                getattr(many.parameters, name)[place], getattr(one.parameters, name), rtol=1e-9, atol=1e-9
            )


def test_one_sequence_may_serve_all_seeds():
    spec = RecurrentSpec("gru", n_inputs=2, hidden=6)
    parameters = initialize_recurrent(spec, [1, 2, 3])
    inputs = problem(spec)[0]
    shared = run_recurrent(spec, parameters, inputs).hidden
    each = run_recurrent(spec, parameters, np.repeat(inputs[:, None], 3, axis=1)).hidden
    assert np.array_equal(shared, each)


def test_passes_may_be_used_again():
    for name in CELLS:
        spec = RecurrentSpec(name, n_inputs=2, hidden=5)
        forward = ForwardPass(spec, 4, 3)
        back = BackwardPass(forward)
        into = RecurrentParameters(**{key: np.empty(shape) for key, shape in spec.shapes.items()})
        for seed in (1, 2):
            parameters = stirred(spec, seed)
            inputs, _, weigh, _ = problem(spec, 4, 3, seed)
            forward(parameters, inputs, None)
            back.read_out(parameters, weigh[3:], 3, into)
            back(parameters, into)
            late = np.where(np.arange(4)[:, None, None] == 3, weigh, 0.0)
            fresh = backprop_through_time(spec, parameters, run_recurrent(spec, parameters, inputs), late)
            for key in spec.shapes:
                np.testing.assert_allclose(getattr(into, key), getattr(fresh.parameters, key), rtol=1e-12, atol=1e-15)


def test_an_irnn_in_its_linear_regime_keeps_the_gradient_exactly():
    # Every unit is on, so each step multiplies by the identity (Le, Jaitly & Hinton 2015).
    spec = RecurrentSpec("rnn_relu", n_inputs=3, hidden=8, initializer="identity")
    parameters = initialize_recurrent(spec, 5)
    passed = run_recurrent(spec, parameters, np.random.default_rng(1).standard_normal((100, 2, 3)), [np.ones((2, 8))])
    assert passed.hidden.min() > 0
    arriving = np.random.default_rng(2).standard_normal((2, 8))
    only_last = np.where(np.arange(100)[:, None, None] == 99, arriving, 0.0)
    gradients = backprop_through_time(spec, parameters, passed, hidden_gradients=only_last)
    assert np.array_equal(gradients.hidden, np.broadcast_to(arriving, (100, 2, 8)))


def test_overflow_is_a_result():
    spec = RecurrentSpec("rnn_relu", initializer="spectral_radius", spectral_radius=4.0)
    parameters = initialize_recurrent(spec, 1)
    passed = run_recurrent(spec, parameters, np.full((500, 1, 1), 1e200))
    assert not np.isfinite(passed.hidden[-1]).all()
    backprop_through_time(spec, parameters, passed, 1.0)


def test_shapes_that_do_not_fit_are_named():
    spec = RecurrentSpec("lstm", n_inputs=2)
    parameters = initialize_recurrent(spec, 1)
    with pytest.raises(
        ValueError,
        match=r"^inputs must be finite numbers of shape \(steps, ..., batch, 2\), got an array of shape \(4, 3\)",
    ):
        run_recurrent(spec, parameters, np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"^state must be a sequence of 2 to 2 arrays, got 1"):
        run_recurrent(spec, parameters, np.zeros((4, 1, 2)), [np.zeros((1, 32))])
