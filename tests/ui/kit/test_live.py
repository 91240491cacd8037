import threading
import time

import pytest

from vanish.ui.kit import live


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
    assert next(looks) == ["first"]
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
    assert list(live.start("endless", lambda beat: iter([1])).watch())[-1] == [1]


def test_an_error_reaches_who_watches_and_is_not_kept():
    def make(beat):
        yield 1
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        list(live.start("broken", make).watch())
    assert live.known("broken") is None


def test_only_so_many_run_at_a_time_and_so_many_are_kept():
    running, most = [], []

    def make(beat):
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        yield 0

    started = [live.start(("many", n), make) for n in range(live.KEPT + 5)]
    for one in started:
        list(one.watch())
    assert max(most) <= live.AT_A_TIME
    assert live.known(("many", 0)) is None
    assert live.known(("many", live.KEPT + 4)) is not None
