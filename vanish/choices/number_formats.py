"""The floors of number formats: below which size a gradient is no longer stored exactly, or not at all."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NumberFormat:
    """A binary format with gradual underflow: ``2 ** smallest_exponent`` is its smallest normal number, and
    ``fraction_bits`` finer steps lie below it."""

    name: str
    label: str
    smallest_exponent: int
    fraction_bits: int

    @property
    def smallest_normal(self) -> float:
        """Below this a number loses digits."""
        return 2.0**self.smallest_exponent

    @property
    def smallest_subnormal(self) -> float:
        """The smallest number above zero."""
        return 2.0 ** (self.smallest_exponent - self.fraction_bits)


# IEEE (2019), table 3.5; bfloat16 is float32 with a shorter fraction; e4m3 as in Micikevicius et al. (2022).
NUMBER_FORMATS: dict[str, NumberFormat] = {
    entry.name: entry
    for entry in (
        NumberFormat("float64", "float64", -1022, 52),
        NumberFormat("float32", "float32", -126, 23),
        NumberFormat("bfloat16", "bfloat16", -126, 7),
        NumberFormat("float16", "float16", -14, 10),
        NumberFormat("float8_e4m3", "float8 (e4m3)", -6, 3),
    )
}
