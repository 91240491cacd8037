"""A training step through all steps of a sequence, as a ratio to eager PyTorch's: same cell, batches and threads.

    python tests/benchmarks/recurrent.py [rounds]

Hidden 32, batch 32, the adding problem over 50 steps, Adam, float64 on the CPU, one thread and then as many as there
are processors.  Contenders take turns, and each figure is the median of the ratios of one round.  Without PyTorch
only the engine's own times are shown.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

# From a checkout, without an installation.
sys.path.insert(0, str(Path(__file__).parents[2]))

ROUNDS, STEPS, HIDDEN, BATCH, LAG = 15, 20, 32, 32, 50
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def torch_steps(spec, task) -> Callable[[int], None] | None:
    """Run that many steps of the same training in PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    from vanish.sequence import sequence_batches

    torch.set_num_threads(int(os.environ[THREADS[0]]))
    if spec.cell.startswith("rnn_"):
        cell = torch.nn.RNN(spec.n_inputs, spec.hidden, nonlinearity=spec.cell[4:], dtype=torch.float64)
    else:
        cell = getattr(torch.nn, spec.cell.upper())(spec.n_inputs, spec.hidden, dtype=torch.float64)
    read_out = torch.nn.Linear(spec.hidden, spec.n_outputs, dtype=torch.float64)
    leaves = [*cell.parameters(), *read_out.parameters()]
    stepper = torch.optim.Adam(leaves, lr=0.001)
    batches = sequence_batches(task, LAG, BATCH, 1)

    def run(steps: int) -> None:
        for batch in islice(batches, steps):
            stepper.zero_grad()
            outputs = read_out(cell(torch.tensor(batch.inputs))[0][-1])
            torch.nn.functional.mse_loss(outputs[:, 0], torch.tensor(batch.targets[0])).backward()
            torch.nn.utils.clip_grad_norm_(leaves, 1.0)
            stepper.step()

    return run


def our_steps(spec, task) -> Callable[[int], None]:
    """Run that many steps of ``vanish.sequence.train_recurrent``, the one that is running, without its snapshots."""
    from vanish.network.loop import Course
    from vanish.sequence.training import SequenceRun

    trainee = SequenceRun(spec, task, LAG, Course("adam", STEPS, clip="norm", seed=1), BATCH)

    def run(steps: int) -> None:
        for _ in range(steps):
            assert trainee.measure()
            trainee.update(0.001)

    return run


def seconds_a_step(run: Callable[[int], None]) -> float:
    start = time.perf_counter()
    run(STEPS)
    return (time.perf_counter() - start) / STEPS


def compare(cell: str, rounds: int) -> None:
    from vanish import RecurrentSpec
    from vanish.choices import TASKS
    from vanish.sequence import fit_recurrent_spec

    task = TASKS["adding"]
    spec = fit_recurrent_spec(RecurrentSpec(cell, hidden=HIDDEN), task)
    contenders = {"engine": our_steps(spec, task)}
    torch_run = torch_steps(spec, task)
    if torch_run:
        contenders["PyTorch"] = torch_run
    for run in contenders.values():
        run(STEPS)
    times = [{name: seconds_a_step(run) for name, run in contenders.items()} for _ in range(rounds)]
    middle = {name: statistics.median(one[name] for one in times) * 1e3 for name in contenders}
    text = ", ".join(f"{name} {value:5.2f} ms a step" for name, value in middle.items())
    if torch_run:
        ratio = statistics.median(one["engine"] / one["PyTorch"] for one in times)
        text += f"; engine / PyTorch {ratio:.2f}"
    print(f"{cell:8}: {text}", flush=True)


if __name__ == "__main__":
    if all(name in os.environ for name in THREADS):
        for cell in ("rnn_tanh", "rnn_relu", "gru", "lstm"):
            compare(cell, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    else:
        # A library reads its number of threads once, when it is loaded.
        # A kernel that is forced on NumPy's products alone would make no comparison: each library chooses its own.
        own_choice = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        for count in sorted({1, os.cpu_count() or 1}):
            print(f"{count} thread{'s' if count > 1 else ''}", flush=True)
            settings = dict.fromkeys(THREADS, str(count))
            subprocess.run([sys.executable, *sys.argv], check=True, env=own_choice | settings)
