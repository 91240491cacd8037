"""One table of chapters, one module each.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vanish.ui.chapters.fixes import page as fixes_page
from vanish.ui.chapters.flow import page as flow_page
from vanish.ui.chapters.map import page as map_page
from vanish.ui.chapters.time import data
from vanish.ui.chapters.time import page as time_page
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train import page as train_page
from vanish.ui.chapters.updates import page as updates_page
from vanish.ui.chapters.why import page
from vanish.ui.kit import measured
from vanish.ui.kit.measured import Flow
from vanish.ui.shell import header, sidebar
from vanish.ui.shell.header import Head
from vanish.ui.shell.settings import Settings
from vanish.ui.shell.sidebar import Groups


def _on_screen(settings: Settings) -> Flow:
    return measured.flow(settings.specs, settings.signal)


@dataclass(frozen=True)
class Chapter:
    """The question that it answers, what it shows, its controls (in a row under the question, and in groups in the
    sidebar), and the gradient flow that the header speaks of, in what words."""

    question: str
    show: Callable[[Settings, Flow], None]
    row: tuple[str, ...] = ()
    sidebar: Groups = field(default_factory=lambda: sidebar.NETWORK)
    measure: Callable[[Settings], Flow] = _on_screen
    head: Callable[[Flow], Head] = header.of_layers


CHAPTERS: Mapping[str, Chapter] = MappingProxyType(
    {
        "why": Chapter("Why does a product of slopes vanish?", page.show, row=(*page.SLOPES, "layer_counts")),
        "flow": Chapter("What does each layer receive?", flow_page.show, row=("scale", "mark", "overlays")),
        "updates": Chapter(
            "Who gets to learn?", updates_page.show, sidebar={**sidebar.NETWORK, "Learning": ("learning_rate",)}
        ),
        "train": Chapter(
            "Does it stop learning in practice?",
            train_page.show,
            row=("dataset", "noise", "data_seed", "moment"),
            measure=lambda settings: train_data.flow(settings.specs, settings.plan, settings.magnitude),
            sidebar=sidebar.NETWORK
            | {"Learning": ("learning_rate", "optimizer", "schedule", "clip", "clip_at", "steps", "train_batch")},
        ),
        "fixes": Chapter(
            "Which remedy cures it, and by how much?",
            fixes_page.show,
            row=("fixes_view", "noise_norm"),
        ),
        "time": Chapter(
            "And along a sequence?",
            time_page.show,
            row=("time_view", "fraction", "time_overlays", "task"),
            measure=data.flow,
            sidebar=sidebar.SEQUENCES,
            head=time_page.head,
        ),
        "map": Chapter("Where is the edge?", map_page.show, row=("map_activation", "map_axis")),
    }
)
