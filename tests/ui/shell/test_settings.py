import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ui.values import ends, valid

from vanish.ui.kit.controls import Choice, Decades, Number, Options, Sizes, WholeNumbers
from vanish.ui.kit.link import address, called
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, KEPT, Settings, as_labels, from_link, from_values

HOSTILE = {"depth": ["-3"], "width": ["abc"], "activations": ["evil"], "seed": ["1e99"], "chapter": ["nope"]}
# What is used of it, where that is no default.
NEAREST = {"depth": 1, "seed": CONTROLS["seed"].high}
MALFORMED = [
    "",
    " ",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "0x10",
    "1_0",
    "٣",
    "3.7",
    "-0",
    "9" * 5000,
    "`**x**`",
    "a\x00b",
    ",",
]

TEXTS = st.lists(st.text() | st.sampled_from(MALFORMED) | st.floats().map(str), min_size=1, max_size=3)
OPTIONS = sorted({option for control in CONTROLS.values() for option in getattr(control, "options", ())})
LINKS = st.dictionaries(
    st.sampled_from(list(CONTROLS)) | st.text(), TEXTS | st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=4)
)
SETTINGS = st.fixed_dictionaries({key: valid(control) for key, control in CONTROLS.items()})
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(max_size=3))


def named(corrections):
    return [re.match(r"\*\*(\w+)\*\* takes ", line)[1] for line in corrections]


@given(LINKS)
def test_whatever_a_link_says_the_settings_are_valid(link):
    check_link(link)


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: repr(text[:8]))
def test_what_numbers_and_names_are_not_is_no_setting_of_any_control(text):
    check_link({key: [text] for key in CONTROLS})
    check_link({key: [text, text] for key in CONTROLS})


def check_link(link):
    linked, corrections = from_link(link)
    settings, more = from_values(linked)
    assert more == []
    assert set(linked) | set(named(corrections)) == set(link) & set(CONTROLS)
    for key, control in CONTROLS.items():
        assert control.check(getattr(settings, key)) == linked.get(key, DEFAULTS[key])


@given(LINKS)
def test_each_correction_names_its_field_what_is_allowed_and_what_is_used(link):
    settings, _ = from_values(from_link(link)[0])
    _, corrections = from_link(link)
    assert len(set(named(corrections))) == len(corrections)
    for key, line in zip(named(corrections), corrections, strict=True):
        used = getattr(settings, key)
        assert CONTROLS[key].allowed in line
        assert len(line) <= 200
        said = line.split(" uses ")[1].strip("*`.").rstrip("…")
        for one in used if isinstance(used, tuple) else (used,):
            # As the page calls it, and as a link does; not at length.
            words = called(CONTROLS[key], one)
            assert words in said or len(said) > 24 or not one
            assert str(one) in said or len(said) > 24 or not one
        assert line.count("`") in (2, 4)


@pytest.mark.parametrize("text", ["x\n\n# Win a prize", "x\r\n\r\n[here](http://x)"])
def test_what_a_link_says_is_shown_as_plain_text_only(text):
    _, (line,) = from_link({"depth": [text]})
    assert len(line.splitlines()) == 1


@given(SETTINGS)
def test_a_link_gives_back_the_settings_that_it_was_made_from(values):
    settings = Settings(**values)
    query = urlsplit(address("http://host/", settings.changes)).query
    linked, corrections = from_link(parse_qs(query, keep_blank_values=True))
    assert corrections == []
    assert from_values(linked) == (settings, [])
    # The shortest link that does.
    assert linked.keys() == {key for key, value in values.items() if value != DEFAULTS[key]}


def test_the_defaults_need_no_link():
    assert address("http://host/", Settings().changes) == "http://host/"
    assert from_link({}) == ({}, [])


def test_a_hostile_link_is_put_right_field_by_field():
    linked, corrections = from_link(HOSTILE)
    assert (linked, named(corrections)) == (NEAREST, list(HOSTILE))
    for line, allowed in zip(
        corrections, ["from 1 to 100", "from 1 to 256", "sigmoid", "from 0 to ", "why, "], strict=True
    ):
        assert allowed in line


@given(st.sampled_from(sorted(HOSTILE)), SETTINGS)
def test_a_hostile_link_keeps_what_was_valid(wrong, values):
    query = urlsplit(address("", Settings(**values).changes)).query
    link = parse_qs(query, keep_blank_values=True) | {wrong: HOSTILE[wrong]}
    linked, corrections = from_link(link)
    assert named(corrections) == [wrong]
    assert from_values(linked) == (Settings(**values | {wrong: NEAREST.get(wrong, DEFAULTS[wrong])}), [])


@pytest.mark.parametrize("key", [key for key, control in CONTROLS.items() if isinstance(control, Number | Decades)])
def test_a_number_beyond_its_range_is_the_nearest_limit(key):
    control = CONTROLS[key]
    for text, limit in ((f"{control.low - 7:g}", control.low), ("1e99", control.high)):
        linked, (line,) = from_link({key: [text]})
        assert linked == {key: limit}
        assert type(limit) is type(linked[key])
        assert f"the page got `{text}` and uses **{limit}**" in line
    for text in ("nan", "inf", "-inf", "x", ""):
        assert from_link({key: [text]})[0] == {}


def test_numbers_of_a_list_beyond_their_range_are_the_nearest_limits():
    assert from_link({"layer_counts": ["0, 7, 5000"]})[0] == {"layer_counts": "1, 7, 1000"}
    many = ",".join(map(str, range(1, 40)))
    assert from_link({"layer_counts": [many]})[0] == {"layer_counts": ", ".join(map(str, range(1, 21)))}
    assert from_link({"layer_counts": ["1, two"]})[0] == {}


def test_names_that_are_no_controls_are_left_alone():
    assert from_link({"utm_source": ["x"], "Depth": ["1"], "": [""]}) == ({}, [])


def test_of_several_options_the_known_ones_are_kept():
    linked, corrections = from_link({"activations": ["tanh", "evil", "relu"]})
    assert linked == {"activations": ("tanh", "relu")}
    assert named(corrections) == ["activations"]
    assert from_link({"activations": ["tanh", "tanh"]})[0] == {"activations": ("tanh",)}


@given(st.dictionaries(st.sampled_from(list(CONTROLS)), ANYTHING))
@example(dict.fromkeys(CONTROLS, 5))
def test_whatever_a_browser_sends_the_settings_are_valid(values):
    settings, corrections = from_values(values)
    wrong = named(corrections)
    for key, control in CONTROLS.items():
        assert control.check(getattr(settings, key)) == getattr(settings, key)
        if key in values and key not in wrong:
            assert getattr(settings, key) == (tuple(values[key]) if isinstance(values[key], list) else values[key])
        elif not isinstance(control, Sizes | WholeNumbers):
            assert getattr(settings, key) == DEFAULTS[key]


@pytest.mark.parametrize("key", CONTROLS)
def test_a_control_takes_its_ends_and_names_its_range(key):
    control = CONTROLS[key]
    assert control.check(DEFAULTS[key]) == DEFAULTS[key]
    for value in ends(control):
        assert control.check(value) == value
    if isinstance(control, Number):
        whole = isinstance(control.step, int)
        assert control.allowed == f"a {'whole ' if whole else ''}number from {control.low:,} to {control.high:,}"
        for beyond in (control.low - control.step, control.high + control.step, float("nan"), True, str(control.low)):
            with pytest.raises(ValueError, match=r"^$"):
                control.check(beyond)
    elif isinstance(control, Decades):
        assert control.allowed == f"a number from {control.low:g} to {control.high:g}"
        for beyond in (control.low / 2, control.high * 2, 0.0, float("nan"), True, str(control.low)):
            with pytest.raises(ValueError, match=r"^$"):
                control.check(beyond)
    elif isinstance(control, Choice):
        allowed = control.allowed.removeprefix("one of ").partition(" … ")[0].split(", ")
        assert tuple(allowed) == control.options[: len(allowed)]
        assert len(allowed) == len(control.options) or f"({len(control.options)} in all)" in control.allowed


def test_a_whole_number_is_no_fraction():
    settings, corrections = from_values({"depth": 3.5})
    assert (settings.depth, named(corrections)) == (DEFAULTS["depth"], ["depth"])


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_a_link_with_a_fraction_says_that_it_was_cut(depth, rest):
    linked, corrections = from_link({"depth": [repr(depth + rest)]})
    cut = depth + rest != int(depth + rest)
    if depth + rest <= 100:
        assert linked == {"depth": int(depth + rest)}
        assert named(corrections) == ["depth"] * cut


OPTION_CONTROLS = {key: control for key, control in CONTROLS.items() if isinstance(control, Options)}


@pytest.mark.parametrize("key", OPTION_CONTROLS)
def test_what_an_option_is_called_means_that_option_and_no_other(key):
    control = OPTION_CONTROLS[key]
    texts = [*control.options, *control.labels.values()]
    assert [control.name(text) for text in texts] == [*control.options, *control.options]
    assert [control.called(name) for name in control.options] == [*dict.fromkeys(control.labels.values())]


@pytest.mark.parametrize("key", sorted(OPTION_CONTROLS.keys() - {"lesson"}))
def test_options_are_called_by_words_and_not_by_identifiers(key):
    for name, label in OPTION_CONTROLS[key].labels.items():
        assert label == label.strip() != ""
        assert "_" not in label, name


@given(st.sampled_from(sorted(OPTION_CONTROLS)), st.data())
def test_a_link_may_say_what_an_option_is_called(key, data):
    control = OPTION_CONTROLS[key]
    names = data.draw(st.lists(st.sampled_from(control.options), min_size=1, unique=True))
    by_name = {key: names}
    by_label = {key: [control.called(name) for name in names]}
    mixed = {key: [data.draw(st.sampled_from(pair)) for pair in zip(names, by_label[key], strict=True)]}
    assert from_link(by_name)[0] == from_link(by_label)[0] == from_link(mixed)[0]
    if key not in KEPT:
        assert as_labels(by_name) == as_labels(by_label) == as_labels(mixed) == by_label


def test_what_is_no_option_is_handed_to_the_widgets_as_it_is():
    assert as_labels({"activations": ["evil", "relu", ""], "depth": ["3"], "x": ["relu"]}) == {
        "activations": ["evil", "ReLU", ""]
    }


def test_labels_and_help_are_there_for_every_control():
    for key, control in CONTROLS.items():
        assert control.label, key
        assert len(control.help) > 20, key


def test_stops_by_decades_hold_what_the_page_and_its_links_used_to_step_by():
    stops = CONTROLS["learning_rate"].stops
    assert (stops[0], stops[-1], len(stops)) == (1e-6, 10.0, 9 * 7 + 1)
    assert {DEFAULTS["learning_rate"], DEFAULTS["time_rate"], 0.001, 0.02, 0.3, 1.0} <= set(stops)
    assert all(float(str(stop)) == stop for stop in stops)
