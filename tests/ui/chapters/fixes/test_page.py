"""Chapter ``fixes`` on the page: every view, every variant, and the switches."""

import re
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from ui.app import checked, click, copied, figures, move, page, settings, tables
from ui.schema import validate

import vanish
from vanish.choices.cells import CELLS
from vanish.measure.diagnosis import worst
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES
from vanish.measure.yardstick import lossless_ratio
from vanish.numerics.lcg import ensemble_seeds
from vanish.references import cite
from vanish.ui.chapters.fixes import cards, combinations, data, effects
from vanish.ui.chapters.fixes.ladder import ORDERS
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.kit import drawing, numbers
from vanish.ui.kit.controls import Choice
from vanish.ui.lesson.steps import LESSONS
from vanish.ui.shell.settings import CONTROLS, Settings

pytestmark = pytest.mark.slow

NETWORK_PICKERS = [(name, variant) for name in NETWORK_REMEDIES for variant in REMEDIES[name].variants]
BOLD = "**On this network it makes things worse**"


def said(app):
    return "\n".join(words.value for words in app.markdown)


def titles(app):
    """The cards' numbers, in the page's order."""
    return list(app.metric)


def card(app, name):
    return titles(app)[list(REMEDIES).index(name)]


def switched(app, name):
    return app.get_by_key(f"apply_{name}").value


def test_the_default_page_has_a_card_for_each_of_the_six():
    app = page(chapter="fixes")
    assert len(titles(app)) == len(REMEDIES) == 6
    for entry in REMEDIES.values():
        assert f"## {entry.title}" in said(app)
        assert entry.sentence in said(app)
        assert entry.latex in said(app)
        assert f"**The catch.** {entry.catch}" in said(app)
        assert cite(entry.sources) in said(app)
    assert "The cards are about the **sigmoid** network" in said(app)
    # The number that everything is compared with is the header's, over a lossless network's; as it is it stands below.
    (sigmoid, *_) = CHAPTERS["fixes"].measure(settings(app)).profiles.diagnoses.values()
    assert card(app, "residual").delta.startswith(f"from {numbers.number(sigmoid.ratio / 0.291)[:3]}")
    assert f"first / last is {numbers.number(sigmoid.ratio)} before" in said(app)
    assert app.title[0].value.startswith("Normalization helps the sigmoid network most: ")
    # The remedy that helps most needs a batch, and its figure without it is another one: that is said where both stand.
    (note,) = [one.value for one in app.caption if "If nothing were lost" in one.value]
    shown, found = (numbers.number(one) for one in (sigmoid.left, _batch_ratio(settings(app))))
    assert f"sigmoid {shown}" in note
    assert f"The finding's {found} is the sigmoid network, too: the card “Normalization” is measured over 32" in note
    assert found in app.title[0].value


def _batch_ratio(now):
    return CHAPTERS["fixes"].measure(now).comparisons["normalization"].diagnosis_before.left


# A page shows a variant of each remedy: so many pages show all variants.
PAGES = range(max(len(entry.variants) for entry in REMEDIES.values()))


@pytest.mark.parametrize("number", PAGES)
@pytest.mark.parametrize("link", [{}, {"depth": "1", "width": "1"}, {"activations": "relu", "width": "4"}], ids=str)
def test_every_variant_of_every_card_shows_what_the_engine_measures(link, number):
    variants = {name: [*entry.variants][number % len(entry.variants)] for name, entry in REMEDIES.items()}
    app = page(chapter="fixes", **{f"fix_{name}": variant for name, variant in variants.items()}, **link)
    now = settings(app)
    assert {name: getattr(now, f"fix_{name}") for name in variants} == variants
    profiles = CHAPTERS["fixes"].measure(now).profiles
    (spec,) = now.respecified((worst(profiles.diagnoses),))
    for name in NETWORK_REMEDIES:
        plan = cards.treatment(now, spec, name)
        cured = vanish.remedies.treated(spec, [name], {name: variants[name]})
        assert plan.after == cards.on_screen(now, cured)
        found = data.compared(plan.before, plan.after, now.signal)
        inputs = vanish.choices.example_inputs(spec.n_inputs, found.examples)
        (ratio,) = vanish.remedies.measured_ratios(plan.after, [now.seed], inputs, found.magnitude)
        lossless = lossless_ratio(plan.after, found.magnitude)
        assert card(app, name).value == numbers.number(ratio / lossless), variants[name]
        expected = effects.effect_words(found.diagnosis_before.left, found.diagnosis_after.left)
        assert card(app, name).delta == (found.cause.tag if found.cause else expected), variants[name]


@pytest.mark.parametrize(("name", "variant"), NETWORK_PICKERS)
def test_a_switch_applies_a_remedy_and_takes_it_away_again(name, variant):
    app = page(chapter="fixes", activations=["tanh", "sigmoid"], weight_scale="0.8", **{f"fix_{name}": variant})
    before = settings(app)
    promised = card(app, name).value
    assert not switched(app, name)
    move(app, f"apply_{name}", True)
    after = settings(app)
    cured = vanish.remedies.treated(before.respecified(("sigmoid",))[0], [name], {name: variant})
    assert cards.on_screen(after, cured) in after.specs
    # The header now shows what the card has promised, if the card is about that network still.
    if worst(CHAPTERS["fixes"].measure(after).profiles.diagnoses) == cured.activation:
        assert switched(app, name)
        assert card(app, name).value == promised
        diagnosis = CHAPTERS["fixes"].measure(after).profiles.diagnoses[cured.activation]
        assert promised == numbers.number(diagnosis.left)
        move(app, f"apply_{name}", False)
        assert settings(app) == before
        assert card(app, name).value == promised


@pytest.mark.parametrize("name", NETWORK_REMEDIES)
def test_a_remedy_that_came_by_link_is_taken_away_to_what_the_kata_has(name):
    spec = vanish.NetworkSpec()
    changes = REMEDIES[name].changes(spec)
    link = {key: value for key, value in changes.items() if key in CONTROLS}
    link["activations"] = changes.get("activation", "sigmoid")
    link["batch_size"] = "64"
    app = page(chapter="fixes", **{key: str(value) for key, value in link.items()})
    assert switched(app, name)
    assert "at work" in card(app, name).label
    move(app, f"apply_{name}", False)
    assert not switched(app, name)
    assert settings(app).specs == Settings(activations=("sigmoid",)).specs
    assert settings(app).batch_size == 64


def test_what_the_reader_has_moved_since_is_not_moved_back():
    app = move(page(chapter="fixes", activations="sigmoid"), "apply_residual", True)
    assert settings(app).residual == "identity"
    move(app, "fix_residual", "scaled")
    assert not switched(app, "residual")
    move(app, "apply_residual", True)
    assert settings(app).residual == "scaled"
    move(app, "depth", 12)
    move(app, "apply_residual", False)
    assert (settings(app).residual, settings(app).depth) == ("identity", 12)


HIDES = "<style>.st-key-cards { display: none; }</style>"


def drawn(app):
    """Whether the cards' fixed parts are there, and whether they are hidden."""
    pickers = [one for one in app.selectbox if (one.key or "").startswith("fix_")]
    assert len(pickers) in (0, len(REMEDIES))
    return bool(pickers), HIDES in [one.proto.body for one in app.get("html")]


def test_without_numbers_there_are_no_cards():
    app = page(chapter="fixes", depth="100", width="256", activations="tanh", initializer="orthogonal")
    assert "times what the page has for them" in app.title[0].value
    assert (drawn(app), titles(app)) == ((True, True), [])
    assert drawn(move(app, "depth", 5)) == (True, False)
    assert len(titles(app)) == len(REMEDIES)


def test_a_question_that_is_not_answered_yet_has_no_cards():
    number = [step.name for step in LESSONS["workshop"].steps].index("least_remedy") + 1
    app = page(lesson="workshop", step=str(number))
    assert drawn(app) == (False, False)
    assert REMEDIES["gates"].sentence not in said(app)
    click(app, "lesson_no_guess")
    assert drawn(app) == (True, False)
    assert len(titles(app)) == len(REMEDIES)


def test_a_remedy_that_harms_says_so():
    app = page(
        chapter="fixes", activations="leaky_relu", initializer="he_normal", width="128", depth="50", batch_size="64"
    )
    found = card(app, "normalization")
    assert float(found.value.replace(",", "")) > 100
    assert found.delta.endswith("worse")
    assert f"{BOLD}: without it, first over last layer is nearer to 1; with it the network is exploding." in said(app)
    (summary,) = [words.value for words in app.markdown if words.value.startswith("The cards are about")]
    assert re.search(r"Normalization makes? it worse\.", summary)
    assert BOLD not in said(page(chapter="fixes", activations="sigmoid"))


def test_clipping_shortens_what_is_too_long_and_its_switch_is_the_one_of_training():
    app = page(chapter="fixes", activations="identity", weight_scale="4", depth="20", clip_at="0.5")
    assert card(app, "clipping").value == "0.5"
    assert "The ratio stays" in said(app)
    move(app, "apply_clipping", True)
    assert settings(app).clip == "norm"
    assert settings(app).clip == "norm"
    move(app, "apply_clipping", False)
    assert settings(app).clip == "none"
    assert "it changes nothing here" in said(page(chapter="fixes"))


@pytest.mark.parametrize("cell", REMEDIES["gates"].variants)
def test_the_card_of_gates_leads_to_the_same_cells_in_chapter_time(cell):
    app = page(chapter="fixes", fix_gates=cell, depth="50", width="32")
    expected = card(app, "gates").value
    click(app, "open_time")
    now = settings(app)
    assert (now.chapter, now.cells) == ("time", ("rnn_tanh", cell))
    assert figures(app)[CELLS[cell].label] == expected


@pytest.mark.parametrize(
    "link", [{}, {"width": "1"}, {"depth": "1"}, {"depth": "5", "n_seeds": "5"}, {"depth": "100"}], ids=str
)
def test_the_ladder_shows_the_engines_rungs(link):
    app = page(chapter="fixes", fixes_view="ladder", **link)
    now = settings(app)
    table = tables(app)["Ratio of first to last layer on every rung"]
    start = vanish.remedies.untreated(now.specs[0])
    seeds = ensemble_seeds(now.seed, now.n_seeds)
    rungs = vanish.remedies.ladder(start, now.ladder, now.variants, seeds)
    np.testing.assert_allclose(table["log10 of ratio"], [rung.decades for rung in rungs], rtol=1e-9)
    assert list(table["remedy"]) == ["none", *(REMEDIES[name].title for name in now.ladder)]
    np.testing.assert_allclose(table["over lossless"], table["ratio"] / lossless_ratio(start), rtol=1e-9)
    assert "**All together**" in said(app)


@pytest.mark.parametrize(("key", "label", "order"), ORDERS)
def test_an_order_that_is_worth_seeing_can_be_tried_and_is_in_the_link(key, label, order):
    app = page(chapter="fixes", fixes_view="ladder", ladder=["normalization"])
    assert label in [button.label for button in app.button]
    click(app, key)
    assert settings(app).ladder == order
    again = page(**parse_qs(urlencode(copied(app))))
    assert settings(again).ladder == order
    assert key not in [button.key for button in again.button]
    for one, other in zip(tables(app).values(), tables(again).values(), strict=True):
        assert one.equals(other)


def test_all_combinations_are_trained_shown_and_shared(monkeypatch, drawn):
    for module in (data, combinations):
        monkeypatch.setattr(module, "STEPS", 4)
    app = page(chapter="fixes", fixes_view="combinations", depth="2")
    assert not tables(app)
    assert "for **4 steps** of plain gradient descent" in said(app)
    click(app, "train_combinations")
    table = tables(app)["Every combination of remedies: ratio, and what it has learned"]
    assert len(table) == combinations.HOW_MANY
    expected = list(vanish.combinations.train_combinations(vanish.NetworkSpec(depth=2, width=32), steps=4))
    np.testing.assert_array_equal(table["test accuracy"], [row.test_accuracy for row in expected])
    np.testing.assert_array_equal(table["learning rate"], [row.learning_rate for row in expected])
    assert "**Best after 4 steps**" in said(app)
    np.testing.assert_array_equal(table["before training"], [row.untrained_accuracy for row in expected])
    assert re.match(r"\d+ of 16 combinations have learned to read digits within 4 steps", app.title[0].value)
    # Who comes later, at whatever width, finds it done; another variant is another table.
    drawn.clear()
    later = page(chapter="fixes", fixes_view="combinations", depth="2", width="64")
    assert tables(later)["Every combination of remedies: ratio, and what it has learned"].equals(table)
    drawn.clear()
    assert not tables(page(chapter="fixes", fixes_view="combinations", depth="2", fix_normalization="layer"))
    # Whoever has seen them keeps them, faint.
    drawn.clear()
    move(app, "fix_normalization", "layer")
    assert "**Settings have changed: train again.** Faint: your last run, with normalization batch norm." in said(app)
    spec, frames, _ = drawn["combinations_chart"]
    validate(spec, frames)
    np.testing.assert_array_equal(frames[drawing.LAST]["accuracy"], table["test accuracy"])
    assert frames[drawing.DATA].empty


def test_deep_combinations_train_for_fewer_steps_and_say_so():
    app = page(chapter="fixes", fixes_view="combinations", depth="100")
    assert "for **90 steps** (networks this deep take their time: 300 at depth 30)" in said(app)


@pytest.mark.parametrize("depth", ["1", "4", "30"])
@pytest.mark.parametrize("normalization", CONTROLS["noise_norm"].options)
def test_noise_is_drawn_for_every_depth(depth, normalization):
    app = page(chapter="fixes", fixes_view="noise", depth=depth, noise_norm=normalization)
    texts = [chart.proto.alt for chart in app.get("vega_lite_chart")]
    assert any(text.startswith("Derivative along the line, residual") for text in texts)
    assert "Correlation of neighboring gradients against depth" in texts
    assert ("Dashed: what theory expects" in said(app)) == (normalization == "none")
    table = tables(app)["Correlation of neighboring gradients at each depth"]
    assert ("theory" in table.columns) == (normalization == "none")
    click(app, "noise_other_norm")
    assert settings(app).noise_norm != normalization


def test_residual_connections_keep_the_meaning():
    app = page(preset="shattered")
    assert settings(app).fixes_view == "noise"
    assert "**Plain, 50 layers deep**: gradients of neighbors have correlation 0.0" in said(app)
    assert "hardly alike" in said(app)
    assert "**Residual, 50 layers deep**: gradients of neighbors have correlation 0.9" in said(app)
    assert app.title[0].value.startswith(
        "50 layers of ReLU with batch norm: neighboring inputs' gradients correlate 0.02"
    )


@pytest.mark.parametrize("view", CONTROLS["fixes_view"].options)
def test_only_the_open_view_runs(view, monkeypatch):
    measured = []
    for name in ("compared", "ladder", "walks"):
        real = getattr(data, name)
        monkeypatch.setattr(data, name, lambda *a, real=real, name=name: measured.append(name) or real(*a))
    checked(page(chapter="fixes", fixes_view=view))
    assert set(measured) == {"cards": {"compared"}, "ladder": {"ladder"}, "noise": {"walks"}}.get(view, set())


@pytest.mark.parametrize("view", CONTROLS["fixes_view"].options)
def test_the_headline_is_about_the_open_view(view):
    # Over what is not about the sidebar's networks, no word about them.
    now = Settings(chapter="fixes", fixes_view=view, activations=("tanh",), depth=12)
    head = CHAPTERS["fixes"].head(now, CHAPTERS["fixes"].measure(now))
    about = {"cards": "tanh", "ladder": "sigmoid", "combinations": "digits", "noise": "neighboring"}
    assert [name for name, word in about.items() if word in head.sentence] == [view]


def test_batch_norm_over_one_example_is_said_to_be_zero_by_construction_and_offers_a_batch():
    app = page(chapter="fixes", activations="tanh", normalization="batch")
    assert "exactly 0, by construction" in app.title[0].value
    click(app, "mend_batch_size")
    assert settings(app).batch_size == 32
    assert "by construction" not in app.title[0].value


def test_an_output_unit_that_is_off_with_a_remedy_is_said_apart_and_can_be_mended():
    for seed in range(60):
        now = Settings(chapter="fixes", activations=("tanh",), fix_relu="relu", seed=seed)
        (spec,) = now.specs
        plan = cards.treatment(now, spec, "relu")
        found = data.compared(plan.before, plan.after, now.signal)
        if found.cause:
            break
    app = page(chapter="fixes", activations="tanh", fix_relu="relu", seed=str(seed))
    assert card(app, "relu").delta == "output unit off"
    assert "The output unit of the network is off" in said(app)
    assert "ReLU family" not in app.title[0].value
    click(app, "mend_relu")
    assert settings(app).linear_output == "linear"
    assert card(app, "relu").delta != "output unit off"


def test_the_network_on_screen_is_compared_with_the_one_that_is_named():
    app = page(chapter="fixes", activations="relu", fix_relu="relu", linear_output="linear")
    assert switched(app, "relu")
    assert "Gray line: sigmoid; colored line: ReLU." in said(app)


def test_xavier_for_the_sigmoid_is_four_times_as_large_and_comes_off_again():
    app = page(chapter="fixes", activations="sigmoid", fix_initialization="xavier_sigmoid")
    move(app, "apply_initialization", True)
    assert (settings(app).initializer, settings(app).weight_scale) == ("xavier_uniform", 4)
    again = page(**parse_qs(urlencode(copied(app))))
    assert switched(again, "initialization")
    move(again, "apply_initialization", False)
    assert (settings(again).initializer, settings(again).weight_scale) == ("kata", 1)


def test_the_variants_are_those_of_the_engine():
    for name, entry in REMEDIES.items():
        control = CONTROLS[f"fix_{name}"]
        assert isinstance(control, Choice)
        assert control.options == tuple(entry.variants)
    assert Settings().variants == {name: entry.default for name, entry in REMEDIES.items()}
