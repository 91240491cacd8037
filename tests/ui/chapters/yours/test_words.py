import json
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.sentences import check_words, sentences

from vanish import NetworkSpec, diagnose_log, read_log
from vanish.logs import Bought, Decision, Finding, Fit, Nearest, StepVerdict
from vanish.logs.findings import findings_of
from vanish.logs.sizes import SIZES
from vanish.ui.chapters.yours import words

CELLS = st.floats(0, 1e300) | st.sampled_from([0.0, 5e-324, 1e-9, None, float("nan"), float("inf")])
NAMES = ("fc1.weight", "fc2.weight", "fc1.bias", "<b>**norm**.weight")


def report(rows):
    log = [{"grad_norm": dict(zip(NAMES, row, strict=False))} for row in rows]
    return diagnose_log(read_log(json.dumps(log)))


def readable(rows):
    return any(cell is not None for row in rows for cell in row)


REPORTS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=3).filter(readable).map(report)
SPECS = st.builds(
    NetworkSpec,
    activation=st.sampled_from(["sigmoid", "relu"]),
    normalization=st.sampled_from(["none", "batch"]),
    residual=st.sampled_from(["none", "identity"]),
)
LINE = np.ones(3)
FITS = st.builds(Fit, SPECS, st.just(LINE), st.just(LINE), st.just(LINE), st.floats(0, 1e6), st.floats(0, 1e6))
VERDICTS = st.builds(StepVerdict, st.floats(0, 1e6), st.sampled_from(["healthy", "dead", "hidden"]), st.floats(0, 9))
RATIOS = st.floats(0, 1e300) | st.sampled_from([0.0, float("nan"), float("inf")])
OWN = {
    "report": REPORTS,
    "finding": st.builds(Finding, st.just("verdict"), st.just("So it is."), source=st.sampled_from(["", "X (1999)"])),
    "log": REPORTS.map(lambda one: one.log),
    "verdicts": st.lists(VERDICTS, min_size=1, max_size=12),
    "found": st.builds(
        Nearest, st.lists(FITS, min_size=1, max_size=7).map(tuple), st.booleans(), st.just(96), st.just(LINE)
    ),
    "spec": SPECS,
    "one": st.builds(Bought, st.just("relu"), st.just("ReLU family"), st.just("leaky ReLU"), SPECS, RATIOS, RATIOS),
    "marks": st.lists(st.sampled_from(["exactly 0", "NaN", "missing"]), unique=True),
    "tried": st.integers(1, 5),
}
DECISIONS = st.sampled_from(
    [
        Decision("size", "norm", "why"),
        Decision("run", "*x*", "why"),
        Decision("left_out", "*x*", "why"),
        Decision("loss_scale", "256", "why"),
    ]
)


@pytest.mark.parametrize("name", sorted(set(sentences(words)) - {"signs", "left_out", "settings"}))
@given(data=st.data())
def test_there_are_words_for_every_log(name, data):
    check_words(getattr(words, name), data, **OWN | ({"one": DECISIONS} if name == "decision" else {}))


@given(REPORTS)
def test_findings_quote_names_and_say_numbers_as_a_reader_wants_them(report):
    for finding in findings_of(report, words.VOICE):
        outside = "".join(finding.text.split("`")[::2])
        assert "<b>" not in outside
        assert "**" not in outside
        assert "fc1.weight" not in outside
        assert not re.search(r"\b(nan|inf|None)\b|\de-\d", outside)


def test_plain_findings_are_those_of_the_page_but_for_the_quotes():
    one = report([[0.25, 0.5]])
    plain, page = findings_of(one), findings_of(one, words.VOICE)
    assert [a.text for a in plain] == [b.text.replace("`", "") for b in page]


@given(st.lists(VERDICTS, min_size=2, max_size=30))
def test_the_course_tells_every_change_it_has_room_for(verdicts):
    said = words.course(verdicts)
    changes = sum(a.verdict != b.verdict for a, b in pairwise(verdicts))
    if not changes:
        assert said == f"At all {len(verdicts)} steps that were judged: {verdicts[0].verdict}."
    else:
        assert said.count("from step") == min(changes + 1, words.MOST_STRETCHES)
        assert ("more change" in said) == (changes + 1 > words.MOST_STRETCHES)


def test_ties_and_no_fit_are_said():
    fit = Fit(NetworkSpec(), LINE, LINE, LINE, 1.0, 0.0)
    alone, tied, none = (
        Nearest(ties, fits, 96, LINE) for ties, fits in (((fit,), True), ((fit,) * 7, True), ((fit,), False))
    )
    assert len(words.nearest(alone)) == 1
    assert "Six others cannot be told apart" in words.nearest(tied)[1]
    assert "and 2 more" in words.nearest(tied)[1]
    assert words.nearest(none)[0].startswith("No kind of network fits, of 96")


def test_a_remedy_that_makes_it_worse_is_said_to():
    def said(before, after):
        return words.bought(Bought("relu", "ReLU family", "leaky ReLU", NetworkSpec(), before, after))

    assert "nearer to 1" in said(1e-6, 1e-2)
    assert "farther from 1" in said(1e-2, 1e-6)
    assert "no change" in said(0.1, 0.1)
    assert "none" in said(0.0, 0.5)


@pytest.mark.parametrize("name", SIZES)
def test_every_size_has_words(name):
    assert SIZES[name].label in words.decision(Decision("size", name, "why"))
