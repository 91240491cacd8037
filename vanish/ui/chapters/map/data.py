"""The data of chapter ``map``: the cells, measured, and theory's lines across them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.diagnosis import EXPLODING_ABOVE, diagnose
from vanish.measure.magnitudes import MAGNITUDES
from vanish.measure.sweep import nested, sweep
from vanish.measure.yardstick import lossless_ratio
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, quantiles
from vanish.numerics.lcg import ensemble_seeds
from vanish.theory.correlation import CorrelationFixedPoint, hidden_correlation
from vanish.theory.fixed_points import TOLERANCE, critical_weight_scale, hidden_chi
from vanish.ui.chapters.map import words
from vanish.ui.kit import budget
from vanish.ui.kit.budget import Cost
from vanish.ui.kit.groups import Signal
from vanish.ui.kit.measured import any_depth, inputs_of, output_gradient
from vanish.ui.kit.progress import Progress
from vanish.ui.kit.shared import shared

MAP_SCALES = tuple(round(0.1 + 0.15 * step, 2) for step in range(27))

MAP_DEPTHS = (2, *range(5, 101, 5))

MAP_BIASES = tuple(round(0.1 * step, 2) for step in range(21))

# A map of wide networks is drawn in fewer cells, and always with few examples.
MAP_BATCH = 16

# Every so many of the weight scales, and of what they are against: the finest first.
STRIDES: Mapping[str, Sequence[tuple[int, int]]] = {
    "depth": ((1, 1), (2, 1), (4, 1), (4, 2), (6, 4), (9, 5), (13, 10), (26, 20)),
    "bias_std": ((1, 1), (2, 2), (4, 4), (6, 5), (9, 10), (13, 10), (26, 20)),
}

# What of a view's budget the cells may take; and, of that, beside theory's lines where they are dear.
SHARE, BESIDE_BORDERS, BESIDE_KINKS = 0.8, 0.7, 0.6

# Operations for what is made of a cell.
CELL = 7_000_000

# Depth scales after which theory's ratio is no longer healthy; chi is of squared gradients, hence the 2.
REACH = 2 * np.log(EXPLODING_ABOVE)

MAP_SEEDS = 5


@dataclass(frozen=True)
class Grid:
    """The cells of a map: weight scales along x, ``against`` (a field of ``NetworkSpec``) along y."""

    against: str
    weight_scales: tuple[float, ...]
    others: tuple[float, ...]
    n_seeds: int


def _is_dear(spec: NetworkSpec) -> bool:
    """Whether theory's dotted line takes so long that it has few points: each kink takes panels of its own."""
    return len(ACTIVATIONS[spec.activation].kinks) > 1


def share(spec: NetworkSpec, against: str) -> float:
    """What of a view's budget the cells may take, beside theory's lines: biases have a border each."""
    return SHARE * (BESIDE_BORDERS if against == "bias_std" else 1) * (BESIDE_KINKS if _is_dear(spec) else 1)


@shared()
def map_grid(spec: NetworkSpec, signal: Signal, against: str) -> Grid:
    """The finest grid that the page has time for; its cells' middles are values that the sliders can take."""
    every = MAP_DEPTHS if against == "depth" else MAP_BIASES
    for of_scales, of_others in STRIDES[against]:
        grid = Grid(against, MAP_SCALES[::of_scales], every[::of_others], 1)
        if budget.within(cost(spec, signal, grid), share(spec, against)):
            break

    def with_seeds(seeds: int) -> Cost:
        return cost(spec, signal, replace(grid, n_seeds=seeds))

    return replace(grid, n_seeds=budget.most(max(signal.n_seeds, MAP_SEEDS), 1, with_seeds, share(spec, against)))


@shared()
def over(spec: NetworkSpec, signal: Signal, grid: Grid) -> float:
    """How many times a view's part of the budget a grid takes: more than once only where there is no coarser one."""
    return cost(spec, signal, grid).operations / (budget.ALONE * budget.OPERATIONS)


@lru_cache(maxsize=8)
def _members(spec: NetworkSpec, depths: tuple[int, ...]) -> tuple[NetworkSpec, ...]:
    """The network at every depth: of one grid with many numbers of seeds, to find how many there is time for."""
    return tuple(spec.at_depth(depth) for depth in depths)


def cost(spec: NetworkSpec, signal: Signal, grid: Grid) -> Cost:
    """What measuring a grid costs."""
    depths = [int(depth) for depth in grid.others] if grid.against == "depth" else [spec.depth]
    members, n_examples = _members(spec, tuple(depths)), examples(signal)
    biases = len(grid.others) if grid.against == "bias_std" else 1
    cells = len(grid.weight_scales) * biases
    drawn = sum(budget.drawing(one) + budget.weights(one) * budget.WEIGHT for one in members)
    calls = max(depths) * budget.CALLS * 6
    if nested(spec):
        # One way there; and on the way back all depths that are deep enough, side by side.
        there = budget.passing(members[-1], n_examples + 10)
        back = sum(budget.passing(one, n_examples) - budget.weights(one) * budget.WEIGHT for one in members)
        each = there + (back if len(members) > 1 else 0)
    else:
        # Every network is drawn anew for every weight scale and bias.
        each, drawn, calls = drawn + sum(budget.passing(one, n_examples) for one in members), 0, len(depths) * calls
    operations = grid.n_seeds * (drawn + cells * each) + cells * (calls + CELL * len(depths))
    numbers = 2 * budget.weights(members[-1]) + len(members) * n_examples * 6 * budget.units(members[-1])
    return Cost(operations, 8 * grid.n_seeds * numbers)


@shared(long=True)
def ratio_map(spec: NetworkSpec, signal: Signal, grid: Grid, progress: Progress) -> pd.DataFrame:
    """First / last layer over a lossless network's, the median over the seeds that have one, for every cell.

    Data of ``charts.heat_map``: ``dead`` and ``overflow`` are shares of the seeds; where the two make half or more,
    ``decades`` is missing.
    """
    depths = grid.others if grid.against == "depth" else (spec.depth,)
    biases = grid.others if grid.against == "bias_std" else (spec.bias_std,)
    table = sweep(
        spec,
        [int(depth) for depth in depths],
        grid.weight_scales,
        biases,
        ensemble_seeds(signal.seed, grid.n_seeds),
        inputs_of(spec, signal, examples(signal)),
        signal.magnitude,
        progress.report,
        output_gradient(spec, examples(signal)),
    )
    keys = [grid.against, "weight_scale"]
    table = table.sort_values(keys, kind="stable")
    every = table[["first", "last"]].to_numpy().reshape(-1, grid.n_seeds, 2)
    found = pd.DataFrame([cell(one[:, 0], one[:, 1]) for one in every])
    frame = pd.concat([table[keys][:: grid.n_seeds].reset_index(drop=True), found], axis=1)
    shapes = yardsticks(spec, signal, grid)
    frame["left"] = frame["ratio"] / (frame["depth"].map(shapes) if grid.against == "depth" else shapes[spec.depth])
    frame["state"] = [state(*row) for row in zip(frame["left"], frame["dead"], frame["overflow"], strict=True)]
    with np.errstate(all="ignore"):
        frame["decades"] = np.log10(frame["left"]).where(frame["dead"] + frame["overflow"] < HALF)
    columns = (grid.against, "weight_scale", "ratio", "state", "dead", "overflow")
    frame["words"] = [words.cell(grid.against, *row) for row in zip(*(frame[c] for c in columns), strict=True)]
    for column, values, names in (
        ("weight_scale", grid.weight_scales, ("x", "x2")),
        (grid.against, grid.others, ("y", "y2")),
    ):
        edges = _edges(values)
        place = np.searchsorted(values, frame[column])
        # Cells overlap a little: where they only meet, the page shines through.
        frame[names[0]], frame[names[1]] = edges[place], edges[place + 1] + 0.12 * np.diff(edges)[place]
    return frame


# From this share of the networks on, a cell is what they are.
HALF = 0.5


def examples(signal: Signal) -> int:
    """On how many examples the map is measured."""
    return min(signal.batch_size, MAP_BATCH)


def yardstick(spec: NetworkSpec, signal: Signal) -> float:
    """First / last of a network of two layers or more of this shape that loses nothing."""
    return lossless_ratio(any_depth(spec), signal.magnitude)


def yardsticks(spec: NetworkSpec, signal: Signal, grid: Grid) -> dict[int, float]:
    """The yardstick of every depth on the map: where hidden layers differ in size, so do those of its beginnings."""
    depths = [int(depth) for depth in grid.others] if grid.against == "depth" else [spec.depth]
    return {depth: yardstick(spec.at_depth(depth), signal) for depth in depths}


class Ratio(NamedTuple):
    """Of the networks of a cell: the median ratio of those that have one, which share is dead or overflows, and in
    which one no gradient sets out, the output itself being off."""

    ratio: float
    dead: float
    overflow: float
    output_off: float


def cell(first: Array, last: Array) -> Ratio:
    """What the ``first`` and the ``last`` layer's gradient of a cell's networks, ``(seeds,)`` each, come to."""
    overflow = ~(np.isfinite(first) & np.isfinite(last))
    dead = ~overflow & ((first == 0) | (last == 0))
    alive = ~(overflow | dead)
    ratio = quantiles(first[alive] / last[alive])[1] if alive.any() else np.nan
    off = ~overflow & (last == 0)
    return Ratio(float(ratio), float(dead.mean()), float(overflow.mean()), float(off.mean()))


def state(left: float, dead: float, overflow: float) -> str:
    """The verdict on a cell: ``left`` is first / last over a lossless network's."""
    if dead + overflow >= HALF:
        return "dead" if dead >= overflow else "overflow"
    return diagnose([left, 1.0]).verdict


def _edges(middles: Sequence[float]) -> Array:
    """Where neighbouring cells meet; the outermost ones are as wide as their neighbours, but none above 0 begins below
    it."""
    m = np.asarray(middles, dtype=np.float64)
    inner = (m[1:] + m[:-1]) / 2
    first = 2 * m[0] - inner[0]
    return np.concatenate([[max(first, 0.0) if m[0] > 0 else first], inner, [2 * m[-1] - inner[-1]]])


def nearest_row(frame: pd.DataFrame, against: str, value: float) -> pd.DataFrame:
    """The cells of the map's row nearest to a value, by rising weight scale."""
    rows = frame[against].unique()
    nearest = rows[np.abs(rows - value).argmin()]
    return frame[frame[against] == nearest].sort_values("weight_scale")


def border_of(spec: NetworkSpec) -> float:
    """The weight scale at which theory has the border for a network's biases, whatever its own scale and depth."""
    return _critical(replace(any_depth(spec), weight_scale=1.0))


@shared()
def _critical(spec: NetworkSpec) -> float:
    return critical_weight_scale(spec)


def trainable_depth(spec: NetworkSpec) -> float:
    """``6 xi_c``, about how deep a wide network was trained in practice; nan where theory here does not say."""
    end = _end(any_depth(spec))
    return end.trainable_depth if end else np.nan


@shared()
def _end(spec: NetworkSpec) -> CorrelationFixedPoint | None:
    return hidden_correlation(spec)


def why_no_depth(spec: NetworkSpec) -> str:
    """Why theory here does not follow two inputs through a plain network, empty where it does."""
    if any(spec.normalized_layers):
        return words.NORMALIZED
    if INITIALIZERS[spec.initializer].unit_variance:
        return words.MADE_FOR_INPUTS
    return words.UNLIKE_LAYERS if _end(any_depth(spec)) is None else ""


# Rows of the map against biases in which theory's lines are computed, and where, from the border to the map's end.
LINE_BIASES, FEW_LINE_BIASES = (0.0, 0.4, 1.2, 2.0), (0.0, 0.8, 2.0)
FROM_BORDER = np.array([0.0, 0.03, 0.1, 0.25, 0.5, 0.75, 1.0])


def _line_biases(spec: NetworkSpec) -> tuple[float, ...]:
    return FEW_LINE_BIASES if _is_dear(spec) else LINE_BIASES


def _trainable_over_biases(spec: NetworkSpec) -> list[pd.DataFrame]:
    """Where ``6 xi_c`` is the present depth, below the border and above it."""
    low, high = MAP_SCALES[0], MAP_SCALES[-1]
    sides: dict[float, list[float]] = {low: [], high: []}
    for std in _line_biases(spec):
        own = replace(spec, bias_std=std)
        start = float(np.clip(border_of(own), low, high))
        for end, found in sides.items():
            if np.isnan(start):
                # No weight scale keeps the gradient, or every one does: there are no two sides to look at.
                found.append(np.nan)
                continue
            found.append(_first_reaching(own, start + (end - start) * FROM_BORDER, 1 / spec.depth))
    return [
        pd.DataFrame({"weight_scale": found, "bias_std": _line_biases(spec), "kind": "trainable"})
        for found in sides.values()
    ]


def _first_reaching(spec: NetworkSpec, scales: Array, wanted: float) -> float:
    """Where, on the way from the first scale to the last, a rate rises to what is wanted; nan if it does not.

    Next to the border ``1 / xi_c`` is a straight line, which ``xi_c``, infinite there, is not.
    """
    before = np.nan, np.nan
    for scale in scales.tolist():
        depth = trainable_depth(replace(spec, weight_scale=scale))
        rate = 1 / depth if depth else np.inf
        if rate >= wanted:
            low, slow = before
            return low + (wanted - slow) / (rate - slow) * (scale - low)
        before = scale, rate
    return np.nan


@shared()
def map_theory(spec: NetworkSpec, against: str) -> pd.DataFrame:
    """Theory's lines on a map: the data of ``charts.heat_map``'s data set ``THEORY``."""
    if RESIDUALS[spec.residual].skips:
        # With a way around every layer no weight scale keeps the gradient, and the way to a limit has no one length.
        return pd.DataFrame(columns=["weight_scale", against, "kind", "piece", "order"])
    if against == "bias_std":
        borders = [border_of(replace(spec, bias_std=std)) for std in _line_biases(spec)]
        solid = pd.DataFrame({"weight_scale": borders, against: _line_biases(spec), "kind": "border"})
        return _on_the_map(_joined([solid, *_trainable_over_biases(spec)]))
    border = border_of(spec)
    pieces = [pd.DataFrame({"weight_scale": border, against: [MAP_DEPTHS[0], MAP_DEPTHS[-1]], "kind": "border"})]
    scales = np.linspace(MAP_SCALES[0], MAP_SCALES[-1], 196)
    with np.errstate(all="ignore"):
        reach = 1 + REACH / np.abs(np.log(hidden_chi(spec, scales)))
    reach = np.where((reach >= MAP_DEPTHS[0]) & (reach <= MAP_DEPTHS[-1]), reach, np.nan)
    for side in (scales <= border, scales > border):
        pieces.append(pd.DataFrame({"weight_scale": scales[side], against: reach[side], "kind": "reach"}))
    middles = np.array(MAP_SCALES[:: 3 if _is_dear(spec) else 1])
    deep = np.array([trainable_depth(replace(spec, weight_scale=scale)) for scale in middles.tolist()])
    deep = np.where((deep >= MAP_DEPTHS[0]) & (deep <= MAP_DEPTHS[-1]), deep, np.nan)
    for side in (middles <= border, middles > border):
        pieces.append(pd.DataFrame({"weight_scale": middles[side], against: deep[side], "kind": "trainable"}))
    return _on_the_map(_joined(pieces))


def _joined(pieces: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Lines as one table, each a piece of its own."""
    return pd.concat([piece.assign(piece=str(n), order=range(len(piece))) for n, piece in enumerate(pieces)])


def _on_the_map(lines: pd.DataFrame) -> pd.DataFrame:
    """Without what lies beyond the map, which would stretch its axis."""
    return lines[lines["weight_scale"].between(MAP_SCALES[0], MAP_SCALES[-1])].dropna()


@dataclass(frozen=True)
class Border:
    """What theory says of the weight scale at which hidden layers keep the squared gradient.

    ``scale``: that weight scale, nan where there is none; ``factor``: what a layer multiplies the squared gradient by
    where that is the same at every weight scale, else nan; ``reason``: why theory has nothing to draw, else empty.
    """

    scale: float = np.nan
    factor: float = np.nan
    reason: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is a border on or off the map."""
        return bool(np.isfinite(self.scale))


@shared()
def border(spec: NetworkSpec, magnitude: str) -> Border:
    """Theory's border for a network's biases, whatever its own scale and depth."""
    if RESIDUALS[spec.residual].skips:
        return Border(reason=words.RESIDUAL)
    if MAGNITUDES[magnitude].of_weights:
        return Border(reason=words.OF_WEIGHTS)
    if spec.weight_mean:
        return Border(reason=words.WEIGHT_MEAN)
    factors = hidden_chi(spec, np.array(MAP_SCALES))
    constant = float(np.ptp(factors)) <= TOLERANCE * max(1.0, float(factors[0]))
    return Border(border_of(spec), float(factors[0]) if constant else np.nan)
