"""Networks for claims that hold for all of them: strategies of specifications, parameters without special values."""

from functools import wraps
from inspect import signature
from itertools import product

import numpy as np
import pytest
from hypothesis import strategies as st

from vanish import NetworkSpec, Parameters, RecurrentSpec, initialize
from vanish.choices import (
    ACTIVATIONS,
    BLOCKS,
    CELLS,
    INITIALIZERS,
    NORM_PLACES,
    NORMALIZATIONS,
    RECURRENT_INITIALIZERS,
    RESIDUALS,
)
from vanish.network.flat import flatten
from vanish.network.parameters import LayerParameters

# The names of a layer's arrays.
KINDS = ("weights", "biases", "gain", "shift", "gate", "leak")


def sized(hidden, **rest):
    """A network of so many hidden layers of so many units each, of (layers, units) or of a list of units."""
    if isinstance(hidden, list):
        return NetworkSpec(widths=hidden, **rest)
    return NetworkSpec(depth=hidden[0] + 1, width=hidden[1], **rest)


# Some sizes come twice in a row, so that there are blocks.
UNEQUAL = st.lists(st.integers(1, 16), min_size=1, max_size=5).map(lambda sizes: [one for one in sizes for _ in "12"])
SPECS = st.builds(
    sized,
    hidden=st.tuples(st.integers(0, 11), st.integers(1, 16)) | UNEQUAL,
    n_inputs=st.integers(1, 5),
    n_outputs=st.integers(1, 3),
    activation=st.sampled_from(list(ACTIVATIONS)),
    initializer=st.sampled_from(list(INITIALIZERS)),
    weight_scale=st.floats(0.1, 3),
    bias_std=st.sampled_from([0, 0.5]),
    normalization=st.sampled_from(list(NORMALIZATIONS)),
    residual=st.sampled_from(list(RESIDUALS)),
    linear_output=st.booleans(),
    block=st.sampled_from(list(BLOCKS)),
    norm_place=st.sampled_from(list(NORM_PLACES)),
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


def steepness(spec):
    """What a wave's parameters are divided by, lest its third layer turn 30^3 times as fast as the first one."""
    activation = ACTIVATIONS[spec.activation]
    return 1 if activation.period is None else activation.largest_slope


def stirred(spec, seed):
    """Initial weights, and every other number a random one, so that none hides behind a 0 or a 1."""
    generator = np.random.default_rng(seed)

    def random(mean, array):
        return None if array is None else generator.normal(mean, 0.3, array.shape)

    drawn = initialize(spec, seed)
    weights = [w if w.any() else w + 0.5 * generator.standard_normal(w.shape) for w in drawn.weights]
    biases, gains = ([random(mean, a) for a in arrays] for mean, arrays in ((0.2, drawn.biases), (1, drawn.gains)))
    shifts, gates = ([random(mean, a) for a in arrays] for mean, arrays in ((0, drawn.shifts), (1, drawn.gates)))
    leaks = [random(0.25, a) for a in drawn.leaks]
    layers = [LayerParameters(*own) for own in zip(weights, biases, gains, shifts, gates, leaks, strict=True)]
    return Parameters(layers).map(lambda array: array / steepness(spec))


def flat_gradients(spec, gradients):
    """What training changes of ``backprop``'s gradients, as one vector in the order of ``flatten``."""
    layers = [LayerParameters(*(getattr(layer, kind) for kind in KINDS)) for layer in gradients.layers]
    return flatten(spec, Parameters(layers))


def crossed(**families):
    """Decorator of a test: one test for all combinations of these choices; the one that fails is named.

    A combination that is skipped stops none of the others: the test is skipped only if all of them are.
    """
    cases = [dict(zip(families, values, strict=True)) for values in product(*families.values())]

    def across(test):
        @wraps(test)
        def every(*args, **kwargs):
            skipped = []
            for case in cases:
                try:
                    test(*args, **kwargs, **case)
                except pytest.skip.Exception as reason:
                    skipped.append(reason)
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"with {case}")
                    raise
            if len(skipped) == len(cases):
                raise skipped[-1]

        own = signature(test)
        every.__signature__ = own.replace(parameters=[p for name, p in own.parameters.items() if name not in families])
        return every

    return across
