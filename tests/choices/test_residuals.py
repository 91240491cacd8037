import numpy as np
import pytest

from vanish import NetworkSpec
from vanish.choices import RESIDUALS


@pytest.mark.parametrize("name", [name for name, entry in RESIDUALS.items() if entry.skips])
def test_gates_and_scales_are_those_of_a_networks_blocks(name):
    entry, spec = RESIDUALS[name], NetworkSpec(depth=8, width=4, residual=name, block="two")
    scales = [spec.layers[layer].residual_scale for layer in spec.blocks[0]]
    assert entry.weight_scales(np.uint8(len(spec.blocks)), 2) == tuple(scales)
    assert entry.initial_gate(np.uint8(2 * len(spec.blocks))) == spec.initial_gate


def test_fixup_scales_by_the_published_power_of_the_number_of_blocks():
    # Zhang, Dauphin & Ma (2019), rule 2: L^(-1 / (2 m - 2)), and 0 for the last matrix.
    assert RESIDUALS["fixup"].weight_scales(16, 3) == pytest.approx((0.5, 0.5, 0.0))
    assert RESIDUALS["fixup"].weight_scales(16, 1) == (0.0,)
