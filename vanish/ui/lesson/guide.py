"""The guided lesson on the page: the panel with the question, and the answer when the reader has guessed."""

from collections.abc import Callable
from typing import Literal, TypeVar

import streamlit as st

from vanish.references import cite
from vanish.ui.kit import answers, numbers
from vanish.ui.kit.processes import DiedError
from vanish.ui.lesson import chart, follow, measures, results
from vanish.ui.lesson.answers import SHOWN, untouched
from vanish.ui.lesson.measures import Report
from vanish.ui.lesson.place import Place, known_answers, place
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.steps import LESSONS, Step
from vanish.ui.shell import session
from vanish.ui.shell.settings import DEFAULTS, KEPT, Settings

T = TypeVar("T")

UNTOLD = {key: value for key, value in DEFAULTS.items() if key not in KEPT and key != "preset"}

# Buttons that take down a guess: of a question, and what its widget is set to.
Ask = Callable[[Step, str | None], None]


def entry() -> None:
    """The way into a lesson, beside the page's name."""
    st.menu_button(
        "Guided lesson",
        list(LESSONS),
        format_func=lambda name: LESSONS[name].title,
        icon=":material/school:",
        help="Questions to guess at first, with the answer from this page. You can leave at any time.",
        on_click=_chosen,
        key="lesson_entry",
    )


def _chosen() -> None:
    begin(st.session_state["lesson_entry"])


def begin(name: str) -> None:
    """Into a lesson, at the first question that has no answer yet."""
    session.keep(lesson=name)
    known, _ = known_answers(session.value("guesses"))
    lesson = LESSONS[name]
    open_steps = [n for n, step in enumerate(lesson.steps, 1) if step.name not in known]
    go(name, open_steps[0] if open_steps else len(lesson.steps) + 1)


def leave() -> None:
    """Out of the lesson; its answers are kept, for who comes back."""
    session.keep(lesson=None, step=1, present=0, clinic_look=None)


def go(name: str, number: int) -> None:
    """To a step: its chapter and settings come with it, those of a patient after the diagnosis."""
    follow.moved()
    untouched()
    session.keep(step=number, clinic_look=None)
    here = place(name, number, session.value("guesses"), 0)
    if here and here.step:
        # Before the diagnosis nothing is told of a patient, nor is what the last one had.
        session.set_controls(preset=None, **(UNTOLD if here.veiled else here.step.controls))


def answer(step: Step, text: str) -> None:
    """Take down the answer to a step."""
    follow.moved()
    known, _ = known_answers(session.value("guesses"))
    session.keep(guesses=answers.answers_text({**known, step.name: text}))
    if step.case:
        # From now on the page tells how the patient is set, in a chapter with charts of its own.
        session.keep(clinic_look=None)
        session.set_controls(preset=None, **step.controls)


def hide(step: Step) -> None:
    """Take back the answer to a step: it is asked again."""
    follow.moved()
    known, _ = known_answers(session.value("guesses"))
    session.keep(guesses=answers.answers_text({key: text for key, text in known.items() if key != step.name}))


def start_again(name: str) -> None:
    """Forget the lesson's answers, and begin."""
    known, _ = known_answers(session.value("guesses"))
    mine = {step.name for step in LESSONS[name].steps}
    session.keep(guesses=answers.answers_text({key: text for key, text in known.items() if key not in mine}))
    go(name, 1)


def asked(is_known: bool, ask: Callable[[Report], T]) -> T:
    """What the engine says; a measurement that takes its time shows how far it is."""
    if is_known:
        return ask(measures.quietly)
    bar = st.empty()

    def report(share: float, words: str) -> None:
        bar.progress(share, words)

    try:
        answer = ask(report)
    except DiedError:
        bar.error(numbers.DIED)
        st.stop()
    bar.empty()
    return answer


def outcome(place: Place, step: Step) -> Outcome:
    """What came of a step that was answered."""
    result = asked(results.is_known(step), lambda report: results.result(step, report))
    return Outcome(step, place.answers[step.name], result)


def show(place: Place, settings: Settings, opening: Callable[[Place], None], ask: Ask | None = None) -> None:
    """Draw the panel; ``opening`` draws the way into a room, ``ask`` what a guess is given with to one."""
    step, name = place.step, place.lesson.name
    assert step
    with st.container(border=True, key="lesson_panel"):
        _progress(place, opening)
        # While the chapter is closed, nothing else is the page's title.
        level = "#" if place.hides else "##"
        st.markdown(f"{level} {step.title}\n\n{step.goal}\n\n**{step.question}**")
        if place.hides:
            said = step.answer.draw("Your guess", widget(step))
            fresh, news = "lesson_panel", f"Question {place.number} of {len(place.lesson.steps)}. {step.question}"
        else:
            came = outcome(place, step)
            _reveal(came)
            fresh, news = "lesson_verdict", came.verdict
        with st.container(horizontal=True):
            if place.number > 1:
                _button("Back", "lesson_back", "arrow_back", name, place.number - 1)
            if place.hides:
                (ask or _ask)(step, said)
                _button("Skip", "lesson_next", "arrow_forward", name, place.number + 1)
            else:
                last = place.number == len(place.lesson.steps)
                onward = "Take-aways" if last else "Next question"
                _button(onward, "lesson_next", "arrow_forward", name, place.number + 1, "primary")
            if step.is_away(settings):
                _button("Back to this step's settings", "lesson_settings", "undo", name, place.number)
    follow.show("lesson_panel", fresh, news)


def keep_closed() -> None:
    """In the place of the chapter: guess first, neither the finding nor the picture may tell.  The controls above the
    picture would move nothing, and stand under the guess as if they were part of it; they keep what they are set to."""
    st.html("<style>.st-key-row { display: none; }</style>")
    st.markdown(":material/visibility_off: Make your guess above; then the chapter opens.")


def _ask(step: Step, said: str | None) -> None:
    eye = ":material/visibility:"
    st.button(
        "Show me",
        type="primary",
        icon=eye,
        disabled=said is None,
        on_click=_take_down,
        args=(step,),
        key="lesson_show",
    )
    st.button("Show me without a guess", icon=eye, on_click=answer, args=(step, SHOWN), key="lesson_no_guess")


def _take_down(step: Step) -> None:
    # From the widget itself: what the last run drew may be older than the reader's last move.
    said = st.session_state[widget(step)]
    if said is not None:
        answer(step, said)


def widget(step: Step) -> str:
    return f"guess_{step.name}"


def _button(
    label: str, key: str, icon: str, name: str, number: int, kind: Literal["primary", "secondary"] = "secondary"
) -> None:
    st.button(label, icon=f":material/{icon}:", type=kind, on_click=go, args=(name, number), key=key)


def _progress(place: Place, opening: Callable[[Place], None]) -> None:
    total = len(place.lesson.steps)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.progress(
            min(place.number, total) / total,
            f"Guided lesson, {place.lesson.minutes} minutes: question {place.number} of {total}",
            width=320,
        )
        with st.container(horizontal=True, width="content"):
            # Of a room the leader presents.
            if not session.value("room") or session.value("lead"):
                present()
            opening(place)
            st.button("Leave", icon=":material/close:", type="tertiary", on_click=leave, key="lesson_leave")


def present() -> None:
    """The way to the projector: the same question, and back again from there."""
    st.button(
        "Present",
        icon=":material/present_to_all:",
        type="tertiary",
        help="Large type and nothing else, for a projector",
        on_click=session.keep,
        kwargs={"present": 1},
        key="lesson_present",
    )


def _reveal(outcome: Outcome) -> None:
    drawing, words = st.columns((5, 4), gap="medium", vertical_alignment="center")
    with drawing, st.container(key="lesson_picture"):
        chart.show(outcome, key="lesson_answer")
    sources = f":small[Sources: {cite(outcome.step.sources)}]"
    with words, st.container(key="lesson_verdict"):
        st.markdown(f"{_mark(outcome)}**{outcome.verdict}**\n\n{outcome.result.why}\n\n{sources}")


def _mark(outcome: Outcome) -> str:
    if not outcome.guessed:
        return ""
    return ":green[:material/check_circle:] " if outcome.good else ":orange[:material/lightbulb:] "
