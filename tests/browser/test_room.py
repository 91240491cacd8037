"""A room with three browsers: the leader's projector and two phones."""

import re

import pytest
from browser.axe import found_by_day_and_by_night
from browser.pages import CHART, settled
from playwright.sync_api import expect

from vanish.ui.lesson import results
from vanish.ui.lesson.steps import STEPS

pytestmark = pytest.mark.browser

# Browsers of their own: what tells them apart is a cookie.
PROJECTOR = {"viewport": {"width": 1024, "height": 768}}
PHONES = (
    {"name": "one", "viewport": {"width": 390, "height": 844}},
    {"name": "other", "viewport": {"width": 412, "height": 915}},
)


def guess(phone, presses):
    """Move the slider from where it stands, and send the guess."""
    slider = phone.locator(".st-key-guess_decay input[type=range]")
    slider.focus()
    for _ in range(presses):
        phone.keyboard.press("ArrowLeft")
    send = phone.locator(".st-key-room_send").get_by_role("button")
    expect(send).to_be_enabled()
    send.click()
    expect(phone.locator(".st-key-lesson_panel")).to_contain_text("You can change it")


def test_a_projector_and_two_phones_go_through_a_question_together(visit):
    projector = visit("?lesson=short&present=1", **PROJECTOR)
    projector.locator(".st-key-room_open").get_by_role("button").click()
    link = projector.locator(".st-key-room_link code")
    expect(link).to_have_text(re.compile(r"^127\.0\.0\.1:\d+/\?room=[a-z]+-\d+$"))
    phones = [visit(f"http://{link.inner_text()}", **options) for options in PHONES]
    for phone in phones:
        assert "lead" not in phone.url
        guess(settled(phone), 4)
    # Nobody touches the projector.
    count = projector.locator(".st-key-room_count")
    expect(count).to_have_text("2 of 2 have answered")
    expect(projector.locator(CHART)).to_be_in_viewport(ratio=1)
    phones[0].reload()
    expect(phones[0].locator(".st-key-lesson_panel")).to_contain_text("You can change it")
    guess(phones[0], 2)
    expect(projector.locator(CHART)).to_have_attribute("aria-label", re.compile(": 1; .*: 1"))
    expect(count).to_have_text("2 of 2 have answered")

    found = {where: found_by_day_and_by_night(page) for where, page in (("asked", projector), ("sent", phones[0]))}

    projector.keyboard.press("ArrowRight")
    expect(projector.locator(CHART)).to_have_count(2)
    expect(projector.locator(CHART).first).to_be_in_viewport(ratio=1)
    truth = STEPS["decay"].answer.truth(results.result(STEPS["decay"]))
    for phone in phones:
        expect(phone.locator(".st-key-lesson_verdict")).to_contain_text(f"measured: {truth}")
        assert "sent=" not in phone.url
        assert phone.evaluate("document.documentElement.scrollWidth") <= phone.viewport_size["width"]
    found |= {where: found_by_day_and_by_night(page) for where, page in (("told", projector), ("seen", phones[0]))}

    projector.keyboard.press("ArrowRight")
    for phone in phones:
        # Who reads the answer sees it, too.
        phone.locator(".st-key-lesson_verdict").evaluate("verdict => verdict.scrollIntoView()")
        expect(phone.locator(".st-key-room_strip")).to_contain_text("is at question 2 of 5")
        expect(phone.locator(".st-key-room_follow")).to_be_in_viewport(ratio=1)
    phones[1].locator(".st-key-room_follow").get_by_role("button").click()
    expect(phones[1].locator(".st-key-lesson_panel")).to_contain_text(STEPS["rank"].question)

    # The end, where the room has its score.
    projector.goto(projector.url.replace("step=2", "step=6"))
    expect(projector.locator(".st-key-morals")).to_contain_text("%")
    found["end"] = found_by_day_and_by_night(projector)
    assert {where: lines for where, lines in found.items() if lines} == {}
