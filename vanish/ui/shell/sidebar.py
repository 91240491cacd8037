"""The sidebar: presets on top, groups of controls, reset and the link."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from vanish.choices.cells import CELLS
from vanish.choices.datasets import DATASETS
from vanish.ui.shell import glossary, session
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, PRESET

Groups = Mapping[str, tuple[str, ...]]


NETWORK: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "Network": (
            "depth",
            "width",
            "activations",
            "negative_slope",
            "elu_alpha",
            "initializer",
            "weight_std",
            "weight_scale",
            "bias_std",
            "normalization",
            "residual",
        ),
        "Signal": ("seed", "n_seeds", "inputs", "batch_size", "magnitude"),
    }
)


SEQUENCES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "Cells": ("cells", "hidden", "recurrent_initializer", "spectral_radius", "forget_bias"),
        "Sequence": ("sequence", "input_scale"),
        "Learning": ("lag", "time_clip", "time_clip_at", "time_optimizer", "time_rate", "time_steps", "time_batch"),
        "Seeds": ("seed", "n_seeds"),
    }
)


# Controls that only matter, and only show, while another one says so.
ONLY_WITH: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "negative_slope": ("activations", ("leaky_relu",)),
        "elu_alpha": ("activations", ("elu",)),
        "weight_std": ("initializer", ("normal",)),
        "noise": ("dataset", tuple(name for name, entry in DATASETS.items() if not entry.recorded)),
        "data_seed": ("dataset", tuple(name for name, entry in DATASETS.items() if not entry.recorded)),
        "clip_at": ("clip", ("norm", "value")),
        "noise_norm": ("fixes_view", ("noise",)),
        **dict.fromkeys(("fraction", "time_overlays", "sequence", "input_scale"), ("time_view", ("gradient",))),
        **dict.fromkeys(
            ("task", "lag", "time_optimizer", "time_rate", "time_clip", "time_clip_at", "time_steps", "time_batch"),
            ("time_view", ("clipping", "race")),
        ),
        "spectral_radius": ("recurrent_initializer", ("spectral_radius",)),
        "forget_bias": ("cells", tuple(name for name, entry in CELLS.items() if entry.forget_gate is not None)),
    }
)


def draw(*keys: str) -> None:
    """Draw these controls, one below the other, where the script stands."""
    for key in keys:
        if _matters(key):
            CONTROLS[key].draw(key, DEFAULTS[key])


def _matters(key: str) -> bool:
    if key not in ONLY_WITH:
        return True
    other, options = ONLY_WITH[key]
    # A control that stands further down has not been drawn on a session's first run: the link knows its value.
    value = session.value(other)
    return any(option in options for option in ([value] if isinstance(value, str) else value))


def show(groups: Groups) -> None:
    """Draw the sidebar, with the groups of the open chapter."""
    with st.sidebar:
        PRESET.draw("preset", DEFAULTS["preset"], on_change=session.apply_preset)
        for title, keys in groups.items():
            if any(_matters(key) for key in keys):
                st.markdown(f"**{title}**")
                draw(*keys)
        glossary.show()
        st.button("Reset", icon=":material/restart_alt:", on_click=session.reset, width="stretch", key="reset")
