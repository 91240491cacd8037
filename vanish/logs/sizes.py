"""One table of what people log of a gradient, and the words by which they call it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vanish.logs.remembered import remembered
from vanish.numerics.arrays import QUIET, Array


@dataclass(frozen=True)
class Size:
    """A number that is logged of a gradient.

    ``words`` finds it in a column's name or a line; ``to_rms`` makes of it what one entry has, given the number of
    entries, where that can be done: then layers of other shapes can be compared.
    """

    name: str
    label: str
    words: str
    to_rms: Callable[[Array, Array], Array] | None = None
    per_entry: bool = False

    def found_in(self, text: str) -> bool:
        """Whether a text calls a number by this size's name."""
        return re.search(rf"(?<![a-z0-9])(?:{self.words})(?![a-z0-9])", text) is not None


def _per_root(values: Array, entries: Array) -> Array:
    with np.errstate(**QUIET):
        return values / np.sqrt(entries)


# In the order in which they are preferred where a log holds several, and looked for in a text.
SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size("rms", "RMS of the entries", r"(?:grad[ _]?)?rms|root[ _]mean[ _]square", per_entry=True),
        Size("norm", "length (L2 norm)", r"l2(?:\.0)?|(?:grad(?:ient)?s?[ _]?)?(?:l?2(?:\.0)?[ _]?)?norms?", _per_root),
        Size(
            "mean_abs",
            "mean absolute value",
            r"mean[ _]?abs\w*|abs[ _]?mean|mean +\|\w+\||ave(?:rage)?[ _]?grads?|avg[ _]?grads?|mean[ _]grads?"
            r"|mean[ _]magnitude|abs[ _]avg|avg[ _]abs",
            per_entry=True,
        ),
        Size("std", "standard deviation", r"std(?:dev|[ _]?dev)?|sd|stddev|standard[ _]deviation", per_entry=True),
        Size("var", "variance", r"var(?:iance)?", per_entry=True),
        Size(
            "max_abs",
            "largest absolute value",
            r"(?:abs[ _]?max|max[ _]?abs)\w*|max[ _]?grads?|(?:grad[ _]?)?inf[ _]?norm|absmax|max +\|\w+\|",
            per_entry=True,
        ),
        Size("norm_1", "sum of absolute values (L1 norm)", r"l1(?:\.0)?|l?1(?:\.0)?[ _]?norm"),
        Size("mean", "mean (signs cancel)", r"mean|avg|average", per_entry=True),
        Size("max", "largest value", r"max(?:imum)?", per_entry=True),
        Size("min", "smallest value", r"min(?:imum)?", per_entry=True),
        Size("abs_min", "smallest absolute value", r"abs[ _]?min|min[ _]?abs", per_entry=True),
        Size("unknown", "size, not named in the log", r"(?!)"),
    )
}

# Where several sizes stand in one text, the more exact word decides: "abs_min" is no "min", "grad_1.0_norm" no "norm".
_LOOKED_FOR = ("rms", "abs_min", "max_abs", "mean_abs", "norm_1", "norm", "std", "var", "mean", "max", "min")

# What is no size of a gradient: it says nothing of how much arrives, or nothing by itself.
NO_SIZE = frozenset(("min", "max", "abs_min"))


# No size, but logged beside one: how many of a gradient's entries are exactly 0, from 0 to 1.
ZEROS = "zeros"
_ZEROS = re.compile(r"(?:(?:share|fraction|frac)[ _]of[ _])?zeros|zero[ _](?:share|fraction|frac|ratio)|sparsity")


@remembered
def size_in(text: str) -> str | None:
    """The size that a text speaks of, ``ZEROS`` where it is that share, or ``None``."""
    lowered = text.lower()
    if _ZEROS.fullmatch(lowered.strip()):
        return ZEROS
    return next((name for name in _LOOKED_FOR if SIZES[name].found_in(lowered)), None)
