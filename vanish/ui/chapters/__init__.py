"""One table of chapters, one module each.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vanish.ui import data, data_time, data_train, header, sidebar
from vanish.ui.chapters import edge, fixes, flow, time, train, updates, why
from vanish.ui.data import Flow
from vanish.ui.header import Head
from vanish.ui.settings import Settings
from vanish.ui.sidebar import Groups


def _on_screen(settings: Settings) -> Flow:
    return data.flow(settings.specs, settings.signal)


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
        "why": Chapter("Why does a product of slopes vanish?", why.show, row=(*why.SLOPES, "layer_counts")),
        "flow": Chapter("What does each layer receive?", flow.show, row=("scale", "mark", "overlays")),
        "updates": Chapter(
            "Who gets to learn?", updates.show, sidebar={**sidebar.NETWORK, "Learning": ("learning_rate",)}
        ),
        "train": Chapter(
            "Does it stop learning in practice?",
            train.show,
            row=("dataset", "noise", "data_seed", "moment"),
            measure=lambda settings: data_train.flow(settings.specs, settings.plan, settings.magnitude),
            sidebar=sidebar.NETWORK
            | {"Learning": ("learning_rate", "optimizer", "schedule", "clip", "clip_at", "steps", "train_batch")},
        ),
        "fixes": Chapter(
            "Which remedy cures it, and by how much?",
            fixes.show,
            row=("fixes_view", "noise_norm"),
        ),
        "time": Chapter(
            "And along a sequence?",
            time.show,
            row=("time_view", "fraction", "time_overlays", "task"),
            measure=data_time.flow,
            sidebar=sidebar.SEQUENCES,
            head=time.head,
        ),
        "map": Chapter("Where is the edge?", edge.show, row=("map_activation", "map_axis")),
    }
)
