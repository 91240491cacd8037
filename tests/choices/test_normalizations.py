import numpy as np
import pytest

from vanish.choices import NORMALIZATIONS

ROWS = np.random.default_rng(1).normal(size=(2, 4, 3))


@pytest.mark.parametrize("entry", NORMALIZATIONS.values(), ids=NORMALIZATIONS)
def test_the_gradient_of_a_call_is_what_central_differences_give(entry):
    weights, step = np.random.default_rng(2).normal(size=ROWS.shape), 1e-6
    unit, std = entry(ROWS.tolist())
    assert np.all(std > 0)
    np.testing.assert_array_equal(unit, entry.forward(ROWS)[0])
    gradient = entry.gradient(weights, ROWS)
    for place in np.ndindex(ROWS.shape):
        nudge = np.zeros_like(ROWS)
        nudge[place] = step
        slope = ((entry(ROWS + nudge)[0] - entry(ROWS - nudge)[0]) * weights).sum() / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=1e-6, abs=1e-8)
