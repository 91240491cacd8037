"""How far one step of gradient descent moves each layer.

A weight's gradient is dL/dz times what the layer was given: dL/dW_l = (dL/dz_l)^T h_(l-1).  The backward signal may die
on its way to the first layer and the forward signal on its way to the last, and a product of the two is nearly level
where both do (Glorot & Bengio 2010, section 4.2).  A bias moves by dL/dz alone.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.network.checks import check_pass_fits
from vanish.network.initialize import initialize
from vanish.network.passes import backward, batch_rows, output_rows, run_forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, norm
from vanish.numerics.checks import check_kind, check_number, refusal
from vanish.numerics.lcg import check_seed

LARGEST_RATE = 1000.0

COLUMNS = ("mean_abs", "length", "relative_length", "bias_mean_abs", "bias_length", "input_rms")


def first_step(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike,
    output_gradient: ArrayLike | None = None,
    learning_rate: float = 0.01,
) -> pd.DataFrame:
    """How far the first step of plain gradient descent moves each layer's weights and biases.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int, 0 to 2**64 - 1
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``
    output_gradient : ``(batch, n_outputs)``, broadcast; ``None`` means ones
        dL/d(outputs) of a loss summed over the batch.
    learning_rate : float, 0 to 1000

    Returns
    -------
    DataFrame, a row a layer, first layer first:

    - ``layer``: 1 is the input's side
    - ``mean_abs``: mean of |dW| over the layer's weights; ``length``: of all of dW (Frobenius norm)
    - ``relative_length``: ``length`` over the length of the weights themselves (nan or inf where they are all 0)
    - ``bias_mean_abs``, ``bias_length``: the same of the biases
    - ``input_rms``: RMS of what the layer was given, the forward signal

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    columns = first_step_columns(spec, seed, inputs, output_gradient, learning_rate)
    return pd.DataFrame({"layer": np.arange(1, spec.depth + 1), **columns})


def first_step_columns(
    spec: NetworkSpec, seed: int, inputs: ArrayLike, output_gradient: ArrayLike | None, learning_rate: float
) -> dict[str, Array]:
    """``first_step``'s columns but ``layer``, ``(depth,)`` each, without a table: of a small network that takes as long
    as a third of all the rest."""
    rate = check_number("learning_rate", learning_rate, 0, LARGEST_RATE)
    x = batch_rows(spec, inputs)
    check_pass_fits("inputs", spec, 1, len(x))
    parameters = initialize(spec, check_seed("seed", seed), x)
    at_outputs = output_rows(spec, len(x), output_gradient)
    layers = backward(spec, parameters, run_forward(spec, parameters, x, keep=False), at_outputs)
    rows: list[tuple[float, ...]] = []
    with np.errstate(**QUIET):
        for own, gradients in zip(reversed(parameters.layers), layers, strict=True):
            weights, biases, given = gradients.weights, gradients.biases, gradients.inputs
            length = rate * _length(weights)
            rows.append(
                (
                    rate * _mean_abs(weights),
                    length,
                    length / _length(own.weights),
                    rate * _mean_abs(biases),
                    rate * _length(biases),
                    _length(given) / np.sqrt(given.size),
                )
            )
    return {name: np.array(column) for name, column in zip(COLUMNS, zip(*reversed(rows), strict=True), strict=True)}


def last_over_first(steps: pd.DataFrame) -> "pd.Series[float]":
    """How many times as far the last layer moves as the first, by each column of ``first_step``'s table.

    Of ``mean_abs`` and the lengths: the number of such steps that the first layer needs for one of the last layer's.
    """
    if not len(check_kind("steps", steps, pd.DataFrame)) or "layer" not in steps:
        raise refusal("steps", "a table that first_step returns", list(steps.columns))
    columns = steps.drop(columns="layer")
    with np.errstate(**QUIET):
        return columns.iloc[-1] / columns.iloc[0]


def _mean_abs(values: Array) -> np.float64:
    # As ``mean`` has it, which takes as long as all the rest that is done with a small layer.
    return np.float64(np.add.reduce(np.abs(values), axis=None) / values.size)


def _length(values: Array) -> np.float64:
    # NumPy's number: over a length of 0 it gives inf or nan and raises nothing.
    square = np.float64(np.vdot(values, values))
    # Squares beyond these bounds lose digits, or the number: there the largest entry is taken out first.
    return np.sqrt(square) if 1e-280 < square < 1e300 else np.float64(norm(values, tuple(range(values.ndim))))
