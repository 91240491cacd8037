from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import draws

from vanish.numerics import lcg

SEEDS = st.integers(0, 2**64 - 1)


@given(
    st.lists(SEEDS, min_size=1, max_size=3),
    st.one_of(st.integers(0, 50), st.integers(4095, 4097), st.sampled_from([8191, 8192, 8193, 12289])),
)
def test_jumping_ahead_draws_what_stepping_draws(seeds, count):
    stepped = [list(islice(draws(seed), count)) for seed in seeds]
    np.testing.assert_array_equal(lcg.uniform(seeds, count), stepped)


@given(SEEDS)
def test_draws_fill_the_half_open_interval(seed):
    sample = lcg.uniform([seed], 20_000)
    assert sample.min() >= -1
    assert sample.max() < 1
    assert abs(sample.mean()) < 0.03
    assert sample.var() == pytest.approx(1 / 3, rel=0.03)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "x", "7", True, None])
def test_a_bad_seed_is_named_with_its_range(seed):
    with pytest.raises(ValueError, match=r"seed must be a whole number from 0 to 18446744073709551615"):
        lcg.uniform([seed], 3)


@given(SEEDS)
def test_an_ensemble_starts_with_its_seed_and_shares_no_stream(seed):
    seeds = lcg.ensemble_seeds(seed, 20)
    assert seeds[0] == seed
    assert len(set(seeds)) == 20
    streams = lcg.uniform(seeds, 500)
    # Single draws are 31 bits and meet by chance; shifted copies of one stream would share neighbours too.
    neighbours = streams[:, :-1] + 1j * streams[:, 1:]
    assert len(np.unique(neighbours)) == neighbours.size


def test_consecutive_seeds_do_not_share_members():
    assert len(set(lcg.ensemble_seeds(1, 50)) & set(lcg.ensemble_seeds(2, 50))) == 0


@pytest.mark.parametrize("count", [lcg.BLOCK + 1, lcg.AT_ONCE - 1, lcg.AT_ONCE, lcg.AT_ONCE + lcg.BLOCK + 1])
def test_as_many_draws_as_one_likes_are_the_beginning_of_one_stream(count):
    longest = lcg.uniform([3, 2**63], 3 * lcg.AT_ONCE)
    assert np.array_equal(lcg.uniform([3, 2**63], count), longest[:, :count])
    many = lcg.uniform([*range(20), 3], count)
    assert np.array_equal(many[[3, -1]], longest[[0, 0], :count])
