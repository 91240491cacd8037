"""All combinations of chapter ``fixes``: every subset of the remedies, measured and trained on digits."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from vanish.measure.combinations import BATCH, STEPS, WIDTH, Combination
from vanish.measure.remedies import NETWORK_REMEDIES
from vanish.ui.chapters.fixes import charts, data
from vanish.ui.chapters.fixes import combinations_words as words
from vanish.ui.chapters.fixes.data import Contest
from vanish.ui.kit import drawing, jobs, pieces
from vanish.ui.kit.jobs import Job
from vanish.ui.shell import last, moves
from vanish.ui.shell.header import Head
from vanish.ui.shell.last import Last
from vanish.ui.shell.settings import Settings

HOW_MANY = 2 ** len(NETWORK_REMEDIES)


def head(settings: Settings, _: None) -> Head:
    """How many learn, once all have been trained."""
    contest = _contest(settings)
    rows = jobs.result(_job(settings))
    return Head(words.finding(rows, HOW_MANY, settings.n_layers, contest.n_test, contest.guessing, contest.steps))


COLUMNS = (
    "for each remedy whether it is on; ratio, first / last layer before training (no unit); before training and test "
    "accuracy, shares from 0 to 1 of the test set; training loss (no unit); the best learning rate; diverged, at how "
    "many of the rates"
)


def show(settings: Settings, _: None) -> None:
    """The contest, and what came of it: a point and a row for each combination."""
    contest, job = _contest(settings), _job(settings)
    rows, faint = jobs.items(job), jobs.last(job)
    if faint:
        st.markdown(_about(faint, settings, over=bool(rows)))
    if rows or faint:
        _picture(rows, faint, key="combinations_chart")
    else:
        drawing.show(charts.scatter(), data.starts(contest), words.STARTS_ALT, key="combinations_starts")
        st.caption(words.STARTS)
    moves.pickers(*(f"fix_{name}" for name in NETWORK_REMEDIES))
    st.markdown(words.contest(HOW_MANY, settings.n_layers, WIDTH, contest.steps, STEPS, data.FULL_BUDGET_DEPTH, BATCH))
    if rows:
        if len(rows) == HOW_MANY:
            lines = words.reading(rows, contest.n_test, contest.guessing, contest.steps)
            st.markdown("\n".join(f"- {line}" for line in lines))
        table = _table(rows, key="combinations_table")
        pieces.download(table, "vanish-combinations.csv", "Download as CSV", "combinations_csv", COLUMNS)


def _contest(settings: Settings) -> Contest:
    return Contest(
        settings.n_layers, tuple((name, settings.variants[name]) for name in NETWORK_REMEDIES), settings.seed
    )


def _job(settings: Settings) -> Job:
    contest = _contest(settings)
    return Job(
        name="train_combinations",
        label=f"Train all {HOW_MANY}",
        key=("combinations", contest, contest.steps),
        seconds=contest.seconds,
        make=contest.run,
        status=lambda items: (len(items) / HOW_MANY, words.trained(len(items), HOW_MANY)),
        draw=lambda rows: _live(settings, rows),
        to_lower="Lower **depth**.",
        primary=True,
        trace=lambda rows: Last(settings, {POINTS: data.scatter_frame(rows)}),
    )


# What is drawn of a training.
POINTS = "points"


def _about(faint: Last, settings: Settings, over: bool) -> str:
    keys = ("depth", "sizes", *(f"fix_{name}" for name in NETWORK_REMEDIES), "seed")
    return last.words(last.changed(faint.settings, settings, keys), over)


def _live(settings: Settings, rows: Sequence[Combination]) -> None:
    faint = jobs.last(_job(settings))
    if faint:
        st.markdown(_about(faint, settings, over=True))
    _picture(rows, faint, key=None)
    _table(rows, key=None)


def _picture(rows: Sequence[Combination], faint: Last | None, key: str | None) -> None:
    """A point for each combination; faint those of the training before."""
    drawn = {drawing.DATA: data.scatter_frame(rows)} | ({drawing.LAST: faint.frames[POINTS]} if faint else {})
    before = "" if rows else last.BEFORE
    alt = f"Test accuracy against the ratio of first to last layer, a point for each combination{before}"
    drawing.show(charts.scatter(faint is not None), drawn, alt, key=key)


def _table(rows: Sequence[Combination], key: str | None) -> pd.DataFrame:
    """Draw the rows, and give them back."""
    frame = data.combinations_frame(rows)
    headings = {
        "ratio": {"label": "first / last"},
        "before training": {"help": "Test accuracy of the same network before any step."},
        "diverged": {"help": "At how many of the learning rates."},
    }
    pieces.table(
        frame, "Every combination of remedies: ratio, and what it has learned", key, headings, height="content"
    )
    return frame
