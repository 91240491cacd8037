from urllib.parse import parse_qs, urlencode

import pytest
import streamlit as st
from ui.app import checked, click, copied, finding, move, page, settings, shown

from vanish.references import REFERENCES
from vanish.ui.lesson import chart, place, results
from vanish.ui.lesson.clinic import examination, words
from vanish.ui.lesson.clinic.cases import CASES, CAUSES
from vanish.ui.lesson.clinic.looks import LOOKS
from vanish.ui.lesson.clinic.page import _turn
from vanish.ui.lesson.clinic.symptoms import SYMPTOMS
from vanish.ui.lesson.results import Outcome, quietly
from vanish.ui.lesson.room import door
from vanish.ui.lesson.steps import CLINIC
from vanish.ui.shell import session
from vanish.ui.shell.settings import LESSON_KEYS

NAMES = list(CASES)


def said(app):
    return "\n".join(words.value for words in app.markdown)


def at(name, **more):
    return page(lesson="clinic", step=str(NAMES.index(name) + 1), **more)


def charts(app):
    return len(app.get("vega_lite_chart"))


@pytest.mark.slow
def test_all_twelve_are_examined_diagnosed_and_cured_one_after_the_other():
    app = page(lesson="clinic")
    for number, (name, case) in enumerate(CASES.items(), 1):
        before, after = (examination.sheet(case, quietly, cured) for cured in (False, True))
        # Before the diagnosis: symptoms and charts, and nothing of how the network is set.
        assert f"case {number} of {len(CASES)}" in app.get("progress")[0].text
        assert case.complaint in said(app)
        assert all(words.reading(SYMPTOMS[one], before[one]) in said(app) for one in case.symptoms)
        assert charts(app) >= 1
        assert not shown(app)
        assert not app.title
        assert set(app.query_params) <= set(LESSON_KEYS)
        # A wrong diagnosis, or every third time the right one, is answered with numbers.
        choice = case.cause if number % 3 == 0 else next(one for one in case.choices if one != case.cause)
        move(app, f"guess_{name}", choice)
        click(app, "lesson_show")
        assert words.evidence(CAUSES[case.cause], before[CAUSES[case.cause].shows]) in said(app)
        assert ("Right: " in said(app)) == (choice == case.cause)
        if choice != case.cause:
            assert words.refuted(CAUSES[choice], before[CAUSES[choice].shows]) in said(app)
        assert all(REFERENCES[key].short in said(app) for key in case.sources)
        assert case.sick.items() <= vars(settings(app)).items()
        assert app.title[0].value == finding(app)
        assert "before, **" not in said(app)
        # The cure sets its settings; the same symptoms are measured again.
        click(app, "clinic_cure")
        assert case.cured.items() <= vars(settings(app)).items()
        lines = [words.course(SYMPTOMS[one], before[one], after[one]) for one in examination.shown(case)]
        assert all(line in said(app) for line in lines)
        assert "none is now" in said(app)
        click(app, "lesson_next")
    assert app.title[0].value == "What to take home"
    assert "4 of your 12 guesses" in said(app)
    assert all(case.moral in said(app) for case in CASES.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["faint", "riddle", "echo"])
def test_every_look_draws_its_charts_and_a_link_opens_it(name):
    for look, draws in LOOKS[CASES[name].chapter].items():
        app = at(name, clinic_look=look)
        assert charts(app) >= len(draws)
        assert not app.warning
        assert dict(copied(app))["clinic_look"] == look


def test_the_link_follows_the_tabs_and_the_next_patient_begins_with_the_first(monkeypatch):
    set_to = {}
    monkeypatch.setattr(session, "keep", set_to.update)
    monkeypatch.setattr(st, "session_state", {"tabs": "First step"})
    _turn("tabs", tuple(LOOKS["train"]))
    assert set_to == {"clinic_look": "first_step"}
    st.session_state["tabs"] = "Curves"
    _turn("tabs", tuple(LOOKS["train"]))
    # What is open by itself is not in the link.
    assert set_to == {"clinic_look": None}


@pytest.mark.slow
def test_the_next_patient_and_the_diagnosis_have_charts_of_their_own():
    app = at("riddle", clinic_look="data")
    assert charts(app) == 1
    click(app, "lesson_next")
    assert CASES["echo"].complaint in said(app)
    assert charts(app) == len(LOOKS["time"]["gradient"])
    assert "clinic_look" not in app.query_params
    app = click(at("cliff", clinic_look="units"), "lesson_no_guess")
    assert "clinic_look" not in app.query_params
    assert "clinic_look" not in dict(copied(app))


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"step": 1, "clinic_look": "curves"}, "takes one of gradient, units, signal, weights with this patient"),
        ({"lesson": "short", "clinic_look": "units"}, "is for a patient of the clinic"),
        ({"guesses": "faint.slopes", "clinic_look": "units"}, "is for a patient of the clinic"),
        ({"lesson": None, "clinic_look": "units"}, "is for a patient of the clinic"),
    ],
)
def test_a_look_that_a_link_cannot_have_is_said(link, said):
    right, corrections = place.put_right({"lesson": "clinic", **link})
    assert corrections == [f"**clinic_look** {said}; the page left out **{link['clinic_look']}**."]
    assert right["clinic_look"] is None


@pytest.mark.slow
def test_a_look_that_there_is_not_leaves_the_first_one_open():
    app = page(lesson="clinic", clinic_look="<b>")
    (warning,) = app.warning
    assert "**clinic_look** takes one of gradient, " in warning.value
    assert "clinic_look" not in app.query_params
    assert charts(app) == len(LOOKS["flow"]["gradient"])


def test_no_choice_no_diagnosis_and_who_will_not_guess_is_told():
    app = at("faint")
    assert app.button(key="lesson_show").disabled
    click(app, "lesson_no_guess")
    assert "It is this: the activation is too flat." in said(app)
    assert "You said" not in said(app)
    assert settings(app).guesses == "faint."


def test_a_link_brings_a_patient_back_before_the_diagnosis_after_it_and_after_the_cure():
    app = at("cliff")
    for act in (None, lambda: move(app, "guess_cliff", "slopes"), lambda: click(app, "lesson_show"), None):
        if act:
            act()
        for link in (dict(app.query_params), parse_qs(urlencode(copied(app)), keep_blank_values=True)):
            again = page(**link)
            assert not again.warning
            assert said(again) == said(app)
    click(app, "clinic_cure")
    again = page(**parse_qs(urlencode(copied(app)), keep_blank_values=True))
    assert said(again) == said(app)
    assert "none is now" in said(again)


def test_a_link_that_is_typed_opens_the_patient_and_with_a_diagnosis_its_settings():
    app = page(lesson="clinic", step="6", guesses="cliff.bottleneck")
    assert "Right: one layer is too narrow." in said(app)
    assert CASES["cliff"].sick.items() <= vars(settings(app)).items()
    assert set(at("fading", guesses="cliff.bottleneck").query_params) == {"lesson", "step", "guesses"}


def test_whoever_sets_the_cure_by_hand_has_cured_the_patient_and_other_moves_lead_back():
    app = at("deaf", guesses="deaf.raw_inputs")
    assert "lesson_settings" not in {button.key for button in app.button}
    move(app, "signal_scale", 10.0)
    assert "none is now" not in said(app)
    click(app, "lesson_settings")
    assert settings(app).signal_scale == 255
    click(app, "clinic_cure")
    assert f"**The cure:** {CASES['deaf'].treatment}" in said(app)
    assert "Two of these numbers were unusual: none is now." in said(app)
    click(app, "clinic_cure")
    assert settings(app).signal_scale == 255
    move(app, "signal_scale", 1.0)
    assert "Two of these numbers were unusual: none is now." in said(app)


def test_the_next_patient_is_told_nothing_of_the_last_ones_settings():
    app = at("cliff", guesses="cliff.bottleneck")
    assert "sizes" in app.query_params
    click(app, "lesson_next")
    assert set(app.query_params) == {"lesson", "step", "guesses"}
    assert {name for name, _ in copied(app)} == {"lesson", "step", "guesses", "chapter"}
    click(app, "lesson_back")
    assert CASES["cliff"].sick.items() <= vars(settings(app)).items()
    click(app, "lesson_leave")
    assert app.title[0].value == finding(app)


def test_a_room_examines_a_patient_together_and_the_leader_tells_when(monkeypatch):
    monkeypatch.setattr(door.ROOMS, "_rooms", {})
    led = click(at("cliff"), "room_open")
    code = led.query_params["room"]
    app = page(room=code)
    assert CASES["cliff"].complaint in said(app)
    move(app, "guess_cliff", "slopes")
    click(app, "room_send")
    assert door.ROOMS.tally(code, "cliff").counts["slopes"] == 1
    assert "Right:" not in said(app)
    assert not app.title
    click(led, "lesson_no_guess")
    checked(app.run())
    assert words.diagnosed(CAUSES["slopes"].label, CAUSES["bottleneck"].label, False) in said(app)
    checked(app.run())
    # As it is told, the page shows how the patient is set.
    assert CASES["cliff"].sick.items() <= vars(settings(app)).items()
    assert app.title[0].value == finding(app)
    assert "lesson_settings" not in {button.key for button in app.button}


def test_of_the_answers_bars_the_cured_one_is_the_answer():
    step = CLINIC["faint"]
    rows = chart.rows(Outcome(step, "dead_units", results.result(step)))
    assert [row.kind for row in rows] == ["other", "measured"]
    assert step.answer.verdict("slopes", results.result(step)) == "Right: the activation is too flat."


def test_the_projector_shows_the_symptoms_before_it_tells_the_cause():
    case = CASES["faint"]
    app = click(at("faint"), "lesson_present")
    assert app.query_params["present"] == "1"
    before = examination.sheet(case, quietly)
    assert all(words.reading(SYMPTOMS[one], before[one]) in said(app) for one in case.symptoms)
    assert all(CAUSES[choice].label in said(app) for choice in case.choices)
    assert words.evidence(CAUSES[case.cause], before["slope"]) not in said(app)
    assert case.treatment not in said(app)
    click(app, "present_next")
    assert words.evidence(CAUSES[case.cause], before["slope"]) in said(app)
    assert f"**The cure:** {case.treatment}" in said(app)
    # And back to the page, where it can be applied.
    click(app, "present_leave")
    assert "clinic_cure" in {button.key for button in app.button}
