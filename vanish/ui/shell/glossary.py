"""What the words of the page mean, for those who ask: concepts first, then the options of the controls."""

from collections.abc import Iterator, Mapping
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
from vanish.ui.shell.concepts import CONCEPTS, THEORY
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


# Of controls that are called as another one, with other options.
TITLES: Mapping[str, str] = MappingProxyType({"time_overlays": "Overlays, along a sequence"})

# What one writes of a work, and all works, a line each.
CITING, REFERENCES = "How to cite", "References"


def sections() -> dict[str, list[str]]:
    """All that the glossary says: lines of Markdown, by title, what one asks for first on top."""
    entries: dict[str, dict[str, str]] = {"Concepts": {**CONCEPTS}, "Words of theory": {**THEORY}}
    for key, meanings in MEANINGS.items():
        # Where two controls are called the same, so are their options.
        own = {CONTROLS[key].called(name): words for name, words in meanings.items()}
        title = TITLES.get(key, CONTROLS[key].label)
        entries[title] = own | entries.get(title, {})
    lines = {title: [f"- **{term}**: {words}" for term, words in one.items()] for title, one in entries.items()}
    return lines | {CITING: [f"- {citation()}"], REFERENCES: bibliography().splitlines()}


def found(text: str) -> Iterator[tuple[str, list[str]]]:
    """The sections, and of each the lines in which all the words of a text are; all lines where its title has them."""
    words = text.casefold().split()
    for title, lines in sections().items():
        kept = [line for line in lines if all(word in f"{title} {line}".replace("*", "").casefold() for word in words)]
        if kept:
            yield title, kept


def show() -> None:
    """A button that opens the glossary; its text is sent when it is asked for."""
    if st.button("Glossary", icon=":material/dictionary:", width="stretch", key="glossary", on_click=session.anew):
        _open()


@st.dialog("Glossary", width="large", icon=":material/dictionary:", on_dismiss=session.anew)
def _open() -> None:
    label = "Search"
    text = st.text_input(label, placeholder="such as: slope, dead, He, float16", key="glossary_search")
    places = list(found(text))
    if not places:
        st.markdown("Nothing here has all of these words: try fewer of them.")
    for place, (title, lines) in enumerate(places):
        # Looked for, everything is open; else the concepts, and whatever one likes to unfold.
        folded = st.expander(f"{title} ({len(lines)})", expanded=bool(text) or not place)
        folded.markdown("\n".join(lines))
