"""What each remedy changes in a network, and what it buys, alone or after others."""

from vanish.measure.remedies.clipping import Clipped, clipped
from vanish.measure.remedies.ladders import Rung, ladder
from vanish.measure.remedies.ratios import decades, from_decades, improves, measured_ratios
from vanish.measure.remedies.table import NETWORK_REMEDIES, REMEDIES, Remedy, matched_initializer
from vanish.measure.remedies.treatment import (
    comparison_inputs,
    comparison_output_gradient,
    smallest_batch,
    treated,
    untreated,
)

__all__ = [
    "NETWORK_REMEDIES",
    "REMEDIES",
    "Clipped",
    "Remedy",
    "Rung",
    "clipped",
    "comparison_inputs",
    "comparison_output_gradient",
    "decades",
    "from_decades",
    "improves",
    "ladder",
    "matched_initializer",
    "measured_ratios",
    "smallest_batch",
    "treated",
    "untreated",
]
