"""The kernel of a wide ReLU network's output, against the variance map and against itself a little further on."""

import numpy as np
import pytest

from vanish import NetworkSpec, signal_propagation
from vanish.choices import BLOCKS, RESIDUALS
from vanish.numerics.arrays import QUIET
from vanish.theory.kernel import _output_kernel, theory_holds

SPECS = [
    NetworkSpec(
        depth=7, width=16, n_inputs=2, activation="relu", initializer="he_normal", bias_std=0.5, linear_output=True,
        residual=residual, block=block,
    )
    for residual in RESIDUALS
    for block in BLOCKS
]  # fmt: skip
HELD = [spec for spec in SPECS if theory_holds(spec)]
EVERY_SPEC = pytest.mark.parametrize("spec", HELD, ids=lambda spec: f"{spec.residual} {spec.block}")


def at(*places):
    return np.array([[place, 1.0] for place in places])


@EVERY_SPEC
def test_of_an_input_with_itself_it_is_the_variance_maps_mean_square(spec):
    for place in (-1.5, 0.0, 0.7):
        squares = signal_propagation(spec, at(place)).output_mean_square
        with np.errstate(**QUIET):
            kernel = _output_kernel(spec, at(place), at(place))
        assert kernel.value[0] == pytest.approx(squares.iloc[-2], rel=1e-9)


@EVERY_SPEC
def test_its_slopes_are_those_of_its_values(spec):
    t, s, step = 0.3, -0.8, 1e-4
    found = _output_kernel(spec, at(t), at(s))
    around = _output_kernel(spec, at(t + step, t - step, t, t), at(s, s, s + step, s - step))
    assert found.by_t[0] == pytest.approx((around.value[0] - around.value[1]) / (2 * step), rel=1e-6)
    assert found.by_s[0] == pytest.approx((around.value[2] - around.value[3]) / (2 * step), rel=1e-6)
    assert found.mixed[0] == pytest.approx((around.by_t[2] - around.by_t[3]) / (2 * step), rel=1e-6)
