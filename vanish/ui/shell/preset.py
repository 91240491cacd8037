"""A preset: what it sets, why one would look at it, who reported it; and the starts that presets share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from vanish.references import REFERENCES
from vanish.ui.kit.groups import Network, Signal


@dataclass(frozen=True)
class Preset:
    """``label`` is what it is called, ``title`` says what there is to see; ``settings`` names every control that the
    preset sets; all others stay as they are.

    ``chapter`` is the one that shows what the preset is for, where it is not whichever is open; elsewhere the
    preset is not lit.  ``sources`` are keys of ``REFERENCES``: who found or reported it.
    """

    label: str
    title: str
    settings: Mapping[str, Any]
    chapter: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What there is to see, as a sentence."""
        return f"{self.title[0].upper()}{self.title[1:]}{'' if self.title.endswith('?') else '.'}"

    @property
    def caption(self) -> str:
        """What there is to see, and below it the sources."""
        works = "; ".join(f"{REFERENCES[key].short}, *{REFERENCES[key].title}*" for key in self.sources)
        return f"{self.sentence}\n\nSource: {works}. More under Glossary." if works else self.sentence

    @property
    def named(self) -> Mapping[str, Any]:
        """The settings, and the chapter if the preset has one."""
        return {**self.settings, "chapter": self.chapter} if self.chapter else self.settings

    def is_what(self, setting: Callable[[str], Any]) -> bool:
        """Whether ``setting(name)`` is what the preset makes it, for all that it names."""
        now = {key: setting(key) for key in self.named}
        return all((tuple(one) if isinstance(one, list) else one) == self.named[key] for key, one in now.items())


def network(**changes: Any) -> Mapping[str, Any]:
    """The kata's network and signal with a linear output layer, and with ``changes``.

    One output unit that is off makes a whole network's gradient zero, which says nothing about its depth.
    """
    kata = Network.at_first() | Signal.at_first() | {"mark": "bars", "overlays": (), "linear_output": "linear"}
    return MappingProxyType(kata | changes)


def training(**changes: Any) -> Mapping[str, Any]:
    """A network of 32 units a layer that learns to read digits, with ``changes``."""
    digits = {
        "width": 32,
        "dataset": "digits",
        "optimizer": "momentum",
        "learning_rate": 0.02,
        "schedule": "constant",
        "clip": "none",
        "steps": 1500,
        "train_batch": 64,
    }
    return network(**digits | changes)


def memory(**changes: Any) -> Mapping[str, Any]:
    """Recurrent cells of 32 units, 100 steps and an orthogonal start, with ``changes``."""
    cells = {
        "time_view": "gradient",
        "cells": ("rnn_tanh", "gru", "lstm"),
        "hidden": 32,
        "sequence": 100,
        "recurrent_initializer": "spectral_radius",
        "spectral_radius": 1.0,
        "forget_bias": 1.0,
        "input_scale": 1.0,
        "seed": 42,
        "n_seeds": 1,
    }
    return MappingProxyType(cells | changes)
