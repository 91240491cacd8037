"""No link breaks the page, or makes it show anything but words of its own.

    PYTHONPATH=.:tests python tests/benchmarks/links.py

asks the same of thousands.
"""

import re
import warnings
from urllib.parse import parse_qs

import pytest
from ui.app import checked, page, settings, unfold
from ui.links import MARKS, link, marked, nested, small
from ui.values import ends

from vanish.ui.kit.plain import MOST, quoted
from vanish.ui.lesson import place
from vanish.ui.shell.header import MOST_CORRECTIONS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, from_link, from_values


def unquoted(line):
    """A line without what stands between code marks."""
    assert line.count("`") % 2 == 0
    return re.sub(r"`[^`\n]*`", "", line)


def check_lines(lines):
    for line in lines:
        assert len(line) <= 200
        assert not re.search(r"beacon|http|[$<>#\\\n]|!\[|\]\(|:\w+:", unquoted(line)), line


def check_link(params):
    linked, lines = from_link(params)
    right, more = place.put_right(linked)
    check_lines([*lines, *more])
    now, again = from_values(linked | right)
    assert again == []
    if now.pinned:
        assert from_link(parse_qs(now.pin))[1] == []
        assert "beacon" not in now.pin


def check_page(app, params):
    """Page, message and address agree, and none of them is the link's own text."""
    checked(app)
    for warning in app.warning:
        lines = [line.removeprefix("- ") for line in warning.value.splitlines()]
        assert len(lines) <= MOST_CORRECTIONS + 1
        check_lines(lines)
    address = {key: [text] if isinstance(text, str) else text for key, text in app.query_params.items()}
    known = {key: texts for key, texts in address.items() if key in CONTROLS}
    assert from_link(known)[1] == []
    assert [key for key in params if key in CONTROLS and any(mark in known.get(key, []) for mark in MARKS)] == []
    now, corrections = from_values(app.session_state["_link"] | held(app))
    assert corrections == []
    said, _ = from_link(known)
    assert {key: getattr(now, key) for key in said} == said


def held(app):
    return {key: app.session_state[key] for key in CONTROLS if key in app.session_state}


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_links_are_settings_and_short_plain_messages(hundred):
    for number in range(100 * hundred, 100 * hundred + 100):
        check_link(link(number))


def test_a_mark_in_every_control_is_shown_as_letters():
    check_link(marked())
    for mark in MARKS:
        check_link({key: [mark] for key in CONTROLS})
        assert re.fullmatch(r"`[^`\n]*`", quoted(mark))
        assert len(quoted(mark * 9)) == MOST + 2


@pytest.mark.parametrize("depth", [1, 2, 60])
def test_a_pin_within_a_pin_is_left_out_and_said(depth):
    values, lines = from_link({"pin": [nested(depth)]})
    assert values == {"pin": ""}
    assert lines == ["In **pin**, **pin** takes nothing: a pinned network holds no other."]


def test_a_pin_that_names_no_setting_is_none():
    values, (line,) = from_link({"pin": ["<img src=x>"]})
    assert values == {}
    assert "the page got `<img src=x>` and uses **none**" in line


def test_a_links_own_sizes_stay_beside_a_preset_that_has_a_width():
    app = page(preset="batch_norm_explodes", sizes="3-5")
    assert settings(app).sizes == app.query_params["sizes"] == "3-5"


def test_what_a_preset_sets_is_what_the_message_says():
    app = page(preset="spiral_race", chapter="flow", initializer="x")
    assert "uses **He, normal (he_normal)**" in app.warning[0].value
    assert app.session_state["initializer"] == "he_normal"


def test_of_two_chapters_the_page_opens_the_one_that_it_names():
    app = page(chapter=["why", "updates"])
    assert "uses **Steps (updates)**" in app.warning[0].value
    assert CONTROLS["chapter"].name(app.session_state["chapter"]) == "updates"


def test_the_smallest_slope_is_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for slope in ("5e-324", "1e-300"):
            unfold(page(chapter="why", slope_tanh=slope, depth="100"))


def test_what_the_open_chapter_does_not_show_leaves_the_address_too():
    app = page(chapter="flow", cells=["evil", "gru"], steps="zz", hidden="99999", layer_counts="a")
    assert dict(app.query_params) == {"cells": "GRU", "hidden": "256"}


@pytest.mark.slow
@pytest.mark.parametrize("ten", range(2))
def test_random_links_open_the_page(ten):
    for number in range(10 * ten, 10 * ten + 10):
        check_page(page(**small(number)), small(number))


def test_ends_are_links_too():
    for key, control in CONTROLS.items():
        for end in ends(control):
            if end not in (None, DEFAULTS[key], "") and isinstance(end, str | int | float):
                assert from_link({key: [str(end)]})[1] == [], key
