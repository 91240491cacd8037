"""The data of chapter ``fixes``: networks before and after a remedy, the ladder, all combinations, and walks along
the inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.datasets import DATASETS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.losses import LOSSES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure import remedies, shattered
from vanish.measure.combinations import (
    DATASET,
    STEPS,
    WIDTH,
    Combination,
    all_combinations,
    combinations_seconds,
    loss_ratio,
    train_combinations,
)
from vanish.measure.diagnosis import Diagnosis, diagnose
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES, Clipped, Rung
from vanish.measure.yardstick import lossless_ratio
from vanish.network.initialize import initialize
from vanish.network.passes import forward
from vanish.network.spec import NetworkSpec
from vanish.network.training import fit_spec
from vanish.numerics import lcg
from vanish.numerics.arrays import QUIET, Array
from vanish.sequence.spec import RecurrentSpec
from vanish.ui.chapters.fixes.effects import effect
from vanish.ui.chapters.time import data as time_data
from vanish.ui.kit import budget, frames, measured
from vanish.ui.kit.budget import Cost
from vanish.ui.kit.causes import Cause, cause
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.groups import Inputs, Signal
from vanish.ui.kit.progress import Progress
from vanish.ui.kit.races import Alone
from vanish.ui.kit.shared import shared
from vanish.ui.shell.settings import CONTROLS

Variants = tuple[tuple[str, str], ...]


# By the field of ``NetworkSpec`` that a remedy sets.
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "residual": RESIDUALS,
    "initializer": INITIALIZERS,
    "normalization": NORMALIZATIONS,
}


def chosen(name: str, spec: NetworkSpec) -> str:
    """What a network has of what a remedy sets: leaky ReLU, Xavier uniform × 4."""
    setting = REMEDIES[name].setting
    label: str = CHOICES[setting][getattr(spec, setting)].label
    return f"{label} × {spec.weight_scale:g}" if setting == "initializer" and spec.weight_scale != 1 else label


@dataclass(frozen=True, eq=False)
class Comparison:
    """A network's gradient per layer without a remedy and with it, ``(depth,)`` each, on the same ``examples``.

    Both are judged against a network of the treated one's shape that loses nothing.  ``own_gradients``: whether every
    example has an output gradient of its own; ``cause``: what in its own making explains a zero or a jump with the
    remedy.
    """

    before: Array
    after: Array
    diagnosis_before: Diagnosis
    diagnosis_after: Diagnosis
    examples: int
    magnitude: str
    own_gradients: bool = False
    cause: Cause | None = None

    @property
    def yardstick(self) -> float:
        """First / last of the network that loses nothing."""
        return self.diagnosis_after.yardstick


def magnitude(signal: Signal, *specs: NetworkSpec) -> str:
    """How networks are measured: the reader's choice, but where gates are 0 only the path past them shows anything."""
    return "stream" if any(RESIDUALS[spec.residual].starts_closed for spec in specs) else signal.magnitude


# How many times the cards of one view measure, beside the networks on screen: a pair for each remedy, and clipping.
COMPARED = len(NETWORK_REMEDIES) + 2


def examples(signal: Signal, *specs: NetworkSpec) -> int:
    """How many examples are sent through all of the networks: what the reader asks for, if the page has time."""
    return budget.examples(specs, max(signal.batch_size, remedies.smallest_batch(*specs)), budget.SCREEN / COMPARED)


@shared()
def compared(before: NetworkSpec, after: NetworkSpec, signal: Signal) -> Comparison:
    """Two networks, measured in the same way."""
    n_examples, measure = examples(signal, before, after), magnitude(signal, before, after)
    own = any(NORMALIZATIONS[spec.normalization].over_batch for spec in (before, after))
    passed = signal.part(Inputs), n_examples, signal.seed, measure, own
    sizes, yardstick = measured.sizes_of(after, *passed), lossless_ratio(after, measure)
    diagnosis = diagnose(sizes, yardstick=yardstick)
    explained = None
    if diagnosis.verdict in ("dead", "jump", "overflow"):
        # The gradient at the outputs is of size 1: at the last pre-activation it is the slope.
        output_slope = measured.sizes_of(after, signal.part(Inputs), n_examples, signal.seed, "mean_abs", own)[-1]
        explained = cause(after, n_examples, measure, diagnosis, float(output_slope))
    without, judged = measured.sizes_of(before, *passed), _judged(before, yardstick, *passed)
    return Comparison(without, sizes, judged, diagnosis, n_examples, measure, own, explained)


@shared()
def _judged(spec: NetworkSpec, yardstick: float, *passed: Any) -> Diagnosis:
    """The verdict on a network without a remedy, which most of its remedies are compared with."""
    return diagnose(measured.sizes_of(spec, *passed), yardstick=yardstick)


@shared()
def clipped(spec: NetworkSpec, signal: Signal, clipping: str, limit: float) -> Clipped:
    """What clipping does to the network on screen."""
    inputs = measured.inputs_of(spec, signal, examples(signal, spec))
    return remedies.clipped(spec, signal.seed, inputs, clipping, limit)


# As wide as the networks on screen, but a cell with gates has four times the weights.
WIDEST_CELL = 64

# Jozefowicz, Zaremba & Sutskever (2015): an LSTM should begin by remembering.
FORGET_BIAS = 1.0


def through_time(cell: str, width: int, steps: int, seed: int) -> Array:
    """Gradient by a cell's memory at each step of a sequence, beside that at its end: ``(steps,)``, the first first.

    Memory is the cell state where there is one, else the hidden state: as in chapter ``time``.
    """
    spec = RecurrentSpec(cell, hidden=min(width, WIDEST_CELL), forget_bias=FORGET_BIAS)
    sizes: Array = time_data.along(spec, steps, seed, n_seeds=1, input_scale=1.0).path[0, ::-1]
    return sizes


def in_chapter_time(plain: str, gated: str, spec: NetworkSpec) -> dict[str, Any]:
    """The controls that show the same two cells in chapter ``time``, over a sequence that its slider can take."""
    hidden, sequence = CONTROLS["hidden"], CONTROLS["sequence"]
    return {
        "chapter": "time",
        "time_view": "gradient",
        "cells": (plain, gated),
        "recurrent_initializer": RecurrentSpec().initializer,
        "forget_bias": FORGET_BIAS,
        "input_scale": 1.0,
        "hidden": max(hidden.low, min(spec.width, WIDEST_CELL) // hidden.step * hidden.step),
        "sequence": max(sequence.low, spec.depth // sequence.step * sequence.step),
    }


def both_frame(before: Array, after: Array) -> Columns:
    """The data of ``charts.both``."""
    sizes = np.concatenate([before, after])
    return Columns(
        {
            "layer": np.tile(np.arange(1, len(before) + 1), 2),
            "which": np.repeat(["before", "after"], len(before)),
            "size": sizes,
            "value": frames.drawable(sizes, "log"),
            "floor": frames.floor(sizes),
        }
    )


def dumbbell_frame(comparisons: dict[str, Comparison]) -> Columns:
    """The data of ``charts.dumbbells``, by title."""
    ratios = np.array([(one.diagnosis_before.left, one.diagnosis_after.left) for one in comparisons.values()])
    shown = frames.drawable(ratios.reshape(-1, 2), "log")
    kinds = [effect(*pair) for pair in ratios.tolist()]
    return Columns({"remedy": list(comparisons), "before": shown[:, 0], "after": shown[:, 1], "kind": kinds})


@shared()
def ladder(
    spec: NetworkSpec, order: tuple[str, ...], variants: Variants, signal: Signal
) -> tuple[list[Rung], int, int]:
    """The rungs above the kata's sigmoid network of the same size, and over how many examples and seeds."""
    start = remedies.untreated(spec)
    every = [remedies.treated(start, order[:count], dict(variants)) for count in range(len(order) + 1)]
    n_examples = examples(signal, *every)
    n_seeds = budget.seeds(every, signal.n_seeds, n_examples)
    seeds = lcg.ensemble_seeds(signal.seed, n_seeds)
    inputs = measured.inputs_of(spec, signal, n_examples)
    measure = magnitude(signal, *every)
    return remedies.ladder(start, order, dict(variants), seeds, inputs, measure), n_examples, n_seeds


def ladder_frame(rungs: Sequence[Rung]) -> pd.DataFrame:
    """The data of ``charts.waterfall``: each step from one ratio to the next, then the whole."""
    ratios = np.array([rung.left for rung in rungs])
    titles = ["untreated", *(REMEDIES[rung.remedy].title for rung in rungs if rung.remedy), "all together"]
    before = np.concatenate([[1.0], ratios[:-1], [1.0]])
    after = np.append(ratios, ratios[-1])
    kinds = [effect(*pair) for pair in zip(before.tolist(), after.tolist(), strict=True)]
    kind = ["whole", *kinds[1:-1], "whole"]
    seen = frames.drawable(np.stack([before, after]), "log")
    seen[:, np.isnan(seen).any(axis=0)] = np.nan
    return pd.DataFrame(
        {
            "rung": titles,
            "place": np.arange(len(titles)),
            "kind": kind,
            "before": before,
            "after": after,
            "from": seen[0],
            "to": seen[1],
            "floor": frames.floor(np.append(ratios, 1.0)),
        }
    )


def rungs_table(rungs: Sequence[Rung]) -> pd.DataFrame:
    """One row a rung."""
    return pd.DataFrame(
        {
            "remedy": [REMEDIES[rung.remedy].title if rung.remedy else "none" for rung in rungs],
            "variant": [chosen(rung.remedy, rung.spec) if rung.remedy else "" for rung in rungs],
            "ratio": [rung.ratio for rung in rungs],
            "over lossless": [rung.left for rung in rungs],
            "log10 of ratio": [rung.decades for rung in rungs],
            "log10 of step": [rung.step for rung in rungs],
        }
    )


# Up to this depth all combinations train for the engine's full budget; deeper ones for so much shorter.
FULL_BUDGET_DEPTH = 30


@dataclass(frozen=True)
class Contest:
    """What makes two tables of all combinations the same one."""

    depth: int
    variants: Variants
    seed: int

    @property
    def spec(self) -> NetworkSpec:
        """Depth and width of the networks."""
        return NetworkSpec(depth=self.depth, width=WIDTH)

    @property
    def guessing(self) -> float:
        """Test accuracy of one answer for all digits."""
        return DATASETS[DATASET].make().guessing

    @property
    def n_test(self) -> int:
        """How many test digits there are."""
        return len(DATASETS[DATASET].make().test_inputs)

    @property
    def steps(self) -> int:
        """Steps that each network trains for."""
        return min(STEPS, STEPS * FULL_BUDGET_DEPTH // self.depth)

    def seconds(self) -> float:
        """What it is expected to take."""
        return combinations_seconds(self.spec, steps=self.steps)

    @property
    def run(self) -> Alone:
        """A ``Combination`` each, as soon as it is trained."""
        return Alone(partial(train_combinations, self.spec, dict(self.variants), steps=self.steps, seed=self.seed))


@shared(long=True)
def starts(contest: Contest) -> pd.DataFrame:
    """Where every network of the contest starts, as ``scatter_frame`` has it: with what it scores untrained."""
    digits = DATASETS[DATASET].make()
    rows = []
    for names, spec in all_combinations(contest.spec, dict(contest.variants)):
        one = fit_spec(spec, digits)
        (ratio,) = loss_ratio(one, [contest.seed], digits)
        with np.errstate(**QUIET):
            outputs = forward(one, initialize(one, contest.seed, digits.train_inputs), digits.test_inputs).outputs
        accuracy = LOSSES[digits.loss].score(outputs, digits.test_targets)
        rows.append((combination_name(names), len(names), ratio, accuracy))
    frame = pd.DataFrame(rows, columns=["name", "count", "ratio", "accuracy"])
    return frame.assign(place=frames.drawable(frame["ratio"].to_numpy(), "log"))


def combinations_frame(rows: Sequence[Combination]) -> pd.DataFrame:
    """One row a combination: a column for each remedy, and what came of it; also the scatter's data."""
    ratios = [row.ratio for row in rows]
    columns: dict[str, object] = {
        REMEDIES[name].title: [name in row.remedies for row in rows] for name in NETWORK_REMEDIES
    }
    columns |= {
        "ratio": ratios,
        "before training": [row.untrained_accuracy for row in rows],
        # A network that has diverged reads nothing, and not 0 % of the digits.
        "test accuracy": [np.nan if row.divergence else row.test_accuracy for row in rows],
        "training loss": [np.nan if row.divergence else row.train_loss for row in rows],
        "learning rate": [row.learning_rate for row in rows],
        "diverged": [row.diverged for row in rows],
    }
    return pd.DataFrame(columns)


def scatter_frame(rows: Sequence[Combination]) -> pd.DataFrame:
    """The data of ``charts.scatter``."""
    frame = combinations_frame(rows)
    return pd.DataFrame(
        {
            "name": [combination_name(row.remedies) for row in rows],
            "count": [len(row.remedies) for row in rows],
            "ratio": frame["ratio"],
            "place": frames.drawable(frame["ratio"].to_numpy(dtype=np.float64), "log"),
            "accuracy": frame["test accuracy"],
        }
    )


def combination_name(names: Sequence[str]) -> str:
    """The remedies of a combination in words."""
    return " + ".join(REMEDIES[name].title for name in names) or "no remedy"


# As many as there is time for beside the walks.
NOISE_DEPTHS, NOISE_SEEDS = (1, 2, 3, 5, 10, 20, 50), shattered.SEEDS[:2]

NOISE_KINDS = ("plain", "residual")

# The picture begins with a network this shallow, and goes on with the reader's depth, up to the deepest.
SHALLOW, LARGEST_DEPTH = 4, shattered.LARGEST_LINE_DEPTH

# What one of these takes of what networks of its size take elsewhere: alone, it stays in the processor's cache.
IN_CACHE = 0.65


def noise_spec(normalization: str) -> NetworkSpec:
    """The paper's ReLU network, with batch norm or without."""
    return replace(shattered.on_a_line(), normalization=normalization)


def noise_cost(normalization: str, depth: int) -> Cost:
    """What the walks and the picture against depth take together, where neither has been looked at before."""
    spec = noise_spec(normalization)

    def passing(depth: int) -> Cost:
        return budget.networks([spec.at_depth(depth)], 1, shattered.POINTS)

    walked = [(SHALLOW, 1), (depth, len(NOISE_KINDS))]
    against = [(one, len(NOISE_KINDS) * len(NOISE_SEEDS)) for one in NOISE_DEPTHS]
    every = sum((passing(one) for one, times in walked + against for _ in range(times)), Cost(0))
    return replace(every, operations=int(IN_CACHE * every.operations))


@shared(long=True)
def shattering(normalization: str, progress: Progress) -> pd.DataFrame:
    """Correlation of neighboring gradients against depth: the data of ``charts.correlations``."""
    return shattered.shattering(
        noise_spec(normalization), NOISE_DEPTHS, NOISE_SEEDS, NOISE_KINDS, progress=progress.report
    )


@dataclass(frozen=True, eq=False)
class Walk:
    """The derivative along the line of one network: its correlation between neighbors, its size, and the data of
    ``charts.walk``, the size taken out."""

    title: str
    kind: str
    depth: int
    correlation: float
    size: float
    frame: pd.DataFrame


@shared(long=True)
def walks(normalization: str, depth: int, seed: int) -> list[Walk]:
    """A shallow network, the plain one and the residual one at the present depth."""
    networks = {f"plain, {SHALLOW} layers deep": (SHALLOW, "plain")} if depth > SHALLOW else {}
    deep = f"{depth} layers deep" if depth > 1 else "1 layer"
    networks |= {f"{kind}, {deep}": (depth, kind) for kind in NOISE_KINDS}
    return [_walk(title, normalization, one, kind, seed) for title, (one, kind) in networks.items()]


def _walk(title: str, normalization: str, depth: int, kind: str, seed: int) -> Walk:
    spec = replace(noise_spec(normalization), depth=depth, residual=shattered.KINDS[kind])
    slopes = shattered.gradient_over_line(spec, [seed])
    with np.errstate(all="ignore"):
        size = float(np.sqrt(np.square(slopes[0]).mean()))
        shape = slopes[0] / size
    frame = pd.DataFrame(
        {"t": shattered.line(spec.n_inputs)[:, 0], "slope": np.where(np.isfinite(shape), shape, np.nan)}
    )
    return Walk(title, kind, depth, float(shattered.autocorrelation(slopes, [1])[0, 0]), size, frame)
