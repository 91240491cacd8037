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
from vanish.choices.losses import Loss, Targets
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
    layers = zip(spec.layer_shapes, spec.normalized_layers, spec.skipped_layers, strict=True)
    learned_gate = RESIDUALS[spec.residual].learned
    return sum(
        fan_out * (fan_in + 1 + 2 * normalized) + (skipped and learned_gate)
        for (fan_out, fan_in), normalized, skipped in layers
    )


def layer_views(spec: NetworkSpec, vector: Array) -> list[LayerViews]:
    """Cut a vector ``(n_parameters,)`` of either float type into its layers, without copying."""
    layers, start = [], 0

    def take(*shape: int) -> Array:
        nonlocal start
        size = int(np.prod(shape))
        start += size
        return vector[start - size : start].reshape(shape)

    for (fan_out, fan_in), normalized, skipped in zip(
        spec.layer_shapes, spec.normalized_layers, spec.skipped_layers, strict=True
    ):
        block = take(fan_out, fan_in + 1)
        gain = take(fan_out) if normalized else None
        shift = take(fan_out) if normalized else None
        gate = None
        if skipped:
            gate = take() if RESIDUALS[spec.residual].learned else np.array(spec.initial_gate)
        layers.append(
            LayerViews(weights=block[:, :-1], biases=block[:, -1], gain=gain, shift=shift, gate=gate, block=block)
        )
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


def _activation(spec: NetworkSpec, batch_size: int) -> Callable[[Array], tuple[Array, Array]]:
    """Value and slope; layers that fit a block go without the call that splits larger ones, a sixth of the time."""
    entry = ACTIVATIONS[spec.activation]
    shape = spec.activation_shape
    if shape is None:
        shape = entry.shape.default if entry.shape else 0.0
    largest = batch_size * max(fan_out for fan_out, _ in spec.layer_shapes)
    call = entry.value_and_slope if largest <= BLOCK else entry.apply
    return lambda z: call(z, shape)


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
    """

    def __init__(self, spec: NetworkSpec, vector: Array, loss: Loss, batch_size: int) -> None:
        self.spec, self.loss = spec, loss
        self.gradient = np.zeros_like(vector)
        self._here, self._there = layer_views(spec, vector), layer_views(spec, self.gradient)
        fans_out = [fan_out for fan_out, _ in spec.layer_shapes]
        # Layers of one size share what no other layer looks at.
        scratch = {fan_out: np.empty((fan_out, batch_size)) for fan_out in fans_out}
        self._z = [scratch[fan_out] for fan_out in fans_out]
        self._h = [np.ones((fan_out + 1, batch_size)) for fan_out in fans_out]
        self._outputs = [h[:-1] for h in self._h]
        # A residual layer still reads what arrived when it writes what it passes on: two buffers take turns.
        turns = [(fan_in, layer % 2) for layer, (_, fan_in) in enumerate(spec.layer_shapes)]
        arriving = {turn: np.empty((turn[0] + 1, batch_size)) for turn in turns}
        self._dh = [arriving[turn] for turn in turns]
        self._activation = _activation(spec, batch_size)
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

    def _forward(self, h: Array) -> tuple[list[tuple], Array]:
        spec = self.spec
        last = spec.depth - 1
        trail = []
        for layer, own in enumerate(self._here):
            u = np.dot(own.block, h, out=self._z[layer])
            unit = std = None
            if own.gain is not None and own.shift is not None:
                unit, std = NORMALIZATIONS[spec.normalization].forward(u.T)
                u = (own.gain * unit + own.shift).T
            value, slope = (u, None) if spec.linear_output and layer == last else self._activation(u)
            outputs = self._outputs[layer]
            if own.gate is None:
                np.copyto(outputs, value)
            else:
                np.multiply(value, own.gate, out=outputs)
                outputs += h[:-1]
            trail.append((h, value, slope, unit, std))
            h = self._h[layer]
        return trail, self._outputs[-1]

    def _backward(self, trail: list[tuple], gradient: Array) -> None:
        learned_gates = RESIDUALS[self.spec.residual].learned
        for layer in reversed(range(self.spec.depth)):
            h, value, slope, unit, std = trail[layer]
            own, into = self._here[layer], self._there[layer]
            dz = gradient
            if own.gate is not None:
                if learned_gates:
                    np.sum(gradient * value, out=into.gate)
                dz = dz * own.gate
            if slope is not None:
                dz = np.multiply(dz, slope, out=slope)
            if own.gain is not None:
                np.sum(dz.T * unit, axis=0, out=into.gain)
                np.sum(dz, axis=1, out=into.shift)
                dz = NORMALIZATIONS[self.spec.normalization].backward(dz.T * own.gain, unit, std).T
            np.dot(dz, h.T, out=into.block)
            if layer:
                below = np.dot(self._transposed[layer], dz, out=self._dh[layer])[:-1]
                if own.gate is not None:
                    below += gradient
                gradient = below
