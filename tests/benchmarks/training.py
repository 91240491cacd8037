"""A training step of the engine as a ratio to eager PyTorch's: same network, batches, optimiser and threads.

    python tests/benchmarks/training.py [rounds]

10 layers of 32 on the digits, batch 64, float64 on the CPU, once with one thread and once with as many as there are
processors.  Contenders take turns, and each figure is the median of the ratios of one round.  Without PyTorch only
the engine's own times are shown.
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

ROUNDS, STEPS, BATCH = 15, 100, 64
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def torch_steps(spec, dataset, optimizer: str) -> Callable[[int], None] | None:
    """Run that many steps of the same training in PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    from vanish import initialize
    from vanish.network.training import batches

    torch.set_num_threads(int(os.environ[THREADS[0]]))
    makers = {
        "sgd": torch.optim.SGD,
        "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    activations = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh}
    layers: list = []
    for w in initialize(spec, 1).weights:
        layer = torch.nn.Linear(w.shape[1], w.shape[0], dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(w))
            layer.bias.zero_()
        layers += [layer, activations[spec.activation]()]
    network = torch.nn.Sequential(*layers[:-1])
    inputs, targets = torch.tensor(dataset.train_inputs), torch.tensor(dataset.train_targets)
    stepper = makers[optimizer](network.parameters(), lr=0.001)
    order = (torch.tensor(batch) for batch in batches(len(inputs), BATCH, 1))

    def run(steps: int) -> None:
        for batch in islice(order, steps):
            stepper.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
            stepper.step()

    return run


def our_steps(spec, dataset, optimizer: str) -> Callable[[int], None]:
    """Run that many steps of ``vanish.train``, the one that is running, without its snapshots."""
    from vanish.network.loop import Course
    from vanish.network.training import ExamplesRun

    trainee = ExamplesRun(spec, dataset, Course(optimizer, STEPS, seed=1), BATCH)

    def run(steps: int) -> None:
        for _ in range(steps):
            assert trainee.measure()
            trainee.update(0.001)

    return run


def seconds_a_step(run: Callable[[int], None]) -> float:
    start = time.perf_counter()
    run(STEPS)
    return (time.perf_counter() - start) / STEPS


def compare(activation: str, optimizer: str, rounds: int) -> None:
    from vanish import NetworkSpec, fit_spec, train
    from vanish.choices import DATASETS

    dataset = DATASETS["digits"].make()
    spec = fit_spec(NetworkSpec(depth=10, width=32, activation=activation, initializer="he_uniform"), dataset)

    def whole(steps: int) -> None:
        for _ in train(spec, dataset, optimizer, 10 * steps, 0.001, BATCH, seed=1):
            pass

    contenders = {"engine": our_steps(spec, dataset, optimizer)}
    torch_run = torch_steps(spec, dataset, optimizer)
    if torch_run:
        contenders["PyTorch"] = torch_run
    for run in contenders.values():
        run(STEPS)
    times = [{name: seconds_a_step(run) for name, run in contenders.items()} for _ in range(rounds)]
    middle = {name: statistics.median(one[name] for one in times) * 1e6 for name in contenders}
    text = ", ".join(f"{name} {value:4.0f} µs a step" for name, value in middle.items())
    if torch_run:
        ratio = statistics.median(one["PyTorch"] / one["engine"] for one in times)
        text += f", {ratio:.2f} times as fast"
    start = time.perf_counter()
    whole(STEPS)
    share = (time.perf_counter() - start) / (10 * STEPS) * 1e6
    print(f"{activation:8} {optimizer:9}: {text}; train() with 40 snapshots of 1,000 steps {share:.0f} µs", flush=True)


if __name__ == "__main__":
    if all(name in os.environ for name in THREADS):
        for activation, optimizer in (
            *(("relu", name) for name in ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")),
            ("sigmoid", "sgd"),
            ("tanh", "adam"),
        ):
            compare(activation, optimizer, int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    else:
        # A library reads its number of threads once, when it is loaded.
        # A kernel that is forced on NumPy's products alone would make no comparison: each library chooses its own.
        own_choice = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        for count in sorted({1, os.cpu_count() or 1}):
            print(f"{count} thread{'s' if count > 1 else ''}", flush=True)
            settings = dict.fromkeys(THREADS, str(count))
            subprocess.run([sys.executable, *sys.argv], env={**own_choice, **settings}, check=True)
