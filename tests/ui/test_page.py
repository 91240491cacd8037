import re
from dataclasses import replace
from functools import cache
from urllib.parse import parse_qs, parse_qsl, urlencode

import numpy as np
import pytest
from ui.app import HOST, OWN, checked, click, copied, figures, finding, move, page, settings, shown, tables, unfold
from ui.schema import check_charts
from ui.sentences import plain
from ui.values import ends

import vanish
from vanish import kata
from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.measure.yardstick import example_output_gradient
from vanish.numerics.arrays import quantiles
from vanish.numerics.lcg import ensemble_seeds
from vanish.ui.chapters.table import CHAPTERS
from vanish.ui.chapters.train.controls import Plots, Replay
from vanish.ui.kit import measured, numbers
from vanish.ui.kit.controls import WholeNumbers, whole_numbers
from vanish.ui.kit.link import listed
from vanish.ui.shell.header import MOST_CORRECTIONS
from vanish.ui.shell.presets import PRESETS
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, KEPT, Settings, from_link

HOSTILE = {"depth": "-3", "width": "abc", "activations": "evil", "seed": "1e99", "chapter": "nope"}
# What is used of it, where that is no default.
NEAREST = {"depth": 1, "seed": CONTROLS["seed"].high}
MALFORMED = [" ", "-1", "0", "nan", "0x10", "1_0", " 5 ", "+7", "٣", "3.7", "1e1", "<b>", "x\x00", ","]
SEVERAL = [
    ["1", "2"],
    ["2", "2"],
    ["linear", "log"],
    ["relu", "relu"],
    ["evil", "tanh"],
    ["he_uniform", "evil"],
    ["ReLU", "relu"],
    ["He, uniform"],
]


# Many pages are opened: what they say of a network does not depend on its size.
LITTLE = {"depth": "4", "width": "4", "sequence": "20", "hidden": "4"}


def warned(app):
    return re.findall(r"\*\*(\w+)\*\* takes ", "".join(warning.value for warning in app.warning))


def cards(app):
    return list(figures(app).values())


def other(key, value):
    """Another value that the control takes."""
    return next(end for end in ends(CONTROLS[key]) if end != value)


@cache
def choosers(chapter):
    """The chapter's controls, without lines of text, which take whatever a link says."""
    return {key for key in shown(page(chapter=chapter)) if not isinstance(CONTROLS[key], WholeNumbers)}


def engine_flow(now):
    columns = {}
    for spec in now.specs:
        inputs = measured.inputs_of(spec, now)
        # Under batch norm each example has its own gradient at the output.
        own = example_output_gradient(spec.n_outputs, now.batch_size) if spec.normalization == "batch" else None
        rows = vanish.gradient_flow(spec, now.seed, inputs, magnitudes=[now.magnitude], output_gradient=own)
        columns[spec.activation] = rows[now.magnitude].to_numpy()
    return columns


def flow_numbers(now):
    sizes = engine_flow(now)
    columns = {ACTIVATIONS[name].label: column for name, column in sizes.items()}
    return [{"layer": np.arange(1, now.n_layers + 1), **columns}]


def why_numbers(now):
    slopes = {name: getattr(now, f"slope_{name}") for name in kata.IDEAL_SLOPES}
    table = kata.ideal_decay(whole_numbers(now.layer_counts), slopes)
    return [dict(table.rename(columns={name: ACTIVATIONS[name].label for name in slopes}))]


def updates_numbers(now):
    columns = {"layer": np.arange(now.n_layers, 0, -1)}
    for spec in now.specs:
        inputs = measured.inputs_of(spec, now)
        steps = vanish.first_step(
            spec, now.seed, inputs, measured.output_gradient(spec, now.batch_size), now.learning_rate
        )[::-1]
        label = ACTIVATIONS[spec.activation].label
        columns |= {
            f"{label} relative": steps.relative_length,
            f"{label} mean": steps.mean_abs,
            f"{label} length": steps.length,
            f"{label} biases": steps.bias_mean_abs,
            f"{label} input": steps.input_rms,
        }
    ideal = kata.update_comparison(now.n_layers, now.learning_rate)
    ideal.columns = [name.replace("relu", "ReLU").replace("_", " ") for name in ideal]
    return [dict(ideal), columns]


# What the engine says for the tables that a chapter shows before anything is unfolded.
NUMBERS = {"flow": flow_numbers, "why": why_numbers, "updates": updates_numbers}


def check_numbers(app):
    """The page's tables hold what the engine says of its settings; bands, theory and what is pinned come after it."""
    now = settings(app)
    if now.chapter in NUMBERS:
        for table, columns in zip(tables(app).values(), NUMBERS[now.chapter](now), strict=True):
            assert list(table.columns)[: len(columns)] == list(columns)
            np.testing.assert_allclose(table[list(columns)], np.column_stack(list(columns.values())), rtol=1e-12)


def test_the_page_opens_with_the_katas_numbers():
    app = page()
    assert cards(app) == ["2.55 × 10⁻⁹", "6.56 × 10⁻⁴", "3.71 × 10⁻⁵"]
    for name, shown_ratio in zip(("sigmoid", "tanh", "relu"), cards(app), strict=True):
        sizes = kata.gradient_magnitudes(name)
        assert shown_ratio == numbers.number(sizes[0] / sizes[-1])
    assert not app.warning
    assert copied(app) == []
    assert app.header[0].value == CHAPTERS[DEFAULTS["chapter"]].question


def dealt(items):
    """Pairs of a chapter and an item, by turns: each chapter gets its share of the items."""
    chapters = list(CHAPTERS)
    return [(chapters[number % len(chapters)], item) for number, item in enumerate(items)]


def home(preset):
    """The chapter that a ready-made network opens."""
    return (preset and PRESETS[preset].chapter) or DEFAULTS["chapter"]


# Each preset in its own chapter and in another one, by turns; and where else a table shows its networks' numbers.
AT_HOME = {*dealt(OWN), *((home(name), name) for name in OWN)}
ELSEWHERE = {(chapter, name) for chapter in ("flow", "updates") for name in OWN} - AT_HOME


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "preset"), sorted(AT_HOME))
def test_chapters_show_presets(drawn, chapter, preset):
    app = page(chapter=chapter, preset=preset)
    check_numbers(app)
    check_charts(drawn)
    drawn.clear()
    now = settings(unfold(app))
    check_charts(drawn)
    assert app.header[0].value == CHAPTERS[chapter].question
    assert app.title[0].value == finding(app)
    chapter = CHAPTERS[chapter]
    cards = chapter.head(now, chapter.measure(now)).cards
    assert list(figures(app)) == [card.title for card in cards]
    assert not app.warning


@cache
def shown_on(chapter):
    return shown(page(chapter=chapter, **LITTLE))


def ends_on(chapter, key):
    """The chapter's share of the control's ends: each goes to one chapter, from another one on for each control."""
    chapters = [name for name in CHAPTERS if key in shown_on(name)]
    turn = chapters.index(chapter) + list(CONTROLS).index(key)
    return [end for number, end in enumerate(ends(CONTROLS[key])) if (number - turn) % len(chapters) == 0]


def test_every_end_of_every_control_is_met():
    shares = [(key, ends_on(chapter, key)) for chapter in CHAPTERS for key in shown_on(chapter)]
    for key in {key for key, _ in shares}:
        met = [end for control, share in shares for end in share if control == key]
        assert all(end in met for end in ends(CONTROLS[key])), key


# Controls that are moved in one run of the page.
AT_ONCE = 3


def rounds(chapter, keys):
    """Moves to all of the chapter's ends, of some controls at a time; a preset moves others, and is moved alone."""
    left = {key: ends_on(chapter, key) for key in keys}
    presets = left.pop("preset")
    while left := {key: values for key, values in left.items() if values}:
        most = sorted(left, key=lambda key: -len(left[key]))[:AT_ONCE]
        yield {key: left[key].pop(0) for key in most}
    for value in presets:
        # Some lead to another chapter.
        if not (value and PRESETS[value].chapter):
            yield {"preset": value}


def follows(app, moves, back):
    """Move controls, and hold the page against what they say; those that were moved before go ``back`` meanwhile."""
    before = replace(settings(app), **back)
    for key, value in back.items():
        app.session_state[key] = listed(value)
    if not set(moves) <= set(shown(app)):
        checked(app.run())
    for key, value in moves.items():
        app.get_by_key(key).set_value(listed(value))
    checked(app.run())
    now = settings(app)
    assert {key: getattr(now, key) for key in moves} == moves
    assert app.title[0].value == finding(app)
    assert not app.warning
    if "preset" not in moves:
        # A move changes its own control, and puts out a preset that says otherwise.
        assert {k for k in CONTROLS if getattr(now, k) != getattr(before, k)} <= {*moves, "preset"}
    check_numbers(app)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_control_moves_to_its_ends_and_the_page_follows(chapter):
    app = page(chapter=chapter, **LITTLE)
    first, last = settings(app), {}
    for moves in rounds(chapter, shown(app)):
        # What a preset says wins over what was moved before.
        back = {key: getattr(first, key) for key in last if key not in moves and "preset" not in moves}
        try:
            follows(app, moves, back)
        except AssertionError:
            for key, value in moves.items():
                # Which of them it is.
                follows(page(chapter=chapter, **LITTLE), {key: value}, {})
            raise
        last = moves


@pytest.mark.slow
def test_every_control_is_shown_in_some_chapter():
    own = ["leaky_relu", "prelu", "elu"]
    everything = LITTLE | {"activations": own, "initializer": "normal", "dataset": "moons", "clip": "norm"}
    everything |= {"residual": "identity", "normalization": "layer", "inputs": "normal"}
    views = {"time": "time_view", "fixes": "fixes_view"}
    links = [{"chapter": chapter} for chapter in CHAPTERS.keys() - views.keys()]
    links += [{"chapter": chapter, key: view} for chapter, key in views.items() for view in CONTROLS[key].options]
    links += [{"chapter": "train", "dataset": name} for name, entry in DATASETS.items() if entry.shape]
    links += [{"chapter": "flow", "initializer": "uniform"}]
    # Some stand in what is folded away.
    seen = {key for link in links for key in shown(unfold(page(**everything | link)))}
    # Some have buttons instead, and some are drawn once networks have been trained.
    assert seen == CONTROLS.keys() - {"chapter", *KEPT, *Plots.at_first(), *Replay.at_first()}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_all_controls_at_one_end_together_still_make_a_page(chapter):
    app = unfold(page(chapter=chapter))
    # Wide and deep and many at once is a test of patience, and no other page than each for itself.
    deep = {"n_seeds": 5, "sizes": "", "activations": ["relu", "tanh"], "cells": ["gru"]}
    many = {"sizes": "4-3-2-5", "hidden": 3}
    for end, small in ((0, {}), (-1, deep), (-1, many)):
        small = {"width": 3, "batch_size": 2} | small
        for key in set(shown(app)) - {"preset"}:
            app.session_state[key] = small[key] if key in small else listed(ends(CONTROLS[key])[end])
        unfold(checked(app.run()))
        assert app.title[0].value == finding(app)


@pytest.mark.slow
@pytest.mark.parametrize(("chapter", "preset"), [("why", "kata"), *sorted(ELSEWHERE)])
def test_the_tables_hold_the_engines_numbers(chapter, preset):
    check_numbers(page(chapter=chapter, preset=preset))


@pytest.mark.slow
@pytest.mark.parametrize("preset", OWN)
def test_a_preset_sets_all_that_it_names_and_nothing_else_and_goes_out_when_any_of_it_is_moved(preset):
    app = page(preset=next(name for name in PRESETS if name != preset), chapter=DEFAULTS["chapter"])
    app.session_state["scale"] = "linear"
    move(app, "preset", preset)
    # It opens the chapter that shows what it is for.
    assert app.header[0].value == CHAPTERS[home(preset)].question
    now = settings(app)
    assert {key: getattr(now, key) for key in PRESETS[preset].settings} == dict(PRESETS[preset].settings)
    assert (now.preset, now.scale) == (preset, "linear")
    by_link = page(preset=preset, scale="linear")
    assert settings(by_link) == now
    assert cards(by_link) == cards(app)
    assert sorted(copied(by_link)) == sorted(copied(app))
    if PRESETS[preset].chapter:
        elsewhere = page(preset=preset, scale="linear", chapter="why")
        assert elsewhere.header[0].value == CHAPTERS["why"].question
        assert settings(elsewhere) == replace(now, chapter="why", preset=None)
    keys = sorted(set(shown(app)) & PRESETS[preset].settings.keys())
    # Each preset has one of its settings moved, in turns; the first one all of them, and one that it leaves alone.
    turn = list(PRESETS).index(preset)
    for key in [keys[turn % len(keys)]] if turn and keys else keys:
        move(app, key, other(key, PRESETS[preset].settings[key]))
        assert settings(app).preset is None, key
        assert "preset" not in dict(copied(app))
        move(app, "preset", preset)
        assert settings(app).preset == preset
    if not turn:
        app.session_state["scale"] = "log"
        assert settings(checked(app.run())).preset == preset


def test_what_a_link_says_itself_wins_over_its_preset():
    app = page(preset="deep_sigmoid", depth="20")
    named = dict(PRESETS["deep_sigmoid"].settings) | {"depth": 20}
    assert {key: getattr(settings(app), key) for key in named} == named
    assert app.query_params["depth"] == "20"


def test_a_preset_that_its_own_link_contradicts_is_not_lit():
    assert settings(page(preset="deep_sigmoid", depth="20")).preset is None


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_reset_brings_the_kata_back_and_stays_in_the_chapter(chapter):
    app = page(chapter=chapter)
    opened, cards_before = tables(app), cards(app)
    keys = set(shown(app)) - {"preset"}
    for key in keys:
        app.session_state[key] = listed(other(key, DEFAULTS[key]))
    app.session_state["width"], app.session_state["batch_size"] = 3, 2
    app.run()
    assert set(settings(app).changes) >= keys
    click(app, "reset")
    assert settings(app).changes.keys() <= {"chapter"}
    assert app.header[0].value == CHAPTERS[chapter].question
    assert cards(app) == cards_before
    assert dict(copied(app)).keys() <= {"chapter"}
    for text, table in tables(app).items():
        assert table.equals(opened[text])


# At the end of the sidebar, whatever the chapter.
EVERYWHERE = ["gallery", "glossary", "reset"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "link",
    [
        {"steps": "50", "dataset": "moons"},
        {"depth": "99", "learning_rate": "0.9", "steps": "50", "dataset": "moons", "n_seeds": "1"},
    ],
    ids=["kata", "nearly at the end"],
)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_button_leads_to_a_page(chapter, link):
    if chapter == "train":
        # One network trains a hundred layers as three do.
        link = link | {"activations": "tanh"}
    app = page(chapter=chapter, **link)
    buttons = [button.key for button in app.button]
    assert buttons[-len(EVERYWHERE) :] == EVERYWHERE
    # One of those that are the same in every chapter; each is met in some.
    turn = list(CHAPTERS).index(chapter) % len(EVERYWHERE)
    for key in [*buttons[: -len(EVERYWHERE)], EVERYWHERE[turn]]:
        app = app or page(chapter=chapter, **link)
        # Twice, if it is still there: the end of a slider is no wall to run into.
        for _ in range(2):
            if key in [button.key for button in app.button]:
                click(app, key)
                assert app.title[0].value == finding(app)
        app = None


OFF = {"activations": "relu", "initializer": "he_normal", "width": "64", "seed": "2"}
ONE_EXAMPLE = {"activations": "tanh", "normalization": "batch"}


@pytest.mark.parametrize(
    ("link", "said", "mended"),
    [
        (OFF, "output unit of", "linear_output"),
        (ONE_EXAMPLE, "Batch norm over a single example", "batch_size"),
    ],
)
def test_what_is_no_finding_is_mended_by_a_button(link, said, mended):
    app = page(**link)
    assert said in app.title[0].value
    assert not re.search("cannot learn|dead", app.title[0].value)
    click(app, f"mend_{mended}")
    assert settings(app).changes.keys() == {*link, mended}
    assert f"mend_{mended}" not in [button.key for button in app.button]
    assert not re.search("zero|exactly 0", app.title[0].value)


@pytest.mark.parametrize("chapter", ["flow", "updates", "fixes"])
def test_batch_norm_over_one_example_is_offered_a_batch_wherever_such_a_network_is_shown(chapter):
    for depth, size, offered in ((3, 1, True), (3, 2, False), (1, 1, False)):
        now = Settings(chapter=chapter, activations=("tanh",), normalization="batch", depth=depth, batch_size=size)
        head = CHAPTERS[chapter].head(now, CHAPTERS[chapter].measure(now))
        assert ("mend_batch_size" in [offer.key for offer in head.offers]) == offered


def test_he_rescues_relu_and_the_way_back_leads_back():
    app = page()
    before, words = tables(app), [markdown.value for markdown in app.markdown]
    click(app, "try_he_uniform")
    assert settings(app).changes == {"initializer": "he_uniform"}
    assert any("scaled by He instead of the original" in markdown.value for markdown in app.markdown)
    sizes = engine_flow(settings(app))["leaky_relu"]
    assert cards(app)[-1] == numbers.number(sizes[0] / sizes[-1])
    assert sizes[0] / sizes[-1] > 1000 * float(plain(cards(page())[-1]))
    click(app, "try_kata")
    assert settings(app).changes == {}
    assert [markdown.value for markdown in app.markdown] == words
    for text, table in tables(app).items():
        assert table.equals(before[text])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chapter", "preset"), [*((name, None) for name in CHAPTERS), *((home(name), name) for name in OWN)]
)
def test_the_link_that_is_copied_opens_the_same_page(chapter, preset):
    app = page(
        chapter=chapter, **({"preset": preset} if preset else {"seed": "9007199254740991", "weight_scale": "1.35"})
    )
    own = [key for key in shown(app) if key not in {"preset", *(PRESETS[preset].settings if preset else ())}]
    for key in own:
        if key not in {"width", "batch_size"}:
            app.session_state[key] = listed(other(key, app.session_state[key]))
    checked(app.run())
    again = page(**parse_qs(urlencode(copied(app))))
    assert settings(again) == settings(app)
    assert again.title[0].value == app.title[0].value
    assert sorted(copied(again)) == sorted(copied(app))
    for one, other_ in zip(tables(again).items(), tables(app).items(), strict=True):
        assert one[0] == other_[0]
        assert one[1].equals(other_[1])


def test_the_link_that_is_copied_keeps_what_belongs_to_other_chapters():
    app = page(chapter="updates", scale="linear", slope_tanh="0.5")
    assert dict(copied(app)) == {"chapter": "updates", "scale": "linear", "slope_tanh": "0.5"}


OLD_LINK = {
    "chapter": "updates",
    "update_of": "mean",
    "activations": ["leaky_relu", "gelu"],
    "initializer": "he_uniform",
}


def test_a_link_may_call_options_by_name_or_by_label_and_the_page_copies_names():
    by_name = page(**OLD_LINK)
    # The address is left as it came, and nothing runs twice for it.
    assert by_name.query_params == OLD_LINK
    by_label = page(chapter="Steps", update_of="mean", activations=["leaky ReLU", "gelu"], initializer="He, uniform")
    for app in (by_name, by_label):
        assert not app.warning
        assert settings(app) == Settings(**OLD_LINK | {"activations": ("leaky_relu", "gelu")})
        assert sorted(copied(app)) == sorted(parse_qsl(urlencode(OLD_LINK, doseq=True)))
    assert by_name.title[0].value == by_label.title[0].value == finding(by_name)


def test_a_link_may_call_a_tab_what_it_was_called_before():
    app = page(chapter="Training")
    assert not app.warning
    assert settings(app).chapter == "train"


def test_controls_show_what_their_options_are_called():
    app = page(initializer="he_uniform")
    assert app.selectbox(key="initializer").options == list(CONTROLS["initializer"].labels.values())
    assert app.multiselect(key="activations").options == [entry.label for entry in ACTIVATIONS.values()]


def test_a_hostile_link_opens_at_the_nearest_limits_and_one_message_names_what_was_wrong():
    app = page(**HOSTILE)
    assert len(app.warning) == 1
    assert warned(app) == list(HOSTILE)
    assert settings(app).changes == NEAREST
    assert app.title[0].value == finding(app)
    assert copied(app) == [(key, str(limit)) for key, limit in NEAREST.items()]
    app = page(**{key: text for key, text in HOSTILE.items() if key not in NEAREST})
    assert cards(app) == ["2.55 × 10⁻⁹", "6.56 × 10⁻⁴", "3.71 × 10⁻⁵"]
    assert copied(app) == []


@pytest.mark.slow
@pytest.mark.parametrize("wrong", HOSTILE)
def test_a_hostile_link_keeps_what_was_valid(wrong):
    good = {"depth": 7, "width": 5, "activations": ("relu", "tanh"), "seed": 3, "chapter": "updates", "batch_size": 2}
    link = {key: list(value) if isinstance(value, tuple) else str(value) for key, value in good.items()}
    app = page(**link | {wrong: HOSTILE[wrong]})
    assert warned(app) == [wrong]
    nearest = {key: limit for key, limit in NEAREST.items() if key == wrong}
    assert settings(app).changes == {key: value for key, value in good.items() if key != wrong} | nearest


def test_names_that_are_no_controls_are_ignored():
    app = page(utm_source="x", Depth="3", evil=["<script>", "2"], depth="7")
    assert not app.warning
    assert settings(app).changes == {"depth": 7}
    assert copied(app) == [("depth", "7")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chapter", "texts"),
    dealt([*MALFORMED, *SEVERAL, "", "inf", "1e400", "9" * 400]),
    ids=lambda value: repr(value[:8]),
)
def test_what_the_page_says_of_a_link_is_what_its_controls_show(chapter, texts):
    link = dict.fromkeys(choosers(chapter), texts)
    app = page(chapter=chapter, **link)
    linked, corrections = from_link({key: [texts] if isinstance(texts, str) else texts for key in link})
    # What a link sets may take another control off the page.
    for key in link.keys() & set(shown(app)):
        assert listed(app.session_state[key]) == listed(linked.get(key, DEFAULTS[key])), key
    more = len(corrections) - MOST_CORRECTIONS
    assert len(warned(app)) == len(set(warned(app))) == len(corrections) - max(0, more)
    assert (f"and {more} more." in app.warning[0].value) == (more > 0) if corrections else not app.warning


def test_a_layer_count_that_is_none_is_named_when_it_is_typed():
    app = page(chapter="why")
    app.get_by_key("layer_counts").set_value("1, two").run()
    assert warned(checked(app)) == ["layer_counts"]
    assert list(next(iter(tables(app).values())).layers) == list(kata.LAYER_COUNTS)
    move(app, "layer_counts", "7, 3")
    assert not app.warning
    assert list(next(iter(tables(app).values())).layers) == [3, 7]


def test_a_layer_count_that_is_none_is_named_once_when_it_comes_by_link():
    assert warned(page(chapter="why", layer_counts="1, two")) == ["layer_counts"]


def test_what_was_wrong_with_a_link_is_no_news_after_the_first_move():
    app = page(depth="-3")
    assert warned(app) == ["depth"]
    assert warned(move(app, "width", 9)) == []


def test_no_activation_at_all_is_named_and_the_katas_are_shown():
    app = page()
    app.get_by_key("activations").set_value([]).run()
    assert warned(checked(app)) == ["activations"]
    assert cards(app) == ["2.55 × 10⁻⁹", "6.56 × 10⁻⁴", "3.71 × 10⁻⁵"]


def test_bands_theory_and_a_pinned_network_stand_beside_the_networks_on_screen():
    link = {"activations": ["tanh"], "n_seeds": "12", "overlays": ["theory", "floors"], "width": "20", "depth": "6"}
    app = page(**link, pin="depth=4&activations=relu&initializer=he_uniform")
    (spec,) = settings(app).specs
    table = tables(app)["mean |dL/dz| of every layer and activation"]
    seeds = ensemble_seeds(42, 12)
    measured = np.stack(np.split(vanish.gradient_flow(spec, seeds).mean_abs.to_numpy(), 12))
    for column, expected in zip(("tanh 10 %", "tanh median", "tanh 90 %"), quantiles(measured), strict=True):
        np.testing.assert_allclose(table[column], expected, rtol=1e-9)
    np.testing.assert_allclose(table["tanh theory"], vanish.signal_propagation(spec).mean_abs)
    pinned = vanish.gradient_flow(vanish.NetworkSpec(depth=4, activation="relu", initializer="he_uniform"), 42)
    np.testing.assert_allclose(table["ReLU pinned"], [*pinned.mean_abs, np.nan, np.nan])


def test_a_pin_keeps_the_network_in_the_link_while_the_controls_move():
    app = click(page(activations=["relu"], depth="7"), "pin_this")
    move(app, "depth", 9)
    again = page(**parse_qs(urlencode(copied(app))))
    for one in (app, again):
        assert settings(one).pinned.depth == 7
        assert settings(one).depth == 9
        assert any(words.value == "Pinned: Depth 7, Activations ReLU." for words in one.markdown)
    click(again, "unpin")
    assert settings(again).pin is None
    assert "pin" not in dict(copied(again))


def test_the_output_layer_changes_the_network_and_goes_into_link_and_pin():
    app = page()
    (with_activation,) = tables(app).values()
    move(app, "linear_output", "linear")
    assert all(spec.linear_output for spec in settings(app).specs)
    (linear,) = tables(app).values()
    for label, sizes in flow_numbers(settings(app))[0].items():
        np.testing.assert_allclose(linear[label], sizes, rtol=1e-12)
    # One output unit: its slope, at most 1/4, is a factor of every layer's gradient.
    assert (linear["sigmoid"] >= 4 * with_activation["sigmoid"]).all()
    assert copied(app) == [("linear_output", "linear")]
    again = click(page(linear_output="linear"), "pin_this")
    assert settings(again).specs == settings(app).specs
    (moved,) = tables(move(again, "linear_output", "activation")).values()
    np.testing.assert_array_equal(moved["sigmoid"], with_activation["sigmoid"])
    np.testing.assert_array_equal(moved["sigmoid pinned"], linear["sigmoid"])
    assert settings(again).pinned.specs == settings(app).specs
    assert dict(copied(again)) == {"pin": "linear_output=linear"}
    assert any(words.value == "Pinned: Output layer linear." for words in again.markdown)


def test_a_pin_that_cannot_be_read_is_named_and_what_is_wrong_in_one_too():
    assert warned(page(pin="%%%")) == ["pin"]
    app = page(pin="depth=-3&width=5")
    assert warned(app) == ["depth"]
    assert "In **pin**" in app.warning[0].value
    assert settings(app).pinned.width == 5


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["depth", "bias_std"])
def test_the_map_holds_the_engines_ratios(axis):
    app = unfold(page(chapter="map", map_axis=axis, n_seeds="5", depth="10", map_activation="tanh"))
    table = next(table for text, table in tables(app).items() if text.startswith("Ratio of every cell"))
    for row in table.sample(3, random_state=1).itertuples():
        spec = vanish.NetworkSpec(
            depth=int(row.depth) if axis == "depth" else 10,
            bias_std=row.bias_std if axis == "bias_std" else 0,
            activation="tanh",
            weight_scale=row.weight_scale,
        )
        rows = vanish.gradient_flow(spec, ensemble_seeds(42, 5)).mean_abs.to_numpy().reshape(5, -1)
        assert row.ratio == pytest.approx(np.median(rows[:, 0] / rows[:, -1]), rel=1e-9)


def test_a_map_of_networks_whose_output_is_off_says_so_and_a_button_mends_it():
    app = page(chapter="map", map_activation="relu", normalization="layer", depth="20")
    assert "no gradient sets out" in app.title[0].value
    click(app, "mend_output")
    assert settings(app).linear_output == "linear"
    assert "gradient sets out" not in app.title[0].value


@pytest.mark.slow
def test_the_maps_words_name_the_border_of_the_present_biases():
    app = page(chapter="map", map_axis="bias_std", bias_std="0.6", initializer="xavier_normal", width="16")
    (spec,) = settings(app).respecified(activations=("tanh",))
    border = vanish.theory.critical_weight_scale(spec)
    assert border > 1.05 * vanish.theory.critical_weight_scale(replace(spec, bias_std=0))
    assert any(f"the border at a weight scale of {numbers.number(border)}" in words.value for words in app.markdown)
    click(app, "try_border")
    assert settings(app).weight_scale == pytest.approx(border, abs=0.025)


def test_luck_stands_beside_theory_where_its_law_holds():
    link = {"activations": ["relu", "tanh"], "initializer": "he_normal", "linear_output": "linear", "seed": "3"}
    app = page(**link, overlays=["theory"])
    (line,) = [line for words in app.markdown for line in words.value.split("\n") if "Exact luck" in line]
    assert line.startswith("- **ReLU") or "ReLU" in line
    assert not [words for words in page(**link).markdown if "Exact luck" in words.value]
    assert not [words for words in move(app, "batch_size", 2).markdown if "Exact luck" in words.value]


def test_a_page_within_another_one_leads_to_the_whole_one():
    app = page(depth="20")
    assert not app.get("link_button")
    app.context = {"url": HOST, "is_embedded": True}
    (way_out,) = checked(app.run()).get("link_button")
    assert way_out.proto.url == f"{HOST}/?depth=20"
