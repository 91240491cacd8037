import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch_twins import torch_optimizer

from vanish.choices import CLIPPINGS, OPTIMIZERS, SCHEDULES, clip_by_norm, clip_by_value

VECTORS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20).map(np.array)
STEPS = 100


def torch_schedule(torch, name, optimizer):
    schedulers = torch.optim.lr_scheduler
    return {
        "constant": lambda: schedulers.ConstantLR(optimizer, factor=1.0),
        "cosine": lambda: schedulers.CosineAnnealingLR(optimizer, T_max=STEPS),
        "warm_up": lambda: schedulers.LinearLR(optimizer, start_factor=0.1, total_iters=9),
    }[name]()


@pytest.mark.parametrize("clip", CLIPPINGS)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hundred_steps_are_torchs(name, schedule, clip):
    torch = pytest.importorskip("torch")
    generator = np.random.default_rng(1)
    ours = generator.standard_normal(30)
    gradients = generator.standard_normal((STEPS, 30)) * 10.0 ** generator.integers(-9, 3, 30)
    theirs = torch.tensor(ours, requires_grad=True)
    optimizer = torch_optimizer(torch, name, [theirs], 0.05)
    scheduler = torch_schedule(torch, schedule, optimizer)
    state = OPTIMIZERS[name].start(ours)
    for step, gradient in enumerate(gradients):
        theirs.grad = torch.tensor(gradient)
        if clip == "norm":
            torch.nn.utils.clip_grad_norm_([theirs], 0.7)
        elif clip == "value":
            torch.nn.utils.clip_grad_value_([theirs], 0.7)
        rate = 0.05 * SCHEDULES[schedule].factor(step, STEPS)
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        scheduler.step()
        OPTIMIZERS[name](ours, CLIPPINGS[clip].clip(gradient.copy(), 0.7), state, rate)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_work_in_place_and_leave_the_gradient_alone(name):
    p, g = np.ones(5), np.arange(5.0)
    state = OPTIMIZERS[name].start(p)
    OPTIMIZERS[name](p, g, state, 0.1)
    assert np.array_equal(g, np.arange(5.0))
    assert (p[1:] < 1).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_finds_the_bottom_of_a_bowl(name):
    p = np.array([3.0, -2.0])
    state = OPTIMIZERS[name].start(p)
    for step in range(2000):
        OPTIMIZERS[name](p, p * [1.0, 10.0], state, 0.05 * SCHEDULES["cosine"].factor(step, 2000))
    assert np.abs(p).max() < 1e-3


def test_adam_gives_a_vanished_gradient_the_same_step_and_sgd_does_not():
    for name, ratio in (("adam", 1), ("sgd", 1e-6)):
        p = np.zeros(2)
        OPTIMIZERS[name](p, np.array([1.0, 1e-6]), OPTIMIZERS[name].start(p), 0.1)
        assert p[1] / p[0] == pytest.approx(ratio, rel=0.02)


def test_momentum_multiplies_steady_steps_by_ten():
    p = np.zeros(1)
    state = OPTIMIZERS["momentum"].start(p)
    for _ in range(300):
        before = p.copy()
        OPTIMIZERS["momentum"](p, np.ones(1), state, 0.1)
    assert before - p == pytest.approx(1.0)


def test_adamw_shrinks_what_has_no_gradient_and_adam_does_not():
    for name, left in (("adamw", 0.999**10), ("adam", 1)):
        p = np.ones(1)
        state = OPTIMIZERS[name].start(p)
        for _ in range(10):
            OPTIMIZERS[name](p, np.zeros(1), state, 0.1)
        assert p[0] == pytest.approx(left)


@given(VECTORS, st.floats(1e-3, 1e3))
def test_clipping_by_norm_keeps_the_direction(gradient, limit):
    clipped = clip_by_norm(gradient.copy(), limit)
    assert np.linalg.norm(clipped) <= limit * (1 + 1e-12)
    norm = np.linalg.norm(gradient)
    np.testing.assert_allclose(clipped * norm, gradient * np.linalg.norm(clipped), rtol=1e-9, atol=1e-9 * norm)
    if norm + 1e-6 <= limit:
        assert np.array_equal(clipped, gradient)


@given(VECTORS, st.floats(1e-3, 1e3))
def test_clipping_by_value_keeps_the_signs_and_what_is_small(gradient, limit):
    clipped = clip_by_value(gradient.copy(), limit)
    assert np.abs(clipped).max() <= limit
    assert (clipped * gradient >= 0).all()
    small = np.abs(gradient) <= limit
    assert np.array_equal(clipped[small], gradient[small])


@given(st.sampled_from(list(SCHEDULES)), st.integers(1, 1000))
def test_schedules_stay_between_0_and_1(name, steps):
    factors = [SCHEDULES[name].factor(step, steps) for step in range(steps)]
    assert all(0 < factor <= 1 for factor in factors)
    if name == "cosine":
        assert factors == sorted(factors, reverse=True)
    if name == "warm_up":
        assert factors == sorted(factors)
        assert factors[-1] == 1
