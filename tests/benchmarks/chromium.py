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
from playwright.sync_api import Page, sync_playwright

# From a checkout, without an installation.
sys.path.insert(0, str(ROOT))

from browser.conftest import FLAGS, executable

CHAPTERS = ("flow", "updates", "why", "fixes")
MOVES, WARM_UP = 12, 3
# Milliseconds after a key press by which the page is quiet.
QUIET = 1500
WATCH = """() => {
    addEventListener('keydown', () => { window.pressed = performance.now(); window.changed = null; }, true);
    new MutationObserver(changes => {
        if (changes.some(({target}) => (target.closest ? target : target.parentElement)?.closest('svg.marks')))
            window.changed = performance.now();
    }).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""


def work(page: Page, url: str, moves: int) -> tuple[float, float]:
    """Milliseconds of the main thread per move, and from the key press to the last change in a chart."""
    page.goto(url)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
    page.wait_for_timeout(QUIET)
    page.evaluate(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        return next(
            m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration"
        )

    slider = page.get_by_role("slider", name="depth").first
    slider.focus()
    costs, waits = [], []
    for _ in range(WARM_UP + moves):
        before = spent()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(QUIET)
        costs.append((spent() - before) * 1e3)
        waits.append(page.evaluate("window.changed && window.changed - window.pressed") or 0.0)
    return statistics.median(costs[WARM_UP:]), statistics.median(waits[WARM_UP:])


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
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                bare, least = work(page, f"http://127.0.0.1:{floor_port}/", moves)
                mine, wait = work(page, f"http://127.0.0.1:{port}/?{fresh(chapter, number)}", moves)
                page.close()
            print(
                f"{chapter}: {mine:.0f} ms of the main thread a move, floor {bare:.0f} ms, ratio {mine / bare:.2f}; "
                f"key press to the last change of a chart {wait:.0f} ms, floor {least:.0f} ms",
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MOVES)
