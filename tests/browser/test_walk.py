"""One walk through every chapter and view: to open one, to change its theme or its window is what is dear.

On the way is looked at what a reader sees without scrolling, that it stays where it is, what can be read by day and by
night, what a telephone cuts off, and what axe finds.
"""

import pytest
from browser.axe import CONTRAST, found_by_day_and_by_night, lasting
from browser.pages import CHART, by_day_and_by_night, called, painted, settled
from browser.test_browser import beyond_the_edge, contrast, faint
from playwright.sync_api import expect

from vanish.measure.remedies import REMEDIES
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit.numbers import number
from vanish.ui.lesson.steps import STEPS
from vanish.ui.shell import header
from vanish.ui.shell.settings import CONTROLS, Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DIALOG = "[role=dialog]"
FLOW = f"{CHART}[aria-label^='Gradient of every layer']"
FOLDED = "[data-testid=stMain] [data-testid=stExpander] details:not([open]) > summary"

# Width, height, and how much of the picture's height has to be seen at least.
LAPTOP, TELEPHONE = (1366, 768, 1.0), (390, 844, 0.9)
PROJECTORS = ((1024, 768, 0.95), (1920, 1080, 1.0))

# Of pictures that say it together, the last one.
LAST_PICTURE = {"noise": 2}

# WCAG 2.2, 1.4.3; large text, and graphics by 1.4.11, need 3 to 1.
LEAST = {"text": 4.5, "strong": 3, "notes": 4.5}

VIEWS = [
    (chapter, view)
    for chapter, entry in CHAPTERS.items()
    for view in (CONTROLS[entry.selector].options if entry.selector else [None])
]
FIRST_VIEWS = dict(reversed(VIEWS))

# Of each chapter that has one, a slider, and a key that changes its finding: a map has not every depth.
SLIDERS = {
    "why": ("depth", "ArrowLeft"),
    "updates": ("depth", "ArrowLeft"),
    "train": ("depth", "ArrowLeft"),
    "fixes": ("depth", "ArrowLeft"),
    "time": ("sequence", "ArrowLeft"),
    "map": ("depth", "Home"),
}

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

# Where the finding, the controls and the picture begin.
PLACES = """picture => ['h1', '.st-key-row', picture].map(one => {
    const shown = [...document.querySelectorAll(`[data-testid=stMain] ${one}`)].find(box => box.checkVisibility());
    return Math.round(shown.getBoundingClientRect().top);
})"""

# Every box that has moved up or down since, however little; within a title, lines may end elsewhere.
WATCH = """() => {
    window.moved = [];
    new PerformanceObserver(list => {
        for (const shift of list.getEntries()) for (const {node, previousRect: was, currentRect: is} of shift.sources)
            if (was.height && is.height && was.y !== is.y && node?.nodeType !== Node.TEXT_NODE)
                window.moved.push(`${node?.nodeName} ${node?.textContent?.slice(0, 40)} ${was.y} ${is.y}`);
    }).observe({type: 'layout-shift'});
}"""

LEGEND_INSIDE = """flow => {
    const svg = document.querySelector(`${flow} svg`), lines = [...svg.querySelectorAll('.role-legend-label text')];
    const tops = lines.map(line => line.getBoundingClientRect().top);
    return new Set(tops.map(Math.round)).size > 1 && Math.min(...tops) >= svg.getBoundingClientRect().top - 1;
}"""

# Axis labels that are drawn in part, past their picture's edge and what it shows beyond that.
CUT_LABELS = """charts => charts.flatMap(chart => {
    const svg = chart.querySelector('svg'), shown = /([0-9.]+)px/.exec(getComputedStyle(svg).overflowClipMargin);
    const edge = svg.getBoundingClientRect().right + Number(shown?.[1] ?? 0);
    const labels = [...svg.querySelectorAll('.role-axis-label text')];
    return labels.filter(one => one.getBoundingClientRect().right > edge + 1).map(one => one.textContent);
})"""

BESIDE_DRAWER = """picture => {
    const box = one => document.querySelector(one).getBoundingClientRect();
    const {top, bottom} = box('[data-testid=stSidebar]');
    return bottom === innerHeight && top > innerHeight / 3 && box('[data-testid=stMain] h1').bottom < top
        && box(picture).top + 100 < top;
}"""

UNFOLD = "all => all.forEach(one => one.click())"
# Without a text of ours, charts are called Vega's.
UNNAMED = "all => all.map(chart => chart.ariaLabel ?? '').filter(name => !name || name.startsWith('Vega'))"
THEME = "app => [getComputedStyle(app).colorScheme, getComputedStyle(app).backgroundColor]"


def test_on_a_walk_through_all_views_nothing_is_cut_off_hidden_faint_moved_or_found_by_axe(visit):
    page = painted(visit("?chapter=why", viewport=window(LAPTOP)))
    found = {}
    for turn, (chapter, view) in enumerate(VIEWS):
        if turn:
            key, name, role = (
                ("chapter", chapter, "tab")
                if FIRST_VIEWS[chapter] == view
                else (CHAPTERS[chapter].selector, view, "radio")
            )
            opened(page, page.get_by_role(role, name=called(key, name), exact=True))
        expect(page.get_by_role("heading", name=CHAPTERS[chapter].question)).to_be_visible()
        # Back and forth: each view opens in the window in which the last one was left.
        for size in (LAPTOP, TELEPHONE)[:: -1 if turn % 2 else 1]:
            found |= {(what, chapter, view): problems for what, problems in looks(page, chapter, view, size)}
        found |= {(what, chapter, view): problems for what, problems in by_themes(page, chapter, view)}
    page.set_viewport_size(window(LAPTOP))
    found |= {("axe", name): lines for look in (in_popovers, in_a_question) for name, lines in look(page)}
    wrong = [f"{', '.join(filter(None, where))}: {problems}" for where, problems in found.items() if problems]
    # All of it, however much there is.
    assert not wrong, "\n".join(wrong)


def window(size):
    return {"width": size[0], "height": size[1]}


def opened(page, button):
    """Press what opens another view, each of which has a finding of its own, and wait for its run."""
    before = page.locator("h1:visible").inner_text()
    button.click()
    # While one chapter takes another's place, there are two.
    expect(page.locator("h1:visible").filter(has_text=before)).to_have_count(0)
    expect(settled(page).locator("h1:visible")).to_have_count(1)


def looks(page, chapter, view, size):
    """What is looked at on a view in a window of this size, and what is wrong there."""
    first, which, width = FIRST_VIEWS[chapter] == view, LAST_PICTURE.get(view, 0), size[0]
    yield f"first screen, {width} pixels", hidden(page, size, which)
    if view == "cards":
        # The overview, and one chart a card.
        expect(page.locator(CHART)).to_have_count(1 + len(REMEDIES))
    if size == LAPTOP:
        if first and chapter in SLIDERS:
            yield "moved", moved(page, *SLIDERS[chapter])
        for projector in PROJECTORS:
            yield f"first screen, {projector[0]} pixels", hidden(page, projector, which)
            yield f"cut labels, {projector[0]} pixels", page.locator(f"{CHART}:has(svg)").evaluate_all(CUT_LABELS)
        page.set_viewport_size(window(LAPTOP))
    else:
        # What is called alike, as the formula is, may be open from the chapter before.
        page.locator(FOLDED).evaluate_all(UNFOLD)
        expect(page.locator(FOLDED)).to_have_count(0)
        yield "cut off on a telephone", beyond_the_edge(painted(page))


def by_themes(page, chapter, view):
    """What is wrong in one of the themes, in the window in which the view was looked at last."""
    yield "charts without a name", painted(page).locator(CHART).evaluate_all(UNNAMED)
    if FIRST_VIEWS[chapter] == view:
        # Beside its sidebar.
        page.set_viewport_size(window(LAPTOP))
    rules = ()
    for shown in by_day_and_by_night(painted(page)):
        scheme, ground = shown.locator("[data-testid=stApp]").evaluate(THEME)
        dark = contrast("rgb(0, 0, 0)", [ground]) < 3
        yield f"ground, {scheme}", "" if dark == (scheme == "dark") else ground
        yield f"faint, {scheme}", faint(shown, **LEAST)
        if FIRST_VIEWS[chapter] == view:
            yield f"axe, {scheme}", lasting(shown, *rules)
            rules = (CONTRAST,)


def hidden(page, size, which):
    """What of finding, control and picture is not on the first screen of this size."""
    page.set_viewport_size(window(size))
    wanted = {"finding": True, "control": True, "inside": True}
    for _ in range(100):
        seen = page.evaluate(SEEN, [CHART, which])
        if seen["picture"] >= size[2] and seen | wanted == seen:
            return {}
        # Charts are drawn, and take the new width, a moment later.
        page.wait_for_timeout(200)
    return seen


def moved(page, slider, key):
    """Where the first screen was and is, if not in the same places, as a slider moves."""
    finding = page.locator("h1:visible")
    before, said = painted(page).evaluate(PLACES, CHART), finding.inner_text()
    page.locator(f".st-key-{slider} input[type=range]").press(key)
    expect(finding).not_to_have_text(said)
    after = painted(page).evaluate(PLACES, CHART)
    # A line with an exponent may be taller by less than a pixel.
    return [before, after] if any(abs(was - now) > 1 for was, now in zip(before, after, strict=True)) else []


def test_no_box_moves_for_a_moment_when_the_first_slider_does_with_animations(visit):
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
    # Where the window becomes narrower, the legend has more lines: they are not cut off.
    page.set_viewport_size(window(PROJECTORS[0]))
    page.wait_for_function(LEGEND_INSIDE, arg=FLOW)
    # On a telephone the controls come up from below, and leave finding and picture in sight.
    page.set_viewport_size(window(TELEPHONE))
    page.locator("[data-testid=stExpandSidebarButton]").click()
    page.wait_for_function(BESIDE_DRAWER, arg=FLOW)
    page.locator("[data-testid=stSidebarCollapseButton] button").click()
    expect(page.locator(".st-key-row")).to_be_visible()


def in_popovers(page):
    for name in ("Copy link", "Glossary", "See them all"):
        page.get_by_role("button", name=name).click()
        expect(page.locator(DIALOG)).to_be_visible()
        yield name, found_by_day_and_by_night(page)
        page.keyboard.press("Escape")
        expect(page.locator(DIALOG)).to_have_count(0)


def in_a_question(page):
    page.get_by_role("button", name="Guided lesson").click()
    page.get_by_role("menuitem").first.click()
    expect(page.locator(".st-key-lesson_panel h1")).to_have_text(STEPS["decay"].title)
    yield "question", found_by_day_and_by_night(settled(page))
    page.get_by_role("button", name="Show me without a guess").click()
    expect(page.locator(".st-key-lesson_panel h2")).to_have_text(STEPS["decay"].title)
    yield "answer", found_by_day_and_by_night(painted(page))
