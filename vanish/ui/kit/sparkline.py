"""A small picture of gradients along a network: a line each over a band where they are healthy, in powers of ten."""

from collections.abc import Mapping
from urllib.parse import quote

import numpy as np

from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.numerics.arrays import Array
from vanish.ui.kit.palette import GREY, HEALTHY

WIDTH, HEIGHT, EDGE = 240, 64, 3

# Powers of ten below and above the last layer's size that are always in the picture, lest it make much of little; and
# at most, lest the band be lost.
BELOW, ABOVE, MOST = 4.0, 2.5, 16.0

BAND = np.log10([EXPLODING_ABOVE, 1.0, VANISHING_BELOW])


def decades(sizes: Array) -> Array:
    """log10 of the sizes over the last one, within the picture; what is 0 or beyond numbers is at its edges."""
    with np.errstate(all="ignore"):
        exponents = np.log10(sizes / sizes[-1])
    # A last size of 0 or inf leaves nothing to compare with.
    return np.clip(np.nan_to_num(exponents, nan=-MOST, posinf=MOST, neginf=-MOST), -MOST, MOST)


def svg(lines: Mapping[str, Array], colors: Mapping[str, str]) -> str:
    """The picture, first layer left, each line in its colour."""
    heights = {name: decades(sizes) for name, sizes in lines.items()}
    low = min(-BELOW, *(float(one.min()) for one in heights.values()))
    high = max(ABOVE, *(float(one.max()) for one in heights.values()))

    def y(exponent: Array) -> Array:
        return EDGE + (high - exponent) / (high - low) * (HEIGHT - 2 * EDGE)

    top, middle, bottom = y(BAND)
    drawn = [
        f'<rect width="{WIDTH}" y="{top:.1f}" height="{bottom - top:.1f}" fill="{HEALTHY}" fill-opacity="0.2"/>',
        f'<path d="M0 {middle:.1f}H{WIDTH}" stroke="{GREY}" stroke-dasharray="2 3"/>',
    ]
    for name, exponents in heights.items():
        x = np.linspace(EDGE, WIDTH - EDGE, len(exponents))
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in zip(x, y(exponents), strict=True))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colors[name]}" stroke-width="2.5"/>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(drawn)}</svg>'


def image(lines: Mapping[str, Array], colors: Mapping[str, str], alt: str) -> str:
    """HTML of the picture; ``alt`` is what it shows, in plain words."""
    return (
        f'<img src="data:image/svg+xml,{quote(svg(lines, colors))}" alt="{alt}" width="{WIDTH}" height="{HEIGHT}" '
        'style="width: 100%; height: auto">'
    )
