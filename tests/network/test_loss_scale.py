import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.network.loss_scale import LARGEST_SCALE, LossScale


def test_it_starts_at_65536_doubles_after_2000_good_steps_and_halves_on_overflow():
    scale = LossScale()
    assert scale.scale == 65536
    for _ in range(1999):
        scale = scale.after(True)
    assert scale.scale == 65536
    scale = scale.after(True)
    assert (scale.scale, scale.good_steps) == (131072, 0)
    assert scale.after(True).after(False) == LossScale(65536)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 5))
def test_torch_scales_the_same(finite, interval):
    torch = pytest.importorskip("torch")
    ours = LossScale(growth_interval=interval)
    theirs, good = torch.tensor(2.0**16), torch.tensor(0, dtype=torch.int32)
    for one in finite:
        ours = ours.after(one)
        torch._amp_update_scale_(theirs, good, torch.tensor(0.0 if one else 1.0), 2.0, 0.5, interval)
        assert (ours.scale, ours.good_steps) == (float(theirs), int(good))


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 5))
def test_it_is_two_to_the_number_of_full_runs_less_the_overflows(finite, interval):
    scale = LossScale(growth_interval=interval)
    runs = "".join("+" if one else "-" for one in finite).split("-")
    for one in finite:
        scale = scale.after(one)
    grown = sum(len(run) // interval for run in runs)
    if 16 + grown <= 127:
        assert scale.scale == 2.0 ** (16 + grown - (len(runs) - 1))


def test_it_grows_no_further_than_float32():
    assert LossScale(LARGEST_SCALE, growth_interval=1).after(True).scale == LARGEST_SCALE
