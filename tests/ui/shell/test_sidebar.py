"""What stands in the sidebar, and where: what matters most is open, all else is folded under one line each."""

import json
import re

import pytest
from ui.app import checked, move, page, settings, shown

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.table import FIRST, ROW
from vanish.ui.shell.settings import CONTROLS, Settings

VIEWS = [view for chapter in CHAPTERS.values() for view in chapter.views.values()]


def captions(app):
    """What is said below folds: words that a script writes there."""
    (said,) = (html.proto.body for html in app.get("html") if "<span id=vanish-changed>" in html.proto.body)
    (words,) = re.findall("const said = (.*);", said)
    return [text for text in json.loads(words).values() if text]


def folds(app):
    return [fold.label for fold in app.sidebar.expander]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_each_of_its_controls_in_one_place(view):
    placed = [key for keys in view.places.values() for key in keys]
    assert len(placed) == len(set(placed))
    assert set(placed) <= view.rows.keys()
    for place in view.places.keys() - {FIRST, ROW}:
        assert len(f"{place.title}: {place.line}") <= 34, place


def test_what_training_is_about_stands_first():
    view = CHAPTERS["train"].views[None]
    assert view.places[FIRST][:3] == ("learning_rate", "optimizer", "steps")
    assert {"seed", "batch_size", "inputs", "linear_output", "n_seeds"} & view.rows.keys() <= {"seed"}


def opened(app, chapter):
    app.session_state["chapter"] = CONTROLS["chapter"].called(chapter)
    checked(app.run())
    assert app.header[0].value == CHAPTERS[chapter].question
    return app


def test_a_control_that_a_view_does_not_read_is_hidden_there_and_comes_back_as_it_was():
    app = opened(page(batch_size="32", bias_std="0.5"), "train")
    assert {"bias_std", "batch_size"} & set(shown(app)) == {"bias_std"}
    assert captions(app) == ["Changed: Bias std"]
    assert (settings(app).batch_size, settings(app).bias_std) == (32, 0.5)
    assert "batch_size=32" in app.code[0].value
    opened(app, "flow")
    assert app.get_by_key("batch_size").value == 32
    assert captions(app) == ["Changed: Bias std", "Changed: Batch size"]


def test_a_fold_says_which_of_its_controls_were_changed_and_no_longer_once_they_are_back():
    app = page()
    assert captions(app) == []
    before = folds(app)
    move(app, "weight_scale", 2.0)
    assert captions(app) == ["Changed: Weight scale"]
    # Its line stays the same, or it would close under the reader's hand.
    assert folds(app) == before
    assert captions(move(app, "weight_scale", 1.0)) == []


def test_a_map_shows_the_slope_of_the_activation_that_is_mapped():
    view = CHAPTERS["map"].views[None]
    for name, key in (("leaky_relu", "negative_slope"), ("prelu", "prelu_slope"), ("elu", "elu_alpha")):
        now = vars(Settings(map_activation=name, activations=("tanh",)))
        assert [
            slope for slope in ("negative_slope", "prelu_slope", "elu_alpha") if view.matters(slope, now.__getitem__)
        ] == [key]
