import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from ui.app import move, page, settings
from ui.sentences import plain

from vanish.network.training import train
from vanish.references import REFERENCES
from vanish.theory import relu_luck
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit import measured
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.reports import REPORTS
from vanish.ui.shell.settings import CONTROLS, from_link, from_values

README = (Path(__file__).parents[3] / "README.md").read_text()
# One row of the README's table a report, its link in the second column.
SECTION = README.split("## Reports that it replays\n")[1].split("\n## ")[0]
ROWS = {link: row for row in SECTION.splitlines() for link in re.findall(r"^\|[^|]*\| `\?([^`]+)` \|", row)}
LINKS = list(ROWS)

NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?![\w])")


@cache
def profiles(name):
    """What each layer of a report's networks receives."""
    now, _ = from_values(dict(REPORTS[name].settings))
    chapter = CHAPTERS[REPORTS[name].chapter]
    return now, chapter.measure(now)


def sizes(name, activation):
    return profiles(name)[1].sizes[activation]


def steps(values):
    """How many times as much each layer gets as the one before it."""
    return values[1:] / values[:-1]


def accuracies(name, n_steps=None, **changes):
    """Of each of a report's networks on the test examples, after training."""
    now, _ = from_values(dict(REPORTS[name].settings) | changes)
    plan = now.part(Plan)
    found = {}
    for spec in train_data.entries(now.specs, plan):
        run = train(
            spec,
            train_data.dataset(plan),
            plan.optimizer,
            n_steps or plan.steps,
            plan.learning_rate,
            plan.train_batch,
            plan.clip,
            plan.seed,
            n_snapshots=2,
        )
        found[spec.activation] = list(run)[-1].test_accuracy
    return found


def nielsen_book():
    # His four hidden layers: 0.003, 0.017, 0.070, 0.285.
    hidden = steps(sizes("nielsen_book", "sigmoid"))[:3]
    return bool((hidden > 4).all() and (hidden < 6).all())


def small_weights():
    # On the way back as forward: 0.01 times the root of 500 for each layer.
    hidden = steps(sizes("small_weights", "tanh"))[:-1]
    return bool(np.allclose(1 / hidden, 0.01 * 500**0.5, rtol=0.1))


def zero_weights():
    return all((sizes("zero_weights", name)[:-1] == 0).all() for name in ("tanh", "relu"))


def matrix_product():
    first = sizes("matrix_product", "identity")[0]
    return bool(1e22 < first < 1e28)


def xavier_30():
    # Half of the squared gradient at each layer, and 28 layers from the first to the last hidden one.
    values = sizes("xavier_30", "relu")
    return bool(np.isclose(np.log2(values[-2] / values[0]), 14, atol=1))


def born_dead():
    now, found = profiles("born_dead")
    return relu_luck(now.specs[0]).born_dead == pytest.approx(1 - 0.75**9) and found.sizes["relu"][0] == 0


def narrow_spread():
    # The law of 49 hidden layers of 10: a standard deviation of 1.4 powers of ten.
    now, found = profiles("narrow_spread")
    ratios = found.ratios["relu"]
    expected = np.sqrt(relu_luck(now.specs[0]).variance) / 2 / np.log(10)
    return bool(expected > 1 and np.isclose(np.log10(ratios[ratios > 0]).std(), expected, rtol=0.2))


def chaos():
    now, found = profiles("chaos")
    expected = measured.theory(now.specs, now.signal).sizes["tanh"]
    seen, wanted = (
        steps(each["tanh"] if isinstance(each, dict) else each)[:-1].mean() for each in (found.sizes, expected)
    )
    return bool(seen < 0.85 and np.isclose(seen, wanted, rtol=0.05))


def siren():
    values = sizes("siren", "sin")[:-1]
    return bool(values.max() < 1.5 * values.min())


def raw_pixels():
    now, found = profiles("raw_pixels")
    scaled, _ = from_values(dict(REPORTS["raw_pixels"].settings) | {"signal_scale": 1.0})
    beside = measured.profiles(scaled.specs, scaled.signal)
    return all(found.sizes[name][0] < 0.1 * beside.sizes[name][0] for name in now.activations)


def circles_relu():
    # His accuracies: 0.973 and 0.654.
    found = accuracies("circles_relu")
    return found["relu"] > 0.95 and found["sigmoid"] < 0.9


def circles_deep():
    # A tenth of the steps tells the two depths apart.
    deep, shallow = (accuracies("circles_deep", 500, **depth)["relu"] for depth in ({}, {"depth": 6}))
    return deep == 0.5 and shallow > 0.65


def plain_50():
    # A few steps tell the two depths apart.
    deep, shallow = (
        accuracies("plain_50", 60, activations=("relu",), **depth)["relu"] for depth in ({}, {"depth": 10})
    )
    return shallow > 0.7 and deep < 0.4


def logistic_rnn():
    # A slope of at most 1/4 at each of 99 steps back.
    return bool(0 < steps(sizes("logistic_rnn", "rnn_sigmoid")[::-1]).mean() < 0.25)


def identity_rnn():
    return bool(sizes("identity_rnn", "rnn_relu")[0] > 0.5 * sizes("identity_rnn", "rnn_relu")[-1])


FINDINGS = {
    found.__name__: found
    for found in (
        nielsen_book,
        small_weights,
        zero_weights,
        matrix_product,
        xavier_30,
        born_dead,
        narrow_spread,
        chaos,
        siren,
        raw_pixels,
        circles_relu,
        circles_deep,
        plain_50,
        logistic_rnn,
        identity_rnn,
    )
}


def test_every_report_has_a_finding_and_stands_in_the_menu():
    assert FINDINGS.keys() == REPORTS.keys()
    assert REPORTS.items() <= PRESETS.items()


@pytest.mark.parametrize("name", FINDINGS)
def test_a_reports_finding_holds(name):
    assert FINDINGS[name]()


def test_a_report_is_called_by_its_first_authors_and_year():
    for preset in REPORTS.values():
        short = REFERENCES[preset.sources[0]].short
        named = short.replace(" and ", " & ").replace("(", "").replace(")", "")
        assert preset.label.startswith(f"{named}: ")


def test_every_source_of_a_preset_is_in_the_table():
    assert {key for preset in PRESETS.values() for key in preset.sources} <= REFERENCES.keys()


@pytest.mark.slow
def test_reports_open_in_their_chapter_lit_and_with_their_source():
    app = page()
    for name, preset in REPORTS.items():
        move(app, "preset", name)
        now = settings(app)
        assert (now.preset, now.chapter) == (name, preset.chapter)
        assert app.header[0].value == CHAPTERS[preset.chapter].question, name
        assert app.sidebar.caption[0].value == preset.caption
        assert REFERENCES[preset.sources[0]].title in preset.caption
        assert not app.warning, name


def test_the_readme_replays_two_dozen_reports_or_more():
    assert len(LINKS) >= 24
    # No row is left out because its link was not found.
    assert len(LINKS) == len([row for row in SECTION.splitlines() if row.startswith("| ")]) - 1


@pytest.mark.parametrize("link", LINKS)
def test_a_link_of_the_readme_is_taken_as_it_is(link):
    texts = parse_qs(link, keep_blank_values=True, strict_parsing=True)
    values, corrections = from_link(texts)
    assert corrections == []
    assert values.keys() == texts.keys() <= CONTROLS.keys()


def opened(link):
    """What a link of the README opens."""
    values, _ = from_link(parse_qs(link))
    preset = PRESETS.get(values.get("preset"))
    return from_values(dict(preset.named if preset else {}) | values)[0]


def figures(text):
    """The figures in a text, without those that may stand for anything: small whole numbers above 0."""
    found = [one for one in NUMBER.findall(plain(text)) if one == "0" or re.search(r"[.,e]", one)]
    # The README writes 1.90e-5 for what is 1.9 × 10⁻⁵ on the page.
    return {float(one.replace(",", "")) for one in found}


# Training is a run that a reader starts, and a map takes longer than a test may.
AT_ONCE = [link for link in LINKS if opened(link).chapter not in ("train", "map")]


@pytest.mark.parametrize("link", AT_ONCE)
def test_the_readme_quotes_what_the_page_says(link):
    now = opened(link)
    chapter = CHAPTERS[now.chapter]
    head = chapter.head(now, chapter.measure(now))
    said = " ".join([head.sentence, head.note, *(card.value for card in head.cards)])
    assert figures(ROWS[link].split(" | ")[-1]) & figures(said)


def test_each_ready_made_report_is_in_the_readme():
    assert set(REPORTS) == {
        texts["preset"][0] for texts in map(parse_qs, LINKS) if texts.get("preset", [""])[0] in REPORTS
    }
