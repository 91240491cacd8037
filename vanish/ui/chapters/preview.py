"""What one will see of a ready-made network, in small: the gradient along it before training."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.measure.magnitudes import size_of
from vanish.ui.chapters.time import data as time_data
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import measured, numbers, sparkline
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.palette import ACTIVATION_COLORS, CELL_COLORS
from vanish.ui.kit.shared import shared
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import Settings

# As many as show what there is to see, and hold up nobody.
MOST_EXAMPLES = 32


def _along_layers(settings: Settings) -> Profiles:
    return measured.profiles(settings.specs, settings.signal)


# By chapter, where it is not of the layers.
MEASURES: Mapping[str | None, Callable[[Settings], Profiles]] = MappingProxyType(
    {
        "train": lambda settings: train_data.beginning(train_data.racers(settings.specs), settings.part(Plan)),
        "time": time_data.profiles,
    }
)


def profiles(name: str) -> Profiles:
    """The gradient along a ready-made network, by activation or cell: of one seed, on a few examples."""
    preset = PRESETS[name]
    few = {"n_seeds": 1, "batch_size": min(preset.settings.get("batch_size", 1), MOST_EXAMPLES)}
    settings = Settings(**{**preset.settings, **few})
    settings = Settings(**{**vars(settings), "magnitude": size_of(settings.magnitude)})
    return MEASURES.get(preset.chapter, _along_layers)(settings)


def alt(name: str, found: Profiles) -> str:
    """The picture in words: first over last of each."""
    called, place = (CELLS, "step") if PRESETS[name].chapter == "time" else (ACTIVATIONS, "layer")
    parts = [f"{called[one].label} {numbers.number(diagnosis.ratio)}" for one, diagnosis in found.diagnoses.items()]
    return f"First over last {place}: {', '.join(parts)}"


@shared(long=True)
def picture(name: str) -> str:
    """HTML of a small picture of a ready-made network."""
    found = profiles(name)
    return sparkline.image(found.sizes, {**ACTIVATION_COLORS, **CELL_COLORS}, alt(name, found))
