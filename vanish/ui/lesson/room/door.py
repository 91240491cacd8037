"""The way into a room: who a reader is there, what their link brings along, and what they have said so far."""

from binascii import Error, unhexlify
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import streamlit as st

from vanish.ui.kit import answers as kit_answers
from vanish.ui.kit.plain import quoted
from vanish.ui.lesson.answers import SHOWN
from vanish.ui.lesson.room import codes
from vanish.ui.lesson.room.store import Room, Rooms, Said
from vanish.ui.lesson.steps import LESSONS, Step
from vanish.ui.shell import session
from vanish.ui.shell.settings import DEFAULTS, LESSON_NAMES, ROOM_KEYS

# Streamlit gives every browser random bytes against forged requests: they are the same after a reload, and no link
# holds them.  Where its protection is switched off, or a browser keeps no cookies, a seat lasts as long as a session.
COOKIE, SEAT = "_streamlit_xsrf", "_seat"

ROOMS = Rooms(
    {name: {step.name: tuple(step.answer.texts) for step in lesson.steps} for name, lesson in LESSONS.items()}
)


def browser(cookie: str) -> bytes | None:
    """The bytes in Streamlit's cookie, ``2|mask|masked|time``: the mask is another one each time."""
    try:
        version, mask, masked, _ = cookie.split("|")
        key = unhexlify(mask)
        return bytes(a ^ b for a, b in zip(unhexlify(masked), cycle(key), strict=False)) if version == "2" else None
    except (ValueError, Error):
        return None


def seat(code: str) -> str:
    """The reader's token in a room."""
    who = browser(st.context.cookies.get(COOKIE, ""))
    if who:
        return codes.seat(code, who)
    mine: str = st.session_state.setdefault(SEAT, codes.new_seat())
    return mine


@dataclass(frozen=True)
class Here:
    """A reader in a room: ``room`` is ``None`` where the server knows none of that code, ``lead`` the secret of who
    leads it; ``became``: of each answer, what became of it."""

    code: str
    lead: str | None = None
    room: Room | None = None
    became: Mapping[str, Said] = field(default_factory=dict)

    @property
    def led(self) -> bool:
        """Whether the reader leads it."""
        return self.lead is not None


def enter() -> Here | None:
    """The room that the reader is in, once it knows what they have said, or where they lead it; ``None`` outside."""
    code, lead = session.value("room"), session.value("lead")
    if code is None:
        return None
    if lead is not None:
        return Here(code, lead, _led(code, lead))
    ROOMS.join(code, seat(code))
    became = tell(code)
    return Here(code, None, ROOMS.look(code), became)


def tell(code: str) -> dict[str, Said]:
    """Have the room know all that the reader has said; what becomes of each answer."""
    said = {name: (text, True) for name, text in kit_answers.answers(session.value("guesses")).items() if text != SHOWN}
    said |= {name: (text, False) for name, text in sent().items() if name not in said}
    token = seat(code)
    return {name: ROOMS.answer(code, token, name, text, final) for name, (text, final) in said.items()}


def _led(code: str, lead: str) -> Room | None:
    """The room of who leads it, which is from now on where they are."""
    lesson = session.value("lesson") or LESSON_NAMES[1]
    if not ROOMS.leads(code, lead) and not ROOMS.again(code, lead, lesson):
        return None
    room = ROOMS.look(code)
    # Who has left the lesson, or is in another one, may come back to it.
    if room and room.lesson == lesson and (session.value("lesson") or session.value("present")):
        ROOMS.go(code, lead, session.value("step"), kit_answers.answers(session.value("guesses")).keys())
    return ROOMS.look(code)


def sent() -> dict[str, str]:
    """The reader's guesses whose truth the room has not been shown."""
    return kit_answers.answers(session.value("sent"))


def send(here: Here, name: str, text: str) -> None:
    """Tell the room a guess, and keep it: while it counts, no more of the page changes than the question."""
    said = kit_answers.answers_text({**sent(), name: text})
    became = ROOMS.answer(here.code, seat(here.code), name, text)
    if {became, here.became.get(name, became)} == {Said.COUNTED}:
        session.keep_in_results(sent=said)
    else:
        session.keep(sent=said)


def show_sent(names: set[str]) -> bool:
    """Turn those of the sent guesses into answers that are shown; whether there were any."""
    mine = sent()
    shown = {name: text for name, text in mine.items() if name in names}
    if shown:
        guesses = {**kit_answers.answers(session.value("guesses")), **shown}
        waiting = {name: text for name, text in mine.items() if name not in shown}
        session.keep(guesses=kit_answers.answers_text(guesses), sent=kit_answers.answers_text(waiting))
        if (step := _here()) and step.case and step.name in shown:
            # From now on the page tells how the patient is set.
            session.set_controls(preset=None, **step.controls)
    return bool(shown)


def _here() -> Step | None:
    """The question that the reader is at."""
    lesson, number = session.value("lesson"), session.value("step")
    steps = LESSONS[lesson].steps if lesson else ()
    return steps[number - 1] if number <= len(steps) else None


def arrive(linked: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What a link asks of a room, as it can be had, and one line for each thing that could not."""
    code = linked.get("room")
    if code is None:
        return {key: DEFAULTS[key] for key in ROOM_KEYS if key in linked}, []
    lead, lines = linked.get("lead"), []
    if lead:
        if ROOMS.leads(code, lead) or ROOMS.again(code, lead, linked.get("lesson") or LESSON_NAMES[1]):
            return {"room": code, "lead": lead, "seat": None, "sent": "", **_where(code, linked)}, []
        lines.append("**lead** takes the end of this room's own leader's link: here you take part as everybody does.")
    room = ROOMS.look(code)
    if room is None and not linked.get("lesson"):
        gone = f"**room** takes the code of a room that is open now; the page got {quoted(code)}. Ask for it again."
        return {key: DEFAULTS[key] for key in ROOM_KEYS}, [*lines, gone]
    right = {"room": code, "lead": None, "seat": seat(code), **_where(code, linked)}
    if linked.get("seat") != right["seat"] and (linked.get("guesses") or linked.get("sent")):
        # Else who opens somebody's address would say the same once more.
        right |= {"guesses": "", "sent": ""}
        lines.append("**guesses** takes your own ones in a room: these were made in another browser.")
    return right, lines


def _where(code: str, linked: Mapping[str, Any]) -> dict[str, Any]:
    """Where the room is, for a link that does not say where the reader is."""
    room = ROOMS.look(code)
    return {"lesson": room.lesson, "step": room.step} if room and not linked.get("lesson") else {}
