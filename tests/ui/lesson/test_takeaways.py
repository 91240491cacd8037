import math
from dataclasses import replace
from html import escape
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from vanish.ui.lesson import results, takeaways
from vanish.ui.lesson.answers import SHOWN, Options, Result
from vanish.ui.lesson.chart import KINDS, Row
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.steps import STEPS

SIZES = st.floats(0, 1e308) | st.sampled_from([0.0, 5e-324, math.inf, math.nan])
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30)
ROWS = st.lists(st.builds(Row, WORDS, SIZES, st.sampled_from(list(KINDS))), min_size=1, max_size=6)


def drawn(rows, share=False):
    return ElementTree.fromstring(takeaways.bars(rows, "Gradient <left> & more", share))


def widths(figure):
    return [float(bar.get("style").partition("%")[0].removeprefix("width:")) for bar in figure.findall("div")]


@given(ROWS, st.booleans())
def test_any_bars_make_a_figure_that_can_be_parsed_and_heard(rows, share):
    figure = drawn(rows, share)
    assert figure.get("aria-label").startswith("Gradient <left> & more. ")
    assert [p.text or "" for p in figure.findall("p")] == [row.words for row in rows]
    for width, row in zip(widths(figure), rows, strict=True):
        assert 0 <= width <= 100
        assert (width > 0) == (math.isfinite(row.value) if share else 1e-320 <= row.value <= 1e308)
    assert ("log scale" in figure.find("figcaption").text) != share


@given(st.lists(st.floats(1e-300, 1e300), min_size=2, max_size=6))
def test_a_longer_bar_is_a_larger_number(values):
    lengths = widths(drawn([Row(str(value), value, "other") for value in values]))
    assert max(lengths) == 100
    for value, length in zip(values, lengths, strict=True):
        assert all(other >= length for larger, other in zip(values, lengths, strict=True) if larger > value)


def test_a_log_scale_has_decades_of_one_length():
    one, two, three = widths(drawn([Row(str(value), value, "other") for value in (1e-6, 1e-3, 1.0)]))
    assert math.isclose(two - one, three - two, abs_tol=0.2)


def test_a_share_is_as_long_as_it_says():
    assert widths(drawn([Row("a", 0.25, "guess"), Row("b", 1.0, "measured")], share=True)) == [25, 100]


def test_nothing_in_it_is_loaded_from_anywhere():
    assert "http" not in takeaways.bars([Row("<script>", 1.0, "other")], "t", True)


def test_only_guesses_that_were_off_are_surprises():
    answered = [("decay", "1e-6"), ("rank", "tanh"), ("steps", "1e0"), ("rank", "sigmoid"), ("he", SHOWN)]
    outcomes = [Outcome(STEPS[name], text, results.result(STEPS[name])) for name, text in answered]
    assert [(one.step.name, one.text) for one in takeaways.surprises(outcomes)] == [
        ("steps", "1e0"),
        ("rank", "sigmoid"),
    ]
    assert takeaways.surprises(outcomes[:2]) == []
    assert outcomes[0].verdict.endswith("Spot on.")


def test_whatever_is_said_of_an_answer_the_document_shows_it_as_letters():
    mark = "<img src=x onerror=y><script>z</script><b>w</b>"
    fields = dict.fromkeys(("title", "question", "moral"), mark)
    said = Result("tanh", {"tanh": 1.0}, mark, mark)
    step = replace(STEPS["rank"], **fields, answer=Options({"tanh": mark}))
    written = takeaways.document([Outcome(step, "tanh", said)], 1)
    assert written.count(escape(mark)) >= 6
    assert [tag for tag in ("<img", "<script", "<b>") if tag in written] == []
