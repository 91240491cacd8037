import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from ui.app import checked, click, move, page

from vanish.ui.kit import gate as kit_gate
from vanish.ui.kit import jobs
from vanish.ui.kit.gate import Gate, Kind

# Seconds until a thread is given up; and in which one that is let in has come in.
PATIENCE, SHORT = 20.0, 0.05


class Run(threading.Thread):
    """A thread that is inside until it is told to leave."""

    def __init__(self, gate, kind=Kind.MOVE):
        super().__init__(daemon=True)
        self._gate, self._kind = gate, kind
        self._comes_in, self._may_leave = threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self._gate.inside(self._kind):
            self._comes_in.set()
            self._may_leave.wait(PATIENCE)

    def comes_in(self, within=PATIENCE):
        return self._comes_in.wait(within)

    def leave(self):
        self._may_leave.set()


def test_who_comes_next_waits_until_one_leaves():
    gate = Gate(2, {})
    first, second = Run(gate), Run(gate)
    assert first.comes_in()
    assert second.comes_in()
    third = Run(gate)
    assert not third.comes_in(SHORT)
    fourth = Run(gate)
    second.leave()
    assert third.comes_in()
    assert not fourth.comes_in(SHORT)
    first.leave()
    assert fourth.comes_in()
    for run in (third, fourth):
        run.leave()


def test_one_page_at_a_time_leaves_places_for_moves():
    gate = Gate(2, {Kind.PAGE: 1})
    page_, other = Run(gate, Kind.PAGE), Run(gate, Kind.PAGE)
    assert page_.comes_in()
    assert not other.comes_in(SHORT)
    move = Run(gate)
    assert move.comes_in()
    page_.leave()
    assert other.comes_in()
    for run in (other, move):
        run.leave()


def test_who_stays_long_keeps_nobody_out():
    gate = Gate(1, {}, patience=SHORT)
    runs = [Run(gate) for _ in range(3)]
    assert all(run.comes_in() for run in runs)
    for run in runs:
        run.leave()


def test_who_waits_outside_or_has_left_keeps_nobody_out_and_comes_back_in_turn():
    gate, go, back = Gate(1, {}), threading.Event(), threading.Event()

    def wait_for_another():
        with gate.inside(Kind.MOVE):
            with gate.outside():
                assert gate.held is None
                go.wait(PATIENCE)
            assert gate.held is Kind.MOVE
            back.set()
            gate.leave()
            assert gate.held is None
            return True

    with ThreadPoolExecutor(1) as people:
        waiting = people.submit(wait_for_another)
        other = Run(gate)
        assert other.comes_in()
        go.set()
        assert not back.wait(SHORT)
        other.leave()
        assert waiting.result(PATIENCE)
    last = Run(gate)
    assert last.comes_in()
    last.leave()


def test_who_is_inside_stays_so():
    gate = Gate(1, {})
    with gate.inside(Kind.PAGE), gate.inside(Kind.MOVE):
        assert gate.held is Kind.PAGE
    assert gate.held is None


def test_one_that_fails_leaves():
    gate = Gate(1, {})
    with pytest.raises(ZeroDivisionError), gate.inside(Kind.MOVE):
        1 / 0  # noqa: B018
    last = Run(gate)
    assert last.comes_in()
    last.leave()


def test_a_long_one_waits_for_so_many_later_ones_and_no_more(monkeypatch):
    monkeypatch.setattr(kit_gate, "LETS_PASS", 2)
    gate, order = Gate(1, {}), []

    def come(name, kind):
        with gate.inside(kind):
            order.append(name)

    comers = [("long", Kind.LONG), *((name, Kind.MOVE) for name in ("1st", "2nd", "3rd", "4th"))]
    with ThreadPoolExecutor(len(comers)) as people, gate.inside(Kind.MOVE):
        for arrived, comer in enumerate(comers, start=1):
            people.submit(come, *comer)
            while len(gate._waiting) < arrived:
                time.sleep(0.001)
    assert order == ["1st", "2nd", "long", "3rd", "4th"]


def test_a_second_long_one_keeps_nobody_waiting_while_the_first_is_computed():
    gate, go = Gate(2, {Kind.LONG: 1}), threading.Event()
    began = threading.Event()

    def compute():
        with gate.inside(Kind.LONG):
            began.set()
            go.wait(10)

    def slide(turns):
        for _ in range(turns):
            with gate.inside(Kind.MOVE):
                pass
        return turns

    with ThreadPoolExecutor(3) as people:
        people.submit(compute)
        began.wait(10)
        people.submit(compute)
        while not gate._waiting:
            time.sleep(0.001)
        turns = 2 * kit_gate.LETS_PASS
        assert people.submit(slide, turns).result(10) == turns
        go.set()


class Noted(Gate):
    """Knows which kinds of runs have come."""

    def __init__(self, *args):
        super().__init__(*args)
        self.kinds = []

    @contextmanager
    def inside(self, kind):
        self.kinds.append(kind)
        with super().inside(kind):
            yield


@pytest.mark.parametrize(
    ("query", "expected"),
    [({"chapter": "why"}, [Kind.PAGE, Kind.MOVE]), ({"lesson": "short", "present": "1"}, [Kind.PAGE])],
)
def test_a_page_and_its_results_are_drawn_in_turn_and_leave(query, expected, monkeypatch):
    runs = Noted(1, {})
    kinds = runs.kinds
    monkeypatch.setattr(kit_gate, "RUNS", runs)
    app = page(**query)
    assert kinds == expected
    assert app.markdown
    kinds.clear()
    # What its reader does is a move; that a job has ended is none.
    checked(app.run())
    app.session_state[jobs.ENDED] = True
    checked(app.run())
    assert kinds == [Kind.MOVE, *expected[1:], Kind.PAGE, *expected[1:]]
    last = Run(runs)
    assert last.comes_in()
    last.leave()


def test_a_run_that_begins_a_job_is_no_move(monkeypatch):
    app = page(chapter="train", depth="2", steps="50", activations="relu")
    runs = Noted(1, {})
    monkeypatch.setattr(kit_gate, "RUNS", runs)
    click(app, "train")
    assert runs.kinds[0] is Kind.PAGE
    runs.kinds.clear()
    move(app, "learning_rate", 0.1)
    assert set(runs.kinds) == {Kind.MOVE}
