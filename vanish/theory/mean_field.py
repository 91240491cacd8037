"""Mean-field theory: what signals and gradients of a random network are expected to be, without drawing one.

In a wide network each pre-activation is a sum of many independent terms, hence normal: only its variance has to
be followed from layer to layer (Poole et al. 2016, eq. 3), and on the way back only the mean square of the
gradient (Schoenholz et al. 2017, eq. 9).  With ``sigma_w^2 = fan_in Var(w)``, ``sigma_b^2 = Var(b)`` and
``E`` over a standard normal ``x``:

    q'  = sigma_w^2 E[phi(sqrt(q) x)^2] + sigma_b^2     variance of the pre-activations, layer by layer
    chi = sigma_w^2 E[phi'(sqrt(q) x)^2]                mean square of dL/dz, this layer over the next

Everything is carried as a root mean square, not as a mean square, so that nothing leaves float64's range before
the gradient itself does.  Expectations are over weights and biases.  They are limits of large width: a narrow
network scatters around them, and its geometric mean lies below.  Without normalisation the mean squares hold at
any width that tests tried; with it, narrow layers (below 16 units, say) get larger gradients than these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS, orthonormal, unit_uniform
from vanish.choices.inputs import example_inputs
from vanish.choices.normalizations import EPSILON, NORMALIZATIONS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, root_mean_square
from vanish.numerics.normal import normal_cdf, normal_density
from vanish.theory.gaussian import quadrature

# Batch norm's theory is that of a large batch; with fewer examples there is none.
SMALLEST_BATCH = 16


# LSUV's deviation is measured over the units of one layer; with fewer units it depends on how examples correlate.
SMALLEST_LAYER = 16


# Examples of like length are followed together; more groups than this change nothing that can be seen.
GROUPS = 16


@dataclass(frozen=True)
class _Stream:
    """The signal ``h`` between two layers, per group of examples ``(n,)``.

    ``mean`` and ``deviation`` are over units; ``batch_deviation`` is each unit's over the batch (root of the
    mean of squares), which only batch norm needs.
    """

    mean: Array
    deviation: Array
    batch_deviation: Array

    @property
    def rms(self) -> Array:
        return np.hypot(self.mean, self.deviation)


@dataclass(frozen=True)
class _Layer:
    """What the forward recursion leaves for the backward one.

    ``weight_deviation``: of one weight; ``inputs``: ``h``, ``branch``: ``phi(u)`` and ``outputs``: ``h'``;
    ``deviation``: of the pre-activations z; ``divisor``: what the normalisation divides by (1 without);
    ``activated_deviation``: of u; ``activated``: u, ``value``: phi(u) and ``slope``: phi'(u) at the quadrature's
    nodes ``(n, nodes)`` with ``weights``.
    """

    weight_deviation: float
    inputs: _Stream
    branch: _Stream
    outputs: _Stream
    deviation: Array
    divisor: Array
    activated_deviation: Array
    activated: Array
    value: Array
    slope: Array
    weights: Array


def _group(x: Array) -> tuple[Array, Array, Array]:
    """Mean and deviation over units of groups of examples of like length, and each group's share, all ``(groups,)``."""
    mean, mean_square = x.mean(axis=1), np.square(root_mean_square(x, np.full(x.shape[1], 1 / x.shape[1])))
    groups = np.array_split(np.argsort(mean_square), min(GROUPS, len(x)))
    means = np.array([mean[group].mean() for group in groups])
    mean_squares = np.array([mean_square[group].mean() for group in groups])
    shares = np.array([len(group) / len(x) for group in groups])
    return means, np.sqrt(np.maximum(mean_squares - np.square(means), 0.0)), shares


def _input_stream(spec: NetworkSpec, x: Array) -> tuple[_Stream, Array]:
    """The inputs ``(batch, n_inputs)`` as a stream, and each group's share of the batch.

    Under batch norm all examples are one group: each unit's variance over the batch is what matters.
    """
    batch_deviation = np.atleast_1d(np.sqrt(x.var(axis=0).mean()))
    if any(spec.normalized_layers) and NORMALIZATIONS[spec.normalization].over_batch:
        return _Stream(np.atleast_1d(x.mean()), np.atleast_1d(x.std()), batch_deviation), np.ones(1)
    mean, deviation, shares = _group(x)
    return _Stream(mean, deviation, batch_deviation), shares


def _propagate(
    spec: NetworkSpec,
    stream: _Stream,
    weight_deviation: Callable[[int, _Stream], float],
    bias_deviations: list[float],
) -> list[_Layer]:
    """The forward recursion, first layer first."""
    activation = ACTIVATIONS[spec.activation]
    layers = []
    for layer, (_, fan_in) in enumerate(spec.layer_shapes):
        sigma = weight_deviation(layer, stream)
        deviation = np.hypot(sqrt(fan_in) * sigma * stream.rms, bias_deviations[layer])
        divisor, activated_deviation = np.ones_like(deviation), deviation
        if spec.normalized_layers[layer]:
            # Batch norm's deviation is over examples, which share the biases; the others' over units, which do not.
            over_batch = NORMALIZATIONS[spec.normalization].over_batch
            normalized = sqrt(fan_in) * sigma * stream.batch_deviation if over_batch else deviation
            divisor = np.hypot(normalized, sqrt(EPSILON))
            activated_deviation = normalized / divisor
        u, weights = quadrature(activation, activated_deviation)
        value, slope = activation(u, spec.activation_shape)
        if spec.linear_output and layer == spec.depth - 1:
            value, slope = u, np.ones_like(u)
        mean = (value * weights).sum(axis=-1)
        spread = root_mean_square(value - mean[..., None], weights)
        branch = _Stream(mean, spread, spread)
        outputs = _add(stream, branch, spec.initial_gate) if spec.skipped_layers[layer] else branch
        layers.append(
            _Layer(sigma, stream, branch, outputs, deviation, divisor, activated_deviation, u, value, slope, weights)
        )
        stream = outputs
    return layers


def _add(stream: _Stream, branch: _Stream, gate: float) -> _Stream:
    """``h + gate * a`` with h and a independent (Yang & Schoenholz 2017, thm. 2): means add, variances add."""
    return _Stream(
        stream.mean + gate * branch.mean,
        np.hypot(stream.deviation, gate * branch.deviation),
        np.hypot(stream.batch_deviation, gate * branch.batch_deviation),
    )


def _forward(spec: NetworkSpec, x: Array) -> tuple[list[_Layer], Array]:
    """Every layer's signals for inputs ``(batch, n_inputs)``, and the shares of the groups of examples."""
    initializer = INITIALIZERS[spec.initializer]
    stream, shares = _input_stream(spec, x)
    drawn = [sqrt(initializer.weight_variance(*pair[::-1], spec.weight_std)) for pair in spec.layer_shapes]
    if initializer.unit_variance:
        # LSUV looks at the network before weights are scaled and biases added (Mishkin & Matas 2016).
        def calibrated(layer: int, stream: _Stream) -> float:
            found = _calibrated_deviation(spec, layer, stream, shares, len(x))
            return found if 0 < found < np.inf or np.isnan(found) else drawn[layer]

        drawn = [layer.weight_deviation for layer in _propagate(spec, stream, calibrated, [0.0] * spec.depth)]
    biases = [sqrt(initializer.bias_variance(fan_in) + spec.bias_std**2) for _, fan_in in spec.layer_shapes]
    return _propagate(spec, stream, lambda layer, _: spec.weight_scale * drawn[layer], biases), shares


def _calibrated_deviation(spec: NetworkSpec, layer: int, stream: _Stream, shares: Array, batch: int) -> float:
    """Deviation of one weight after LSUV has brought z to variance 1 over batch and units.

    The mean of z over both is not 0 where there are few units: its square is that of the batch's mean
    signal over ``fan_out``.  nan where theory does not know that mean and it matters.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    size = root_mean_square(stream.rms, shares)
    if batch == 1:
        share = 1.0
    elif NORMALIZATIONS[spec.normalization].over_batch:
        share = 1 - float(np.square(stream.batch_deviation / size).mean())
    else:
        share = np.nan if layer == spec.depth - 1 and fan_out < SMALLEST_LAYER else 0.0
    return float(1 / (sqrt(fan_in) * size * np.sqrt(1 - share / fan_out)))


@dataclass(frozen=True)
class _Backward:
    """The gradient ``dL/dh'`` between two layers, per group of examples ``(n,)``, as a sum of four.

    ``constant`` is the same for all units and examples: mainly what comes straight from the outputs along
    residual connections.  ``along`` is proportional to ``h'`` itself (here the RMS, with its sign): where
    outputs are not linear, a weight and the slope it leads to depend on each other.  The rest is normal:
    ``shared`` by all examples but not by units, or each one's ``own``.
    """

    constant: Array
    along: Array
    shared: Array
    own: Array

    def rms(self, stream: _Stream) -> Array:
        """Its root mean square, given ``h'``."""
        size = _nonzero(stream.rms)
        center = np.hypot(self.constant + self.along * stream.mean / size, self.along * stream.deviation / size)
        return np.hypot(center, np.hypot(self.shared, self.own))


def _nonzero(size: Array) -> Array:
    """``size``, fit to divide by."""
    return np.where(size != 0, size, 1.0)


def _take_out(values: Array, passed: _Layer, normalization: str) -> Array:
    """``values(u) - E[values] - u E[u values]``: what is left once mean and scale are differentiated through.

    RMS norm leaves the mean in (Yang et al. 2019, for batch norm; the same projection for the others).
    """
    left = values - passed.activated * (values * passed.activated * passed.weights).sum(axis=-1, keepdims=True)
    if NORMALIZATIONS[normalization].centered:
        left = left - (values * passed.weights).sum(axis=-1, keepdims=True)
    return left


def _through_activation(
    spec: NetworkSpec, layer: int, passed: _Layer, above: _Backward, length: Array
) -> tuple[Array, Array, Array]:
    """``dL/dz`` from ``dL/dh'``: RMS, mean magnitude and ``E[x dL/dz]`` with ``x = z / deviation``, ``(n,)`` each.

    Given u, ``dL/dz`` is normal, with a mean that ``constant`` and ``along`` make.  ``length`` is the typical
    size of the normal parts, as a share of their RMS: see ``_mean_root_share``.
    """
    unit = _nonzero(np.abs([above.constant, above.along, above.shared, above.own]).max(axis=0))
    constant, shared, own = ((part / unit)[..., None] for part in (above.constant, above.shared, above.own))
    along = (above.along / unit / _nonzero(passed.outputs.rms))[..., None]
    gate = 1.0
    if spec.skipped_layers[layer]:
        gate = spec.initial_gate
        constant = constant + along * passed.inputs.mean[..., None]
        own = np.hypot(own, along * passed.inputs.deviation[..., None])
    center, common = (constant + along * gate * passed.value) * passed.slope, shared * passed.slope
    if spec.normalized_layers[layer]:
        center, common = (_take_out(part, passed, spec.normalization) for part in (center, common))
    spread = np.hypot(common, own * passed.slope)
    factor = gate * unit / passed.divisor
    x = passed.activated / _nonzero(passed.activated_deviation)[..., None]
    return (
        factor * root_mean_square(np.hypot(center, spread), passed.weights),
        factor * (_mean_abs(np.abs(center), length[..., None] * spread) * passed.weights).sum(axis=-1),
        factor * (x * center * passed.weights).sum(axis=-1),
    )


def _mean_abs(center: Array, spread: Array) -> Array:
    """``E|x|`` for ``x ~ N(center, spread^2)``, the folded normal; ``center`` at least 0."""
    if not center.any():
        return sqrt(2 / pi) * spread
    distance = np.where(spread > 0, center / np.where(spread > 0, spread, 1.0), np.inf)
    return 2 * spread * normal_density(distance) + center * (1 - 2 * normal_cdf(-distance))


def _mean_root_share(square: Array, weights: Array, count: int) -> Array:
    """``E[sqrt(S)] / sqrt(E[S])`` for S a sum of ``count`` independent draws of ``square``.

    From ``E[sqrt(S)] = integral of (1 - E[exp(-t S)]) t^(-3/2) dt / (2 sqrt(pi))``, by the trapezoidal rule in ln t.
    ``square``, ``weights``: ``(n, nodes)``; result ``(n,)``.
    """
    mean = (square * weights).sum(axis=-1, keepdims=True)
    scaled = square / np.where((mean > 0) & np.isfinite(mean), mean, 1.0)
    steps = np.arange(-50.0, 50.0, 0.5)
    # 1 - E[exp(-t X)], without the loss of digits at small t.
    lost = np.stack([(-np.expm1(-np.exp(y) * scaled) * weights).sum(axis=-1) for y in steps])
    together = -np.expm1(count * np.log1p(-np.minimum(lost, 1.0)))
    integral = 0.5 * (together * np.exp(-steps / 2)[:, None]).sum(axis=0)
    return np.where(mean[:, 0] > 0, integral / (2 * sqrt(pi * count)), 1.0)


def _slope_in_common(spec: NetworkSpec, last: _Layer) -> float:
    """RMS of the part of the last layer's slopes that all examples of the batch share, under batch norm.

    Pre-activations of any two examples covary by what they have in common, the mean of h over the batch and the
    bias; given that part ``y``, they are independent: ``E_y[E[phi'(y + rest)]^2]``.
    """
    if spec.linear_output:
        return 1.0
    activation = ACTIVATIONS[spec.activation]
    rest = sqrt(spec.layer_shapes[-1][1]) * last.weight_deviation * float(last.inputs.batch_deviation[0])
    rest = min(rest, float(last.deviation[0]))
    common = sqrt(max(float(last.deviation[0]) ** 2 - rest**2, 0.0))
    y, outer = quadrature(activation, common)
    z, inner = quadrature(activation, np.full_like(y, rest), y)
    slope = activation(z, spec.activation_shape)[1]
    return float(root_mean_square((slope * inner).sum(axis=-1), outer))


def _through_weights(
    spec: NetworkSpec, layer: int, passed: _Layer, above: _Backward, rms: Array, slant: Array
) -> _Backward:
    """``dL/dh`` from ``dL/dh'``, the RMS of ``dL/dz`` and ``slant = E[x dL/dz]``.

    The weights spread ``dL/dz`` over the units below, mean 0, but for ``E[w dL/dz] = Var(w) h slant / deviation``
    (Stein's lemma), whose square counts for pairs of units.  Normalisation leaves no slant.  A residual
    connection adds what it passes by.  Under batch norm ``dL/dz`` has nothing in common between examples, but in
    the last layer, which is not normalised.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    through = sqrt(fan_out) * passed.weight_deviation * rms
    signal = sqrt(fan_in) * passed.weight_deviation * passed.inputs.rms / _nonzero(passed.deviation)
    along = sqrt(fan_out * (fan_out - 1) / fan_in) * passed.weight_deviation * signal * slant
    if INITIALIZERS[spec.initializer].shape_weights is orthonormal:
        # These keep lengths: what goes along h is taken from the rest.
        taken = np.square(along / _nonzero(through)) * min(1.0, fan_in / fan_out)
        through = through * np.sqrt(np.maximum(1 - taken, 0.0))
    common = np.zeros_like(through)
    if layer == spec.depth - 1 and NORMALIZATIONS[spec.normalization].over_batch:
        common = np.minimum(
            _slope_in_common(spec, passed) / _nonzero(root_mean_square(passed.slope, passed.weights)), 1.0
        )
    normal = through * np.sqrt(1 - np.square(common))
    if spec.normalized_layers[layer]:
        along = np.zeros_like(along)
    if not spec.skipped_layers[layer]:
        return _Backward(np.zeros_like(through), along, through * common, normal)
    # What is along h' = h + gate * a is along h, and for the rest as random as a is.
    passing = above.along / _nonzero(passed.outputs.rms)
    return _Backward(
        above.constant + passing * spec.initial_gate * passed.branch.mean,
        along + passing * passed.inputs.rms,
        np.hypot(through * common, above.shared),
        np.hypot(normal, np.hypot(above.own, passing * spec.initial_gate * passed.branch.deviation)),
    )


def _backward(spec: NetworkSpec, layers: list[_Layer]) -> list[tuple[Array, Array, Array]]:
    """RMS and mean magnitude of dL/dz and RMS of dL/dh' per layer, first layer first, each ``(groups,)``."""
    zero = np.zeros_like(layers[-1].deviation)
    gradient = _Backward(zero + 1.0, zero, zero, zero)
    # All layers below see the last layer's gradient through one and the same random length.
    length = _mean_root_share(np.square(layers[-1].slope), layers[-1].weights, spec.n_outputs)
    rows = []
    for layer in reversed(range(spec.depth)):
        passed = layers[layer]
        rms, mean_abs, slant = _through_activation(spec, layer, passed, gradient, length)
        rows.append((rms, mean_abs, gradient.rms(passed.outputs)))
        gradient = _through_weights(spec, layer, passed, gradient, rms, slant)
    if spec.depth > 1 and spec.n_outputs == 1 and INITIALIZERS[spec.initializer].stream is unit_uniform:
        # The layer below a single output sees one uniform weight, not a sum that is normal already.
        rms, mean_abs, stream = rows[1]
        rows[1] = rms, mean_abs * (sqrt(3 / 4) / sqrt(2 / pi)), stream
    return rows[::-1]


@np.errstate(**QUIET)
def signal_propagation(spec: NetworkSpec, inputs: ArrayLike | None = None) -> pd.DataFrame:
    """What each layer's signals and gradients are expected to be when the gradient at every output is 1.

    The variance map of Poole et al. 2016 (eq. 3) forward and the gradient map of Schoenholz et al. 2017 (eq. 9)
    backward, on this network's own layer sizes and inputs; residual connections as in Yang & Schoenholz 2017,
    batch norm as in Yang et al. 2019.  Where these papers take gradients as independent of the signal, which
    several outputs that are not linear contradict, what correlates the two is followed as well.

    Parameters
    ----------
    spec : NetworkSpec
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``; ``None`` takes ``example_inputs(n_inputs, 1)``

    Returns
    -------
    DataFrame, one row per layer, layer 1 (the input's side) first
        ``layer``; ``variance``, the mean square of the pre-activations z, and ``activated_variance``, of u that goes
        into the activation; then the columns of ``vanish.flow.MAGNITUDES``: ``mean_abs`` (expected mean of
        |dL/dz|), ``rms`` and ``stream`` (root of the expected mean square of dL/dz, of dL/dh'), ``weight_norm``
        and ``relative_norm`` for a batch of one (with more it depends on how examples correlate: nan); and
        ``factor``, the mean square of dL/dz in the layer below over that in this one (nan for layer 1).
        Gradient columns are nan under batch norm with fewer than 16 examples, and under LSUV with fewer than 16
        outputs and more than one example (unless batch norm keeps the examples apart).

    Raises
    ------
    ValueError
        If the inputs' shape does not fit the spec.
    """
    x = example_inputs(spec.n_inputs, 1) if inputs is None else np.atleast_2d(np.asarray(inputs, dtype=np.float64))
    if x.ndim != 2 or x.shape[1] != spec.n_inputs or not len(x):
        raise ValueError(f"inputs must be rows of {spec.n_inputs} columns (n_inputs), got shape {x.shape}")
    layers, shares = _forward(spec, x)
    rms, mean_abs, stream = zip(*_backward(spec, layers), strict=True)

    def over_batch(sizes: Array) -> float:
        return float(root_mean_square(sizes, shares))

    table = pd.DataFrame(
        {
            "layer": np.arange(1, spec.depth + 1),
            "variance": [float(np.square(root_mean_square(layer.deviation, shares))) for layer in layers],
            "activated_variance": [
                float(np.square(root_mean_square(layer.activated_deviation, shares))) for layer in layers
            ],
            "mean_abs": [float((values * shares).sum()) for values in mean_abs],
            "rms": [over_batch(values) for values in rms],
            "stream": [over_batch(values) for values in stream],
        }
    )
    sizes = np.sqrt([fan_out * fan_in for fan_out, fan_in in spec.layer_shapes])
    one = np.nan if len(x) > 1 else 1.0
    table["weight_norm"] = (
        one * table["rms"] * sizes * [float(root_mean_square(layer.inputs.rms, shares)) for layer in layers]
    )
    table["relative_norm"] = table["weight_norm"] / (sizes * [layer.weight_deviation for layer in layers])
    table["factor"] = np.square(table["rms"].shift(1) / table["rms"])
    if any(spec.normalized_layers) and NORMALIZATIONS[spec.normalization].over_batch and len(x) < SMALLEST_BATCH:
        table.loc[:, "mean_abs":] = np.nan
    return table
