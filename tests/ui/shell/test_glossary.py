import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.app import checked, click, page

from vanish.references import REFERENCES, citation
from vanish.ui.kit.controls import Choice, Choices
from vanish.ui.shell.concepts import CONCEPTS
from vanish.ui.shell.glossary import MEANINGS, found, sections
from vanish.ui.shell.settings import CONTROLS


def test_every_option_that_is_explained_exists_and_none_is_forgotten():
    for key, meanings in MEANINGS.items():
        assert list(meanings) == list(CONTROLS[key].options)
        assert all(words.strip() for words in meanings.values())


# Of these each option opens what it is called by.
SHOWN = ("chapter", "clinic_look")


def test_every_long_list_of_options_is_explained():
    long = {
        key
        for key, control in CONTROLS.items()
        if isinstance(control, Choice | Choices) and len(control.options) > 3 and key not in SHOWN
    }
    explained = {CONTROLS[key].options for key in MEANINGS}
    assert {key for key in long if CONTROLS[key].options not in explained} == set()


def test_concepts_come_first():
    assert next(iter(sections())) == "Concepts"
    assert {"Gradient", "Layer", "Slope", "Saturation", "First over last", "Healthy", "Floor"} <= CONCEPTS.keys()


def test_what_is_explained_is_in_the_glossary_and_nothing_hides_behind_another_section_of_that_title():
    said = [line for lines in sections().values() for line in lines]
    for key, meanings in MEANINGS.items():
        for name, words in meanings.items():
            called = CONTROLS[key].called(name)
            assert f"- **{called}**: {words}" in said or key == "fix_residual"


def test_all_is_found_when_nothing_is_looked_for():
    assert dict(found(" ")) == sections()


@given(st.sampled_from([(title, line) for title, lines in sections().items() for line in lines]), st.data())
def test_every_line_is_found_by_its_words_in_any_case_and_order(place, data):
    title, line = place
    words = data.draw(st.permutations(line.replace("*", "").split()))[:3]
    assert line in dict(found(" ".join(words).upper()))[title]


@given(st.text())
def test_what_is_found_has_all_that_was_looked_for(text):
    every = sections()
    for title, lines in found(text):
        for line in lines:
            assert line in every[title]
            assert all(word in f"{title} {line}".replace("*", "").casefold() for word in text.casefold().split())


@pytest.mark.parametrize("word", ["slope", "SATURATION", "dead", "float16", "Glorot"])
def test_what_people_ask_for_is_there(word):
    assert list(found(word))


def test_the_glossary_opens_on_its_concepts_and_is_searched():
    app = page()
    before = len(app.markdown)
    click(app, "glossary")
    said = [words.value for words in app.markdown]
    assert len(said) == before + len(sections())
    assert any("**Gradient**: How much the loss would change" in words for words in said)
    assert any("**Depth scales ξ_q and ξ_c**" in words for words in said)
    assert any("**He, normal**" in words for words in said)
    assert f"- {citation()}" in said
    (references,) = [words for words in said if REFERENCES["he2015"].line in words]
    assert all(entry.line in references for entry in REFERENCES.values())
    app.text_input(key="glossary_search").set_value("saturation")
    checked(app.run())
