"""One table of chapters.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from vanish.ui.chapters.fixes import controls as fixes_controls
from vanish.ui.chapters.fixes import page as fixes_page
from vanish.ui.chapters.flow import controls as flow_controls
from vanish.ui.chapters.flow import page as flow_page
from vanish.ui.chapters.map import controls as map_controls
from vanish.ui.chapters.map import page as map_page
from vanish.ui.chapters.time import controls as time_controls
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
from vanish.ui.kit.groups import Network, Rate, Seeds, Signal
from vanish.ui.kit.link import called
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.table import Controls, Places, Row, places, table
from vanish.ui.shell import header
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import TABLE, Settings


def _on_screen(settings: Settings) -> Profiles:
    return measured.profiles(settings.specs, settings.signal)


@dataclass(frozen=True)
class Chapter:
    """The question that it answers, what it shows, the groups of its controls, what it measures, and its own finding:
    the top of the page says what the open chapter and view show, and nothing else.

    What ``measure`` gives, ``head`` and ``show`` take: the profiles of the networks on screen unless a chapter says
    otherwise.
    """

    question: str
    show: Callable[[Settings, Any], None]
    groups: tuple[type[Controls], ...]
    measure: Callable[[Settings], Any] = _on_screen
    head: Callable[[Settings, Any], Head] = header.of_layers

    @cached_property
    def places(self) -> Places:
        """Where its controls stand."""
        return places(self.groups)


CHAPTERS: Mapping[str, Chapter] = MappingProxyType(
    {
        "why": Chapter(
            "Why does a product of slopes vanish?",
            why_page.show,
            (Network, Signal, why_controls.Ideal),
            measure=why_page.measure,
            head=why_page.head,
        ),
        "flow": Chapter("What does each layer receive?", flow_page.show, (Network, Signal, flow_controls.Look)),
        "updates": Chapter(
            "Who gets to learn?",
            updates_page.show,
            (updates_controls.Compared, Network, updates_controls.Example, Rate),
            measure=updates_page.measure,
            head=updates_page.head,
        ),
        "train": Chapter(
            "Does it stop learning in practice?",
            train_page.show,
            (Network, train_controls.RandomNumbers, train_controls.Learning, train_controls.Replay),
            measure=train_page.measure,
            head=train_page.head,
        ),
        "fixes": Chapter(
            "Which remedy cures it, and by how much?",
            fixes_page.show,
            (Network, Signal, fixes_controls.View),
            measure=fixes_page.measure,
            head=fixes_page.head,
        ),
        "time": Chapter(
            "And along a sequence?",
            time_page.show,
            (
                time_controls.Look,
                time_controls.Cells,
                time_controls.Sequence,
                time_controls.Learning,
                Seeds,
            ),
            measure=time_page.measure,
            head=time_page.head,
        ),
        "map": Chapter(
            "Where is the edge?",
            map_page.show,
            (Network, Signal, map_controls.Axes),
            measure=map_page.measure,
            head=map_page.head,
        ),
        "yours": Chapter(
            "And in my own network?",
            yours_page.show,
            (yours_controls.Example,),
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
    chapter = CHAPTERS[setting("chapter")]
    around = {key for keys in chapter.places.values() for key in keys}
    rows = {key: row for group in chapter.groups for key, row in table(group).items() if inside or key in around}
    return {"chapter", "preset", *(key for key, row in rows.items() if row.matters(setting))}
