"""One table of ways to measure a layer's gradient."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vanish.network.passes import LayerGradients
from vanish.numerics.arrays import Array, norm


@dataclass(frozen=True)
class Magnitude:
    """One way to measure a layer's gradient; ``measure(gradients, weights)`` gives one number a network.

    ``of_weights``: it is the weights' gradient, in which the forward signal has its share; else that of the signal on
    its way back alone.
    """

    name: str
    label: str
    latex: str
    explanation: str
    measure: Callable[[LayerGradients, Array], Array]
    of_weights: bool = False


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
            "The average size of the gradient at the layer's units, as in the original program.",
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
            "What an optimizer gets: the norm of the gradient of the layer's weights.",
            _weight_norm,
            of_weights=True,
        ),
        Magnitude(
            "relative_norm",
            "norm of dL/dW / norm of W",
            r"\lVert \partial L / \partial W \rVert_F \,/\, \lVert W \rVert_F",
            "The same over the norm of the weights themselves: how fast plain gradient descent changes the layer.",
            _relative_norm,
            of_weights=True,
        ),
        Magnitude(
            "stream",
            "RMS of dL/dh",
            r"\sqrt{\tfrac{1}{n} \sum_i (\partial L / \partial h'_i)^2}",
            "What arrives at the layer's output, before its own slope: with residual connections, the path past the "
            "layers.",
            _stream_rms,
        ),
    )
}
