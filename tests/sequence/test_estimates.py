import time
from dataclasses import replace

import pytest

from vanish import RecurrentSpec
from vanish.choices import TASKS
from vanish.sequence import estimate_recurrent_seconds, fit_recurrent_spec, train_recurrent

SPEC = fit_recurrent_spec(RecurrentSpec("lstm", hidden=16), "adding")


def test_a_runs_length_is_estimated_within_a_factor_of_ten():
    estimated = estimate_recurrent_seconds(SPEC, "adding", 60, 100)
    assert estimated < estimate_recurrent_seconds(SPEC, "adding", 60, 300) <= 3 * estimated
    # Of this process alone, because others may keep it waiting.
    begin = time.process_time()
    list(train_recurrent(SPEC, "adding", 60, steps=100))
    assert estimated / 10 < time.process_time() - begin < estimated * 10


def test_a_task_of_ones_own_is_estimated_as_well():
    own = replace(TASKS["adding"], name="my own", smallest_lag=40)
    assert estimate_recurrent_seconds(SPEC, own, 40, 100) > 0


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"^optimizer must be one of sgd, .* got 'lion'"):
        estimate_recurrent_seconds(SPEC, "adding", 60, 100, optimizer="lion")
