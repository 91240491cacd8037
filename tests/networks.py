"""Networks for claims that hold for all of them: strategies of specifications, parameters without special values."""

import numpy as np
from hypothesis import strategies as st

from vanish import (
    ACTIVATIONS,
    CELLS,
    INITIALIZERS,
    NORMALIZATIONS,
    RECURRENT_INITIALIZERS,
    RESIDUALS,
    NetworkSpec,
    Parameters,
    RecurrentSpec,
    initialize,
)

SPECS = st.builds(
    NetworkSpec,
    depth=st.integers(1, 12),
    width=st.integers(1, 16),
    n_inputs=st.integers(1, 5),
    n_outputs=st.integers(1, 3),
    activation=st.sampled_from(list(ACTIVATIONS)),
    initializer=st.sampled_from(list(INITIALIZERS)),
    weight_scale=st.floats(0.1, 3),
    bias_std=st.sampled_from([0, 0.5]),
    normalization=st.sampled_from(list(NORMALIZATIONS)),
    residual=st.sampled_from(list(RESIDUALS)),
    linear_output=st.booleans(),
)
RECURRENT_SPECS = st.builds(
    RecurrentSpec,
    cell=st.sampled_from(list(CELLS)),
    n_inputs=st.integers(1, 4),
    hidden=st.integers(1, 9),
    n_outputs=st.integers(1, 3),
    initializer=st.sampled_from(list(RECURRENT_INITIALIZERS)),
    spectral_radius=st.floats(0, 3),
    forget_bias=st.floats(-3, 3),
)


def batch(spec, size, seed=0):
    return np.random.default_rng(seed).standard_normal((size, spec.n_inputs))


def stirred(spec, seed):
    """Initial weights, and every other number a random one, so that none hides behind a 0 or a 1."""
    generator = np.random.default_rng(seed)

    def random(mean, arrays):
        return [None if a is None else generator.normal(mean, 0.3, a.shape) for a in arrays]

    drawn = initialize(spec, seed)
    weights = [
        w + 0.5 * generator.standard_normal(w.shape) if spec.initializer == "zeros" else w for w in drawn.weights
    ]
    return Parameters(
        weights, random(0.2, drawn.biases), random(1, drawn.gains), random(0, drawn.shifts), random(1, drawn.gates)
    )
