import inspect
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import get_type_hints

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vanish import diagnose
from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import Diagnosis
from vanish.network.training import Divergence, Snapshot
from vanish.numerics import arrays
from vanish.numerics.arrays import quantiles
from vanish.ui.chapters.flow import words as flow_words
from vanish.ui.chapters.map import words as map_words
from vanish.ui.chapters.train import words as train_words
from vanish.ui.chapters.updates import words as updates_words
from vanish.ui.chapters.why import words as why_words
from vanish.ui.kit import numbers as kit_numbers
from vanish.ui.kit import verdicts as kit_verdicts
from vanish.ui.shell.settings import CONTROLS

SIZES = st.floats(0, 1e300) | st.sampled_from([0.0, 5e-324, math.inf, math.nan])
LAYERS = st.lists(SIZES, min_size=1, max_size=12)
ORDINARY = st.lists(st.floats(1e-150, 1e150), min_size=2, max_size=12)
NAMES = st.sampled_from(list(ACTIVATIONS))
SLOPES = st.floats(0, 1.5).map(lambda slope: round(slope, 2))
DEPTHS = st.integers(CONTROLS["depth"].low, CONTROLS["depth"].high)
RATIOS = st.floats(1e-300, 1e300)


def same_depth(layers):
    """Diagnoses of one to four networks of one depth, each with its activation's name."""
    return st.integers(1, 8).flatmap(
        lambda n: st.dictionaries(NAMES, st.lists(layers, min_size=n, max_size=n).map(diagnose), min_size=1)
    )


ANY_NETWORKS = same_depth(SIZES)
COLUMNS = ("activation", "layer", "saturated", "dead", "low", "high", "name", "depth", "value")
SHARES = st.sampled_from([0.0, 0.004, 0.5, 1.0])
ROWS = st.fixed_dictionaries(
    {
        "activation": st.sampled_from(["tanh", "ReLU"]),
        "layer": st.integers(1, 9),
        "saturated": SHARES,
        "dead": SHARES,
        "low": st.floats(-5, 0),
        "high": st.floats(0, 5),
        "name": st.sampled_from(["sigmoid", "ReLU + He"]),
        "depth": st.integers(1, 20),
        "value": SHARES,
    }
)
FRAMES = st.lists(ROWS, max_size=9).map(lambda rows: pd.DataFrame(rows, columns=list(COLUMNS)))


def snapshot(numbers, divergence):
    sizes = np.array(numbers[:3])
    return Snapshot(7, 0.1, *numbers[:4], sizes, sizes, sizes, sizes, sizes, sizes, None, divergence)


RUNS = st.lists(
    st.builds(
        snapshot,
        st.lists(SIZES, min_size=4, max_size=4),
        st.none() | st.builds(Divergence, st.integers(0, 99), st.integers(1, 3), st.just("gradient")),
    ),
    min_size=1,
    max_size=4,
)
# How to draw an argument of a sentence: by its name, or else by its type.
BY_NAME = {
    "slope": SLOPES,
    "depth": DEPTHS,
    "n_seeds": st.integers(5, 200),
    "width": st.integers(1, 256),
    "weight_scale": st.floats(0.1, 4),
    "changes": st.sampled_from([{}, {"depth": 20, "activations": ("relu", "tanh")}]),
    "values": st.lists(SIZES, min_size=1, max_size=9).map(lambda sizes: np.sort(sizes)[::-1]),
    "frame": FRAMES,
    "where": st.just("depth 10"),
    "against": st.sampled_from(["depth", "bias_std"]),
    "place": st.floats(0, 100),
    "state": st.just("healthy"),
    "score_label": st.just("accuracy"),
    "guessing": st.floats(0, 1),
    "seconds": st.floats(0, 1e4),
    "longest": st.just(60.0),
}
BY_TYPE = {
    float: st.floats() | SIZES,
    int: st.integers(1, 100),
    str: NAMES,
    Diagnosis: LAYERS.map(diagnose),
    Mapping[str, Diagnosis]: ANY_NETWORKS,
    arrays.Array: st.lists(SIZES, min_size=1, max_size=9).map(np.array),
    Sequence[Snapshot]: RUNS,
    Sequence[float]: st.lists(SIZES, min_size=3, max_size=3),
    Mapping[str, float]: st.dictionaries(NAMES, SLOPES, min_size=1),
}
SENTENCES = {
    name: function
    for name, function in vars(flow_words).items()
    if inspect.isfunction(function) and function.__module__ == flow_words.__name__ and not name.startswith("_")
}


def value(text):
    """The number that a reader sees."""
    words = {"million": 6, "billion": 9, "trillion": 12}
    digits, _, word = text.replace(",", "").partition(" ")
    return Decimal(digits) * Decimal(10) ** words.get(word, 0)


def lines(said):
    return said if isinstance(said, list) else [] if said is None else [said]


@pytest.mark.parametrize("name", SENTENCES)
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    hints = get_type_hints(SENTENCES[name])
    assert hints.pop("return") in (str, list[str], str | None)
    required = [key for key, p in inspect.signature(SENTENCES[name]).parameters.items() if p.default is p.empty]
    said = SENTENCES[name](**{key: data.draw(BY_NAME.get(key, BY_TYPE.get(hints[key])), key) for key in required})
    for line in lines(said):
        assert line.strip()
        assert not re.search(r"\b(nan|inf|None|np\.float64)\b", line)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 6))
def test_a_number_reads_back_within_rounding(x, digits):
    shown = value(kit_numbers.number(x, digits))
    assert abs(shown - Decimal(x)) <= abs(Decimal(x)) * Decimal(10) ** (1 - digits) / 2


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_short(x):
    assert len(kit_numbers.number(x)) <= len("-9.99e-308")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (2.5461e-9, "2.55e-9"),
        (0.03714, "0.0371"),
        (0.00099951, "1.00e-3"),
        (12.0, "12"),
        (1234.4, "1,230"),
        (999_600.0, "1,000,000"),
        (4.1e12, "4.10e12"),
        (0.0, "0"),
        (-0.0, "0"),
        (math.nan, "undefined"),
        (math.inf, "infinity"),
        (-math.inf, "−infinity"),
    ],
)
def test_numbers_are_written_as_a_reader_wants_them(x, text):
    assert kit_numbers.number(x) == text


@given(st.floats(1e-300, 0.5, exclude_max=True))
def test_one_part_in_so_many_is_the_share(ratio):
    parts = value(kit_numbers.one_part_in(ratio).removeprefix("one part in "))
    assert abs(parts - 1 / Decimal(ratio)) <= max(Decimal("0.5"), parts * Decimal("0.005"))


@pytest.mark.parametrize("ratio", [0.0, 5e-324, 0.5, 1.0, 1e9, math.inf, math.nan])
def test_what_is_no_small_share_is_none(ratio):
    assert kit_numbers.one_part_in(ratio) is None


@given(st.floats(2e-6, 1e6))
def test_layer_1_has_caught_up_after_so_many_steps_and_not_before(ratio):
    steps = value(updates_words.steps_to_match(ratio))
    share = Fraction(ratio)
    assert steps == int(steps)
    assert int(steps) * share >= 1 - Fraction(1, 10**11)
    assert (int(steps) - 1) * share < 1


@pytest.mark.parametrize(
    ("ratio", "steps"), [(0.0, "never"), (math.nan, "undefined"), (0.25**9, "262,144"), (0.1, "10")]
)
def test_steps_to_match(ratio, steps):
    assert updates_words.steps_to_match(ratio) == steps


@given(same_depth(st.floats(1e-150, 1e150)))
def test_the_finding_is_about_the_worst_network_and_its_ratio(networks):
    assume(next(iter(networks.values())).n_layers > 1)
    verdicts = {found.verdict for found in networks.values()}
    worst = next(kind for kind in ("vanishing", "exploding", "healthy") if kind in verdicts)
    ratios = {name: found.ratio for name, found in networks.items() if found.verdict == worst}
    ratio = (max if worst == "exploding" else min)(ratios.values())
    said = kit_verdicts.finding(networks)
    assert any(f"{ACTIVATIONS[name].label} network" in said for name in ratios if ratios[name] == ratio)
    assert f"[{kit_numbers.number(ratio)}]" in said
    assert ("ealthy" in said) == (worst == "healthy")


@given(ANY_NETWORKS)
def test_the_finding_names_what_cannot_be_trained_first(networks):
    said = kit_verdicts.finding(networks)
    verdicts = {found.verdict for found in networks.values()}
    assert ("overflows" in said) == ("overflow" in verdicts)
    assert ("exactly zero" in said) == ("dead" in verdicts and "overflow" not in verdicts)
    if verdicts & {"dead", "overflow"}:
        kind = "overflow" if "overflow" in verdicts else "dead"
        layers = {name: found.layer for name, found in networks.items() if found.verdict == kind}
        assert any(
            f"ayer {n} " in said.replace(":", " ") and ACTIVATIONS[name].label in said for name, n in layers.items()
        )


@given(ANY_NETWORKS)
def test_no_sentence_gives_a_network_anothers_verdict(networks):
    words = {"vanishing", "exploding", "healthy", "dead", "overflow"}
    for (name, found), line in zip(networks.items(), kit_verdicts.flow_reading(networks), strict=True):
        assert line.startswith(f"**{ACTIVATIONS[name].label}**: ")
        assert words & set(re.findall(r"\w+", line)) <= {found.verdict}
        assert words & set(re.findall(r"\w+", kit_verdicts.verdict(found))) <= {found.verdict}
        assert (
            f"{ACTIVATIONS[name].label} {kit_numbers.number(found.ratio)} ({found.verdict})"
            in kit_verdicts.flow_alt(networks)
        )


@given(NAMES, LAYERS)
def test_a_pipe_says_what_layer_1_gets_or_where_the_trouble_is(name, sizes):
    found = diagnose(sizes)
    said = kit_verdicts.pipe_note(name, found)
    assert said.startswith(f"{ACTIVATIONS[name].label}: ")
    if found.layer:
        assert said.endswith(f" at layer {found.layer}")
    elif len(sizes) > 1:
        assert said.endswith(f": layer 1 gets {kit_numbers.number(found.ratio)} of layer {len(sizes)}'s")


@given(ORDINARY)
def test_the_flow_is_read_off_in_numbers(sizes):
    found = diagnose(sizes)
    (line,) = kit_verdicts.flow_reading({"tanh": found})
    assert f"multiplies the gradient by {kit_numbers.number(found.factor_per_layer)} on average" in line
    assert f"leave {kit_numbers.number(found.ratio)} of it" in line.replace("leaves", "leave")
    assert ("one part in" in line) == (found.ratio < 0.5)


@given(LAYERS, st.floats(0.001, 1))
def test_updates_are_read_off_in_numbers(sizes, rate):
    found, first, last = diagnose(sizes), rate * sizes[0], rate * sizes[-1]
    line = updates_words.updates_reading("Tanh", first, last, found)
    assert kit_numbers.number(last) in line
    if len(sizes) > 1:
        assert kit_numbers.number(first) in line
        assert ("never catches up" in line) == (found.ratio == 0)
        assert ("no less than" in line) == (found.ratio >= 1)


@given(st.dictionaries(st.sampled_from(["sigmoid", "tanh", "relu"]), SLOPES, min_size=1), DEPTHS)
def test_decay_is_multiplied_out(slopes, depth):
    said = why_words.decay_reading(slopes, depth)
    for name, slope in slopes.items():
        power = str(depth).translate(kit_numbers.SUPERSCRIPTS)
        assert f"**{name}** {slope:g}{power} = {kit_numbers.number(slope**depth)}" in said
        assert f"{name} multiplies by {slope:g}" in why_words.decay_alt(slopes)
    moral = said.lower().rpartition("set: ")[2]
    for words, holds in (
        ("slope below 1", any(slope < 1 for slope in slopes.values())),
        ("slope above 1", any(slope > 1 for slope in slopes.values())),
        ("exactly 1 keeps", any(slope == 1 for slope in slopes.values())),
    ):
        assert (words in moral) == holds
    smallest = min(slopes.values())
    assert why_words.multiplication(slopes, depth).endswith(f"= {kit_numbers.number(smallest**depth)}.")


@given(st.floats(0.01, 0.99))
def test_a_typical_tanh_slope_is_explained_by_where_it_is_found(slope):
    z = float(re.search(r"\|z\| = ([\d.e-]+)", why_words.typical_tanh_reading(slope))[1])
    assert 1 - math.tanh(z) ** 2 == pytest.approx(slope, abs=0.06)


@given(NAMES, RATIOS, RATIOS, st.integers(1, 256), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_cure_says_from_where_to_where_and_what_he_promises(name, before, after, width, weight_scale):
    said = flow_words.cure(name, before, after, width, weight_scale)
    assert f"from {kit_numbers.number(before)} to {kit_numbers.number(after)}" in said
    assert (f"one network, {width} wide" in said) == (weight_scale == 1)
    assert (f"here it is {weight_scale:g}." in said) == (weight_scale != 1)


@given(NAMES, RATIOS, RATIOS, st.floats(0.001, 10))
def test_a_surprise_says_which_numbers_surprise(name, relu, tanh, strength):
    said = flow_words.surprise(name, relu, tanh, strength)
    assert f"({kit_numbers.number(relu)} against {kit_numbers.number(tanh)})" in said
    assert f"variance of a weight is {kit_numbers.number(strength)} " in said


@given(st.integers(5, 200), st.integers(1, 256), RATIOS, RATIOS)
def test_scatter_says_between_what(n_seeds, width, low, high):
    said = flow_words.scatter(n_seeds, width, low, high)
    assert f"over {n_seeds} random networks {width} wide" in said
    assert f"between {kit_numbers.number(low)} and {kit_numbers.number(high)}" in said


@given(st.lists(SIZES, min_size=1, max_size=30).map(np.array), st.integers(0, 100))
def test_a_spread_is_of_the_ratios_that_are_numbers(ratios, more):
    said = flow_words.spread(ratios, len(ratios) + more)
    kept = ratios[(ratios > 0) & np.isfinite(ratios)]
    assert f"Over {len(ratios)} seeds" in said
    assert ("take their time" in said) == (more > 0)
    assert ("zero or undefined" in said) == bool(((ratios == 0) | np.isnan(ratios)).any())
    assert ("overflow" in said) == bool(np.isinf(ratios).any())
    if kept.size:
        low, middle, high = quantiles(kept)
        assert f"between {kit_numbers.number(low)} and {kit_numbers.number(high)}" in said
        assert f"median is {kit_numbers.number(middle)}" in said
        assert ("says little" in said) == (high > 100 * low)


@given(LAYERS.map(np.array), st.integers(1, 256))
def test_theory_is_quoted_as_first_over_last(expected, width):
    said = flow_words.against_theory(expected, width)
    if np.isnan(expected).all():
        assert "no answer" in said
    elif len(expected) > 1:
        with np.errstate(all="ignore"):
            assert kit_numbers.number(expected[0] / expected[-1]) in said
        assert ("narrow networks" in said) == (width < 64)


@given(st.lists(ROWS, min_size=1, max_size=9).map(lambda rows: pd.DataFrame(rows, columns=list(COLUMNS))))
def test_the_layer_with_most_saturated_units_is_named(frame):
    for line, (label, rows) in zip(flow_words.idle(frame), frame.groupby("activation", sort=False), strict=True):
        assert line.startswith(f"**{label}**")
        worst = rows.iloc[rows.saturated.argmax()]
        assert ("no unit is saturated" in line) == (worst.saturated == 0)
        if worst.saturated:
            assert f"layer {worst.layer} has the most saturated units, {worst.saturated:.0%}" in line


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=9))
def test_a_spectrum_counts_the_directions_that_are_kept(values):
    values = np.sort(values)[::-1]
    said = flow_words.spectrum("tanh", values)
    assert f"{(values >= values[0] / 10).sum()} of {len(values)} are within a factor of 10" in said
    assert kit_numbers.number(values[0]) in said


@given(st.lists(SIZES, min_size=1, max_size=12), SIZES)
def test_a_row_of_the_map_says_which_weight_scales_are_healthy(ratios, border):
    scales = [0.1 * (n + 1) for n in range(len(ratios))]
    said = " ".join(map_words.map_reading(scales, ratios, "depth 10", border))
    healthy = [s for s, r in zip(scales, ratios, strict=True) if diagnose([r, 1.0]).verdict == "healthy"]
    assert ("no weight scale on the map" in said) == (not healthy)
    assert all(f"{end:.2f}" in said for end in healthy[:1] + healthy[-1:])
    assert ("no border here" in said) == (not math.isfinite(border))


@pytest.mark.parametrize(("batch_size", "words"), [(1, "always gives 0"), (15, "is rough"), (16, None)])
def test_batch_norm_says_what_it_needs(batch_size, words):
    said = " ".join(flow_words.batch_norm(batch_size))
    assert words in said if words else said == ""


@given(RUNS, st.floats(0, 1))
def test_a_trained_network_is_judged_by_guessing(run, guessing):
    said, last = train_words.training("tanh", run, guessing, "accuracy"), run[-1]
    if last.divergence:
        assert f"step {last.divergence.step}" in said
        assert f"layer {last.divergence.layer}" in said
    else:
        assert ("next to nothing" in said) == (not last.test_accuracy > guessing + train_words.LEARNED)
        assert kit_numbers.percent(last.test_accuracy) in said


@given(st.lists(ROWS, min_size=1, max_size=9).map(lambda rows: pd.DataFrame(rows, columns=list(COLUMNS))))
def test_deeper_names_the_best_and_the_deepest(frame):
    for line, (name, rows) in zip(train_words.deeper(frame), frame.groupby("name", sort=False), strict=True):
        assert line.startswith(f"**{name}**")
        assert f"with {kit_numbers.percent(rows.value.max())}" in line
        assert f"depth {rows.depth.max()} reaches" in line


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.1111, "11.1 %"), (0.973, "97.3 %"), (0.9975, "99.8 %"), (1.0, "100 %"), (math.nan, "undefined")],
)
def test_shares_are_written_as_per_cent(share, text):
    assert kit_numbers.percent(share) == text
