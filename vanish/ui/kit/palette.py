"""Colours: each means one thing, and is seen on light and on dark.

An activation's, or a cell's, is for it alone wherever it is drawn.  What else a colour says has its own, and beside it
a shape, a dash or a sign: those who see no colours miss nothing.  Scales (of sizes, of layers) run between colours of
their own.
"""

from collections.abc import Mapping
from itertools import cycle
from types import MappingProxyType

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS

# For activations that bring no colour of their own.
SPARE_COLORS = ("#9a9566", "#c1847d", "#e250c8", "#ad13c1")

_spare = cycle(SPARE_COLORS)
ACTIVATION_COLORS: dict[str, str] = {name: entry.color or next(_spare) for name, entry in ACTIVATIONS.items()}

CELL_COLORS: dict[str, str] = {name: entry.color for name, entry in CELLS.items()}

# Solid, long, short, long and short: of activations' lines, where a dash means nothing else.
_DASHES = ([1, 0], [14, 4], [4, 3], [14, 4, 3, 4])
DASHES: Mapping[str, list[int]] = MappingProxyType(dict(zip(ACTIVATIONS, cycle(_DASHES), strict=False)))

# What is none of all this: before a remedy, all the rest.
GREY = "#8a8c99"

# Where a gradient is healthy: the green of Streamlit's badges and figures.
HEALTHY = "#21c354"

# What a remedy does: nearer to 1, further away, past it and as far off.
BETTER, WORSE, ACROSS = "#2fa34a", "#be1432", "#b872fd"

# A question's answer, and the reader's.
TRUTH, GUESS = "#6152cc", "#bf8856"

# A network without what is looked at and with it: residual connections, clipping.
PLAIN, HELPED = "#80584d", "#1a9cdf"

# The reader's own network, and the nearest one that is simulated.
OWN, NEAREST = "#2f7090", "#9c8ac2"

CLASS_COLORS = ("#2a9d8f", "#b8157b")

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "better": BETTER,
        "worse": WORSE,
        "across": ACROSS,
        "truth": TRUTH,
        "guess": GUESS,
        "plain": PLAIN,
        "helped": HELPED,
        "own": OWN,
        "nearest": NEAREST,
        "class 0": CLASS_COLORS[0],
        "class 1": CLASS_COLORS[1],
    }
)

# Vanishing, healthy, exploding: dark at both ends, as diverging scales are, and told apart by colour-blind eyes.
MAP_COLORS = ("#b35806", "#f3f1f6", "#542788")

# Numbers below 0, 0 itself, numbers above.
SIGNED_COLORS = ("#a6611a", "#88888822", "#01857a")

# None, one, two, three, four of something.
COUNT_COLORS = ("#2aa3b5", "#2f92bd", "#467fbe", "#5f6ab8", "#7252a8")
