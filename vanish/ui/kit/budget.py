"""What a view may compute, in one place: networks, seeds, examples, steps and cells shrink until it fits, and the page
says so.

Counted are operations, which are the same on every machine and however busy it is, and bytes.  An operation is what a
weight and an example take there and back in a large matrix product; whatever else is done counts as so many of them.
Some ten thousand million take a core of a small server one second, of which drawing the page takes its part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS, unit_normal, unit_uniform
from vanish.measure.flow import seeds_at_once
from vanish.measure.remedies import smallest_batch
from vanish.network.checks import KEPT_ARRAYS
from vanish.network.spec import NetworkSpec

# What a view may cost with everything on it that can be opened.
OPERATIONS, BYTES = 7_000_000_000, 135_000_000

# Shares of it: the networks on screen, each of the looks inside them, theory beside them, singular values; and a view
# that measures one thing alone.
SCREEN, LOOK, OVERLAY, SPECTRA, ALONE = 0.6, 0.06, 0.12, 0.15, 0.75

# The share from which on a move is dear: some 60 ms, where every other one takes four.
DEAR = 0.1

# Layers of all networks together that a look shows, each with a row or a column of its own.
LOOKED_LAYERS = 240

# Of one network that is typed in: its gradients and what drawing it leaves behind stay below ``BYTES``.
MOST_WEIGHTS = 3_000_000

# Operations for a random number, by its stream; for a weight that is made of it; for one of an orthogonal matrix,
# beside the matrix's smaller side.
DRAWN: Mapping[Any, int] = {unit_uniform: 40, unit_normal: 85}
DRAWN_OTHERWISE = 250
WEIGHT, ORTHOGONAL = 18, 500

# For a weight whose own gradient is looked at.
STEP = 90

# For a layer that theory follows, and for each of its variances, one an example; those of a wave.
THEORY, VARIANCE, WAVE = 4_000_000, 30_000, 350_000

# For a unit and an example, beside its activation, and once more where it is normalised; for the calls that a layer
# takes, of networks side by side; and for what the page writes about it.
UNIT, CALLS, LAYER = 180, 200_000, 400_000


@dataclass(frozen=True)
class Cost:
    """Operations, and bytes at the peak."""

    operations: int
    bytes: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """One after the other."""
        return Cost(self.operations + other.operations, max(self.bytes, other.bytes))

    @property
    def over(self) -> float:
        """How many times the budget."""
        return max(self.operations / OPERATIONS, self.bytes / BYTES)


# What so many seeds and examples of networks cost.
Measured = Callable[[Sequence[NetworkSpec], int, int], Cost]


def weights(spec: NetworkSpec) -> int:
    """How many weights a network has."""
    return sum(fan_out * fan_in for fan_out, fan_in in spec.layer_shapes)


def units(spec: NetworkSpec) -> int:
    """How many units a network has."""
    return sum(fan_out for fan_out, _ in spec.layer_shapes)


def drawing(spec: NetworkSpec) -> int:
    """Operations for the random numbers of one network."""
    entry = INITIALIZERS[spec.initializer]
    numbers = weights(spec) * DRAWN.get(entry.stream, DRAWN_OTHERWISE)
    if not entry.shape_weights:
        return numbers
    return numbers + sum(a * b * (ORTHOGONAL + min(a, b)) + 50_000 for a, b in spec.layer_shapes)


def passing(spec: NetworkSpec, examples: int) -> int:
    """Operations for one network that is made of its random numbers, and for its examples there and back."""
    a_unit = UNIT * (1 + any(spec.normalized_layers)) + ACTIVATIONS[spec.activation].work
    # LSUV's layers look at the examples first.
    passes = 1 + INITIALIZERS[spec.initializer].unit_variance
    return weights(spec) * (WEIGHT + passes * examples) + passes * units(spec) * examples * a_unit


def networks(specs: Sequence[NetworkSpec], seeds: int, examples: int) -> Cost:
    """What networks of one shape cost whose random numbers, where they have them in common, are drawn once."""
    drawn = sum({spec.initializer: drawing(spec) for spec in specs}.values())
    operations = seeds * (drawn + sum(passing(spec, examples) for spec in specs))
    layers = sum(spec.depth for spec in specs)
    times = -(-seeds // seeds_at_once(specs[0], examples))
    return Cost(operations + layers * (times * CALLS + LAYER), _bytes(specs[0], seeds, examples))


def steps(specs: Sequence[NetworkSpec], seeds: int, examples: int) -> Cost:
    """The same, and the gradient of every weight."""
    return networks(specs, seeds, examples) + Cost(seeds * sum(STEP * weights(spec) for spec in specs))


def _bytes(spec: NetworkSpec, seeds: int, examples: int) -> int:
    """Random numbers, weights, and what a pass leaves behind, of all that run side by side."""
    numbers = 2 * weights(spec) + KEPT_ARRAYS * units(spec) * examples
    return 8 * min(seeds, seeds_at_once(spec, examples)) * numbers


def most(asked: int, fewest: int, cost: Callable[[int], Cost], share: float) -> int:
    """The largest number up to ``asked`` that costs no more than a share, at least ``fewest``; costs rise with it."""
    # Nearly always there is room for all.
    if asked <= fewest or within(cost(asked), share):
        return asked
    low, high = fewest, asked - 1
    while low < high:
        middle = (low + high + 1) // 2
        if within(cost(middle), share):
            low = middle
        else:
            high = middle - 1
    return low


def within(cost: Cost, share: float) -> bool:
    """Whether something costs no more than a share of the budget, and no more bytes than all of it."""
    return cost.operations <= share * OPERATIONS and cost.bytes <= BYTES


def seeds(specs: Sequence[NetworkSpec], asked: int, examples: int, share: float = SCREEN) -> int:
    """As many of the seeds that are asked for as fit, at least one."""
    return most(asked, 1, lambda some: networks(specs, some, examples), share)


def examples(specs: Sequence[NetworkSpec], asked: int, share: float = SCREEN, of: Measured = networks) -> int:
    """As many of the examples that are asked for as fit beside a single seed, and as many as batch norm needs."""
    return most(asked, smallest_batch(*specs), lambda some: of(specs, 1, some), share)


def shown(specs: Sequence[NetworkSpec], share: float = SCREEN, of: Measured = networks) -> int:
    """How many of the networks that are asked for fit, the first ones, with one seed and as few examples as can be."""
    fewest = smallest_batch(*specs)
    return most(len(specs), 1, lambda some: of(specs[:some], 1, fewest), share)


def layers(specs: Sequence[NetworkSpec], most_layers: int) -> int:
    """How many of the networks, the first ones, have no more layers than that together; at least one."""
    return max(1, min(len(specs), most_layers // specs[0].depth))


def theory(spec: NetworkSpec, examples: int) -> Cost:
    """What theory's way there and back costs, of every layer for itself."""
    each = WAVE if ACTIVATIONS[spec.activation].period is not None else VARIANCE
    return Cost(spec.depth * (THEORY + each * examples))


def said(shown: Sequence[tuple[int, int, str]]) -> str:
    """What is shown of what was asked for, of each ``(shown, asked, what)``; empty where that is all of it."""
    parts = [f"{some} of {every:,} {what}" for some, every, what in shown if some < every]
    return f"Shown: {', '.join(parts)}, to keep the page quick." if parts else ""
