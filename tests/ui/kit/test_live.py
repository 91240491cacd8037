import threading
import time
from collections import OrderedDict
from types import SimpleNamespace

import numpy as np
import pytest

from vanish.ui.kit import live, lookout
from vanish.ui.kit.processes import DiedError


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    """What these tests compute need not be sent to another process, and nothing came before it."""
    monkeypatch.setattr(live, "_known", OrderedDict())
    monkeypatch.setattr(live, "compute", lambda make, beat: (item for item in make(beat)))


def wait_until(holds):
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("never came true")


def test_everybody_who_asks_for_the_same_watches_one_computation():
    calls, seen = [], []

    def make(beat):
        calls.append(1)
        yield from range(5)

    def watch():
        seen.append(list(live.start("the same", make).watch())[-1])

    watchers = [threading.Thread(target=watch) for _ in range(60)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    assert calls == [1]
    assert seen == [[0, 1, 2, 3, 4]] * 60
    assert live.known("the same").finished


def test_what_is_yielded_is_seen_while_it_runs():
    gate = threading.Event()

    def make(beat):
        yield "first"
        gate.wait(5)
        yield "second"

    looks = live.start("gated", make).watch()
    assert next(filter(None, looks)) == ["first"]
    gate.set()
    assert list(looks)[-1] == ["first", "second"]


def test_what_nobody_watches_is_given_up_and_can_be_started_anew(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.05)

    def make(beat):
        yield 0
        while True:
            time.sleep(0.01)
            beat(0.5)

    endless = live.start("endless", make)
    wait_until(lambda: endless.given_up)
    assert live.known("endless") is None
    assert live.left("endless")
    assert list(live.start("endless", lambda beat: iter([1])).watch())[-1] == [1]
    assert not live.left("endless")


def test_what_is_watched_is_not_given_up_however_long_drawing_takes(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.02)

    def make(beat):
        for share in range(8):
            time.sleep(0.01)
            beat(share / 8)
        yield "all"

    looks = live.start("slowly drawn", make).watch()
    next(looks)
    time.sleep(0.15)
    assert list(looks)[-1] == ["all"]
    assert live.known("slowly drawn").finished


@pytest.mark.parametrize(("a_drawing", "rest"), [(0.01, 0.01 * live.REST), (0.5, live.LONGEST_REST)])
def test_the_longer_a_drawing_takes_the_longer_nothing_is_drawn_but_there_is_an_end(monkeypatch, a_drawing, rest):
    # Two looks go before each drawing: one says that it is time.
    a_look, now, done, drawn = 0.1, [0.0], threading.Event(), []
    monkeypatch.setattr(lookout, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def make(beat):
        yield "first"
        done.wait(10)
        yield "last"

    run = live.start("drawn in its time", make)
    wait_until(lambda: run.items)

    def looks_away():
        now[0] += a_look
        run.items.append(now[0])
        if len(run.items) > 60:
            done.set()
        return False

    for items in run.watch(looks_away):
        drawn.append((now[0], len(items)))
        now[0] += a_drawing
    *between, (_, at_the_end) = drawn
    rests = np.diff([at for at, _ in between]) - a_drawing
    assert len(rests) > 3
    assert rests.min() >= rest - 1e-9
    assert rests.max() <= rest + 2 * a_look + 1e-9
    assert at_the_end == len(run.items)


def test_whoever_looks_away_in_the_middle_watches_no_more(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.02)

    def make(beat):
        while True:
            time.sleep(0.005)
            beat(0.5)

    looked_at = live.start("left alone", make)
    looks = looked_at.watch()
    next(looks)
    looks.close()
    wait_until(lambda: looked_at.given_up)


def test_an_error_reaches_who_watches_and_is_not_kept():
    def make(beat):
        yield 1
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        list(live.start("broken", make).watch())
    assert live.known("broken") is None
    # It was not left by those who watched.
    assert not live.left("broken")


def test_only_so_many_run_at_a_time():
    running, most = [], []

    def make(beat):
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        yield 0

    for one in [live.start(("many", n), make) for n in range(15)]:
        assert list(one.watch())[-1] == [0]
    assert max(most) <= live.AT_A_TIME


def test_everybody_sees_how_many_come_first():
    gate = threading.Event()

    def make(beat):
        gate.wait(5)
        yield 0

    started = [live.start(("queue", n), make, seconds=10.0) for n in range(6)]
    wait_until(lambda: not started[1].waits)
    assert [live.ahead(one)[0] for one in started] == [0, 0, 2, 3, 4, 5]
    # Two at a time, and the first two have just begun.
    assert [live.ahead(one)[1] for one in started] == pytest.approx([0, 0, 10, 15, 20, 25], abs=5)
    gate.set()
    wait_until(lambda: all(one.ended for one in started))
    assert [live.ahead(one) for one in started] == [(0, 0.0)] * 6


def test_the_line_that_all_are_told_is_forgotten_when_one_ends_or_is_asked_for(monkeypatch):
    # Within one moment.
    monkeypatch.setattr(live, "TELL_EVERY", 1e9)
    live._line.cache_clear()
    gates = [threading.Event() for _ in range(5)]

    def make_with(gate):
        def make(beat):
            gate.wait(5)
            yield 0

        return make

    started = [live.start(("line", n), make_with(gate), seconds=10.0) for n, gate in enumerate(gates[:4])]
    wait_until(lambda: not started[1].waits)
    assert [live.ahead(one)[0] for one in started] == [0, 0, 2, 3]
    later = live.start(("line", 4), make_with(gates[4]), seconds=10.0)
    assert live.ahead(later)[0] == 4
    gates[0].set()
    wait_until(lambda: not started[2].waits)
    assert [live.ahead(one)[0] for one in (started[3], later)] == [2, 3]
    for gate in gates:
        gate.set()
    wait_until(lambda: later.ended)
    live._line.cache_clear()


def test_on_a_busy_machine_who_waits_is_told_of_more_seconds():
    gate = threading.Event()

    def make(beat):
        gate.wait(5)
        yield 0

    started = [live.start(("busy", n), make, seconds=0.01) for n in range(live.AT_A_TIME + 2)]
    time.sleep(0.1)
    # Ten times as long as they should, so far: so will the one that comes first take.
    told = live.ahead(started[-1])[1]
    gate.set()
    wait_until(lambda: all(one.ended for one in started))
    assert told >= 0.08 / live.AT_A_TIME


def test_what_has_ended_is_kept_within_its_bytes(monkeypatch):
    monkeypatch.setattr(live, "KEPT_BYTES", 2_500_000)

    def make(beat):
        yield np.zeros(125_000)

    for n in range(4):
        list(live.start(("kept", n), make).watch())
    live.start(("kept", 3), make)
    assert [live.known(("kept", n)) is not None for n in range(4)] == [False, False, True, True]


def test_one_whose_process_dies_begins_again_once(monkeypatch):
    deaths = []

    def dying(make, beat):
        yield 1
        deaths.append(1)
        if len(deaths) < 2:
            raise DiedError
        yield 2

    monkeypatch.setattr(live, "compute", dying)
    once = live.start("dies once", None)
    assert list(once.watch())[-1] == [1, 2]
    assert once.restarts == 1

    def always(make, beat):
        yield 1
        raise DiedError

    monkeypatch.setattr(live, "compute", always)
    with pytest.raises(DiedError):
        list(live.start("dies always", None).watch())
