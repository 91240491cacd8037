"""A room on the page of who takes part or leads it: where it is, who has answered, and a guess that waits."""

from dataclasses import replace

import streamlit as st

from vanish.ui.kit.plain import quoted
from vanish.ui.lesson import follow, guide
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.place import Place
from vanish.ui.lesson.room import door, words
from vanish.ui.lesson.room.door import ROOMS, Here
from vanish.ui.lesson.room.store import Room, Said
from vanish.ui.lesson.steps import LESSONS, Step
from vanish.ui.shell import header, session

# Seconds between two looks of a phone at its room: as many looks a second however many phones there are.
LOOK_EVERY, LOOKS_A_SECOND = 2.0, 25

# Rooms that one session may open.
MOST_OPENED, OPENED, REFUSED = 10, "_opened", "_refused"

# Where the room was when its people last looked.
WAS_AT = "_room_was_at"


def join_link(code: str) -> str:
    """What the people of a room open."""
    return f"{header.base()}?room={code}"


def short_link(code: str) -> str:
    """The same as one types it."""
    return join_link(code).rpartition("://")[2]


def opening(place: Place) -> None:
    """The way to a room, for who is to lead it."""
    if session.value("room"):
        return
    st.button(
        "Open a room",
        icon=":material/groups:",
        type="tertiary",
        help="People answer on their own phones; you see how many have, and what they say. Your answers start anew.",
        on_click=_open,
        args=(place.lesson.name, place.number),
        key="room_open",
    )
    if why := st.session_state.pop(REFUSED, None):
        st.toast(why, icon=":material/groups:")


def _open(lesson: str, number: int) -> None:
    opened = st.session_state.get(OPENED, 0)
    room = ROOMS.open(lesson) if opened < MOST_OPENED else None
    if room is None:
        st.session_state[REFUSED] = words.refused(opened >= MOST_OPENED)
    else:
        st.session_state[OPENED] = opened + 1
        guide.start_again(lesson)
        guide.go(lesson, number)
        session.keep(room=room[0], lead=room[1])


def leave() -> None:
    """Out of the room; what was sent has been said."""
    door.show_sent(set(door.sent()))
    session.keep(room=None, lead=None, seat=None)


def close(here: Here) -> None:
    """The end of the room, for everybody."""
    if here.lead:
        ROOMS.close(here.code, here.lead)
    leave()


def strip(here: Here, place: Place | None) -> None:
    """One line on the room, which looks again by itself."""
    if place and place.step and place.step.name in door.sent():
        # After a reload the widget stands where it was.
        st.session_state.setdefault(guide.widget(place.step), door.sent()[place.step.name])
    every = max(LOOK_EVERY, (here.room.people if here.room else 0) / LOOKS_A_SECOND)
    st.fragment(_look, run_every=every)(here, place)


def _look(here: Here, place: Place | None) -> None:
    session.begin_results()
    # Who looks keeps their place.  Who had none may have one by now, and who was too fast has waited.
    full = not here.led and not ROOMS.join(here.code, door.seat(here.code))
    became = door.tell(here.code) if {Said.FULL, Said.OFTEN} & set(here.became.values()) else here.became
    room = ROOMS.look(here.code)
    # A room that was opened again has to be told what its people have said; what is shown, changes the page.
    shown = room is not None and not here.led and door.show_sent(set(room.shown))
    if shown:
        follow.moved()
    if shown or (room is None) != (here.room is None):
        st.rerun()
    if room and not here.led:
        _tell(room, place)
    with st.container(horizontal=True, vertical_alignment="center", key="room_strip"):
        if room is None:
            st.markdown(f":material/groups: Room {quoted(here.code)} {words.GONE}")
            st.button("Leave the room", type="tertiary", on_click=leave, key="room_leave")
        else:
            _stands(replace(here, became=became), room, place, full)


def _tell(room: Room, place: Place | None) -> None:
    """Say that the room has moved on, wherever on the page its people are."""
    before = st.session_state.get(WAS_AT)
    st.session_state[WAS_AT] = room.step
    if before not in (None, room.step) and not (place and place.number == room.step):
        at = words.whereabouts(room.step, len(LESSONS[room.lesson].steps))
        st.toast(f"The room is at {at}.", icon=":material/groups:")


def _stands(here: Here, room: Room, place: Place | None, full: bool) -> None:
    lesson = LESSONS[room.lesson]
    with_it = place is not None and place.lesson == lesson and (here.led or place.number == room.step)
    at = words.whereabouts(room.step, len(lesson.steps))
    said = f":material/groups: {'You lead room' if here.led else 'Room'} {quoted(here.code)}"
    if not with_it:
        said += f" is at {at}"
    elif place and place.step:
        said += f": {words.answered(ROOMS.tally(here.code, place.step.name).answered, room.people)}"
    became = here.became.get(place.step.name, Said.COUNTED) if place and place.step else Said.COUNTED
    why = words.not_counted(Said.FULL if full else became)
    st.markdown(f"{said}. {why}" if why else said, width="content")
    if not with_it:
        st.button("Go there", icon=":material/arrow_forward:", on_click=_follow, args=(room,), key="room_follow")
    if here.led:
        leader(here)


def _follow(room: Room) -> None:
    session.keep(lesson=room.lesson)
    guide.go(room.lesson, min(room.step, len(LESSONS[room.lesson].steps) + 1))


def leader(here: Here) -> None:
    """What a leader gives away, and the end of the room."""
    with st.popover("Room", icon=":material/groups:", type="tertiary", key="room_menu"):
        st.markdown("Everybody opens this link:")
        st.code(join_link(here.code), language=None, wrap_lines=True)
        st.markdown(
            "Your own address leads the room: keep it to yourself. The room forgets everything 12 hours after it was "
            "opened, or when you close it."
        )
        st.button("Close the room", icon=":material/close:", on_click=close, args=(here,), key="room_close")


def asks(here: Here | None) -> guide.Ask | None:
    """What stands under a question for who takes part: a guess is sent, and its answer waits for the room."""
    if here is None or here.led:
        return None

    def ask(step: Step, said: str | None) -> None:
        before = door.sent().get(step.name)
        eye = ":material/visibility:"
        if before is None:
            st.button(
                "Send my guess",
                type="primary",
                icon=":material/send:",
                disabled=said is None,
                on_click=_send,
                args=(here, step),
                key="room_send",
            )
            st.button(
                "Show me without a guess", icon=eye, on_click=guide.answer, args=(step, SHOWN), key="room_no_guess"
            )
            return
        st.button(
            "Change my guess",
            type="primary",
            icon=":material/send:",
            disabled=said in (None, before),
            on_click=_send,
            args=(here, step),
            key="room_send",
        )
        st.button(
            "Show me now", icon=eye, help="Your guess stays as it is", on_click=_show, args=(step,), key="room_show"
        )
        st.markdown(words.sent(step.answer.texts[before]))

    return ask


def _send(here: Here, step: Step) -> None:
    # As the leader's guess is: what the last run drew may be older than the reader's last move.
    said = st.session_state[guide.widget(step)]
    if said in step.answer.texts:
        door.send(here, step.name, said)


def _show(step: Step) -> None:
    door.show_sent({step.name})
