"""A real server and a real Chromium, one of each for all tests here."""

import os
import shutil
import time

import pytest
from browser.pages import FORWARD, settled
from browser.servers import Server, missing
from playwright.sync_api import expect, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

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
DRAWN = "() => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))"
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
def somebody(browser):
    """``somebody(**options)`` is a reader with such a browser, by name where two have the same."""
    readers = {}

    def reader(name="somebody", **options):
        who = f"{name} {options}"
        if who not in readers:
            readers[who] = browser.new_context(**STILL, **options)
            readers[who].set_default_timeout(PATIENCE)
        return readers[who]

    return reader


@pytest.fixture(scope="session")
def heard():
    """What browsers complain about."""
    return []


@pytest.fixture
def quiet(heard):
    """Whatever a browser complains about on the way fails the test."""
    heard.clear()
    yield
    assert heard == []


def new_tab(reader, heard):
    def note(message):
        # Without a way out to the internet, the icon of the browser's tab is not found, which harms nobody.
        if message.type == "error" and "ERR_NAME_NOT_RESOLVED" not in message.text:
            heard.append(message.text)

    page = reader.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return page


def opened(page):
    # Before its first run a page is at rest, too, but it says nothing.
    page.locator("[data-testid=stMain] :is(h1, h2, h3, p)").first.wait_for(state="attached")
    return settled(page)


@pytest.fixture(scope="session")
def runs():
    """One entry for each run of the page in the tab that stays open, once it is over."""
    return []


@pytest.fixture(scope="session")
def tab(address, somebody, heard, runs):
    """One that stays open, and with it the compiled scripts: another costs six tenths of a first one."""

    def note(frame):
        message = ForwardMsg.FromString(frame)
        if message.WhichOneof("type") == "script_finished" and message.script_finished == message.FINISHED_SUCCESSFULLY:
            runs.append(message)

    page = new_tab(somebody(), heard)
    page.on("websocket", lambda socket: socket.on("framereceived", note))
    page.goto(f"{address}?chapter=why")
    return opened(page)


@pytest.fixture
def visit(address, somebody, heard, quiet, tab):
    """``visit(link, **options)`` opens a link in a new tab, a session of its own, with options of it or of somebody."""
    pages = []

    def open_afresh(link="", viewport=WINDOW, **options):
        media = {name: options.pop(name) for name in MEDIA & options.keys()}
        page = new_tab(somebody(**options), heard)
        pages.append(page)
        page.set_viewport_size(viewport)
        page.emulate_media(**media)
        page.goto(link if link.startswith("http") else address + link)
        return opened(page)

    yield open_afresh
    for page in pages:
        page.close()


@pytest.fixture
def go(address, quiet, tab, runs):
    """``go(link, **options)`` takes the tab that stays open to a link, as *Forward* does, at a third of an opening.

    For who looks at what a view shows.  What the view does not show may be set, and unfolded, from the last time.
    """

    def forward(link, viewport=WINDOW, **media):
        settled(tab).set_viewport_size(viewport)
        tab.emulate_media(media="screen", **{"color_scheme": "light", "reduced_motion": "reduce"} | media)
        runs.clear()
        tab.evaluate(FORWARD, address + link)
        deadline = time.monotonic() + PATIENCE / 1000
        while not runs:
            assert time.monotonic() < deadline, "no run"
            tab.wait_for_timeout(20)
        tab.evaluate(DRAWN)
        return opened(tab)

    return forward
