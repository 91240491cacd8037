import threading
from contextlib import contextmanager

import pytest
from ui.app import page

from vanish.ui.shell import rush
from vanish.ui.shell.rush import Rush

# Seconds: longer than any test; until a thread is given up; and in which one that is let in has come in.
EVER, PATIENCE, SHORT = 1e6, 20.0, 0.05


class Run(threading.Thread):
    """A run of the page, which takes until it is told to leave."""

    def __init__(self, rush):
        super().__init__(daemon=True)
        self._rush, self.comes_in, self.may_leave = rush, threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self._rush.turn():
            self.comes_in.set()
            self.may_leave.wait(PATIENCE)


def test_who_comes_next_waits_until_one_leaves():
    few = Rush(2, EVER)
    first, second = Run(few), Run(few)
    assert first.comes_in.wait(PATIENCE)
    assert second.comes_in.wait(PATIENCE)
    third = Run(few)
    assert not third.comes_in.wait(SHORT)
    fourth = Run(few)
    second.may_leave.set()
    assert third.comes_in.wait(PATIENCE)
    assert not fourth.comes_in.wait(SHORT)
    for run in (first, third, fourth):
        run.may_leave.set()
    assert fourth.comes_in.wait(PATIENCE)


def test_who_stays_long_keeps_nobody_out():
    few = Rush(1, SHORT)
    runs = [Run(few) for _ in range(3)]
    assert all(run.comes_in.wait(PATIENCE) for run in runs)
    for run in runs:
        run.may_leave.set()


def test_a_run_that_fails_leaves():
    few = Rush(1, EVER)
    with pytest.raises(ZeroDivisionError), few.turn():
        1 / 0  # noqa: B018
    last = Run(few)
    assert last.comes_in.wait(PATIENCE)
    last.may_leave.set()


@pytest.mark.parametrize("query", [{"chapter": "why"}, {"lesson": "short", "step": "0"}])
def test_the_page_runs_when_it_is_let_in(query, monkeypatch):
    inside = []

    class Once:
        @contextmanager
        def turn(self):
            inside.append("came")
            yield
            inside.append("left")

    monkeypatch.setattr(rush, "RUSH", Once())
    app = page(**query)
    assert inside == ["came", "left"]
    assert app.markdown
