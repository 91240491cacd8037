"""Links as people and machines mistype them: seeded, so that a number finds a link again."""

import random
from urllib.parse import urlencode

from vanish.ui.kit.controls import Decades, Number, Options
from vanish.ui.lesson.steps import STEPS
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CHAPTER_LABELS, CONTROLS, LESSON_NAMES, ROOM_KEYS

# What must not be rendered: picture, link, heading, formula, code, HTML, icon, colour, strike, chart expression.
MARKS = (
    "![x](http://beacon.invalid/b.png)",
    "[x](http://beacon.invalid/)",
    "\n\n# beacon",
    "$$\\Huge beacon$$",
    "`beacon`",
    "<img src=http://beacon.invalid/b.png><h1>beacon</h1><a href=http://beacon.invalid>beacon</a>",
    ":material/bomb: :bomb: :red[beacon]",
    "~~beacon~~ **beacon**",
    "');alert('beacon');//",
    "datum.beacon + '\u202ebeacon'",
)
JUNK = (
    "",
    " ",
    "nan",
    "-inf",
    "1e400",
    "5e-324",
    "0x10",
    "1_0",
    "٣",
    "3.7",
    "-0",
    "9" * 400,
    "a\x00b",
    ",",
    "%%%",
    "None",
)


def texts(rng: random.Random, key: str) -> list[str]:
    """One to three texts for a control: ends, options, numbers near and far, other controls' options, junk, marks."""
    control = CONTROLS[key]
    options = list(getattr(control, "options", ()))
    own = [*options, *getattr(control, "labels", {}).values()]
    if hasattr(control, "low"):
        low, high = control.low, control.high
        own += [str(low), str(high), str(low - 1), str(high * 3), str(rng.uniform(low, high)), str(rng.randint(1, 9))]
    kinds = {
        "sizes": ["784-30-10", "3,3", "0-5", "9999-2"],
        "layer_counts": ["1, 5", "0,2000", "7"],
        "guesses": ["~".join(f"{name}." for name in rng.sample(list(STEPS), 2)), "nobody.1~he."],
        "pin": ["depth=20", "depth=-3&width=x", urlencode({"pin": rng.choice(MARKS)}), "a=1&pin=b", nested(9)],
    }
    own += kinds.get(key, [])
    return [
        rng.choice(own) if own and rng.random() < 0.6 else rng.choice(rng.choice((JUNK, MARKS)))
        for _ in range(rng.choice((1, 1, 1, 2, 3)))
    ]


# Controls that hold what a reader writes, not one of a few or a number.
TEXTUAL = [key for key, control in CONTROLS.items() if not isinstance(control, Options | Number | Decades)]

# Short enough to be quoted whole, and each of another kind; where a word stands, it tells what has become of it.
SEEDS = (
    "![x](http://127.0.0.1:1/beacon)",
    "<img src=beacon>",
    "[beacon](http://beacon)",
    "# beacon",
    "$beacon^2$",
    ":red[beacon]",
    "**beacon**",
    "`beacon`",
)


def planted(number: int) -> dict[str, str]:
    """As many of ``SEEDS`` as a message has lines: in every text that stays, in a number or a room, and in a choice."""
    others = (("depth", "initializer"), ("seed", "scale"), ("room", "activations"))
    keys = [*(key for key in TEXTUAL if key not in ROOM_KEYS), *others[number % len(others)]]
    return {key: SEEDS[(3 * number + place) % len(SEEDS)] for place, key in enumerate(keys)}


def nested(depth: int) -> str:
    """A pin within a pin within a pin."""
    text = "depth=5"
    for _ in range(depth):
        text = urlencode({"pin": text})
    return text


def link(number: int) -> dict[str, list[str]]:
    """The link of this number: by name, the texts that an address has for it."""
    rng = random.Random(number)
    keys = rng.sample([*CONTROLS, "unknown", "utm_source"], rng.choice((1, 2, 3, 5, 8)))
    chosen = {key: texts(rng, key) if key in CONTROLS else [rng.choice(MARKS)] for key in keys}
    if rng.random() < 0.3:
        chosen["preset"] = [rng.choice(list(PRESETS))]
    # Of its own accord a link in twenty names a chapter, and in ten a lesson.
    if rng.random() < 0.7:
        chosen.setdefault("chapter", [rng.choice(list(CHAPTER_LABELS))])
    if rng.random() < 0.2:
        chosen |= {"lesson": [rng.choice(LESSON_NAMES)], "step": [str(rng.randint(1, 18))]}
    return chosen


def small(number: int) -> dict[str, list[str]]:
    """The link of this number, of a network that is quick to measure."""
    return link(number) | {"depth": ["3"], "n_seeds": ["1"]}


def marked() -> dict[str, list[str]]:
    """A mark for every control."""
    rng = random.Random(0)
    return {key: [rng.choice(MARKS)] for key in CONTROLS}
