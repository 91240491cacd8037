"""The gradient's steps through a layer of mean-field theory, one by one: what comes in goes out, and no more."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec
from vanish.choices import RESIDUALS
from vanish.theory.layers import add_branch, around_branch, through_norm
from vanish.theory.signals import GradientStream, SignalStream

SIZES, NUMBERS = st.floats(0.1, 10), st.floats(-10, 10)
ONE = np.array([1.0])
SIGNALS = st.builds(lambda mean, std: SignalStream(mean * ONE, std * ONE, std * ONE), NUMBERS, SIZES)
GRADIENTS = st.builds(lambda *parts: GradientStream(*(part * ONE for part in parts)), NUMBERS, NUMBERS, SIZES, SIZES)


@given(above=GRADIENTS, around=SIGNALS, branch=SIGNALS, residual=st.sampled_from(sorted(RESIDUALS)))
def test_a_gradient_that_goes_around_a_branch_keeps_its_size(above, around, branch, residual):
    # In s = h + gate * a what is along s is along h and along a: the same vector, seen from below.
    spec = NetworkSpec(residual=residual)
    total = add_branch(around, branch, spec.initial_gate)
    passed = SimpleNamespace(around=around, branch=branch, total=total)
    below = around_branch(spec, passed, above)
    np.testing.assert_allclose(below.rms(around), above.rms(total), rtol=1e-12)


@given(above=GRADIENTS, normalized=SIGNALS, divisor=SIZES, normalization=st.sampled_from(["layer", "rms"]))
def test_behind_a_norm_nothing_is_along_the_vector_that_it_normalizes(above, normalized, divisor, normalization):
    below = through_norm(NetworkSpec(normalization=normalization), above, normalized, divisor * ONE)
    # The mean over units of dL/dv times the vector; the rest of dL/dv is as random as the vector.
    along = below.constant * normalized.mean + below.along * normalized.rms
    assert np.abs(along) <= 1e-12 * np.abs(below.constant) * normalized.rms
    if normalization == "layer":
        assert (below.constant, below.along) == (0, 0)
    else:
        np.testing.assert_allclose(below.constant, above.constant / divisor)
