"""Chapter ``fixes``: which remedy cures it, and by how much?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vanish.ui.chapters.fixes import cards, combinations, ladder, noise
from vanish.ui.kit import home, pieces
from vanish.ui.kit.table import Setting
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import Settings

PRODUCT = (
    r"\frac{\partial L}{\partial z_1} = \prod_{l=1}^{L-1} \left( \mathrm{diag}\,\varphi'(z_l)\, W_{l+1}^{\top} "
    r"\right) \frac{\partial L}{\partial z_L}"
)

JUDGED = (
    [
        PRODUCT,
        r"\text{better by } \left| \log_{10} r_{before} \right| - \left| \log_{10} r_{after} \right|"
        r"\text{ powers of ten}",
        r"r = \frac{g_1 / g_L}{(g_1 / g_L)_{lossless}}",
    ],
    "The remedies for networks change the factors of this product, or add a path past it. A network of orthogonal, "
    "linear layers loses nothing and has r = 1; a remedy helps by as many powers of ten as it brings r nearer to 1, "
    "from below or from above.",
)

TRAINED = (
    [PRODUCT, r"\text{ratio} = g_1 / g_L", r"g_l = \text{mean}\,|\partial L / \partial z_l|"],
    "The ratio is measured before training. Training is plain gradient descent on the cross-entropy.",
)

ALONG_A_LINE = (
    [
        r"x(t) = (t, 1)",
        r"g(t) = \frac{df}{dt}",
        r"\text{correlation} = "
        r"\frac{\sum_t g(t)\, g(t + \Delta)}{\sqrt{\sum_t g(t)^2 \sum_t g(t + \Delta)^2}}",
    ],
    "f is the network's output, and t and t + Δ are neighbors on the line (Balduzzi et al. 2017).",
)


@dataclass(frozen=True)
class View:
    """What it shows, its own finding, its formula with the words below it, what it measures, which both take, and
    whether the networks on screen can be taken home; ``frame`` draws what is the same whatever moves, and gives the
    places that ``show`` takes too."""

    show: Callable[..., None]
    head: Callable[[Settings, Any], Head]
    formula: tuple[list[str], str]
    measure: Callable[[Settings], Any] = lambda _: None
    takes_home: bool = False
    frame: Callable[[], tuple[Any, ...]] = tuple


VIEWS: Mapping[str, View] = {
    "cards": View(cards.show, cards.head, JUDGED, cards.measure, takes_home=True, frame=cards.frame),
    "ladder": View(ladder.show, ladder.head, JUDGED),
    "combinations": View(combinations.show, combinations.head, TRAINED),
    "noise": View(noise.show, noise.head, ALONG_A_LINE),
}


def measure(settings: Settings) -> Any:
    """What the open view takes."""
    return VIEWS[settings.fixes_view].measure(settings)


def head(settings: Settings, measurement: Any) -> Head:
    """The open view's own finding."""
    return VIEWS[settings.fixes_view].head(settings, measurement)


def frame(setting: Setting) -> tuple[tuple[Any, ...], DeltaGenerator]:
    """Draw what is fixed of the open view: its places, and the one below."""
    return VIEWS[setting("fixes_view")].frame(), st.container()


def show(settings: Settings, measurement: Any, places: tuple[Any, ...], below: DeltaGenerator) -> None:
    """Draw the open view; the others do not run."""
    view = VIEWS[settings.fixes_view]
    view.show(settings, measurement, *places)
    with below:
        if view.takes_home:
            home.show(settings.specs, settings.signal, settings.magnitude)
        pieces.formula(*view.formula)
