"""How values are spread: the numbers' own, for what is measured."""

from vanish.numerics.histogram import Histogram, histogram

__all__ = ["Histogram", "histogram"]
