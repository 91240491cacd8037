"""The Jacobian of a stretch of layers, and its singular values.

A network whose singular values are all near 1 keeps every direction of the gradient, not only its
length: dynamical isometry (Saxe et al. 2014; Pennington, Schoenholz & Ganguli 2017).
"""

import numpy as np
from numpy.typing import ArrayLike

from vanish.network.initialize import initialize
from vanish.network.passes import batch_rows, layer_backward, run_forward, to_layer_below
from vanish.network.prediction import fold_batch_norm
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_array, check_integer
from vanish.numerics.lcg import check_seed


def jacobian(spec: NetworkSpec, seed: int, inputs: ArrayLike, first: int = 1, last: int | None = None) -> Array:
    """Derivative of layer ``last``'s output with respect to layer ``first``'s input, at the batch's first example.

    Parameters
    ----------
    spec, seed, inputs : as in ``gradient_flow``, one network
    first, last : int, 1 to depth; ``last=None`` is the output layer

    Returns
    -------
    float64 array, ``(fan_out of last, fan_in of first)``; batch norm's mean and standard deviation are held fixed, and
    what goes around a block counts where the whole block is in the stretch

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    inputs = batch_rows(spec, inputs)
    last = check_integer("last", spec.depth if last is None else last, 1, spec.depth)
    first, seed = check_integer("first", first, 1, last), check_seed("seed", seed)
    fixed, parameters = fold_batch_norm(spec, initialize(spec, seed, inputs), inputs)
    passed = run_forward(fixed, parameters, inputs[:1], keep=False).layers
    # One gradient an output, side by side: (fan_out, 1, fan_out).
    gradient, around = np.eye(spec.layer_shapes[last - 1][0])[:, None], None
    for layer in range(last - 1, first - 2, -1):
        own = parameters.layers[layer]
        gradients = layer_backward(fixed, own, passed[layer], gradient, around)
        around = gradients.around
        gradient = to_layer_below(fixed, layer, own, gradients)
    return gradient[:, 0]


def singular_values(matrix: Array) -> Array:
    """Largest first; none can be told from 0 below ``max(matrix.shape) * 2.2e-16`` of the largest.

    Where the matrix has an entry that is not finite, all are nan.

    Raises
    ------
    ValueError
        If ``matrix`` is not a matrix of numbers.
    """
    matrix = check_array("matrix", matrix, ("rows", "columns"))
    if not np.isfinite(matrix).all():
        return np.full(min(matrix.shape), np.nan)
    return np.asarray(np.linalg.svd(matrix, compute_uv=False), dtype=np.float64)
