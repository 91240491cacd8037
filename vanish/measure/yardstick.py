"""The yardstick: what first / last is in a network of the same shape that loses nothing."""

from collections.abc import Callable, Mapping
from math import exp, lgamma, prod, sqrt

import numpy as np

from vanish.choices.inputs import LARGEST_BATCH
from vanish.network.spec import LARGEST_WIDTH, NetworkSpec
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_choice, check_integer, check_kind
from vanish.numerics.normal import normal_cdf


def mean_length(k: int, n: int) -> float:
    """Mean length of a random unit vector of ``n`` dimensions, projected to ``k`` of them (1 where ``k >= n``).

    The square is Beta(k/2, (n - k)/2) distributed, so that the mean is G((k+1)/2) G(n/2) / (G(k/2) G((n+1)/2)).  With
    ``k = 1`` it is the mean size of one coordinate, about sqrt(2 / (pi n)).
    """
    if k >= n:
        return 1.0
    return exp(lgamma((k + 1) / 2) - lgamma(k / 2) + lgamma(n / 2) - lgamma((n + 1) / 2))


def _signal_length(spec: NetworkSpec) -> float:
    """Length of dL/dz of one example at the first layer over that at the last.

    A layer that has more outputs than inputs projects the gradient on its way back.
    """
    return prod(mean_length(fan_in, fan_out) for fan_out, fan_in in spec.layer_shapes[1:])


def _input_length(spec: NetworkSpec) -> float:
    """Length of the first layer's input over that of the last's: a layer narrower than its input projects it."""
    return 1 / prod(mean_length(fan_out, fan_in) for fan_out, fan_in in spec.layer_shapes[:-1])


def _mean_abs(spec: NetworkSpec) -> float:
    return _signal_length(spec) * sqrt(spec.n_outputs) * mean_length(1, spec.hidden_sizes[0])


def _rms(spec: NetworkSpec) -> float:
    # The root of a mean square: of the squared length, not of the length.
    kept = prod(min(fan_in, fan_out) / fan_out for fan_out, fan_in in spec.layer_shapes[1:])
    return sqrt(kept * spec.n_outputs / spec.hidden_sizes[0])


def _weight_norm(spec: NetworkSpec) -> float:
    # dL/dW is dL/dz times the layer's input, which a layer makes shorter where it is narrower than its input.
    return _signal_length(spec) * _input_length(spec)


def _relative_norm(spec: NetworkSpec) -> float:
    # An orthogonal matrix is as long as the root of its smaller side.
    first, last = spec.layer_shapes[0], spec.layer_shapes[-1]
    return _weight_norm(spec) * sqrt(min(last) / min(first))


def _largest_of_unit(n: int) -> float:
    """Mean of the largest size among the coordinates of a random unit vector of ``n`` dimensions.

    Of ``n`` normal numbers the largest size is E max = integral of 1 - P(|x| < t)^n over t > 0, their direction does
    not depend on their length, and the mean of that is sqrt(2) G((n+1)/2) / G(n/2).
    """
    t = np.linspace(0, 12, 2401)
    above = 1 - (1 - 2 * normal_cdf(-t)) ** n
    return float(np.trapezoid(above, t)) / (sqrt(2) * exp(lgamma((n + 1) / 2) - lgamma(n / 2)))


def _weight_mean_abs(spec: NetworkSpec) -> float:
    # The mean of |dL/dz_i h_j| is the product of the means: of dL/dz, and of the input.
    first, last = spec.layer_shapes[0][1], spec.layer_shapes[-1][1]
    return _mean_abs(spec) * _input_length(spec) * mean_length(1, first) / mean_length(1, last)


def _weight_max(spec: NetworkSpec) -> float:
    (units, first), last = spec.layer_shapes[0], spec.layer_shapes[-1][1]
    signal = _signal_length(spec) * sqrt(spec.n_outputs) * _largest_of_unit(units)
    return signal * _input_length(spec) * _largest_of_unit(first) / _largest_of_unit(last)


LOSSLESS: Mapping[str, Callable[[NetworkSpec], float]] = {
    "mean_abs": _mean_abs,
    "rms": _rms,
    "weight_norm": _weight_norm,
    "relative_norm": _relative_norm,
    "stream": _rms,
    "weight_mean_abs": _weight_mean_abs,
    "weight_max": _weight_max,
}


def lossless_ratio(spec: NetworkSpec, magnitude: str = "mean_abs") -> float:
    """First over last layer's gradient in a network of the spec's shape that loses nothing.

    That is one of identity layers with orthogonal weights: every square layer turns the gradient and leaves its length;
    a layer that has more outputs than inputs hands on what lies in as many directions as it has inputs.
    What differs from first to last is the shape alone: one output unit holds all of the gradient, ``width`` hidden
    ones share it, so that each gets about 1 / sqrt(width) of it.  Exact means over random rotations (``weight_norm``
    and ``relative_norm`` with more inputs than units: the ratio of means); neither activation, normalisation nor
    residual connections of the spec count, and no number of examples, as long as each has an output gradient of
    entries of equal size (ones, or ``example_output_gradient``).  ``weight_mean_abs`` and ``weight_max`` are
    those of inputs in a random direction, with one output or one gradient for all examples; with several outputs and a
    gradient of its own for each example they are good to a factor of about 1.2 and 2.

    Parameters
    ----------
    spec : NetworkSpec
    magnitude : a name from ``SIZES``

    Returns
    -------
    float
        With ``mean_abs`` and one output 0.291, 0.0999, 0.0499 at width 8, 64, 256; 1 for a single layer.

    Raises
    ------
    ValueError
        If there is no such magnitude.
    """
    check_kind("spec", spec, NetworkSpec)
    ratio = LOSSLESS[check_choice("magnitude", magnitude, LOSSLESS)]
    return ratio(spec) if spec.depth > 1 else 1.0


def example_output_gradient(n_outputs: int, batch_size: int) -> Array:
    """A gradient dL/d(outputs) of its own for each example, as any real loss has: random signs, always the same.

    A loss that is the plain sum of the outputs has the same for all examples.  Batch norm takes their mean out of
    whatever goes through it, so that a linear network's sum is a constant and its gradient 0 up to rounding.

    Parameters
    ----------
    n_outputs : int, 1 to 4096
    batch_size : int, 1 to 4096

    Returns
    -------
    float64 array, ``(batch_size, n_outputs)``, of -1 and 1; a smaller batch is the beginning of a larger one

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    n_outputs = check_integer("n_outputs", n_outputs, 1, LARGEST_WIDTH)
    batch_size = check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
    # A stream that no weight, bias or input comes from.
    return np.random.default_rng([0, 3, 1]).choice((-1.0, 1.0), (batch_size, n_outputs))
