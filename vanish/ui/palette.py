"""Colours: one for each activation wherever it appears, told apart by colour-blind eyes, on light and dark."""

from vanish.activations import ACTIVATIONS

# Okabe & Ito (2008), lightened or darkened until each reads on white and on near-black alike.
_COLORS = ("#d55e00", "#2b87d1", "#b565a7", "#0c9e73")
ACTIVATION_COLORS: dict[str, str] = dict(zip(ACTIVATIONS, _COLORS, strict=True))
GREY = "#8a8c99"
