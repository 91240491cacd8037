"""What is printed of a lesson with a room: a patient, a slide, the end."""

import re

import pytest
from browser.pages import CHART, painted
from browser.test_browser import too_faint
from playwright.sync_api import expect

from vanish.ui.lesson.clinic.cases import CASES
from vanish.ui.lesson.clinic.symptoms import SYMPTOMS

pytestmark = pytest.mark.browser

CONTROLS = (".stButton", ".stButtonGroup", ".stPopover", "[role=tab]", "[data-testid=stBottom]")
WORDS = "[data-testid=stMain] :is(h1, h2, p, li):not(:is(button, [data-testid=stTooltipHoverTarget]) *)"


def on_paper(page, link):
    """What is printed: one sheet, dark on white, with what the page is and without what one would press."""
    page.emulate_media(media="print", color_scheme="dark")
    said = page.locator("#vanish-figures")
    for part in (link, "Cite as: "):
        expect(said).to_contain_text(part)
    pressed = [one for one in CONTROLS if any(part.is_visible() for part in page.locator(one).all())]
    secret = re.search(r"lead=\w+", said.inner_text())
    faint = too_faint(page, WORDS, 7)
    ground = page.locator("[data-testid=stApp]").evaluate("app => getComputedStyle(app).backgroundColor")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    text = page.locator("[data-testid=stMain]").inner_text()
    page.emulate_media(media="screen", color_scheme="light")
    assert (pressed, secret, faint, ground, sheets) == ([], None, {}, "rgb(255, 255, 255)", 1)
    return text


def test_a_patient_a_slide_and_the_end_of_a_room_are_printed_on_a_sheet_each(visit):
    case = list(CASES.values())[-1]
    page = visit(f"?lesson=clinic&step={len(CASES)}", reduced_motion="reduce")
    expect(page.locator(CHART)).not_to_have_count(0)
    text = on_paper(painted(page), f"step={len(CASES)}")
    assert case.complaint in text
    assert all(SYMPTOMS[one].label in text for one in case.symptoms)

    page.get_by_role("button", name="Present").click()
    page.get_by_role("button", name="Open a room").click()
    expect(page.locator(".st-key-room_link code")).to_be_visible()
    expect(page).to_have_url(re.compile("lead="))
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".st-key-said")).to_contain_text(f"The cure: {case.treatment}")
    assert f"The cure: {case.treatment}" in on_paper(painted(page), "present=1")

    page.get_by_role("button", name="Next").click()
    expect(page.locator("h1:visible")).to_have_text("What to take home")
    page.get_by_role("button", name="Leave presenter mode").click()
    room = page.get_by_role("heading", name="The room", exact=True)
    expect(room).to_be_visible()
    text = on_paper(page, f"step={len(CASES) + 1}")
    assert case.moral in text
    assert f"{case.title}: " in text
