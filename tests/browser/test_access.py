"""Who does not see, or not these colours, who has no mouse, who prints: what a browser tells of the page for them."""

import pytest
from browser.axe import findings
from browser.pages import called, painted, settled
from playwright.sync_api import expect

from vanish.ui.chapters.table import CHAPTERS

pytestmark = pytest.mark.browser

POPOVER = "[data-testid=stPopoverBody]"
# Half of a laptop's window, as 200 % make it.
HALF = {"width": 683, "height": 384}
# What a theme may change.
CONTRAST = "color-contrast"


def by_night(page):
    """What can be read by day alone, and back to the day."""
    page.emulate_media(color_scheme="dark")
    expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", "dark")
    # Buttons take their colours over some milliseconds.
    page.wait_for_timeout(300)
    found = findings(page, CONTRAST)
    page.emulate_media(color_scheme="light")
    expect(page.locator("[data-testid=stApp]")).to_have_css("color-scheme", "light")
    return found


def test_axe_finds_nothing_in_any_chapter_or_popover_by_day_and_by_night(visit):
    page = settled(visit("?depth=3", reduced_motion="reduce"))
    found = {}
    for chapter in CHAPTERS:
        page.get_by_role("tab", name=called("chapter", chapter), exact=True).click()
        expect(page.get_by_role("heading", name=CHAPTERS[chapter].question)).to_be_visible()
        painted(page)
        found[chapter] = findings(page) + by_night(page)
    for name in ("Copy link", "Glossary"):
        page.get_by_role("button", name=name).click()
        expect(page.locator(POPOVER)).to_be_visible()
        found[name] = findings(page) + by_night(page)
        page.keyboard.press("Escape")
        expect(page.locator(POPOVER)).to_have_count(0)
    assert {where: lines for where, lines in found.items() if lines} == {}
