"""One table of chapters.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from vanish.ui.chapters.fixes import controls as fixes_controls
from vanish.ui.chapters.fixes import page as fixes_page
from vanish.ui.chapters.flow import controls as flow_controls
from vanish.ui.chapters.flow import page as flow_page
from vanish.ui.chapters.map import controls as map_controls
from vanish.ui.chapters.map import page as map_page
from vanish.ui.chapters.time import controls as time_controls
from vanish.ui.chapters.time import data as time_data
from vanish.ui.chapters.time import page as time_page
from vanish.ui.chapters.train import controls as train_controls
from vanish.ui.chapters.train import page as train_page
from vanish.ui.chapters.updates import controls as updates_controls
from vanish.ui.chapters.updates import page as updates_page
from vanish.ui.chapters.why import controls as why_controls
from vanish.ui.chapters.why import page as why_page
from vanish.ui.chapters.yours import controls as yours_controls
from vanish.ui.chapters.yours import page as yours_page
from vanish.ui.kit import measured
from vanish.ui.kit.groups import Network, Rate, Seed, Seeds, Signal
from vanish.ui.kit.link import called
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.table import Row, Setting, View, all_but, only, view
from vanish.ui.shell import header
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import TABLE, Settings


def _on_screen(settings: Settings) -> Profiles:
    return measured.profiles(settings.specs, settings.signal)


@dataclass(frozen=True)
class Chapter:
    """The question that it answers, what it shows, what its views read of the controls, what it measures, and its own
    finding: the top of the page says what the open chapter and view show, and nothing else.

    ``views`` are by the options of the control ``selector``, or the only one.  What ``measure`` gives, ``head`` and
    ``show`` take: the profiles of the networks on screen unless a chapter says otherwise.  ``frame`` draws what of the
    open view is the same whatever moves, once for many moves, below all else that is shown; ``show`` takes and fills
    the places that it gives, at every move all of them.
    """

    question: str
    show: Callable[..., None]
    views: Mapping[str | None, View]
    measure: Callable[[Settings], Any] = _on_screen
    head: Callable[[Settings, Any], Head] = header.of_layers
    selector: str | None = None
    frame: Callable[[Setting], tuple[Any, ...]] = lambda _: ()

    def view(self, setting: Setting) -> View:
        """The view that is open, by what all controls are set to."""
        return self.views[setting(self.selector) if self.selector else None]


# What matters most of networks, with what belongs to each.
SLOPES = ("negative_slope", "prelu_slope", "elu_alpha")
START = ("initializer", "weight_std", "uniform_low", "uniform_high")
NETWORK = ("width", "activations", *SLOPES, *START)

# What says how many layers there are.
LAYERS = only(Network, "depth", "sizes")

FIXES = only(fixes_controls.View, "fixes_view")

TIME = only(time_controls.Look, "time_view")
CELLS = ("cells", "recurrent_initializer", "spectral_radius")


CHAPTERS: Mapping[str, Chapter] = MappingProxyType(
    {
        "why": Chapter(
            "Why does a product of slopes vanish?",
            why_page.show,
            {None: view(LAYERS, only(Network, "activations"), why_controls.Ideal, first=("activations",))},
            measure=why_page.measure,
            head=why_page.head,
        ),
        "flow": Chapter(
            "What does each layer receive?",
            flow_page.show,
            {None: view(Network, Signal, flow_controls.Look, first=NETWORK)},
        ),
        "updates": Chapter(
            "Who gets to learn?",
            updates_page.show,
            {
                None: view(
                    updates_controls.Compared,
                    Network,
                    updates_controls.Example,
                    Rate,
                    first=(*NETWORK, "learning_rate"),
                )
            },
            measure=updates_page.measure,
            head=updates_page.head,
        ),
        "train": Chapter(
            "Does it stop learning in practice?",
            train_page.show,
            {
                None: view(
                    # In training the output layer is linear.
                    all_but(Network, "linear_output"),
                    train_controls.Learning,
                    Seed,
                    train_controls.Replay,
                    first=("learning_rate", "optimizer", "steps", *NETWORK),
                )
            },
            measure=train_page.measure,
            head=train_page.head,
        ),
        "fixes": Chapter(
            "Which remedy cures it, and by how much?",
            fixes_page.show,
            {
                "cards": view(
                    FIXES,
                    Network,
                    # Each remedy is measured on one network.
                    all_but(Signal, "n_seeds"),
                    only(train_controls.Learning, "clip_at"),
                    first=NETWORK,
                    # A remedy on a card is the network's own, with what the controls make of it.
                    instead={
                        "activations": lambda setting: (*setting("activations"), setting("fix_relu")),
                        "normalization": lambda setting: setting("fix_normalization"),
                        "residual": lambda setting: setting("fix_residual"),
                        "clip": lambda setting: setting("fix_clipping"),
                    },
                ),
                "ladder": view(
                    FIXES,
                    only(Network, "depth", "width", "sizes", "linear_output"),
                    Signal,
                    first=("width",),
                ),
                "combinations": view(FIXES, LAYERS, Seed, first=("seed",)),
                "noise": view(fixes_controls.View, LAYERS, Seed, first=("seed",)),
            },
            measure=fixes_page.measure,
            head=fixes_page.head,
            selector="fixes_view",
            frame=fixes_page.frame,
        ),
        "time": Chapter(
            "And along a sequence?",
            time_page.show,
            {
                "gradient": view(
                    time_controls.Look,
                    time_controls.Cells,
                    time_controls.Sequence,
                    Seeds,
                    first=(*CELLS, "forget_bias", "sequence"),
                ),
                "clipping": view(
                    TIME,
                    time_controls.Cells,
                    time_controls.Learning,
                    Seed,
                    first=(*CELLS, "time_clip", "time_clip_at", "time_rate", "time_steps"),
                    # Of the cells, one is clipped.
                    instead={"cells": lambda setting: time_data.clipped_cell(setting("cells"))},
                ),
                "race": view(
                    TIME,
                    time_controls.Cells,
                    time_controls.Learning,
                    Seed,
                    first=("cells", "lag", "time_rate", "time_steps"),
                ),
            },
            measure=time_page.measure,
            head=time_page.head,
            selector="time_view",
        ),
        "map": Chapter(
            "Where is the edge?",
            map_page.show,
            {
                None: view(
                    map_controls.Axes,
                    all_but(Network, "activations"),
                    Signal,
                    first=("weight_scale", "bias_std", *NETWORK),
                    instead={"activations": lambda setting: (setting("map_activation"),)},
                )
            },
            measure=map_page.measure,
            head=map_page.head,
        ),
        "yours": Chapter(
            "And in my own network?",
            yours_page.show,
            {None: view(yours_controls.Example)},
            measure=yours_page.measure,
            head=yours_page.head,
        ),
    }
)


def read(setting: Callable[[str], Any]) -> dict[str, Row]:
    """The controls that the open chapter reads, by what all controls are set to: what a figure or a table says of how
    it was made."""
    # Of a log the page says itself whose it is: a reader's own is in no link.
    keys = shown(setting) - {"preset", "example"}
    return {key: row for key, row in TABLE.items() if key in keys}


def in_words(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The labels of these controls, and what they are set to as the page says it."""
    now = vars(settings)
    return tuple((row.control.label, called(row.control, now[key])) for key, row in read(now.__getitem__).items())


def shown(setting: Callable[[str], Any], inside: bool = True) -> set[str]:
    """Names of the controls that the page shows with the open chapter, by what all controls are set to; of those that
    the chapter draws itself only if one sees ``inside``."""
    open_view = CHAPTERS[setting("chapter")].view(setting)
    around = {key for keys in open_view.places.values() for key in keys}
    keys = open_view.rows.keys() if inside else around
    return {"chapter", "preset", *(key for key in keys if open_view.matters(key, setting))}
