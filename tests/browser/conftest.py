"""A real server and a real Chromium, one of each for all tests here."""

import os
import shutil

import pytest
from browser.servers import Server, missing
from playwright.sync_api import expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
]
# Other workers keep the machine busy: waiting longer than usual is no failure.
PATIENCE = 60_000
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
    """``somebody(**options)`` is a reader with such a window.

    One tab of theirs stays open, and with it the compiled scripts: another tab costs six tenths of a first one.
    """
    readers = {}

    def reader(**options):
        options = {"viewport": {"width": 1280, "height": 900}} | options
        if str(options) not in readers:
            readers[str(options)] = browser.new_context(**options)
            readers[str(options)].set_default_timeout(PATIENCE)
            readers[str(options)].new_page().goto(f"{address}?chapter=why")
        return readers[str(options)]

    return reader


@pytest.fixture
def visit(address, somebody):
    """``visit(link, **options of somebody)`` opens a link in a new tab: a session of its own.

    Whatever the browser complains about on the way fails the test.
    """
    pages, complaints = [], []

    def note(message):
        # Without a way out to the internet, the icon of the browser's tab is not found, which harms nobody.
        if message.type == "error" and "ERR_NAME_NOT_RESOLVED" not in message.text:
            complaints.append(message.text)

    def open_afresh(link="", **options):
        page = somebody(**options).new_page()
        pages.append(page)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(link if link.startswith("http") else address + link)
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        return page

    yield open_afresh
    for page in pages:
        page.close()
    assert complaints == []
