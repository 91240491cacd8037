"""Gradient flow: what each layer receives, over activations and seeds, as a tidy table."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.inputs import example_inputs
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.initialize import initialize
from vanish.network.passes import backward, forward, output_rows
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import NUMBERS_AT_ONCE, QUIET, Array
from vanish.numerics.checks import check_choice


def layer_magnitudes(
    spec: NetworkSpec,
    seeds: Sequence[int],
    inputs: ArrayLike,
    magnitudes: Sequence[str] = tuple(MAGNITUDES),
    output_gradient: ArrayLike | None = None,
) -> Array:
    """Gradient magnitudes per layer when the gradient at the outputs is ``output_gradient`` (``None``: 1 at each).

    Returns
    -------
    float64 array, ``(len(magnitudes), len(seeds), depth)``, first layer first
    """
    inputs = np.atleast_2d(np.asarray(inputs, dtype=np.float64))
    measures = [MAGNITUDES[check_choice("magnitudes", name, MAGNITUDES)].measure for name in magnitudes]
    result = np.empty((len(measures), len(seeds), spec.depth))
    at_outputs = output_rows(spec, len(inputs), output_gradient)
    for start, chunk in _chunks(spec, seeds, len(inputs)):
        parameters = initialize(spec, chunk, inputs)
        layers = backward(spec, parameters, forward(spec, parameters, inputs, keep=False), at_outputs)
        with np.errstate(**QUIET):
            for layer, gradients in zip(reversed(range(spec.depth)), layers, strict=True):
                weights = parameters.layers[layer].weights
                for row, measure in enumerate(measures):
                    result[row, start : start + len(chunk), layer] = measure(gradients, weights)
    return result


def _chunks(spec: NetworkSpec, seeds: Sequence[int], batch: int) -> Iterator[tuple[int, Sequence[int]]]:
    numbers = sum(fan_out * (fan_in + 4 * batch) for fan_out, fan_in in spec.layer_shapes)
    size = max(1, NUMBERS_AT_ONCE // numbers)
    for start in range(0, len(seeds), size):
        yield start, seeds[start : start + size]


def gradient_flow(
    specs: NetworkSpec | Sequence[NetworkSpec],
    seeds: int | Sequence[int] = 42,
    inputs: ArrayLike | None = None,
    batch_size: int = 1,
    magnitudes: Sequence[str] = tuple(MAGNITUDES),
    output_gradient: ArrayLike | None = None,
) -> pd.DataFrame:
    """What each layer of each network receives.

    Parameters
    ----------
    specs : NetworkSpec or sequence of them
    seeds : int or sequence of int, each 0 to 2**64 - 1
    inputs : ``(batch, n_inputs)``; ``None`` takes ``example_inputs(n_inputs, batch_size)``
    batch_size : int, 1 to 4096
    magnitudes : names from ``MAGNITUDES``
    output_gradient : ``(batch, n_outputs)``, broadcast; ``None`` means ones
        dL/d(outputs).  Under batch norm give each example its own (``example_output_gradient``): the sum of the
        outputs is nearly a constant there, and of a linear network exactly one.

    Returns
    -------
    DataFrame, one row per (network, seed, layer): ``activation, initializer, seed, layer`` (1 is the
    input's side) and one column per magnitude

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    specs = [specs] if isinstance(specs, NetworkSpec) else list(specs)
    seeds = [seeds] if isinstance(seeds, int | np.integer) else list(seeds)
    frames = []
    for spec in specs:
        x = example_inputs(spec.n_inputs, batch_size) if inputs is None else inputs
        values = layer_magnitudes(spec, seeds, x, magnitudes, output_gradient)
        frames.append(
            pd.DataFrame(
                {
                    "activation": spec.activation,
                    "initializer": spec.initializer,
                    "seed": np.repeat(np.array(seeds, dtype=np.uint64), spec.depth),
                    "layer": np.tile(np.arange(1, spec.depth + 1), len(seeds)),
                    **{name: table.ravel() for name, table in zip(magnitudes, values, strict=True)},
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
