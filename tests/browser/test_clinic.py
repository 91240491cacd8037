"""The clinic in a real browser, on a telephone: examined, diagnosed, cured."""

import re

import pytest
from browser.axe import findings
from browser.pages import CHART, painted, settled
from browser.test_browser import TELEPHONE
from playwright.sync_api import expect

from vanish.ui.lesson.clinic.cases import CASES

pytestmark = pytest.mark.browser


def test_a_patient_is_examined_diagnosed_and_cured_on_a_telephone(go):
    number = list(CASES).index("all_or_nothing") + 1
    page = go(f"?lesson=clinic&step={number}", viewport=TELEPHONE)
    expect(page.locator(CHART)).to_have_count(2)
    expect(page.locator(".st-key-guess_all_or_nothing").get_by_text("The weights all have one sign")).to_be_visible()
    painted(page)
    # Buttons take their colors over some milliseconds.
    page.wait_for_timeout(300)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert findings(page) == []
    # How the network is set is nowhere: no sidebar, nothing in the address.
    expect(page.locator("[data-testid=stSidebar]")).to_have_count(0)
    page.get_by_role("tab", name="Weights").click()
    expect(page.locator(f"{CHART}[aria-label^='Weights, layer by layer']")).to_be_visible()
    page.locator(".st-key-guess_all_or_nothing").get_by_text("The weights all have one sign").click()
    page.locator(".st-key-lesson_show button:enabled").click()
    verdict = page.locator(".st-key-lesson_verdict")
    expect(verdict).to_contain_text("Right: the weights all have one sign.")
    expect(page).to_have_url(re.compile("initializer=uniform"))
    expect(page.locator("h1:visible")).to_have_count(1)
    painted(page).wait_for_timeout(300)
    assert findings(page) == []
    page.locator(".st-key-clinic_cure button").click()
    expect(page.locator(".st-key-lesson_panel")).to_contain_text("unusual: none is now")
    expect(page.locator("h1:visible")).to_contain_text("Healthy")
    expect(page).to_have_url(re.compile(r"uniform_high=0\.3"))
    assert settled(page).evaluate("document.scrollingElement.scrollWidth <= innerWidth")
