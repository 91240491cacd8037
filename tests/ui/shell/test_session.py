"""What follows a move: the results alone, or the whole page."""

from unittest.mock import patch

import pytest
from ui.app import checked, finding, page, shown, tables

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.shell import session
from vanish.ui.shell.settings import TABLE, Settings


@pytest.fixture
def as_served(monkeypatch):
    """Let the page run as a server has it; AppTest then knows of a run what that run has drawn, and nothing else."""
    monkeypatch.setattr(session, "draws_parts", lambda: True)


@pytest.mark.slow
def test_a_move_draws_the_results_alone_and_they_say_what_the_controls_say(as_served):
    app = page()
    app.get_by_key("depth").set_value(23)
    checked(app.run())
    assert shown(app) == []
    assert app.session_state["depth"] == 23
    assert app.title[0].value == finding(app)
    assert len(next(iter(tables(app).values()))) == 23
    assert "depth=23" in app.code[0].value


@pytest.mark.slow
@pytest.mark.parametrize(
    ("link", "key", "value"),
    [
        ({}, "activations", list(ACTIVATIONS)[:1]),
        ({}, "preset", "batch_norm_explodes"),
        ({"preset": "batch_norm_explodes"}, "depth", 7),
    ],
    ids=["others depend on it", "it sets others", "it puts out the preset"],
)
def test_a_move_that_changes_other_controls_draws_the_whole_page(as_served, link, key, value):
    app = page(**link)
    app.get_by_key(key).set_value(value)
    checked(app.run())
    assert "preset" in shown(app)
    assert app.title[0].value == finding(app)


@pytest.mark.slow
def test_a_button_among_the_results_moves_the_controls_too(as_served):
    app = page(chapter="why")
    app.button(key="try_deeper").click()
    checked(app.run())
    assert app.get_by_key("depth").value == 20


@pytest.mark.slow
def test_after_a_run_that_was_cut_short_the_whole_page_is_drawn(as_served):
    app = page()
    with patch.object(session, "end_run"):
        app.get_by_key("activations").set_value(["relu"])
        app.run()
    app.get_by_key("depth").set_value(7)
    checked(app.run())
    assert "preset" in shown(app)


def test_every_control_that_another_one_waits_for_decides():
    waited_for = {key for row in TABLE.values() for key in row.when}
    assert waited_for <= session.DECIDING
    assert {"activations", "sizes", "dataset"} <= waited_for


def test_every_control_that_a_view_looks_at_to_show_others_decides():
    looked_at = {chapter.selector for chapter in CHAPTERS.values()} - {None}
    first = vars(Settings())
    for chapter in CHAPTERS.values():
        for view in chapter.views.values():
            for take in view.instead.values():
                take(lambda key: looked_at.add(key) or first[key])
    assert {"fixes_view", "time_view", "map_activation", "fix_clipping"} <= looked_at <= session.DECIDING
