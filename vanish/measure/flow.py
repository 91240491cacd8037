"""Gradient flow: what each layer receives, over activations and seeds, as a tidy table."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.inputs import LARGEST_BATCH, example_inputs
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.checks import check_pass_fits
from vanish.network.initialize import initialize
from vanish.network.passes import backward, batch_rows, output_rows, run_forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_choices, check_integer, check_items, check_kind, check_memory
from vanish.numerics.lcg import check_seeds, one_or_more_seeds

# Networks run side by side until their arrays hold this many numbers (8 MB), then in turns.
NUMBERS_AT_ONCE = 1_000_000

# Of large networks, which would be fewer at once, so many take up to twice as many numbers: one after the other is a
# third slower.
FEW = 4


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

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    rows, seeds = batch_rows(spec, inputs), check_seeds("seeds", seeds)
    measures = [MAGNITUDES[name].measure for name in check_choices("magnitudes", magnitudes, MAGNITUDES)]
    check_pass_fits("inputs", spec, 1, len(rows))
    result = np.empty((len(measures), len(seeds), spec.depth))
    at_outputs = output_rows(spec, len(rows), output_gradient)
    for start, chunk in _chunks(spec, seeds, len(rows)):
        parameters = initialize(spec, chunk, rows)
        layers = backward(spec, parameters, run_forward(spec, parameters, rows, keep=False), at_outputs)
        with np.errstate(**QUIET):
            for layer, gradients in zip(reversed(range(spec.depth)), layers, strict=True):
                weights = parameters.layers[layer].weights
                for row, measure in enumerate(measures):
                    result[row, start : start + len(chunk), layer] = measure(gradients, weights)
    return result


def seeds_at_once(spec: NetworkSpec, batch: int) -> int:
    """How many networks run side by side on a batch of so many examples."""
    numbers = sum(fan_out * (fan_in + 4 * batch) for fan_out, fan_in in spec.layer_shapes)
    return max(1, NUMBERS_AT_ONCE // numbers, min(FEW, 2 * NUMBERS_AT_ONCE // numbers))


def _chunks(spec: NetworkSpec, seeds: Sequence[int], batch: int) -> Iterator[tuple[int, Sequence[int]]]:
    size = seeds_at_once(spec, batch)
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
    specs = [specs] if isinstance(specs, NetworkSpec) else check_items("specs", specs, what="network specs")
    for spec in specs:
        check_kind("specs", spec, NetworkSpec)
    seeds = one_or_more_seeds("seeds", seeds)
    batch_size = check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
    magnitudes = check_choices("magnitudes", magnitudes, MAGNITUDES)
    check_memory("seeds", len(seeds) * len(magnitudes) * sum(spec.depth for spec in specs))
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
