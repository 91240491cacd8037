import threading
import time

import pytest

from vanish.ui.kit.lookout import Lookout


def looking():
    return [thread for thread in threading.enumerate() if thread.name == "lookout"]


def waits(lookout, ready):
    thread = threading.Thread(target=lookout.wait_for, args=(ready,))
    thread.start()
    return thread


def test_one_thread_looks_for_all_and_ends_with_the_last_who_waits():
    lookout, signs = Lookout(), [threading.Event() for _ in range(60)]
    before = len(looking())
    waiting = [waits(lookout, sign.is_set) for sign in signs]
    assert len(looking()) == before + 1
    for sign in signs[1:]:
        sign.set()
    for thread in waiting[1:]:
        thread.join(5)
    assert [thread.is_alive() for thread in waiting] == [True] + 59 * [False]
    signs[0].set()
    waiting[0].join(5)
    assert not waiting[0].is_alive()
    for _ in range(500):
        if len(looking()) == before:
            break
        time.sleep(0.01)
    assert len(looking()) == before
    again = waits(lookout, signs[0].is_set)
    again.join(5)
    assert not again.is_alive()


def test_nobody_looks_for_what_is_ready_at_once():
    lookout = Lookout()
    lookout.wait_for(lambda: True)
    assert not lookout._looks


def test_who_waits_for_what_cannot_be_told_any_more_waits_no_longer_nor_do_others():
    lookout, sign, asked = Lookout(), threading.Event(), []

    def broken():
        asked.append(threading.current_thread().name)
        if len(asked) > 1:
            raise RuntimeError
        return False

    waiting = [waits(lookout, broken), waits(lookout, sign.is_set)]
    waiting[0].join(5)
    assert [thread.is_alive() for thread in waiting] == [False, True]
    assert asked[1] == "lookout"
    sign.set()
    waiting[1].join(5)
    assert not waiting[1].is_alive()


def test_an_error_at_once_is_the_callers():
    def broken():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        Lookout().wait_for(broken)


def test_where_no_thread_can_look_who_waits_is_told_and_the_next_one_looks_again(monkeypatch):
    lookout, sign = Lookout(), threading.Event()

    def none_left(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as here:
        here.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError, match="new thread"):
            lookout.wait_for(sign.is_set)
    waiting = waits(lookout, sign.is_set)
    sign.set()
    waiting.join(5)
    assert not waiting.is_alive()
