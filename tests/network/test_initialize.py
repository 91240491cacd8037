"""What networks start from, where several are made of the same random numbers."""

from dataclasses import replace

import numpy as np
import pytest

from vanish import NetworkSpec, initialize
from vanish.choices import INITIALIZERS
from vanish.network.initialize import drawing_once, keeping_nothing


def arrays(parameters):
    return [array for layer in parameters.layers for array in layer.arrays]


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_what_is_drawn_once_is_what_each_network_draws_for_itself(initializer):
    spec = NetworkSpec(depth=4, initializer=initializer, weight_scale=1.5, bias_std=0.2, weight_std=0.3)
    others = [
        replace(spec, activation="prelu"),
        replace(spec, weight_scale=1.0),
        replace(spec, weight_std=0.5, uniform_low=-0.3),
        replace(spec, bias_std=0.0),
        replace(spec, residual="fixup"),
        replace(spec, residual="fixup", block="two"),
        replace(spec, depth=5),
        replace(spec, normalization="layer"),
    ]
    for seeds in (7, [7, 8]):
        apart = [initialize(one, seeds) for one in others]
        with drawing_once():
            initialize(spec, seeds)
            together = [initialize(one, seeds) for one in others]
        for one, other in zip(apart, together, strict=True):
            assert all(map(np.array_equal, arrays(one), arrays(other)))


def test_networks_that_differ_in_their_activation_alone_share_their_weights_and_may_not_change_them():
    spec = NetworkSpec(depth=3, bias_std=0.1)
    with drawing_once():
        one, other = (initialize(replace(spec, activation=name), [1, 2]) for name in ("tanh", "relu"))
        assert all(map(np.shares_memory, one.weights + one.biases, other.weights + other.biases))
        with pytest.raises(ValueError, match="read-only"):
            one.weights[0][...] = 0.0
        with keeping_nothing():
            assert initialize(spec, [1, 2]).weights[0].flags.writeable
        assert not np.shares_memory(initialize(spec, [1, 3]).weights[0], one.weights[0])
    assert initialize(spec, [1, 2]).weights[0].flags.writeable
