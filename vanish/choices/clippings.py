"""One table of gradient clippings."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from vanish.numerics.arrays import Array

# Added to a norm before it divides, as in PyTorch.
NORM_EPSILON = 1e-6


@np.errstate(over="ignore")
def clip_by_norm(gradient: Array, limit: float) -> Array:
    """Shorten the gradient ``(n,)`` in place to length ``limit`` where it is longer; the direction stays.

    Pascanu, Mikolov & Bengio (2013), algorithm 1, as ``torch.nn.utils.clip_grad_norm_`` does it.  A norm
    that overflows leaves nothing, there as here.
    """
    gradient *= min(1.0, limit / (sqrt(np.square(gradient).sum()) + NORM_EPSILON))
    return gradient


def clip_by_value(gradient: Array, limit: float) -> Array:
    """Cut every entry of the gradient ``(n,)`` in place to -limit ... limit; the direction may change."""
    return np.clip(gradient, -limit, limit, out=gradient)


@dataclass(frozen=True)
class Clipping:
    """An entry of the table; ``clip(gradient, limit)`` changes the gradient in place and returns it;
    ``limits``: whether it does anything."""

    name: str
    label: str
    explanation: str
    clip: Callable[[Array, float], Array]
    limits: bool = True


CLIPPINGS: dict[str, Clipping] = {
    entry.name: entry
    for entry in (
        Clipping("none", "none", "Gradients are taken as they come.", lambda gradient, limit: gradient, limits=False),
        Clipping("norm", "by norm", "Too long a gradient is shortened; it keeps its direction.", clip_by_norm),
        Clipping("value", "by value", "Each entry is cut for itself; the direction may change.", clip_by_value),
    )
}
