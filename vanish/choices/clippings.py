"""One table of gradient clippings."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_number, refusal

# Added to a norm before it divides, as in PyTorch.
NORM_EPSILON = 1e-6


LARGEST_LIMIT = 1e6


@np.errstate(over="ignore")
def _shorten(gradient: Array, limit: float) -> Array:
    gradient *= min(1.0, limit / (sqrt(np.square(gradient).sum()) + NORM_EPSILON))
    return gradient


def _cut(gradient: Array, limit: float) -> Array:
    return np.clip(gradient, -limit, limit, out=gradient)


@dataclass(frozen=True)
class Clipping:
    """An entry of the table; ``function`` is ``clip`` without its checks; ``limits``: whether it does anything;
    ``by_entry``: whether its limit is one on each entry, and not on the norm."""

    name: str
    label: str
    explanation: str
    function: Callable[[Array, float], Array]
    limits: bool = True
    by_entry: bool = False

    def clip(self, gradient: Array, limit: float) -> Array:
        """Change a gradient ``(n,)``, a float64 array, in place, and return it; ``limit`` is from 0 to 1e6.

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received.
        """
        writable = isinstance(gradient, np.ndarray) and gradient.flags.writeable
        if not writable or gradient.ndim != 1 or gradient.dtype != np.float64:
            raise refusal("gradient", "a float64 array of shape (n) that may be written to", gradient)
        return self.function(gradient, check_number("limit", limit, 0, LARGEST_LIMIT))


CLIPPINGS: dict[str, Clipping] = {
    entry.name: entry
    for entry in (
        Clipping("none", "none", "Gradients are taken as they come.", lambda gradient, limit: gradient, limits=False),
        Clipping("norm", "by norm", "Too long a gradient is shortened; it keeps its direction.", _shorten),
        Clipping("value", "by value", "Each entry is cut for itself; the direction may change.", _cut, by_entry=True),
    )
}


def clip_by_norm(gradient: Array, limit: float) -> Array:
    """Shorten the gradient ``(n,)`` in place to length ``limit`` where it is longer; the direction stays.

    Pascanu, Mikolov & Bengio (2013), algorithm 1, as ``torch.nn.utils.clip_grad_norm_`` does it.  A norm
    that overflows leaves nothing, there as here.  Arguments and errors as in ``Clipping.clip``.
    """
    return CLIPPINGS["norm"].clip(gradient, limit)


def clip_by_value(gradient: Array, limit: float) -> Array:
    """Cut every entry of the gradient ``(n,)`` in place to -limit ... limit; the direction may change.

    Arguments and errors as in ``Clipping.clip``.
    """
    return CLIPPINGS["value"].clip(gradient, limit)
