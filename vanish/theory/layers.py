"""One layer of mean-field theory: its signals on the way there, and the gradient's two steps on the way back."""

from collections.abc import Callable
from math import sqrt

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import EPSILON, NORMALIZATIONS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, root_mean_square
from vanish.theory.corrections import folded_normal_mean, kept_beside_signal, shared_slope, without_mean_and_scale
from vanish.theory.gaussian import quadrature
from vanish.theory.signals import GradientStream, LayerSignals, SignalStream, nonzero


def layer_signals(
    spec: NetworkSpec,
    layer: int,
    stream: SignalStream,
    around: SignalStream,
    weight_std: Callable[[int, SignalStream], float],
    bias_std: float,
) -> LayerSignals:
    """The variance map's step through one layer (counted from 0), as root mean squares.

    ``around`` is what the layer's block started with; ``weight_std(layer, inputs)``, given what the weights multiply.
    """
    its, place = spec.layers[layer], NORM_PLACES[spec.norm_place]
    inputs, outer_divisor = stream, np.ones_like(stream.mean)
    if its.normalized_units and place.before_weights:
        inputs, outer_divisor = normalized_stream(spec, stream)
    of_weights = weight_std(layer, inputs)
    std = np.hypot(sqrt(its.fan_in) * of_weights * inputs.rms, bias_std)
    batch_std = sqrt(its.fan_in) * of_weights * inputs.batch_std
    divisor, activated_std = np.ones_like(std), std
    if normalizes_pre_activations(spec, layer):
        # Batch norm's std is over examples, which share the biases; the others' over units, which do not.
        normalized = batch_std if NORMALIZATIONS[spec.normalization].over_batch else std
        divisor = np.hypot(normalized, sqrt(EPSILON))
        activated_std = normalized / divisor
    activation = ACTIVATIONS["identity" if its.linear else spec.activation]
    u, weights = quadrature(activation, activated_std)
    value, slope = activation.apply(u, None if its.linear else spec.activation_shape)
    mean = (value * weights).sum(axis=-1)
    spread = root_mean_square(value - mean[..., None], weights)
    branch = SignalStream(mean, spread, batch_std if its.linear else spread)
    total = outputs = add_branch(around, branch, spec.initial_gate) if its.closes else branch
    if its.normalized_units and place.after_sum:
        outputs, outer_divisor = normalized_stream(spec, total)
    return LayerSignals(
        of_weights,
        around,
        inputs,
        branch,
        total,
        outputs,
        std,
        divisor,
        outer_divisor,
        activated_std,
        u,
        value,
        slope,
        weights,
    )


def normalizes_pre_activations(spec: NetworkSpec, layer: int) -> bool:
    """Whether the layer's activation gets normalised pre-activations."""
    return spec.layers[layer].normalized_units > 0 and NORM_PLACES[spec.norm_place].before_activation


def normalized_stream(spec: NetworkSpec, stream: SignalStream) -> tuple[SignalStream, Array]:
    """A stream normalised over its units, and what it is divided by."""
    centered = NORMALIZATIONS[spec.normalization].centered
    divisor = np.hypot(stream.std if centered else stream.rms, sqrt(EPSILON))
    mean = np.zeros_like(stream.mean) if centered else stream.mean / divisor
    return SignalStream(mean, stream.std / divisor, stream.batch_std / divisor), divisor


def add_branch(stream: SignalStream, branch: SignalStream, gate: float) -> SignalStream:
    """``h + gate * a`` with h and a independent (Yang & Schoenholz 2017, thm. 2): means add, variances add."""
    return SignalStream(
        stream.mean + gate * branch.mean,
        np.hypot(stream.std, gate * branch.std),
        np.hypot(stream.batch_std, gate * branch.batch_std),
    )


def through_activation(
    spec: NetworkSpec, layer: int, passed: LayerSignals, above: GradientStream, length: Array
) -> tuple[Array, Array, Array]:
    """``dL/dz`` from ``dL/ds``: RMS, mean magnitude and ``E[x dL/dz]`` with ``x = z / std``, ``(n,)`` each.

    Given u, ``dL/dz`` is normal, with a mean that ``constant`` and ``along`` make.  ``length`` is the typical
    size of the normal parts, as a share of their RMS: see ``mean_root_share``.
    """
    unit = nonzero(np.abs([above.constant, above.along, above.shared, above.own]).max(axis=0))
    constant, shared, own = ((part / unit)[..., None] for part in (above.constant, above.shared, above.own))
    along = (above.along / unit / nonzero(passed.total.rms))[..., None]
    gate = 1.0
    if spec.layers[layer].closes:
        gate = spec.initial_gate
        constant = constant + along * passed.around.mean[..., None]
        own = np.hypot(own, along * passed.around.std[..., None])
    center, common = (constant + along * gate * passed.value) * passed.slope, shared * passed.slope
    if normalizes_pre_activations(spec, layer):
        center, common = (without_mean_and_scale(part, passed, spec.normalization) for part in (center, common))
    spread = np.hypot(common, own * passed.slope)
    factor = gate * unit / passed.divisor
    x = passed.activated / nonzero(passed.activated_std)[..., None]
    return (
        factor * root_mean_square(np.hypot(center, spread), passed.weights),
        factor * (folded_normal_mean(np.abs(center), length[..., None] * spread) * passed.weights).sum(axis=-1),
        factor * (x * center * passed.weights).sum(axis=-1),
    )


def through_weights(
    spec: NetworkSpec, layer: int, passed: LayerSignals, above: GradientStream, rms: Array, slant: Array
) -> GradientStream:
    """``dL/dx``, of what the weights multiply, from ``dL/ds``, the RMS of ``dL/dz`` and ``slant = E[x dL/dz]``.

    The weights spread ``dL/dz`` over the units below, mean 0, but for ``E[w dL/dz] = Var(w) h slant / std``
    (Stein's lemma), whose square counts for pairs of units.  Normalisation leaves no slant.  Under batch
    norm ``dL/dz`` has nothing in common between examples, but in layers that are not normalised: the last one, and the
    linear end of a block.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    through = sqrt(fan_out) * passed.weight_std * rms
    signal = sqrt(fan_in) * passed.weight_std * passed.inputs.rms / nonzero(passed.std)
    along = sqrt(fan_out * (fan_out - 1) / fan_in) * passed.weight_std * signal * slant
    through = kept_beside_signal(spec, layer, along, through)
    common = np.zeros_like(through)
    if layer == spec.depth - 1 and NORMALIZATIONS[spec.normalization].over_batch:
        common = np.minimum(shared_slope(spec, passed) / nonzero(root_mean_square(passed.slope, passed.weights)), 1.0)
    elif spec.layers[layer].linear and NORMALIZATIONS[spec.normalization].over_batch:
        common = np.minimum(np.hypot(above.constant, above.shared) / nonzero(above.rms(passed.total)), 1.0)
    normal = through * np.sqrt(1 - np.square(common))
    if normalizes_pre_activations(spec, layer):
        along = np.zeros_like(along)
    return GradientStream(np.zeros_like(through), along, through * common, normal)


def around_branch(spec: NetworkSpec, passed: LayerSignals, above: GradientStream) -> GradientStream:
    """What of ``dL/ds`` at the end of a block goes around its branch.

    What is along ``s = h + gate * a`` is along h, and for the rest as random as a is.
    """
    passing = above.along / nonzero(passed.total.rms)
    return GradientStream(
        above.constant + passing * spec.initial_gate * passed.branch.mean,
        passing * passed.around.rms,
        above.shared,
        np.hypot(above.own, passing * spec.initial_gate * passed.branch.std),
    )


def through_norm(spec: NetworkSpec, above: GradientStream, normalized: SignalStream, divisor: Array) -> GradientStream:
    """``dL/dv`` from ``dL/d(norm(v))``, the norm over many units.

    What is along the normalised vector is taken out, and with it, where the mean is, what is the same for all units.
    """
    centered = NORMALIZATIONS[spec.normalization].centered
    constant = np.zeros_like(above.constant) if centered else above.constant
    along = -constant * normalized.mean / nonzero(normalized.rms)
    return GradientStream(constant / divisor, along / divisor, above.shared / divisor, above.own / divisor)
