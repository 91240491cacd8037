"""The numbers a network starts from."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.initializers import INITIALIZERS, Initializer
from vanish.choices.inputs import example_inputs
from vanish.choices.norm_places import NORM_PLACES
from vanish.network.checks import KEPT_ARRAYS, check_pass_fits
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.passes import input_rows, layer_forward, normalize
from vanish.network.spec import NetworkSpec
from vanish.numerics import lcg
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_kind, check_memory, several

# Examples on which layers are scaled to unit variance where the caller has none.
CALIBRATION_BATCH = 256


def initialize(spec: NetworkSpec, seed: int | Sequence[int], inputs: ArrayLike | None = None) -> Parameters:
    """Draw a network's weights and biases.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int from 0 to 2**64 - 1, or a sequence of them
        A sequence gives every array a leading axis, one network a seed.
    inputs : ``(batch, n_inputs)``
        The data that a data-dependent initializer (``lsuv``) looks at; ``None`` takes standard-normal ones.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received; if so many networks would not fit in memory.
    """
    check_kind("spec", spec, NetworkSpec)
    seeds = lcg.one_or_more_seeds("seed", seed)
    check_pass_fits("seed", spec, len(seeds), 0)
    rows = None if inputs is None else input_rows(spec, inputs)
    initializer = INITIALIZERS[spec.initializer]
    weights, biases = draw_layers(spec, seeds, initializer) if initializer.unit_variance else _made(spec, seeds)
    parameters = Parameters(
        [
            LayerParameters(
                w,
                b,
                np.ones((len(seeds), layer.normalized_units)) if layer.normalized_units else None,
                np.zeros((len(seeds), layer.normalized_units)) if layer.normalized_units else None,
                np.full(len(seeds), spec.initial_gate) if layer.closes else None,
                np.full(len(seeds), spec.shape) if layer.learned_shape else None,
            )
            for w, b, layer in zip(weights, biases, spec.layers, strict=True)
        ]
    )
    if initializer.unit_variance:
        if rows is None:
            rows = example_inputs(spec.n_inputs, CALIBRATION_BATCH, "normal")
        # Its pass keeps one layer at a time.
        check_memory("inputs", len(seeds) * KEPT_ARRAYS * rows.shape[-2] * spec.widest)
        _scale_to_unit_variance(spec, parameters, rows)
        _scale(spec, seeds, weights, biases)
    return parameters if several(seed) else parameters.map(lambda array: array[0])


def _scale(spec: NetworkSpec, seeds: Sequence[int], weights: list[Array], biases: list[Array]) -> None:
    """The spec's own weight scale, and the noise that it adds to the biases, in place."""
    if spec.weight_scale != 1:
        for w in weights:
            w *= spec.weight_scale
    if spec.bias_std:
        for b, noise in zip(biases, bias_noise(spec, seeds), strict=True):
            b += spec.bias_std * noise


def _split(stream: Array, sizes: Iterable[int]) -> list[Array]:
    """Cut the stream's last axis into one piece a layer."""
    ends = list(accumulate(sizes))
    # Not np.split, which takes as long for a piece as a small layer's product does.
    return [stream[..., start:end] for start, end in pairwise([0, *ends])]


@dataclass
class _Latest:
    """What was drawn last, and the weights and biases that were made last, each with what they come from."""

    drawn: tuple[Any, list[Array]] | None = None
    made: tuple[Any, tuple[list[Array], list[Array]]] | None = None


# Within ``drawing_once``.
_latest: ContextVar[_Latest | None] = ContextVar("latest", default=None)


@contextmanager
def drawing_once() -> Iterator[None]:
    """Within it, networks that are made from the same random numbers one after another draw them once, and those that
    differ in their activation alone have the same weights and biases, not to be written to.

    Kept are the latest alone: those of one network of 100 layers of 256 units take 50 MB.
    """
    token = _latest.set(_Latest()) if _latest.get() is None else None
    try:
        yield
    finally:
        if token:
            _latest.reset(token)


@contextmanager
def keeping_nothing() -> Iterator[None]:
    """Within it, random numbers are drawn anew for each network, and go once it is made."""
    token = _latest.set(None)
    try:
        yield
    finally:
        _latest.reset(token)


def _units(shapes: list[tuple[int, int]], seeds: list[int], initializer: Initializer) -> list[Array]:
    """The initializer's unit random numbers for every layer, ``(len(seeds), fan_out, fan_in)``; not to be changed."""
    latest = _latest.get()
    key = initializer.stream, initializer.shape_weights, tuple(seeds), tuple(shapes)
    if latest and latest.drawn and latest.drawn[0] == key:
        return latest.drawn[1]
    if latest:
        # Before the next ones are drawn, so that memory never holds both.
        latest.drawn = latest.made = None
    sizes = [fan_out * fan_in for fan_out, fan_in in shapes]
    pieces = _split(initializer.stream(seeds, sum(sizes)), sizes)
    units = [piece.reshape(len(seeds), *shape) for piece, shape in zip(pieces, shapes, strict=True)]
    if initializer.shape_weights:
        # In place of the numbers, which may be as many as memory holds once.
        for one in units:
            one[...] = initializer.shape_weights(one)
    if latest:
        latest.drawn = key, units
    return units


def _made(spec: NetworkSpec, seeds: list[int]) -> tuple[list[Array], list[Array]]:
    """Weights ``(len(seeds), fan_out, fan_in)`` and biases ``(len(seeds), fan_out)`` of every layer, of an initializer
    that looks at no data."""
    latest = _latest.get()
    of_weights = spec.initializer, spec.weight_scale, spec.weight_std, spec.uniform_low, spec.uniform_high
    key = tuple(seeds), tuple(spec.layer_shapes), of_weights, spec.bias_std, spec.residual, spec.block
    if latest and latest.made and latest.made[0] == key:
        return latest.made[1]
    if latest:
        latest.made = None
    weights, biases = draw_layers(spec, seeds, INITIALIZERS[spec.initializer])
    _scale(spec, seeds, weights, biases)
    if latest:
        for array in (*weights, *biases):
            array.flags.writeable = False
        latest.made = key, (weights, biases)
    return weights, biases


def draw_layers(spec: NetworkSpec, seeds: list[int], initializer: Initializer) -> tuple[list[Array], list[Array]]:
    """Weights ``(len(seeds), fan_out, fan_in)`` and biases ``(len(seeds), fan_out)`` of every layer, unscaled."""
    shapes, mean = spec.layer_shapes, spec.weight_mean
    weights, factors = [], dict[tuple[int, int, bool], float]()
    for drawn, layer in zip(_units(shapes, seeds, initializer), spec.layers, strict=True):
        kind = layer.fan_in, layer.fan_out, layer.first
        if kind not in factors:
            factors[kind] = spec.weight_factor(*kind)
        own = drawn * (factors[kind] * layer.residual_scale)
        weights.append(own + mean * layer.residual_scale if mean else own)
    if not initializer.bias_scale:
        return weights, [np.zeros((len(seeds), fan_out)) for fan_out, _ in shapes]
    # A stream of their own leaves the weights the kata's, and a shallow network the beginning of a deeper one.
    fans_out = [fan_out for fan_out, _ in shapes]
    pieces = _split(initializer.stream([lcg.bias_seed(seed) for seed in seeds], sum(fans_out)), fans_out)
    return weights, [piece * initializer.bias_scale(fan_in) for piece, (_, fan_in) in zip(pieces, shapes, strict=True)]


def bias_noise(spec: NetworkSpec, seeds: Sequence[int]) -> list[Array]:
    """Standard-normal numbers for every bias, ``(len(seeds), fan_out)`` a layer, from a stream that no weight uses."""
    sizes = [fan_out for fan_out, _ in spec.layer_shapes]
    drawn = [np.random.default_rng([seed, 1]).standard_normal(sum(sizes)) for seed in seeds]
    return _split(np.stack(drawn), sizes)


@np.errstate(**QUIET)
def _scale_to_unit_variance(spec: NetworkSpec, parameters: Parameters, h: Array) -> None:
    """Divide each layer's weights, in turn, by the std of its pre-activations (Mishkin & Matas 2016, alg. 1).

    Biases are 0 here, so that one division is exact.  A layer whose pre-activations do not vary stays as it is; one
    that the residual kind scales down keeps that scale.
    """
    around = h
    for index, (layer, own) in enumerate(zip(spec.layers, parameters.layers, strict=True)):
        x = normalize(spec, own, h)[0] if NORM_PLACES[spec.norm_place].before_weights else h
        std = (x @ own.weights.swapaxes(-1, -2)).std(axis=(-2, -1))
        varies = (std > 0) & np.isfinite(std)
        own.weights[...] /= np.where(varies, std / (layer.residual_scale or 1.0), 1.0)[..., None, None]
        if layer.opens:
            around = h
        _, h = layer_forward(spec, index, own, h, around)
