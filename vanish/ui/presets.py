"""One table of presets: what each sets, and why one would look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Preset:
    """``settings`` names every control that the preset sets; all others stay as they are."""

    title: str
    settings: Mapping[str, Any]


def _network(**changes: Any) -> Mapping[str, Any]:
    """The kata's network and signal, with ``changes``."""
    kata = {
        "depth": 10,
        "width": 8,
        "activations": ("sigmoid", "tanh", "leaky_relu"),
        "initializer": "kata",
        "weight_scale": 1.0,
        "seed": 42,
        "batch_size": 1,
        "magnitude": "mean_abs",
    }
    return MappingProxyType(kata | changes)


PRESETS: dict[str, Preset] = {
    "kata": Preset("the original: 10 layers of 8, where leaky ReLU loses to tanh", _network()),
    "he_rescue": Preset(
        "the same random numbers, scaled as He et al. ask for ReLU", _network(initializer="he_uniform")
    ),
    "deep_sigmoid": Preset("50 sigmoid layers: how little is left?", _network(depth=50, activations=("sigmoid",))),
    "torch_default": Preset(
        "20 layers of 64, started as torch.nn.Linear does",
        _network(
            depth=20,
            width=64,
            activations=("sigmoid", "tanh", "relu"),
            initializer="torch_default",
            batch_size=64,
        ),
    ),
}
