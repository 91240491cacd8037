"""A model that was read from its code, as the page's controls."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vanish.network.spec import NetworkSpec
from vanish.ui.chapters.yours import model_words as words
from vanish.ui.chapters.yours.data import controls_of
from vanish.ui.kit.budget import weights
from vanish.ui.kit.controls import Number, Sizes
from vanish.ui.shell.settings import CONTROLS

# The activations' own numbers, by the controls that hold them.
SHAPES = {"leaky_relu": "negative_slope", "prelu": "prelu_slope", "elu": "elu_alpha"}

# Inputs and outputs are cut only where they are more than this: the pixels of a handwritten digit.
LEAST_ENDS = 784

# What a network is looked at with: enough examples for batch norm to mean something.
SIGNAL = {"inputs": "normal", "batch_size": 32, "magnitude": "mean_abs"}


@dataclass(frozen=True)
class Fitted:
    """Controls that make a model the network on screen, and what had to change for that."""

    controls: Mapping[str, Any]
    changed: tuple[str, ...]


def fitted(spec: NetworkSpec) -> Fitted:
    """The network that was read, within what the page's controls hold."""
    room, changed = CONTROLS["sizes"], list[str]()
    assert isinstance(room, Sizes)
    if spec.depth > room.at_most - 1:
        spec = spec.at_depth(room.at_most - 1)
        changed.append(words.cut(spec.depth))
    if weights(spec) > room.most_weights:
        spec = _narrowed(spec, room.most_weights)
        changed.append(words.shrunk(max(spec.hidden_sizes, default=1)))
    controls = {**controls_of(spec), **SIGNAL, "chapter": "flow"}
    del controls["fixes_view"]
    if spec.activation in SHAPES:
        controls[SHAPES[spec.activation]] = spec.shape
    for key, value in controls.items():
        control = CONTROLS[key]
        if isinstance(control, Number) and not control.low <= value <= control.high:
            controls[key] = min(max(value, control.low), control.high)
            changed.append(words.nearest(control.label, value, controls[key]))
    return Fitted(controls, tuple(changed))


def _narrowed(spec: NetworkSpec, most: int) -> NetworkSpec:
    """The network with narrower layers, inputs and outputs too where those alone are too many."""
    widest = spec.widest
    while weights(spec) > most:
        widest //= 2
        sizes = [min(size, widest) for size in spec.hidden_sizes]
        most_ends = max(widest, LEAST_ENDS)
        own: dict[str, Any] = {name: min(getattr(spec, name), most_ends) for name in ("n_inputs", "n_outputs")}
        own["widths"] = tuple(sizes) if len(set(sizes)) > 1 else None
        if sizes and own["widths"] is None:
            own["width"] = sizes[0]
        spec = replace(spec, **own)
    return spec
