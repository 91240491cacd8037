import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from vanish.ui.lesson import svg
from vanish.ui.lesson.svg import Bar

SIZES = st.floats(0, 1e308) | st.sampled_from([0.0, 5e-324, math.inf, math.nan])
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30)
BARS = st.lists(st.builds(Bar, WORDS, SIZES, st.just("#0c9e73")), min_size=1, max_size=6)


def drawn(found, share=False, title="Gradient <left> & more"):
    return ElementTree.fromstring(svg.bars(found, title, "What & why", share))


@given(BARS, st.booleans())
def test_any_bars_make_a_picture_that_can_be_parsed_and_heard(found, share):
    picture = drawn(found, share)
    assert picture.find("title").text == "Gradient <left> & more"
    assert picture.find("desc").text == "What & why"
    words = [text.text or "" for text in picture.findall("text")]
    assert all(bar.words in words for bar in found)
    lengths = [float(rect.get("width")) for rect in picture.findall("rect")]
    assert len(lengths) == sum(math.isfinite(bar.value) and (share or bar.value > 0) for bar in found)
    assert all(0 < length <= svg.WIDTH - svg.LEFT - svg.RIGHT + 0.1 for length in lengths)
    assert len(picture.findall("path")) <= svg.MOST_TICKS + 2


@given(st.lists(st.floats(1e-300, 1e300), min_size=2, max_size=6))
def test_a_longer_bar_is_a_larger_number(values):
    rects = drawn([Bar(str(n), value, "red") for n, value in enumerate(values)]).findall("rect")
    lengths = [float(rect.get("width")) for rect in rects]
    for value, length in zip(values, lengths, strict=True):
        assert all(other >= length for larger, other in zip(values, lengths, strict=True) if larger > value)


def test_a_log_axis_is_marked_at_powers_of_ten_where_they_are():
    picture = drawn([Bar("a", 1e-6, "red"), Bar("b", 1.0, "red")])
    ticks = {
        t.text: float(t.get("x")) for t in picture.findall("text") if re.fullmatch(r"1e-?\d+|[\d.]+", t.text or "")
    }
    lengths = [float(rect.get("width")) + svg.LEFT for rect in picture.findall("rect")]
    assert ticks["1"] == lengths[1]
    assert abs(ticks["1e-6"] - lengths[0]) < 0.2 if "1e-6" in ticks else len(ticks) > 3


def test_nothing_in_it_is_loaded_from_anywhere():
    assert "http" not in svg.bars([Bar("<script>", 1.0, "red")], "t", "d", True)
