"""Where a network in training stops being finite."""

from dataclasses import dataclass

import numpy as np

from vanish.choices.losses import LOSSES, Targets
from vanish.network.parameters import Parameters
from vanish.network.passes import backward, forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array


@dataclass(frozen=True)
class Divergence:
    """Where the first non-finite value appeared.

    After ``step`` updates, at ``layer`` (1 is the input's side), in its ``what``: ``"parameters"``,
    ``"pre-activations"``, ``"outputs"``, ``"loss"`` (at the last layer) or ``"gradient"``.
    """

    step: int
    layer: int
    what: str


@np.errstate(**QUIET)
def find_divergence(
    spec: NetworkSpec, parameters: Parameters, inputs: Array, targets: Targets, loss: str, step: int
) -> Divergence | None:
    """Go through parameters, forward pass, loss and backward pass in this order; ``None`` if all is finite."""
    for layer, own in enumerate(parameters.layers, start=1):
        if not all(np.isfinite(array).all() for array in own.arrays):
            return Divergence(step, layer, "parameters")
    passed = forward(spec, parameters, inputs)
    for layer, record in enumerate(passed.layers, start=1):
        if not np.isfinite(record.activated).all():
            return Divergence(step, layer, "pre-activations")
        if not np.isfinite(record.value).all():
            return Divergence(step, layer, "outputs")
    value, gradient = LOSSES[loss].value_and_gradient(passed.outputs, targets)
    if not np.isfinite(value):
        return Divergence(step, spec.depth, "loss")
    for layer, g in zip(range(spec.depth, 0, -1), backward(spec, parameters, passed, gradient), strict=True):
        every = (g.weights, g.biases, g.gain, g.shift, g.gate, g.leak)
        if not all(np.isfinite(array).all() for array in every if array is not None):
            return Divergence(step, layer, "gradient")
    return None
