"""One layer of mean-field theory: its signals on the way there, and the gradient's two steps on the way back."""

from math import sqrt

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.normalizations import EPSILON, NORMALIZATIONS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, root_mean_square
from vanish.theory.corrections import folded_normal_mean, kept_beside_signal, shared_slope, without_mean_and_scale
from vanish.theory.gaussian import quadrature
from vanish.theory.signals import GradientStream, LayerSignals, SignalStream, nonzero


def layer_signals(
    spec: NetworkSpec, layer: int, stream: SignalStream, weight_std: float, bias_std: float
) -> LayerSignals:
    """The variance map's step through one layer (counted from 0), as root mean squares."""
    _, fan_in = spec.layer_shapes[layer]
    std = np.hypot(sqrt(fan_in) * weight_std * stream.rms, bias_std)
    divisor, activated_std = np.ones_like(std), std
    if spec.normalized_layers[layer]:
        # Batch norm's std is over examples, which share the biases; the others' over units, which do not.
        over_batch = NORMALIZATIONS[spec.normalization].over_batch
        normalized = sqrt(fan_in) * weight_std * stream.batch_std if over_batch else std
        divisor = np.hypot(normalized, sqrt(EPSILON))
        activated_std = normalized / divisor
    activation = ACTIVATIONS[spec.activation]
    u, weights = quadrature(activation, activated_std)
    value, slope = activation.apply(u, spec.activation_shape)
    if spec.linear_output and layer == spec.depth - 1:
        value, slope = u, np.ones_like(u)
    mean = (value * weights).sum(axis=-1)
    spread = root_mean_square(value - mean[..., None], weights)
    branch = SignalStream(mean, spread, spread)
    outputs = add_branch(stream, branch, spec.initial_gate) if spec.skipped_layers[layer] else branch
    return LayerSignals(weight_std, stream, branch, outputs, std, divisor, activated_std, u, value, slope, weights)


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
    """``dL/dz`` from ``dL/dh'``: RMS, mean magnitude and ``E[x dL/dz]`` with ``x = z / std``, ``(n,)`` each.

    Given u, ``dL/dz`` is normal, with a mean that ``constant`` and ``along`` make.  ``length`` is the typical
    size of the normal parts, as a share of their RMS: see ``mean_root_share``.
    """
    unit = nonzero(np.abs([above.constant, above.along, above.shared, above.own]).max(axis=0))
    constant, shared, own = ((part / unit)[..., None] for part in (above.constant, above.shared, above.own))
    along = (above.along / unit / nonzero(passed.outputs.rms))[..., None]
    gate = 1.0
    if spec.skipped_layers[layer]:
        gate = spec.initial_gate
        constant = constant + along * passed.inputs.mean[..., None]
        own = np.hypot(own, along * passed.inputs.std[..., None])
    center, common = (constant + along * gate * passed.value) * passed.slope, shared * passed.slope
    if spec.normalized_layers[layer]:
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
    """``dL/dh`` from ``dL/dh'``, the RMS of ``dL/dz`` and ``slant = E[x dL/dz]``.

    The weights spread ``dL/dz`` over the units below, mean 0, but for ``E[w dL/dz] = Var(w) h slant / std``
    (Stein's lemma), whose square counts for pairs of units.  Normalisation leaves no slant.  A residual
    connection adds what it passes by.  Under batch norm ``dL/dz`` has nothing in common between examples, but in
    the last layer, which is not normalised.
    """
    fan_out, fan_in = spec.layer_shapes[layer]
    through = sqrt(fan_out) * passed.weight_std * rms
    signal = sqrt(fan_in) * passed.weight_std * passed.inputs.rms / nonzero(passed.std)
    along = sqrt(fan_out * (fan_out - 1) / fan_in) * passed.weight_std * signal * slant
    through = kept_beside_signal(spec, layer, along, through)
    common = np.zeros_like(through)
    if layer == spec.depth - 1 and NORMALIZATIONS[spec.normalization].over_batch:
        common = np.minimum(shared_slope(spec, passed) / nonzero(root_mean_square(passed.slope, passed.weights)), 1.0)
    normal = through * np.sqrt(1 - np.square(common))
    if spec.normalized_layers[layer]:
        along = np.zeros_like(along)
    if not spec.skipped_layers[layer]:
        return GradientStream(np.zeros_like(through), along, through * common, normal)
    # What is along h' = h + gate * a is along h, and for the rest as random as a is.
    passing = above.along / nonzero(passed.outputs.rms)
    return GradientStream(
        above.constant + passing * spec.initial_gate * passed.branch.mean,
        along + passing * passed.inputs.rms,
        np.hypot(through * common, above.shared),
        np.hypot(normal, np.hypot(above.own, passing * spec.initial_gate * passed.branch.std)),
    )
