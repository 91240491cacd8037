"""A multilayer network as plain data, and pure functions of it.

Layer ``l`` takes ``h`` and computes

    z = x W^T + b               pre-activations, (..., batch, fan_out)
    a = phi(u)                  a = u where it is linear
    s = h0 + gate * a           where it closes a residual block that opened with h0 (h0 = h in a block of one layer),
                                else s = a

and hands on ``h' = s``, with ``x = h`` and ``u = z``, but for the one of the three that the spec normalises:

    x = norm(h),  u = norm(z)  or  h' = norm(s),        norm(v) = gain * unit(v) + shift

``W`` has shape ``(fan_out, fan_in)`` and a batch runs along the rows of ``h``.  Every array may carry
leading axes (one per seed, say): networks of one spec are then run side by side through batched matrix
products.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.checks import check_parameters, check_pass_fits
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_array, check_broadcast, check_broadcastable, check_flag, check_kind

NOT_KEPT: Array = np.empty(0)


@dataclass(frozen=True)
class LayerForward:
    """What a layer leaves behind for the backward pass.

    ``inputs``: ``x``, what the weights multiply; ``activated``: ``u``, what goes into the activation (empty where it is
    not kept); ``slope``: ``phi'(u)`` (``None`` on a linear layer); ``value``: ``a``; ``unit`` and ``std``: of the
    normalisation, else ``None``; ``by_shape``: ``dphi(u)/dshape`` where the shape is learned, else ``None``.
    """

    inputs: Array
    activated: Array
    slope: Array | None
    value: Array
    unit: Array | None
    std: Array | None
    by_shape: Array | None = None

    def map(self, function: Callable[[Array], Array]) -> "LayerForward":
        """The same record with ``function`` applied to every array that is there."""
        # Not ``replace``, which takes several times as long as a small array's arithmetic.
        mapped: list[Any] = [None if array is None else function(array) for array in vars(self).values()]
        return LayerForward(*mapped)


@dataclass(frozen=True)
class Forward:
    """A forward pass: its layers, and the network's outputs ``(..., batch, n_outputs)``."""

    layers: list[LayerForward]
    outputs: Array


@dataclass(frozen=True)
class LayerGradients:
    """One layer's gradients, all but the first two summed over the batch.

    ``pre_activations``: ``dL/dz``, ``(..., batch, fan_out)``; ``outputs``: ``dL/dh'``, what arrives at the
    layer, of the same shape; ``inputs``: the ``x`` that its weights multiply; ``gain``, ``shift``, ``gate`` and
    ``leak`` as in ``LayerParameters``.  ``around``: within a block, ``dL/ds`` at its end, which goes around the branch;
    ``through``: ``dL/dh`` through the weights, where they stand behind a norm.  Weights and biases are computed when
    asked for, once.
    """

    pre_activations: Array
    outputs: Array
    inputs: Array
    gain: Array | None = None
    shift: Array | None = None
    gate: Array | None = None
    leak: Array | None = None
    around: Array | None = None
    through: Array | None = None

    @cached_property
    @np.errstate(**QUIET)
    def weights(self) -> Array:
        """``dL/dW``, ``(..., fan_out, fan_in)``."""
        return self.pre_activations.swapaxes(-1, -2) @ self.inputs

    @cached_property
    @np.errstate(**QUIET)
    def biases(self) -> Array:
        """``dL/db``, ``(..., fan_out)``."""
        return self.pre_activations.sum(axis=-2)


@dataclass(frozen=True)
class Gradients:
    """Gradients of a loss ``L``: ``layers``, first layer first, and the same by kind, as in ``Parameters``.

    ``outputs`` is not a gradient but the network's output, ``(..., batch, n_outputs)``.
    """

    outputs: Array
    layers: list[LayerGradients]

    @property
    def weights(self) -> list[Array]:
        """``dL/dW``, ``(..., fan_out, fan_in)`` a layer."""
        return [layer.weights for layer in self.layers]

    @property
    def biases(self) -> list[Array]:
        """``dL/db``, ``(..., fan_out)`` a layer."""
        return [layer.biases for layer in self.layers]

    @property
    def pre_activations(self) -> list[Array]:
        """``dL/dz``, ``(..., batch, fan_out)`` a layer."""
        return [layer.pre_activations for layer in self.layers]

    @property
    def gains(self) -> list[Array | None]:
        """As in ``LayerParameters``."""
        return [layer.gain for layer in self.layers]

    @property
    def shifts(self) -> list[Array | None]:
        """As in ``LayerParameters``."""
        return [layer.shift for layer in self.layers]

    @property
    def gates(self) -> list[Array | None]:
        """``(...)`` a layer that closes a residual block, else ``None``."""
        return [layer.gate for layer in self.layers]

    @property
    def leaks(self) -> list[Array | None]:
        """``(...)`` a layer whose activation's shape is learned, else ``None``."""
        return [layer.leak for layer in self.layers]


def input_rows(spec: NetworkSpec, inputs: ArrayLike) -> Array:
    """Inputs as float64 rows ``(..., batch, n_inputs)``; ValueError where they do not fit the spec."""
    return np.atleast_2d(check_array("inputs", inputs, ("...", spec.n_inputs), finite=True))


def batch_rows(spec: NetworkSpec, inputs: ArrayLike) -> Array:
    """As ``input_rows``, for one batch without leading axes, ``(batch, n_inputs)``."""
    rows = input_rows(check_kind("spec", spec, NetworkSpec), inputs)
    return check_array("inputs", rows, ("batch", spec.n_inputs))


def output_rows(spec: NetworkSpec, batch: int, output_gradient: ArrayLike | None) -> Array:
    """dL/d(outputs) as ``(batch, n_outputs)``, ``None`` meaning ones; ValueError where it does not fit."""
    given = 1.0 if output_gradient is None else output_gradient
    return check_broadcast("output_gradient", given, (batch, spec.n_outputs))


def normalize(spec: NetworkSpec, own: LayerParameters, v: Array) -> tuple[Array, Array | None, Array | None]:
    """``norm(v)``, and its ``unit`` and ``std``; ``v`` as it is on a layer that normalises nothing."""
    if own.gain is None or own.shift is None:
        return v, None, None
    unit, std = NORMALIZATIONS[spec.normalization].forward(v)
    values = own.gain[..., None, :] * unit
    values += own.shift[..., None, :]
    return values, unit, std


def through_norm(
    spec: NetworkSpec, own: LayerParameters, passed: LayerForward, gradient: Array
) -> tuple[Array, Array | None, Array | None]:
    """``dL/dv`` from ``dL/d(norm(v))``, and the gradients of gain and shift."""
    if own.gain is None or passed.unit is None or passed.std is None:
        return gradient, None, None
    gain, shift = (gradient * passed.unit).sum(axis=-2), gradient.sum(axis=-2)
    scaled = gradient * own.gain[..., None, :]
    return NORMALIZATIONS[spec.normalization].backward(scaled, passed.unit, passed.std), gain, shift


def layer_forward(
    spec: NetworkSpec, layer: int, own: LayerParameters, h: Array, around: Array, keep: bool = True
) -> tuple[LayerForward, Array]:
    """Run one layer (counted from 0, with its ``own`` parameters) on its input ``h``.

    ``around`` is what its block started with, which is added where the block ends.  Returns what the layer leaves
    behind (with the activation's input if ``keep``), and its output.
    """
    place = NORM_PLACES[spec.norm_place] if own.gain is not None else None
    x, unit, std = normalize(spec, own, h) if place and place.before_weights else (h, None, None)
    u = x @ own.weights.swapaxes(-1, -2)
    u += own.biases[..., None, :]
    if place and place.before_activation:
        u, unit, std = normalize(spec, own, u)
    entry, by_shape = ACTIVATIONS[spec.activation], None
    if spec.layers[layer].linear:
        value, slope = u, None
    elif own.leak is not None and entry.by_shape:
        value, slope = entry.value_and_slope(u, own.leak[..., None, None])
        by_shape = entry.by_shape(u)
    else:
        value, slope = entry.apply(u, spec.activation_shape, overwrite=not keep)
    outputs = value if own.gate is None else around + own.gate[..., None, None] * value
    if place and place.after_sum:
        outputs, unit, std = normalize(spec, own, outputs)
    return LayerForward(x, u if keep else NOT_KEPT, slope, value, unit, std, by_shape), outputs


@np.errstate(**QUIET)
def layer_backward(
    spec: NetworkSpec, own: LayerParameters, passed: LayerForward, outputs: Array, around: Array | None = None
) -> LayerGradients:
    """From ``dL/dh'`` to the gradients of everything within the layer.

    ``around`` is ``dL/ds`` at the end of the block that the layer is in, as the layer above left it; where the block
    ends, it is made.
    """
    place = NORM_PLACES[spec.norm_place] if own.gain is not None else None
    gain = shift = gate = leak = through = None
    gradient = outputs
    if place and place.after_sum:
        gradient, gain, shift = through_norm(spec, own, passed, gradient)
    if own.gate is not None:
        around = gradient
        gate = (gradient * passed.value).sum(axis=(-2, -1))
        gradient = gradient * own.gate[..., None, None]
    if passed.by_shape is not None:
        leak = (gradient * passed.by_shape).sum(axis=(-2, -1))
    if passed.slope is not None:
        gradient = gradient * passed.slope
    if place and place.before_activation:
        gradient, gain, shift = through_norm(spec, own, passed, gradient)
    if place and place.before_weights:
        through, gain, shift = through_norm(spec, own, passed, gradient @ own.weights)
    return LayerGradients(gradient, outputs, passed.inputs, gain, shift, gate, leak, around, through)


@np.errstate(**QUIET)
def to_layer_below(spec: NetworkSpec, layer: int, own: LayerParameters, gradients: LayerGradients) -> Array:
    """``dL/dh``, the gradient of the layer's input."""
    through = gradients.pre_activations @ own.weights if gradients.through is None else gradients.through
    if spec.layers[layer].opens and gradients.around is not None:
        return through + gradients.around
    return through


def forward(spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike, keep: bool = True) -> Forward:
    """Run a batch through the network; ``inputs`` is ``(batch, n_inputs)`` or ``(n_inputs,)``.

    Without ``keep``, what went into the activations is not kept: the backward pass does not need it.

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received: parameters of another shape than the spec's (with
        the layer), inputs that do not fit, a pass that would not fit in memory.
    """
    keep = check_flag("keep", keep)
    check_parameters(check_kind("spec", spec, NetworkSpec), parameters)
    h = input_rows(spec, inputs)
    own = parameters.layers[0].weights.shape[:-2]
    leading = check_broadcastable("inputs", h.shape[:-2], "parameters", own)
    check_pass_fits("inputs", spec, prod(leading), h.shape[-2])
    return run_forward(spec, parameters, h, keep)


@np.errstate(**QUIET)
def run_forward(spec: NetworkSpec, parameters: Parameters, h: Array, keep: bool = True) -> Forward:
    """As ``forward``, for parameters and rows of inputs that are known to fit."""
    layers = []
    for passed, outputs in each_layer(spec, parameters, h, keep):
        layers.append(passed)
        h = outputs
    return Forward(layers, h)


def each_layer(
    spec: NetworkSpec, parameters: Parameters, h: Array, keep: bool = True
) -> Iterator[tuple[LayerForward, Array]]:
    """The forward pass layer by layer, what each leaves behind and hands on: for callers that need one at a time."""
    around = h
    for layer, own in enumerate(parameters.layers):
        if spec.layers[layer].opens:
            around = h
        passed, h = layer_forward(spec, layer, own, h, around, keep)
        yield passed, h


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
    around = None
    for layer in reversed(range(spec.depth)):
        own = parameters.layers[layer]
        gradients = layer_backward(spec, own, passed.layers.pop(), gradient, around)
        yield gradients
        around = None if spec.layers[layer].opens else gradients.around
        if passed.layers:
            gradient = to_layer_below(spec, layer, own, gradients)


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
        As in ``forward``; if ``output_gradient`` does not fit the outputs.
    """
    passed = forward(spec, parameters, inputs, keep=False)
    if output_gradient is not None:
        output_gradient = check_broadcast("output_gradient", output_gradient, passed.outputs.shape)
    layers = list(backward(spec, parameters, passed, output_gradient))
    return Gradients(passed.outputs, layers[::-1])
