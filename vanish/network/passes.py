"""A multilayer network as plain data, and pure functions of it.

Layer ``l`` takes ``h`` and computes

    z = h W^T + b               pre-activations, (..., batch, fan_out)
    u = gain * unit(z) + shift  where the spec normalises (hidden layers), else u = z
    a = phi(u)
    h' = h + gate * a           where the spec has residual connections and the shapes agree, else h' = a

``W`` has shape ``(fan_out, fan_in)`` and a batch runs along the rows of ``h``.  Every array may carry
leading axes (one per seed, say): networks of one spec are then run side by side through batched matrix
products.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.parameters import Parameters
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array

NOT_KEPT: Array = np.empty(0)


@dataclass(frozen=True)
class LayerForward:
    """What a layer leaves behind for the backward pass.

    ``inputs``: ``h``; ``activated``: ``u``, what goes into the activation (empty where it is not kept);
    ``slope``: ``phi'(u)`` (``None`` on a linear output); ``value``: ``phi(u)``; ``unit`` and ``deviation``: of the
    normalisation, else ``None``.
    """

    inputs: Array
    activated: Array
    slope: Array | None
    value: Array
    unit: Array | None
    deviation: Array | None


@dataclass(frozen=True)
class Forward:
    """A forward pass: its layers, and the network's outputs ``(..., batch, n_outputs)``."""

    layers: list[LayerForward]
    outputs: Array


@dataclass(frozen=True)
class LayerGradients:
    """One layer's gradients, all but the first two summed over the batch.

    ``pre_activations``: ``dL/dz``, ``(..., batch, fan_out)``; ``outputs``: ``dL/dh'``, what arrives at the
    layer, of the same shape; the others as in ``Parameters``.  Weights and biases are computed when asked for.
    """

    pre_activations: Array
    outputs: Array
    inputs: Array
    gains: Array | None = None
    shifts: Array | None = None
    gates: Array | None = None

    @property
    @np.errstate(**QUIET)
    def weights(self) -> Array:
        """``dL/dW``, ``(..., fan_out, fan_in)``."""
        return self.pre_activations.swapaxes(-1, -2) @ self.inputs

    @property
    @np.errstate(**QUIET)
    def biases(self) -> Array:
        """``dL/db``, ``(..., fan_out)``."""
        return self.pre_activations.sum(axis=-2)


@dataclass(frozen=True)
class Gradients:
    """Gradients of a loss ``L``, one entry a layer, first layer first; shapes as in ``LayerGradients``.

    ``outputs`` is not a gradient but the network's output, ``(..., batch, n_outputs)``.
    """

    outputs: Array
    weights: list[Array]
    biases: list[Array]
    pre_activations: list[Array]
    gains: list[Array | None]
    shifts: list[Array | None]
    gates: list[Array | None]


def _check_inputs(spec: NetworkSpec, inputs: ArrayLike) -> Array:
    h = np.atleast_2d(np.asarray(inputs, dtype=np.float64))
    if h.shape[-1] != spec.n_inputs:
        raise ValueError(f"inputs must have {spec.n_inputs} columns (n_inputs), got shape {h.shape}")
    return h


def layer_forward(
    spec: NetworkSpec, parameters: Parameters, layer: int, h: Array, keep: bool = True
) -> tuple[LayerForward, Array]:
    """Run one layer (counted from 0) on its input; returns what it leaves behind (``keep`` the activation's input?),
    and its output."""
    u = h @ parameters.weights[layer].swapaxes(-1, -2)
    u += parameters.biases[layer][..., None, :]
    unit = deviation = None
    gain, shift, gate = parameters.gains[layer], parameters.shifts[layer], parameters.gates[layer]
    if gain is not None and shift is not None:
        unit, deviation = NORMALIZATIONS[spec.normalization].forward(u)
        u = gain[..., None, :] * unit
        u += shift[..., None, :]
    if spec.linear_output and layer == spec.depth - 1:
        value, slope = u, None
    else:
        value, slope = ACTIVATIONS[spec.activation](u, spec.activation_shape, overwrite=not keep)
    outputs = value if gate is None else h + gate[..., None, None] * value
    return LayerForward(h, u if keep else NOT_KEPT, slope, value, unit, deviation), outputs


@np.errstate(**QUIET)
def layer_backward(
    spec: NetworkSpec, parameters: Parameters, layer: int, passed: LayerForward, outputs: Array
) -> LayerGradients:
    """From ``dL/dh'`` to the gradients of everything within the layer."""
    gain, gate = parameters.gains[layer], parameters.gates[layer]
    gains = shifts = gates = None
    gradient = outputs
    if gate is not None:
        gates = (outputs * passed.value).sum(axis=(-2, -1))
        gradient = gradient * gate[..., None, None]
    if passed.slope is not None:
        gradient = gradient * passed.slope
    if gain is not None and passed.unit is not None and passed.deviation is not None:
        gains, shifts = (gradient * passed.unit).sum(axis=-2), gradient.sum(axis=-2)
        scaled = gradient * gain[..., None, :]
        gradient = NORMALIZATIONS[spec.normalization].backward(scaled, passed.unit, passed.deviation)
    return LayerGradients(gradient, outputs, passed.inputs, gains, shifts, gates)


@np.errstate(**QUIET)
def to_layer_below(parameters: Parameters, layer: int, gradients: LayerGradients) -> Array:
    """``dL/dh``, the gradient of the layer's input."""
    through = gradients.pre_activations @ parameters.weights[layer]
    if parameters.gates[layer] is not None:
        through += gradients.outputs
    return through


@np.errstate(**QUIET)
def forward(spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike, keep: bool = True) -> Forward:
    """Run a batch through the network; ``inputs`` is ``(batch, n_inputs)`` or ``(n_inputs,)``.

    Without ``keep``, what went into the activations is not kept: the backward pass does not need it.
    """
    h = _check_inputs(spec, inputs)
    layers = []
    for layer in range(spec.depth):
        passed, h = layer_forward(spec, parameters, layer, h, keep)
        layers.append(passed)
    return Forward(layers, h)


def backward(
    spec: NetworkSpec, parameters: Parameters, passed: Forward, output_gradient: ArrayLike | None = None
) -> Iterator[LayerGradients]:
    """The backward pass, one layer at a time from the last to the first.

    Each layer's forward record is given up as soon as it has been used, so that memory serves twice: a
    ``Forward`` goes through here once.  ``output_gradient`` is dL/d(outputs), broadcast to
    ``(..., batch, n_outputs)``; ``None`` means ones.
    """
    gradient = np.ones_like(passed.outputs)
    if output_gradient is not None:
        gradient = gradient * np.asarray(output_gradient, dtype=np.float64)
    for layer in reversed(range(spec.depth)):
        gradients = layer_backward(spec, parameters, layer, passed.layers.pop(), gradient)
        yield gradients
        if layer:
            gradient = to_layer_below(parameters, layer, gradients)


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
    passed = forward(spec, parameters, inputs, keep=False)
    kinds: dict[str, list[Any]] = {
        kind: [None] * spec.depth for kind in ("weights", "biases", "pre_activations", "gains", "shifts", "gates")
    }
    layers = backward(spec, parameters, passed, output_gradient)
    for layer, gradients in zip(reversed(range(spec.depth)), layers, strict=True):
        for kind, found in kinds.items():
            found[layer] = getattr(gradients, kind)
    return Gradients(passed.outputs, **kinds)
