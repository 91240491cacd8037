"""Learning rates on a slider of decades: a link's own number is kept, and is a stop for as long as it is the value."""

import pytest
from ui.app import copied, move, page, settings


@pytest.mark.parametrize(("text", "rate"), [("0.037", 0.037), ("0.0370", 0.037), ("1", 1.0), ("1e-6", 1e-6)])
def test_a_link_keeps_its_learning_rate(text, rate):
    app = page(chapter="updates", learning_rate=text)
    assert app.session_state["learning_rate"] == settings(app).learning_rate == rate
    assert float(dict(copied(app))["learning_rate"]) == rate


def test_a_rate_between_two_stops_stays_until_the_reader_moves_it():
    app = move(page(chapter="updates", learning_rate="0.037"), "depth", 12)
    assert settings(app).learning_rate == 0.037
    assert "0.037" in app.select_slider(key="learning_rate").options
    app = move(app, "learning_rate", 2e-6)
    assert "0.037" not in move(app, "depth", 13).select_slider(key="learning_rate").options
    assert settings(app).learning_rate == 2e-6


@pytest.mark.parametrize("text", ["0", "1e-7", "20", "nan", "inf", "-1", "x"])
def test_what_is_no_learning_rate_is_put_right_and_said(text):
    app = page(chapter="updates", learning_rate=text)
    assert settings(app).learning_rate == 0.01
    assert "**learning_rate** takes a number from 1e-06 to 10;" in app.warning[0].value
