"""How the numbers within one network are spread, layer by layer: the histograms that every course on deep networks
draws (Glorot & Bengio 2010, fig. 6 and 7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from vanish.measure.forward import handed_on
from vanish.network import distributions
from vanish.network.checks import check_pass_fits
from vanish.network.initialize import initialize
from vanish.network.parameters import Parameters
from vanish.network.passes import backward, batch_rows, output_rows, run_forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, norm
from vanish.numerics.checks import check_choice, check_flag, check_integers, check_kind
from vanish.numerics.histogram import Histogram, histogram, robust_limit
from vanish.numerics.lcg import check_seed

# Those that a run in training keeps, and what goes into the activation.
KINDS = ("pre_activations", *distributions.KINDS)


@dataclass(frozen=True, eq=False)
class LayerSpread:
    """One layer's numbers: ``layer`` counts from 1, ``rms`` is the root mean square of the finite ones, 0 of none."""

    layer: int
    rms: float
    histogram: Histogram


@np.errstate(**QUIET)
def layer_spreads(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike,
    kind: str = "activations",
    layers: Sequence[int] | None = None,
    common: bool = False,
    output_gradient: ArrayLike | None = None,
) -> list[LayerSpread]:
    """Histograms of one kind of numbers, one a layer, in 40 bins.

    Bins begin at 0 where no number is negative and end there where none is positive; on the other side they reach as
    far as ``robust_limit``.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int, 0 to 2**64 - 1
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``
    kind : a name from ``KINDS``
        ``pre_activations``: what goes into the activation, u; ``activations``: what the layer hands on;
        ``gradients``: dL/dz; ``weight_gradients``: dL/dW; ``weights``
    layers : numbers of layers, 1 to the spec's depth, each once; ``None`` means all
    common : bool
        Whether all layers share their bins, which then reach as far as those of any.
    output_gradient : dL/d(outputs), broadcast to ``(batch, n_outputs)``; ``None`` means ones

    Returns
    -------
    list of LayerSpread, in the order of ``layers``

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    rows, seed = batch_rows(check_kind("spec", spec, NetworkSpec), inputs), check_seed("seed", seed)
    check_choice("kind", kind, KINDS)
    numbers = range(1, spec.depth + 1)
    wanted = list(numbers) if layers is None else check_integers("layers", layers, 1, spec.depth)
    common = check_flag("common", common)
    at_outputs = output_rows(spec, len(rows), output_gradient)
    check_pass_fits("inputs", spec, 1, len(rows))
    every = dict(_values(spec, initialize(spec, seed, rows), rows, kind, at_outputs, set(wanted)))
    finite = {layer: values[np.isfinite(values)] for layer, values in every.items()}
    limits = {layer: _limits(values) for layer, values in finite.items()}
    if common:
        lows, highs = zip(*limits.values(), strict=True)
        limits = dict.fromkeys(limits, (min(lows), max(highs)))
    return [
        LayerSpread(layer, _rms(finite[layer]), histogram(every[layer], distributions.BINS, limits[layer]))
        for layer in wanted
    ]


def _values(
    spec: NetworkSpec, parameters: Parameters, rows: Array, kind: str, at_outputs: Array, wanted: set[int]
) -> Iterator[tuple[int, Array]]:
    """The wanted layers' numbers with the layers' own."""
    if kind == "weights":
        yield from ((layer, parameters.layers[layer - 1].weights) for layer in wanted)
        return
    passed = run_forward(spec, parameters, rows, keep=kind == "pre_activations")
    if kind == "pre_activations":
        yield from ((layer, passed.layers[layer - 1].activated) for layer in wanted)
    elif kind == "activations":
        outputs = handed_on(passed)
        yield from ((layer, outputs[layer - 1]) for layer in wanted)
    else:
        back = zip(range(spec.depth, 0, -1), backward(spec, parameters, passed, at_outputs), strict=True)
        for layer, gradients in back:
            if layer in wanted:
                yield layer, gradients.weights if kind == "weight_gradients" else gradients.pre_activations


def _limits(finite: Array) -> tuple[float, float]:
    limit = robust_limit(finite)
    low, high = finite.min(initial=0.0), finite.max(initial=0.0)
    return (-limit if low < 0 or not high else 0.0), (limit if high > 0 or not low else 0.0)


def _rms(finite: Array) -> float:
    return float(norm(finite, (0,))) / sqrt(finite.size) if finite.size else 0.0
