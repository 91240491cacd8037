"""How long training a recurrent network will take on this machine, estimated from a trial on short sequences."""

from dataclasses import replace
from functools import lru_cache

from vanish.choices.tasks import Task
from vanish.network.estimates import Trial, seconds, trial
from vanish.network.loop import Course
from vanish.sequence.spec import RecurrentSpec
from vanish.sequence.training import SequenceRun, match_task, sequence_batches, test_batches

# The longest lag of a trial, unless the task has only longer ones.
TRIAL_LAG = 30


# Batches of a trial's test: where a batch is one sequence, a whole test takes longer than all else.
TRIAL_TESTS = 4


@lru_cache(maxsize=256)
def _trial(spec: RecurrentSpec, task: Task, lag: int, optimizer: str, batch_size: int) -> Trial:
    every = test_batches(batch_size)
    few = min(every, TRIAL_TESTS)
    runs: list[SequenceRun] = []

    def start() -> SequenceRun:
        runs.append(SequenceRun(spec, task, lag, Course(optimizer, steps=1), batch_size, few))
        return runs[-1]

    timed = trial(start)
    if few == every:
        return timed
    batch = next(sequence_batches(task, lag, batch_size, 0, test=True))
    each = min(seconds(lambda: runs[0].outputs(batch)) for _ in range(2))
    return replace(timed, snapshot=timed.snapshot + (every - few) * each)


def estimate_recurrent_seconds(
    spec: RecurrentSpec,
    task: Task | str,
    lag: int,
    steps: int,
    batch_size: int = 32,
    optimizer: str = "adam",
    n_snapshots: int = 40,
) -> float:
    """How long a run will take, estimated from a few steps at a lag of at most 30 (or the task's smallest lag).

    Parameters
    ----------
    spec, task, lag, steps, batch_size, optimizer, n_snapshots : as in ``train_recurrent``

    Raises
    ------
    ValueError
        As in ``train_recurrent``.
    """
    spec, task, lag, batch_size = match_task(spec, task, lag, batch_size)
    course = Course(optimizer, steps, n_snapshots=n_snapshots)
    short = min(lag, max(TRIAL_LAG, task.smallest_lag))
    longer = task.length(lag) / task.length(short)
    return longer * _trial(spec, task, short, optimizer, batch_size).seconds(course)
