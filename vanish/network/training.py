"""Training on examples: what a snapshot shows, and the run that the loop drives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.losses import LOSSES
from vanish.network.checks import check_pass_fits
from vanish.network.distributions import MOST_MOMENTS, Distributions, Watch
from vanish.network.divergence import Divergence, find_divergence
from vanish.network.flat import Passes, flatten, layer_views, unflatten, with_ones
from vanish.network.idle import idle_units
from vanish.network.initialize import initialize
from vanish.network.loop import Course, snapshots
from vanish.network.parameters import Parameters
from vanish.network.passes import each_layer
from vanish.network.prediction import parts, predict
from vanish.network.spec import NetworkSpec
from vanish.numerics import lcg
from vanish.numerics.arrays import QUIET, Array, evenly
from vanish.numerics.checks import check_choice, check_integer, check_kind, check_progress

# A run keeps no more than this many parameters in its snapshots (4 MB), whatever the network's size.
KEPT_NUMBERS = 1_000_000

LARGEST_EXAMPLES = 1_000_000


@dataclass(frozen=True)
class Snapshot:
    """A run after ``step`` updates.

    ``learning_rate`` is the next update's.  Loss and accuracy are over all training and all test examples; for a
    regression the accuracy is R² (``LOSSES[dataset.loss].score_label``).  ``test_error`` is the standard error of
    ``test_accuracy`` as the test examples are drawn.  Arrays are ``(depth,)``, first layer first:

    ``gradient_norm``: of the loss by the layer's weights on the next batch, before any clipping;
    ``update_ratio``: norm of the next update of the weights / norm of the weights;
    ``weight_norm`` and ``distance``: norm of the weights, and of what they have moved since the start;
    ``dead`` and ``saturated``: shares as in ``layer_activity``, over the training inputs.

    ``distributions``: how the next batch's activations and gradients and the weights are spread in each layer, and the
    next update beside the weights; of 20 snapshots, evenly spaced with the first and the last, else ``None``.
    ``parameters`` is a float32 copy, or ``None`` where a large network's are not kept (the last always is).
    ``divergence`` is ``None`` unless the run ends here because of it.
    """

    step: int
    learning_rate: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    test_error: float
    gradient_norm: Array
    update_ratio: Array
    weight_norm: Array
    distance: Array
    dead: Array
    saturated: Array
    parameters: Parameters | None
    divergence: Divergence | None = None
    distributions: Distributions | None = None


def fit_spec(spec: NetworkSpec, dataset: Dataset) -> NetworkSpec:
    """The spec with as many inputs and outputs as the data ask for, and no activation on the last layer.

    Raises
    ------
    ValueError
        If either is something else, or the data have more than 4096 inputs.
    """
    check_kind("spec", spec, NetworkSpec)
    check_kind("dataset", dataset, Dataset)
    return replace(spec, n_inputs=dataset.n_inputs, n_outputs=dataset.n_outputs, linear_output=True)


def batches(n_examples: int, batch_size: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Indices ``(batch_size,)`` of one batch after another, for ever.

    Each epoch is a new random order; what is left at its end and fills no batch is passed over.

    Parameters
    ----------
    n_examples : int, 1 to 1,000,000
    batch_size : int, 1 to ``n_examples``
    seed : int, 0 to 2**64 - 1

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received; by the call itself, before any batch is asked for.
    """
    n_examples = check_integer("n_examples", n_examples, 1, LARGEST_EXAMPLES)
    batch_size = check_integer("batch_size", batch_size, 1, n_examples)
    return _batches(n_examples, batch_size, np.random.default_rng([lcg.check_seed("seed", seed), 5]))


def _batches(n_examples: int, batch_size: int, generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    while True:
        order = generator.permutation(n_examples)
        for start in range(0, n_examples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


@np.errstate(**QUIET)
def _norms(spec: NetworkSpec, vector: Array) -> Array:
    """Euclidean norm of each layer's weights in a vector of parameters, ``(depth,)``."""
    return np.array([np.linalg.norm(layer.weights) for layer in layer_views(spec, vector)])


def _outputs_and_idle(spec: NetworkSpec, parameters: Parameters, inputs: Array) -> tuple[Array, Array, Array]:
    """Outputs ``(n, n_outputs)``, and the shares of saturated and dead, ``(depth,)`` each."""
    outputs, saturated, dead = [], np.zeros(spec.depth), [np.array(True)] * spec.depth
    for part in parts(spec, inputs):
        for layer, (passed, handed_on) in enumerate(each_layer(spec, parameters, part)):
            last = handed_on
            saturated_share, dead_units = idle_units(spec, passed)
            saturated[layer] += saturated_share * len(part) / len(inputs)
            dead[layer] = dead[layer] & dead_units
        outputs.append(last)
    return np.concatenate(outputs), saturated, np.array([units.mean() for units in dead])


class ExamplesRun:
    """A network in training on a data set, for ``loop.snapshots``."""

    def __init__(self, spec: NetworkSpec, dataset: Dataset, course: Course, batch_size: int) -> None:
        self._spec, self._dataset = spec, dataset
        self._vector = flatten(spec, initialize(spec, course.seed, dataset.train_inputs))
        self._start = self._vector.copy()
        self._passes = Passes(spec, self._vector, LOSSES[dataset.loss], batch_size)
        self._update = course.updater(self._vector)
        self._watch = Watch(spec, self._vector, self._passes)
        due = course.snapshot_steps
        self._moments = {due[place] for place in evenly(len(due), MOST_MOMENTS)}
        self._examples = with_ones(dataset.train_inputs)
        self._batches = batches(len(dataset.train_inputs), batch_size, course.seed)

    @np.errstate(**QUIET)
    def measure(self) -> bool:
        """Put the next batch's gradient into the passes; whether it and the loss are finite."""
        self._batch = next(self._batches)
        loss = self._passes(self._examples[self._batch], self._dataset.train_targets[self._batch])
        gradient = self._passes.gradient
        # One sum finds nearly every case; an overflow of the sum alone needs the closer look.  (A dot product of this
        # length would start BLAS's threads, which wait for each other on a busy machine.)
        finite = np.isfinite(gradient.sum()) or np.isfinite(gradient).all()
        return bool(np.isfinite(loss) and finite)

    @np.errstate(**QUIET)
    def update(self, rate: float) -> None:
        """Change the network by the gradient that was measured."""
        self._update(self._passes.gradient, rate)

    def kept(self, due: list[int]) -> list[int]:
        """Every so many of the steps, counted from the last one."""
        return due[::-1][:: -(-len(due) * self._vector.size // KEPT_NUMBERS)]

    @np.errstate(**QUIET)
    def snapshot(self, step: int, rate: float, keep: bool) -> Snapshot:
        """Everything but the next update, whose ratio is left at nan."""
        spec, data, vector = self._spec, self._dataset, self._vector
        parameters, loss = unflatten(spec, vector), LOSSES[data.loss]
        train, saturated, dead = _outputs_and_idle(spec, parameters, data.train_inputs)
        test = predict(spec, parameters, data.test_inputs, data.train_inputs)
        return Snapshot(
            step=step,
            learning_rate=rate,
            train_loss=loss.value_and_gradient(train, data.train_targets)[0],
            test_loss=loss.value_and_gradient(test, data.test_targets)[0],
            train_accuracy=loss.score(train, data.train_targets),
            test_accuracy=loss.score(test, data.test_targets),
            test_error=loss.standard_error(test, data.test_targets),
            gradient_norm=_norms(spec, self._passes.gradient),
            update_ratio=np.full(spec.depth, np.nan),
            weight_norm=_norms(spec, vector),
            distance=_norms(spec, vector - self._start),
            dead=dead,
            saturated=saturated,
            parameters=unflatten(spec, vector.astype(np.float32)) if keep else None,
            distributions=self._watch() if step in self._moments else None,
        )

    @np.errstate(**QUIET)
    def update_watched(self, snapshot: Snapshot, rate: float) -> Snapshot:
        """Update, and the snapshot with the update's size."""
        before = self._vector.copy()
        self.update(rate)
        update, seen = self._vector - before, snapshot.distributions
        return replace(
            snapshot,
            update_ratio=_norms(self._spec, update) / snapshot.weight_norm,
            distributions=seen and self._watch.updated(seen, before, update),
        )

    def diverged(self, step: int, rate: float) -> Snapshot:
        """The last snapshot, with where the first non-finite value came from."""
        spec, data, batch = self._spec, self._dataset, self._batch
        divergence = find_divergence(
            spec,
            unflatten(spec, self._vector),
            data.train_inputs[batch],
            data.train_targets[batch],
            data.loss,
            step,
        )
        # At the very edge of float64 the two orders of summation may disagree about what overflows.
        divergence = divergence or Divergence(step, spec.depth, "gradient")
        distributions = self._watch()
        return replace(self.snapshot(step, rate, keep=True), divergence=divergence, distributions=distributions)


def match_data(spec: NetworkSpec, dataset: Dataset | str, batch_size: int) -> tuple[NetworkSpec, Dataset, int]:
    """Network, data set and size of a batch as ``train`` takes them, else ValueError if they do not fit."""
    if isinstance(dataset, str):
        dataset = DATASETS[check_choice("dataset", dataset, DATASETS)].make()
    spec = _sized(check_kind("spec", spec, NetworkSpec), check_kind("dataset", dataset, Dataset))
    batch_size = check_integer("batch_size", batch_size, 1, len(dataset.train_inputs))
    check_pass_fits("batch_size", spec, 1, batch_size)
    return spec, dataset, batch_size


def _sized(spec: NetworkSpec, dataset: Dataset) -> NetworkSpec:
    """The spec, by ``fit_spec`` where its sizes are the defaults and not the data's."""
    sizes = spec.n_inputs, spec.n_outputs
    if sizes == (NetworkSpec.n_inputs, NetworkSpec.n_outputs) != (dataset.n_inputs, dataset.n_outputs):
        return fit_spec(spec, dataset)
    for name in ("n_inputs", "n_outputs"):
        wanted, got = getattr(dataset, name), getattr(spec, name)
        if wanted != got:
            raise ValueError(f"{name} must be {wanted} for {dataset.name}, got {got} (fit_spec puts it right)")
    return spec


def train(
    spec: NetworkSpec,
    dataset: Dataset | str,
    optimizer: str = "sgd",
    steps: int = 1000,
    learning_rate: float = 0.01,
    batch_size: int = 64,
    clip: str = "none",
    seed: int = 42,
    *,
    clip_at: float = 1.0,
    schedule: str = "constant",
    n_snapshots: int = 40,
    progress: Callable[[float], None] | None = None,
) -> Iterator[Snapshot]:
    """Train a network, and show it as it goes.

    The network is ``initialize(spec, seed, dataset.train_inputs)``, its batches ``batches(n_train, batch_size,
    seed)``.  Everything learns: weights, biases, gains and shifts, ReZero's gates, PReLU's
    slopes.

    Parameters
    ----------
    spec : NetworkSpec; with the data's numbers of inputs and outputs.  Where both are left at their defaults, the
        network is ``fit_spec(spec, dataset)``; ``predict`` asks for that spec
    dataset : Dataset, or a name from ``DATASETS``
    batch_size : int, 1 to the number of training examples
    optimizer, steps, learning_rate, clip, seed, clip_at, schedule, n_snapshots : as in ``loop.Course``
    progress : called now and then between snapshots with the share that is done; it may raise to interrupt

    Returns
    -------
    iterator of Snapshot, evenly spaced from step 0 to ``steps``; a run that diverges ends earlier, with a snapshot
    that says where.  Arguments are checked by the call itself, work is done only when a snapshot is asked for.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    spec, dataset, batch_size = match_data(spec, dataset, batch_size)
    check_progress(progress)
    course = Course(optimizer, steps, learning_rate, clip, seed, clip_at, schedule, n_snapshots)
    return snapshots(lambda: ExamplesRun(spec, dataset, course, batch_size), course, progress)
