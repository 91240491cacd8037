"""The page speaks people's words: names of things and not of code, in sentence case, in one spelling."""

import ast
import re
from pathlib import Path

import pytest
from ui.app import page, settings

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.controls import Choice, Options
from vanish.ui.kit.table import ROW
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, LESSON_KEYS

PACKAGE = Path(__file__).parents[2] / "vanish"

# What is written with a capital wherever it stands.
NAMES = {"ReLU", "PReLU", "ELU", "Xavier", "He", "LSTM", "GRU"}

# Letters that a box of the sidebar shows, in what is folded as well.
LABEL, OPTION = 24, 26

IN_SIDEBAR = {
    key
    for chapter in CHAPTERS.values()
    for view in chapter.views.values()
    for place, keys in view.places.items()
    for key in keys
    if place != ROW
}

# As the page does not write.
UNKNOWN = re.compile(
    r"\b\w*(?:isation|(?:normal|standard|initial|optim|regular|vector|visual|real|general)is(?:e|ed|es|er|ers|ing)\b)\w*"
    r"|\b(?:grey|colour|neighbour|behaviour|centre|favour|modell|labell)\w*|\bkata\b",
    re.I,
)


def sentences():
    """What the page may show: texts of more than a word in its code and in the tables of choices, with their places; of
    modules in which there is anything to find."""
    for folder in ("ui", "choices", "logs", "measure/remedies"):
        for file in sorted((PACKAGE / folder).rglob("*.py")):
            text = file.read_text("utf-8")
            if not UNKNOWN.search(text):
                continue
            tree = ast.parse(text)
            explanations = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
            for node in texts:
                if " " in node.value.strip() and id(node) not in explanations:
                    yield f"{file.relative_to(PACKAGE)}:{node.lineno}", node.value


def test_all_is_in_one_spelling_and_the_original_program_has_no_name_that_nobody_knows():
    found = [(place, word[0]) for place, text in sentences() for word in UNKNOWN.finditer(text)]
    assert found == []


@pytest.mark.parametrize("key", sorted(CONTROLS.keys() - {*LESSON_KEYS, "preset"}))
def test_a_control_is_called_in_sentence_case(key):
    first, *others = CONTROLS[key].label.replace(" / ", " ").split()
    assert first[0].isupper()
    assert [word for word in others if word != word.lower() and word.strip("(),") not in NAMES] == []


@pytest.mark.parametrize("key", sorted(IN_SIDEBAR))
def test_what_the_sidebar_says_is_not_cut(key):
    control = CONTROLS[key]
    assert len(control.label) <= LABEL
    for label in control.labels.values() if isinstance(control, Choice) else ():
        assert len(label) <= OPTION, label


def test_ready_made_networks_have_names_and_each_says_in_a_line_what_there_is_to_see():
    assert len({preset.label for preset in PRESETS.values()}) == len(PRESETS)
    for preset in PRESETS.values():
        assert preset.label[0].isupper()
        assert "_" not in preset.label + preset.title


def test_a_link_may_call_an_option_what_it_was_called_before():
    formerly = {
        key: (text, name)
        for key, control in CONTROLS.items()
        if isinstance(control, Options)
        for text, name in control.former.items()
    }
    assert set(formerly) == {"chapter", "norm_place"}
    for key, (text, name) in formerly.items():
        app = page(normalization="layer", **{key: text})
        assert getattr(settings(app), key) == name
        assert not app.warning
