"""Colours: one for each activation wherever it appears, told apart by colour-blind eyes, on light and dark."""

from itertools import cycle

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS

# For activations that bring no colour of their own.
SPARE_COLORS = ("#c724c7", "#2f9e44", "#e5383b", "#5c8f8a")

_spare = cycle(SPARE_COLORS)
ACTIVATION_COLORS: dict[str, str] = {name: entry.color or next(_spare) for name, entry in ACTIVATIONS.items()}

CELL_COLORS: dict[str, str] = {name: entry.color for name, entry in CELLS.items()}

GREY = "#8a8c99"

# Where a gradient is healthy: the green of Streamlit's badges and figures.
HEALTHY = "#21c354"

CLASS_COLORS = ("#2b87d1", "#d55e00")

# Vanishing, healthy, exploding: dark at both ends, as diverging scales are, and told apart by colour-blind eyes.
MAP_COLORS = ("#b35806", "#f3f1f6", "#542788")
