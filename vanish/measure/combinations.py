"""Every combination of the remedies that change a network, each one trained on the same digits for as long.

No single learning rate is fair to all: what explodes needs a small one, what barely moves a large one, and batch
norm takes nearly any.  So each network is trained at every rate of a short grid, from the same start and on the
same batches, and stands in the table with the one that leaves the lowest training loss (the test examples have no
say).  Plain SGD, because an optimiser like Adam divides the gradient's size out, which is what is looked at here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.losses import LOSSES
from vanish.choices.optimizers import LARGEST_RATE
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.remedies import NETWORK_REMEDIES, decades, from_decades, treated, untreated
from vanish.network.checks import check_pass_fits
from vanish.network.divergence import Divergence
from vanish.network.estimates import estimate_seconds
from vanish.network.initialize import initialize
from vanish.network.passes import backward, run_forward
from vanish.network.spec import NetworkSpec
from vanish.network.training import Snapshot, fit_spec, train
from vanish.numerics.arrays import QUIET, Array, first_over_last
from vanish.numerics.checks import check_integer, check_kind, check_numbers, check_progress, refusal
from vanish.numerics.lcg import check_seed, check_seeds, ensemble_seeds

DATASET = "digits"


WIDTH, STEPS, BATCH, RATES, RATIO_SEEDS = 32, 300, 64, (0.003, 0.03, 0.3), 5


LARGEST_COMBINED_DEPTH, LARGEST_COMBINED_WIDTH, LARGEST_COMBINED_STEPS, MOST_RATES = 100, 64, 2000, 10


@dataclass(frozen=True)
class Combination:
    """A row of the table.

    ``decades``: log10 of first / last layer's mean |dL/dz|, the median over a few seeds, L being the loss over a
    first batch.  ``untrained_accuracy``: on the test examples before training, the same at all rates.  The rest is the
    training run's end at ``learning_rate``, the best of the grid; ``diverged`` says at how many of its rates there was
    no end.  ``divergence`` is ``None`` unless that was so at all of them: then loss and accuracy are of no trained
    network.
    """

    remedies: tuple[str, ...]
    spec: NetworkSpec
    decades: float
    untrained_accuracy: float
    learning_rate: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    diverged: int
    divergence: Divergence | None = None

    @property
    def ratio(self) -> float:
        """First / last layer."""
        return from_decades(self.decades)


def all_combinations(
    spec: NetworkSpec, variants: Mapping[str, str] | None = None
) -> list[tuple[tuple[str, ...], NetworkSpec]]:
    """All subsets of the remedies with their networks, none first and all last; initialisers match activations.

    Parameters
    ----------
    spec : NetworkSpec; its depth, width, inputs and outputs are kept, all else is the kata's sigmoid network
    variants : as in ``treated``
    """
    start = untreated(spec)
    subsets = chain.from_iterable(combinations(NETWORK_REMEDIES, size) for size in range(len(NETWORK_REMEDIES) + 1))
    return [(names, treated(start, names, variants)) for names in subsets]


@np.errstate(**QUIET)
def loss_ratio(spec: NetworkSpec, seeds: Sequence[int], dataset: Dataset, batch_size: int = BATCH) -> Array:
    """First / last layer's mean |dL/dz| before any training, ``(len(seeds),)``, L the loss over a first batch.

    The batch is of the data's first ``batch_size`` examples.  ValueError if the spec has other inputs or outputs than
    the data, or an argument is out of its range.
    """
    check_kind("spec", spec, NetworkSpec)
    check_kind("dataset", dataset, Dataset)
    given, wanted = (spec.n_inputs, spec.n_outputs), (dataset.n_inputs, dataset.n_outputs)
    if given != wanted:
        raise refusal("spec", f"of {wanted} inputs and outputs for {dataset.name} (fit_spec puts it right)", given)
    seeds = check_seeds("seeds", seeds)
    batch_size = check_integer("batch_size", batch_size, 1, len(dataset.train_inputs))
    inputs, targets = dataset.train_inputs[:batch_size], dataset.train_targets[:batch_size]
    check_pass_fits("batch_size", spec, 1, batch_size)
    ratios = np.empty(len(seeds))
    for place, seed in enumerate(seeds):
        parameters = initialize(spec, seed, dataset.train_inputs)
        passed = run_forward(spec, parameters, inputs, keep=False)
        _, gradient = LOSSES[dataset.loss].value_and_gradient(passed.outputs, targets)
        layers = zip(backward(spec, parameters, passed, gradient), reversed(parameters.weights), strict=True)
        sizes = [float(MAGNITUDES["mean_abs"].measure(gradients, weights)) for gradients, weights in layers]
        ratios[place] = first_over_last(np.array(sizes[::-1]))
    return ratios


def _checked(spec: NetworkSpec | None, steps: int, rates: Sequence[float]) -> tuple[NetworkSpec, int, list[float]]:
    spec = NetworkSpec(width=WIDTH) if spec is None else check_kind("spec", spec, NetworkSpec)
    check_integer("spec.depth", spec.depth, 1, LARGEST_COMBINED_DEPTH)
    check_integer("spec.width", spec.width, 1, LARGEST_COMBINED_WIDTH)
    steps = check_integer("steps", steps, 1, LARGEST_COMBINED_STEPS)
    return spec, steps, check_numbers("rates", rates, 0, LARGEST_RATE, most=MOST_RATES)


def train_combinations(
    spec: NetworkSpec | None = None,
    variants: Mapping[str, str] | None = None,
    *,
    steps: int = STEPS,
    rates: Sequence[float] = RATES,
    seed: int = 42,
    progress: Callable[[float], None] | None = None,
) -> Iterator[Combination]:
    """Measure and train every combination of remedies on the handwritten digits.

    Parameters
    ----------
    spec : NetworkSpec; its depth (1 to 100) and width (1 to 64) are taken, ``None`` is 10 layers of 32
    variants : as in ``treated``
    steps : int, 1 to 2000; of plain SGD on batches of 64
    rates : 1 to 10 learning rates, each 0 to 100
    seed : int, 0 to 2**64 - 1
    progress : called now and then with the share that is done; it may raise to interrupt

    Returns
    -------
    iterator of Combination, one for each subset.  Arguments are checked by the call itself, work is done only when a
    row is asked for.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    spec, steps, rates = _checked(spec, steps, rates)
    seed = check_seed("seed", seed)
    check_progress(progress)
    dataset = DATASETS[DATASET].make()
    rows = all_combinations(fit_spec(spec, dataset), variants)
    seeds = ensemble_seeds(seed, RATIO_SEEDS)

    def run() -> Iterator[Combination]:
        for row, (names, one) in enumerate(rows):
            ends = []
            for column, rate in enumerate(rates):
                before, runs = row * len(rates) + column, len(rows) * len(rates)
                start, end = _trained(one, dataset, steps, rate, seed, _within(progress, before, runs))
                ends.append(end)
            yield _best(names, one, decades(loss_ratio(one, seeds, dataset)), start.test_accuracy, ends)

    return run()


def _within(progress: Callable[[float], None] | None, before: int, runs: int) -> Callable[[float], None]:
    """What one of several runs calls with its own share."""

    def report(share: float) -> None:
        if progress:
            progress((before + share) / runs)

    return report


def _trained(
    spec: NetworkSpec, dataset: Dataset, steps: int, rate: float, seed: int, progress: Callable[[float], None]
) -> tuple[Snapshot, Snapshot]:
    """The first snapshot of a run, before any step, and the last."""
    first, *later = train(
        spec,
        dataset,
        "sgd",
        steps=steps,
        learning_rate=rate,
        batch_size=BATCH,
        seed=seed,
        n_snapshots=2,
        progress=progress,
    )
    progress(1.0)
    return first, later[-1] if later else first


def _best(
    names: tuple[str, ...], spec: NetworkSpec, ratio: float, untrained_accuracy: float, ends: list[Snapshot]
) -> Combination:
    """The run with the lowest training loss; of runs that have all diverged, the one that went furthest."""
    finished = [end for end in ends if end.divergence is None and np.isfinite(end.train_loss)]
    best = min(finished, key=lambda end: end.train_loss) if finished else max(ends, key=lambda end: end.step)
    return Combination(
        remedies=names,
        spec=spec,
        decades=ratio,
        untrained_accuracy=untrained_accuracy,
        learning_rate=best.learning_rate,
        train_loss=best.train_loss,
        test_loss=best.test_loss,
        train_accuracy=best.train_accuracy,
        test_accuracy=best.test_accuracy,
        diverged=len(ends) - len(finished),
        divergence=None if finished else best.divergence,
    )


def combinations_seconds(
    spec: NetworkSpec | None = None, *, steps: int = STEPS, rates: Sequence[float] = RATES
) -> float:
    """About how long ``train_combinations`` takes on this machine; runs that diverge end sooner.

    Raises
    ------
    ValueError
        As in ``train_combinations``.
    """
    spec, steps, rates = _checked(spec, steps, rates)
    dataset = DATASETS[DATASET].make()
    rows = all_combinations(fit_spec(spec, dataset))
    seconds = sum(estimate_seconds(one, dataset, steps, BATCH, "sgd", 2) for _, one in rows)
    return len(rates) * seconds
