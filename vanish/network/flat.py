"""A network's parameters in one vector, its gradient in another, and a training step's passes between them.

``passes.py`` is the reference: it takes any leading axes and leaves everything behind.  A training step needs
one network, one batch size and nothing kept, thousands of times; so here units run along the rows, a batch along
the columns, and buffers last:

    z = [W b] [h; 1]      weights and biases side by side, one product for both
    dL/d[W b] = dL/dz [h; 1]^T,  dL/d[h; 1] = [W b]^T dL/dz

The tests hold the one against the other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vanish.choices.activations import ACTIVATIONS, BLOCK
from vanish.choices.blocks import BLOCKS
from vanish.choices.losses import Loss, Targets
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array


@dataclass(frozen=True, kw_only=True)
class LayerViews(LayerParameters):
    """One layer's parameters as views into a vector.

    ``block``: ``(fan_out, fan_in + 1)``, weights with the biases as their last column.  A gate that is not learned
    is a constant of its own, outside the vector.
    """

    block: Array


def count_parameters(spec: NetworkSpec) -> int:
    """Numbers that training changes."""
    learned_gate = RESIDUALS[spec.residual].learned
    return sum(
        layer.fan_out * (layer.fan_in + 1)
        + 2 * layer.normalized_units
        + (layer.closes and learned_gate)
        + layer.learned_shape
        for layer in spec.layers
    )


def layer_views(spec: NetworkSpec, vector: Array) -> list[LayerViews]:
    """Cut a vector ``(n_parameters,)`` of either float type into its layers, without copying."""
    layers, start = [], 0

    def take(*shape: int) -> Array:
        nonlocal start
        size = int(np.prod(shape))
        start += size
        return vector[start - size : start].reshape(shape)

    for layer in spec.layers:
        block = take(layer.fan_out, layer.fan_in + 1)
        gain = take(layer.normalized_units) if layer.normalized_units else None
        shift = take(layer.normalized_units) if layer.normalized_units else None
        gate = None
        if layer.closes:
            gate = take() if RESIDUALS[spec.residual].learned else np.array(spec.initial_gate)
        leak = take() if layer.learned_shape else None
        layers.append(LayerViews(block[:, :-1], block[:, -1], gain, shift, gate, leak, block=block))
    return layers


def unflatten(spec: NetworkSpec, vector: Array) -> Parameters:
    """The network whose parameters lie in a vector ``(n_parameters,)`` of either float type, without copying."""
    return Parameters([*layer_views(spec, vector)])


def flatten(spec: NetworkSpec, parameters: Parameters) -> Array:
    """A new vector ``(n_parameters,)`` of the parameters of one network."""
    vector = np.empty(count_parameters(spec))
    for target, layer in zip(layer_views(spec, vector), parameters.layers, strict=True):
        for view, values in zip(target.arrays, layer.arrays, strict=True):
            view[...] = values
    return vector


def with_ones(inputs: Array) -> Array:
    """``(n, n_inputs + 1)``: a last column of ones, which the biases are weights of."""
    return np.column_stack([inputs, np.ones(len(inputs))])


def _activation(spec: NetworkSpec, batch_size: int) -> Callable[[Array, float], tuple[Array, Array]]:
    """Value and slope, given z and the shape.

    Layers that fit a block go without the call that splits larger ones, a sixth of the time.
    """
    entry = ACTIVATIONS[spec.activation]
    largest = batch_size * max(fan_out for fan_out, _ in spec.layer_shapes)
    return entry.value_and_slope if largest <= BLOCK else entry.apply


class Passes:
    """Loss and gradient of one network, batch after batch of one size.

    Parameters
    ----------
    spec : NetworkSpec
    vector : ``(n_parameters,)``; whoever changes it in place changes the network
    loss : Loss
    batch_size : int

    Attributes
    ----------
    gradient : ``(n_parameters,)``, of the loss, overwritten by each call
    outputs : what each layer hands on, ``(fan_out, batch_size)`` each, overwritten by each call
    signals : dL/dz of each layer in the last call, ``(fan_out, batch_size)`` each
    """

    def __init__(self, spec: NetworkSpec, vector: Array, loss: Loss, batch_size: int) -> None:
        self.spec, self.loss = spec, loss
        self.gradient = np.zeros_like(vector)
        self._here, self._there = layer_views(spec, vector), layer_views(spec, self.gradient)
        self._normalization = NORMALIZATIONS[spec.normalization]
        place = NORM_PLACES[spec.norm_place]
        self._places = [place if layer.normalized_units else None for layer in spec.layers]
        # Layers of one size share what no other layer looks at.  A linear layer's value is what lies there.
        scratch = {layer.fan_out: np.empty((layer.fan_out, batch_size)) for layer in spec.layers}
        self._z = [
            np.empty_like(scratch[layer.fan_out]) if layer.linear else scratch[layer.fan_out] for layer in spec.layers
        ]
        self._h = [np.ones((layer.fan_out + 1, batch_size)) for layer in spec.layers]
        self.outputs = [h[:-1] for h in self._h]
        self.signals = list(self.outputs)
        # What the weights multiply where it is not what the layer below wrote.
        self._x = {
            number: np.ones((layer.fan_in + 1, batch_size))
            for number, layer in enumerate(spec.layers)
            if layer.normalized_units and place.before_weights
        }
        # What arrives at a block's end is read until its beginning has written what it passes on: buffers take turns.
        n_turns = BLOCKS[spec.block].matrices + 1
        turns = [(layer.fan_in, number % n_turns) for number, layer in enumerate(spec.layers)]
        arriving = {turn: np.empty((turn[0] + 1, batch_size)) for turn in turns}
        self._dh = [arriving[turn] for turn in turns]
        self._activation, self._shape = _activation(spec, batch_size), spec.shape
        self._by_shape = ACTIVATIONS[spec.activation].by_shape
        self._transposed = [own.block.T for own in self._here]

    @np.errstate(**QUIET)
    def __call__(self, inputs: Array, targets: Targets) -> float:
        """The mean loss over a batch, its gradient left in ``gradient``.

        ``inputs``: ``(batch_size, n_inputs + 1)``, the last column ones; ``targets``: ``(batch_size,)``.
        """
        trail, outputs = self._forward(inputs.T)
        loss, gradient = self.loss.value_and_gradient(outputs.T, targets)
        self._backward(trail, gradient.T)
        return loss

    def _normalize(self, own: LayerViews, v: Array) -> tuple[Array, Array | None, Array | None]:
        """``norm(v)``, ``(units, batch)``, with ``unit`` and ``std`` as the table has them, ``(batch, units)``."""
        if own.gain is None or own.shift is None:
            return v, None, None
        unit, std = self._normalization.forward(v.T)
        return (own.gain * unit + own.shift).T, unit, std

    def _through_norm(self, layer: int, gradient: Array, unit: Array, std: Array) -> Array:
        """``dL/dv`` from ``dL/d(norm(v))``; the gradients of gain and shift are put where they belong."""
        own, into = self._here[layer], self._there[layer]
        if own.gain is None:
            return gradient
        np.sum(gradient.T * unit, axis=0, out=into.gain)
        np.sum(gradient, axis=1, out=into.shift)
        return self._normalization.backward(gradient.T * own.gain, unit, std).T

    def _forward(self, h: Array) -> tuple[list[tuple], Array]:
        layers = self.spec.layers
        trail = []
        around = h
        for layer, own in enumerate(self._here):
            its, place = layers[layer], self._places[layer]
            x, unit, std = h, None, None
            if place and place.before_weights:
                x = self._x[layer]
                x[:-1], unit, std = self._normalize(own, h[:-1])
            if its.opens:
                around = h
            u = np.dot(own.block, x, out=self._z[layer])
            if place and place.before_activation:
                u, unit, std = self._normalize(own, u)
            by_shape = self._by_shape(u) if self._by_shape and its.learned_shape else None
            shape = self._shape if own.leak is None else float(own.leak)
            value, slope = (u, None) if its.linear else self._activation(u, shape)
            outputs = self.outputs[layer]
            if own.gate is None:
                np.copyto(outputs, value)
            else:
                np.multiply(value, own.gate, out=outputs)
                outputs += around[:-1]
            if place and place.after_sum:
                outputs[...], unit, std = self._normalize(own, outputs)
            trail.append((x, value, slope, unit, std, by_shape))
            h = self._h[layer]
        return trail, self.outputs[-1]

    def _backward(self, trail: list[tuple], gradient: Array) -> None:
        layers = self.spec.layers
        learned_gates = RESIDUALS[self.spec.residual].learned
        around = gradient
        for layer in reversed(range(self.spec.depth)):
            x, value, slope, unit, std, by_shape = trail[layer]
            own, into, place = self._here[layer], self._there[layer], self._places[layer]
            dz = gradient
            if place and place.after_sum:
                dz = self._through_norm(layer, dz, unit, std)
            if own.gate is not None:
                around = dz
                if learned_gates:
                    np.sum(around * value, out=into.gate)
                dz = dz * own.gate
            if by_shape is not None:
                np.sum(dz * by_shape, out=into.leak)
            if slope is not None:
                dz = np.multiply(dz, slope, out=slope)
            if place and place.before_activation:
                dz = self._through_norm(layer, dz, unit, std)
            self.signals[layer] = dz
            np.dot(dz, x.T, out=into.block)
            before_weights = place is not None and place.before_weights
            if layer or before_weights:
                below = np.dot(self._transposed[layer], dz, out=self._dh[layer])[:-1]
                if before_weights:
                    below = self._through_norm(layer, below, unit, std)
                if layers[layer].opens:
                    below += around
                gradient = below
