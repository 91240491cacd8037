"""One table of chapters, one module each.  A chapter that is not open does not run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vanish.ui import data, data_train
from vanish.ui.chapters import edge, flow, train, updates, why
from vanish.ui.data import Flow
from vanish.ui.settings import Settings


def _on_screen(settings: Settings) -> Flow:
    return data.flow(settings.specs, settings.signal)


@dataclass(frozen=True)
class Chapter:
    """The question that it answers, what it shows, the controls that only it has (in a row under the question, or as
    a group in the sidebar), and the gradient flow that the header speaks of."""

    question: str
    show: Callable[[Settings, Flow], None]
    row: tuple[str, ...] = ()
    sidebar: tuple[str, tuple[str, ...]] | None = None
    measure: Callable[[Settings], Flow] = _on_screen


CHAPTERS: Mapping[str, Chapter] = MappingProxyType(
    {
        "why": Chapter("Why does a product of slopes vanish?", why.show, row=(*why.SLOPES, "layer_counts")),
        "flow": Chapter("What does each layer receive?", flow.show, row=("scale", "mark", "overlays")),
        "updates": Chapter("Who gets to learn?", updates.show, sidebar=("Learning", ("learning_rate",))),
        "train": Chapter(
            "Does it stop learning in practice?",
            train.show,
            row=("dataset", "noise", "data_seed", "moment"),
            measure=lambda settings: data_train.flow(settings.specs, settings.plan, settings.magnitude),
            sidebar=("Learning", ("learning_rate", "optimizer", "schedule", "clip", "clip_at", "steps", "train_batch")),
        ),
        "map": Chapter("Where is the edge?", edge.show, row=("map_activation", "map_axis")),
    }
)
