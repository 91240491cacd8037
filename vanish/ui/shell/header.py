"""The top of the page: the finding in one sentence, a card per network, the link."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.diagnosis import Diagnosis
from vanish.measure.magnitudes import MAGNITUDES
from vanish.ui.kit import numbers, verdicts
from vanish.ui.kit.causes import Cause
from vanish.ui.kit.link import address
from vanish.ui.kit.measured import Profiles
from vanish.ui.shell import moves
from vanish.ui.shell.settings import CLINIC_KEYS, LESSON_KEYS, ROOM_KEYS, Settings

# The box of links copies the first one as it opens, and says so.
COPY = Path(__file__).with_name("copy.js").read_text("utf-8")
COPIED = """<style>
[data-testid=stPopoverBody] [data-testid=stCode] div:has(> div > [data-testid=stElementToolbarButton]),
[data-testid=stPopoverBody] [data-testid=stCode] div:has(> [data-testid=stElementToolbarButton]) {
  opacity: 1; visibility: visible;
}
[data-testid=stPopoverBody] [data-testid=stCode] pre { padding-right: 3.5rem; }
</style>
<span id=vanish-copied role=status></span>"""

STYLE = f"<style>{Path(__file__).with_name('page.css').read_text('utf-8')}</style>"

# Each by itself: they have names in common with others.
SCRIPTS = "\n".join(
    f"(() => {{\n{Path(__file__).with_name(f'{name}.js').read_text('utf-8')}\n}})();" for name in ("back", "together")
)

# Corrections that are said one by one.
MOST_CORRECTIONS = 6


class Card(NamedTuple):
    """A figure at the top of the page: ``note`` is a word or two, in the color of its verdict."""

    title: str
    value: str
    note: str
    color: verdicts.Color = "gray"


class Offer(NamedTuple):
    """A button that sets controls."""

    key: str
    label: str
    controls: Mapping[str, Any]


class Head(NamedTuple):
    """What the top of the page says: the open chapter's finding in one sentence of Markdown, its figures, what has to
    be known to read them, and the buttons that mend what is no finding.

    The figures stand in the picture, beside the names in its legend, or in a line of their own (``apart``) where it has
    no such place; what has to be known stands below the picture.
    """

    sentence: str
    cards: tuple[Card, ...] = ()
    note: str = ""
    offers: tuple[Offer, ...] = ()
    apart: bool = False


def card(title: str, diagnosis: Diagnosis, cause: Cause | None = None) -> Card:
    """First over last, and the verdict."""
    note, color = verdicts.verdict(diagnosis, cause), verdicts.VERDICT_COLORS[diagnosis.verdict]
    return Card(title, numbers.number(diagnosis.ratio), note, color)


def of_layers(settings: Settings, profiles: Profiles, less: str | None = None) -> Head:
    """The head of a chapter that shows networks with layers, measured: what the worst of them does.

    ``less``: what is shown of what was asked for, where the chapter shows less than the settings say.
    """
    diagnoses, causes = profiles.diagnoses, profiles.causes
    labels = {name: ACTIVATIONS[name].label for name in diagnoses}
    notes = [
        settings.shortened if less is None else less,
        verdicts.judged_as(MAGNITUDES[settings.magnitude]),
        verdicts.against_lossless({labels[name]: one for name, one in diagnoses.items()}),
        verdicts.healthy() if any(one.verdict == "healthy" for one in diagnoses.values()) else None,
    ]
    return Head(verdicts.finding(diagnoses, causes), cards(profiles), " ".join(filter(None, notes)), offers(causes))


def cards(profiles: Profiles) -> tuple[Card, ...]:
    """First over last of each network on screen."""
    causes = profiles.causes
    return tuple(card(ACTIVATIONS[name].label, one, causes.get(name)) for name, one in profiles.diagnoses.items())


def offers(causes: Mapping[str, Cause]) -> tuple[Offer, ...]:
    """The ways out of what is no finding, each once."""
    once = dict.fromkeys((cause.offer, tuple(cause.controls.items())) for cause in causes.values() if cause.offer)
    return tuple(Offer(f"mend_{controls[0][0]}", str(label), dict(controls)) for label, controls in once)


def bar(entry: Callable[[], None] | None = None) -> DeltaGenerator:
    """Draw the page's name, the way in (``entry``) and the box of the ways out to others, for ``links`` to fill: all
    but those is the same whatever moves."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="bar"):
        st.container(key="name", width="content").markdown("**vanish** · what is left of the gradient, layer by layer")
        with st.container(horizontal=True, width="content"):
            if entry:
                entry()
            # A tip would lie over what the box says.
            return st.popover("Copy link", icon=":material/link:", type="tertiary")


def put_right(corrections: Sequence[str]) -> None:
    """Say what a link asked for that cannot be had, if anything."""
    if corrections:
        more = len(corrections) - MOST_CORRECTIONS
        lines = [*corrections[:MOST_CORRECTIONS], *([f"and {more} more."] if more > 0 else [])]
        st.warning("\n".join(f"- {line}" for line in lines), title="Some settings of the link were corrected")


def links(settings: Settings, asks: bool = False) -> str:
    """Fill the box of links, and give the first of them; ``asks``: whether a question of a lesson is open."""
    here = link(settings)
    # What a reader has written is encoded in a link; even so, no text ends the script.
    text = json.dumps(here).replace("<", "\\u003c")
    st.html(f"{COPIED}<script>(() => {{\n{COPY}\ncopy({text});\n}})()</script>", unsafe_allow_javascript=True)
    st.code(here, language=None, wrap_lines=True)
    if settings.guesses:
        st.caption("The same without your guesses")
        st.code(link(settings, without=("guesses",)), language=None, wrap_lines=True)
    if asks:
        st.caption("For a group that is to start at this question")
        st.code(group_link(settings), language=None, wrap_lines=True)
    folded = st.expander("Embed it in another page", on_change="rerun", key="embed")
    if folded.open:
        folded.code(embedded(settings), language="html", wrap_lines=True)
    return here


def link(settings: Settings, without: Collection[str] = ()) -> str:
    """The address of the page just as the reader sees it, but for the controls that are named in ``without``; in no
    room: a seat there, and the lead, are one's own."""
    # In a lesson a link that says nothing else opens a step as it comes: this one says where the reader is.
    here = {"chapter": settings.chapter} if settings.lesson else {}
    left_out = {*ROOM_KEYS, *without}
    return address(base(), {key: value for key, value in settings.changes.items() if key not in left_out} | here)


def base() -> str:
    """The address of the page without anything behind it."""
    # Streamlit drops the slash at the end of a path, without which a server may know no page there.
    return f"{url.rstrip('/')}/" if (url := st.context.url) else ""


def group_link(settings: Settings) -> str:
    """The address of the present question of a lesson as it comes: nobody's guesses, nobody's settings."""
    return address(base(), {"lesson": settings.lesson, "step": settings.step})


def embedded(settings: Settings) -> str:
    """The page just as the reader sees it, in HTML to be put into another one: no lesson, and nobody's guesses."""
    shown = link(settings, without=(*LESSON_KEYS, *CLINIC_KEYS))
    source = f"{shown}{'&' if '?' in shown else '?'}embed=true"
    return f'<iframe src="{escape(source)}" title="vanish" width="760" height="600" allow="clipboard-write"></iframe>'


def style() -> None:
    """What makes room for the first screen, a chapter an entry of the browser's history, and one drawing of a move."""
    st.html(f"{STYLE}<span id=vanish-back></span><script>{SCRIPTS}</script>", unsafe_allow_javascript=True)


def show(head: Head) -> None:
    """Draw the open chapter's finding."""
    st.title(head.sentence, anchor=False)
    if head.offers:
        moves.try_this(*head.offers)
    if head.apart and head.cards:
        st.markdown("\n".join(map(_figure, head.cards)))


def _figure(card: Card) -> str:
    # A line does not end within a figure.
    return f"{card.title} **{card.value}** :{card.color}-badge[{card.note}]".replace(" ", "\N{NO-BREAK SPACE}")


_pending: ContextVar[list[str]] = ContextVar("pending", default=[])  # noqa: B039 (never changed)


@contextmanager
def noted(note: str) -> Iterator[None]:
    """While a chapter is drawn: what has to be known to read its finding, which ``note`` puts below its picture; at
    the end if it has none."""
    token = _pending.set([note] if note else [])
    try:
        yield
        below_picture()
    finally:
        _pending.reset(token)


def below_picture() -> None:
    """Draw what has to be known to read the finding, once."""
    pending = _pending.get()
    while pending:
        st.container(key="note").caption(pending.pop())


def key(cards: Sequence[Card]) -> dict[str, str]:
    """What stands beside each card's name in a legend."""
    return {card.title: f"{card.value}, {card.note}" if card.note else card.value for card in cards}
