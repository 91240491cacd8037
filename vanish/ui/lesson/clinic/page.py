"""The clinic on the page: a patient before the diagnosis, and the panel with the cure after it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from vanish.references import cite
from vanish.ui.kit import answers as kit_answers
from vanish.ui.kit import numbers
from vanish.ui.kit.processes import DiedError
from vanish.ui.lesson import follow, guide
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.clinic import words
from vanish.ui.lesson.clinic.cases import CAUSES, Case
from vanish.ui.lesson.clinic.examination import is_known, sheet, shown, unusual
from vanish.ui.lesson.clinic.looks import LOOKS
from vanish.ui.lesson.clinic.symptoms import SYMPTOMS, Sheet
from vanish.ui.lesson.place import Place
from vanish.ui.lesson.steps import Step
from vanish.ui.shell import header, session
from vanish.ui.shell.settings import CLINIC_LOOKS, Settings


def examine(
    place: Place, corrections: Sequence[str], opening: Callable[[Place], None], ask: guide.Ask | None = None
) -> None:
    """Draw a patient whose settings are not told: symptoms, the choice, and charts to look into.

    ``opening`` draws the way into a room, ``ask`` what a diagnosis is given with to one.
    """
    step, case = _patient(place)
    here = Settings(
        lesson=place.lesson.name,
        step=place.number,
        guesses=kit_answers.answers_text(place.answers),
        clinic_look=session.value("clinic_look"),
    )
    header.put_right(corrections)
    with header.bar():
        header.links(here)
    panel, looks = st.columns((5, 6), gap="medium")
    with panel, st.container(border=True, key="lesson_panel"):
        _progress(place, opening)
        st.markdown(f"# {step.title}\n\n{step.question}")
        st.markdown(complaint(case, examined(case)))
        said = step.answer.draw("**What is wrong?** Look at the charts first.", guide.widget(step))
        with st.container(horizontal=True):
            _back(place)
            (ask or _ask)(step, said)
            _onward(place, "Skip")
    with looks:
        _look(case)
    follow.show("lesson_panel", "lesson_panel", f"Case {place.number} of {len(place.lesson.steps)}. {step.question}")


def _ask(step: Step, said: str | None) -> None:
    st.button(
        "This is it",
        type="primary",
        icon=":material/stethoscope:",
        disabled=said is None,
        on_click=_take_down,
        args=(step,),
        key="lesson_show",
    )
    eye = ":material/visibility:"
    st.button("Tell me", icon=eye, on_click=guide.answer, args=(step, SHOWN), key="lesson_no_guess")


def complaint(case: Case, measured: Sheet) -> str:
    """The symptoms that are told before the diagnosis, a line each."""
    return "\n".join(f"- {words.reading(SYMPTOMS[name], measured[name])}" for name in case.symptoms)


def examined(case: Case, cured: bool = False) -> Sheet:
    """All that is measured of a network; what takes its time shows how far it is."""
    return guide.asked(is_known(case, cured), lambda report: sheet(case, report, cured))


def _look(case: Case) -> None:
    settings, looks = Settings(**case.sick), LOOKS[case.chapter]
    labels, key = [CLINIC_LOOKS[name] for name in looks], f"clinic_look_{case.chapter}"
    # The link says it, for all patients; what it says of another one's is the first here.
    open_one = CLINIC_LOOKS.get(session.value("clinic_look"), "")
    st.session_state[key] = open_one if open_one in labels else labels[0]
    tabs = st.tabs(labels, key=key, on_change=_turn, args=(key, tuple(looks)))
    for tab, draws in zip(tabs, looks.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    for draw in draws:
                        draw(settings)
                except DiedError:
                    st.error(numbers.DIED)


def _turn(key: str, names: Sequence[str]) -> None:
    """The link follows the tabs."""
    turned_to = next(name for name in names if CLINIC_LOOKS[name] == st.session_state[key])
    session.keep(clinic_look=None if turned_to == names[0] else turned_to)


def treat(place: Place, settings: Settings, opening: Callable[[Place], None]) -> None:
    """Draw the panel over the chapter: what it was and how one could tell, the cure, the numbers before and after."""
    step, case = _patient(place)
    before, cured = examined(case), is_cured(case, settings)
    verdict = _verdict(step, place)
    with st.container(border=True, key="lesson_panel"):
        _progress(place, opening)
        diagnosis, sheets = st.columns((5, 6), gap="medium")
        with diagnosis, st.container(key="lesson_verdict"):
            st.markdown(f"## {step.title}\n\n{step.question}\n\n{_mark(step, place)}**{verdict}**")
            st.markdown("\n\n".join([*_reasons(step, place, before), f":small[Sources: {cite(step.sources)}]"]))
        with sheets:
            course = _numbers(case, before, cured)
        with st.container(horizontal=True):
            _back(place)
            _cure(case, cured)
            last = place.number == len(place.lesson.steps)
            _onward(place, "Take-aways" if last else "Next case", "primary" if cured else "secondary")
            if not cured and step.is_away(settings):
                _set("Back to the patient", "undo", step.controls, "lesson_settings")
    follow.show("lesson_panel", "lesson_verdict", course or verdict)


def _verdict(step: Step, place: Place) -> str:
    text, (_, case) = place.answers[step.name], _patient(place)
    cause = CAUSES[case.cause].label
    if text == SHOWN:
        return f"It is this: {words.inner(cause)}."
    return words.diagnosed(CAUSES[text].label, cause, text == case.cause)


def _mark(step: Step, place: Place) -> str:
    text, (_, case) = place.answers[step.name], _patient(place)
    if text == SHOWN:
        return ""
    return ":green[:material/check_circle:] " if text == case.cause else ":orange[:material/lightbulb:] "


def _reasons(step: Step, place: Place, before: Sheet) -> list[str]:
    """What speaks for the cause, and against another diagnosis."""
    text, (_, case) = place.answers[step.name], _patient(place)
    cause = CAUSES[case.cause]
    lines = [words.evidence(cause, before[cause.shows])]
    if text not in (SHOWN, case.cause):
        lines.append(words.refuted(CAUSES[text], before[CAUSES[text].shows]))
    return lines


def is_cured(case: Case, settings: Settings) -> bool:
    """Whether the page is set as the cure sets it."""
    return all(getattr(settings, key) == value for key, value in case.cured.items())


def _numbers(case: Case, before: Sheet, cured: bool) -> str | None:
    """The numbers, and after the cure what it has done to them."""
    if not cured:
        st.markdown("\n".join(f"- {words.reading(SYMPTOMS[name], before[name])}" for name in shown(case)))
        return None
    after = examined(case, cured=True)
    course = words.recovered(unusual(case, before), unusual(case, after))
    lines = [f"- {words.course(SYMPTOMS[name], before[name], after[name])}" for name in shown(case)]
    st.markdown(f"**The cure:** {case.treatment}\n\n**{course}**\n\n" + "\n".join(lines))
    return course


def _cure(case: Case, cured: bool) -> None:
    if cured:
        _set("Take the cure away", "undo", case.sick, "clinic_cure")
    else:
        _set(f"Apply the cure: {case.treatment}", "healing", case.cured, "clinic_cure", "primary")


def _set(
    label: str, icon: str, controls: Mapping[str, Any], key: str, kind: Literal["primary", "secondary"] = "secondary"
) -> None:
    st.button(label, icon=f":material/{icon}:", type=kind, on_click=_to, args=(controls,), key=key)


def _to(controls: Mapping[str, Any]) -> None:
    follow.moved()
    session.set_controls(preset=None, **controls)


def _patient(place: Place) -> tuple[Step, Case]:
    step = place.step
    assert step
    assert step.case
    return step, step.case


def _take_down(step: Step) -> None:
    # From the widget itself: what the last run drew may be older than the reader's last move.
    said = st.session_state[guide.widget(step)]
    if said is not None:
        guide.answer(step, said)


def _back(place: Place) -> None:
    if place.number > 1:
        icon = ":material/arrow_back:"
        st.button("Back", icon=icon, on_click=guide.go, args=(place.lesson.name, place.number - 1), key="lesson_back")


def _onward(place: Place, label: str, kind: Literal["primary", "secondary"] = "secondary") -> None:
    icon, to = ":material/arrow_forward:", (place.lesson.name, place.number + 1)
    st.button(label, icon=icon, type=kind, on_click=guide.go, args=to, key="lesson_next")


def _progress(place: Place, opening: Callable[[Place], None]) -> None:
    total = len(place.lesson.steps)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.progress(min(place.number, total) / total, f"Clinic: case {place.number} of {total}", width=240)
        with st.container(horizontal=True, width="content"):
            if not session.value("room") or session.value("lead"):
                guide.present()
            opening(place)
            st.button("Leave", icon=":material/close:", type="tertiary", on_click=guide.leave, key="lesson_leave")
