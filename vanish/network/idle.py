"""Units that learn little or nothing, because their slope is small or 0."""

import numpy as np
from numpy.typing import NDArray

from vanish.choices.activations import ACTIVATIONS
from vanish.network.passes import LayerForward
from vanish.network.spec import NetworkSpec

# A unit counts as saturated where its slope is below this share of the activation's largest.
SATURATED_BELOW = 0.05


def idle_units(spec: NetworkSpec, layer: LayerForward) -> tuple[float, NDArray[np.bool_]]:
    """The share of (example, unit) pairs that are saturated, and which units are dead on every example, ``(fan_out,)``.

    A layer without an activation has neither.
    """
    if layer.slope is None:
        return 0.0, np.zeros(layer.value.shape[-1], dtype=bool)
    steep = np.abs(layer.slope)
    floor = SATURATED_BELOW * ACTIVATIONS[spec.activation].largest_slope
    return float((steep < floor).mean()), (steep == 0).all(axis=0)
