"""Training, as a generator of snapshots: the page draws as it goes and stops by asking for no more.

A snapshot at step ``s`` shows the network after ``s`` updates, and the gradient and the update that come next.
Under batch norm, training uses each batch's own statistics and everything else the whole training set's (Ioffe &
Szegedy 2015, algorithm 2; PyTorch's running averages approximate these).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vanish.choices.activations import BLOCK
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.losses import LOSSES, Targets
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.schedules import SCHEDULES
from vanish.measure.activity import idle_units
from vanish.network.flat import Passes, flatten, layer_views, unflatten, with_ones
from vanish.network.initialize import initialize
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.passes import Forward, backward, forward
from vanish.network.spec import NetworkSpec
from vanish.numerics import lcg
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_choice, check_integer, check_number

LARGEST_STEPS, LARGEST_RATE, LARGEST_SNAPSHOTS = 100_000, 100.0, 1000


# A run keeps no more than this many parameters in its snapshots (4 MB), whatever the network's size.
KEPT_NUMBERS = 1_000_000


# Seconds between two calls of ``progress``, at least.
HEARTBEAT = 0.05


@dataclass(frozen=True)
class Divergence:
    """Where the first value that is not a finite number appeared.

    After ``step`` updates, at ``layer`` (1 is the input's side), in its ``what``: ``"parameters"``,
    ``"pre-activations"``, ``"outputs"``, ``"loss"`` (at the last layer) or ``"gradient"``.
    """

    step: int
    layer: int
    what: str


@dataclass(frozen=True)
class Snapshot:
    """A run after ``step`` updates.

    ``learning_rate`` is the next update's.  Loss and accuracy are over all training and all test examples; for a
    regression the accuracy is R² (``LOSSES[dataset.loss].score_label``).  Arrays are ``(depth,)``, first layer first:

    ``gradient_norm``: of the loss by the layer's weights on the next batch, before any clipping;
    ``update_ratio``: norm of the next update of the weights / norm of the weights;
    ``weight_norm`` and ``distance``: norm of the weights, and of what they have moved since the start;
    ``dead`` and ``saturated``: shares as in ``layer_activity``, over the training inputs.

    ``parameters`` is a float32 copy, or ``None`` where a large network's are not kept (the last always is).
    ``divergence`` is ``None`` unless the run ends here because of it.
    """

    step: int
    learning_rate: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    gradient_norm: Array
    update_ratio: Array
    weight_norm: Array
    distance: Array
    dead: Array
    saturated: Array
    parameters: Parameters | None
    divergence: Divergence | None = None


def fit_spec(spec: NetworkSpec, dataset: Dataset) -> NetworkSpec:
    """The spec with as many inputs and outputs as the data ask for, and no activation on the last layer."""
    return replace(spec, n_inputs=dataset.n_inputs, n_outputs=dataset.n_outputs, linear_output=True)


def batches(n_examples: int, batch_size: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Indices ``(batch_size,)`` of one batch after another, for ever.

    Each epoch is a new random order; what is left at its end and fills no batch is passed over.
    """
    generator = np.random.default_rng([seed, 5])
    while True:
        order = generator.permutation(n_examples)
        for start in range(0, n_examples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


@np.errstate(**QUIET)
def fold_batch_norm(spec: NetworkSpec, parameters: Parameters, reference: ArrayLike) -> tuple[NetworkSpec, Parameters]:
    """The same network with batch norm's statistics fixed to those of ``reference``, ``(n, n_inputs)``.

    A fixed mean and deviation are a part of the weights: ``W' = gain / deviation W`` and
    ``b' = gain / deviation (b - mean z) + shift``.  Networks without batch norm come back as they are.
    """
    if spec.normalization != "batch":
        return spec, parameters
    layers = []
    for own, passed in zip(parameters.layers, forward(spec, parameters, reference).layers, strict=True):
        weights, biases = own.weights, own.biases
        if own.gain is not None and own.shift is not None and passed.std is not None:
            factor = own.gain / passed.std[0]
            weights = factor[:, None] * own.weights
            # mean z = W mean h + b, so that b cancels.
            biases = own.shift - factor * (own.weights @ passed.inputs.mean(axis=0))
        layers.append(LayerParameters(weights, biases, gate=own.gate))
    return replace(spec, normalization="none"), Parameters(layers)


def predict(spec: NetworkSpec, parameters: Parameters, inputs: ArrayLike, reference: ArrayLike | None = None) -> Array:
    """The network's outputs ``(n, n_outputs)`` for standardised inputs ``(n, n_inputs)``.

    ``reference``, ``(m, n_inputs)``, gives batch norm its statistics: the training inputs, as a rule.

    Raises
    ------
    ValueError
        If the spec has batch norm and there is no reference.
    """
    if spec.normalization == "batch" and reference is None:
        raise ValueError("reference must be the training inputs where normalization is batch, got None")
    if reference is not None:
        spec, parameters = fold_batch_norm(spec, parameters, reference)
    return np.concatenate([part.outputs for part in _in_parts(spec, parameters, np.asarray(inputs))])


def _in_parts(spec: NetworkSpec, parameters: Parameters, inputs: Array) -> Iterator[Forward]:
    """One forward pass in parts whose arrays stay in the processor's cache: three times as fast for many examples.

    Batch norm looks at all examples at once, and so gets them.
    """
    together = spec.normalization == "batch" or inputs.ndim == 1
    size = len(inputs) if together else max(BLOCK // max(spec.width, spec.n_inputs, spec.n_outputs), 32)
    for start in range(0, len(inputs), size):
        yield forward(spec, parameters, inputs[start : start + size])


@np.errstate(**QUIET)
def find_divergence(
    spec: NetworkSpec, parameters: Parameters, inputs: Array, targets: Targets, loss: str, step: int
) -> Divergence | None:
    """Go through parameters, forward pass, loss and backward pass in this order; ``None`` if all is finite."""
    for layer, own in enumerate(parameters.layers, start=1):
        if not all(np.isfinite(array).all() for array in own.arrays):
            return Divergence(step, layer, "parameters")
    passed = forward(spec, parameters, inputs)
    for layer, record in enumerate(passed.layers, start=1):
        if not np.isfinite(record.activated).all():
            return Divergence(step, layer, "pre-activations")
        if not np.isfinite(record.value).all():
            return Divergence(step, layer, "outputs")
    value, gradient = LOSSES[loss].value_and_gradient(passed.outputs, targets)
    if not np.isfinite(value):
        return Divergence(step, spec.depth, "loss")
    for layer, gradients in zip(range(spec.depth, 0, -1), backward(spec, parameters, passed, gradient), strict=True):
        if not all(np.isfinite(a).all() for a in (gradients.weights, gradients.biases)):
            return Divergence(step, layer, "gradient")
    return None


@np.errstate(**QUIET)
def _norms(spec: NetworkSpec, vector: Array) -> Array:
    """Euclidean norm of each layer's weights in a vector of parameters, ``(depth,)``."""
    return np.array([np.linalg.norm(layer.weights) for layer in layer_views(spec, vector)])


def _watch(spec: NetworkSpec, parameters: Parameters, inputs: Array) -> tuple[Array, Array, Array]:
    """Outputs ``(n, n_outputs)``, and the shares of saturated and dead, ``(depth,)`` each."""
    outputs, saturated, dead = [], np.zeros(spec.depth), [np.array(True)] * spec.depth
    for part in _in_parts(spec, parameters, inputs):
        outputs.append(part.outputs)
        for layer, passed in enumerate(part.layers):
            share, asleep = idle_units(spec, passed)
            saturated[layer] += share * len(part.outputs) / len(inputs)
            dead[layer] = dead[layer] & asleep
    return np.concatenate(outputs), saturated, np.array([units.mean() for units in dead])


class _Run:
    """A network in training: its vector, what is needed to change it, and the data."""

    def __init__(
        self,
        spec: NetworkSpec,
        dataset: Dataset,
        optimizer: str,
        batch_size: int,
        clip: str,
        clip_at: float,
        seed: int,
    ) -> None:
        self.spec, self.dataset = spec, dataset
        self.vector = flatten(spec, initialize(spec, seed, dataset.train_inputs))
        self.start = self.vector.copy()
        self.passes = Passes(spec, self.vector, LOSSES[dataset.loss], batch_size)
        self._optimizer = OPTIMIZERS[optimizer]
        self._state = self._optimizer.start(self.vector)
        self._clip, self._clip_at = CLIPPINGS[clip].clip, clip_at
        self._examples = with_ones(dataset.train_inputs)

    @property
    def parameters(self) -> Parameters:
        """The network as it is now, without copying."""
        return unflatten(self.spec, self.vector)

    @np.errstate(**QUIET)
    def gradient(self, batch: NDArray[np.int64]) -> bool:
        """Put a batch's gradient into ``passes.gradient``; whether it and the loss are finite."""
        loss = self.passes(self._examples[batch], self.dataset.train_targets[batch])
        gradient = self.passes.gradient
        # One sum finds nearly every case; an overflow of the sum alone needs the closer look.  (A dot product of this
        # length would start BLAS's threads, which wait for each other on a busy machine.)
        finite = np.isfinite(gradient.sum()) or np.isfinite(gradient).all()
        return bool(np.isfinite(loss) and finite)

    @np.errstate(**QUIET)
    def update(self, rate: float) -> None:
        """Change the network by the gradient that is there."""
        gradient = self._clip(self.passes.gradient, self._clip_at)
        self._optimizer(self.vector, gradient, self._state, rate)

    def divergence(self, batch: NDArray[np.int64], step: int) -> Divergence:
        """Where the value that is not finite came from."""
        data = self.dataset
        found = find_divergence(
            self.spec, self.parameters, data.train_inputs[batch], data.train_targets[batch], data.loss, step
        )
        # At the very edge of float64 the two orders of summation may disagree about what overflows.
        return found or Divergence(step, self.spec.depth, "gradient")

    @np.errstate(**QUIET)
    def snapshot(self, step: int, rate: float, keep: bool) -> Snapshot:
        """Everything but the next update, whose ratio is left at nan."""
        spec, data, parameters = self.spec, self.dataset, self.parameters
        loss = LOSSES[data.loss]
        train, saturated, dead = _watch(spec, parameters, data.train_inputs)
        test = predict(spec, parameters, data.test_inputs, data.train_inputs)
        return Snapshot(
            step=step,
            learning_rate=rate,
            train_loss=loss.value_and_gradient(train, data.train_targets)[0],
            test_loss=loss.value_and_gradient(test, data.test_targets)[0],
            train_accuracy=loss.score(train, data.train_targets),
            test_accuracy=loss.score(test, data.test_targets),
            gradient_norm=_norms(spec, self.passes.gradient),
            update_ratio=np.full(spec.depth, np.nan),
            weight_norm=_norms(spec, self.vector),
            distance=_norms(spec, self.vector - self.start),
            dead=dead,
            saturated=saturated,
            parameters=unflatten(spec, self.vector.astype(np.float32)) if keep else None,
        )

    @np.errstate(**QUIET)
    def update_watched(self, snapshot: Snapshot, rate: float) -> Snapshot:
        """Update, and the snapshot with the update's size."""
        before = self.vector.copy()
        self.update(rate)
        return replace(snapshot, update_ratio=_norms(self.spec, self.vector - before) / snapshot.weight_norm)


def snapshot_steps(steps: int, n_snapshots: int) -> list[int]:
    """The steps, evenly spaced, at which a run is looked at: 0, ``steps`` and others between."""
    check_integer("n_snapshots", n_snapshots, 2, LARGEST_SNAPSHOTS)
    return sorted({round(place) for place in np.linspace(0, steps, min(n_snapshots, steps + 1))})


def learning_rates(schedule: str, learning_rate: float, steps: int) -> Callable[[int], float]:
    """The learning rate at each step of a run, from 0 to ``steps``."""
    check_choice("schedule", schedule, SCHEDULES)
    check_number("learning_rate", learning_rate, 0, LARGEST_RATE)
    factor = SCHEDULES[schedule].factor
    # The last snapshot looks one step beyond the end.
    return lambda step: learning_rate * factor(min(step, steps - 1), steps)


def _checked(spec: NetworkSpec, dataset: Dataset | str, steps: int, batch_size: int) -> tuple[NetworkSpec, Dataset]:
    if isinstance(dataset, str):
        dataset = DATASETS[check_choice("dataset", dataset, DATASETS)].make()
    check_integer("steps", steps, 1, LARGEST_STEPS)
    check_integer("batch_size", batch_size, 1, len(dataset.train_inputs))
    return _sized(spec, dataset), dataset


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
    seed)``.  Everything learns: weights, biases, gains and shifts, ReZero's gates.

    Parameters
    ----------
    spec : NetworkSpec; with the data's numbers of inputs and outputs.  Where both are left at their defaults, the
        network is ``fit_spec(spec, dataset)``; ``predict`` asks for that spec
    dataset : Dataset, or a name from ``DATASETS``
    optimizer : a name from ``OPTIMIZERS``
    steps : int, 1 to 100,000
    learning_rate : float, 0 to 100
    batch_size : int, 1 to the number of training examples
    clip : a name from ``CLIPPINGS``
    seed : int, 0 to 2**64 - 1
    clip_at : float, 0 to 1e6; the norm or value that ``clip`` allows
    schedule : a name from ``SCHEDULES``
    n_snapshots : int, 2 to 1000; fewer come where there are fewer steps
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
    spec, dataset = _checked(spec, dataset, steps, batch_size)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    check_choice("clip", clip, CLIPPINGS)
    check_number("clip_at", clip_at, 0, 1e6)
    check_integer("seed", seed, 0, lcg.LARGEST_SEED)
    rate_at = learning_rates(schedule, learning_rate, steps)
    due = snapshot_steps(steps, n_snapshots)

    def run() -> Iterator[Snapshot]:
        return _snapshots(
            _Run(spec, dataset, optimizer, batch_size, clip, clip_at, seed),
            batches(len(dataset.train_inputs), batch_size, seed),
            rate_at,
            due,
            progress,
        )

    # Not begun before the first snapshot is asked for.
    return (snapshot for once in (run,) for snapshot in once())


def _snapshots(
    run: _Run,
    order: Iterator[NDArray[np.int64]],
    rate_at: Callable[[int], float],
    due: list[int],
    progress: Callable[[float], None] | None,
) -> Iterator[Snapshot]:
    watched, last = set(due), due[-1]
    # Every so many of the snapshots keep their parameters, counted from the last one.
    sparse = -(-len(due) * run.vector.size // KEPT_NUMBERS)
    kept = set(due[::-1][::sparse])
    beat = time.monotonic()
    for step, batch in zip(range(last + 1), order, strict=False):
        rate = rate_at(step)
        if not run.gradient(batch):
            yield replace(run.snapshot(step, rate, keep=True), divergence=run.divergence(batch, step))
            return
        if step in watched:
            yield run.update_watched(run.snapshot(step, rate, step in kept), rate)
            beat = time.monotonic()
        else:
            run.update(rate)
            if progress and time.monotonic() - beat > HEARTBEAT:
                progress(step / last)
                beat = time.monotonic()


# Layers, most steps and seconds of the trial from which a run's length is foretold.
TRIAL_DEPTH, TRIAL_STEPS, TRIAL_SECONDS = 4, 10, 0.01


@lru_cache(maxsize=256)
def _trial(spec: NetworkSpec, name: str, optimizer: str, batch_size: int) -> tuple[float, float, float]:
    """Seconds that the start, one step and one snapshot take; the least of a few, because others disturb."""
    begin = time.perf_counter()
    run = _Run(spec, DATASETS[name].make(), optimizer, batch_size, "none", 1.0, 0)
    batch = np.arange(batch_size)
    start = time.perf_counter() - begin
    steps: list[float] = []
    while len(steps) < 3 or (len(steps) < TRIAL_STEPS and sum(steps) < TRIAL_SECONDS):
        begin = time.perf_counter()
        run.gradient(batch)
        run.update(0.0)
        steps.append(time.perf_counter() - begin)
    snapshots = []
    for _ in range(2):
        begin = time.perf_counter()
        run.snapshot(0, 0.0, keep=True)
        snapshots.append(time.perf_counter() - begin)
    return start, min(steps), min(snapshots)


def estimate_seconds(
    spec: NetworkSpec,
    dataset: Dataset | str,
    steps: int,
    batch_size: int,
    optimizer: str = "sgd",
    n_snapshots: int = 40,
) -> float:
    """How long a run will take on this machine, foretold from a few steps of a network of at most four layers.

    Parameters
    ----------
    spec, dataset, steps, batch_size, optimizer, n_snapshots : as in ``train``

    Raises
    ------
    ValueError
        As in ``train``.
    """
    spec, dataset = _checked(spec, dataset, steps, batch_size)
    check_choice("optimizer", optimizer, OPTIMIZERS)
    check_integer("n_snapshots", n_snapshots, 2, LARGEST_SNAPSHOTS)
    short = replace(spec, depth=min(spec.depth, TRIAL_DEPTH))
    start, step, snapshot = _trial(short, dataset.name, optimizer, batch_size)
    return spec.depth / short.depth * (start + steps * step + min(n_snapshots, steps + 1) * snapshot)
