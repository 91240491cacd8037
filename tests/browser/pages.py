"""What tests in a browser look for on a page, and do there."""

import re
from contextlib import suppress

from playwright.sync_api import TimeoutError, expect

from vanish.ui.shell.settings import CONTROLS

CHART = "[data-testid=stVegaLiteChart]"
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
# Of each chart without a drawing, what it is called, its size and what it holds.
NOT_DRAWN = """charts => charts.filter(chart => !chart.querySelector("svg g.role-mark, canvas")).map(
  chart => [chart.ariaLabel, chart.getBoundingClientRect().toJSON(), chart.outerHTML.slice(0, 2000)])"""
# To another entry of the history.
FORWARD = "link => { history.pushState({}, '', link); dispatchEvent(new PopStateEvent('popstate')); }"
TRAIN = ".st-key-train button"
SPIRALS = "?chapter=train&dataset=spirals&activations=tanh&activations=relu&initializer=he_normal"
RACE, LONG_RACE = f"{SPIRALS}&width=16&depth=4", f"{SPIRALS}&width=128&depth=12"


def called(key, name):
    return CONTROLS[key].called(name)


def settled(page):
    page.locator(SETTLED).wait_for()
    return page


def painted(page):
    """The page, with a drawing in every chart: SVG, or, where there are thousands of marks, a canvas."""
    settled(page)
    charts = page.locator(CHART)
    expect(charts).not_to_have_count(0)
    # Before its first run a page is at rest, too.
    settled(page)
    drawn = page.locator(f"{CHART}:has(svg g.role-mark, canvas)")
    # A run that is followed by another one may leave more charts than were counted.
    for _ in range(300):
        if drawn.count() == charts.count():
            return page
        page.wait_for_timeout(200)
    raise AssertionError(f"not drawn: {charts.evaluate_all(NOT_DRAWN)}")


def by_day_and_by_night(page):
    """The page in both themes, the one that is on first: it follows the system's, and to change it is dear."""
    night = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for scheme in ("dark", "light") if night else ("light", "dark"):
        yield settled(themed(page, scheme))


def themed(page, scheme):
    """The page in this theme.  Once in thirty times, as a page has just opened, a change of the system's passes it by:
    then the system changes again."""
    other, app = {"light": "dark", "dark": "light"}[scheme], page.locator("[data-testid=stApp]")
    for _ in range(4):
        page.emulate_media(color_scheme=scheme)
        with suppress(AssertionError):
            expect(app).to_have_css("color-scheme", scheme, timeout=8_000)
            return page
        page.emulate_media(color_scheme=other)
    page.emulate_media(color_scheme=scheme)
    expect(app).to_have_css("color-scheme", scheme)
    return page


def choose(page, menu, option):
    """One of a menu's options; while the page around it still moves, a menu closes again."""
    wanted = page.get_by_role("option", name=option)
    for _ in range(20):
        menu.click()
        with suppress(TimeoutError):
            wanted.click(timeout=3_000)
            return
    raise AssertionError(f"no {option} in the menu")


def move_depth(page, to):
    """Move the slider by keyboard, a step at a time."""
    slider = page.locator(".st-key-depth input[type=range]")
    # It stands within its chapter: while one takes another's place, there are two.
    expect(slider).to_have_count(1)
    for _ in range(abs(to - int(slider.input_value()))):
        slider.press("ArrowRight" if to > int(slider.input_value()) else "ArrowLeft")
    expect(page).to_have_url(re.compile(rf"[?&]depth={to}\b"))
    return settled(page)
