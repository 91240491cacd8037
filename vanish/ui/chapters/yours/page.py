"""Chapter ``yours``: and in my own network?"""

import streamlit as st

from vanish.code.remedies import pytorch_lines
from vanish.logs import Report, why_no_nearest
from vanish.logs.findings import findings_of
from vanish.logs.sizes import SIZES
from vanish.ui.chapters.yours import charts, data, model, source, words
from vanish.ui.chapters.yours.data import Neighbor, Opened
from vanish.ui.kit import drawing, origin, pieces, verdicts
from vanish.ui.kit.numbers import number
from vanish.ui.shell import header, session
from vanish.ui.shell.header import Card, Head
from vanish.ui.shell.settings import Settings

# Session state's own entry: the nearest network, and of what.
NEIGHBOR = "_log_neighbor"


def measure(settings: Settings) -> Opened:
    """The reader's log, or an example."""
    files, asked = source.files(), source.asked()
    if not files:
        return data.example(settings.example, asked)
    return source.kept((files, asked), lambda: data.opened(files, asked))


def head(_: Settings, opened: Opened) -> Head:
    """The verdict, and the figures that it rests on."""
    report = opened.report
    if report is None:
        return Head(words.NOTHING_READ)
    verdict, *_others = findings_of(report, words.VOICE)
    return Head(verdict.text, _cards(report), words.judged(report), apart=True)


def _cards(report: Report) -> tuple[Card, ...]:
    color = verdicts.VERDICT_COLORS.get(report.diagnosis.verdict, "gray")
    first_last = Card("First / last layer", number(report.ratio), report.verdict, color)
    little = Card("Below a hundredth of the largest", f"{len(report.little)}", f"of {len(report.names)} layers")
    factor = report.factor
    if not factor.low > 0:
        return first_last, little
    interval = f"{number(factor.low)} to {number(factor.high)}"
    return first_last, Card("Factor per layer back", number(factor.value), interval), little


def show(settings: Settings, opened: Opened) -> None:
    """The ways in, the picture, the findings, the nearest network, what can be taken home."""
    source.chosen()
    _problems(opened)
    report = opened.report
    if report is None:
        source.show()
        model.show()
        return
    held = st.session_state.get(NEIGHBOR)
    neighbor = held[1] if held and held[0] == opened.key else None
    # Of a log of one step the layers are the picture.
    one_step = report.log.n_steps < 2
    if one_step:
        _profile(report, neighbor)
    else:
        _picture(report)
    header.below_picture()
    source.show()
    model.show()
    source.step(report.log)
    if not one_step:
        _profile(report, neighbor)
    _, *rest = findings_of(report, words.VOICE)
    lines = [*map(words.line, rest), words.course(report.course)]
    st.markdown("\n".join(f"- {line}" for line in lines))
    with st.expander("How it was read", key="log_read"):
        source.choices(report)
        decisions = [words.decision(one) for one in report.log.decisions]
        said = [words.read_as(report.log), *decisions, words.shapes_known(report)]
        st.markdown("\n".join(f"- {line}" for line in said))
    _nearest(opened, report, neighbor)
    _take_home(report)
    st.caption(words.KEPT_WHERE)


def _problems(opened: Opened) -> None:
    if opened.refused:
        st.warning("What stood there, and what was expected:")
        st.code(opened.refused, language=None, wrap_lines=True)
    elif opened.problems:
        st.warning("Some of it could not be read; the rest is shown.")
        pieces.table(data.problems(opened.problems), "What could not be read of the log", key="log_problems")


def _picture(report: Report) -> None:
    log = report.log
    picture = data.picture(log, report.parameters, source.opened_module())
    spec = charts.heat_map(picture.low, picture.high, picture.rows)
    verdicts_of = data.verdicts(report, float(picture.cells["x2"].max()))
    drawn = {drawing.DATA: picture.cells, charts.VERDICTS: verdicts_of}
    drawing.show(spec, drawn, words.heat_alt(picture.rows, log.n_steps), key="log_heat")
    marks = list(picture.cells["mark"].dropna().unique())
    st.caption(words.heat_reading(picture.low, picture.high, picture.shared, marks))
    source.module(picture.modules)


def _profile(report: Report, neighbor: Neighbor | None) -> None:
    frame = data.profile(report, neighbor.nearest if neighbor else None)
    title = SIZES[report.log.size].label
    spec = charts.profile(title[0].upper() + title[1:], neighbor is not None, len(frame))
    drawing.show(spec, frame, words.profile_alt(report), key="log_profile")
    names = data.shortened(report.names)
    aside = [words.left_out(names.beginning, names.end), words.signs(list(frame["sign"].unique()))]
    if any(aside):
        st.caption(" ".join(filter(None, aside)))


def _nearest(opened: Opened, report: Report, neighbor: Neighbor | None) -> None:
    reason = why_no_nearest(report)
    if reason:
        st.caption(words.why_no_neighbor(reason))
        return
    if neighbor is None:
        st.button(
            "Find the nearest network that can be simulated",
            icon=":material/search:",
            on_click=_look,
            args=(opened,),
            key="log_nearest",
        )
        return
    best = neighbor.nearest.best.spec
    st.markdown("\n".join(f"- {line}" for line in words.nearest(neighbor.nearest)))
    st.button(
        "Open it in Fixes",
        icon=":material/open_in_new:",
        on_click=session.set_controls,
        kwargs=data.controls_of(best),
        key="log_open",
    )
    if neighbor.bought:
        st.markdown(words.remedies(len(neighbor.bought)))
        for place, one in enumerate(neighbor.bought, 1):
            st.markdown(f"{place}. {words.bought(one)}")
            st.code(pytorch_lines(one.remedy, best), language="python")


def _look(opened: Opened) -> None:
    assert opened.report is not None
    st.session_state[NEIGHBOR] = opened.key, data.neighbor(opened.report)


def _take_home(report: Report) -> None:
    pieces.table(data.layers(report), "Size of every layer of the log at the step that is judged", key="log_table")
    with st.container(horizontal=True):
        columns = (
            "layer and kind, as the log names them; entries, how many numbers; size, of the gradient at the step "
            f"that is judged: {SIZES[report.log.size].label}, as the page has it (no unit); "
            "zeros, the share of its entries that are exactly 0 (from 0 to 1), where the log has it; state, what that "
            "number is" + ("; the log is the reader's own, which no link opens" if source.files() else "")
        )
        # Of a reader's own log the controls say nothing.
        with origin.stated(origin.here().link, lambda: words.settings(report)):
            pieces.download(data.layers(report), "vanish-log.csv", "Table as CSV", "log_csv", columns)
        for kind, mime, text in (("json", "application/json", report.to_json), ("html", "text/html", report.to_html)):
            st.download_button(
                f"Report as {kind.upper()}",
                text,
                file_name=f"vanish-log.{kind}",
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"log_{kind}",
            )
