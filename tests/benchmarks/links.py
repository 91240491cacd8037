"""Thousands of mistyped links: does any break the page?

    PYTHONPATH=.:tests python tests/benchmarks/links.py [parsed] [opened] [sent] [browsed] [first]

``parsed`` go through the parser, ``opened`` through the page without a browser, ``sent`` over the socket to a server
of this checkout, ``browsed`` through one Chromium; ``first`` is the number of the first.  The links are those of
``tests/ui/links.py``; the suite asks the same of a few.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from chromium import executable
from page import ROOT, Session, server
from playwright.sync_api import sync_playwright
from ui.app import page
from ui.links import link, small
from ui.test_links import check_link, check_page

from vanish.ui.shell.settings import CONTROLS, DEFAULTS, from_link


def opened(number: int) -> None:
    check_page(page(**small(number)), small(number))


async def sent(port: int, number: int) -> None:
    session = Session(port, "depth", urlencode(small(number), doseq=True))
    await session.open()
    await session.close()


def browsed(window: Any, base: str, number: int) -> None:
    """No error on the page or in the browser, and an address that says nothing but what the page is set to."""
    tab, complaints = window.new_page(), []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        tab.goto(f"{base}?{urlencode(small(number), doseq=True)}")
        tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        # The run that reads a link may end for another one, and looks settled in between.
        for _ in range(50):
            if not from_link(known(tab.url))[1]:
                break
            tab.wait_for_timeout(100)
        assert complaints == []
        assert tab.locator("[data-testid=stException]").count() == 0
        said, wrong = from_link(known(tab.url))
        assert wrong == []
        copy = tab.get_by_role("button", name="Copy link")
        # A patient's link tells nothing of the network.
        if copy.count() and said.get("lesson") != "clinic":
            copy.click()
            # All that is set, what the address leaves to the open chapter's default among it; a group's link follows.
            copied, _ = from_link(known(tab.locator("[data-testid=stCode]").first.inner_text()))
            assert {key: (DEFAULTS | copied)[key] for key in said} == said
    finally:
        tab.close()


def known(address: str) -> dict[str, list[str]]:
    """What an address says of controls."""
    texts = parse_qs(urlsplit(address).query, keep_blank_values=True)
    return {key: said for key, said in texts.items() if key in CONTROLS}


def in_chromium(numbers: Iterable[int], port: int) -> Counter[str]:
    """What went wrong with these links in a browser."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        window = chromium.new_context()
        found = failures(numbers, lambda number: browsed(window, f"http://127.0.0.1:{port}/", number))
        chromium.close()
    return found


def failures(numbers: Iterable[int], check: Callable[[int], object]) -> Counter[str]:
    """What went wrong, and how often; the first of each is printed."""
    found: Counter[str] = Counter()
    for number in numbers:
        try:
            check(number)
        except Exception as error:  # all of them are counted
            kind = f"{type(error).__name__}: {str(error).splitlines()[0][:100] if str(error) else ''}"
            if not found[kind]:
                print(number, small(number), kind, flush=True)
            found[kind] += 1
    return found


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    parse, look, send, browse, first = numbers + [10_000, 500, 500, 30, 0][len(numbers) :]
    print(f"{parse} parsed:", dict(failures(range(first, first + parse), lambda n: check_link(link(n)))), flush=True)
    print(f"{look} opened:", dict(failures(range(first, first + look), opened)), flush=True)
    with TemporaryFile("w+") as log, server(ROOT / "streamlit_app.py", log) as (port, _):
        found = failures(range(first, first + send), lambda n: asyncio.run(sent(port, n)))
        print(f"{send} sent:", dict(found), flush=True)
        print(f"{browse} browsed:", dict(in_chromium(range(first, first + browse), port)), flush=True)
        log.seek(0)
        wrong = [line for line in log if "Traceback" in line or "Warning" in line]
        print(f"the server's log: {len(wrong)} warnings and errors", *wrong[:3])
