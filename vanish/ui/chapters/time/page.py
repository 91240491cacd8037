"""Chapter ``time``: and along a sequence?"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from vanish.choices.cells import CELLS
from vanish.ui.chapters.time import clipping, data, gradient, race
from vanish.ui.kit import pieces
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import Settings


class View(NamedTuple):
    """A look of the chapter: what it measures, its own finding, what it shows."""

    measure: Callable[[Settings], Any]
    head: Callable[[Settings, Any], Head]
    show: Callable[[Settings, Any], None]


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "gradient": View(data.profiles, gradient.head, gradient.show),
        "clipping": View(clipping.measure, clipping.head, clipping.show),
        "race": View(race.measure, race.head, race.show),
    }
)


def measure(settings: Settings) -> Any:
    """What the open look takes; the others do not run."""
    return VIEWS[settings.time_view].measure(settings)


def head(settings: Settings, measurement: Any) -> Head:
    """The open look's finding."""
    return VIEWS[settings.time_view].head(settings, measurement)


def show(settings: Settings, measurement: Any) -> None:
    """The open look, and the formulas of its cells."""
    VIEWS[settings.time_view].show(settings, measurement)
    pieces.formula(
        [
            r"\frac{\partial L}{\partial h_t} = \left( \prod_{k=t+1}^{T} W_{hh}^{\top}\, \mathrm{diag}(\varphi'(u_k)) "
            r"\right) \frac{\partial L}{\partial h_T}",
            r"\left\lVert \frac{\partial L}{\partial h_t} \right\rVert \le (\gamma\, \sigma_{\max})^{T-t} "
            r"\left\lVert \frac{\partial L}{\partial h_T} \right\rVert",
            r"\text{LSTM: } \frac{\partial c_T}{\partial c_t} = \prod_{k=t+1}^{T} \mathrm{diag}(f_k) "
            r"+ \text{the paths through } h \text{ and the gates}",
            *[CELLS[name].latex for name in settings.cells],
        ],
        "A cell without gates has the same matrix at every step: what shrinks or stretches does so again and again "
        "(Hochreiter 1991; Bengio et al. 1994; Pascanu et al. 2013). Along the LSTM's cell state alone the gradient is "
        "multiplied by the forget gates; the other paths add to that, and can be the larger part.",
    )
