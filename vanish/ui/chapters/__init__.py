"""One table of chapters, one module each.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vanish.ui.chapters import edge, flow, train, updates, why
from vanish.ui.data import Flow
from vanish.ui.settings import Settings


@dataclass(frozen=True)
class Chapter:
    """The question that it answers, what it shows, and the controls that only it has: in a row under the
    question, or as a group in the sidebar."""

    question: str
    show: Callable[[Settings, Flow], None]
    row: tuple[str, ...] = ()
    sidebar: tuple[str, tuple[str, ...]] | None = None


CHAPTERS: Mapping[str, Chapter] = MappingProxyType(
    {
        "why": Chapter("Why does a product of slopes vanish?", why.show, row=(*why.SLOPES, "layer_counts")),
        "flow": Chapter("What does each layer receive?", flow.show, row=("scale", "mark", "overlays")),
        "updates": Chapter("Who gets to learn?", updates.show, sidebar=("Learning", ("learning_rate",))),
        "train": Chapter(
            "Does it stop learning in practice?",
            train.show,
            row=("dataset", "noise", "data_seed", "moment"),
            sidebar=("Learning", ("learning_rate", "optimizer", "schedule", "clip", "clip_at", "steps", "train_batch")),
        ),
        "map": Chapter("Where is the edge?", edge.show, row=("map_activation", "map_axis")),
    }
)
