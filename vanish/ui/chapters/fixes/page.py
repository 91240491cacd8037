"""Chapter ``fixes``: which remedy cures it, and by how much?"""

from collections.abc import Callable, Mapping

from vanish.ui.chapters.fixes import cards, combinations, ladder, noise
from vanish.ui.kit import pieces
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell.settings import Settings

VIEWS: Mapping[str, Callable[[Settings, Profiles], None]] = {
    "cards": cards.show,
    "ladder": ladder.show,
    "combinations": combinations.show,
    "noise": noise.show,
}


def show(settings: Settings, profiles: Profiles) -> None:
    """Draw the open view; the others do not run."""
    VIEWS[settings.fixes_view](settings, profiles)
    pieces.formula(
        [
            r"\frac{\partial L}{\partial z_1} = \prod_{l=1}^{L-1} \left( \mathrm{diag}\,\varphi'(z_l)\, W_{l+1}^{\top} "
            r"\right) \frac{\partial L}{\partial z_L}",
            r"\text{better by } \left| \log_{10} r_{before} \right| - \left| \log_{10} r_{after} \right|"
            r"\text{ powers of ten}, \qquad r = g_1 / g_L",
        ],
        "Every remedy changes the factors of this product, or adds a way around it. A ratio of 1 is best; a remedy "
        "helps by as many powers of ten as it brings the ratio nearer to 1, from below or from above.",
    )
