"""What a verdict at the start says about learning: of networks called vanishing or healthy, how many learn digits.

    python tests/benchmarks/record.py [steps]

50 networks, 32 wide: five activations, five starts, 10 and 20 layers, seed 42.  The verdict is ``diagnose``'s on the
RMS of dL/dz that the loss of the first batch sends back, against a lossless network.  Each is trained with momentum at
rate 0.02 and with Adam at rate 0.003, by default for 1,500 steps of 64 digits.  "Better than before" is by more than
three standard errors of the test set.
"""

import itertools
import statistics
import sys
from collections import defaultdict
from pathlib import Path

# From a checkout, without an installation.
sys.path.insert(0, str(Path(__file__).parents[2]))

from vanish import NetworkSpec, diagnose, initialize, train
from vanish.choices.datasets import DATASETS
from vanish.choices.losses import LOSSES
from vanish.measure.flow import layer_magnitudes
from vanish.measure.yardstick import lossless_ratio
from vanish.network.passes import forward
from vanish.network.training import batches, fit_spec

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "silu")
STARTS = ("kata", "torch_default", "xavier_uniform", "he_normal", "orthogonal")
DEPTHS = (10, 20)
OPTIMIZERS = {"momentum": 0.02, "adam": 0.003}
SEED, BATCH, STEPS = 42, 64, 1500


def verdict(spec, data) -> str:
    """What the gradient of the first batch's loss is like on its way back."""
    batch = next(batches(len(data.train_inputs), BATCH, SEED))
    inputs = data.train_inputs[batch]
    outputs = forward(spec, initialize(spec, SEED, data.train_inputs), inputs).outputs
    _, at_outputs = LOSSES[data.loss].value_and_gradient(outputs, data.train_targets[batch])
    (sizes,) = layer_magnitudes(spec, [SEED], inputs, ["rms"], at_outputs)[0]
    return diagnose(sizes, yardstick=lossless_ratio(spec, "rms")).verdict


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    data = DATASETS["digits"].make()
    scores: dict[tuple[str, str], list[tuple[float, bool] | None]] = defaultdict(list)
    for activation, start, depth in itertools.product(ACTIVATIONS, STARTS, DEPTHS):
        spec = fit_spec(NetworkSpec(depth=depth, width=32, activation=activation, initializer=start), data)
        called = verdict(spec, data)
        for optimizer, rate in OPTIMIZERS.items():
            first, *_, last = train(spec, data, optimizer, steps, rate, BATCH, seed=SEED, n_snapshots=2)
            error = (first.test_error**2 + last.test_error**2) ** 0.5
            better = last.test_accuracy - first.test_accuracy > 3 * error
            scores[called, optimizer].append(None if last.divergence else (last.test_accuracy, better))
            end = "diverged" if last.divergence else f"{last.test_accuracy:.1%}"
            print(f"{activation:10} {start:14} {depth:3} {called:10} {optimizer:8} {end:>8}", flush=True)
    print()
    for (called, optimizer), rows in sorted(scores.items()):
        ended = [row for row in rows if row]
        better, read = sum(better for _, better in ended), sum(accuracy > 0.8 for accuracy, _ in ended)
        median = statistics.median(accuracy for accuracy, _ in ended)
        diverged = len(rows) - len(ended)
        print(
            f"{called:10} {optimizer:8} {len(rows):3} networks: {diverged} diverged, {better} better than before, "
            f"{read} above 80 %; median of those that ended {median:.1%}"
        )


if __name__ == "__main__":
    main()
