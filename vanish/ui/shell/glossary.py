"""What the options of the controls mean, for those who ask."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.blocks import BLOCKS
from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.datasets import DATASETS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.inputs import INPUTS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS
from vanish.choices.residuals import RESIDUALS
from vanish.choices.schedules import SCHEDULES
from vanish.choices.tasks import TASKS
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES
from vanish.references import bibliography, citation
from vanish.ui.chapters.updates.controls import QUANTITIES
from vanish.ui.kit.numbers import number
from vanish.ui.shell import session
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS

# Options of a remedy up to this number explain themselves on its card.
FEW = 3


# By control: what each of its options means.
MEANINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "preset": {name: preset.title for name, preset in PRESETS.items()},
        "activations": {name: entry.explanation for name, entry in ACTIVATIONS.items()},
        "initializer": {name: entry.explanation for name, entry in INITIALIZERS.items()},
        "normalization": {name: entry.explanation for name, entry in NORMALIZATIONS.items()},
        "norm_place": {name: entry.explanation for name, entry in NORM_PLACES.items()},
        "residual": {name: entry.explanation for name, entry in RESIDUALS.items()},
        "block": {name: entry.explanation for name, entry in BLOCKS.items()},
        "inputs": {name: entry.explanation for name, entry in INPUTS.items()},
        "magnitude": {name: entry.explanation for name, entry in MAGNITUDES.items()},
        "update_of": {name: entry.explanation for name, entry in QUANTITIES.items()},
        "spread_of": {
            "pre_activations": "The sums z that a layer's activation is given: where they are large, sigmoid and tanh "
            "are flat.",
            "activations": "What a layer hands on to the next one.",
            "gradients": "The gradient at those sums, on its way back.",
            "weight_gradients": "The gradient of each weight, over all examples: what an optimizer gets.",
            "weights": "The weights themselves, as they are drawn.",
        },
        "dataset": {name: entry.explanation for name, entry in DATASETS.items()},
        "optimizer": {name: entry.explanation for name, entry in OPTIMIZERS.items()},
        "schedule": {name: entry.explanation for name, entry in SCHEDULES.items()},
        "clip": {name: entry.explanation for name, entry in CLIPPINGS.items()},
        "fixes_view": {
            "cards": "Each remedy by itself on your network, before and after.",
            "ladder": "One remedy after another on the original program's sigmoid network: what does each step change?",
            "combinations": "Every subset of the remedies, trained on digits.",
            "noise": "Shattered gradients: do inputs next to each other ask for the same change?",
        },
        **{f"fix_{name}": REMEDIES[name].variants for name in NETWORK_REMEDIES if len(REMEDIES[name].variants) > FEW},
        "ladder": {name: REMEDIES[name].sentence for name in NETWORK_REMEDIES},
        "cells": {name: entry.explanation for name, entry in CELLS.items()},
        "recurrent_initializer": {name: entry.explanation for name, entry in RECURRENT_INITIALIZERS.items()},
        "task": {name: f"{entry.explanation} {entry.lag_note}" for name, entry in TASKS.items()},
        "time_overlays": {
            "theory": "Cells without gates: powers of the largest eigenvalue (a linear cell's pace, no bound) and of "
            "the largest singular value (an upper bound). LSTM: the product of its forget gates, one path of several.",
            "floors": "The smallest numbers above 0 of formats such as float16, where they lie within the chart.",
        },
        "number_format": {
            name: f"Above 0 from {number(entry.smallest_subnormal)} (with all its digits from "
            f"{number(entry.smallest_normal)}) to {number(entry.largest)}."
            for name, entry in NUMBER_FORMATS.items()
        },
        "example": {
            "vanishing": "Eight layers, ten steps, logged by Lightning: lengths of gradients of weights and biases.",
            "jump": "Twelve layers of an encoder, one step, from a table with a column a layer.",
            "dead": "Ten layers, three steps, from a table with a row a layer: zeros, and a bias that is none.",
        },
        "overlays": {
            "theory": "What mean-field theory expects of wide networks.",
            "floors": "The smallest numbers above 0 of formats such as float16, where they lie within the chart.",
        },
    }
)


# What theory's words mean, wherever they stand on the page.
TERMS: Mapping[str, str] = MappingProxyType(
    {
        "Cosine": "How alike two signals are: 1 is the same direction, 0 a right angle.",
        "Correlation in the end, c\\*": "What two inputs come to deep in a wide network: at 1 it no longer tells them "
        "apart.",
        "Depth scales ξ_q and ξ_c": "Layers over which the distance from the final size, from c\\*, shrinks e-fold. "
        "Networks were trained up to a depth of about 6 ξ_c (Schoenholz et al. 2017).",
    }
)


def show() -> None:
    """A button that opens the glossary; its text is sent when it is asked for."""
    icon = ":material/dictionary:"
    opened = st.popover("Glossary", icon=icon, width="stretch", on_change=session.anew, key="glossary")
    if opened.open:
        for key, meanings in MEANINGS.items():
            lines = "\n".join(f"- **{CONTROLS[key].called(name)}**: {words}" for name, words in meanings.items())
            opened.markdown(f"**{CONTROLS[key].label}**\n\n{lines}")
        terms = "\n".join(f"- **{term}**: {words}" for term, words in TERMS.items())
        opened.markdown(f"**Words of theory**\n\n{terms}")
        opened.markdown(f"**How to cite**\n\n{citation()}")
        opened.markdown(f"**References**\n\n{bibliography()}")
