"""The browser's half of a slider move: Chromium's main thread, beside a floor app with as many charts and tables.

    python tests/benchmarks/chromium.py [moves]

A key press moves the slider ``depth``.  Counted are the main thread's seconds of work until the page is quiet again
(``TaskDuration`` of the protocol's ``Performance.getMetrics``, by the thread's own clock, which stands while others
have the processor), and the time from the key press to the last change in a chart.  The floor app's charts and tables
follow its slider, as a chart does that somebody moves.
"""

import asyncio
import statistics
import sys
from contextlib import ExitStack

from page import FOLLOWS, ROOT, Session, floor, fresh, server, shown
from playwright.sync_api import Browser, sync_playwright

# From a checkout, without an installation.
sys.path.insert(0, str(ROOT))

from browser.conftest import FLAGS, executable

CHAPTERS = ("flow", "updates", "why", "fixes")
MOVES, WARM_UP = 18, 3
# Back and forth: a deeper network has more marks than the floor's charts.
KEYS = ["ArrowRight"] * 3 + ["ArrowLeft"] * 3
# Milliseconds after a key press by which the page is quiet.
QUIET = 1000
WATCH = """() => {
    addEventListener('keydown', () => { window.pressed = performance.now(); window.changed = null; }, true);
    new MutationObserver(changes => {
        if (changes.some(({target}) => (target.closest ? target : target.parentElement)?.closest('svg.marks')))
            window.changed = performance.now();
    }).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""


class Slider:
    """The slider ``depth`` of an open page, which a key moves."""

    def __init__(self, browser: Browser, url: str) -> None:
        # A context of its own has a process of its own.
        self._page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self._page.goto(url)
        self._page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
        self._page.wait_for_timeout(QUIET)
        self._page.evaluate(WATCH)
        self._session = self._page.context.new_cdp_session(self._page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._page.get_by_role("slider", name="depth").first.focus()

    def _spent(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def move(self, key: str) -> tuple[float, float]:
        """Milliseconds of the main thread, and from the key press to the last change in a chart."""
        before = self._spent()
        self._page.keyboard.press(key)
        self._page.wait_for_timeout(QUIET)
        waited = self._page.evaluate("window.changed && window.changed - window.pressed") or 0.0
        return (self._spent() - before) * 1e3, waited

    def close(self) -> None:
        self._page.context.close()


def counts(port: int, chapter: str) -> dict[str, int]:
    """Charts and tables that a chapter shows."""
    return shown(asyncio.run(Session(port, "depth", f"chapter={chapter}").open()))


def main(moves: int) -> None:
    with ExitStack() as stack:
        port, _ = stack.enter_context(server(ROOT / "streamlit_app.py"))
        drawn = {chapter: counts(port, chapter) for chapter in CHAPTERS}
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=executable(), args=FLAGS)
        for number, chapter in enumerate(CHAPTERS):
            with floor(drawn[chapter], FOLLOWS) as (floor_port, _):
                urls = f"http://127.0.0.1:{port}/?{fresh(chapter, number)}", f"http://127.0.0.1:{floor_port}/"
                sliders = [Slider(browser, url) for url in urls]
                # By turns: a machine's speed changes within seconds.
                turns = [[slider.move(KEYS[turn % len(KEYS)]) for slider in sliders] for turn in range(WARM_UP + moves)]
                for slider in sliders:
                    slider.close()
            (mine, wait), (bare, least) = (
                (statistics.median(column) for column in zip(*taken[WARM_UP:], strict=True))
                for taken in zip(*turns, strict=True)
            )
            ratio = statistics.median(page[0] / floor[0] for page, floor in turns[WARM_UP:])
            print(
                f"{chapter}: {mine:.0f} ms of the main thread a move, floor {bare:.0f} ms, ratio {ratio:.2f}; "
                f"key press to the last change of a chart {wait:.0f} ms, floor {least:.0f} ms",
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MOVES)
