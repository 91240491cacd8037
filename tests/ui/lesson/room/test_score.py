"""The room's guesses as a picture, and what it has made of the questions."""

import io
import math
import re
from statistics import multimode

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ui.schema import validate
from ui.sentences import check_words, sentences

from vanish.ui.kit import drawing
from vanish.ui.lesson import results
from vanish.ui.lesson.answers import LogGuess, Options, Result, ShareGuess
from vanish.ui.lesson.room import chart, score, words
from vanish.ui.lesson.room.score import Score
from vanish.ui.lesson.room.store import Rooms, Said, Tally
from vanish.ui.lesson.steps import STEPS

CHEAP = ("decay", "rank", "luck")
KINDS = [STEPS[name].answer for name in CHEAP]


def tallies(answer):
    counts = st.lists(st.integers(0, 5), min_size=len(answer.texts), max_size=len(answer.texts))
    return counts.map(lambda numbers: Tally(dict(zip(answer.texts, numbers, strict=True))))


def median_low_of(guesses):
    return sorted(guesses, key=float)[(len(guesses) - 1) // 2]


def scored(name, **counts):
    step = STEPS[name]
    said = {text: counts.get(text, 0) for text in step.answer.texts}
    return Score(step, Tally(said), results.result(step))


@pytest.mark.parametrize("answer", [STEPS["decay"].answer, STEPS["luck"].answer])
@settings(max_examples=10)
@given(data=st.data())
def test_every_guess_is_a_dot_at_its_number(answer, data):
    tally = data.draw(tallies(answer))
    points = chart.points(answer, tally)
    assert len(points) == tally.answered
    assert (points.groupby("value")["place"].max() + 1).to_dict() == {
        answer.number(text): n for text, n in tally.counts.items() if n
    }
    assert points["value"].gt(0).all() or isinstance(answer, ShareGuess)


def test_a_choice_has_a_bar_for_each_option_also_for_those_that_nobody_takes():
    answer = STEPS["rank"].answer
    tally = Tally({"sigmoid": 0, "tanh": 3, "leaky_relu": 1})
    before, after = (chart.rows(answer, tally, result) for result in (None, results.result(STEPS["rank"])))
    assert [row.words for row in before] == ["sigmoid: 0", "tanh: 3", "leaky ReLU: 1"]
    assert [row.kind for row in before] == ["guess"] * 3
    assert [row.kind for row in after] == ["guess", "measured", "guess"]
    assert [row.value for row in after] == [0, 0.75, 0.25]
    assert [row.value for row in chart.rows(answer, Tally(dict.fromkeys(answer.texts, 0)), None)] == [0, 0, 0]


@pytest.mark.parametrize(("answer", "large"), [*zip(KINDS, (True, False, False), strict=True)])
def test_the_picture_is_valid_and_has_a_text(drawn, answer, large):
    counts = dict.fromkeys(answer.texts, 7)
    right = next(iter(counts)) if isinstance(answer, Options) else answer.number(next(iter(counts)))
    for result in (None, Result(right, {}, "", "")):
        drawn.clear()
        chart.show(answer, Tally(counts), result, key="room_guesses", large=large)
        spec, data, text = drawn["room_guesses"]
        validate(spec, data)
        assert ("Measured: " in text) == (result is not None)
    assert words.spread({}) in chart.spoken(answer, Tally(dict.fromkeys(answer.texts, 0)), None)


@pytest.mark.parametrize(("value", "drawn"), [(1e-3, 1), (0.0, 0), (math.nan, 0), (math.inf, 0)])
def test_a_truth_is_drawn_where_an_axis_has_a_place_for_it(value, drawn):
    assert len(chart.truth(LogGuess(-9, 0), Result(value, {}, "", ""))) == drawn
    assert len(chart.truth(ShareGuess(), Result(value, {}, "", "", True))) == np.isfinite(value)
    assert len(chart.truth(LogGuess(-9, 0), None)) == 0


def test_a_room_is_scored_by_how_many_are_right_or_near():
    ten = scored("decay", **{"1e-6": 2, "5e-6": 1, "2e-5": 1, "1e0": 1})
    assert ten.good == 3
    assert ten.said == "3 of 5 right or near (60 %)"
    assert ten.typical == STEPS["decay"].answer.texts["5e-6"]
    assert scored("rank", tanh=1, sigmoid=2).typical == "sigmoid"
    assert scored("rank", tanh=1, sigmoid=2).share == "33 %"
    assert scored("rank").typical == "nothing"


@given(data=st.data())
def test_half_of_the_guesses_are_no_larger_and_half_no_smaller_than_the_one_in_the_middle(data):
    answer = STEPS["decay"].answer
    tally = data.draw(tallies(answer))
    middle = Score(STEPS["decay"], tally, results.result(STEPS["decay"])).typical
    if tally.answered:
        value = next(answer.number(text) for text, said in answer.texts.items() if said == middle)
        sides = [
            sum(n for text, n in tally.counts.items() if no_more(answer.number(text)))
            for no_more in (lambda number: number <= value, lambda number: number >= value)
        ]
        assert all(2 * side >= tally.answered for side in sides)


@pytest.mark.parametrize("name", CHEAP)
@settings(max_examples=15)
@given(data=st.data())
def test_a_rooms_sentences_are_what_counting_by_hand_gives(name, data):
    step = STEPS[name]
    result, texts = results.result(step), step.answer.texts
    guesses = data.draw(st.lists(st.sampled_from(list(texts)), max_size=300))
    tally = Tally({text: guesses.count(text) for text in texts})
    near = {
        "decay": lambda text: result.truth / 10 <= float(text) <= 10 * result.truth,
        "rank": lambda text: text == result.truth,
        "luck": lambda text: abs(int(text) - 100 * result.truth) <= 10,
    }[name]
    good, n, one = sum(map(near, guesses)), len(guesses), Score(step, tally, result)
    heard = chart.spoken(step.answer, tally, None).removeprefix(f"{chart.TITLE}. ")
    assert heard == (
        "; ".join(f"{said}: {guesses.count(text)}" for text, said in texts.items() if text in guesses)
    ) or (n == 0 and heard == "No answers yet")
    if n == 0:
        assert one.words.startswith("no guesses; measured: ")
        return
    share = re.fullmatch(rf"{good} of {n} right or near \((\d+) %\)", one.said)[1]
    assert one.share == f"{share} %"
    assert abs(int(share) - 100 * good / n) < 1
    assert (share == "100") == (good == n)
    assert (share == "0") == (good == 0)
    if name == "rank":
        assert one.typical == ", ".join(texts[text] for text in texts if text in multimode(guesses))
        assert f"; said most often: {one.typical}; " in one.words
    else:
        assert one.typical == texts[median_low_of(guesses)]
        assert f"; in the middle: {one.typical}; " in one.words


def test_some_are_neither_none_nor_all():
    assert words.scored(1, 400) == "1 of 400 right or near (1 %)"
    assert words.scored(399, 400) == "399 of 400 right or near (99 %)"
    assert words.scored(0, 400) == "0 of 400 right or near (0 %)"
    assert words.scored(400, 400) == "400 of 400 right or near (100 %)"


def test_only_what_the_room_was_shown_is_scored_and_goes_home():
    rooms = Rooms({"short": {name: tuple(STEPS[name].answer.texts) for name in CHEAP}})
    code, lead = rooms.open("short")
    for name in CHEAP:
        results.result(STEPS[name])
    rooms.answer(code, "a", "decay", "1e-6")
    rooms.answer(code, "b", "decay", "1e-6")
    rooms.answer(code, "a", "rank", "tanh")
    rooms.go(code, lead, 2, ["decay"])
    (one,) = scores = score.scores(rooms, code)
    assert one.step.name == "decay"
    assert "2 of 2 right or near (100 %)" in score.listed(scores)
    assert "2 of 2 right or near (100 %)" in score.section(scores)
    text = score.csv(scores, "short", "http://host/")
    assert code not in text
    assert "http://host/?lesson=short" in text
    (row,) = pd.read_csv(io.StringIO(text), comment="#").to_dict("records")
    assert row == {
        "question": "decay",
        "guess": pytest.approx(1e-6),
        "said": STEPS["decay"].answer.texts["1e-6"],
        "people": 2,
        "near": True,
        "measured": STEPS["decay"].answer.truth(results.result(STEPS["decay"])),
    }
    assert score.scores(rooms, "oak-100") == []
    assert score.section([]) == ""


@given(n=st.integers(0, 500), people=st.integers(0, 500))
def test_sentences_name_the_numbers(n, people):
    said = words.answered(n, max(n, people))
    assert said.startswith(f"{n} of {max(n, people)} ha") or (n == 0 and "yet" in said)
    assert words.scored(n, max(n, people)).startswith(f"{n} of ") or max(n, people) == 0
    assert words.whereabouts(1, 5) == "question 1 of 5"
    assert words.whereabouts(6, 5) == "the take-aways"


@pytest.mark.parametrize("name", sentences(words))
@settings(max_examples=10)
@given(data=st.data())
def test_sentences_say_something_whatever_their_numbers(name, data):
    said = st.dictionaries(st.sampled_from(["tanh", "ReLU"]), st.integers(0, 500))
    check_words(getattr(words, name), data, became=st.sampled_from(Said), said=said)


def test_whatever_becomes_of_a_guess_is_said_unless_it_is_counted():
    assert {one for one in Said if not words.not_counted(one)} == {Said.COUNTED, Said.UNKNOWN, Said.GONE}
    assert drawing.DATA != chart.TRUTH
