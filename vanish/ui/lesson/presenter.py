"""Presenter mode: the lesson in large type for a projector, and nothing else."""

from collections.abc import Sequence

import streamlit as st

from vanish.ui.kit import drawing
from vanish.ui.kit.link import address
from vanish.ui.lesson import chart, follow, guide
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.clinic import page as clinic
from vanish.ui.lesson.place import SHEET, Place
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.room import page as room
from vanish.ui.lesson.room import projector, score
from vanish.ui.lesson.room.door import ROOMS, Here
from vanish.ui.lesson.steps import Step
from vanish.ui.shell import header, session

# Everything is sized by the root's, charts too (``drawing.SLIDE_FONT``); the sidebar and its button have nothing to
# show here.  A slide is as high as the screen, and its picture as what the words leave.
STYLE = """<style>
html { font-size: clamp(16px, min(1.9vw, 2.6vh), 32px) !important; }
[data-testid=stMainBlockContainer] { padding: 1rem 2.5rem 0.5rem; height: 100%; }
[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] { min-height: 100%; gap: 0.75rem; }
[data-testid=stMain]:has(.st-key-slide) [data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] {
  height: 100%;
}
[data-testid=stBottomBlockContainer] { padding: 0.5rem 2.5rem 1rem; }
[data-testid=stHeader], [data-testid=stHeaderActionElements] { display: none; }
h1 { font-size: 1.5rem !important; font-weight: 650 !important; }
[data-testid=stLayoutWrapper]:has(> .st-key-slide) { flex: 1 1 0; min-height: 12rem; }
.st-key-slide { overflow: hidden; }
[data-testid=stMainBlockContainer]:has(.st-key-asked) > [data-testid=stVerticalBlock] { justify-content: center; }
.st-key-asked h1 { font-size: 2.2rem !important; }
[data-testid=stLayoutWrapper]:is(:has(> .st-key-told), :has(> .st-key-said)) { flex-shrink: 0; }
.st-key-told { padding-bottom: 1rem; }
.st-key-told h1 { font-size: 1.3rem !important; padding: 0; }
.st-key-told p { margin-bottom: 0.25rem; }
.st-key-options :is(p, li) { font-size: 1.6rem; line-height: 1.5; }
.st-key-options [data-testid=stColumn] :is(p, li) { line-height: 1.3; }
.st-key-morals li { line-height: 1.25; margin-bottom: 0.25rem; }
@media (max-width: 640px) {
  [data-testid=stMainBlockContainer], [data-testid=stBottomBlockContainer] { padding-inline: 1rem; }
  [data-testid=stLayoutWrapper]:has(> .st-key-slide) { min-height: 22rem; }
}
</style>"""


def show(place: Place, corrections: Sequence[str], here: Here | None = None) -> None:
    """Draw the present step: the question, then the answer; Next shows it first and moves on then.

    ``here``: the room that the reader is in; who leads it has it on the slides.
    """
    led = here if here and here.led else None
    st.html(STYLE)
    header.put_right(corrections)
    step = place.step
    if step is None:
        _morals(place, led)
    elif place.hides and led:
        _room_question(place, step, led)
    elif place.hides:
        _question(place, step)
    else:
        _answer(place, step, led)
    _walk(place, led)


def _title(place: Place, step: Step) -> None:
    st.markdown(f":small[{place.number} of {len(place.lesson.steps)}. {step.title}]\n\n# {step.question}")


def _question(place: Place, step: Step) -> None:
    with st.container(key="asked"):
        _title(place, step)
    with st.container(key="options"):
        if step.case:
            # Side by side both are on the slide, as large as they are.
            symptoms, causes = st.columns((5, 4), gap="medium")
            symptoms.markdown(clinic.complaint(step.case, clinic.examined(step.case)))
            causes.markdown(f"**What is wrong?**\n\n{_choices(step)}")
        else:
            st.markdown(_choices(step))
    follow.show("asked", "asked", step.question)


def _choices(step: Step) -> str:
    texts = list(step.answer.texts.values())
    if len(texts) < 9:
        return "\n".join(f"- {words}" for words in texts)
    return f"Somewhere from **{texts[0]}** to **{texts[-1]}**. What do you say?"


def _room_question(place: Place, step: Step, led: Here) -> None:
    with st.container(key="told"):
        _title(place, step)
        if step.case:
            st.markdown(clinic.complaint(step.case, clinic.examined(step.case)))
    projector.asks(led, step)
    follow.show("told", "told", step.question)


def _answer(place: Place, step: Step, led: Here | None) -> None:
    outcome = guide.outcome(place, step)
    with st.container(key="told"):
        _title(place, step)
    with st.container(key="slide", height="stretch", horizontal=True):
        if led:
            projector.answers(led, outcome)
        _picture(outcome)
    with st.container(key="said"):
        st.markdown(f"**{outcome.verdict}** {outcome.result.why}")
        if step.case:
            st.markdown(f"**The cure:** {step.case.treatment}")
    follow.show("slide", "said", outcome.verdict)


def _picture(outcome: Outcome) -> None:
    step = outcome.step
    if step.picture is None:
        chart.show(outcome, key="presented", large=True)
    else:
        spec, data, alt_text = step.picture(step.as_set)
        drawing.show(drawing.for_slide(spec), data, alt_text, key="presented", height="stretch")


def _morals(place: Place, led: Here | None) -> None:
    st.markdown("# What to take home")
    steps = place.lesson.steps
    scored = {one.step.name: one for one in score.scores(ROOMS, led.code)} if led else {}
    if scored:
        st.markdown("Before each sentence: how many of the room's guesses were right or near.")
    half = (len(steps) + 1) // 2
    with st.container(key="morals"):
        columns = st.columns(2, gap="large")
    for column, first in zip(columns, (0, half), strict=True):
        lines = [
            f"{n}. {f'**{scored[step.name].share}** ' if step.name in scored else ''}{step.moral}"
            for n, step in enumerate(steps[first : first + half], first + 1)
        ]
        column.markdown("\n".join(lines))


def _walk(place: Place, led: Here | None) -> None:
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            on_click=guide.go,
            args=(place.lesson.name, max(1, place.number - 1)),
            disabled=place.number == 1,
            shortcut="Left",
            key="present_back",
        )
        st.button(
            "Show the answer" if place.hides else "Next",
            icon=":material/visibility:" if place.hides else ":material/arrow_forward:",
            type="primary",
            on_click=_next,
            args=(place,),
            disabled=place.step is None,
            shortcut="Right",
            key="present_next",
        )
        if place.step and not place.hides:
            st.button(
                "Hide the answer",
                icon=":material/visibility_off:",
                type="tertiary",
                on_click=guide.hide,
                args=(place.step,),
                shortcut="H",
                key="present_hide",
            )
        st.space("stretch")
        if place.hides:
            # In a tab of its own: what is said stays off the projector.
            st.link_button("Leader's page", _sheet(place), icon=":material/menu_book:", type="tertiary")
        if led:
            room.leader(led)
        else:
            room.opening(place)
        st.button(
            "Leave presenter mode",
            icon=":material/close:",
            type="tertiary",
            on_click=_leave,
            args=(place,),
            key="present_leave",
        )


def _sheet(place: Place) -> str:
    return address(header.base(), {"lesson": place.lesson.name, "present": SHEET})


def _next(place: Place) -> None:
    if place.step and place.hides:
        guide.answer(place.step, SHOWN)
    else:
        guide.go(place.lesson.name, place.number + 1)


def _leave(place: Place) -> None:
    """To the same step on the page."""
    session.keep(present=0, lesson=place.lesson.name)
    guide.go(place.lesson.name, place.number)
