"""The engine's forward and backward pass, as ratios to the bare matrix products and to PyTorch.

    python tests/benchmarks/engine.py [rounds]

Contenders take turns, and each figure is the median of the ratios of one round.  PyTorch (float64, CPU) gets as
many threads as NumPy's BLAS (``OPENBLAS_NUM_THREADS``, or all cores), and is left out where it is not installed.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

# From a checkout, without an installation.
sys.path.insert(0, str(Path(__file__).parents[2]))

from vanish import NetworkSpec, backprop, initialize

SHAPES = (
    ({"depth": 10, "width": 8}, 64),
    ({"depth": 50, "width": 64}, 256),
    ({"depth": 100, "width": 256}, 256),
    # Nielsen's, and layers of unlike sizes.
    ({"n_inputs": 784, "depth": 5, "width": 30, "n_outputs": 10}, 64),
    ({"n_inputs": 784, "widths": (512, 128, 64, 32, 64, 128, 512), "n_outputs": 784}, 64),
    ({"widths": (12, 60) * 10}, 64),
    # Blocks of two matrices.
    ({"depth": 50, "width": 64, "residual": "identity", "block": "two"}, 256),
    ({"depth": 100, "width": 256, "residual": "identity", "block": "two"}, 256),
)
ACTIVATIONS = ("sigmoid", "tanh", "relu")


def bare_products(weights: list[np.ndarray], batch: int) -> Callable[[], None]:
    """The three products of every layer and nothing else."""
    generator = np.random.default_rng(0)
    inputs = [generator.standard_normal((batch, w.shape[1])) for w in weights]
    gradients = [generator.standard_normal((batch, w.shape[0])) for w in weights]

    def run() -> None:
        for w, h, dz in zip(weights, inputs, gradients, strict=True):
            h @ w.T, dz.T @ h, dz @ w

    return run


def torch_network(spec: NetworkSpec, weights: list[np.ndarray], inputs: np.ndarray) -> Callable[[], None] | None:
    """The same network and gradients by PyTorch's autograd."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count() or 1)))
    ours = [torch.tensor(w, requires_grad=True) for w in weights]
    biases = [torch.zeros(w.shape[0], dtype=torch.float64, requires_grad=True) for w in weights]
    x, activation = torch.tensor(inputs), getattr(torch, spec.activation)

    def run() -> None:
        h = around = x
        for layer, w, b in zip(spec.layers, ours, biases, strict=True):
            around = h if layer.opens else around
            h = torch.nn.functional.linear(h, w, b)
            h = h if layer.linear else activation(h)
            h = around + h if layer.closes else h
        torch.autograd.grad(h.sum(), ours + biases)

    return run


def seconds(run: Callable[[], None], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def compare(spec: NetworkSpec, batch: int, rounds: int) -> None:
    parameters, inputs = initialize(spec, 1), np.random.default_rng(1).standard_normal((batch, spec.n_inputs))
    contenders: dict[str, Callable[[], object]] = {
        "engine": lambda: backprop(spec, parameters, inputs),
        "bare products": bare_products(parameters.weights, batch),
    }
    torch_run = torch_network(spec, parameters.weights, inputs)
    if torch_run:
        contenders["PyTorch"] = torch_run
    for run in contenders.values():
        run()
    repeats = max(1, int(0.05 / seconds(contenders["engine"], 1)))
    times = [{name: seconds(run, repeats) for name, run in contenders.items()} for _ in range(rounds)]
    ratios = {name: statistics.median(one["engine"] / one[name] for one in times) for name in contenders}
    middle = statistics.median(one["engine"] for one in times) * 1e3
    others = ", ".join(f"engine / {name} {ratio:.2f}" for name, ratio in ratios.items() if name != "engine")
    units = (
        f"{spec.depth} x {spec.width}" if spec.widths is None else f"{spec.depth} of {min(spec.widths)}-{spec.width}"
    )
    units += " blocks" if spec.blocks else ""
    shape = f"{spec.n_inputs:3} in, {units:15}, batch {batch:3}"
    print(f"{shape}, {spec.activation:8}: {middle:8.2f} ms; {others}")


if __name__ == "__main__":
    for shape, batch in SHAPES:
        for activation in ACTIVATIONS:
            compare(
                NetworkSpec(activation=activation, initializer="he_uniform", **shape),
                batch,
                int(sys.argv[1]) if len(sys.argv) > 1 else 15,
            )
