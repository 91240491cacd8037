"""One table of number formats: their floors, their ceilings, and how a number is rounded to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_array, check_choice


@dataclass(frozen=True)
class NumberFormat:
    """A binary format with gradual underflow.

    ``2 ** smallest_exponent`` is its smallest normal number, ``2 ** largest_exponent`` the power of two in its largest
    number, and a normal number has ``fraction_bits`` binary digits after the first.  ``largest_fraction`` is the
    largest number over that power of two, where it is not ``2 - 2 ** -fraction_bits``.  A format without infinity
    (``has_infinity``) saturates: what is too large becomes its largest number.
    """

    name: str
    label: str
    smallest_exponent: int
    largest_exponent: int
    fraction_bits: int
    largest_fraction: float | None = None
    has_infinity: bool = True

    @property
    def smallest_normal(self) -> float:
        """Below this a number loses digits."""
        return 2.0**self.smallest_exponent

    @property
    def smallest_subnormal(self) -> float:
        """The smallest number above zero; half of it and less is rounded to zero."""
        return 2.0 ** (self.smallest_exponent - self.fraction_bits)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        fraction = 2 - 2.0**-self.fraction_bits if self.largest_fraction is None else self.largest_fraction
        return fraction * 2.0**self.largest_exponent

    def overflows(self, values: ArrayLike) -> np.ndarray:
        """Whether each value is rounded to more than the largest number (infinity is, nan is not)."""
        return np.abs(self._nearest(np.asarray(values, dtype=np.float64))) > self.largest

    def round(self, values: ArrayLike) -> Array:
        """Each value as the format stores it, see ``round_to``."""
        nearest = self._nearest(np.asarray(values, dtype=np.float64))
        beyond = np.inf if self.has_infinity else self.largest
        return np.where(np.abs(nearest) > self.largest, np.copysign(beyond, nearest), nearest)

    @np.errstate(**QUIET)
    def _nearest(self, values: Array) -> Array:
        """To the nearest multiple of the last digit's unit, ties to even, as if there were no largest number."""
        _, exponents = np.frexp(values)
        unit = np.maximum(exponents - 1, self.smallest_exponent) - self.fraction_bits
        return np.ldexp(np.rint(np.ldexp(values, -unit)), unit)


# IEEE (2019), table 3.5; bfloat16 is float32 with a shorter fraction; the 8-bit ones as in Micikevicius et al. (2022),
# table 1: e4m3 gives up infinity and one of its fractions for a larger number.
NUMBER_FORMATS: dict[str, NumberFormat] = {
    entry.name: entry
    for entry in (
        NumberFormat("float64", "float64", -1022, 1023, 52),
        NumberFormat("float32", "float32", -126, 127, 23),
        NumberFormat("bfloat16", "bfloat16", -126, 127, 7),
        NumberFormat("float16", "float16", -14, 15, 10),
        NumberFormat("float8_e4m3", "float8 (e4m3)", -6, 8, 3, largest_fraction=1.75, has_infinity=False),
        NumberFormat("float8_e5m2", "float8 (e5m2)", -14, 15, 2),
    )
}


def round_to(values: ArrayLike, number_format: str) -> Array:
    """Values as a number format stores them: rounded once, to nearest, ties to even, with gradual underflow.

    Half the smallest subnormal and less becomes 0 (its sign stays).  What is rounded to more than the largest number
    becomes infinite; ``float8_e4m3`` has no infinity, and there it becomes the largest number, 448, as PyTorch's casts
    have it since they saturate (earlier ones made it nan).  nan stays nan.

    Parameters
    ----------
    values : array of numbers, any shape
    number_format : a name from ``NUMBER_FORMATS``

    Returns
    -------
    float64 array of the same shape

    Raises
    ------
    ValueError
        If there is no such format.
    """
    entry = NUMBER_FORMATS[check_choice("number_format", number_format, NUMBER_FORMATS)]
    return entry.round(check_array("values", values))
