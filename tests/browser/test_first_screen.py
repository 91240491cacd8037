"""What a reader sees without scrolling, at a laptop and on a telephone, and that it stays where it is."""

import pytest
from browser.pages import CHART, called, painted, settled
from playwright.sync_api import expect

from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.numbers import number
from vanish.ui.shell import header
from vanish.ui.shell.settings import CONTROLS, Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FLOW = f"{CHART}[aria-label^='Gradient of every layer']"

# Width, height, and how much of the picture's height has to be seen at least.
LAPTOP, TELEPHONE = (1366, 768, 1.0), (390, 844, 0.9)
PROJECTORS = ((1024, 768, 0.95), (1920, 1080, 1.0))

# Of pictures that say it together, the last one.
LAST_PICTURE = {"noise": 2}

VIEWS = [
    (chapter, selector, view)
    for chapter, entry in CHAPTERS.items()
    for selector in [entry.selector]
    for view in (CONTROLS[selector].options if selector else [None])
]

# The whole of the finding and of a control, and the share of the picture's height, on the first screen.
SEEN = """([picture, which]) => {
    const chart = document.querySelectorAll(`[data-testid=stMain] ${picture}`)[which];
    if (!chart?.querySelector('svg g.role-mark, canvas')) return {picture: 0};
    const box = chart.getBoundingClientRect();
    const whole = (all, most) => [...all].some(one => {
        const {top, bottom, right, height} = one.getBoundingClientRect();
        return height && top >= 0 && bottom <= most && right <= innerWidth;
    });
    return {
        finding: whole(document.querySelectorAll('h1'), box.top + 1),
        control: whole(document.querySelectorAll('[data-testid=stMain] :is(.stSlider, .stButtonGroup)'), innerHeight),
        picture: Math.max(0, Math.min(box.bottom, innerHeight) - box.top) / box.height,
        inside: box.left >= 0 && box.right <= innerWidth + 1
            && document.scrollingElement.scrollWidth <= innerWidth,
    };
}"""

# Every box that has moved up or down since, however little; within a title, lines may end elsewhere.
WATCH = """() => {
    window.moved = [];
    new PerformanceObserver(list => {
        for (const shift of list.getEntries()) for (const {node, previousRect: was, currentRect: is} of shift.sources)
            if (was.height && is.height && was.y !== is.y && node?.nodeType !== Node.TEXT_NODE)
                window.moved.push(`${node?.nodeName} ${node?.textContent?.slice(0, 40)} ${was.y} ${is.y}`);
    }).observe({type: 'layout-shift'});
}"""


def seen(page, size, which):
    width, height, share = size
    page.set_viewport_size({"width": width, "height": height})
    wanted = {"finding": True, "control": True, "inside": True}
    for _ in range(300):
        found = page.evaluate(SEEN, [CHART, which])
        if found["picture"] >= share and found | wanted == found:
            return []
        # Charts are drawn, and take the new width, a moment later.
        page.wait_for_timeout(200)
    return [width, found]


def opened(page, button):
    """Press what opens another view, each of which has a finding of its own, and wait for its run."""
    before = page.locator("h1:visible").inner_text()
    button.click()
    # While one chapter takes another's place, there are two.
    expect(page.locator("h1:visible").filter(has_text=before)).to_have_count(0)
    expect(settled(page).locator("h1:visible")).to_have_count(1)


def test_finding_control_and_picture_are_on_the_first_screen_of_every_view(visit):
    page = painted(visit("?chapter=why"))
    page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    missing = {}
    at_first = {entry.selector: CONTROLS[entry.selector].options[0] for entry in CHAPTERS.values() if entry.selector}
    for chapter, selector, view in VIEWS:
        # What a view has in common with the next one is looked at once on a telephone.
        sizes = (LAPTOP, TELEPHONE) if view in (None, at_first.get(selector), "ladder", "noise", "race") else (LAPTOP,)
        at_once = view == at_first.get(selector)
        if at_once and chapter != "why":
            opened(page, page.get_by_role("tab", name=called("chapter", chapter), exact=True))
        elif not at_once:
            opened(page, page.get_by_role("radio", name=called(selector, view), exact=True))
        expect(page.get_by_role("heading", name=CHAPTERS[chapter].question)).to_be_visible()
        # Of those beside a sidebar, the ones that need the most room.
        sizes += PROJECTORS if chapter == "updates" or view == "ladder" else ()
        which = LAST_PICTURE.get(view, 0)
        missing |= {(chapter, view, size[0]): found for size in sizes if (found := seen(page, size, which))}
        page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    assert missing == {}


# Of each other chapter, a slider, and a key that changes its finding: a map has not every depth.
SLIDERS = {
    "why": ("depth", "ArrowLeft"),
    "updates": ("depth", "ArrowLeft"),
    "train": ("depth", "ArrowLeft"),
    "fixes": ("depth", "ArrowLeft"),
    "time": ("sequence", "ArrowLeft"),
    "map": ("depth", "Home"),
}

# Where the finding, the controls and the picture begin.
PLACES = """picture => ['h1', '.st-key-row', picture].map(one => {
    const shown = [...document.querySelectorAll(`[data-testid=stMain] ${one}`)].find(box => box.checkVisibility());
    return Math.round(shown.getBoundingClientRect().top);
})"""


def test_nothing_moves_when_a_slider_does(visit):
    page = painted(visit(reduced_motion="no-preference"))
    page.evaluate(WATCH)
    slider, finding = page.locator(".st-key-depth input[type=range]"), page.locator("h1:visible")
    for key in ("ArrowRight", "ArrowLeft", "End"):
        before = finding.inner_text()
        slider.press(key)
        expect(finding).not_to_have_text(before)
        settled(page).wait_for_timeout(200)
    assert page.evaluate("window.moved") == []
    # The picture's legend has moved along, and its axis writes numbers as the page does.
    now = Settings(depth=CONTROLS["depth"].high)
    figures = header.key(header.cards(CHAPTERS["flow"].measure(now)))
    expect(page.locator(f"{FLOW} .role-legend-label text")).to_have_text(
        [f"{name}: {note}" for name, note in figures.items()]
    )
    labels = page.locator(f"{FLOW} .role-axis-label text").all_text_contents()
    assert {"1", number(1e-60)} <= set(labels), labels
    moved = {chapter: found for chapter, move in SLIDERS.items() if (found := _moved(page, chapter, *move))}
    assert moved == {}


def _moved(page, chapter, slider, key):
    """Where a chapter's first screen was and is, if not in the same places, as its slider moves."""
    opened(page, page.get_by_role("tab", name=called("chapter", chapter), exact=True))
    expect(page.get_by_role("heading", name=CHAPTERS[chapter].question)).to_be_visible()
    finding = page.locator("h1:visible")
    before, said = painted(page).evaluate(PLACES, CHART), finding.inner_text()
    page.locator(f".st-key-{slider} input[type=range]").press(key)
    expect(finding).not_to_have_text(said)
    after = painted(page).evaluate(PLACES, CHART)
    # A line with an exponent may be taller by less than a pixel.
    return [before, after] if any(abs(was - now) > 1 for was, now in zip(before, after, strict=True)) else []
