"""Who does not see, or not these colours, who has no mouse, who prints: what a browser tells of the page for them."""

import re

import pytest
from browser.pages import called, painted, settled
from playwright.sync_api import expect

from vanish.choices.activations import ACTIVATIONS
from vanish.references import VERSION, citation
from vanish.ui.chapters.table import CHAPTERS

pytestmark = pytest.mark.browser

# Half of a laptop's window, as 200 % make it.
HALF = {"width": 683, "height": 384}
# A sheet between its edges.
A4 = {"width": 718, "height": 1046}
# Stops of the keyboard, from the first one of the page to the chapters' tabs.
STOPS = 6

GROUND = "e => getComputedStyle(e).backgroundColor"
WITHIN = "['main', 'html'].every(name => (box => box.scrollWidth <= box.clientWidth)(document.querySelector(name)))"
# The page's name and ways in beside what Streamlit's strip has at its ends.
APART = """() => {
    const boxes = all => [...document.querySelectorAll(all)].filter(one => one.checkVisibility()).map(
        one => one.getBoundingClientRect());
    const strip = boxes('[data-testid=stHeader] button'), bar = boxes('.st-key-bar button, .st-key-name');
    return strip.length && bar.every(one => strip.every(two => two.right <= one.left || one.right <= two.left));
}"""
MOVING = """() => document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 1
    || one.effect.getComputedTiming().iterations > 1).length"""


def test_by_keyboard_alone_with_forced_colours_without_motion_and_at_200_per_cent(visit):
    page = settled(visit("?chapter=why&depth=3", forced_colors="active", reduced_motion="reduce"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    tab = page.get_by_role("tab", name=called("chapter", "why"), exact=True)
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if tab.evaluate("tab => tab === document.activeElement"):
            break
    expect(tab).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=CHAPTERS["flow"].question)).to_be_visible()
    settled(page)
    # What is on has a ground of its own, a slider its rail and thumb.
    for selector in ("[role=tab][aria-selected={}]", "[data-testid=stMain] [role=radio][aria-checked={}]"):
        on, off = (page.locator(selector.format(state)).first.evaluate(GROUND) for state in ("true", "false"))
        assert on != off, selector
    rail = page.locator(".st-key-depth [role=group] > [data-orientation] > div").first
    assert rail.bounding_box()["width"] > 100
    expect(rail).to_have_css("outline-style", "solid")
    thumb = page.locator(".st-key-depth [role=group] > [data-orientation] > [data-rac]")
    assert thumb.evaluate(GROUND) == on
    assert page.evaluate(MOVING) == 0
    page.set_viewport_size(HALF)
    # Charts take the new width a moment later.
    page.wait_for_function(f"() => {WITHIN}")
    page.wait_for_function(APART)


def test_a_chapter_is_printed_as_its_finding_pictures_and_table_black_on_white(go):
    names = ("tanh", "relu", "elu", "gelu", "sigmoid")
    link = "&".join(f"activations={name}" for name in names)
    page = painted(go(f"?chapter=flow&depth=3&n_seeds=3&{link}", color_scheme="dark"))
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible()
    finding = page.locator("h1:visible").inner_text()
    page.emulate_media(media="print")
    for gone in (
        "stSidebar",
        "stHeader",
        "stButton",
        "stDownloadButton",
        "stButtonGroup",
        "stPopover",
        "stTab",
        "stSlider",
    ):
        parts = page.locator(f"[data-testid={gone}]")
        expect(parts).not_to_have_count(0)
        assert not any(one.is_visible() for one in parts.all()), gone
    for shown in ("h1", "[data-testid=stVegaLiteChart] svg", ".vanish-paper table", "#vanish-figures"):
        expect(page.locator(shown).first).to_be_visible()
    origin = page.locator("#vanish-figures")
    for said in ("Depth: 3", page.url, f"vanish {VERSION}. Cite as: {citation()}"):
        expect(origin).to_contain_text(said)
    dark = page.locator("[data-testid=stMain] :is(h1, h2, p, li)").evaluate_all(
        "all => [...new Set(all.filter(e => e.textContent.trim()).map(e => getComputedStyle(e).color))]"
    )
    assert dark == ["rgb(27, 27, 40)"]
    for white in ("[data-testid=stApp]", "[data-testid=stVegaLiteChart] svg"):
        expect(page.locator(white).first).to_have_css("background-color", "rgb(255, 255, 255)")
    # In the place of a table's picture, which is cut at the edge, stands one with all columns, the first in each part.
    assert not page.locator("[data-testid=stDataFrame]").first.is_visible()
    labels = [ACTIVATIONS[name].label for name in names]
    columns = [*labels, *(f"{label} {line}" for line in ("10 %", "median", "90 %") for label in labels)]
    headings = page.locator(".vanish-paper").first.locator("th").all_inner_texts()
    assert headings == ["layer", *columns[:15], "layer", *columns[15:]]
    first = page.locator(".vanish-paper tbody tr").first.locator("td").all_inner_texts()
    assert first[0] == "1"
    assert len(first) == 16
    assert [text for text in first if not re.fullmatch(r"[\d.]+(\s×\s10[⁰¹²³⁴-⁹⁻]+)?", text)] == []
    page.set_viewport_size(A4)
    page.wait_for_function(f"() => {WITHIN}")
    assert (
        page.locator(".vanish-paper table").evaluate_all(
            "all => all.filter(table => table.getBoundingClientRect().right > innerWidth).length"
        )
        == 0
    )
    assert page.locator("h1:visible").inner_text() == finding
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2
    page.emulate_media(media="screen")
    expect(page.locator(".vanish-paper")).to_have_count(0)
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible()
