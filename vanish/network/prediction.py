"""What a network says outside of training.

Under batch norm, training uses each batch's own statistics and everything else the whole training set's (Ioffe &
Szegedy 2015, algorithm 2; PyTorch's running averages approximate these).
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.activations import BLOCK
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.checks import check_parameters
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.passes import Forward, batch_rows, layer_forward, run_forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_array


@np.errstate(**QUIET)
def fold_batch_norm(spec: NetworkSpec, parameters: Parameters, reference: ArrayLike) -> tuple[NetworkSpec, Parameters]:
    """The same network with batch norm's statistics fixed to those of ``reference``, ``(n, n_inputs)``.

    Of pre-activations, a fixed mean and standard deviation are a part of the weights: ``W' = gain / std W`` and
    ``b' = gain / std (b - mean z) + shift``.  Elsewhere they are a part of gain and shift, which stay:
    ``gain' = gain / std`` and ``shift' = shift - gain' mean``.  Networks without batch norm come back as they are.
    """
    if not NORMALIZATIONS[spec.normalization].over_batch:
        return spec, parameters
    return folded_forward(spec, parameters, reference)[:2]


@np.errstate(**QUIET)
def folded_forward(
    spec: NetworkSpec, parameters: Parameters, reference: ArrayLike
) -> tuple[NetworkSpec, Parameters, Forward]:
    """The network of ``fold_batch_norm``, and its forward pass over ``reference``: of pre-activations the one that
    the statistics were taken from."""
    check_parameters(spec, parameters, alone=True)
    rows = batch_rows(spec, reference)
    if not NORMALIZATIONS[spec.normalization].over_batch:
        return spec, parameters, run_forward(spec, parameters, rows, keep=False)
    place = NORM_PLACES[spec.norm_place]
    layers, passes = [], []
    h = around = rows
    for index, own in enumerate(parameters.layers):
        if spec.layers[index].opens:
            around = h
        passed, outputs = layer_forward(spec, index, own, h, around, keep=False)
        passes.append(passed)
        if own.gain is None or own.shift is None or passed.std is None:
            layers.append(own)
        elif place.before_activation:
            factor = own.gain / passed.std[0]
            # mean z = W mean x + b, so that b cancels.
            biases = own.shift - factor * (own.weights @ passed.inputs.mean(axis=0))
            layers.append(LayerParameters(factor[:, None] * own.weights, biases, gate=own.gate, leak=own.leak))
        else:
            mean = h.mean(axis=0)
            if place.after_sum:
                value = passed.value.mean(axis=0)
                mean = value if own.gate is None else around.mean(axis=0) + own.gate * value
            gain = own.gain / passed.std[0]
            layers.append(replace(own, gain=gain, shift=own.shift - gain * mean))
        h = outputs
    fixed, folded = replace(spec, normalization="none"), Parameters(layers)
    if place.before_activation:
        return fixed, folded, Forward(passes, h)
    return fixed, folded, run_forward(fixed, folded, rows, keep=False)


def predict(spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike, reference: ArrayLike | None = None) -> Array:
    """The network's outputs ``(n, n_outputs)`` for standardised inputs ``(n, n_inputs)``.

    ``reference``, ``(m, n_inputs)``, gives batch norm its statistics: the training inputs, as a rule.

    Raises
    ------
    ValueError
        As in ``forward``; if the spec has batch norm and there is no reference.
    """
    rows = batch_rows(spec, inputs)
    check_parameters(spec, parameters, alone=True)
    if reference is not None:
        reference = check_array("reference", reference, ("m", spec.n_inputs), finite=True)
    if NORMALIZATIONS[spec.normalization].over_batch and reference is None:
        raise ValueError("reference must be the training inputs where normalization is batch, got None")
    if reference is not None:
        spec, parameters = fold_batch_norm(spec, parameters, reference)
    return np.concatenate([run_forward(spec, parameters, part, keep=False).outputs for part in parts(spec, rows)])


def parts(spec: NetworkSpec, inputs: Array) -> Iterator[Array]:
    """Rows of inputs in parts whose arrays stay in the processor's cache: three times as fast for many examples.

    Batch norm looks at all examples at once, and so gets them.
    """
    together = NORMALIZATIONS[spec.normalization].over_batch
    size = len(inputs) if together else max(BLOCK // spec.widest, 32)
    for start in range(0, len(inputs), size):
        yield inputs[start : start + size]
