"""What the sidebar shows is what the open view reads: each control changes what is drawn, and no other one does."""

import re
from functools import partial

import pytest
from ui.drawn import drawn
from ui.values import ends

from vanish.ui.chapters.map import data
from vanish.ui.chapters.table import CHAPTERS, shown
from vanish.ui.kit.controls import Decades, Number
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, KEPT, Settings

# Small networks and short runs: what is read does not depend on their size.
LITTLE = {"depth": 5, "width": 4, "activations": ("tanh", "leaky_relu"), "steps": 50, "train_batch": 8}
LITTLE |= {"dataset": "circles", "sequence": 20, "hidden": 4, "cells": ("rnn_tanh", "lstm"), "lag": 5}
LITTLE |= {"time_steps": 50, "time_batch": 2, "time_clip_at": 0.1, "clip_at": 0.01}

# With these, others are shown.
SHOWING: list[dict[str, object]] = [
    {},
    {
        "initializer": "normal",
        "activations": ("leaky_relu", "prelu", "elu"),
        "elu_alpha": 0.9,
        "inputs": "normal",
        "clip": "norm",
    }
    | {"normalization": "layer", "residual": "identity", "dataset": "spirals", "map_activation": "leaky_relu"},
    {"initializer": "uniform", "cells": ("lstm",)},
    {"map_activation": "prelu"},
    {"map_activation": "elu"},
]

VIEWS = [(name, view) for name, chapter in CHAPTERS.items() for view in chapter.views]

# Which page it is: no view's to read.
PAGE = {"chapter", "preset", *KEPT}

# A name as code has it; what is no text: formulas, code, icons.
IDENTIFIER = re.compile(r"\b[A-Za-z]+\d*_\w+")
NO_WORDS = re.compile(r"\$\$.*?\$\$|\$.*?\$|`[^`]*`|:material/\w+:", re.DOTALL)

# A number as a computer writes it, or none at all; in a table's format, the same asked for.
NOT_WRITTEN = re.compile(r"\d(?:\.\d+)?e[-+−]?\d|%\.\d+e|\b(?:None|nan|inf)\b")
# What a chart may leave to Vega: shares in per cent, and steps of a run.
FORMATS = {"%", ".0%", ".1%", ",.6~g"}


def formats(node):
    """Every format in a chart's structure, as ``plain`` has it."""
    if isinstance(node, list):
        return set().union(*map(formats, node))
    if not isinstance(node, dict):
        return set()
    return set().union(*(({one.strip("'")} if name == "format" else formats(one)) for name, one in node.items()))


# A switch on the card, which sets it.
SWITCHED = {("fixes", "cards"): {"clip"}}


def opened(chapter, view, **changes):
    selector = CHAPTERS[chapter].selector
    return LITTLE | {"chapter": chapter} | ({selector: view} if selector else {}) | changes


def shown_with(changes):
    now = vars(Settings(**changes))
    return shown(now.__getitem__) - PAGE


@pytest.fixture(autouse=True)
def a_map_of_four_cells(monkeypatch):
    for name in ("MAP_SCALES", "MAP_DEPTHS"):
        monkeypatch.setattr(data, name, getattr(data, name)[1:3])
    # What is kept by network alone is that of this map, and then of no other test's.
    kept = data.map_grid, data.over, data.map_theory, data.border
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


def others_than(value, control):
    """Other values that the control takes: the next one first, which costs no more than the present one."""
    others = ends(control)
    if isinstance(control, Decades):
        others = [value / 2, *others]
    elif isinstance(control, Number):
        others = [value + control.step if value < control.high else value - control.step, *others]
    return [other for other in others if other != value]


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "view"), VIEWS)
def test_every_control_that_is_shown_changes_what_is_drawn(chapter, view, monkeypatch):
    left = set(CHAPTERS[chapter].views[view].rows) - {CHAPTERS[chapter].selector}
    for showing in SHOWING:
        changes = opened(chapter, view, **showing)
        keys = left & shown_with(changes)
        before = drawn(monkeypatch, **changes) if keys else None
        for key in sorted(keys):
            others = others_than(changes.get(key, DEFAULTS[key]), CONTROLS[key])
            if not any(drawn(monkeypatch, **changes | {key: other}) != before for other in others):
                # Only of a run that has come to its end.
                after = drawn(monkeypatch, run=True, **changes)
                assert any(drawn(monkeypatch, run=True, **changes | {key: other}) != after for other in others), key
        left -= keys
    assert left == set()


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "view"), VIEWS)
def test_no_control_that_is_not_shown_changes_what_is_drawn_and_all_is_said_in_words(chapter, view, monkeypatch):
    changes = opened(chapter, view)
    now = partial(drawn, monkeypatch, run=True, unfolded=True)
    before = now(**changes)
    assert [text for text in before[1] if IDENTIFIER.search(NO_WORDS.sub("", text))] == []
    # One notation a quantity.
    assert [text for text in before[1] if NOT_WRITTEN.search(NO_WORDS.sub("", text))] == []
    assert formats([chart[1] for chart in before[0] if chart[0] == "chart"]) <= FORMATS
    hidden = CONTROLS.keys() - shown_with(changes) - before[-1] - PAGE - SWITCHED.get((chapter, view), set())
    for end in (0, -1):
        others = {key: ends(CONTROLS[key])[end] for key in sorted(hidden)}
        if now(**changes | others) != before:
            pytest.fail(str([key for key in others if now(**changes | {key: others[key]}) != before]))
