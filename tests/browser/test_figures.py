"""Figures to take home: the files that a chart's toolbar gives."""

import base64
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from vanish.choices.activations import ACTIVATIONS
from vanish.references import VERSION

pytestmark = pytest.mark.browser

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
FRAME = "[data-testid=stFullScreenFrame]"
FLOW = "[data-testid=stVegaLiteChart][aria-label^='Gradient of every layer']"
TEXT = "{http://www.w3.org/2000/svg}text"
# The page's ink on white, and what is smaller or belongs to a network.
WHITE, INK, SMALL = "#ffffff", "#1b1b28", "#5b5b6b"

# Of a PNG: its corner, the brightest channel of its darkest pixel, and how much of it is white.
PIXELS = """async data => {
    const bitmap = await createImageBitmap(await (await fetch(data)).blob());
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    pen.drawImage(bitmap, 0, 0);
    const all = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
    let white = 0, darkest = 255;
    for (let n = 0; n < all.length; n += 4) {
        white += all[n] + all[n + 1] + all[n + 2] === 765;
        darkest = Math.min(darkest, Math.max(all[n], all[n + 1], all[n + 2]));
    }
    return { corner: [...all.slice(0, 4)], darkest, white: white / (all.length / 4), width: bitmap.width };
}"""


def frame_of(page, chart):
    """The chart with its toolbar, which it shows."""
    expect(page.locator(f"{chart} :is(svg, canvas)").first).to_be_visible(timeout=60_000)
    frame = page.locator(FRAME).filter(has=page.locator(chart))
    page.locator(chart).hover()
    return frame


def button(frame, kind):
    return frame.locator(f"button[aria-label^='Download as {kind}']")


def taken(page, button):
    """What it gives, by keyboard: the page scrolls under its own header."""
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def texts(svg):
    return [("".join(one.itertext()), one.get("fill")) for one in ElementTree.fromstring(svg).iter(TEXT)]


def named(texts):
    """A legend says a network's name, and after a colon what is left of its gradient."""
    return {(text.split(":")[0], color) for text, color in texts}


def test_a_chart_is_taken_home_dark_on_white_whatever_the_theme_with_its_settings_and_link(go):
    page = go("?depth=12&activations=tanh&activations=relu")
    slider = page.locator(".st-key-depth input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{FLOW} path[aria-roledescription=bar]")).to_have_count(13 * 2)
    page.locator(SETTLED).wait_for()
    label, drawings = page.locator(f"{FLOW} .role-axis-title text").first, []
    # Drawn anew in both, for a chart keeps the room that its words had before a move.
    for scheme in ("dark", "light"):
        before = label.evaluate("label => getComputedStyle(label).fill")
        page.emulate_media(color_scheme=scheme)
        expect(label).not_to_have_css("fill", before)
        drawings.append(taken_home(page))
    assert drawings[0] == drawings[1]


def taken_home(page):
    """What both buttons of the flow's picture give, as it should be; the lines of it."""
    frame = frame_of(page, FLOW)
    # The buttons stand in one row.
    button(frame, "PNG").focus()
    page.keyboard.press("Tab")
    expect(button(frame, "SVG")).to_be_focused()
    name, svg = taken(page, button(frame, "SVG"))
    assert name == "vanish-gradient-of-every-layer.svg"
    assert b"currentColor" not in svg
    root = ElementTree.fromstring(svg)
    assert (root[0].get("fill"), root[0].get("width")) == (WHITE, root.get("width"))
    said = texts(svg)
    assert said[0][0].startswith("Gradient of every layer")
    assert {("Layer", INK), ("mean |dL/dz|", INK), ("tanh", INK), (f"vanish {VERSION}", SMALL)} <= named(said)
    assert {color for _, color in said} == {INK, SMALL}
    notes = " ".join(text for text, color in said if color == SMALL)
    assert "Depth: 13 · Width: 8" in notes
    assert "Activations: tanh, ReLU" in notes
    assert page.url in notes.replace(" ", "")
    name, png = taken(page, button(frame, "PNG"))
    assert name == "vanish-gradient-of-every-layer.png"
    seen = page.evaluate(PIXELS, f"data:image/png;base64,{base64.b64encode(png).decode()}")
    assert seen["corner"] == [255, 255, 255, 255]
    assert seen["darkest"] == int(INK[5:], 16)
    assert seen["white"] > 0.5
    assert seen["width"] == 3 * int(root.get("width"))
    return svg


def test_a_chart_that_is_painted_on_a_canvas_is_taken_home_as_lines_and_text_too(go):
    many = [*ACTIVATIONS][:12]
    link = "&".join(f"activations={name}" for name in many)
    page = go(f"?depth=100&n_seeds=5&{link}", color_scheme="dark")
    frame = frame_of(page, FLOW)
    expect(frame.locator("canvas")).to_have_count(1)
    _, svg = taken(page, button(frame, "SVG"))
    assert svg.count(b"<path") > 100 * len(many)
    assert b"currentColor" not in svg
    assert {("Layer", INK), *((ACTIVATIONS[name].label, INK) for name in many)} <= named(texts(svg))
    assert {color for _, color in texts(svg)} == {INK, SMALL}
