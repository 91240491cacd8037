from ui.app import checked, page

from vanish.references import REFERENCES, citation
from vanish.ui.kit.controls import Choice, Choices
from vanish.ui.shell.glossary import MEANINGS
from vanish.ui.shell.settings import CONTROLS


def test_every_option_that_is_explained_exists_and_none_is_forgotten():
    for key, meanings in MEANINGS.items():
        assert list(meanings) == list(CONTROLS[key].options)
        assert all(words.strip() for words in meanings.values())


def test_every_long_list_of_options_is_explained():
    long = {
        key
        for key, control in CONTROLS.items()
        if isinstance(control, Choice | Choices) and len(control.options) > 3 and key != "chapter"
    }
    explained = {CONTROLS[key].options for key in MEANINGS}
    assert {key for key in long if CONTROLS[key].options not in explained} == set()


def test_the_glossary_is_shown_when_it_is_opened():
    app = page()
    before = len(app.markdown)
    app.session_state["glossary"] = True
    checked(app.run())
    assert len(app.markdown) == before + len(MEANINGS) + 3
    assert any("**Depth scales ξ_q and ξ_c**" in words.value for words in app.markdown)
    assert any("**He, normal**" in words.value for words in app.markdown)
    assert any(words.value == f"**How to cite**\n\n{citation()}" for words in app.markdown)
    (references,) = [words.value for words in app.markdown if words.value.startswith("**References**")]
    assert all(entry.line in references for entry in REFERENCES.values())
