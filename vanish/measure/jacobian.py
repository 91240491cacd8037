"""The Jacobian of a stretch of layers, and its singular values.

A network whose singular values are all near 1 keeps every direction of the gradient, not only its
length: dynamical isometry (Saxe et al. 2014; Pennington, Schoenholz & Ganguli 2017).
"""

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.initialize import initialize
from vanish.network.passes import forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_integer


@np.errstate(**QUIET)
def jacobian(spec: NetworkSpec, seed: int, inputs: ArrayLike, first: int = 1, last: int | None = None) -> Array:
    """Derivative of layer ``last``'s output with respect to layer ``first``'s input, at the batch's first example.

    Parameters
    ----------
    first, last : int, 1 to depth; ``last=None`` is the output layer

    Returns
    -------
    float64 array, ``(fan_out of last, fan_in of first)``; batch norm's mean and deviation are held fixed

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    last = check_integer("last", spec.depth if last is None else last, 1, spec.depth)
    check_integer("first", first, 1, last)
    parameters = initialize(spec, seed, inputs)
    layers = forward(spec, parameters, inputs).layers
    normalization = NORMALIZATIONS[spec.normalization]
    product = np.eye(spec.layer_shapes[last - 1][0])
    for index in range(last - 1, first - 2, -1):
        layer, own = layers[index], parameters.layers[index]
        gate, gain = own.gate, own.gain
        through = product if layer.slope is None else product * layer.slope[:1]
        if gate is not None:
            through = through * gate
        if gain is not None and layer.unit is not None and layer.std is not None:
            through = through * gain
            if normalization.axis == -1:
                through = normalization.backward(through, layer.unit[:1], layer.std[:1])
            else:
                through = through / layer.std
        through = through @ own.weights
        product = through if gate is None else through + product
    return product


def singular_values(matrix: Array) -> Array:
    """Largest first; none can be told from 0 below ``max(matrix.shape) * 2.2e-16`` of the largest.

    Where the matrix has an entry that is not finite, all are nan.
    """
    if not np.isfinite(matrix).all():
        return np.full(min(matrix.shape), np.nan)
    return np.asarray(np.linalg.svd(matrix, compute_uv=False), dtype=np.float64)
