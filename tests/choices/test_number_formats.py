import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vanish.choices import NUMBER_FORMATS
from vanish.choices.number_formats import round_to

# Every bit pattern of float32, so that casts start from what they can all read.
BITS = arrays(np.uint32, 50, elements=st.integers(0, 2**32 - 1))
TORCH = {"float16": "float16", "bfloat16": "bfloat16", "float8_e4m3": "float8_e4m3fn", "float8_e5m2": "float8_e5m2"}


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_limits_are_numpys(name):
    info, entry = np.finfo(name), NUMBER_FORMATS[name]
    assert (entry.smallest_normal, entry.smallest_subnormal) == (info.smallest_normal, info.smallest_subnormal)
    assert entry.largest == info.max


@pytest.mark.parametrize(
    ("name", "smallest_normal", "smallest_subnormal", "largest"),
    [
        ("bfloat16", 2.0**-126, 2.0**-133, 3.3895313892515355e38),
        ("float16", 2.0**-14, 2.0**-24, 65504),
        ("float8_e4m3", 2.0**-6, 2.0**-9, 448),
        ("float8_e5m2", 2.0**-14, 2.0**-16, 57344),
    ],
)
def test_limits_are_the_published_ones(name, smallest_normal, smallest_subnormal, largest):
    entry = NUMBER_FORMATS[name]
    assert (entry.smallest_normal, entry.smallest_subnormal) == (smallest_normal, smallest_subnormal)
    assert entry.largest == largest


@pytest.mark.parametrize("name", TORCH)
def test_limits_are_torchs(name):
    torch = pytest.importorskip("torch")
    info = torch.finfo(getattr(torch, TORCH[name]))
    assert (NUMBER_FORMATS[name].smallest_normal, NUMBER_FORMATS[name].largest) == (info.smallest_normal, info.max)


def boundary_values(entry):
    """Numbers of the format near its limits and in its middle, what is half-way between them, and either side."""
    numbers = [entry.smallest_subnormal * k for k in range(1, 18)]
    numbers += [entry.smallest_normal * k / 8 for k in range(4, 20)] + [
        1 + k * 2.0**-entry.fraction_bits for k in range(9)
    ]
    numbers += [entry.largest * (1 + k * 2.0 ** (-entry.fraction_bits - 2)) for k in range(-8, 9)]
    halves = [number + entry.smallest_subnormal / 2 for number in numbers]
    with np.errstate(over="ignore"):
        values = np.float32([0.0, entry.smallest_subnormal / 2, np.inf, np.nan, *numbers, *halves])
        values = np.concatenate([values, np.nextafter(values, np.float32(0)), np.nextafter(values, np.float32(np.inf))])
    return np.concatenate([values, -values])


def same(ours, theirs):
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(np.signbit(ours[~np.isnan(ours)]), np.signbit(theirs[~np.isnan(theirs)]))


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@given(arrays(np.float64, 50, elements=st.floats(width=64, allow_nan=True, allow_infinity=True)))
@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_rounding_is_numpys_cast(name, values):
    same(round_to(values, name), values.astype(name).astype(np.float64))


@given(BITS)
@pytest.mark.parametrize("name", TORCH)
def test_rounding_is_torchs_cast(name, bits):
    torch = pytest.importorskip("torch")
    values = bits.view(np.float32)
    same(round_to(values, name), torch.tensor(values).to(getattr(torch, TORCH[name])).double().numpy())


@pytest.mark.parametrize("name", TORCH)
def test_rounding_at_the_limits_is_torchs_cast(name):
    torch = pytest.importorskip("torch")
    values = boundary_values(NUMBER_FORMATS[name])
    same(round_to(values, name), torch.tensor(values).to(getattr(torch, TORCH[name])).double().numpy())


@pytest.mark.parametrize("name", NUMBER_FORMATS)
def test_half_the_smallest_number_becomes_zero_and_a_little_more_does_not(name):
    entry = NUMBER_FORMATS[name]
    smallest = entry.smallest_subnormal
    if name == "float64":
        assert round_to(smallest, name) == smallest
        return
    assert round_to(smallest / 2, name) == 0
    assert round_to(np.nextafter(smallest / 2, 1), name) == smallest
    assert round_to(1.5 * smallest, name) == 2 * smallest
    assert round_to(2.5 * smallest, name) == 2 * smallest


def test_what_the_page_called_zero_in_float16_is_6e_minus_8():
    assert round_to(3.204e-8, "float16") == pytest.approx(6e-8, rel=0.01)


@given(st.sampled_from(list(NUMBER_FORMATS)), arrays(np.float64, 20, elements=st.floats(allow_nan=False)))
def test_rounding_keeps_order_and_sign_and_rounds_only_once(name, values):
    rounded = round_to(values, name)
    np.testing.assert_array_equal(round_to(rounded, name), rounded)
    np.testing.assert_array_equal(round_to(-values, name), -rounded)
    in_order = round_to(np.sort(values), name)
    assert (in_order[1:] >= in_order[:-1]).all()
    entry = NUMBER_FORMATS[name]
    inside = (np.abs(values) <= entry.largest) & (np.abs(values) >= entry.smallest_normal)
    error = np.abs(rounded[inside] / values[inside] - 1)
    assert (error <= 2.0 ** (-entry.fraction_bits - 1)).all()


@pytest.mark.parametrize("name", NUMBER_FORMATS)
def test_beyond_the_largest_number_a_format_overflows_or_saturates(name):
    entry = NUMBER_FORMATS[name]
    beyond = entry.largest if name == "float8_e4m3" else np.inf
    values = [np.inf, -np.inf] if name == "float64" else [entry.largest * 1.2, -entry.largest * 1.2]
    np.testing.assert_array_equal(round_to(values, name), [beyond, -beyond])
    np.testing.assert_array_equal(entry.overflows([*values, entry.largest, np.nan, 0.0]), [True, True] + [False] * 3)


def test_an_unknown_format_is_named():
    with pytest.raises(ValueError, match="number_format must be one of float64, float32"):
        round_to(1.0, "float8")
