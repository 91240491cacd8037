"""The engine's answers for the present settings, cached for everybody who asks the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from vanish.choices.inputs import example_inputs
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.measure.diagnosis import Diagnosis, diagnose
from vanish.measure.flow import layer_magnitudes, seeds_at_once
from vanish.measure.remedies import comparison_output_gradient
from vanish.measure.yardstick import example_output_gradient, lossless_ratio
from vanish.network.initialize import drawing_once
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, first_over_last, quantiles
from vanish.numerics.lcg import ensemble_seeds
from vanish.theory.mean_field import signal_propagation
from vanish.ui.kit import budget
from vanish.ui.kit.causes import Cause, cause
from vanish.ui.kit.groups import Inputs, Signal
from vanish.ui.kit.shared import shared


@dataclass(frozen=True, eq=False)
class Profiles:
    """Size of the gradient along each network, by activation (along a sequence: by cell).

    ``sizes``: of the network on screen, ``(depth,)``, the first layer first; ``bands``: 10 %, 50 % and 90 % quantile
    over the seeds, ``(3, depth)``, and ``ratios``: first / last layer of each seed, both empty where there is one
    seed only.  ``yardsticks``: first / last of a network of that shape that loses nothing, 1 where none is given.
    ``causes``: what explains a zero or a jump, of those where something in its own making does.
    """

    sizes: Mapping[str, Array]
    bands: Mapping[str, Array] = field(default_factory=dict)
    ratios: Mapping[str, Array] = field(default_factory=dict)
    yardsticks: Mapping[str, float] = field(default_factory=dict)
    causes: Mapping[str, Cause] = field(default_factory=dict)

    @cached_property
    def diagnoses(self) -> Mapping[str, Diagnosis]:
        """The verdict on each."""
        return {name: diagnose(values, yardstick=self.yardsticks.get(name, 1.0)) for name, values in self.sizes.items()}


def output_gradient(spec: NetworkSpec, batch_size: int) -> Array | None:
    """dL/d(outputs) that the page sends back: 1 for all, but its own for each example under batch norm.

    There the plain sum of the outputs hardly depends on the weights (see ``example_output_gradient``).
    """
    return comparison_output_gradient(spec, batch_size=batch_size)


def diagnosed(sizes: Array, spec: NetworkSpec, magnitude: str) -> Diagnosis:
    """The verdict on a network's sizes, ``(depth,)``, against one of its shape that loses nothing."""
    return diagnose(sizes, yardstick=lossless_ratio(spec, magnitude))


# Inputs of so many numbers are kept: to draw them again took 7 % of the time that a small network takes to run.
FEW_NUMBERS = 10_000


def dear(specs: Sequence[NetworkSpec], signal: Signal, *_: str) -> bool:
    """Whether it takes as long as many a move to measure networks."""
    return not budget.within(budget.networks(specs, signal.n_seeds, signal.batch_size), budget.DEAR)


@shared(dear=dear)
def profiles(specs: tuple[NetworkSpec, ...], signal: Signal) -> Profiles:
    """What each layer of each network receives."""
    plain = _measured(specs, signal, signal.magnitude)
    yardsticks = {spec.activation: lossless_ratio(spec, signal.magnitude) for spec in specs}
    causes: dict[str, Cause] = {}
    result = replace(plain, yardsticks=yardsticks, causes=causes)
    # Filled in last: a cause is looked for where the verdict, which the profiles keep, asks for one.
    explained = {spec.activation: _cause(spec, signal, result.diagnoses[spec.activation]) for spec in specs}
    causes |= {name: one for name, one in explained.items() if one}
    return result


@shared(dear=dear)
def in_magnitude(specs: tuple[NetworkSpec, ...], signal: Signal, magnitude: str) -> Profiles:
    """The networks measured in any magnitude, be it a size or not: what no verdict is to be asked of."""
    return _measured(specs, signal, magnitude)


def _measured(specs: Sequence[NetworkSpec], signal: Signal, magnitude: str) -> Profiles:
    sizes, bands, ratios = {}, {}, {}
    seeds = ensemble_seeds(signal.seed, signal.n_seeds)
    for spec, measured in zip(specs, _of_each(specs, signal, seeds, magnitude), strict=True):
        name = spec.activation
        # A copy: a view would keep the sizes over all seeds.
        sizes[name] = measured[0].copy()
        if len(seeds) > 1:
            bands[name] = quantiles(measured)
            ratios[name] = first_over_last(measured)
    return Profiles(sizes, bands, ratios)


def _of_each(specs: Sequence[NetworkSpec], signal: Signal, seeds: Sequence[int], magnitude: str) -> list[Array]:
    """Size of the gradient in each network, ``(seeds, depth)``; all are made of the same random numbers."""
    size = seeds_at_once(specs[0], signal.batch_size)
    with drawing_once():
        if len(seeds) == 1:
            return [_of_first(spec, signal, magnitude)[None] for spec in specs]
        parts = [
            [magnitudes_of(spec, signal, seeds[start : start + size], magnitude) for spec in specs]
            for start in range(0, len(seeds), size)
        ]
    return [np.concatenate(every) for every in zip(*parts, strict=True)]


def _of_first(spec: NetworkSpec, signal: Signal, magnitude: str) -> Array:
    """Size of the gradient at each layer for the first seed, ``(depth,)``."""
    own = NORMALIZATIONS[spec.normalization].over_batch
    sizes: Array = sizes_of(spec, signal.part(Inputs), signal.batch_size, signal.seed, magnitude, own)
    return sizes


@shared()
def sizes_of(spec: NetworkSpec, sent: Inputs, n_examples: int, seed: int, magnitude: str, own_gradients: bool) -> Array:
    """Size of the gradient at each layer for one seed, ``(depth,)``, shared by all views that compare the network with
    others; ``own_gradients``: whether every example has an output gradient of its own."""
    at_outputs = example_output_gradient(spec.n_outputs, n_examples) if own_gradients else None
    ((sizes,),) = layer_magnitudes(spec, [seed], inputs_of(spec, sent, n_examples), [magnitude], at_outputs)
    return sizes.copy()


def magnitudes_of(spec: NetworkSpec, signal: Signal, seeds: Sequence[int], magnitude: str | None = None) -> Array:
    """Size of the gradient at each layer for each seed, ``(seeds, depth)``, in the signal's magnitude or another."""
    (measured,) = layer_magnitudes(
        spec,
        seeds,
        inputs_of(spec, signal),
        [magnitude or signal.magnitude],
        output_gradient(spec, signal.batch_size),
    )
    return measured


def _cause(spec: NetworkSpec, signal: Signal, diagnosis: Diagnosis) -> Cause | None:
    if diagnosis.verdict not in ("dead", "jump", "overflow"):
        return None
    # The gradient at the outputs is of size 1: at the last pre-activation it is the slope.
    output_slope = _of_first(spec, signal, "mean_abs")[-1]
    return cause(spec, signal.batch_size, signal.magnitude, diagnosis, float(output_slope))


def inputs_of(spec: NetworkSpec, sent: Inputs, n_examples: int | None = None) -> Array:
    """What is sent through a network, ``(n_examples, n_inputs)``; ``None`` is the reader's batch size."""
    own = sent.part(Inputs)
    n_examples = n_examples or own.batch_size
    draw = _few_inputs if spec.n_inputs * n_examples <= FEW_NUMBERS else example_inputs
    return draw(spec.n_inputs, n_examples, own.inputs, own.signal_scale, own.signal_shift)


@shared()
def _few_inputs(n_inputs: int, n_examples: int, distribution: str, scale: float, shift: float) -> Array:
    rows = example_inputs(n_inputs, n_examples, distribution, scale, shift)
    rows.flags.writeable = False
    return rows


@shared()
def theory(specs: tuple[NetworkSpec, ...], signal: Signal, magnitude: str | None = None) -> Profiles:
    """What mean-field theory expects each layer to receive, in the signal's magnitude or another; nan where there is no
    theory."""
    tables = {spec.activation: signal_propagation(spec, inputs_of(spec, signal)) for spec in specs}
    return Profiles({name: table[magnitude or signal.magnitude].to_numpy() for name, table in tables.items()})


# A spread is shown over this many seeds where the reader has not asked for more.
SPREAD_SEEDS = 100


@shared(long=True)
def ratios_over_seeds(spec: NetworkSpec, signal: Signal, beside: int = 1) -> Array:
    """First / last layer over many seeds, ``(seeds,)``; the first is the network on screen.

    ``beside``: how many such networks a view measures.
    """
    n_seeds = budget.seeds([spec], max(signal.n_seeds, SPREAD_SEEDS), signal.batch_size, budget.LOOK / beside)
    return first_over_last(magnitudes_of(spec, signal, ensemble_seeds(signal.seed, n_seeds)))


def any_depth(spec: NetworkSpec) -> NetworkSpec:
    """One network for all that differ in depth alone: the key of what does not depend on it."""
    return replace(spec, depth=2) if spec.widths is None else spec
