"""Where chapter ``yours`` has its log from, and how the reader wants it read: the widgets, and what they hold."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from vanish.logs import GradientLog, Report
from vanish.logs.log import State
from vanish.logs.names import KINDS, ORDERS
from vanish.logs.read import LARGEST_FILE, SUSPICIOUS, decoded
from vanish.logs.sizes import SIZES
from vanish.ui.chapters.yours import words
from vanish.ui.chapters.yours.data import NAMED, UNNAMED, Asked, Files, Opened
from vanish.ui.kit.numbers import number
from vanish.ui.kit.plain import quoted, some
from vanish.ui.shell.settings import CONTROLS, DEFAULTS

# Session state's own entries: what was uploaded, how often, and the last log that was read.
UPLOADED, UPLOADS, OPENED = "_log_uploaded", "_log_uploads", "_log_opened"

TEXT, MODULE = "log_text", "log_module"

# How each choice is called in session state; all of them start anew with another log.
CHOICES = ("size", "order", "run", "loss_scale", "shapes", "parameters", "step")


def files() -> Files:
    """The reader's own log, pasted or uploaded; empty where there is none."""
    uploaded: Files = st.session_state.get(UPLOADED, ())
    text = st.session_state.get(TEXT) or ""
    return uploaded or (((("", text),)) if text.strip() else ())


def asked() -> Asked:
    """How the reader wants the log read."""
    held = {name: st.session_state.get(_key(name)) for name in CHOICES}
    return Asked(**{name: value for name, value in held.items() if value is not None})


def kept(key: Any, compute: Callable[[], Opened]) -> Opened:
    """The reader's own log as it was read last: kept with the session, and nowhere else."""
    last = st.session_state.get(OPENED)
    if last is None or last[0] != key:
        last = st.session_state[OPENED] = key, compute()
    opened: Opened = last[1]
    return opened


def show() -> None:
    """The ways in: a box, an upload."""
    grid = st.grid(2, min_column_width=290)
    grid.text_area(
        "Paste a log",
        height=110,
        key=TEXT,
        placeholder="fc1.weight | grad norm: 0.0123",
        help=words.WAYS_IN,
        on_change=_pasted,
        persist_state="session",
    )
    grid.file_uploader(
        "Or upload files",
        accept_multiple_files=True,
        max_upload_size=LARGEST_FILE // 10**6,
        key=_uploader(),
        help=words.WAYS_IN,
        on_change=_uploaded,
    )


def chosen() -> None:
    """Which log is shown: one of the examples, or the reader's own with the way out of it."""
    own = files()
    if not own:
        CONTROLS["example"].draw("example", DEFAULTS["example"], on_change=_another)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        named = [name for name, _ in own if name]
        st.markdown(f"Shown: {quoted(some(named)) if named else 'what was pasted'}.", width="content")
        st.button("Back to the examples", icon=":material/close:", on_click=_forget, key="log_forget")


def _uploader() -> str:
    """An upload's list cannot be emptied but by another one."""
    return f"log_files_{st.session_state.get(UPLOADS, 0)}"


def _another() -> None:
    """Another log: nothing is chosen yet."""
    for key in (*map(_key, CHOICES), MODULE):
        st.session_state.pop(key, None)
    st.session_state[_key("shapes")] = ""


def _pasted() -> None:
    st.session_state.pop(UPLOADED, None)
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1
    _another()


def _uploaded() -> None:
    held = st.session_state.get(_uploader()) or []
    st.session_state[UPLOADED] = tuple((one.name, decoded(one.getvalue())) for one in held)
    st.session_state[TEXT] = ""
    _another()


def _forget() -> None:
    for key in (UPLOADED, OPENED):
        st.session_state.pop(key, None)
    st.session_state[TEXT] = ""
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1
    _another()


def _key(name: str) -> str:
    return f"log_{name}"


def step(log: GradientLog) -> None:
    """Which step, where there are several."""
    if log.n_steps < 2:
        return
    steps = [float(one) for one in log.steps]
    _begin(_key("step"), steps, steps[-1])
    st.select_slider(
        "Step",
        steps,
        format_func=lambda one: f"{one:,.6g}",
        key=_key("step"),
        help="Which step is judged, and drawn as a profile.",
        persist_state="session",
    )


def choices(report: Report) -> None:
    """How the log was read, each with its control where there is something to choose."""
    log = report.log
    with st.grid(3, min_column_width=200):
        size = log.decided("size")
        sizes = size.options if size and size.options != (UNNAMED,) else (UNNAMED, *NAMED)
        if len(sizes) > 1:
            _menu("size", "Size", sizes, log.size, lambda name: SIZES[name].label)
        order = log.decided("order")
        if order and log.n_parameters > 1:
            _menu("order", "Order, input first", ORDERS, order.choice)
        present = [kind for kind in KINDS if kind in log.kinds]
        if len(present) > 1:
            _menu("parameters", "Parameters", [*present, "all"], report.parameters, words.KINDS.__getitem__)
        run = log.decided("run")
        if run:
            _menu("run", "Run", run.options, run.choice)
        if log.decided("loss_scale") or _large(log):
            scales = sorted({1.0, log.loss_scale, *(2.0**power for power in range(8, 25, 4))})
            _menu("loss_scale", "Loss scale", scales, log.loss_scale, number)
        if SIZES[log.size].to_rms is not None:
            st.text_input(
                "Shapes",
                key=_key("shapes"),
                placeholder="layers.3.weight=[64,32]",
                help="Shapes of the tensors, so that lengths can be taken per entry.",
                persist_state="session",
            )


def _large(log: GradientLog) -> bool:
    """Whether a loss scaler may have been at work."""
    numbers = log.values[log.states == State.NUMBER]
    return bool(numbers.size and numbers.max() > SUSPICIOUS)


def _menu(name: str, label: str, options: Sequence[Any], chosen: Any, called: Callable[[Any], str] = str) -> None:
    _begin(_key(name), options, chosen)
    st.selectbox(label, options, format_func=called, key=_key(name), persist_state="session")


def module(modules: Sequence[str]) -> None:
    """Which of the modules that names are folded into is opened, if any."""
    if modules:
        _begin(MODULE, [None, *modules], None)
        st.selectbox(
            "Open a module",
            modules,
            None,
            placeholder=f"{len(modules)} modules, folded",
            key=MODULE,
            persist_state="session",
        )


def opened_module() -> str:
    """The module that is open, or nothing."""
    return st.session_state.get(MODULE) or ""


def _begin(key: str, options: Sequence[Any], chosen: Any) -> None:
    """Where nothing is chosen yet, or what a log before this one had: what the browser shows follows session state."""
    if key not in st.session_state or st.session_state[key] not in options:
        st.session_state[key] = chosen
