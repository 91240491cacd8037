"""A reader's own log in a real browser: pasted, uploaded, turned round, taken home."""

import csv
import json
import re
from pathlib import Path

import pytest
from browser.test_browser import CHART, TELEPHONE, assert_whole, painted, settled
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

NAME = "encoder.layers.{}.self_attention.output_projection.weight"
WIDE = (
    ",".join(["step", *(NAME.format(n) for n in range(6))])
    + "\n"
    + "".join(f"{step},{','.join(f'1e-{6 - n}' for n in range(6))}\n" for step in range(4))
)
FILES = "[data-testid=stFileUploader] input[type=file]"
BOX, PROFILE = ".st-key-log_text textarea", f"{CHART}[aria-label^='Size of every layer']"


def paste(page, text):
    """By keyboard alone, from wherever the box is reached."""
    page.locator(BOX).focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".st-key-log_forget")).to_be_visible()
    return settled(page)


def let_go(page):
    """And wait for the new place for files: what is given to the old one is lost with it."""
    old = page.locator(FILES).element_handle()
    page.locator(".st-key-log_forget button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-example")).to_be_visible()
    page.wait_for_function("old => !old.isConnected", arg=old)


def bars(page):
    return page.locator(f"{PROFILE} g.mark-rect.role-mark path")


def taken(page, key):
    # The end of a run takes away what was made to be taken home before it.
    settled(page)
    with page.expect_download() as download:
        page.locator(f".st-key-{key} button").click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_a_log_is_pasted_by_keyboard_turned_round_taken_home_and_let_go_for_others(visit, tmp_path):
    page = settled(visit("?chapter=yours"))
    paste(page, WIDE)
    expect(page.locator("h1:visible")).to_contain_text("vanishes on its way back")
    # Not the step at which the example stood.
    expect(page.locator(".st-key-log_step")).to_contain_text("3")
    expect(page.get_by_text("at step 3,")).to_be_visible()
    expect(bars(painted(page))).to_have_count(6)
    assert "layers" not in page.url
    lines = taken(page, "log_csv").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert [row["layer"] for row in rows] == [NAME.format(n) for n in range(6)]
    assert "Step: 3" in next(line for line in lines if line.startswith("# set on the page"))
    report = json.loads(taken(page, "log_json"))
    assert (report["verdict"], report["severity"]) == ("vanishing", "error")
    assert "<svg" in taken(page, "log_html")
    page.locator(".st-key-log_read summary").press("Enter")
    order = page.locator(".st-key-log_order input")
    expect(order).to_be_visible()
    settled(page)
    turned = page.get_by_role("option", name="turned round")
    for _ in range(10):
        order.press("ArrowDown")
        # While the page around it still moves, a menu closes again.
        page.wait_for_timeout(500)
        if turned.is_visible():
            page.keyboard.press("End")
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
        if order.input_value() == "turned round":
            break
    expect(page.locator("h1:visible")).to_contain_text("grows on its way back")
    let_go(page)
    expect(page.locator(BOX)).to_have_value("")

    # Long names and every sign fit a telephone.
    page.set_viewport_size(TELEPHONE)
    rows = ["0,0,nan,inf,,1e-3,1", "1,1e-9,0,1,2,1e-3,1"]
    paste(page, ",".join(["step", *(NAME.format(n) for n in range(6))]) + "\n" + "\n".join(rows))
    heat = page.locator(f"{CHART}[aria-label^='Gradient of the log']")
    expect(heat.locator("g.mark-symbol.role-mark path")).to_have_count(5)
    assert_whole(painted(page))
    # All tabs stand side by side.
    assert page.locator("[role=tablist]").evaluate("tabs => tabs.scrollWidth <= tabs.clientWidth")
    let_go(page)

    # Two files are one log, and a wrong one beside them is named.
    texts = {"one.csv": "Wall time,Step,Value\n1,0,1e-5\n2,1,1e-6\n", "two.csv": "Wall time,Step,Value\n1,0,1\n2,1,2\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "wrong.csv").write_bytes(bytes(range(256)))
    upload = page.locator(FILES)
    upload.set_input_files([tmp_path / name for name in texts])
    for name in ("one", "two"):
        expect(page.locator("h1:visible")).to_contain_text(name)
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)
    upload.set_input_files([tmp_path / "wrong.csv"])
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("could not be read")
    expect(bars(page)).to_have_count(2)


MODEL = "nn.Sequential(nn.Linear(20, 30), nn.Tanh(), nn.Linear(30, 30), nn.Tanh(), nn.Linear(30, 5))"


def test_the_nearest_network_opens_in_fixes_and_pasted_code_in_layers_where_it_is_taken_home(go):
    page = settled(go("?chapter=yours"))
    page.locator(".st-key-log_nearest button").click()
    opens = page.locator(".st-key-log_open button")
    expect(opens).to_be_visible(timeout=60_000)
    opens.click()
    expect(page).to_have_url(re.compile("chapter=Fixes"))
    expect(page.get_by_role("tab", name="Fixes")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("sizes="))
    settled(page).get_by_role("tab", name="Yours").click()
    page.locator(".st-key-model summary").click()
    box = page.locator(".st-key-model_code textarea")
    box.fill(MODEL)
    box.press("Control+Enter")
    expect(page.locator(".st-key-model_open button")).to_be_visible()
    # Once a press was lost while the run that brings the button went on.
    settled(page).locator(".st-key-model_open button").click()
    expect(page).to_have_url(re.compile("sizes=20-30-30-5"))
    expect(page.locator("h1:visible")).to_contain_text("tanh")
    page.locator(".st-key-home summary").click()
    assert "SIZES = [20, 30, 30, 5]" in taken(page, "home_vanish_numpy-py")
