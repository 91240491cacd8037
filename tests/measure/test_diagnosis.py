import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish import NetworkSpec, diagnose, gradient_flow
from vanish.choices import NUMBER_FORMATS
from vanish.measure.diagnosis import LARGEST_LAYERS, worst

POSITIVE = st.lists(st.floats(1e-30, 1e30), min_size=2, max_size=20)
FACTORS = (0.055721, 0.5, 1.0, 1.466942)
CUT_OFF = [0.02, 0.015, 1e-7, 1e-8, 1e-8, 1e-7, 0.01, 0.03]


def falling(factor, n_layers):
    """Sizes of a profile in which each step back multiplies the gradient by the factor."""
    return factor ** np.arange(n_layers - 1, -1, -1.0)


# Issue by issue: what was called healthy, "2 per layer on average" or overflow.
@pytest.mark.parametrize(
    ("sizes", "verdict", "layers"),
    [
        ([1e-94] * 6, "too small", (1, 2, 3, 4, 5, 6)),
        ([1e104] * 6, "too large", (1, 2, 3, 4, 5, 6)),
        (CUT_OFF, "blocked", (3, 4, 5, 6)),
        ([220.0] * 10 + [0.11] * 2, "jump", (10, 11)),
        ([1.0, None, 1.0, 1.0], "missing", (2,)),
        ([1e-3, 1e-9, 2e-3, 1e-9] * 3, "jump", (2, 3)),
        ([1e-3, 1e-9, 2e-3, 1e-9] * 3 + [1e-3], "jump", (2, 3)),
        (falling(2e-3, 10), "vanishing", ()),
        (falling(500.0, 10), "exploding", ()),
        ([1.0, 0.0, 1.0, 0.0], "dead", (2, 4)),
        ([1.0, math.inf, 1.0, math.nan, 1.0], "overflow", (2, 4)),
        ([0.3, 0.5, 1.0], "healthy", ()),
        ([1.0] * 5 + [1e-4] * 5 + [1.0] * 5 + [1e-4] * 5 + [1.0], "blocked", (6, 7, 8, 9, 10, 16, 17, 18, 19, 20)),
        ([1.0] * 3 + [1e-6] + [1.0] * 5 + [1e4] * 5, "jump", (9, 10)),
    ],
)
def test_the_verdict_looks_at_every_layer(sizes, verdict, layers):
    diagnosis = diagnose(sizes)
    assert (diagnosis.verdict, diagnosis.layers) == (verdict, layers)


def test_evidence_of_a_jump_is_where_and_how_large():
    diagnosis = diagnose([220.0] * 10 + [0.11] * 2)
    assert (diagnosis.step.before, diagnosis.step.after, diagnosis.layer) == (10, 11, 10)
    assert diagnosis.step.factor == pytest.approx(2000)
    assert diagnosis.factor.value == pytest.approx(1)


def test_evidence_of_a_gap_is_its_deepest_layer():
    diagnosis = diagnose(CUT_OFF)
    assert diagnosis.layer == diagnosis.gap.layer == 4
    assert diagnosis.gap.depth == pytest.approx(1e-8 / 0.02)
    assert diagnose([1.0, 0.5, 1.0]).gap.depth == pytest.approx(0.5)
    assert diagnose([0.5, 0.7, 1.0]).gap is None


def test_evidence_of_a_level_is_what_each_format_loses():
    levels = {level.number_format: level for level in diagnose([1e-3, 1e-6, 1e6, 1.0]).levels}
    assert (levels["float32"].below, levels["float32"].above) == ((), ())
    assert (levels["float16"].below, levels["float16"].above) == ((2,), (3,))
    assert (levels["float8_e4m3"].below, levels["float8_e4m3"].above) == ((1, 2), (3,))
    assert (levels["float8_e5m2"].below, levels["float8_e5m2"].above) == ((2,), (3,))


@given(st.sampled_from(list(NUMBER_FORMATS)[1:]), st.floats(1e-3, 0.99), st.integers(1, 12))
def test_the_first_format_decides_what_is_too_small_or_too_large(name, share, n_layers):
    entry = NUMBER_FORMATS[name]
    small, large = entry.smallest_normal * share, entry.largest / share
    assert diagnose([small] * n_layers, formats=[name]).verdict == "too small"
    assert diagnose([large] * n_layers, formats=[name]).verdict == "too large"
    assert diagnose([entry.smallest_normal, entry.smallest_normal], formats=[name]).verdict == "healthy"
    assert diagnose([entry.largest] * 2, formats=[name]).verdict == "healthy"


@pytest.mark.slow
@pytest.mark.parametrize("n_layers", [5, 7, 10, 20, 40, 60])
def test_the_interval_covers_a_known_factor_in_95_of_100_runs(n_layers):
    scatter = np.exp(0.5 * np.random.default_rng([n_layers, 1968]).standard_normal((1000, n_layers)))
    known = np.resize(FACTORS, len(scatter))
    found = [diagnose(row * falling(factor, n_layers)).factor for row, factor in zip(scatter, known, strict=True)]
    covered = [one.low <= factor <= one.high for one, factor in zip(found, known, strict=True)]
    assert 0.935 <= np.mean(covered) <= 0.965


@pytest.mark.parametrize("sizes", [[0.3], [0.3, 1.0], [0.1, 0.3, 0.5, 1.0]])
def test_with_few_layers_the_factor_may_be_anything(sizes):
    assert (diagnose(sizes).factor.low, diagnose(sizes).factor.high) == (0, math.inf)


@given(st.floats(1e-4, 1e4), st.integers(5, 60))
def test_an_even_profile_never_jumps_however_steep(factor, n_layers):
    diagnosis = diagnose(falling(factor, n_layers))
    ratio = factor ** (n_layers - 1)
    far = abs(math.log10(ratio)) > 2.001
    near = abs(math.log10(ratio)) < 1.999
    assert diagnosis.verdict in (("vanishing" if factor < 1 else "exploding"),) * far + ("healthy",) * near or not (
        far or near
    )
    assert diagnosis.factor.value == pytest.approx(factor, rel=1e-9)
    assert diagnosis.factor_per_layer == pytest.approx(factor, rel=1e-9)


@given(st.integers(3, 40), st.data(), st.floats(2.05, 8), st.booleans())
def test_one_step_in_a_flat_profile_is_a_jump_between_its_layers(n_layers, data, decades, up):
    at = data.draw(st.integers(1, n_layers - 1))
    sizes = np.where(np.arange(1, n_layers + 1) <= at, 10.0 ** (decades if up else -decades), 1.0)
    diagnosis = diagnose(sizes)
    assert (diagnosis.verdict, diagnosis.layers) == ("jump", (at, at + 1))
    assert diagnosis.step.factor == pytest.approx(sizes[0], rel=1e-9)


def test_loss_against_the_run_of_the_layers_is_named_by_its_largest_step():
    # 48 steps gain half as much again, two at the output lose: neither the depth nor a factor per layer is the cause.
    sizes = [*1.2 ** np.arange(10, 0, -1.0) * 1e-4, 1e-4 * 30, 1e-4 * 30 * 80, 1.0]
    diagnosis = diagnose(sizes)
    assert diagnosis.factor.value > 1
    assert diagnosis.left < 1e-2
    assert (diagnosis.verdict, diagnosis.layers) == ("jump", (11, 12))
    assert diagnosis.step.factor == pytest.approx(1 / 80)


def test_an_output_unit_that_is_off_is_a_jump_at_the_output_and_no_vanishing():
    # 48 steps gain 1.5 times, the one at the output, where leaky ReLU's slope is 0.01, divides by 389.
    spec = NetworkSpec(depth=50, width=32, activation="leaky_relu", initializer="xavier_uniform", residual="scaled")
    diagnosis = diagnose(gradient_flow(spec, magnitudes=["stream"]).stream)
    assert diagnosis.ratio == pytest.approx(0.00379, rel=1e-3)
    assert (diagnosis.verdict, diagnosis.layers) == ("jump", (49, 50))
    assert 1 / diagnosis.step.factor == pytest.approx(389, rel=1e-3)
    assert diagnosis.factor.low > 1


@given(POSITIVE)
def test_first_over_last_stays_as_it_is_beside_the_verdict(sizes):
    diagnosis = diagnose(sizes)
    assert diagnosis.ratio == sizes[0] / sizes[-1]
    assert diagnosis.factor_per_layer ** (len(sizes) - 1) == pytest.approx(diagnosis.ratio, rel=1e-9)
    if diagnosis.verdict == "healthy":
        assert 1e-2 <= diagnosis.ratio <= 1e2
        assert min(sizes) >= 0.99e-2 * min(sizes[0], sizes[-1])
    if diagnosis.verdict in ("vanishing", "exploding"):
        assert (diagnosis.ratio < 1) == (diagnosis.factor.value < 1) == (diagnosis.verdict == "vanishing")


@given(st.lists(st.floats(0, 3), min_size=2, max_size=20), st.floats(-3, 3))
def test_the_unit_of_the_gradient_does_not_matter(decades, shift):
    sizes = 10.0 ** np.array(decades)
    plain, scaled = diagnose(sizes), diagnose(sizes * 2.0 ** round(shift * 10))
    assert (plain.ratio, plain.verdict, plain.layers) == (scaled.ratio, scaled.verdict, scaled.layers)


@given(st.lists(st.floats(-1.9, 1.9), min_size=2, max_size=20), st.floats(-6, 6))
def test_over_its_own_yardstick_a_network_that_loses_nothing_is_healthy(decades, lossless):
    decades = np.array(decades) / 2
    sizes = 10.0**decades
    sizes[-1] *= 10.0**-lossless
    diagnosis = diagnose(sizes, yardstick=10.0**lossless)
    assert diagnosis.verdict == "healthy"
    assert diagnosis.left == pytest.approx(10.0 ** (decades[0] - decades[-1]), rel=1e-9)
    assert diagnosis.decades == pytest.approx(abs(decades[0] - decades[-1]), abs=1e-9)


@given(POSITIVE, st.data(), st.sampled_from([0.0, math.inf, math.nan, None]))
def test_what_gets_no_gradient_is_named_where_the_gradient_meets_it_first(sizes, data, trouble):
    layers = data.draw(st.sets(st.integers(1, len(sizes)), min_size=1, max_size=3))
    for layer in layers:
        sizes[layer - 1] = trouble
    diagnosis = diagnose(sizes)
    assert diagnosis.verdict == ("missing" if trouble is None else "dead" if trouble == 0 else "overflow")
    assert diagnosis.layer == max(layers)
    assert diagnosis.layers == tuple(sorted(layers))
    assert (len(sizes) in layers and trouble == 0) == diagnosis.output_dead


@given(POSITIVE, st.data())
def test_absence_is_the_same_however_it_is_told(sizes, data):
    absent = sorted(data.draw(st.sets(st.integers(1, len(sizes)), min_size=1)))
    marked = np.isin(np.arange(1, len(sizes) + 1), absent)
    with_none = [None if gone else size for size, gone in zip(sizes, marked, strict=True)]
    with_nan = np.where(marked, np.nan, sizes)
    expected = diagnose(with_none)
    assert expected.missing == tuple(absent)
    assert repr(diagnose(np.ma.masked_array(sizes, marked))) == repr(expected)
    assert repr(diagnose(sizes, missing=absent)) == repr(expected)
    assert repr(diagnose(with_nan, missing="nan")) == repr(expected)
    assert diagnose(with_nan).verdict == "overflow"
    assert np.isnan(expected.ratio) == bool(marked[0] or marked[-1])


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (np.nextafter(1e-2, 0), "vanishing"),
        (1e-2, "healthy"),
        (1e2, "healthy"),
        (np.nextafter(1e2, 1e3), "exploding"),
    ],
)
def test_two_decades_either_way_are_still_healthy(ratio, verdict):
    assert diagnose([ratio, 1.0]).verdict == verdict


def test_missing_goes_before_overflow_before_dead():
    assert diagnose([1.0, math.nan, None, 0.0, 1.0]).verdict == "missing"
    diagnosis = diagnose([1.0, math.nan, 1.0, 0.0, 1.0])
    assert (diagnosis.verdict, diagnosis.layer, diagnosis.dead) == ("overflow", 2, (4,))


@pytest.mark.parametrize(
    ("spec", "verdict", "layer"),
    [
        (NetworkSpec(activation="sigmoid"), "vanishing", None),
        (NetworkSpec(activation="tanh"), "vanishing", None),
        (NetworkSpec(activation="leaky_relu"), "vanishing", None),
        (NetworkSpec(activation="tanh", initializer="he_uniform"), "healthy", None),
        (NetworkSpec(activation="leaky_relu", initializer="he_uniform", weight_scale=5), "exploding", None),
        (NetworkSpec(activation="relu", weight_scale=0), "dead", 10),
        (NetworkSpec(activation="relu", weight_scale=0, linear_output=True), "dead", 9),
    ],
)
def test_networks_get_the_verdict_they_are_known_for(spec, verdict, layer):
    diagnosis = diagnose(gradient_flow(spec).mean_abs)
    assert (diagnosis.verdict, diagnosis.layer) == (verdict, layer)


@pytest.mark.parametrize("weight_std", [0.01, 1.0])
def test_a_flat_profile_far_outside_every_format_is_not_healthy(weight_std):
    spec = NetworkSpec(
        depth=100, width=256, activation="leaky_relu", initializer="normal", weight_std=weight_std, linear_output=True
    )
    diagnosis = diagnose(gradient_flow(spec, magnitudes=["weight_norm"]).weight_norm)
    assert 1e-2 < diagnosis.ratio < 1e2
    assert diagnosis.verdict == ("too small" if weight_std < 0.1 else "too large")


def test_worse_is_further_off_whichever_way():
    names = {
        "overflow": [1.0, math.inf],
        "dead": [0.0, 1.0],
        "explodes": falling(3e23 ** (1 / 79), 80),
        "cut off": CUT_OFF,
        "vanishes": falling(0.00195 ** (1 / 79), 80),
        "90": [90.0, 1.0],
        "0.5": [0.5, 1.0],
    }
    diagnoses = {name: diagnose(sizes) for name, sizes in names.items()}
    for better in list(names):
        assert worst(diagnoses) == better
        del diagnoses[better]


@given(st.lists(st.floats(-1.99, 1.99), min_size=1, max_size=8))
def test_of_healthy_ones_the_worst_is_furthest_from_the_yardstick(decades):
    diagnoses = {f"{place}": diagnose([10.0**d, 1.0]) for place, d in enumerate(decades)}
    assert abs(decades[int(worst(diagnoses))]) == pytest.approx(max(map(abs, decades)), abs=1e-9)


def test_one_layer_has_nothing_to_lose():
    diagnosis = diagnose([0.3], yardstick=0.05)
    assert (diagnosis.verdict, diagnosis.ratio, diagnosis.factor_per_layer) == ("healthy", 1.0, 1.0)
    assert diagnosis.step is diagnosis.gap is None


@pytest.mark.parametrize(
    "sizes", [np.array([1, 2], dtype=np.uint8), pd.Series([1.0, 2.0], index=[5, 7]), (1.0, 2), np.float32([1, 2])]
)
def test_whatever_holds_numbers_is_taken(sizes):
    assert diagnose(sizes).ratio == 0.5


@pytest.mark.parametrize(
    "sizes",
    [
        *([], [[1.0, 2.0]], [1, [2]], 3.0, None, "ab", {1: 2}),
        *([1.0, -1.0], [None, -1.0], ["a"], [1j], [object()], [True, False], [True, None], [10**400, None]),
    ],
)
def test_what_is_no_list_of_sizes_is_refused(sizes):
    with pytest.raises(ValueError, match="sizes must be one non-negative number per layer"):
        diagnose(sizes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"yardstick": 0}, "yardstick must be a number from"),
        ({"yardstick": math.nan}, "yardstick must be a number from"),
        ({"formats": ["float8"]}, "formats must be one of float64, float32"),
        ({"formats": "float32"}, "formats must be a sequence"),
        ({"formats": ()}, "formats must be a sequence"),
        ({"formats": iter(["float32"])}, "formats must be a sequence"),
        ({"missing": [3]}, "missing must be a whole number from 1 to 2, got 3"),
        ({"missing": 1}, "missing must be a sequence of layers"),
        ({"missing": "none"}, "missing must be a sequence of layers"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        diagnose([1.0, 2.0], **arguments)


def test_more_layers_than_pairs_fit_in_memory_are_refused():
    assert diagnose(np.ones(LARGEST_LAYERS)).verdict == "healthy"
    with pytest.raises(ValueError, match="sizes must be of 1 to 2000 layers, got 2001"):
        diagnose(np.ones(LARGEST_LAYERS + 1))
