"""Colours that mean one thing each, for every eye: by CIE lightness, CIEDE2000, and as three dichromacies see them."""

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.palette import ACTIVATION_COLORS, CELL_COLORS, CLASS_COLORS, DASHES, GREY, MEANINGS
from vanish.ui.shell.settings import DEFAULTS

THEME = tomllib.loads((Path(__file__).parents[3] / ".streamlit/config.toml").read_text())["theme"]
GROUNDS = {name: THEME[name]["backgroundColor"] for name in ("light", "dark")}

# From linear RGB to CIE XYZ; and what of linear RGB is left to eyes that lack one kind of cone (Machado, Oliveira &
# Fernandes 2009, severity 1).
XYZ = np.array([[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07218], [0.01933, 0.11919, 0.95030]])
WHITE = XYZ.sum(axis=1)
EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}

EVERYBODY = {f"activation {name}": color for name, color in ACTIVATION_COLORS.items()}
EVERYBODY |= {f"cell {name}": color for name, color in CELL_COLORS.items()} | dict(MEANINGS) | {"none": GREY}

FIRST_SHOWN = [
    [ACTIVATION_COLORS[name] for name in DEFAULTS["activations"]],
    [CELL_COLORS[name] for name in DEFAULTS["cells"]],
]

# Seen side by side.
TOGETHER = [
    *(pair for shown in FIRST_SHOWN for pair in combinations(shown, 2)),
    *combinations([MEANINGS["better"], MEANINGS["worse"], MEANINGS["across"], GREY], 2),
    *combinations([MEANINGS["truth"], MEANINGS["guess"], GREY], 2),
    (MEANINGS["plain"], MEANINGS["helped"]),
    (MEANINGS["own"], MEANINGS["nearest"]),
    CLASS_COLORS,
]


def linear(color):
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(color, eye="all cones"):
    """CIE L*a*b*, lightness first."""
    shares = XYZ @ np.clip(np.array(EYES[eye]) @ linear(color), 0, 1) / WHITE
    x, y, z = np.where(shares > 216 / 24389, np.cbrt(shares), (24389 / 27 * shares + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one, other):
    """CIEDE2000 of two colours in L*a*b* (Sharma, Wu & Dalal 2005): about 1 is just noticed."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    a1, a2 = (a * (1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25**7))) for a in (a1, a2))
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    hue, chroma, light = (h1 + turn / 2) % 360, (c1 + c2) / 2, ((l1 + l2) / 2 - 50) ** 2
    waves = ((0.17, 1, -30), (-0.24, 2, 0), (-0.32, 3, 6), (0.2, 4, -63))
    t = 1 - sum(w * np.cos(np.radians(n * hue + shift)) for w, n, shift in waves)
    dl = (l2 - l1) / (1 + 0.015 * light / np.sqrt(20 + light))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    turned = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    turned *= np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + turned * dc * dh))


def contrast(one, other):
    dark, light = sorted(float(XYZ[1] @ linear(color)) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_the_distance_is_the_published_one():
    # Pairs 1, 7 and 16 of Sharma, Wu & Dalal's table.
    assert distance((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert distance((50, 0, 0), (50, -1, 2)) == pytest.approx(2.3669, abs=1e-4)
    assert distance((50, 2.5, 0), (50, 0, -2.5)) == pytest.approx(4.3065, abs=1e-4)


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_colour_is_seen_on_light_and_on_dark(ground):
    # WCAG 2.2, 1.4.11.
    faint = {name: color for name, color in EVERYBODY.items() if contrast(color, GROUNDS[ground]) < 3}
    assert faint == {}


def test_a_colour_means_one_thing():
    near = {
        (one, other): round(gap, 1)
        for one, other in combinations(EVERYBODY, 2)
        if (gap := distance(lab(EVERYBODY[one]), lab(EVERYBODY[other]))) < 6
    }
    assert near == {}


@pytest.mark.parametrize(
    "shown",
    [[ACTIVATION_COLORS[name] for name in DEFAULTS["activations"]], [CELL_COLORS[n] for n in DEFAULTS["cells"]]],
)
def test_the_networks_of_the_first_page_differ_in_greyscale(shown):
    lightness = sorted(lab(color)[0] for color in shown)
    assert np.diff(lightness).min() > 8


@pytest.mark.parametrize("eye", EYES)
def test_what_stands_side_by_side_is_told_apart_by_every_eye(eye):
    assert {pair for pair in TOGETHER if distance(*(lab(color, eye) for color in pair)) < 11} == set()


def test_lines_of_the_first_page_differ_by_dash():
    assert len({tuple(DASHES[name]) for name in DEFAULTS["activations"]}) == len(DEFAULTS["activations"])
    assert DASHES.keys() == ACTIVATIONS.keys()
