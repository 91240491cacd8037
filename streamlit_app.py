"""The page: reads the settings, shows the header and the open chapter."""

import os
from functools import partial

# Before NumPy is loaded.  On a shared server one product is not worth two cores: a thread that waits for a busy
# core holds up all the others.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import streamlit as st

from vanish.network.initialize import drawing_once
from vanish.ui.chapters import preview
from vanish.ui.chapters.table import CHAPTERS, in_words, read
from vanish.ui.kit import figures, origin, style
from vanish.ui.kit.gate import RUNS
from vanish.ui.lesson import guide, leader, presenter, takeaways
from vanish.ui.lesson import place as lesson_place
from vanish.ui.lesson.clinic import page as clinic
from vanish.ui.lesson.room import door
from vanish.ui.lesson.room import page as room
from vanish.ui.shell import changes, direct, embed, header, messages, process, session, sidebar
from vanish.ui.shell.settings import CONTROLS, DEFAULTS, LESSON_KEYS, ROOM_KEYS, from_values

st.set_page_config(
    page_title="vanish: where gradients go",
    page_icon=process.icon(),
    layout="wide",
)
process.settle()
direct.run_results_at_once()
messages.hand_over_together()
changes.send_alone()
style.apply()


def page() -> None:
    """All that a reader sees: most moves run the results alone."""
    session.begin_run(arrive=lesson_place.arrive, shown=lesson_place.shown)
    here = door.enter()
    place = lesson_place.place(*map(session.value, LESSON_KEYS))
    if place and place.sheet:
        leader.show(place, session.link_corrections())
        process.leave_to_rest("leader's page")
        return
    if place and place.present:
        presenter.show(place, session.link_corrections(), here)
        figures.take_home(unsaid=ROOM_KEYS)
        process.leave_to_rest("presenter")
        return
    top = st.container()
    if here:
        with top:
            room.strip(here, place)
    header.style()
    embed.style()
    if place and not place.step:
        with top:
            settings, corrections = from_values(session.values())
            takeaways.show(place, settings, corrections + session.link_corrections(), here)
        figures.take_home(unsaid=ROOM_KEYS)
        process.leave_to_rest("take-aways")
        return
    if place and place.veiled:
        with top:
            clinic.examine(place, session.link_corrections(), room.opening, room.asks(here))
        figures.take_home(unsaid=ROOM_KEYS)
        process.leave_to_rest("clinic")
        return
    # Before anything of the page itself, which would be drawn without it, and then be pushed aside.
    aside = st.sidebar.container()
    with top:
        box = header.bar(None if place else guide.entry)
    called = CONTROLS["chapter"].called
    # In a container of their own, and the finding outside of them: the tabs are dear to draw, and the browser draws
    # anew what stands beside a thing that changes, or around it.
    with st.container():
        tabs = st.tabs(
            [called(name) for name in CHAPTERS],
            default=called(DEFAULTS["chapter"]),
            key="chapter",
            on_change=session.anew,
            bind="query-params",
        )
    chapter, tab = next((CHAPTERS[name], tab) for name, tab in zip(CHAPTERS, tabs, strict=True) if tab.open)

    # All controls come before the settings are read, wherever on the page they stand.
    view = chapter.view(session.value)
    with aside:
        folds = sidebar.show(view, preview.picture)
    with tab, st.container(key="question"):
        st.header(chapter.question, anchor=False)
    finding = st.container(key="finding")
    # Outside the tab, as a control that two chapters show moves from one to the other: it would leave the first one's
    # tab after it has come into the second one's, and take its value out of the address.
    with st.container(horizontal=True, key="row"):
        sidebar.row(view)
    # Between the results stands what says the same whatever moves: theirs are the places in it.
    with st.container():
        results = st.container()
        places = () if place and place.hides else chapter.frame(session.value)
        end = st.container()

    def draw_results() -> None:
        session.begin_results()
        settings, corrections = from_values(session.values())
        sidebar.say_changed(folds, settings)
        with box:
            whole = header.links(settings, asks=bool(place))
        with top:
            header.put_right(corrections + session.link_corrections())
            if place:
                if place.lesson.is_clinic:
                    clinic.treat(place, settings, room.opening)
                else:
                    guide.show(place, settings, room.opening, room.asks(here))
        if place and place.hides:
            guide.keep_closed()
            return
        with drawing_once(), origin.stated(whole, partial(in_words, settings)):
            profiles = chapter.measure(settings)
            with finding:
                head = chapter.head(settings, profiles)
                header.show(head)
            with header.noted(head.note):
                chapter.show(settings, profiles, *places)
        with end:
            embed.way_out(whole)
        process.give_back_soon()

    @st.fragment(key=session.RESULTS, run_every=session.RENEWED)
    def show_results() -> None:
        """All that follows from the controls: most moves run this alone."""
        with RUNS.inside(session.kind()):
            draw_results()

    with results:
        show_results()
    figures.take_home(read(session.value), ROOM_KEYS)
    session.end_run(shown=lesson_place.shown)
    process.leave_to_rest(session.value("chapter"))


with RUNS.inside(session.kind()):
    page()
