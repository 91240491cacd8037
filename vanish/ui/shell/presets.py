"""One table of presets: what each sets, and why one would look at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from vanish.measure.remedies import REMEDIES
from vanish.ui.kit.groups import Network, Signal
from vanish.ui.kit.numbers import spelled


@dataclass(frozen=True)
class Preset:
    """``label`` is what it is called, ``title`` says what there is to see; ``settings`` names every control that the
    preset sets; all others stay as they are.

    ``chapter`` is the one that shows what the preset is for, where it is not whichever is open; elsewhere the
    preset is not lit.
    """

    label: str
    title: str
    settings: Mapping[str, Any]
    chapter: str | None = None

    @property
    def named(self) -> Mapping[str, Any]:
        """The settings, and the chapter if the preset has one."""
        return {**self.settings, "chapter": self.chapter} if self.chapter else self.settings

    def is_what(self, setting: Callable[[str], Any]) -> bool:
        """Whether ``setting(name)`` is what the preset makes it, for all that it names."""
        now = {key: setting(key) for key in self.named}
        return all((tuple(one) if isinstance(one, list) else one) == self.named[key] for key, one in now.items())


def _network(**changes: Any) -> Mapping[str, Any]:
    """The kata's network and signal with a linear output layer, and with ``changes``.

    One output unit that is off makes a whole network's gradient zero, which says nothing about its depth.
    """
    kata = Network.at_first() | Signal.at_first() | {"mark": "bars", "overlays": (), "linear_output": "linear"}
    return MappingProxyType(kata | changes)


def _training(**changes: Any) -> Mapping[str, Any]:
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
    return _network(**digits | changes)


def _memory(**changes: Any) -> Mapping[str, Any]:
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


PRESETS: dict[str, Preset] = {
    "kata": Preset(
        "The original program",
        "the original teaching program (the kata): 10 layers of 8, where leaky ReLU loses to tanh",
        _network(linear_output="activation"),
    ),
    "he_rescue": Preset(
        "He to the rescue",
        "the same random numbers as the original, scaled as He et al. ask for ReLU",
        _network(initializer="he_uniform"),
    ),
    "deep_sigmoid": Preset(
        "Fifty sigmoid layers", "50 sigmoid layers: how little is left?", _network(depth=50, activations=("sigmoid",))
    ),
    "torch_default": Preset(
        "PyTorch's default",
        "20 layers of 64, started as torch.nn.Linear does",
        _network(
            depth=20,
            width=64,
            initializer="torch_default",
            batch_size=64,
        ),
    ),
    "wide_theory": Preset(
        "Wide, with theory",
        "30 layers of 256, ten seeds: what mean-field theory expects, dashed beside what is measured",
        _network(
            depth=30,
            width=256,
            initializer="he_normal",
            n_seeds=10,
            batch_size=8,
            magnitude="rms",
            mark="lines",
            overlays=("theory",),
        ),
    ),
    "batch_norm_explodes": Preset(
        "Batch norm explodes",
        "batch norm in deep ReLU and tanh networks: no vanishing, but an explosion (Yang et al. 2019)",
        _network(
            depth=50,
            width=128,
            activations=("relu", "tanh"),
            initializer="he_normal",
            normalization="batch",
            batch_size=128,
            magnitude="rms",
            mark="lines",
            overlays=("theory",),
        ),
    ),
    "residual_rescue": Preset(
        "Residual to the rescue",
        "50 layers with residual connections: a path past each of them but the first and the last",
        _network(depth=50, width=32, initializer="xavier_uniform", residual="scaled", magnitude="stream"),
    ),
    "digits_sigmoid_10": Preset(
        "Digits: sigmoid fails",
        "ten sigmoid layers, started as Glorot & Bengio ask for tanh, do not learn digits in 1,500 steps with momentum",
        _training(activations=("sigmoid",), initializer="xavier_uniform"),
        chapter="train",
    ),
    "digits_relu_he_10": Preset(
        "Digits: ReLU learns",
        "ten ReLU layers, started as He et al. ask, learn digits in the same 1,500 steps",
        _training(activations=("relu",), initializer="he_normal"),
        chapter="train",
    ),
    "spiral_race": Preset(
        "A race on spirals",
        "three networks wind themselves around two spirals",
        _training(
            depth=6,
            initializer="he_normal",
            dataset="spirals",
            noise=0.02,
            data_seed=0,
            optimizer="adam",
            learning_rate=0.005,
        ),
        chapter="train",
    ),
    "deeper_is_worse": Preset(
        "Is deeper worse?",
        "the same training at seven depths: open “Is deeper worse?”",
        _training(activations=("sigmoid", "relu"), initializer="xavier_uniform", steps=500),
        chapter="train",
    ),
    "torch_default_20": Preset(
        "Digits: PyTorch's default",
        "twenty layers, their weights started as torch.nn.Linear does, do not learn digits in 600 steps with momentum",
        _training(depth=20, width=64, activations=("relu", "leaky_relu"), initializer="torch_default", steps=600),
        chapter="train",
    ),
    "six_remedies": Preset(
        "Remedies, card by card",
        f"ten sigmoid layers and {spelled(len(REMEDIES))} remedies, one card each: which one helps most?",
        _network(activations=("sigmoid",), fixes_view="cards"),
        chapter="fixes",
    ),
    "shattered": Preset(
        "Shattered gradients",
        "50 ReLU layers with batch norm: inputs next to each other ask for unrelated changes (Balduzzi et al. 2017)",
        _network(
            depth=50,
            width=128,
            activations=("relu",),
            initializer="he_normal",
            normalization="batch",
            batch_size=32,
            magnitude="rms",
            fixes_view="noise",
            noise_norm="batch",
        ),
        chapter="fixes",
    ),
    "rnn_vanish": Preset(
        "A plain RNN forgets",
        "a plain recurrent network forgets: its matrix shrinks the gradient at every step",
        _memory(cells=("rnn_tanh", "lstm"), spectral_radius=0.9),
        chapter="time",
    ),
    "rnn_explode": Preset(
        "A plain RNN explodes",
        "a recurrent network of ReLUs whose matrix stretches: the gradient grows on its way back",
        _memory(cells=("rnn_relu", "lstm"), spectral_radius=2.0),
        chapter="time",
    ),
    "clip_saves": Preset(
        "Clipping saves a run",
        "a run that explodes, and the same one with its gradients clipped",
        _memory(
            time_view="clipping",
            cells=("rnn_relu",),
            spectral_radius=1.35,
            task="adding",
            lag=20,
            time_optimizer="sgd",
            time_rate=0.2,
            time_clip="norm",
            time_clip_at=1.0,
            time_steps=2000,
            time_batch=32,
        ),
        chapter="time",
    ),
    "lstm_remembers": Preset(
        "LSTM remembers",
        "three cells learn to add two numbers from far back: the two with gates learn it, the plain one does not",
        _memory(
            time_view="race",
            recurrent_initializer="torch_default",
            task="adding",
            lag=50,
            time_optimizer="adam",
            time_rate=0.01,
            time_clip="norm",
            time_clip_at=1.0,
            time_steps=1200,
            time_batch=32,
        ),
        chapter="time",
    ),
}
