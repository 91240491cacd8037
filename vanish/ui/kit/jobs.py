"""A long computation on the page: a button that says how long it takes, progress with a stop, and what came of it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from vanish.ui.kit import carried, live, numbers
from vanish.ui.kit.gate import GATE, RUNS, Kind
from vanish.ui.kit.live import Live, Make
from vanish.ui.kit.processes import DiedError
from vanish.ui.kit.shared import KEPT_BYTES, Store

# Seconds that a shared server gives to one press of a button.
LONGEST_RUN = 60.0

# What readers have stopped, by the job's key and how many items there were: bounded in bytes for all of them together.
STOPPED = Store(KEPT_BYTES, GATE)

# Session state's own entry: the next run is the page's answer to the end of a job, and to nothing that its reader did.
ENDED = "_ended"

# Session state's own entry: the last job of each name that the reader has seen finished, or was watching.
WANTED = "_wanted"


@dataclass(frozen=True)
class Job:
    """``name`` is its button's key, ``key`` what makes two jobs the same one; ``make`` yields its items.

    A ``make`` is a plain value that can be sent to another process (see ``races``).
    ``seconds()`` estimates what it takes; ``status(items)`` is the share that is done and the words beside it;
    ``draw(items)`` shows what there is while it runs; ``to_lower`` says what to do about one that takes too long.
    ``trace(items)`` is what of a run is to stand behind the next one: little, since each reader's is kept.
    """

    name: str
    label: str
    key: Hashable
    seconds: Callable[[], float]
    make: Make
    status: Callable[[Sequence[Any]], tuple[float, str]]
    draw: Callable[[Sequence[Any]], None]
    to_lower: str
    primary: bool = False
    trace: Callable[[Sequence[Any]], Any] | None = None


def items(job: Job) -> Sequence[Any]:
    """What the job has yielded, all of it if nobody stopped it; nothing before its button was pressed.

    A run that is under way is drawn as it goes, and the page starts afresh when it is done.  One that the reader has
    seen finished, or was watching, and of which this server knows nothing, begins again without being asked for.
    """
    run = live.known(job.key)
    stopped = _stopped_at(job) is not None and not (run and run.finished)
    found = run is not None and not stopped
    if not found:
        run = _button(job, stopped)
    if run and not run.finished:
        _forget(job)
        carried.hold(carried.RUNNING, {WANTED: _wanted(job)})
        try:
            _watch(run, job)
        except DiedError:
            st.error(numbers.DIED)
            if found:
                # Whoever has only found it, after a reload, has no button yet.
                _button(job, stopped=True)
            return ()
        if run.finished:
            _remember(job)
        elif run.given_up:
            # By a hair: nobody had watched it for a while when this reader came.
            live.start(job.key, job.make)
        else:
            # What was pressed is answered as soon as this run of the page has come to its end.
            return ()
        st.session_state[ENDED] = True
        st.rerun()
    if run:
        _remember(job)
    shown = run.items if run else _stopped_items(job) if stopped else ()
    _trace(job, shown)
    return shown


def last(job: Job) -> Any:
    """The ``trace`` of the run of this name that the reader has seen before, with other settings; ``None`` if none."""
    return next((trace for (key, _), trace in reversed(_traces(job).items()) if key != job.key), None)


def _traces(job: Job) -> dict[tuple[Hashable, int], Any]:
    """Of the last two runs of this name, the newer one last, by the job's key and how many items there were."""
    traces: dict[tuple[Hashable, int], Any] = st.session_state.get(f"_traces_{job.name}", {})
    return traces


def _trace(job: Job, shown: Sequence[Any]) -> None:
    traces, seen = _traces(job), (job.key, len(shown))
    if job.trace and shown:
        others = [(one, trace) for one, trace in traces.items() if one[0] != job.key]
        trace = traces[seen] if seen in traces else job.trace(shown)
        st.session_state[f"_traces_{job.name}"] = dict([*others[-1:], (seen, trace)])


def result(job: Job) -> Sequence[Any]:
    """What a job has come to, finished or stopped by the reader, and nothing before; draws nothing."""
    run = live.known(job.key)
    return run.items if run and run.finished else _stopped_items(job)


def _stopped(job: Job) -> str:
    """Session state's own entry: the job that the reader has stopped, and how many items there were."""
    return f"_stopped_{job.name}"


def _stopped_at(job: Job) -> tuple[Hashable, int] | None:
    at: tuple[Hashable, int] | None = st.session_state.get(_stopped(job))
    return at if at and at[0] == job.key else None


def _stopped_items(job: Job) -> Sequence[Any]:
    """What there was of a job that the reader has stopped, unless too much has been stopped since."""
    return STOPPED.kept(_stopped_at(job)) or ()


def wanted() -> list[str]:
    """The jobs that the reader has seen finished, as the browser keeps them."""
    return [f"{name}.{digest}" for name, digest in st.session_state.get(WANTED, {}).items()]


def take_over(texts: Sequence[str]) -> None:
    """What was ``wanted`` before the server was started anew."""
    st.session_state[WANTED] = dict(text.split(".", 1) for text in texts if "." in text)


def _wanted(job: Job) -> str:
    return f"{job.name}.{_digest(job)}"


def _remember(job: Job) -> None:
    st.session_state[WANTED] = st.session_state.get(WANTED, {}) | {job.name: _digest(job)}


def _forget(job: Job) -> None:
    """Stopped, or given up, it is not to begin by itself."""
    st.session_state.get(WANTED, {}).pop(job.name, None)


def _digest(job: Job) -> str:
    return blake2s(repr(job.key).encode(), digest_size=8).hexdigest()


# Names of the jobs whose buttons have been drawn.
_drawn: set[str] = set()


def pressed() -> bool:
    """Whether this run is to begin a job."""
    return any(st.session_state.get(name) for name in _drawn)


def _button(job: Job, stopped: bool) -> Live | None:
    seconds = job.seconds()
    if seconds > LONGEST_RUN:
        st.info(numbers.too_long(seconds, LONGEST_RUN, job.to_lower))
        return None
    if not stopped and _wanted(job) in wanted():
        return live.start(job.key, job.make, seconds)
    label = f"{job.label} ({numbers.duration(seconds)})"
    _drawn.add(job.name)
    if not st.button(label, type="primary" if job.primary else "secondary", key=job.name):
        if live.left(job.key) and not stopped:
            st.info(numbers.left_early(job.label))
        return None
    st.session_state.pop(_stopped(job), None)
    return live.start(job.key, job.make, seconds)


def _watch(run: Live, job: Job) -> None:
    """Draw the items as they come, until the last one."""
    # A session keeps what its widgets' callbacks are given, and Streamlit a session when its reader has left.
    st.button("Stop", icon=":material/stop:", on_click=_stop, args=(job,), key=f"stop_{job.name}")
    waiting = numbers.waiting(*live.ahead(run))
    bar, place = st.progress(0.0, waiting), st.empty()
    # It takes as long as the computation does, and each picture waits for its turn.
    RUNS.leave()
    for so_far in run.watch(_presses()):
        if so_far:
            share, words = job.status(so_far)
            with RUNS.inside(Kind.PICTURE), place.container():
                bar.progress(min(share, 1.0), words)
                job.draw(so_far)
            continue
        now = numbers.RESTARTED if run.restarts else numbers.waiting(*live.ahead(run))
        if now != waiting:
            waiting = now
            bar.progress(0.0, waiting)


def _presses() -> Callable[[], bool]:
    """Tells whether the reader of this run has pressed something among the results: Streamlit lets the run come to its
    end before it says so."""
    context = get_script_run_ctx()
    requests = context.script_requests if context else None
    return lambda: requests is not None and requests._state is ScriptRequestType.RERUN


def _stop(job: Job) -> None:
    """Keep what there is, and look away: what nobody watches ends by itself."""
    run = live.known(job.key)
    items = tuple(run.items) if run else ()
    # Whoever stops the same run at the same item has the same.
    STOPPED.keep((job.key, len(items)), items)
    st.session_state[_stopped(job)] = job.key, len(items)
