"""A multilayer network as plain data, and pure functions of it.

Layer ``l`` computes ``z = h W^T + b`` and ``h' = phi(z)``; ``W`` has shape ``(fan_out, fan_in)`` and a
batch runs along the rows of ``h``.  Every array may carry leading axes (one per seed, say): networks of
one spec are then run side by side through batched matrix products.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish import lcg
from vanish.activations import ACTIVATIONS
from vanish.initializers import INITIALIZERS, unit_uniform
from vanish.validation import check_choice, check_integer, check_number

Array = NDArray[np.float64]

KATA_INPUTS = (0.5, -0.3, 0.8, -0.1)
LARGEST_DEPTH, LARGEST_WIDTH = 200, 512

# A network that overflows or underflows is a result to show, not a mistake to warn of.
QUIET: dict[str, Any] = {"over": "ignore", "under": "ignore", "invalid": "ignore"}


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, before any number is drawn.

    Parameters
    ----------
    depth : int, 1 to 200
        Number of weight layers.
    width, n_inputs, n_outputs : int, 1 to 512
        Units per hidden layer, inputs, outputs.
    activation : str
        A name from ``ACTIVATIONS``; applied on every layer unless ``linear_output``.
    activation_shape : float or None
        The activation's own parameter (leaky ReLU's ``negative_slope``); ``None`` is its default.
    initializer : str
        A name from ``INITIALIZERS``.
    weight_scale : float, 0 to 100
        Multiplies every initial weight.
    linear_output : bool
        Leave the activation out on the last layer.

    Raises
    ------
    ValueError
        Naming the field, its range and the value received.
    """

    depth: int = 10
    width: int = 8
    n_inputs: int = len(KATA_INPUTS)
    n_outputs: int = 1
    activation: str = "sigmoid"
    activation_shape: float | None = None
    initializer: str = "kata"
    weight_scale: float = 1.0
    linear_output: bool = False

    def __post_init__(self) -> None:
        check_integer("depth", self.depth, 1, LARGEST_DEPTH)
        for name in ("width", "n_inputs", "n_outputs"):
            check_integer(name, getattr(self, name), 1, LARGEST_WIDTH)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("initializer", self.initializer, INITIALIZERS)
        check_number("weight_scale", self.weight_scale, 0, 100)
        if self.activation_shape is not None:
            shape = ACTIVATIONS[self.activation].shape
            if shape is None:
                raise ValueError(f"activation_shape must be None for {self.activation}, got {self.activation_shape!r}")
            check_number(f"activation_shape ({shape.name})", self.activation_shape, shape.low, shape.high)
        if not isinstance(self.linear_output, bool):
            raise ValueError(f"linear_output must be True or False, got {self.linear_output!r}")

    @property
    def layer_shapes(self) -> list[tuple[int, int]]:
        """``(fan_out, fan_in)`` of every layer, first layer first."""
        sizes = [self.n_inputs, *[self.width] * (self.depth - 1), self.n_outputs]
        return [(fan_out, fan_in) for fan_in, fan_out in pairwise(sizes)]


@dataclass(frozen=True)
class Parameters:
    """``weights``: one ``(..., fan_out, fan_in)`` array a layer; ``biases``: one ``(..., fan_out)``."""

    weights: list[Array]
    biases: list[Array]


@dataclass(frozen=True)
class Forward:
    """What a forward pass leaves behind for the backward one, one entry a layer.

    ``inputs``: the layer's input ``h``; ``pre_activations``: ``z``; ``slopes``: ``phi'(z)``
    (``None`` on a linear output layer); ``outputs``: the network's, ``(..., batch, n_outputs)``.
    """

    inputs: list[Array]
    pre_activations: list[Array]
    slopes: list[Array | None]
    outputs: Array


@dataclass(frozen=True)
class LayerGradients:
    """One layer's gradients: ``pre_activations`` is ``dL/dz``, ``(..., batch, fan_out)``; ``weights``
    ``(..., fan_out, fan_in)`` and ``biases`` ``(..., fan_out)`` are summed over the batch."""

    pre_activations: Array
    weights: Array
    biases: Array


@dataclass(frozen=True)
class Gradients:
    """Gradients of a loss ``L``, one entry a layer, first layer first; shapes as in ``LayerGradients``.

    ``outputs`` is not a gradient but the network's output, ``(..., batch, n_outputs)``.
    """

    outputs: Array
    weights: list[Array]
    biases: list[Array]
    pre_activations: list[Array]


def initialize(spec: NetworkSpec, seed: int | Sequence[int]) -> Parameters:
    """Draw a network's weights and biases.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int from 0 to 2**64 - 1, or a sequence of them
        A sequence gives every array a leading axis, one network a seed.

    Raises
    ------
    ValueError
        If a seed is out of range.
    """
    many = isinstance(seed, Sequence)
    seeds = list(seed) if isinstance(seed, Sequence) else [seed]
    for one in seeds:
        check_integer("seed", one, 0, lcg.LARGEST_SEED)
    initializer = INITIALIZERS[spec.initializer]
    shapes = spec.layer_shapes
    ends = list(accumulate(fan_out * fan_in for fan_out, fan_in in shapes))
    stream = initializer.stream(seeds, ends[-1])
    weights = [
        chunk.reshape(len(seeds), *shape) * (spec.weight_scale * initializer.scale(shape[1], shape[0]))
        for chunk, shape in zip(np.split(stream, ends[:-1], axis=1), shapes, strict=True)
    ]
    if initializer.bias_scale is None:
        biases = [np.zeros((len(seeds), fan_out)) for fan_out, _ in shapes]
    else:
        # Biases come after all weights in the stream, so that the weights stay the kata's.
        bias_ends = list(accumulate(fan_out for fan_out, _ in shapes))
        bias_stream = unit_uniform(seeds, ends[-1] + bias_ends[-1])[:, ends[-1] :]
        biases = [
            chunk * initializer.bias_scale(fan_in)
            for chunk, (_, fan_in) in zip(np.split(bias_stream, bias_ends[:-1], axis=1), shapes, strict=True)
        ]
    if many:
        return Parameters(weights, biases)
    return Parameters([w[0] for w in weights], [b[0] for b in biases])


def forward(spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike) -> Forward:
    """Run a batch through the network; ``inputs`` is ``(batch, n_inputs)`` or ``(n_inputs,)``."""
    h = np.atleast_2d(np.asarray(inputs, dtype=np.float64))
    if h.shape[-1] != spec.n_inputs:
        raise ValueError(f"inputs must have {spec.n_inputs} columns (n_inputs), got shape {h.shape}")
    activation = ACTIVATIONS[spec.activation]
    layer_inputs, pre_activations, slopes = [], [], []
    with np.errstate(**QUIET):
        for layer, (w, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
            layer_inputs.append(h)
            z = h @ w.swapaxes(-1, -2)
            z += b[..., None, :]
            linear = spec.linear_output and layer == spec.depth - 1
            h, slope = (z, None) if linear else activation(z, spec.activation_shape)
            pre_activations.append(z)
            slopes.append(slope)
    return Forward(layer_inputs, pre_activations, slopes, h)


def backward(
    spec: NetworkSpec, parameters: Parameters, passed: Forward, output_gradient: ArrayLike | None = None
) -> Iterator[LayerGradients]:
    """The backward pass, one layer at a time from the last to the first (so that no layer need be kept).

    ``output_gradient`` is dL/d(outputs), broadcast to ``(..., batch, n_outputs)``; ``None`` means ones.
    """
    gradient = np.ones_like(passed.outputs)
    if output_gradient is not None:
        gradient = gradient * np.asarray(output_gradient, dtype=np.float64)
    with np.errstate(**QUIET):
        for layer in reversed(range(spec.depth)):
            slope = passed.slopes[layer]
            if slope is not None:
                gradient = gradient * slope
            yield LayerGradients(gradient, gradient.swapaxes(-1, -2) @ passed.inputs[layer], gradient.sum(axis=-2))
            if layer:
                gradient = gradient @ parameters.weights[layer]


def backprop(
    spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike, output_gradient: ArrayLike | None = None
) -> Gradients:
    """Gradients of a loss with respect to every layer, by one forward and one backward pass.

    Parameters
    ----------
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``
    output_gradient : ``(..., batch, n_outputs)``, broadcast; ``None`` means ones
        dL/d(outputs) of a loss summed over the batch.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If the inputs' shape does not fit the spec.
    """
    passed = forward(spec, parameters, inputs)
    layers = list(backward(spec, parameters, passed, output_gradient))[::-1]
    return Gradients(
        passed.outputs,
        [layer.weights for layer in layers],
        [layer.biases for layer in layers],
        [layer.pre_activations for layer in layers],
    )
