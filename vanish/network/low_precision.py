"""A network whose every number is stored in a number format."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.number_formats import NumberFormat
from vanish.network.initialize import initialize
from vanish.network.parameters import Parameters
from vanish.network.passes import (
    Forward,
    input_rows,
    layer_backward,
    layer_forward,
    output_rows,
    through_norm,
    to_layer_below,
)
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array


@dataclass(frozen=True)
class StoredGradients:
    """A layer's gradients, made of stored numbers and themselves just before they are stored: ``arriving``, dL/dh' at
    its outputs, and ``signal``, dL/dz, both ``(batch, fan_out)``; ``weights``, dL/dW, ``(fan_out, fan_in)``."""

    arriving: Array
    signal: Array
    weights: Array


@dataclass(frozen=True)
class StoredNetwork:
    """A network, its inputs ``(batch, n_inputs)`` and ``dL/d(outputs)``, ``(batch, n_outputs)``.

    Parameters and inputs are stored in the format, and so are, layer by layer, the outputs on the way forward and
    dL/dz, dL/dh and what goes around a block on the way back.  Within a layer everything is computed in float64, as
    hardware adds up products in a wider format than it stores.
    """

    spec: NetworkSpec
    parameters: Parameters
    inputs: Array
    output_gradient: Array
    entry: NumberFormat

    @classmethod
    def draw(
        cls, spec: NetworkSpec, seed: int, inputs: ArrayLike, output_gradient: ArrayLike | None, entry: NumberFormat
    ) -> "StoredNetwork":
        """The network of a seed, stored; ``output_gradient`` is broadcast, and ``None`` means ones.

        Raises
        ------
        ValueError
            Naming the argument, if a shape does not fit.
        """
        x = input_rows(spec, inputs)
        at_outputs = output_rows(spec, len(x), output_gradient)
        return cls(spec, initialize(spec, seed, x).map(entry.round), entry.round(x), at_outputs, entry)

    @np.errstate(**QUIET)
    def forward(self) -> tuple[Forward, list[Array]]:
        """The forward pass, and every layer's outputs just before they were stored."""
        h = around = self.inputs
        layers, exact = [], []
        for layer, own in enumerate(self.parameters.layers):
            if self.spec.layers[layer].opens:
                around = h
            passed, outputs = layer_forward(self.spec, layer, own, h, around, keep=False)
            layers.append(passed)
            exact.append(outputs)
            h = self.entry.round(outputs)
        return Forward(layers, h), exact

    @np.errstate(**QUIET)
    def gradients(self, passed: Forward, loss_scale: float) -> list[StoredGradients]:
        """Gradients of every layer, first layer first, of a loss that is multiplied by ``loss_scale``."""
        spec, arriving, around = self.spec, loss_scale * self.output_gradient, None
        layers = []
        for layer in reversed(range(spec.depth)):
            own, record = self.parameters.layers[layer], passed.layers[layer]
            exact = layer_backward(spec, own, record, self.entry.round(arriving), around)
            signal = self.entry.round(exact.pre_activations)
            around = None if exact.around is None else self.entry.round(exact.around)
            through = exact.through
            if through is not None:
                through, _, _ = through_norm(spec, own, record, signal @ own.weights)
            stored = replace(exact, pre_activations=signal, around=around, through=through)
            layers.append(StoredGradients(arriving, exact.pre_activations, stored.weights))
            arriving = to_layer_below(spec, layer, own, stored)
        return layers[::-1]
