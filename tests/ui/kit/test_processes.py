import os
import signal
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

import vanish
from vanish.network.spec import NetworkSpec
from vanish.ui.kit import processes
from vanish.ui.kit.processes import DiedError, Worker
from vanish.ui.kit.races import Alone, OneByOne, SideBySide

# Each starts a process or two.
pytestmark = pytest.mark.slow


class Enough(Exception):
    pass


def training(width=4, steps=20):
    return partial(vanish.train, NetworkSpec(width=width, depth=3), "digits", steps=steps, n_snapshots=5)


def watched(worker, make):
    return list(worker.compute(make, lambda share: None))


def as_numbers(items):
    return [(*names, snapshot.step, snapshot.train_loss) for *names, snapshot in items]


@pytest.fixture(scope="module")
def worker():
    """One for all tests: who has ended it has it start anew."""
    one = Worker()
    yield one
    one.end()


def test_a_worker_yields_what_would_be_computed_here_and_serves_again(worker):
    race = SideBySide({"narrow": training(), "wide": training(width=8)})
    heats = OneByOne([(("wide", 8), training(width=8))])
    here = [as_numbers(make(lambda share: None)) for make in (race, heats)]
    assert [as_numbers(watched(worker, race)), as_numbers(watched(worker, heats))] == here
    first = worker.pid
    assert len(watched(worker, Alone(training()))) == 5
    assert worker.pid == first


def test_an_error_comes_back_and_the_worker_goes_on(worker):
    with pytest.raises(ValueError, match="spec"):
        watched(worker, Alone(partial(vanish.train, "no spec", "digits")))
    assert worker.pid
    assert len(watched(worker, Alone(training()))) == 5


def test_a_beat_that_raises_ends_the_process_in_the_midst_of_its_work(worker):
    def enough(share):
        raise Enough

    with pytest.raises(Enough):
        list(worker.compute(Alone(training(steps=5000)), enough))
    assert worker.pid is None
    assert len(watched(worker, Alone(training()))) == 5


def test_one_that_is_killed_is_said_to_have_died_and_another_one_takes_its_place(worker):
    items = worker.compute(Alone(training(width=64, steps=5000)), lambda share: None)
    next(items)
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(DiedError):
        list(items)
    assert len(watched(worker, Alone(training()))) == 5


def test_an_idle_one_ends(worker, monkeypatch):
    monkeypatch.setattr(processes, "IDLE", 0.05)
    watched(worker, Alone(training()))
    worker._timer.join(10)
    assert worker.pid is None


def test_where_there_can_be_no_processes_it_is_computed_here(worker, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no processes")

    worker.end()
    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert len(watched(worker, Alone(training()))) == 5
    assert worker.pid is None


def test_a_worker_loads_neither_streamlit_nor_altair(worker):
    loaded = Alone(partial(_loaded, ("streamlit", "altair", "numpy")))
    assert watched(worker, loaded) == [{"numpy"}]


def _loaded(names, progress):
    assert np
    yield set(names) & set(sys.modules)
