"""One table of ways to measure a layer's gradient.

Gradients of weights are sums over the examples that were sent through.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vanish.network.passes import LayerGradients
from vanish.numerics.arrays import Array, mean_size, norm, sample_std


@dataclass(frozen=True)
class Magnitude:
    """One way to measure a layer's gradient; ``measure(gradients, weights)`` gives one number a network.

    ``of_weights``: it is the weights' gradient, in which the forward signal has its share; else that of the signal on
    its way back alone.  ``judged_as``: the nearest size, of what is none itself.  A size is 0 where every entry of the
    gradient is 0 and nowhere else, and twice as large for twice the gradient: only of such can one say what is lost on
    the way.  ``is_share``: a share of entries, 0 to 1.
    """

    name: str
    label: str
    latex: str
    explanation: str
    measure: Callable[[LayerGradients, Array], Array]
    of_weights: bool = False
    judged_as: str | None = None
    is_share: bool = False

    @property
    def is_size(self) -> bool:
        """Whether one layer's over another's says how much of the gradient is left."""
        return self.judged_as is None


def _mean_abs(gradients: LayerGradients, _: Array) -> Array:
    sizes = np.abs(gradients.pre_activations)
    # As ``mean`` has it, which takes as long as a small layer's product.
    return np.add.reduce(sizes, axis=(-2, -1)) / (sizes.shape[-2] * sizes.shape[-1])


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


def _weight_mean_abs(gradients: LayerGradients, _: Array) -> Array:
    return mean_size(gradients.weights, (-2, -1))


def _weight_std(gradients: LayerGradients, _: Array) -> Array:
    return sample_std(gradients.weights)


def _weight_max(gradients: LayerGradients, _: Array) -> Array:
    return np.abs(gradients.weights).max(axis=(-2, -1))


def _std_ratio(gradients: LayerGradients, weights: Array) -> Array:
    return sample_std(gradients.weights) / sample_std(weights)


def _zero_share(gradients: LayerGradients, _: Array) -> Array:
    return (gradients.pre_activations == 0).mean(axis=(-2, -1))


def _weight_zero_share(gradients: LayerGradients, _: Array) -> Array:
    return (gradients.weights == 0).mean(axis=(-2, -1))


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
        Magnitude(
            "weight_mean_abs",
            "mean |dL/dW|",
            r"\frac{1}{n} \sum_{ij} \left| \frac{\partial L}{\partial W_{ij}} \right|",
            "The average size of the gradient at the layer's weights, over all of them.",
            _weight_mean_abs,
            of_weights=True,
        ),
        Magnitude(
            "weight_max",
            "max |dL/dW|",
            r"\max_{ij} \left| \frac{\partial L}{\partial W_{ij}} \right|",
            "The largest gradient of any weight of the layer: what overflows first, and what clipping by value cuts.",
            _weight_max,
            of_weights=True,
        ),
        Magnitude(
            "weight_std",
            "std of dL/dW",
            r"\sqrt{\tfrac{1}{n - 1} \sum_{ij} (\partial L / \partial W_{ij} - \overline{\partial L / \partial W})^2}",
            "How far the gradients of the layer's weights differ from their mean, over n − 1 as torch.std has it. "
            "Equal gradients have a standard deviation of 0, a single weight has none.",
            _weight_std,
            of_weights=True,
            judged_as="weight_mean_abs",
        ),
        Magnitude(
            "std_ratio",
            "std of dL/dW / std of W",
            r"\operatorname{std}(\partial L / \partial W) \,/\, \operatorname{std}(W)",
            "The gradient's standard deviation over that of the weights themselves: the grad:data ratio of Karpathy "
            "(2022). Where both have a mean near 0 it is about the ratio of the norms.",
            _std_ratio,
            of_weights=True,
            judged_as="relative_norm",
        ),
        Magnitude(
            "zero_share",
            "share of zeros in dL/dz",
            r"\tfrac{1}{n} \, \#\{i : \partial L / \partial z_i = 0\}",
            "How many units, counted for each example, pass on a gradient of exactly 0: a ReLU that is off.",
            _zero_share,
            judged_as="mean_abs",
            is_share=True,
        ),
        Magnitude(
            "weight_zero_share",
            "share of zeros in dL/dW",
            r"\tfrac{1}{n} \, \#\{ij : \partial L / \partial W_{ij} = 0\}",
            "How many weights get a gradient of exactly 0 from all examples together: the unit behind is off, or the "
            "input is 0.",
            _weight_zero_share,
            of_weights=True,
            judged_as="weight_mean_abs",
            is_share=True,
        ),
    )
}

# What first over last, verdicts and maps can be made of.
SIZES: dict[str, Magnitude] = {name: entry for name, entry in MAGNITUDES.items() if entry.is_size}


def size_of(name: str) -> str:
    """The magnitude that a verdict is made of where ``name`` is shown: itself if it is a size, else the nearest."""
    return MAGNITUDES[name].judged_as or name
