"""Logs of real training, written as each tool writes them (``make_fixtures.py``), say what PyTorch knew."""

import json
from pathlib import Path

import numpy as np
import pytest

import vanish
from vanish.logs import State

MADE = Path(__file__).parent / "fixtures" / "made"
TRUTH = json.loads((MADE / "truth.json").read_text())
GRADIENTS = {kind: truth for kind, truth in TRUTH.items() if "forward" not in truth}


def read(kind, **options):
    path = MADE / kind
    return vanish.read_log(sorted(path.iterdir()) if path.is_dir() else path, **options)


def same(found, true, precision):
    """A zero that was printed, or none where there is none; else the number to the digits that were printed."""
    if true is None:
        return np.isnan(found)
    return found == pytest.approx(true, rel=precision, nan_ok=True)


@pytest.mark.parametrize("kind", GRADIENTS)
def test_every_parameter_has_the_size_that_it_had(kind):
    truth, log = GRADIENTS[kind], read(kind)
    assert log.problems == ()
    assert set(log.names) == set(truth["sizes"])
    assert (log.size, log.n_steps) == (truth["said"], truth["steps"])
    row = dict(zip(log.names, log.values[-1], strict=True))
    states = dict(zip(log.names, log.states[-1], strict=True))
    for name, true in truth["sizes"].items():
        assert same(row[name], true, truth["precision"]), name
        assert (states[name] == State.MISSING) == (true is None), name


@pytest.mark.parametrize("kind", GRADIENTS)
def test_the_weights_and_their_verdict_are_the_true_ones(kind):
    truth = GRADIENTS[kind]
    report = vanish.diagnose_log(read(kind, shapes=truth["shapes"], size=truth["size"], loss_scale=truth["loss_scale"]))
    assert list(report.names) == truth["weights"]
    assert report.verdict == truth["verdict"]
    sizes = truth["rms"] or {n: v and v / truth["loss_scale"] for n, v in truth["sizes"].items()}
    for name, found in zip(report.names, report.sizes, strict=True):
        assert same(found, sizes[name], truth["precision"]), name


def test_the_report_of_overflow_holds_the_largest_outputs():
    truth, log = TRUTH["overflow.txt"]["forward"], read("overflow.txt")
    assert log.forward
    assert log.names == tuple(truth)
    np.testing.assert_allclose(log.values[0], [float(v) for v in truth.values()], rtol=1e-2)


def test_a_loss_scale_is_guessed_from_overflow_or_read_where_it_stands():
    true = GRADIENTS["scaled.txt"]["loss_scale"]
    assert true < 2.0**16
    guessed, logged = read("scaled.txt"), read("hook.jsonl")
    assert guessed.loss_scale == logged.loss_scale == true
    assert "the log says so, at first 65536" in logged.decided("loss_scale").reason
    # The fifth step is the first without an overflow, the ninth the last: one scale for both, and hardly another size.
    rms = vanish.diagnose_log(logged, step=4).sizes / vanish.diagnose_log(logged, step=8).sizes
    np.testing.assert_allclose(rms, 1, rtol=0.5)


def test_the_hook_says_how_many_entries_there_are():
    log = read("hook_detector.jsonl")
    shapes = GRADIENTS["hook_detector.jsonl"]["shapes"]
    assert log.entries.tolist() == [np.prod(shapes[name]) for name in log.names]
