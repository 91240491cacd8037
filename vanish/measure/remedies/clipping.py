"""What gradient clipping does to each layer of one network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.clippings import CLIPPINGS, LARGEST_LIMIT
from vanish.measure.remedies.treatment import comparison_inputs, comparison_output_gradient
from vanish.network.flat import flatten, layer_views
from vanish.network.initialize import initialize
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.passes import backprop, batch_rows
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, norm
from vanish.numerics.checks import check_choice, check_number
from vanish.numerics.lcg import check_seed


@dataclass(frozen=True)
class Clipped:
    """A gradient before and after clipping: its norm over all layers, and that of each layer's weights, ``(depth,)``,
    first layer first."""

    length_before: float
    length_after: float
    before: Array
    after: Array


@np.errstate(**QUIET)
def clipped(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike | None = None,
    clipping: str = "norm",
    limit: float = 1.0,
) -> Clipped:
    """What clipping does to each layer's gradient of one network.

    The gradient at every output is 1, but its own for each example under batch norm (``comparison_output_gradient``).

    Parameters
    ----------
    inputs : ``(batch, n_inputs)``; ``None`` takes as many as ``smallest_batch`` asks
    clipping : a name from ``CLIPPINGS``
    limit : float, 0 to 1e6; the norm, or the size of an entry, that is allowed

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    clip = CLIPPINGS[check_choice("clipping", clipping, CLIPPINGS)].function
    limit, seed = check_number("limit", limit, 0, LARGEST_LIMIT), check_seed("seed", seed)
    inputs = comparison_inputs(spec) if inputs is None else batch_rows(spec, inputs)
    output_gradient = comparison_output_gradient(spec, batch_size=len(inputs))
    # As in training, everything that learns is one vector.
    vector = flatten(spec, _gradients(spec, seed, inputs, output_gradient))

    def lengths(vector: Array) -> tuple[float, Array]:
        weights = [layer.weights for layer in layer_views(spec, vector)]
        return float(norm(vector, (0,))), np.array([norm(own, (0, 1)) for own in weights])

    length_before, before = lengths(vector)
    length_after, after = lengths(clip(vector, limit))
    return Clipped(length_before, length_after, before, after)


def _gradients(spec: NetworkSpec, seed: int, inputs: Array, output_gradient: Array | None) -> Parameters:
    layers = backprop(spec, initialize(spec, seed, inputs), inputs, output_gradient).layers
    return Parameters(
        [
            LayerParameters(layer.weights, layer.biases, layer.gain, layer.shift, layer.gate, layer.leak)
            for layer in layers
        ]
    )
