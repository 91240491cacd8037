"""What only a browser can tell: what is painted, what the address bar says, what fits, what can be read."""

import csv
import re
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from browser.pages import (
    CHART,
    FORWARD,
    LONG_RACE,
    RACE,
    TRAIN,
    by_day_and_by_night,
    called,
    choose,
    move_depth,
    painted,
    settled,
)
from browser.test_figures import button, frame_of
from playwright.sync_api import TimeoutError, expect
from ui.links import SEEDS, planted

from vanish.measure.remedies import REMEDIES
from vanish.ui.chapters.map.data import map_grid
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit import numbers
from vanish.ui.kit.groups import LARGEST_TYPED_SEED
from vanish.ui.kit.numbers import SUPERSCRIPTS
from vanish.ui.kit.palette import GREY
from vanish.ui.lesson.steps import LESSONS, STEPS
from vanish.ui.shell.settings import CHAPTER_LABELS, DEFAULTS, Settings

pytestmark = pytest.mark.browser

FLOW = f"{CHART}[aria-label^='Gradient of every layer']"
PIPES = f"{CHART}[aria-label^='The networks as pipes']"
# The band of health is a rectangle, too, and no bar.
BARS = f"{FLOW} g.mark-rect.role-mark path[aria-roledescription=bar]"
ANSWER = f"{CHART}[aria-label^='First / last layer']"
NETWORKS = len(DEFAULTS["activations"])
HOSTILE = "?depth=-3&width=abc&activations=evil&seed=1e99&chapter=nope"
# Somebody else, somewhere else.
OTHER = {"locale": "de-DE", "viewport": {"width": 1400, "height": 800}}

# What of a chart lies under a button.
UNDER = """(button, chart) => {
    const over = button.getBoundingClientRect();
    return [...document.querySelectorAll(`${chart} :is(path, text, line)`)].filter(one => {
        const box = one.getBoundingClientRect();
        return box.width && box.right > over.left && box.left < over.right && box.bottom > over.top
            && box.top < over.bottom && !one.matches('.background, .foreground');
    }).length;
}"""

# What reaches beyond the window: all but what scrolls in a box of its own, lines that a chart cuts off at its frame,
# and what only a screen reader meets.
CUT_OFF = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(element => {
    const box = element.getBoundingClientRect();
    return box.right > innerWidth + 1 && box.width > 1 && !element.closest('[data-testid=stDataFrame]')
        && !element.closest('.katex-mathml, svg path') && !element.matches('input[type=range]')
        && element.checkVisibility({visibilityProperty: true});
}).map(element => `${element.tagName} ${element.textContent}`.slice(0, 60))"""

# What is written, in which colour, and the colours behind it, down to one that nothing shines through.
WRITTEN = """selector => [...document.querySelectorAll(selector)].filter(e => e.textContent.trim()).map(element => {
    const behind = [], style = getComputedStyle(element);
    for (let node = element; node && !behind.at(-1)?.startsWith('rgb('); node = node.parentElement)
        behind.push(getComputedStyle(node).backgroundColor);
    return [element.textContent, element.namespaceURI.endsWith('svg') ? style.fill : style.color, behind];
})"""
TELEPHONE = {"width": 390, "height": 844}
SLIDE = {"width": 1280, "height": 720}
# A slider's value stands above its thumb, not on it.
PAGE_TEXT = (
    "[data-testid=stMain] :is(h1, h2, h3, p, li, code, [data-testid=stMetricValue])"
    ":not([data-testid=stSliderThumbValue] *, button *)"
)
TEXTS = {
    "text": PAGE_TEXT,
    "strong": "h1 span",
    # But for what only keeps lines away from the letters.
    "notes": f"{CHART} .role-mark text:not([fill=Canvas])",
    "axes": f"{CHART} :is(.role-axis-label, .role-axis-title, .role-legend-label) text",
    "answer": f"{ANSWER} .role-mark text",
    "pressed": "[data-testid=stMain] button[aria-checked=true] p",
}


def seen(page):
    """What a reader could compare, once nothing of it changes: sentence, cards, controls, drawings, words."""
    painted(page)
    before, now = None, _compared(page)
    while now != before:
        page.wait_for_timeout(300)
        before, now = now, _compared(page)
    return now


def shows(page, wanted):
    """The page shows this, sooner or later: what is drawn late is waited for."""
    for _ in range(60):
        if seen(page) == wanted:
            return
        page.wait_for_timeout(500)
    assert seen(page) == wanted


def _compared(page):
    return {
        "title": page.locator("h1:visible").inner_text(),
        "cards": page.locator("[data-testid=stMetric]").all_inner_texts(),
        "sliders": page.locator("input[type=range]").evaluate_all("all => all.map(one => one.value)"),
        "drawn": page.locator(f"{CHART} .role-mark path").evaluate_all("all => all.map(one => one.ariaLabel)"),
        "words": page.locator("[data-testid=stMain] :is(p, li):not([data-testid=stAlert] *)").all_inner_texts(),
    }


def downloaded(page):
    with page.expect_download() as download:
        page.locator(".st-key-flow_csv button").click()
    lines = Path(download.value.path()).read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def drawn_sizes(page):
    """``{activation: {layer: size}}``, as the bars tell a screen reader."""
    sizes = {}
    for label in page.locator(BARS).evaluate_all("bars => bars.map(bar => bar.ariaLabel)"):
        layer, size, activation = re.match(r"Layer: (\d+); .*?: ([\d.e+-]+); .*activation: ([^;]+);", label).groups()
        sizes.setdefault(activation, {})[int(layer)] = float(size)
    return sizes


def channels(color):
    """Red, green, blue and opacity of a CSS colour."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", color)]
    return numbers if len(numbers) == 4 else [*numbers, 1.0]


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (c / 255 for c in color)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(ink, papers):
    """WCAG's ratio of a CSS colour and of what lies behind it, the nearest first."""
    seen = [0.0, 0.0, 0.0]
    for paper in [*reversed(papers)]:
        *color, opacity = channels(paper)
        seen = [opacity * c + (1 - opacity) * under for c, under in zip(color, seen, strict=True)]
    dark, light = sorted((luminance(channels(ink)[:3]), luminance(seen)))
    return (light + 0.05) / (dark + 0.05)


def too_faint(page, selector, least):
    written = page.evaluate(WRITTEN, selector)
    return {text: round(contrast(ink, papers), 2) for text, ink, papers in written if contrast(ink, papers) < least}


def faint(page, **least):
    """Texts of these kinds that have not these contrasts, once charts have taken their theme's colors."""
    found = {}
    for _ in range(100):
        found = {kind: texts for kind, ratio in least.items() if (texts := too_faint(page, TEXTS[kind], ratio))}
        if not found:
            break
        page.wait_for_timeout(100)
    return found


def assert_readable(page, **least):
    assert faint(page, **least) == {}


def beyond_the_edge(page):
    """What reaches beyond the window's right edge, once charts have taken its width."""
    found = []
    for _ in range(100):
        found = page.evaluate(CUT_OFF)
        if not found:
            break
        page.wait_for_timeout(100)
    wide = page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
    return found + ["the page"] * wide


def assert_whole(page):
    """Nothing reaches beyond a telephone's edge."""
    page.set_viewport_size(TELEPHONE)
    assert beyond_the_edge(page) == []


def test_the_first_page_is_painted_and_read_moved_taken_home_and_typed_into(go):
    page = painted(go(""))
    # Streamlit takes in its messages where they are gathered.
    assert page.evaluate("window.vanishTogether")
    expect(page.locator(BARS)).to_have_count(DEFAULTS["depth"] * NETWORKS)
    # A flow and a place to point at for every layer, a wall and two lines of health for every network.
    expect(page.locator(f"{PIPES} g.mark-rect.role-mark path")).to_have_count((2 * DEFAULTS["depth"] + 3) * NETWORKS)
    sizes = page.locator(BARS).evaluate_all("bars => bars.map(bar => [bar.getBBox().width, bar.getBBox().height])")
    assert min(min(size) for size in sizes) > 2
    for shown in by_day_and_by_night(page):
        for kind in ("axes", "pressed"):
            expect(shown.locator(TEXTS[kind])).not_to_have_count(0)
        assert_readable(shown, axes=4.5, pressed=4.5)
    title = page.locator("h1:visible").inner_text()
    move_depth(page, 13)
    expect(page.locator(BARS)).to_have_count(13 * NETWORKS)
    expect(page.locator("h1:visible")).not_to_have_text(title)
    assert_taken_home(settled(page))
    page.locator(".st-key-fold_sizes summary").click()
    box = page.locator(".st-key-sizes input")
    for seed in SEEDS[:2]:
        box.fill(seed)
        box.press("Enter")
        expect(page.locator("[data-testid=stAlert] code").first).to_have_text(seed)
        assert settled(page).evaluate(MARKED) == []


def assert_taken_home(page):
    """The table's file holds what the bars are drawn from."""
    sizes, rows = drawn_sizes(page), downloaded(page)
    assert [int(row.pop("layer")) for row in rows] == list(range(1, 14))
    assert rows[0].keys() == sizes.keys()
    for activation, layers in sizes.items():
        for layer, row in enumerate(rows, 1):
            # Bars tell seven digits; the file holds all.
            assert float(row[activation]) == pytest.approx(layers[layer], rel=1e-6)
            assert repr(float(row[activation])) == row[activation]


def test_within_another_page_are_the_finding_and_its_picture_and_nothing_to_move_and_it_stays_so(visit):
    page = painted(visit("?embed=true&preset=deep_sigmoid", viewport={"width": 760, "height": 600}))
    for shown in (page.locator("h1:visible"), page.locator(CHART).first):
        expect(shown).to_be_in_viewport(ratio=1)
    for hidden in (page.get_by_role("tab"), page.locator(".st-key-row"), page.get_by_text("Copy link")):
        assert not any(one.is_visible() for one in hidden.all())
    for none in ("stAlert", "stMainMenu"):
        expect(page.locator(f"[data-testid={none}]")).to_have_count(0)
    expect(page.get_by_role("link", name="The whole page")).to_have_attribute("href", re.compile("depth=50"))
    before = seen(page)
    page.reload()
    shows(page, before)
    assert "embed=true" in page.url


def test_an_old_link_opens_by_names_the_readers_choice_and_pin_are_in_the_link_and_history_finds_all(visit):
    old = "activations=leaky_relu&activations=tanh&initializer=he_uniform&mark=lines"
    page = painted(visit(f"?{old}"))
    assert page.url.endswith(f"?{old}")
    menu = page.locator(".st-key-initializer input")
    expect(menu).to_have_value(called("initializer", "he_uniform"))
    by_name = seen(page)
    # A label with a comma.
    choose(page, menu, called("initializer", "xavier_normal"))
    expect(page).to_have_url(re.compile(r"initializer=Xavier(%2C|,)(\+|%20)normal"))
    expect(page.locator("h1:visible")).not_to_have_text(by_name["title"])
    lines = page.locator(f"{FLOW} g.mark-line.role-mark path")
    before = lines.count()
    page.get_by_role("button", name="Pin this").click()
    expect(page).to_have_url(re.compile("[?&]pin=activations%3D"))
    # A line beside each.
    expect(lines).to_have_count(2 * before)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#vanish-copied")).to_have_text("Copied: it opens the page just as you see it.")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    shows(visit(copied, **OTHER), seen(page))
    page.get_by_role("button", name="Unpin").click()
    expect(lines).to_have_count(before)
    expect(page).not_to_have_url(re.compile("pin="))
    by_label = seen(page)
    page.goto(page.url.split("?")[0] + f"?{old}")
    shows(page, by_name)
    page.go_back()
    expect(menu).to_have_value(called("initializer", "xavier_normal"))
    shows(page, by_label)
    # From another chapter, too.
    page.get_by_role("tab", name=called("chapter", "why"), exact=True).click()
    expect(page.get_by_role("heading", name=CHAPTERS["why"].question)).to_be_visible()
    expect(page.locator("h1:visible")).not_to_have_text(by_label["title"])
    # What another chapter has set is in its link, too.
    settled(page).get_by_role("button", name="Copy link").click()
    expect(page.locator("[data-testid=stCode]")).to_contain_text("mark=lines")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_back()
    expect(page.locator("h1:visible")).to_have_text(by_label["title"])
    shows(page, by_label)
    page.go_forward()
    expect(page.get_by_role("heading", name=CHAPTERS["why"].question)).to_be_visible()


def test_a_hostile_link_shows_one_plain_message_and_the_kata(go):
    page = painted(go(HOSTILE))
    # Numbers beyond their range are the nearest limit; the rest is the kata's.
    nearest = f"?depth=1&seed={LARGEST_TYPED_SEED}"
    expect(page).to_have_url(re.compile(rf"/{re.escape(nearest)}(&chapter=nope)?$"))
    expect(page.locator(BARS)).to_have_count(NETWORKS)
    warning = page.locator("[data-testid=stAlert]")
    expect(warning).to_have_count(1)
    assert re.findall(r"^(\w+) takes", warning.inner_text(), re.MULTILINE) == [
        "depth",
        "width",
        "activations",
        "seed",
        "chapter",
    ]
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


# Texts that somebody else may have put into a link, as marks.
MARKED = """() => ['src', 'href', 'alt', 'style'].flatMap(name => [...document.querySelectorAll(`[${name}*=beacon]`)])
    .concat([...document.querySelectorAll(':is(h1, h2, h3, h4, h5, h6, a, .katex, strong, em, del, span[style])')]
        .filter(element => element.textContent.includes('beacon')))
    .map(element => element.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize(
    ("number", "view"),
    [*enumerate(("chapter=why", "lesson=short&step=2", "present=1&step=4", "lesson=short&step=6"))],
)
def test_what_a_link_says_is_letters_wherever_it_is_shown(go, number, view):
    seeds = planted(number)
    page = settled(go(f"?{urlencode(seeds)}&{view}"))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    # Letters, each text between code marks.
    letters = page.locator("[data-testid=stAlert] li code").filter(has_text="beacon")
    expect(letters).to_have_text([seed.replace("`", "'") for seed in seeds.values()])
    expect(page.locator("[data-testid=stAlert] li")).to_have_count(len(seeds))
    assert page.evaluate(MARKED) == []
    assert "beacon" not in page.url
    assert [url for url in asked if "beacon" in url] == []


def test_what_is_unfolded_stays_open_a_ready_made_network_is_chosen_and_a_word_looked_up(visit):
    page = painted(visit())
    dialog = page.get_by_role("dialog")
    page.locator(".st-key-glossary button").click()
    expect(dialog.get_by_label("Search")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    fold = page.locator(".st-key-fold_weight_scale")
    fold.locator("summary").click()
    fold.locator(".st-key-weight_scale input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(fold.get_by_text("Changed: Weight scale", exact=True)).to_be_visible()
    expect(fold.locator(".st-key-bias_std")).to_be_visible()
    # What was closed does not come back as the page goes on.
    expect(settled(page).get_by_role("dialog")).to_have_count(0)
    layers = page.locator(".st-key-fold_normalization")
    layers.locator("summary").click()
    choose(page, layers.locator(".st-key-normalization input").first, called("normalization", "layer"))
    expect(layers.locator(".st-key-norm_place")).to_be_visible()
    expect(fold.locator(".st-key-bias_std")).to_be_visible()
    page.locator(".st-key-gallery button").click()
    dialog.get_by_role("radio", name="Along a sequence").click()
    picture = dialog.get_by_role("img", name=re.compile(r"First over last step: RNN \(tanh\)")).first
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 0")
    dialog.get_by_role("button", name="A plain RNN forgets").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("heading", name=CHAPTERS["time"].question)).to_be_visible()
    expect(page).to_have_url(re.compile("[?&]preset=A(\\+|%20)plain(\\+|%20)RNN|[?&]preset=rnn_vanish"))
    page.locator(".st-key-glossary button").click()
    dialog.get_by_label("Search").fill("saturation")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Where an activation is nearly flat")).to_be_visible()
    expect(dialog.get_by_text("How wrong the network is")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_maps_dead_cells_have_a_color_of_their_own_and_a_click_makes_a_cell_the_network_on_screen(go):
    page = painted(go("?chapter=map&map_activation=relu"))
    cells = page.locator(f"{CHART}[aria-label^='Map of'] g.mark-rect.role-mark path")
    now = Settings(chapter="map", map_activation="relu")
    grid = map_grid(now.respecified(activations=("relu",))[0], now.signal, "depth")
    assert cells.count() == len(grid.weight_scales) * len(grid.others) > 100
    fills = cells.evaluate_all(
        "cells => cells.map(cell => [cell.getAttribute('aria-label'), cell.getAttribute('fill')])"
    )
    dead = {fill for label, fill in fills if ", dead" in label}
    assert dead == {GREY}
    assert GREY not in {fill for label, fill in fills if ", dead" not in label}
    cell = cells.nth(cells.count() // 2)
    depth, scale = re.match(r"depth (\d+), weight scale ([\d.]+)", cell.get_attribute("aria-label")).groups()
    cell.click()
    expect(page).to_have_url(re.compile(rf"[?&]depth={depth}\b"))
    expect(page).to_have_url(re.compile(rf"[?&]weight_scale={float(scale):g}\b"))
    expect(page.locator("h1:visible")).to_contain_text(f"depth {depth}")


def test_a_run_that_explodes_is_drawn_beside_the_one_that_is_clipped_and_a_step_is_a_point_of_a_line(go):
    page = settled(go("?preset=clip_saves&time_steps=100&hidden=16&spectral_radius=1.95"))
    page.locator(".st-key-clip_race button").click()
    traces = page.locator(f"{CHART}[aria-label*='at every step of the run']:has(canvas, svg)")
    expect(traces).to_have_count(4, timeout=60_000)
    expect(page.locator(".st-key-stop_clip_race")).to_have_count(0)
    painted(page)
    expect(page.get_by_text("Where to put the threshold?")).to_be_visible()
    page.get_by_role("radio", name=called("time_view", "gradient"), exact=True).click()
    line = page.locator(f"{CHART}[aria-label^='Gradient of every step'] g.mark-line.role-mark path").first
    before = line.get_attribute("d")
    page.locator(".st-key-spectral_radius input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("[?&]spectral_radius=1.9(&|$)"))
    expect(line).not_to_have_attribute("d", before)


def test_a_race_is_watched_and_its_surfaces_are_painted(go):
    page = settled(go(f"{RACE}&steps=300&optimizer=adam&data_seed=5"))
    page.locator(TRAIN).click()
    surfaces = page.locator(f"{CHART}[aria-label^='Where the']:has(canvas, svg)")
    expect(surfaces).to_have_count(2, timeout=60_000)
    painted(page)
    expect(page.locator(TRAIN)).to_have_count(0)
    # Nothing but the link has outlived it: what has been trained is there for everybody, at once.
    page.reload()
    expect(surfaces).to_have_count(2)
    expect(page.locator(TRAIN)).to_have_count(0)


def test_a_race_can_be_stopped_and_what_there_is_stays(go):
    page = settled(go(f"{LONG_RACE}&steps=3000&data_seed=6&train_batch=128"))
    page.locator(TRAIN).click()
    expect(page.locator("[data-testid=stProgress]")).to_contain_text("loss")
    page.locator(".st-key-stop_train button").click()
    expect(page.locator("[data-testid=stProgress]")).to_have_count(0)
    expect(page.locator(TRAIN)).to_be_visible()
    expect(page.locator(f"{CHART}[aria-label*='of each layer of the tanh network over']")).to_have_count(1)
    painted(page)


LESSON = "?lesson=short&step=2"
EVERY_GUESS = "decay.1e-4~rank.leaky_relu~he.5e1~steps.1e3~accuracy.70"


def test_a_lesson_hides_the_answer_until_there_is_a_guess_and_a_reload_finds_it_again_to_be_read(visit):
    page = settled(visit(LESSON))
    expect(page.locator(CHART)).to_have_count(0)
    expect(page.locator("h1:visible")).to_have_text(STEPS["rank"].title)
    page.locator(".st-key-guess_rank").get_by_text("leaky ReLU").click()
    page.locator(".st-key-lesson_show button:enabled").click()
    expect(page.locator(ANSWER)).to_have_attribute("aria-label", re.compile("leaky ReLU.*your choice"))
    painted(page)
    expect(page).to_have_url(re.compile(r"guesses=rank\.leaky_relu"))
    before = seen(page)
    page.reload()
    # Nothing but the address has outlived it.
    shows(page, before)
    for shown in by_day_and_by_night(page):
        assert_readable(shown, text=4.5, answer=4.5)
    page.locator(".st-key-lesson_next button").click()
    expect(page.locator(CHART)).to_have_count(0)
    expect(page).to_have_url(re.compile("initializer=He.*uniform"))
    page.locator(".st-key-lesson_leave button").click()
    expect(page.locator(".st-key-lesson_panel")).to_have_count(0)
    expect(page.locator("h1:visible")).to_contain_text("leaky ReLU")
    expect(page).not_to_have_url(re.compile("lesson="))


def test_a_step_is_one_entry_of_the_history_and_back_and_forward_go_there(visit):
    # From layers to training, and on to a sequence.
    steps = LESSONS["workshop"].steps
    first = next(n for n, (one, next_) in enumerate(pairwise(steps), 1) if one.chapter != next_.chapter)
    page = settled(visit(f"?lesson=workshop&step={first}"))
    panel, entries = page.locator(".st-key-lesson_panel"), page.evaluate("history.length")
    for number in range(first + 1, first + 4):
        page.locator(".st-key-lesson_next button").click()
        expect(panel).to_contain_text(steps[number - 1].title)
        expect(page).to_have_url(re.compile(rf"[?&]step={number}(&|$)"))
        entries += 1
        assert settled(page).evaluate("history.length") == entries
    for go, offset in ((page.go_back, 2), (page.go_back, 1), (page.go_back, 0), (page.go_forward, 1)):
        go()
        expect(panel).to_contain_text(steps[first - 1 + offset].title)
        expect(settled(page)).to_have_url(re.compile(rf"[?&]step={first + offset}(&|$)"))


def test_a_telephone_comes_to_what_is_new_and_its_focus_too_and_no_button_lies_over_a_picture(visit):
    page = settled(visit(LESSON, viewport=TELEPHONE, has_touch=True, is_mobile=True))
    show, panel = page.locator(".st-key-lesson_show button"), page.locator(".st-key-lesson_panel")
    expect(show).to_be_disabled()
    assert page.locator("#vanish-said").count() == 0
    page.locator(".st-key-guess_rank").get_by_text("leaky ReLU").tap()
    page.locator(".st-key-lesson_show button:enabled").tap()
    expect(page.locator("#vanish-said")).to_have_text("You said leaky ReLU; it is tanh.")
    painted(page)
    for fresh in (".st-key-lesson_verdict", ".st-key-lesson_panel h1"):
        expect(page.locator(f"{fresh}:focus")).to_have_count(1)
        assert 50 <= panel.bounding_box()["y"] <= 200
        if page.locator(CHART).count():
            page.locator(CHART).first.tap()
            icons = page.locator(".st-key-lesson_picture [data-testid=stElementToolbar]").bounding_box()
            question = page.locator(".st-key-lesson_panel strong").first.bounding_box()
            assert icons["y"] > question["y"] + question["height"]
            page.locator(".st-key-lesson_next button").tap()
            expect(page.locator("#vanish-said")).to_contain_text("Question 3 of 5. ")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for said in ("Question 4 of 5. ", "Question 5 of 5. ", "The lesson's end"):
        page.locator(".st-key-lesson_next button").tap()
        expect(page.locator("#vanish-said")).to_contain_text(said)
    # Nor does the bar lie over the end.
    heading = page.locator(".st-key-taken_home h1:focus")
    expect(heading).to_have_count(1)
    assert heading.bounding_box()["y"] >= 50
    page.evaluate(FORWARD, page.url.partition("?")[0])
    for chart in (FLOW, PIPES):
        page.locator(chart).tap()
        figure = button(frame_of(page, chart), "SVG")
        expect(figure).to_be_visible()
        assert figure.evaluate(UNDER, chart) == 0
        box = figure.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= TELEPHONE["width"]


def test_a_telephone_shows_the_end_of_the_long_lesson_whole_on_four_screens(go):
    # All but the question that trains for long.
    guesses = "~".join(
        f"{name}.{next(iter(step.answer.texts))}" for name, step in STEPS.items() if name != "what_helps"
    )
    page = painted(go(f"?lesson=workshop&step={len(STEPS) + 1}&guesses={guesses}"))
    assert_whole(page)
    main = page.locator("[data-testid=stMain]")
    expect(page.locator("li strong")).to_have_count(len(STEPS) - 1)
    assert main.evaluate("main => main.scrollHeight") <= 4 * TELEPHONE["height"]


# A picture as wide as the window leaves room for, and no word of it cut.
WORDS_WITHIN = """() => {
    const picture = document.querySelector('svg.marks'), {left, right, width} = picture.getBoundingClientRect();
    const whole = word => word.left > left - 1 && word.right < right + 1;
    return width > 0.85 * innerWidth && right <= innerWidth
        && [...picture.querySelectorAll('text')].map(word => word.getBoundingClientRect()).every(whole);
}"""


def test_the_presenter_walks_by_arrows_and_clickers_and_a_picture_fills_the_slide(go):
    page = settled(go("?present=1", viewport=SLIDE))
    expect(page.locator("[data-testid=stSidebar]")).to_have_count(0)
    for on in ("ArrowRight", "PageDown", "Space"):
        expect(page.locator(CHART)).to_have_count(0)
        page.get_by_role("button", name="Show the answer").wait_for()
        page.keyboard.press(on)
        painted(page)
        page.get_by_role("button", name="Next").wait_for()
        expect(page.locator("#vanish-said")).to_contain_text("The answer: ")
        page.keyboard.press(on)
    page.get_by_role("button", name="Show the answer").wait_for()
    expect(page).to_have_url(re.compile("step=4"))
    assert page.locator("h1:visible").evaluate("heading => parseFloat(getComputedStyle(heading).fontSize)") >= 28
    page.keyboard.press("PageUp")
    page.get_by_role("button", name="Next").wait_for()
    for width, height in ((1024, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("width => document.querySelector('svg.marks').clientWidth > 0.85 * width", arg=width)
        box, main = page.locator(f"{CHART} svg").bounding_box(), page.locator("[data-testid=stMain]")
        assert box["width"] * box["height"] > 0.4 * width * height
        assert main.evaluate("main => main.scrollHeight <= main.clientHeight")
        expect(page.locator(".st-key-present_next")).to_be_in_viewport(ratio=1)
    page.set_viewport_size(TELEPHONE)
    page.wait_for_function(WORDS_WITHIN)
    page.get_by_role("button", name="Leave presenter mode").click()
    expect(page.locator("[data-testid=stSidebar]")).to_be_attached()
    end = go(f"?present=1&step={len(LESSONS['workshop'].steps) + 1}", viewport=SLIDE)
    expect(end.get_by_role("heading", name="What to take home", exact=True)).to_be_visible()
    assert end.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight <= main.clientHeight")


def test_the_take_aways_are_printed_on_one_page_black_on_white_and_are_a_file_that_stands_alone(go, browser):
    page = painted(go(f"?lesson=short&step=6&guesses={EVERY_GUESS}"))
    # Over few powers of ten as over many: those alone are named.
    labels = page.locator(f"{CHART} .role-axis-label text").all_text_contents()
    written = [label for label in labels if label and not label.endswith("%")]
    assert {"10", numbers.number(1e-6)} <= set(written), labels
    assert [label for label in written if label.strip("0.,") != "1" and not label.startswith("10")] == []
    page.emulate_media(media="print")
    for shown in by_day_and_by_night(page):
        for gone in (".stButton", ".stDownloadButton", ".stPopover", "[data-testid=stHeader]"):
            assert not any(one.is_visible() for one in shown.locator(gone).all()), gone
        assert shown.locator(".st-key-sources li").first.is_visible()
        assert too_faint(shown, "[data-testid=stMain] :is(h1, p, li, td, th):not(button *)", 7) == {}
        ground = shown.locator("[data-testid=stApp]").evaluate("app => getComputedStyle(app).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert len(re.findall(rb"/Type\s*/Page\b", shown.pdf(format="A4"))) == 1
    page.emulate_media(media="screen", color_scheme="light")
    with page.expect_download() as download:
        page.locator(".st-key-take_home button").click()
    path = Path(download.value.path())
    context = browser.new_context(offline=True)
    alone, asked = context.new_page(), []
    alone.on("request", lambda request: asked.append(request.url))
    alone.set_content(path.read_text(encoding="utf-8"))
    expect(alone.locator("figure")).to_have_count(5)
    expect(alone.locator("body")).to_contain_text("You said leaky ReLU; it is tanh.")
    assert asked == []
    bars = alone.locator("figure div").evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().width)")
    assert min(bars) > 0
    context.close()


def test_the_leaders_page_is_printed_on_one_sheet(go):
    page = settled(go("?present=2"))
    expect(page.locator("[data-testid=stMain] tr")).to_have_count(1 + len(LESSONS["workshop"].steps))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


def test_all_combinations_are_trained_and_painted_and_a_remedy_is_switched_on_in_the_address(go):
    page = settled(go("?chapter=fixes&fixes_view=combinations&depth=2&seed=5"))
    page.locator(".st-key-train_combinations button").click()
    expect(page.locator("[data-testid=stProgress]")).to_contain_text("of 16 combinations trained")
    expect(page.locator(".st-key-combinations_csv")).to_be_visible(timeout=60_000)
    painted(page)
    points = page.locator(f"{CHART}[aria-label^='Test accuracy against'] .role-mark path[aria-label*='Remedies']")
    expect(points).to_have_count(16)
    trained = page.locator("h1:visible").inner_text()
    page.get_by_role("radio", name=called("fixes_view", "cards"), exact=True).click()
    expect(page.locator("h1:visible")).not_to_have_text(trained)
    before = settled(page).locator("h1:visible").inner_text()
    switch = page.locator(".st-key-apply_residual [data-testid=stWidgetLabel], .st-key-apply_residual label").first
    switch.click()
    expect(page).to_have_url(re.compile(r"[?&]residual=identity\b"))
    expect(page.locator("h1:visible")).not_to_have_text(before)
    settled(page)
    switch.click()
    expect(page.locator("h1:visible")).to_have_text(before)


PLAIN = {raised: plain for plain, raised in SUPERSCRIPTS.items()}
# A number as charts write it: with a power of ten, or plain.
WRITTEN_NUMBER = re.compile("(?:([\\d.,]+)\xa0×\xa0)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|([\\d.,]+)")


def read_number(text):
    factor, power, plain = WRITTEN_NUMBER.match(text).groups()
    return float(f"{(plain or factor or '1').replace(',', '')}e{(power or '0').translate(PLAIN)}")


def test_the_telephone_game_answers_while_it_is_dragged_and_agrees_with_numpy(go):
    page = painted(go("?chapter=why"))
    chart = page.locator(f"{CHART}[aria-label^='A row of people']")
    share, people = (chart.get_by_label(label) for label in ("Each passes on", "People in the row"))
    expect(share).to_have_value("0.25")
    expect(people).to_have_value(str(DEFAULTS["depth"]))
    before, said = (page.url, page.locator("h1:visible").inner_text()), chart.locator("svg text", has_text="passes on")
    for slope, n in ((0.25, 12), (0.9, 50), (0.5, 1), (1.5, 100), (0.01, 7), (1.0, 30), (0.0, 3)):
        left = np.float64(slope) ** n
        share.fill(str(slope))
        people.fill(str(n))
        expect(said).to_contain_text(f"Person {n} passes on")
        words = said.text_content().partition("passes on ")[2]
        if left in (0, 1):
            assert words == ("all of it" if left else "nothing")
            continue
        assert read_number(words) == pytest.approx(left, rel=5e-3)
        assert ("one part in" in words) == (left < 0.1)
        assert (" of it" in words) == (left < 1)
    # Nobody was asked.
    assert (page.url, page.locator("h1:visible").inner_text()) == before
    # What the settings say is where the sliders begin again.
    move_depth(page, 11)
    expect(people).to_have_value("11")
    # The server is told when a slider is let go: the number at its thumb says so, for as long.
    thumb = page.locator(".st-key-depth [data-rac]:has(> [data-testid=stSliderThumbValue])")
    said = "thumb => getComputedStyle(thumb.querySelector('p'), '::after').content"
    thumb.hover()
    page.mouse.down()
    expect(thumb).to_have_attribute("data-dragging", "true")
    assert "let go" in thumb.evaluate(said)
    page.mouse.up()
    expect(thumb).not_to_have_attribute("data-dragging", "true")
    assert thumb.evaluate(said) == "none"


# What the charts draw of their data, and whether it is what was drawn when they were first looked at.
MARKS = """() => JSON.stringify([...document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks')].map(svg =>
    [...svg.querySelectorAll('g.role-mark :is(path, text, line)')].map(mark =>
        [mark.textContent, getComputedStyle(mark).display, ...['d', 'transform', 'fill', 'opacity', 'x2', 'y2']
            .map(name => mark.getAttribute(name))].join()).sort()))"""
DRAWN_ALONE = "g.mark-rect path, g.mark-symbol path"


def marks_at_rest(page):
    """All marks, once they stay as they are: charts are drawn after the run that has sent them, on a busy machine long
    after."""
    seen = None
    for _ in range(60):
        settled(page)
        if seen == (seen := page.evaluate(MARKS)):
            return seen
        page.wait_for_timeout(1000)
    raise AssertionError("marks of a page at rest go on changing")


@pytest.mark.parametrize("chapter", ["flow", "why", "updates", "fixes"])
def test_marks_stay_while_a_slider_moves_and_there_and_back_all_is_as_it_was(go, chapter):
    page = painted(go(f"?chapter={chapter}&depth=12"))
    # A chart keeps the room that its longest words have had.
    move_depth(page, 15)
    deeper = marks_at_rest(page)
    move_depth(page, 12)
    page.wait_for_function(f"deeper => ({MARKS})() !== deeper", arg=deeper)
    before = marks_at_rest(page)
    marks = page.locator(DRAWN_ALONE).evaluate_all("all => all.forEach(mark => { mark.seen = true; }) ?? all.length")
    move_depth(page, 15)
    page.wait_for_function(f"before => ({MARKS})() !== before", arg=before)
    move_depth(page, 12)
    with suppress(TimeoutError):
        page.wait_for_function(f"before => ({MARKS})() === before", arg=before)
    # So that a failure says which ones differ.
    assert page.evaluate(MARKS) == before
    stayed = page.locator(DRAWN_ALONE).evaluate_all("all => all.filter(mark => mark.seen).length")
    assert stayed > 0.8 * marks > 0


def test_a_key_that_is_held_on_a_slider_after_a_change_of_chapter_ends_at_its_last_value(visit):
    page = painted(visit("?depth=12"))
    page.get_by_role("tab").filter(has_text=CHAPTER_LABELS["fixes"]).click()
    expect(page.locator(f"{CHART}:visible")).to_have_count(1 + len(REMEDIES))
    slider = page.locator(".st-key-depth input[type=range]")
    slider.focus()
    for n, key in enumerate((["ArrowRight"] * 3 + ["ArrowLeft"] * 3) * 4):
        page.keyboard.press(key)
        # As a keyboard repeats it, with a stop now and then.
        page.wait_for_timeout(30 if n % 2 else 400)
    settled(page)
    expect(page).to_have_url(re.compile(r"[?&]depth=12\b"))
    expect(page.get_by_role("dialog")).to_have_count(0)
