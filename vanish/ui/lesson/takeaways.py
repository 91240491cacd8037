"""The end of a lesson: what the reader guessed, what was measured, what to take home; on the page and on paper."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from vanish.references import REFERENCES
from vanish.ui.lesson import chart, follow, guide, results
from vanish.ui.lesson.chart import KINDS, Row
from vanish.ui.lesson.place import Place
from vanish.ui.lesson.results import Outcome
from vanish.ui.lesson.room import score
from vanish.ui.lesson.room.door import ROOMS, Here
from vanish.ui.lesson.room.score import Score
from vanish.ui.lesson.steps import Step
from vanish.ui.shell import header
from vanish.ui.shell.settings import Settings

TITLE = "What I took home about vanishing gradients"

# Charts that are drawn, of the guesses that were furthest off, and bars of each: with them the end of any lesson takes
# four screens of a telephone at most.
MOST_CHARTS = 3
MOST_BARS = 4

# On paper, beside what holds for every page: one sheet, the charts in a row, the sources unfolded.
PRINT = """<style>
@media print {
  html { font-size: 9px !important; }
  .st-key-take_home_charts [data-testid=stHorizontalBlock] { display: flex !important; gap: 1rem !important; }
  .st-key-take_home_charts [data-testid=stColumn] { width: 33% !important; }
  .st-key-take_home_charts svg { width: 100% !important; }
  .st-key-sources.st-key-sources [data-testid=stExpander] { display: block !important; }
  .st-key-sources details::details-content { content-visibility: visible; height: auto; }
}
</style>"""


def show(place: Place, settings: Settings, corrections: Sequence[str], here: Here | None = None) -> None:
    """Draw the last page of a lesson; ``here`` is the room that the reader is in."""
    st.html(PRINT)
    header.put_right(corrections)
    with header.bar():
        header.links(settings)
    name, steps = place.lesson.name, place.lesson.steps
    outcomes = [guide.outcome(place, step) for step in steps if step.name in place.answers]
    with st.container(key="taken_home"):
        st.title("What to take home", anchor=False)
    scored = score.scores(ROOMS, here.code) if here else []
    if outcomes:
        st.markdown(_how_it_went(outcomes, len(steps), scored))
    else:
        st.markdown("No question has been answered yet: go back to any of them.")
    _ways_on(name, outcomes, len(steps), scored)
    if outcomes:
        with st.container(key="morals"):
            st.markdown(morals(outcomes))
        _surprises(surprises(outcomes))
    if scored:
        st.header("The room", anchor=False)
        st.markdown(score.listed(scored))
    with st.expander("Sources", key="sources"):
        st.markdown("\n".join(f"- {line}" for line in references(steps)))
    follow.show("taken_home", "taken_home", "The lesson's end: what to take home.")


def _how_it_went(outcomes: Sequence[Outcome], total: int, scored: Sequence[Score]) -> str:
    """The reader's own score; who has led a room has not guessed, and is not blamed for it."""
    led = scored and not any(outcome.guessed for outcome in outcomes)
    return "" if led else results.score(list(outcomes), total)


def _surprises(outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    st.header("The largest surprises", anchor=False)
    with st.container(key="take_home_charts"):
        columns = st.columns(MOST_CHARTS)
    for column, outcome in zip(columns, outcomes, strict=False):
        with column:
            st.subheader(f"**{outcome.step.title}**", anchor=False)
            chart.show(outcome, key=f"home_{outcome.step.name}", most=MOST_BARS)


def _ways_on(name: str, outcomes: Sequence[Outcome], total: int, scored: Sequence[Score]) -> None:
    with st.container(horizontal=True):
        st.button(
            "Back to the questions",
            icon=":material/arrow_back:",
            on_click=guide.go,
            args=(name, total),
            key="to_questions",
        )
        st.button("Start again", icon=":material/restart_alt:", on_click=guide.start_again, args=(name,), key="again")
        st.download_button(
            "Download as a page",
            lambda: document(outcomes, total, scored),
            file_name="vanish-take-aways.html",
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
            key="take_home",
        )
        if scored:
            home = header.base()
            st.download_button(
                "The room as CSV",
                lambda: score.csv(scored, name, home),
                file_name="vanish-room.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key="room_csv",
            )
        st.button(
            "Leave the lesson", icon=":material/close:", type="tertiary", on_click=guide.leave, key="lesson_leave"
        )


def references(steps: Sequence[Step]) -> list[str]:
    """Each source of the steps, once, by author."""
    keys = {key for step in steps for key in step.sources}
    return sorted(REFERENCES[key].line for key in keys)


def surprises(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """A few of the guesses that were not near, those that were furthest off first."""
    missed = [outcome for outcome in outcomes if outcome.guessed and not outcome.good]
    return sorted(missed, key=lambda outcome: -outcome.miss)[:MOST_CHARTS]


def morals(outcomes: Sequence[Outcome]) -> str:
    """What to take home, as a list: the moral first, then the question's name and how the guess went."""
    return "\n".join(
        f"{n}. **{one.step.moral}**  \n   {one.step.lead} {one.verdict}" for n, one in enumerate(outcomes, 1)
    )


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b28; background: #fff; max-width: 46rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.15rem; margin: 1.6rem 0 0.2rem; }
section { break-inside: avoid; } .moral { border-left: 4px solid #4338a8; padding-left: 0.7rem; }
.why { margin-top: 0; } ul { padding-left: 1.2rem; } @page { margin: 14mm; }
figure { margin: 0.8rem 0; font-size: 0.9rem; print-color-adjust: exact; } figure p { margin: 0; font-weight: 600; }
figure div { height: 1rem; border-radius: 3px; margin-bottom: 0.6rem; background: currentColor; }
figure .guess { background: none; border: 2px dashed; box-sizing: border-box; }
"""


def document(outcomes: Sequence[Outcome], total: int, scored: Sequence[Score] = ()) -> str:
    """The take-aways as a document of their own, with every chart inside and nothing to load; with what a room has
    made of the questions, if one was ``scored``."""
    sections = "\n".join(_section(outcome) for outcome in outcomes)
    listed = "".join(f"<li>{escape(line)}</li>" for line in references([outcome.step for outcome in outcomes]))
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(TITLE)}</title>
<style>{STYLE}</style></head>
<body>
<h1>{escape(TITLE)}</h1>
<p>{escape(_how_it_went(outcomes, total, scored))}</p>
{sections}
{score.section(scored)}
<h2>Sources</h2>
<ul>{listed}</ul>
</body>
</html>
"""


def _section(outcome: Outcome) -> str:
    rows, result = chart.rows(outcome), outcome.result
    why = result.why.replace("`", "")
    return (
        f"<section><h2>{escape(outcome.step.title)}</h2><p>{escape(outcome.step.question)}</p>"
        f"<p><strong>{escape(outcome.verdict)}</strong></p>{bars(rows, result.title, result.share)}"
        f'<p class="why">{escape(why)}</p><p class="moral">{escape(outcome.step.moral)}</p></section>'
    )


def bars(rows: Sequence[Row], title: str, share: bool) -> str:
    """A bar for each row, its words over it: on a log scale, or (``share``) on one from 0 to 100 %.

    What a scale has no place for (0 on a log one, nan, inf) has its words and no bar.
    """
    values = chart.frame(rows, share)["value"]
    decades = np.log10(values.where(values > 0))
    along = values.clip(0, 1) if share else decades - np.floor(decades.min() - 0.3)
    widths = (100 * along / (1.0 if share else along.max())).clip(lower=0.3).fillna(0.0)
    drawn = "".join(
        f"<p>{escape(row.words)}</p>"
        f'<div class="{row.kind}" style="width: {width:.1f}%; color: {KINDS[row.kind]}"></div>'
        for row, width in zip(rows, widths, strict=True)
    )
    label, caption = escape(chart.alt_text(title, rows)), escape(title if share else f"{title} (log scale)")
    return f'<figure role="img" aria-label="{label}">{drawn}<figcaption>{caption}</figcaption></figure>'
