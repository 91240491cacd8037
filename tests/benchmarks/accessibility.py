"""What axe finds anywhere: every chapter and view, every question of every lesson, asked and answered, day and night.

    PYTHONPATH=.:tests python tests/benchmarks/accessibility.py [part of a link]

The suite looks at each chapter once (tests/browser/test_walk.py); this walk takes minutes, and is for who has changed
what many views have in common.  It prints what it finds, and ends with 1 if that is anything.
"""

import sys
from collections.abc import Iterator
from urllib.parse import urlencode

from browser.axe import findings
from browser.conftest import FLAGS, executable
from browser.pages import settled
from browser.servers import Server
from playwright.sync_api import Page, sync_playwright

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.answers import answers_text
from vanish.ui.kit.controls import Choice
from vanish.ui.kit.table import ROW
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.steps import LESSONS
from vanish.ui.shell.settings import DEFAULTS

# For charts to be drawn, and for colours to have changed.
DRAWN, CHANGED = 2_500, 400


def links() -> Iterator[dict[str, object]]:
    for name, chapter in CHAPTERS.items():
        yield {"chapter": name}
        view = chapter.view({**DEFAULTS, "chapter": name}.__getitem__)
        for key in view.places.get(ROW, ()):
            control = view.rows[key].control
            if isinstance(control, Choice) and not control.menu:
                others = [one for one in control.labels if one != DEFAULTS[key]]
                yield from ({"chapter": name, key: one} for one in others)
    for name, lesson in LESSONS.items():
        known = answers_text({step.name: SHOWN for step in lesson.steps})
        for number in range(1, len(lesson.steps) + 2):
            for present in (0, 1):
                yield {"lesson": name, "step": number, "present": present}
                yield {"lesson": name, "step": number, "present": present, "guesses": known}


def look(page: Page, link: str) -> list[str]:
    page.goto(link)
    settled(page)
    page.wait_for_timeout(DRAWN)
    page.emulate_media(color_scheme="light")
    found = findings(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(CHANGED)
    return found + findings(page, "color-contrast")


def main() -> int:
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    asked = [link for link in (f"?{urlencode(one)}" for one in links()) if part in link]
    worst = 0
    with Server() as server, sync_playwright() as playwright:
        server.answers()
        chromium = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        for link in asked:
            found = look(page, server.base + link)
            worst = max(worst, len(found))
            print(f"{link}: {len(found)}", *found, sep="\n    ", flush=True)
        chromium.close()
    return int(worst > 0)


if __name__ == "__main__":
    sys.exit(main())
