"""What gradient clipping does to each layer of one network."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.clippings import CLIPPINGS, LARGEST_LIMIT
from vanish.choices.residuals import RESIDUALS
from vanish.measure.remedies.treatment import comparison_inputs, comparison_output_gradient
from vanish.network.initialize import initialize
from vanish.network.passes import backward, batch_rows, forward
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
    entry = CLIPPINGS[check_choice("clipping", clipping, CLIPPINGS)]
    limit, seed = check_number("limit", limit, 0, LARGEST_LIMIT), check_seed("seed", seed)
    inputs = comparison_inputs(spec) if inputs is None else batch_rows(spec, inputs)
    output_gradient = comparison_output_gradient(spec, batch_size=len(inputs))
    before: list[float] = []
    after: list[float] = []
    weights: list[int] = []
    for arrays in _gradients(spec, seed, inputs, output_gradient):
        weights.append(len(before))
        before += [float(norm(one, (0,))) for one in arrays]
        if entry.by_entry:
            after += [float(norm(entry.function(one, limit), (0,))) for one in arrays]
    # The lengths of all arrays together are as long as the whole gradient, and are shortened as it is.
    lengths = np.array(before), np.array(after) if entry.by_entry else entry.function(np.array(before), limit)
    wholes = [float(norm(one, (0,))) for one in lengths]
    return Clipped(wholes[0], wholes[1], *(one[weights][::-1] for one in lengths))


def _gradients(spec: NetworkSpec, seed: int, inputs: Array, output_gradient: Array | None) -> Iterator[list[Array]]:
    """The gradients of what each layer learns, a vector each, its weights' first; the last layer first.

    One layer at a time: those of all layers are as large as the network itself.
    """
    parameters = initialize(spec, seed, inputs)
    learned = RESIDUALS[spec.residual].learned
    for layer in backward(spec, parameters, forward(spec, parameters, inputs, keep=False), output_gradient):
        arrays = layer.weights, layer.biases, layer.gain, layer.shift, layer.gate if learned else None, layer.leak
        yield [np.ravel(one).copy() for one in arrays if one is not None]
