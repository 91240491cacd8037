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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish import lcg
from vanish.activations import ACTIVATIONS
from vanish.initializers import INITIALIZERS, Initializer
from vanish.inputs import KATA_INPUTS, example_inputs
from vanish.normalization import NORMALIZATIONS
from vanish.validation import check_choice, check_integer, check_number

Array = NDArray[np.float64]

LARGEST_DEPTH, LARGEST_WIDTH = 200, 512
# Examples on which layers are scaled to unit variance where the caller has none.
CALIBRATION_BATCH = 256

RESIDUALS = {
    "none": "Every layer replaces what it gets: the gradient has to pass every one of them.",
    "identity": "h + a: each layer adds to what it gets, and the gradient has a way around it (He et al. 2016).",
    "scaled": "h + a / √depth: the same, with the sum kept from growing with depth.",
    "rezero": "h + gate · a, the gate learned and 0 at first: every block starts as the identity (Bachlechner 2020).",
}

# A network that overflows or underflows is a result to show, not a mistake to warn of.
QUIET: dict[str, Any] = {"over": "ignore", "under": "ignore", "invalid": "ignore", "divide": "ignore"}


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
    weight_std : float, 0 to 100
        Standard deviation of the weights where the initializer leaves it open (``normal``).
    bias_std : float, 0 to 100
        Standard deviation of normal numbers that are added to the initial biases.
    normalization : str
        A name from ``NORMALIZATIONS``; applied to the pre-activations of every layer but the last.
    residual : str
        A name from ``RESIDUALS``; on every layer with as many outputs as inputs.
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
    weight_std: float = 1.0
    bias_std: float = 0.0
    normalization: str = "none"
    residual: str = "none"
    linear_output: bool = False

    def __post_init__(self) -> None:
        check_integer("depth", self.depth, 1, LARGEST_DEPTH)
        for name in ("width", "n_inputs", "n_outputs"):
            check_integer(name, getattr(self, name), 1, LARGEST_WIDTH)
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("initializer", self.initializer, INITIALIZERS)
        check_choice("normalization", self.normalization, NORMALIZATIONS)
        check_choice("residual", self.residual, RESIDUALS)
        for name in ("weight_scale", "weight_std", "bias_std"):
            check_number(name, getattr(self, name), 0, 100)
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

    @property
    def normalized_layers(self) -> list[bool]:
        """Whether each layer's pre-activations are normalised."""
        return [self.normalization != "none" and layer < self.depth - 1 for layer in range(self.depth)]

    @property
    def skipped_layers(self) -> list[bool]:
        """Whether each layer adds to its input instead of replacing it."""
        return [self.residual != "none" and fan_out == fan_in for fan_out, fan_in in self.layer_shapes]

    @property
    def initial_gate(self) -> float:
        """What a residual branch is multiplied by at first."""
        return {"scaled": 1 / sqrt(self.depth), "rezero": 0.0}.get(self.residual, 1.0)


@dataclass(frozen=True)
class Parameters:
    """A network's numbers, one entry a layer.

    ``weights``: ``(..., fan_out, fan_in)``; ``biases``: ``(..., fan_out)``; ``gains`` and ``shifts``:
    ``(..., fan_out)`` where the layer is normalised, else ``None``; ``gates``: ``(...)`` where it has a
    residual connection, else ``None``.  Only ReZero learns its gates.
    """

    weights: list[Array]
    biases: list[Array]
    gains: list[Array | None]
    shifts: list[Array | None]
    gates: list[Array | None]


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


def initialize(spec: NetworkSpec, seed: int | Sequence[int], inputs: ArrayLike | None = None) -> Parameters:
    """Draw a network's weights and biases.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int from 0 to 2**64 - 1, or a sequence of them
        A sequence gives every array a leading axis, one network a seed.
    inputs : ``(batch, n_inputs)``
        The data that a data-dependent initializer (``lsuv``) looks at; ``None`` takes standard-normal ones.

    Raises
    ------
    ValueError
        If a seed is out of range, or the inputs do not fit.
    """
    seeds = list(seed) if isinstance(seed, Sequence) else [seed]
    for one in seeds:
        check_integer("seed", one, 0, lcg.LARGEST_SEED)
    initializer = INITIALIZERS[spec.initializer]
    weights, biases = _draw(spec, seeds, initializer)
    parameters = Parameters(
        weights,
        biases,
        [np.ones_like(b) if on else None for b, on in zip(biases, spec.normalized_layers, strict=True)],
        [np.zeros_like(b) if on else None for b, on in zip(biases, spec.normalized_layers, strict=True)],
        [np.full(len(seeds), spec.initial_gate) if on else None for on in spec.skipped_layers],
    )
    if initializer.unit_variance:
        if inputs is None:
            inputs = example_inputs(spec.n_inputs, CALIBRATION_BATCH, "normal")
        _scale_to_unit_variance(spec, parameters, inputs)
    for w in parameters.weights:
        w *= spec.weight_scale
    if spec.bias_std:
        for b, noise in zip(parameters.biases, bias_noise(spec, seeds), strict=True):
            b += spec.bias_std * noise
    if isinstance(seed, Sequence):
        return parameters
    first: dict[str, list[Any]] = {
        kind: [None if a is None else a[0] for a in arrays] for kind, arrays in vars(parameters).items()
    }
    return Parameters(**first)


def _split(stream: Array, sizes: Iterable[int]) -> list[Array]:
    """Cut the stream's last axis into one piece a layer."""
    return np.split(stream, list(accumulate(sizes))[:-1], axis=-1)


def _draw(spec: NetworkSpec, seeds: list[int], initializer: Initializer) -> tuple[list[Array], list[Array]]:
    shapes = spec.layer_shapes
    sizes = [fan_out * fan_in for fan_out, fan_in in shapes]
    weights = []
    chunks = _split(initializer.stream(seeds, sum(sizes)), sizes)
    for chunk, (fan_out, fan_in) in zip(chunks, shapes, strict=True):
        drawn = chunk.reshape(len(seeds), fan_out, fan_in)
        if initializer.shape_weights:
            drawn = initializer.shape_weights(drawn)
        std = spec.weight_std if initializer.uses_std else 1.0
        weights.append(drawn * (std * initializer.scale(fan_in, fan_out)))
    if not initializer.bias_scale:
        return weights, [np.zeros((len(seeds), fan_out)) for fan_out, _ in shapes]
    # A stream of their own leaves the weights the kata's, and a shallow network the beginning of a deeper one.
    fans_out = [fan_out for fan_out, _ in shapes]
    pieces = _split(initializer.stream([lcg.bias_seed(seed) for seed in seeds], sum(fans_out)), fans_out)
    return weights, [piece * initializer.bias_scale(fan_in) for piece, (_, fan_in) in zip(pieces, shapes, strict=True)]


def bias_noise(spec: NetworkSpec, seeds: Sequence[int]) -> list[Array]:
    """Standard-normal numbers for every bias, ``(len(seeds), fan_out)`` a layer, from a stream that no weight uses."""
    sizes = [fan_out for fan_out, _ in spec.layer_shapes]
    drawn = [np.random.default_rng([seed, 1]).standard_normal(sum(sizes)) for seed in seeds]
    return _split(np.stack(drawn), sizes)


@np.errstate(**QUIET)
def _scale_to_unit_variance(spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike) -> None:
    """Divide each layer's weights, in turn, by the deviation of its pre-activations (Mishkin & Matas 2016, alg. 1).

    Biases are 0 here, so that one division is exact.  A layer whose pre-activations do not vary stays as it is.
    """
    h = _check_inputs(spec, inputs)
    for layer, w in enumerate(parameters.weights):
        deviation = (h @ w.swapaxes(-1, -2)).std(axis=(-2, -1))
        w /= np.where((deviation > 0) & np.isfinite(deviation), deviation, 1.0)[..., None, None]
        _, h = layer_forward(spec, parameters, layer, h)


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
