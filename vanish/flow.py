"""Gradient flow: what each layer receives, over activations and seeds, as a tidy table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vanish.inputs import example_inputs
from vanish.network import (
    QUIET,
    LayerGradients,
    NetworkSpec,
    backward,
    forward,
    initialize,
)
from vanish.validation import check_choice

Array = NDArray[np.float64]

# Seeds run side by side until their arrays hold this many numbers (32 MB), then in turns.
NUMBERS_AT_ONCE = 4_000_000


def norm(x: Array, axes: tuple[int, ...]) -> Array:
    """Euclidean norm that neither underflows nor overflows where its result does not."""
    largest = np.abs(x).max(axis=axes, keepdims=True)
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    return np.squeeze(unit, axes) * np.sqrt(np.square(x / unit).sum(axis=axes))


@dataclass(frozen=True)
class Magnitude:
    """One way to measure a layer's gradient; ``measure(gradients, weights)`` gives one number a network."""

    name: str
    label: str
    latex: str
    explanation: str
    measure: Callable[[LayerGradients, Array], Array]


def _mean_abs(gradients: LayerGradients, _: Array) -> Array:
    return np.abs(gradients.pre_activations).mean(axis=(-2, -1))


def _rms(gradients: LayerGradients, _: Array) -> Array:
    batch, fan_out = gradients.pre_activations.shape[-2:]
    return norm(gradients.pre_activations, (-2, -1)) / np.sqrt(batch * fan_out)


def _weight_norm(gradients: LayerGradients, _: Array) -> Array:
    return norm(gradients.weights, (-2, -1))


def _relative_norm(gradients: LayerGradients, weights: Array) -> Array:
    return _weight_norm(gradients, weights) / norm(weights, (-2, -1))


def _stream_rms(gradients: LayerGradients, _: Array) -> Array:
    batch, fan_out = gradients.outputs.shape[-2:]
    return norm(gradients.outputs, (-2, -1)) / np.sqrt(batch * fan_out)


MAGNITUDES: dict[str, Magnitude] = {
    entry.name: entry
    for entry in (
        Magnitude(
            "mean_abs",
            "mean |dL/dz|",
            r"\frac{1}{n} \sum_i \left| \frac{\partial L}{\partial z_i} \right|",
            "The kata's: average size of the gradient at the layer's units.",
            _mean_abs,
        ),
        Magnitude(
            "rms",
            "RMS of dL/dz",
            r"\sqrt{\tfrac{1}{n} \sum_i (\partial L / \partial z_i)^2}",
            "Root of the mean square: the quantity that theory follows from layer to layer.",
            _rms,
        ),
        Magnitude(
            "weight_norm",
            "norm of dL/dW",
            r"\left\lVert \partial L / \partial W \right\rVert_F",
            "What an optimiser gets: the length of the gradient of the layer's weights.",
            _weight_norm,
        ),
        Magnitude(
            "relative_norm",
            "norm of dL/dW / norm of W",
            r"\lVert \partial L / \partial W \rVert_F \,/\, \lVert W \rVert_F",
            "The same, as a fraction of the weights themselves: how fast the layer can change.",
            _relative_norm,
        ),
        Magnitude(
            "stream",
            "RMS of dL/dh",
            r"\sqrt{\tfrac{1}{n} \sum_i (\partial L / \partial h'_i)^2}",
            "What arrives at the layer's output, before its own slope: with residual connections, the main road.",
            _stream_rms,
        ),
    )
}


def layer_magnitudes(
    spec: NetworkSpec, seeds: Sequence[int], inputs: ArrayLike, magnitudes: Sequence[str] = tuple(MAGNITUDES)
) -> Array:
    """Gradient magnitudes per layer when the gradient at every output is 1.

    Returns
    -------
    float64 array, ``(len(magnitudes), len(seeds), depth)``, first layer first
    """
    inputs = np.atleast_2d(np.asarray(inputs, dtype=np.float64))
    measures = [MAGNITUDES[check_choice("magnitudes", name, MAGNITUDES)].measure for name in magnitudes]
    result = np.empty((len(measures), len(seeds), spec.depth))
    for start, chunk in _chunks(spec, seeds, len(inputs)):
        parameters = initialize(spec, chunk, inputs)
        layers = backward(spec, parameters, forward(spec, parameters, inputs, keep=False))
        with np.errstate(**QUIET):
            for layer, gradients in zip(reversed(range(spec.depth)), layers, strict=True):
                for row, measure in enumerate(measures):
                    values = measure(gradients, parameters.weights[layer])
                    result[row, start : start + len(chunk), layer] = values
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
) -> pd.DataFrame:
    """What each layer of each network receives when the gradient at every output is 1.

    Parameters
    ----------
    specs : NetworkSpec or sequence of them
    seeds : int or sequence of int, each 0 to 2**64 - 1
    inputs : ``(batch, n_inputs)``; ``None`` takes ``example_inputs(n_inputs, batch_size)``
    batch_size : int, 1 to 4096
    magnitudes : names from ``MAGNITUDES``

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
        values = layer_magnitudes(spec, seeds, x, magnitudes)
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


def quantiles(values: Array) -> Array:
    """10 %, 50 % and 90 % quantile over seeds, ``(3, ...)`` from ``(seeds, ...)``.

    Each is one of the values, and so as true on a log scale as on any other: gradients spread
    log-normally.  What is not a number counts as larger than all others.
    """
    ordered = np.sort(values, axis=0)
    places = np.rint(np.array([0.1, 0.5, 0.9]) * (len(values) - 1)).astype(int)
    return ordered[places]
