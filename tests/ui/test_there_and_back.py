"""What one button does, another one undoes: the page is what it was, word for word, and so is its link."""

import pytest
from ui.app import checked, click, move, page, settings

REVEALED = {"lesson": "short", "step": "2", "guesses": "rank.tanh"}

# Where, the button that leads away, the one that leads back.
WAYS = [
    ({"chapter": "flow"}, "pin_this", "unpin"),
    ({"chapter": "fixes", "fixes_view": "noise"}, "noise_other_norm", "noise_other_norm"),
    ({"lesson": "short", "step": "2", "present": "1"}, "present_next", "present_hide"),
    ({"present": "1", **REVEALED}, "present_next", "present_back"),
    ({"present": "1", **REVEALED}, "present_leave", "lesson_present"),
    (REVEALED, "lesson_next", "lesson_back"),
    ({**REVEALED, "step": "5"}, "lesson_next", "to_questions"),
    ({"lesson": "short", "step": "2"}, "room_open", "room_close"),
    ({"lesson": "clinic", "step": "2"}, "lesson_next", "lesson_back"),
]


def seen(app):
    """All that can be read on the page, what its buttons say, and its link."""
    words = [node.value for kind in ("title", "header", "markdown", "caption", "code") for node in app.get(kind)]
    return words, {one.key: (one.label, one.disabled) for one in app.button}, settings(app).changes


@pytest.mark.parametrize(("link", "there", "back"), WAYS)
def test_every_button_that_can_be_undone_is(link, there, back):
    app = page(**link)
    before = seen(app)
    assert seen(click(app, there)) != before
    assert seen(click(app, back)) == before


@pytest.mark.parametrize("key", ["formula", "embed"])
def test_what_was_opened_can_be_closed(key):
    app = page(chapter="flow")
    before = seen(app)
    for is_open in (True, False):
        app.session_state[key] = is_open
        assert (seen(checked(app.run())) != before) == is_open


@pytest.mark.parametrize("key", ["glossary", pytest.param("gallery", marks=pytest.mark.slow)])
def test_a_dialog_that_was_opened_can_be_closed_and_stays_so(key):
    app = page(chapter="flow")
    before = seen(app)
    assert seen(click(app, key)) != before
    # Who closes it lets the page run; so does who moves something then.
    assert seen(checked(app.run())) == before
    move(app, "depth", 9)
    assert seen(move(app, "depth", 10)) == before
