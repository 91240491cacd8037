"""What a view may compute, in one place: seeds, then examples, shrink until it fits, and the page says so.

Counted are multiplications of a weight by an example, which are the same on every machine: about as many as take a core
of a small server one second, with all that a look at the gradient makes of them.
"""

from collections.abc import Sequence

from vanish.measure.remedies import smallest_batch
from vanish.network.spec import NetworkSpec

MULTIPLICATIONS = 1_800_000_000

# Drawing a weight costs as much as so many examples that pass it.
DRAWING = 20

# What opens beside one or two networks (theory, another start, a look inside) costs as much as a third one.
FEWEST_NETWORKS = 3

# Of one network: its gradients and what drawing it leaves behind stay below 150 MB.
MOST_WEIGHTS = 3_000_000


def weights(spec: NetworkSpec) -> int:
    """How many weights a network has."""
    return sum(fan_out * fan_in for fan_out, fan_in in spec.layer_shapes)


def share(networks: int) -> int:
    """Multiplications that each of so many networks may cost."""
    return MULTIPLICATIONS // max(networks, FEWEST_NETWORKS)


def seeds(specs: Sequence[NetworkSpec], asked: int, examples: int, networks: int = 0) -> int:
    """As many of the seeds that are asked for as fit, at least one.

    ``networks``: how many are measured, where that is more than there are ``specs``.
    """
    largest = max(map(weights, specs))
    return max(1, min(asked, share(networks or len(specs)) // (largest * (examples + DRAWING))))


def examples(specs: Sequence[NetworkSpec], asked: int, networks: int = 0) -> int:
    """As many of the examples that are asked for as fit beside a single seed, and as many as batch norm needs."""
    largest = max(map(weights, specs))
    return max(min(asked, smallest_batch(*specs)), min(asked, share(networks or len(specs)) // largest - DRAWING))


def said(shown: Sequence[tuple[int, int, str]]) -> str:
    """What is shown of what was asked for, of each ``(shown, asked, what)``; empty where that is all of it."""
    parts = [f"{some} of {every} {what}" for some, every, what in shown if some < every]
    return f"Shown: {', '.join(parts)}, to stay within a second." if parts else ""
