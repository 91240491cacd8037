"""A real server and a real Chromium, one of each for all tests here."""

import os
import shutil

import pytest
from browser.servers import Server, missing
from playwright.sync_api import expect, sync_playwright

# The first has no window to draw, and takes an eighth less of the processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # All tabs of a reader in one process, which compiles Streamlit's scripts once.
    "--process-per-site",
    # Without it the one without windows rounds every letter's width.
    "--font-render-hinting=none",
]
# Other workers keep the machine busy: waiting longer than usual is no failure.
PATIENCE = 60_000
WINDOW = {"width": 1280, "height": 900}
# Without a graphics card every picture of an animation is painted by the processor: a third of what an opening costs.
STILL = {"viewport": WINDOW, "reduced_motion": "reduce"}
# What a tab is told by itself; a reader with another browser would compile all scripts for it.
MEDIA = {"color_scheme", "reduced_motion", "forced_colors"}
expect.set_options(timeout=PATIENCE)


def executable():
    """The system's Chromium; without one these tests are skipped, or fail where all must run."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    return missing(f"no browser: CHROMIUM is not set, and none of {', '.join(NAMES)} is on the PATH")


@pytest.fixture(scope="session")
def browser():
    path = executable()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(browser):
    """The one that all tests share which do not end it."""
    with Server() as server:
        yield server.answers()


@pytest.fixture(scope="session")
def address(server):
    """Where the page is served."""
    return server.base


@pytest.fixture(scope="session")
def somebody(browser, address):
    """``somebody(**options)`` is a reader with such a browser, by name where two have the same.

    For who comes again one tab stays open, and with it the compiled scripts: another costs six tenths of a first one.
    """
    readers, again = {}, set()

    def reader(name="somebody", **options):
        who = f"{name} {options}"
        if who not in readers:
            readers[who] = browser.new_context(**STILL, **options)
            readers[who].set_default_timeout(PATIENCE)
        elif who not in again:
            again.add(who)
            readers[who].new_page().goto(f"{address}?chapter=why")
        return readers[who]

    return reader


@pytest.fixture
def visit(address, somebody):
    """``visit(link, **options)`` opens a link in a new tab, a session of its own, with options of it or of somebody.

    Whatever the browser complains about on the way fails the test.
    """
    pages, complaints = [], []

    def note(message):
        # Without a way out to the internet, the icon of the browser's tab is not found, which harms nobody.
        if message.type == "error" and "ERR_NAME_NOT_RESOLVED" not in message.text:
            complaints.append(message.text)

    def open_afresh(link="", viewport=WINDOW, **options):
        media = {name: options.pop(name) for name in MEDIA & options.keys()}
        page = somebody(**options).new_page()
        pages.append(page)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_viewport_size(viewport)
        page.emulate_media(**media)
        page.goto(link if link.startswith("http") else address + link)
        # Before its first run a page is at rest, too, but it says nothing.
        page.locator("[data-testid=stMain] :is(h1, h2, h3, p)").first.wait_for(state="attached")
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        return page

    yield open_afresh
    for page in pages:
        page.close()
    assert complaints == []
