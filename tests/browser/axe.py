"""What axe finds on a page, beside what Streamlit itself causes and cannot be mended from outside."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from browser.pages import by_day_and_by_night

# What a theme may change.
CONTRAST = "color-contrast"
# All does not change at once, least of all on a machine that has much to do: milliseconds between looks, and how many.
TURNS, AGAIN = 300, 10
# WCAG 2.2 AA with all that it stands on, and what axe holds to be best practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Known(NamedTuple):
    """What axe finds by ``rule`` within ``selector`` is Streamlit's; all else is ours."""

    rule: str
    selector: str
    reason: str


KNOWN = (
    Known("region", "body > :not(#root)", "menus, lists and popovers are hung to the body, outside of all landmarks"),
    Known(
        "presentation-role-conflict",
        "[data-testid=stFileUploaderDropzone]",
        "the place to drop files is role=presentation with a name; the button inside is a button",
    ),
)

# Of what charts draw only the names are looked at: the tests of the palette and of charts compute what can be read.
FIND = """async ([tags, rules, known]) => {
    const run = async (where, only) =>
        (await axe.run(where, {runOnly: only, resultTypes: ['violations'], elementRef: true})).violations;
    const around = {exclude: ['[data-testid=stVegaLiteChart] svg']}, chart = '[data-testid=stVegaLiteChart]';
    const violations = await run(around, rules ? {type: 'rule', values: rules} : {type: 'tag', values: tags});
    if (!rules && document.querySelector(chart))
        violations.push(...await run({include: [chart]}, {type: 'rule', values: ['svg-img-alt']}));
    return violations.flatMap(({id, nodes}) => nodes
        .filter(({element}) => !known.some(([rule, selector]) => rule === id && element.closest(selector)))
        .map(({target, any, all, none, html}) =>
            [id, target.join(' '), [...any, ...all, ...none][0].message, html.slice(0, 200)].join(': ')));
}"""


@cache
def script():
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def findings(page, *rules):
    """One line for each thing that axe finds, by all of ``TAGS`` or by these rules alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(script())
    known = [[one.rule, one.selector] for one in KNOWN]
    return page.evaluate(FIND, [TAGS, rules or None, known])


def found_by_day_and_by_night(page):
    """What axe finds; in the other theme, what cannot be read."""
    found = []
    for shown, rules in zip(by_day_and_by_night(page), ((), (CONTRAST,)), strict=True):
        found += lasting(shown, *rules)
    return found


def lasting(page, *rules):
    """What axe still finds once a page that has just opened, or a theme that has just changed, has come to rest."""
    for _ in range(AGAIN):
        found = findings(page, *rules)
        if not found:
            break
        page.wait_for_timeout(TURNS)
    return found
