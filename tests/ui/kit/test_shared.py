import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from vanish.network.spec import NetworkSpec
from vanish.sequence.spec import RecurrentSpec
from vanish.ui.chapters.time import data as time_data
from vanish.ui.kit import measured
from vanish.ui.kit.gate import Gate, Kind
from vanish.ui.kit.groups import Signal
from vanish.ui.kit.progress import Progress
from vanish.ui.kit.shared import STORE, Store, shared, size_of


def store(kept_bytes=1_000_000, places=2, long_places=1):
    return Store(kept_bytes, Gate(places, {Kind.DEAR: 1, Kind.LONG: long_places}))


def test_sixty_who_ask_for_the_same_cost_one_computation():
    computed, begun, go = [], threading.Event(), threading.Event()

    @shared(store=store())
    def square(number):
        computed.append(number)
        begun.set()
        go.wait(10)
        return number**2

    with ThreadPoolExecutor(60) as people:
        answers = [people.submit(square, 7) for _ in range(60)]
        begun.wait(10)
        go.set()
        assert {answer.result(10) for answer in answers} == {49}
    assert computed == [7]
    assert square(7) == 49
    assert computed == [7]
    square.cache_clear()
    assert square(7) == 49
    assert computed == [7, 7]


def test_no_more_different_ones_are_computed_at_a_time_than_there_are_places():
    lock, now, most = threading.Lock(), [0], [0]
    both = threading.Barrier(2, timeout=10)

    @shared(store=store())
    def answer(number):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        both.wait()
        with lock:
            now[0] -= 1
        return number

    with ThreadPoolExecutor(8) as people:
        assert list(people.map(answer, range(8))) == list(range(8))
    assert most == [2]


def test_a_slider_finds_a_place_while_long_ones_wait():
    go, order, begun = threading.Event(), [], threading.Event()
    one = store()

    @shared(store=one, long=True)
    def long(number):
        order.append(("long begins", number))
        begun.set()
        go.wait(10)
        return number

    @shared(store=one)
    def slider(number):
        order.append(("slider", number))
        return number

    with ThreadPoolExecutor(4) as people:
        waiting = [people.submit(long, number) for number in range(3)]
        begun.wait(10)
        assert people.submit(slider, 1).result(10) == 1
        assert [what for what, _ in order] == ["long begins", "slider"]
        go.set()
        assert [answer.result(10) for answer in waiting] == [0, 1, 2]


def test_moves_pass_a_dear_one_and_a_long_one_while_other_dear_ones_wait():
    one, go, begun = store(places=3), threading.Event(), threading.Semaphore(0)
    order = []

    def compute(number):
        order.append(number)
        begun.release()
        go.wait(10)
        return number

    dear = shared(store=one, dear=lambda number: number >= 10)(compute)
    long = shared(store=one, long=True)(lambda number: compute(number))

    @shared(store=one, dear=lambda number: number >= 10)
    def move(number):
        order.append(number)
        return number

    with ThreadPoolExecutor(5) as people:
        under_way = [people.submit(dear, 10), people.submit(long, 1)]
        for _ in under_way:
            assert begun.acquire(timeout=10)
        under_way += [people.submit(dear, 11), people.submit(move, 12)]
        while len(one._gate._waiting) < 2:
            time.sleep(0.001)
        assert [people.submit(move, number).result(10) for number in (2, 3, 4)] == [2, 3, 4]
        assert sorted(order) == [1, 2, 3, 4, 10]
        go.set()
        assert [one.result(10) for one in under_way] == [10, 1, 11, 12]


def test_networks_and_cells_are_dear_by_what_they_cost_and_the_first_page_s_are_not():
    names = ("sigmoid", "tanh", "relu")
    few, many = (tuple(NetworkSpec(activation=name, width=width) for name in names) for width in (8, 64))
    assert not measured.dear(few, Signal())
    assert not measured.dear(few, Signal(n_seeds=20), "rms")
    assert measured.dear(many, Signal(n_seeds=60, batch_size=60))
    cell = RecurrentSpec("lstm", hidden=32)
    assert not time_data.dear(cell, 50, 1, 1, 1.0)
    assert time_data.dear(cell, 250, 1, 60, 1.0)


@pytest.mark.parametrize("dear", [None, lambda number: True, lambda number: number % 3 == 0])
def test_what_one_needs_of_another_locks_nobody_out(dear):
    one = store(places=1)

    @shared(store=one, dear=dear)
    def inner(number):
        return number

    @shared(store=one, dear=dear)
    def outer(number):
        return inner(number % 2) + inner(0)

    with ThreadPoolExecutor(16) as people:
        answers = [people.submit(outer, number) for number in range(200)]
        assert [answer.result(10) for answer in answers] == [number % 2 for number in range(200)]


def test_who_waited_for_an_error_tries_again_and_an_error_is_not_kept():
    tries, begun, go = [], threading.Event(), threading.Event()

    @shared(store=store())
    def fails_once(number):
        tries.append(number)
        if len(tries) == 1:
            begun.set()
            go.wait(10)
            raise ValueError("once")
        return number

    with ThreadPoolExecutor(2) as people:
        first = people.submit(fails_once, 1)
        begun.wait(10)
        second = people.submit(fails_once, 1)
        go.set()
        with pytest.raises(ValueError, match="once"):
            first.result(10)
        assert second.result(10) == 1


def test_what_is_kept_stays_within_its_bytes_and_the_least_recently_used_goes():
    one, computed = store(kept_bytes=9_000), []

    @shared(store=one)
    def numbers(size):
        computed.append(size)
        return np.zeros(size)

    for size in (300, 301, 302, 300, 303):
        numbers(size)
    assert one.bytes <= 9_000
    numbers(300)
    assert computed == [300, 301, 302, 303]
    numbers(301)
    assert computed == [300, 301, 302, 303, 301]
    numbers(5_000)
    assert 0 <= one.bytes - size_of(np.zeros(5_000)) < 1_000, (
        "one that is too large alone is still there for whoever asks next"
    )


def test_a_part_of_an_array_counts_as_the_whole():
    whole = np.zeros((100, 1000))
    assert size_of(whole[0]) == size_of(whole) >= 800_000
    assert size_of(whole[0].copy()) < 10_000


def test_sizes_are_found_wherever_they_are():
    @dataclass(frozen=True)
    class Result:
        sizes: dict
        frame: pd.DataFrame

    result = Result({"a": [np.zeros(1000)]}, pd.DataFrame({"x": np.zeros(1000)}))
    assert 16_000 <= size_of((result, "name")) < 40_000


def test_one_thing_in_many_places_counts_once():
    block = np.zeros(1000)
    assert 8_000 <= size_of([block] * 10) < 9_000
    assert size_of([block, block.copy()]) > 16_000


def test_what_was_asked_counts_as_well():
    one = store()

    @shared(store=one)
    def length(text):
        return len(text)

    length("a" * 10_000)
    assert one.bytes > 10_000


@pytest.mark.parametrize("depth", [2, 30, 100])
def test_no_less_is_counted_than_is_kept(depth, monkeypatch):
    monkeypatch.setattr(STORE, "kept_bytes", 10**9)
    specs = tuple(NetworkSpec(activation=name, depth=depth) for name in ("tanh", "relu"))
    measured.profiles(specs, Signal(seed=1))
    before = STORE.bytes
    tracemalloc.start()
    try:
        fresh = tuple(NetworkSpec(activation=name, depth=depth) for name in ("tanh", "relu"))
        measured.profiles(fresh, Signal(seed=2))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < STORE.bytes - before


def test_who_waits_is_no_part_of_what_is_kept():
    computed, one = [], store()

    @shared(store=one)
    def answer(number, progress):
        computed.append(number)
        progress.report(1.0)
        return number

    reports = [[], []]
    for told in reports:
        answer(3, Progress(told.append))
    assert (computed, reports) == ([3], [[1.0], []])
    assert not [arg for key in one._results for arg in key[1] if isinstance(arg, Progress)]
