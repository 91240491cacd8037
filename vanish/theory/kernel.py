"""The covariance of a wide ReLU network's output and of its derivative along a line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi, prod
from types import MappingProxyType

import numpy as np

from vanish.choices.initializers import INITIALIZERS, unit_normal
from vanish.choices.inputs import POINTS, line
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_integer, check_kind

# Below this angle, rounding is all that tells two inputs apart.
SAME = 1e-7


def theory_holds(spec: NetworkSpec) -> bool:
    """Whether ``expected_correlation`` has an answer.

    It has one for activations in ``CLOSED_FORMS``, normal weights (not 0 before an activation, as Fixup's are in blocks
    of one matrix), no normalisation, a linear output and a first layer that is in no block.
    """
    initializer = INITIALIZERS[spec.initializer]
    normal = initializer.stream is unit_normal and initializer.shape_weights is None
    return (
        spec.activation in CLOSED_FORMS
        and spec.linear_output
        and normal
        and not any(spec.normalized_layers)
        and not spec.layers[0].inside
        and all(layer.linear or layer.residual_scale for layer in spec.layers)
    )


@np.errstate(**QUIET)
def expected_correlation(spec: NetworkSpec, points: int = POINTS, lag: int = 1) -> float:
    """Theory's correlation of ``g`` at points ``lag`` apart, for a wide network; nan where there is none.

    Expected products over expected squares, both summed over the line as in ``autocorrelation``.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    inputs = line(check_kind("spec", spec, NetworkSpec).n_inputs, points)
    points = len(inputs)
    lag = check_integer("lag", lag, 0, points - 1)
    if not theory_holds(spec):
        return float("nan")
    covariance = _output_kernel(spec, inputs[: points - lag], inputs[lag:]).mixed
    variance = _output_kernel(spec, inputs, inputs).mixed
    return float(covariance.sum() / np.sqrt(variance[: points - lag].sum() * variance[lag:].sum()))


@dataclass(frozen=True)
class _Kernel:
    """A covariance ``value`` between inputs at t and at s, ``(pairs,)``, and its derivatives by t, by s and by both."""

    value: Array
    by_t: Array
    by_s: Array
    mixed: Array

    def __add__(self, other: "_Kernel") -> "_Kernel":
        return _Kernel(
            self.value + other.value, self.by_t + other.by_t, self.by_s + other.by_s, self.mixed + other.mixed
        )

    def __rmul__(self, factor: float) -> "_Kernel":
        return _Kernel(factor * self.value, factor * self.by_t, factor * self.by_s, factor * self.mixed)


@dataclass(frozen=True)
class _Curve:
    """Something that depends on one input only, ``(pairs,)``, and its derivative along the line."""

    value: Array
    slope: Array

    def times(self, other: "_Curve") -> _Kernel:
        """The product of a curve of t and one of s."""
        return _Kernel(
            self.value * other.value, self.slope * other.value, self.value * other.slope, self.slope * other.slope
        )


def _output_kernel(spec: NetworkSpec, here: Array, there: Array) -> _Kernel:
    """K and its derivatives at pairs of inputs ``(pairs, n_inputs)``; residual layers add, and branches are
    independent of what they are added to, but for their means (Yang & Schoenholz 2017)."""
    n_inputs = here.shape[1]
    t, s, one = here[:, 0], there[:, 0], np.ones(len(here))
    signal = 1 / n_inputs * _Kernel(t * s + n_inputs - 1, s, t, one)
    squares = [_Curve((np.square(x) + n_inputs - 1) / n_inputs, 2 * x / n_inputs) for x in (t, s)]
    means = [_Curve(0 * t, 0 * t), _Curve(0 * s, 0 * s)]
    around = signal, squares, means
    for layer, its in enumerate(spec.layers[:-1]):
        if its.opens:
            around = signal, squares, means
        form = IDENTITY if its.linear else CLOSED_FORMS[spec.activation]
        variance, bias = layer_variances(spec, layer)
        z = variance * signal + _Kernel(bias * one, 0 * t, 0 * s, 0 * t)
        z_squares = [_Curve(variance * c.value + bias, variance * c.slope) for c in squares]
        made = form.product(z, *z_squares)
        made_squares = [form.square(c) for c in z_squares]
        centers = [form.mean(c) for c in z_squares]
        if its.closes:
            gate = spec.initial_gate
            signal, squares, means = around
            crossed = means[0].times(centers[1]) + centers[0].times(means[1])
            signal = signal + gate * crossed + gate**2 * made
            squares = [
                _Curve(
                    q.value + 2 * gate * m.value * c.value + gate**2 * a.value,
                    q.slope + 2 * gate * (m.slope * c.value + m.value * c.slope) + gate**2 * a.slope,
                )
                for q, m, c, a in zip(squares, means, centers, made_squares, strict=True)
            ]
            means = [
                _Curve(m.value + gate * c.value, m.slope + gate * c.slope) for m, c in zip(means, centers, strict=True)
            ]
        else:
            signal, squares, means = made, made_squares, centers
    return signal


def _through_relu(z: _Kernel, first: _Curve, second: _Curve) -> _Kernel:
    """``E[relu(z) relu(z')]`` and its derivatives, z and z' normal with variances ``first`` and ``second``.

    With p, r the variances, c the covariance, ``D = sqrt(p r - c^2)`` and ``cos theta = c / sqrt(p r)``, it is
    ``F = (D + (pi - theta) c) / (2 pi)`` (Cho & Saul 2009, eq. 6), and so ``F_c = (pi - theta) / (2 pi)``,
    ``F_p = D / (4 pi p)``, ``F_cc = 1 / (2 pi D)``, ``F_pc = -c / (4 pi p D)`` and ``F_pr = 1 / (8 pi D)``.
    """
    p, r, c = first.value, second.value, z.value
    root = np.sqrt(np.maximum(p * r - c * c, 0.0))
    on = (pi - np.arctan2(root, c)) / (2 * pi)
    bend = z.by_t * z.by_s - c * (first.slope * z.by_s / p + second.slope * z.by_t / r) / 2
    bend = bend + first.slope * second.slope / 4
    # Where the two inputs are one, the bend is a smaller 0 than D.
    same = root <= SAME * np.sqrt(p * r)
    return _Kernel(
        root / (2 * pi) + on * c,
        first.slope * root / (4 * pi * p) + on * z.by_t,
        second.slope * root / (4 * pi * r) + on * z.by_s,
        on * z.mixed + np.where(same, 0.0, bend / (2 * pi * root)),
    )


def _relu_mean(variance: _Curve) -> _Curve:
    """``E[relu(z)] = sqrt(q / 2 pi)``, q the variance of z."""
    root = np.sqrt(2 * pi * variance.value)
    return _Curve(variance.value / root, variance.slope / (2 * root))


def _relu_square(variance: _Curve) -> _Curve:
    """``E[relu(z)^2] = q / 2``, q the variance of z."""
    return _Curve(variance.value / 2, variance.slope / 2)


@dataclass(frozen=True)
class ClosedForm:
    """What an activation makes of normal pre-activations z and z' of mean 0.

    ``product(covariance, variance, variance')``: ``E[phi(z) phi(z')]``; ``mean(variance)``: ``E[phi(z)]``;
    ``square(variance)``: ``E[phi(z)^2]``; ``mean_slope``: ``E[phi'(z)]`` and ``mean_square_slope``: ``E[phi'(z)^2]``,
    both the same for every variance.
    """

    product: Callable[[_Kernel, _Curve, _Curve], _Kernel]
    mean: Callable[[_Curve], _Curve]
    square: Callable[[_Curve], _Curve]
    mean_slope: float
    mean_square_slope: float


IDENTITY = ClosedForm(
    product=lambda covariance, first, second: covariance,
    mean=lambda variance: _Curve(0 * variance.value, 0 * variance.slope),
    square=lambda variance: variance,
    mean_slope=1.0,
    mean_square_slope=1.0,
)

# By activation: for the others there is no theory here.
CLOSED_FORMS: Mapping[str, ClosedForm] = MappingProxyType(
    {"relu": ClosedForm(_through_relu, _relu_mean, _relu_square, mean_slope=1 / 2, mean_square_slope=1 / 2)}
)


def layer_variances(spec: NetworkSpec, layer: int) -> tuple[float, float]:
    """``sigma_w^2``, fan-in times a weight's variance, and ``sigma_b^2`` of one layer."""
    fan_out, fan_in = spec.layer_shapes[layer]
    initializer = INITIALIZERS[spec.initializer]
    drawn = spec.weight_variance(fan_in, fan_out, first=layer == 0)
    drawn *= (spec.weight_scale * spec.layers[layer].residual_scale) ** 2
    return fan_in * drawn, initializer.bias_variance(fan_in) + spec.bias_std**2


def unrelated_correlation(spec: NetworkSpec) -> float:
    """What would be left of the correlation if two inputs had nothing in common in any hidden layer of a ReLU network.

    Half of all pairs of slopes that are 1 on one side are 1 on both: a plain layer leaves 1/2, a residual block
    ``(1 + gate^2 sigma_w^2 / 4) / (1 + gate^2 sigma_w^2 / 2)``, sigma_w^2 the product over its matrices.  nan for other
    activations, and where branches are normalised, whose sigma_w^2 changes from layer to layer.
    """
    if spec.activation not in CLOSED_FORMS:
        return float("nan")
    form = CLOSED_FORMS[spec.activation]
    shared, whole = form.mean_slope**2, form.mean_square_slope
    left = (shared / whole) ** sum(not layer.inside for layer in spec.layers[:-1])
    for block in spec.blocks:
        layers = [spec.layers[layer] for layer in block]
        if layers[-1].last:
            continue
        if any(layer.normalized_units for layer in layers):
            return float("nan")
        branch = spec.initial_gate**2 * prod(layer_variances(spec, layer)[0] for layer in block)
        bends = sum(not layer.linear for layer in layers)
        left *= (1 + branch * shared**bends) / (1 + branch * whole**bends)
    return left
