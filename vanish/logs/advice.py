"""What each remedy bought on the nearest network: tried, not promised."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log10

import numpy as np

from vanish.choices.inputs import example_inputs
from vanish.logs.nearest import EXAMPLES, Nearest
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, decades, from_decades, measured_ratios
from vanish.measure.yardstick import example_output_gradient, lossless_ratio
from vanish.network.spec import NetworkSpec
from vanish.numerics.checks import check_kind

SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
MAGNITUDE = "rms"


@dataclass(frozen=True)
class Bought:
    """One remedy on one network: first over last layer's RMS of dL/dz before and after, over what a network of the
    shape gets that loses nothing (median over seeds); ``spec`` is the network with the remedy."""

    remedy: str
    title: str
    variant: str
    spec: NetworkSpec
    before: float
    after: float

    @property
    def decades(self) -> float:
        """How many powers of ten nearer to 1 the ratio came; negative where it went away."""
        return abs(_log(self.before)) - abs(_log(self.after))


def remedies_tried(nearest: Nearest) -> tuple[Bought, ...]:
    """Each remedy that changes a network, tried on the nearest one, the one that bought most first.

    A remedy that the network has already, or that changes nothing in it, is left out.

    Raises
    ------
    ValueError
        If ``nearest`` is no ``Nearest``.
    """
    spec = check_kind("nearest", nearest, Nearest).best.spec
    before = _ratio(spec)
    tried = (_tried(name, changed, before) for name, changed in _changed(spec))
    return tuple(sorted(tried, key=lambda bought: -bought.decades))


def _changed(spec: NetworkSpec) -> Iterator[tuple[str, NetworkSpec]]:
    for name in NETWORK_REMEDIES:
        remedy = REMEDIES[name]
        has_it = getattr(spec, remedy.setting) in remedy.variants and name != "initialization"
        changed = replace(spec, **remedy.changes(spec))
        if changed != spec and not has_it:
            yield name, changed


def _tried(name: str, changed: NetworkSpec, before: float) -> Bought:
    remedy = REMEDIES[name]
    return Bought(name, remedy.title, remedy.labels[remedy.default], changed, before, _ratio(changed))


def _ratio(spec: NetworkSpec) -> float:
    inputs = example_inputs(spec.n_inputs, EXAMPLES, "normal")
    at_outputs = example_output_gradient(spec.n_outputs, EXAMPLES)
    ratios = measured_ratios(spec, SEEDS, inputs, MAGNITUDE, at_outputs)
    return from_decades(decades(ratios)) / lossless_ratio(spec, MAGNITUDE)


def _log(ratio: float) -> float:
    """Powers of ten, a dead or non-finite network as far off as a float64 can be."""
    return log10(ratio) if ratio > 0 and np.isfinite(ratio) else 308.0
