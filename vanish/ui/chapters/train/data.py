"""The data of chapter ``train``: races between networks, and what is drawn of them."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.inputs import LARGEST_BATCH
from vanish.choices.losses import LOSSES
from vanish.measure.diagnosis import Diagnosis, diagnose
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.yardstick import lossless_ratio
from vanish.network.estimates import estimate_seconds
from vanish.network.initialize import initialize
from vanish.network.passes import backward, forward
from vanish.network.prediction import predict
from vanish.network.spec import NetworkSpec
from vanish.network.training import Snapshot, batches, fit_spec, train
from vanish.numerics.arrays import QUIET, Array, evenly
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.chapters.train.runs import learned_slopes
from vanish.ui.kit import budget
from vanish.ui.kit.causes import Cause, cause
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.measured import Profiles
from vanish.ui.kit.races import OneByOne, Run, SideBySide
from vanish.ui.kit.shared import shared

Runs = Mapping[str, Sequence[Snapshot]]

# Side by side on a page.
MOST_RACERS = 3

SNAPSHOTS = 40


@shared()
def dataset(plan: Plan) -> Dataset:
    """What there is to learn."""
    entry = DATASETS[plan.dataset]
    shape = getattr(plan, f"data_{entry.shape.name}") if entry.shape else None
    return entry.make(None if entry.recorded else plan.noise, plan.data_seed, shape)


def comparable(one: str, other: str) -> bool:
    """Whether losses on two data sets are of one kind, and can stand on one axis."""
    return DATASETS[one].loss == DATASETS[other].loss


# Bytes that a race may take beside the page, and vectors of all of a network's numbers that a run holds: weights, their
# start, their gradient, two means of an optimizer, and what an update and a snapshot make of them.
RACE_BYTES, VECTORS = 400_000_000, 7


def racers(specs: Sequence[NetworkSpec]) -> tuple[NetworkSpec, ...]:
    """The networks that race: as many as stand side by side, and as there is memory for."""
    each = 8 * VECTORS * budget.weights(specs[0])
    return tuple(specs[: max(1, min(MOST_RACERS, RACE_BYTES // each))])


def entries(specs: Sequence[NetworkSpec], plan: Plan) -> list[NetworkSpec]:
    """The networks that race, with inputs and outputs for the data."""
    return [fit_spec(spec, dataset(plan)) for spec in racers(specs)]


# Of dL/dz: whatever loss the gradient sets out from, its yardstick is exact.
SIGNAL = "rms"


@dataclass(frozen=True, eq=False)
class Beginning(Profiles):
    """What each layer of the racing networks receives before the first step, from the first batch and the data's loss.

    ``sizes`` are of dL/dz (``SIGNAL``); ``weights``: mean size of the gradient of layer 1's weights over that of the
    last layer's, by activation; ``n_examples``: how many of the first batch were sent through.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    n_examples: int = 0


@shared()
def beginning(specs: tuple[NetworkSpec, ...], plan: Plan) -> Beginning:
    """What the first batch sends back through each of the racing networks."""
    sizes, weights, yardsticks, causes = {}, {}, {}, {}
    for spec in entries(specs, plan):
        name = spec.activation
        sizes[name], means = _first_gradients(spec, plan).T
        first, last = float(means[0]), float(means[-1])
        weights[name] = first / last if last else np.nan
        yardsticks[name] = lossless_ratio(spec, SIGNAL)
        if explained := _cause(spec, plan, diagnose(sizes[name], yardstick=yardsticks[name])):
            causes[name] = explained
    n_examples = min(plan.train_batch, *(affordable_examples(spec) for spec in entries(specs, plan)))
    return Beginning(sizes, yardsticks=yardsticks, causes=causes, weights=weights, n_examples=n_examples)


def affordable_examples(spec: NetworkSpec) -> int:
    """How many examples the page has time to send through a network before training: of narrow ones all of a batch."""
    return budget.examples([spec], LARGEST_BATCH, budget.SCREEN / MOST_RACERS, budget.steps)


@np.errstate(**QUIET)
def _first_gradients(spec: NetworkSpec, plan: Plan) -> Array:
    """Of each layer, the size of the gradient of the loss on the first batch of the run and the mean size of that of
    the weights: ``(depth, 2)``."""
    data, affordable = dataset(plan), affordable_examples(spec)
    batch = next(batches(len(data.train_inputs), plan.train_batch, plan.seed))[:affordable]
    parameters = initialize(spec, plan.seed, data.train_inputs[:affordable])
    passed = forward(spec, parameters, data.train_inputs[batch], keep=False)
    _, at_outputs = LOSSES[data.loss].value_and_gradient(passed.outputs, data.train_targets[batch])
    # Measured as they come: all layers' gradients take as much memory as the weights.
    layers = zip(backward(spec, parameters, passed, at_outputs), parameters.layers[::-1], strict=True)
    measure = MAGNITUDES[SIGNAL].measure
    sizes = [(measure(gradients, own.weights), np.abs(gradients.weights).mean()) for gradients, own in layers]
    return np.array(sizes[::-1])


def _cause(spec: NetworkSpec, plan: Plan, diagnosis: Diagnosis) -> Cause | None:
    # The output layer of a network in training is linear.
    explained = cause(spec, plan.train_batch, SIGNAL, diagnosis, output_slope=1.0)
    if explained and "batch_size" in explained.controls:
        return replace(explained, controls={"train_batch": explained.controls["batch_size"]})
    return explained


def seconds(specs: Sequence[NetworkSpec], plan: Plan) -> float:
    """What a race is expected to take."""
    return sum(_seconds(spec, plan, SNAPSHOTS) for spec in entries(specs, plan))


def _seconds(spec: NetworkSpec, plan: Plan, n_snapshots: int) -> float:
    return estimate_seconds(spec, dataset(plan), plan.steps, plan.train_batch, plan.optimizer, n_snapshots)


def race_key(specs: Sequence[NetworkSpec], plan: Plan) -> Hashable:
    """What makes two races the same one."""
    return "race", tuple(specs), plan


def race(specs: Sequence[NetworkSpec], plan: Plan) -> SideBySide:
    """``(activation, snapshot)`` as the networks train, in turns."""
    return SideBySide({spec.activation: _training(spec, plan, SNAPSHOTS) for spec in entries(specs, plan)})


def _training(spec: NetworkSpec, plan: Plan, n_snapshots: int) -> Run:
    return partial(
        train,
        spec,
        dataset(plan),
        optimizer=plan.optimizer,
        steps=plan.steps,
        learning_rate=plan.learning_rate,
        schedule=plan.schedule,
        batch_size=plan.train_batch,
        clip=plan.clip,
        clip_at=plan.clip_at,
        seed=plan.seed,
        n_snapshots=n_snapshots,
    )


def history_frame(runs: Runs, measure: str) -> Columns:
    """One number of every snapshot: the data of ``charts.history``, drawn anew for everybody who watches a run."""
    every = [snapshot for run in runs.values() for snapshot in run]
    labels = np.array([ACTIVATIONS[name].label for name in runs], dtype=np.str_)
    values = np.array([getattr(snapshot, measure) for snapshot in every], dtype=np.float64)
    return Columns(
        {
            "activation": np.repeat(labels, [len(run) for run in runs.values()]),
            "step": np.array([snapshot.step for snapshot in every], dtype=np.int64),
            "value": np.where(np.isfinite(values), values, np.nan),
        }
    )


def heat_frame(run: Sequence[Snapshot]) -> pd.DataFrame:
    """Gradient and dead units of every layer over the run: the data of ``charts.heat``."""
    sizes = np.stack([s.gradient_norm for s in run])
    with np.errstate(all="ignore"):
        decades = np.where((sizes > 0) & np.isfinite(sizes), np.log10(sizes), np.nan)
    cells = _layers_by_steps(run, np.arange(1, sizes.shape[1] + 1))
    return cells.assign(size=sizes.ravel(), decades=decades.ravel(), dead=np.stack([s.dead for s in run]).ravel())


def _layers_by_steps(run: Sequence[Snapshot], layers: NDArray[np.int64]) -> pd.DataFrame:
    """A cell for each of the layers in each snapshot: the columns that both charts over layers and steps need."""
    steps = np.array([s.step for s in run])
    edges = np.append(steps, 2 * steps[-1] - steps[-2] if len(steps) > 1 else steps[-1] + 1)
    return pd.DataFrame(
        {
            "left": np.repeat(edges[:-1], len(layers)),
            "right": np.repeat(edges[1:] + 0.03 * np.diff(edges), len(layers)),
            "layer": np.tile(layers, len(run)),
        }
    )


def slopes_frame(run: Sequence[Snapshot]) -> pd.DataFrame | None:
    """The slope that each layer has learned for negative inputs, over the run: the data of ``charts.slopes``.

    ``None`` where no layer learns one, or the run was stopped before any parameters were kept.
    """
    kept = [snapshot for snapshot in run if snapshot.parameters]
    learned = learned_slopes(kept[-1]) if kept else {}
    if not learned:
        return None
    slopes = np.array([list(learned_slopes(snapshot).values()) for snapshot in kept])
    cells = _layers_by_steps(kept, np.array(list(learned)))
    return cells.assign(slope=np.where(np.isfinite(slopes), slopes, np.nan).ravel())


def at_moment(run: Sequence[Snapshot], moment: int) -> Snapshot:
    """The snapshot nearest to so many per cent of the run."""
    return run[round(moment / 100 * (len(run) - 1))]


def network_at(run: Sequence[Snapshot], moment: int) -> Snapshot | None:
    """The same, of those that have kept their parameters; of a large network that is the last one alone."""
    kept = [snapshot for snapshot in run if snapshot.parameters]
    return at_moment(kept, moment) if kept else None


GRID = 48


def n_labels(dataset: Dataset) -> int:
    """How many questions there are on each example: of several labels, as many."""
    return dataset.n_outputs if LOSSES[dataset.loss].an_output_each else 1


def _target(dataset: Dataset, number: int) -> NDArray[Any]:
    """One of the targets of every test example, ``(n_test,)``."""
    return dataset.test_targets.reshape(len(dataset.test_targets), -1)[:, number]


# Of a run that is played: the most pictures of a network, and places along a side of the plane in all but the last.
PICTURES, COARSE_GRID = 12, 26


def over_the_run(run: Sequence[Snapshot], draw: Callable[[Snapshot, bool], pd.DataFrame]) -> pd.DataFrame:
    """What ``draw`` makes of a network from the first step to the last, where its parameters were kept; each row stands
    from step ``since`` until step ``until``.

    ``draw`` is given a snapshot and whether it is the last one.
    """
    kept = [snapshot for snapshot in run if snapshot.parameters]
    taken = [kept[place] for place in evenly(len(kept), PICTURES)]
    since, until = [0, *(one.step for one in taken[1:])], [*(one.step for one in taken[1:]), FOREVER]
    stands = zip(taken, since, until, strict=True)
    pictures = [draw(one, one is taken[-1]).assign(since=first, until=end) for one, first, end in stands]
    return pd.concat(pictures, ignore_index=True)


# A step that no run has.
FOREVER = 10**9


def surface_frame(
    spec: NetworkSpec, plan: Plan, snapshot: Snapshot, label: int = 0, grid: int = GRID
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a network says at every place of the plane, and the test points: the data of ``charts.surface``.

    ``label``: of several labels, which one, counted from 0; ``grid``: how many places there are along a side.
    """
    data = dataset(plan)
    reach = np.abs(data.train_inputs).max() * 1.05
    edges = np.linspace(-reach, reach, grid + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    x, y = (axis.ravel() for axis in np.meshgrid(middles, middles))
    outputs = _outputs(spec, plan, snapshot, np.column_stack([x, y]))[:, label]
    with np.errstate(over="ignore"):
        share = 1 / (1 + np.exp(-outputs))
    half = (edges[1] - edges[0]) / 2 * 1.1
    cells = pd.DataFrame({"left": x - half, "right": x + half, "bottom": y - half, "top": y + half, "share": share})
    return cells, points_frame(data, label)


def surfaces(spec: NetworkSpec, plan: Plan, run: Sequence[Snapshot], label: int = 0) -> pd.DataFrame:
    """What a network says at every place of the plane, from the first step to the last: ``charts.surface``, played."""

    def draw(snapshot: Snapshot, last: bool) -> pd.DataFrame:
        return surface_frame(spec, plan, snapshot, label, GRID if last else COARSE_GRID)[0].astype(np.float32)

    return over_the_run(run, draw)


def fit_frame(spec: NetworkSpec, plan: Plan, snapshot: Snapshot) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The curves that a network draws over one input, one a target, and the test points: the data of ``charts.fit``."""
    data = dataset(plan)
    x = np.linspace(data.test_inputs.min(), data.test_inputs.max(), 200)
    outputs = _outputs(spec, plan, snapshot, x[:, None])
    numbers = np.arange(data.n_outputs)
    curves = pd.DataFrame({"x": np.tile(x, len(numbers)), "y": outputs.T.ravel(), "target": np.repeat(numbers, len(x))})
    return curves, points_frame(data)


def _outputs(spec: NetworkSpec, plan: Plan, snapshot: Snapshot, inputs: Array) -> Array:
    assert snapshot.parameters is not None
    return predict(spec, snapshot.parameters, inputs, dataset(plan).train_inputs)


SHOWN_DIGITS = 12


def points_frame(dataset: Dataset, label: int = 0) -> pd.DataFrame:
    """The test examples as points: the data of ``charts.points``.

    Over one input a point is a target, and its class says which; in the plane it is an example, and its class that of
    the label.
    """
    first, last = dataset.test_inputs[:, 0], dataset.test_inputs[:, -1]
    if dataset.n_inputs == 1:
        targets = [_target(dataset, number) for number in range(dataset.n_outputs)]
        numbers = np.repeat(np.arange(len(targets)), len(first))
        return pd.DataFrame({"x": np.tile(first, len(targets)), "y": np.concatenate(targets), "class": numbers})
    return pd.DataFrame({"x": first, "y": last, "class": _target(dataset, label)})


def strip(dataset: Dataset, taken: NDArray[Any] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pixels of the first test digits and what they are taken for: the data of ``charts.digits``.

    ``taken``: -1 for nothing; without it their true labels stand there, neither right nor wrong.
    """
    labels = dataset.test_targets[: SHOWN_DIGITS if taken is None else len(taken)]
    shown, image_shape = len(labels), DATASETS[dataset.name].image_shape
    assert image_shape is not None
    grey = (dataset.test_inputs[:shown] * dataset.std + dataset.mean).reshape(-1, *image_shape).clip(0, 1)
    image, row, column = np.indices(grey.shape)
    places = {"image": image.ravel(), "row": row.ravel(), "column": column.ravel()}
    pixels = pd.DataFrame({**places, "grey": grey.ravel()})
    words = pd.DataFrame(
        {
            "image": np.arange(shown),
            "taken": ["?" if one < 0 else str(one) for one in (labels if taken is None else taken)],
            "outcome": "label" if taken is None else np.where(taken == labels, "right", "wrong"),
        }
    )
    return pixels, words


def digits_frames(spec: NetworkSpec, plan: Plan, snapshot: Snapshot) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Pixels of a few test digits, what the network takes them for, and how often it takes what for what."""
    learnt = dataset(plan)
    outputs = _outputs(spec, plan, snapshot, learnt.test_inputs)
    taken = np.where(np.isnan(outputs).any(axis=1), -1, outputs.argmax(axis=1))
    counts = np.zeros((learnt.n_outputs, learnt.n_outputs), dtype=np.int64)
    classes = learnt.test_targets.astype(np.int64)
    np.add.at(counts, (classes[taken >= 0], taken[taken >= 0]), 1)
    digit, said = (axis.ravel() for axis in np.indices(counts.shape))
    confusion = pd.DataFrame({"digit": digit, "said": said, "count": counts.ravel()})
    return *strip(learnt, taken[:SHOWN_DIGITS]), confusion


DEPTHS = (1, 2, 3, 5, 8, 12, 20)

# What races against depth: name -> what differs from the present network.
CONTENDERS: Mapping[str, Mapping[str, str]] = {
    "sigmoid": {"activation": "sigmoid"},
    "ReLU + He": {"activation": "relu", "initializer": "he_normal"},
    "ReLU + He + residual": {"activation": "relu", "initializer": "he_normal", "residual": "identity"},
}


def contenders(spec: NetworkSpec, plan: Plan) -> list[tuple[str, NetworkSpec]]:
    """The networks that train at all depths: ``(name, spec)``, the shallow ones first."""
    plain = replace(spec, activation_shape=None, residual="none")
    return [
        (name, fit_spec(replace(plain.at_depth(depth), **changes), dataset(plan)))  # type: ignore[arg-type]
        for depth in DEPTHS
        for name, changes in CONTENDERS.items()
    ]


def depth_seconds(spec: NetworkSpec, plan: Plan) -> float:
    """What training at all depths is expected to take."""
    return sum(_seconds(one, plan, 2) for _, one in contenders(spec, plan))


def depth_race(spec: NetworkSpec, plan: Plan) -> OneByOne:
    """``(contender, depth, last snapshot)`` of each network, as soon as it is trained."""
    return OneByOne([((name, one.depth), _training(one, plan, 2)) for name, one in contenders(spec, plan)])


def depth_frame(items: Sequence[tuple[str, int, Snapshot]], measure: str) -> pd.DataFrame:
    """The data of ``charts.against_depth``, and the test score's standard error; nan where a network diverged."""
    rows = [
        (name, depth, np.nan if last.divergence else getattr(last, measure), last.test_error)
        for name, depth, last in items
    ]
    kinds = {"name": object, "depth": np.int64, "value": np.float64, "error": np.float64}
    frame = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    return frame.assign(value=frame["value"].where(np.isfinite(frame["value"])))
