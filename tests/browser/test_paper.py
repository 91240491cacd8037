"""What is printed of a lesson with a room: a patient, a slide, the end; and of a long table."""

import re
from pathlib import Path

import pytest
from browser.pages import CHART, painted, settled
from browser.test_browser import too_faint
from playwright.sync_api import expect

from vanish.ui.kit import figures
from vanish.ui.lesson.clinic.cases import CASES
from vanish.ui.lesson.clinic.symptoms import SYMPTOMS

pytestmark = pytest.mark.browser

CONTROLS = (".stButton", ".stButtonGroup", ".stPopover", "[role=tab]", "[data-testid=stBottom]")
PROJECTOR = {"width": 1024, "height": 768}

# No word beyond the slide, or under the buttons at its foot.
FITS = """([words]) => {
    const main = document.querySelector('[data-testid=stMain]'), shown = [...document.querySelectorAll(words)];
    const foot = document.querySelector('[data-testid=stBottom]').getBoundingClientRect().top;
    const within = ({top, bottom, right}) => top >= 0 && bottom <= foot + 1 && right <= innerWidth;
    return main.scrollHeight <= main.clientHeight && shown.length > 0
        && shown.every(one => within(one.getBoundingClientRect()));
}"""

# What stands in the place of a table of so many rows and columns: its tables' columns and rows, and what is said below.
COPY = """([rows, width]) => {
    const columns = Array.from({length: width}, (_, place) => ({title: `${place}`}));
    const copy = copyOf({columns, rows, getCellContent: ([column, row]) => ({data: `${column} ${row}`})});
    const size = table => [table.tHead.rows[0].cells.length, table.tBodies[0].rows.length];
    return [[...copy.querySelectorAll('table')].map(size),
            copy.lastChild.nodeType === Node.TEXT_NODE ? copy.lastChild.textContent : ''];
}"""

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
    # Where no line may end, sentences have another space.
    text = page.locator("[data-testid=stMain]").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    page.emulate_media(media="screen", color_scheme="light")
    assert (pressed, secret, faint, ground, sheets) == ([], None, {}, "rgb(255, 255, 255)", 1)
    return text


def test_a_patient_a_slide_and_the_end_of_a_room_are_printed_on_a_sheet_each(go):
    case = list(CASES.values())[-1]
    page = go(f"?lesson=clinic&step={len(CASES)}")
    expect(page.locator(CHART)).not_to_have_count(0)
    text = on_paper(painted(page), f"step={len(CASES)}")
    assert case.complaint in text
    assert all(SYMPTOMS[one].label in text for one in case.symptoms)

    # On the way, the slides of a patient whose words leave less room than all others'.
    page.get_by_role("button", name="Present").click()
    page.set_viewport_size(PROJECTOR)
    page.locator(".st-key-present_back button").click()
    expect(page.locator(".st-key-asked h1")).to_have_text(CASES["riddle"].complaint)
    settled(page).wait_for_function(FITS, arg=[".st-key-asked, .st-key-options"])
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".st-key-said")).to_contain_text(f"The cure: {CASES['riddle'].treatment}")
    page.wait_for_function(FITS, arg=[".st-key-told, .st-key-slide, .st-key-said"])
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".st-key-asked h1")).to_have_text(case.complaint)
    settled(page).get_by_role("button", name="Open a room").click()
    expect(page.locator(".st-key-room_link code")).to_be_visible()
    expect(page).to_have_url(re.compile("lead="))
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".st-key-said")).to_contain_text(f"The cure: {case.treatment}")
    assert f"The cure: {case.treatment}" in on_paper(painted(page), "present=1")

    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="What to take home", exact=True)).to_be_visible()
    page.get_by_role("button", name="Leave presenter mode").click()
    room = page.get_by_role("heading", name="The room", exact=True)
    expect(room).to_be_visible()
    text = on_paper(settled(page), f"step={len(CASES) + 1}")
    assert case.moral in text
    assert f"{case.title}: " in text


@pytest.mark.parametrize(
    ("rows", "columns", "tables", "said"),
    [
        (100, 16, [[16, 100]], ""),
        (101, 3, [[3, 100]], "The first 100 of 101 rows: the download has all of them."),
        (2000, 17, [[16, 100], [2, 100]], "The first 100 of 2,000 rows: the download has all of them."),
    ],
)
def test_of_a_long_table_a_hundred_rows_are_printed_and_it_says_so(rows, columns, tables, said, browser):
    script, page = Path(figures.__file__).with_name("paper.js").read_text("utf-8"), browser.new_page()
    assert page.evaluate(f"given => {{ {script}\nreturn ({COPY})(given); }}", [rows, columns]) == [tables, said]
    page.close()
