import os
import subprocess
import sys
import threading
import time
from argparse import Namespace
from contextlib import suppress

import pytest

from vanish.ui.kit import cores
from vanish.ui.kit.cores import ALL, CROWDED, Look, Page, look, quietest

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a thread choose its cores")
SEVERAL = pytest.mark.skipif(len(ALL) < 2, reason="there is one core, or none that is known")
MASK = "import os; print(sorted(os.sched_getaffinity(0)))"


def cores_of(thread=0):
    return os.sched_getaffinity(thread)


@pytest.fixture
def page():
    """One that brings all threads of the tests to one core; they may go anywhere afterwards."""
    yield Page()
    for thread in os.listdir("/proc/self/task"):
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread), ALL)


@SEVERAL
def test_all_threads_come_together_on_the_core_of_the_caller_and_those_they_start_stay_there(page):
    ends, found = threading.Event(), []
    older = threading.Thread(target=ends.wait)
    older.start()
    page.gather()
    assert page.core in ALL
    assert cores_of(older.native_id) == cores_of() == {page.core}
    newer = threading.Thread(target=lambda: found.append(cores_of()))
    newer.start()
    newer.join()
    assert found == [{page.core}]
    ends.set()
    older.join()


@SEVERAL
def test_what_is_started_elsewhere_may_use_every_core(page):
    def child():
        return subprocess.check_output([sys.executable, "-c", MASK], text=True).strip()

    page.gather()
    assert child() == str([page.core])
    with page.elsewhere():
        assert cores_of() == ALL
        assert child() == str(sorted(ALL))
    assert cores_of() == {page.core}


@SEVERAL
def test_a_crowded_page_moves_and_its_threads_with_it(page, monkeypatch):
    page.gather()
    other = min(ALL - {page.core})
    seen = Look({page.core: 0.0, other: 0.0}, own=0.0, at=0.0)
    quiet = Look({page.core: 3.0, other: 0.0}, own=3.0, at=10.0)
    monkeypatch.setattr(cores, "look", lambda: quiet)
    page.make_room(seen)
    assert cores_of() != {other}, "what it does itself crowds nobody"
    monkeypatch.setattr(cores, "look", lambda: Look(quiet.busy, own=0.0, at=10.0))
    page.make_room(seen)
    assert page.core == other
    assert cores_of() == cores_of(threading.main_thread().native_id) == {other}


@pytest.mark.parametrize(
    ("busy", "own", "to"),
    [
        # It takes all of core 0 by itself.
        ({0: 10.0, 1: 0.0}, 10.0, 0),
        # Others take half of it, and nothing of core 1; or as much there.
        ({0: 8.0, 1: 0.0}, 3.0, 1),
        ({0: 8.0, 1: 5.0}, 3.0, 0),
        # Not worth a move.
        ({0: 3.0 + 10 * CROWDED, 1: 0.0}, 3.0, 0),
        # The quietest of several.
        ({0: 9.0, 1: 4.0, 2: 1.0, 3: 2.0}, 0.0, 2),
        # The system does not say.
        ({}, 3.0, 0),
    ],
)
def test_the_page_is_best_where_others_take_least(monkeypatch, busy, own, to):
    monkeypatch.setattr(cores, "ALL", frozenset(range(4)))
    before = Look(dict.fromkeys(busy, 7.0), own=1.0, at=100.0)
    after = Look({core: 7.0 + seconds for core, seconds in busy.items()}, own=1.0 + own, at=110.0)
    assert quietest(before, after, 0) == to


def test_a_core_that_the_page_may_not_use_is_none_to_go_to(monkeypatch):
    monkeypatch.setattr(cores, "ALL", frozenset({0, 2}))
    before, after = (
        Look(dict.fromkeys(range(3), 0.0), own=0.0, at=0.0),
        Look({0: 9.0, 1: 0.0, 2: 1.0}, own=0.0, at=10.0),
    )
    assert quietest(before, after, 0) == 2


@LINUX
@pytest.mark.skipif(hasattr(os, "nice") and os.nice(0) > 0, reason="what gives way is not counted")
def test_a_look_tells_what_the_cores_have_done_meanwhile():
    before = look()
    ends = time.process_time() + 0.3
    while time.process_time() < ends:
        pass
    after = look()
    assert before.busy.keys() == after.busy.keys() >= ALL
    assert sum(after.busy.values()) - sum(before.busy.values()) > 0.2
    assert after.own - before.own >= 0.3


def test_where_cores_cannot_be_chosen_nothing_changes(monkeypatch):
    monkeypatch.setattr(cores, "ALL", frozenset())
    page = Page()
    page.gather()
    with page.elsewhere():
        pass
    page.make_room(look())
    assert page.core is None


@SEVERAL
def test_where_the_system_does_not_say_on_which_core_one_is_nothing_changes(page, monkeypatch):
    monkeypatch.setattr(cores.ctypes, "CDLL", lambda name: Namespace(sched_getcpu=lambda: -1))
    page.gather()
    assert page.core is None
    assert cores_of() == ALL


def test_where_the_system_does_not_say_what_cores_do_the_page_stays(monkeypatch, tmp_path):
    monkeypatch.setattr(cores, "Path", lambda name: tmp_path / "nothing")
    assert look() is None
    page = Page()
    page.core = 0
    page.make_room(None)
    assert page.core == 0
