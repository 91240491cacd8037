import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.network.loop import Course, snapshots


class Counter:
    """A run that writes down what the loop does with it, and diverges at a step."""

    def __init__(self, diverges_at=None):
        self.calls, self.measured, self.diverges_at = [], 0, diverges_at

    def measure(self):
        self.measured += 1
        return self.measured - 1 != self.diverges_at

    def update(self, rate):
        self.calls.append(("update", rate))

    def kept(self, due):
        return due[-1:]

    def snapshot(self, step, rate, keep):
        return [step, keep]

    def update_watched(self, snapshot, rate):
        self.calls.append(("watched", rate))
        return [*snapshot, "updated"]

    def diverged(self, step, rate):
        return [step, "diverged"]


@given(st.integers(1, 100_000), st.integers(2, 1000))
def test_snapshots_are_evenly_spaced_from_the_start_to_the_end(steps, n_snapshots):
    places = Course("sgd", steps, n_snapshots=n_snapshots).snapshot_steps
    assert (places[0], places[-1], len(places)) == (0, steps, min(n_snapshots, steps + 1))
    gaps = np.diff(places)
    assert gaps.max() - gaps.min() <= 1


def test_nothing_is_done_before_the_first_snapshot_is_wanted_nor_beyond_the_last_that_is():
    runs = []

    def start():
        runs.append(Counter())
        return runs[-1]

    shots = snapshots(start, Course("sgd", 10, 0.5, n_snapshots=3))
    assert runs == []
    assert next(shots) == [0, False, "updated"]
    assert runs[0].measured == 1
    assert list(shots) == [[5, False, "updated"], [10, True, "updated"]]
    assert runs[0].measured == len(runs[0].calls) == 11


@pytest.mark.parametrize("step", [0, 3, 10])
def test_a_run_that_diverges_ends_with_the_snapshot_that_says_so(step):
    run = Counter(diverges_at=step)
    *_, last = snapshots(lambda: run, Course("sgd", 10, n_snapshots=2))
    assert last == [step, "diverged"]
    assert len(run.calls) == step


def test_the_rate_follows_the_schedule_and_the_look_beyond_the_end_repeats_its_last_one():
    run = Counter()
    list(snapshots(lambda: run, Course("sgd", 4, 2.0, schedule="cosine", n_snapshots=2)))
    expected = 1 + np.cos(np.pi * np.array([0, 1, 2, 3, 3]) / 4)
    assert [rate for _, rate in run.calls] == pytest.approx(expected)
