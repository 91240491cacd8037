import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences, value
from ui.sizes import SIZES

from vanish.ui.kit import numbers


@pytest.mark.parametrize("name", sentences(numbers))
@given(data=st.data())
def test_there_are_words_for_every_number(name, data):
    own = {"x": SIZES} if name == "count" else {}
    check_words(getattr(numbers, name), data, **own)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 6))
def test_a_number_reads_back_within_rounding(x, digits):
    shown = value(numbers.number(x, digits))
    assert abs(shown - Decimal(x)) <= abs(Decimal(x)) * Decimal(10) ** (1 - digits) / 2


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_short(x):
    assert len(numbers.number(x)) <= len("−9.99 × 10⁻³⁰⁸")


@given(st.floats(), st.integers(1, 6))
def test_no_line_ends_within_a_number(x, digits):
    # Browsers may end a line after a hyphen, but neither before nor after a true minus next to letters and digits.
    assert not set(numbers.number(x, digits)) & set("-‐ \t")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (2.5461e-9, "2.55 × 10⁻⁹"),
        (0.03714, "0.0371"),
        (0.00099951, "10⁻³"),
        (12.0, "12"),
        (1234.4, "1,230"),
        (999_600.0, "1,000,000"),
        (4.1e12, "4.1 × 10¹²"),
        (0.0, "0"),
        (-0.0, "0"),
        (math.nan, "undefined"),
        (-0.0942, "−0.0942"),
        (math.inf, "infinity"),
        (-math.inf, "−infinity"),
    ],
)
def test_numbers_are_written_as_a_reader_wants_them(x, text):
    assert numbers.number(x) == text


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.9994, "0.999 of it"),
        (0.9996, "1 times it"),
        (1.0, "1 times it"),
        (0.0, "0 of it"),
        (math.nan, "undefined of it"),
    ],
)
def test_what_is_rounded_to_one_is_a_multiple(share, said):
    assert numbers.share_of(share, "it") == said


@given(st.floats(1e-300, 0.1, exclude_max=True))
def test_one_part_in_so_many_is_the_share(ratio):
    parts = value(numbers.one_part_in(ratio).removeprefix("one part in "))
    assert abs(parts - 1 / Decimal(ratio)) <= max(Decimal("0.5"), parts * Decimal("0.005"))


@pytest.mark.parametrize("ratio", [0.0, 5e-324, 0.1, 0.5, 1.0, 1e9, math.inf, math.nan])
def test_what_is_no_small_share_is_none(ratio):
    assert numbers.one_part_in(ratio) is None


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.1111, "11.1 %"),
        (0.973, "97.3 %"),
        (0.9975, "99.8 %"),
        (1.0, "100 %"),
        (0.0, "0.0 %"),
        (0.0004, "less than 0.1 %"),
        (0.9996, "more than 99.9 %"),
        (-0.147, "−14.7 %"),
        (math.nan, "undefined"),
    ],
)
def test_shares_are_written_as_per_cent(share, text):
    assert numbers.percent(share) == text


def test_no_line_ends_between_a_number_and_what_is_read_with_it():
    said = f"{numbers.percent(0.1)} of it, {numbers.one_part_in(1e-9)}, {numbers.count(2.5e7)}, not a million."
    said += " Layer 1 to layers 2 and 3, at step **9**, question 4: players 3, 2 steps; `layer 5 %`."
    whole = said.replace(" % o", "_% o").replace(" billion", "_billion").replace("25 m", "25_m")
    whole = whole.replace("Layer 1", "Layer_1").replace("layers 2", "layers_2").replace("step *", "step_*")
    whole = whole.replace("question 4", "question_4")
    assert numbers.unbroken(said).replace("\N{NO-BREAK SPACE}", "_") == whole
    assert whole.count("_") == 7


@pytest.mark.parametrize(("n", "text"), [(0, "none"), (4, "four"), (10, "ten"), (11, "11"), (1300, "1,300")])
def test_small_counts_are_spelled(n, text):
    assert numbers.spelled(n) == text


def test_who_waits_is_told_how_many_come_first_and_how_long_that_takes():
    assert numbers.waiting(0, 3.0) == "Starting"
    assert numbers.waiting(1) == "Waiting for its turn: 1 computation of other readers before it"
    told = numbers.waiting(3, 12.4)
    assert told == "Waiting for its turn: 3 computations of other readers before it, about 12 seconds"
