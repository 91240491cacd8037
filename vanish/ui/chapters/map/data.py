"""The data of chapter ``map``: the cells, measured, and theory's lines across them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from vanish.choices.inputs import example_inputs
from vanish.choices.residuals import RESIDUALS
from vanish.measure.diagnosis import EXPLODING_ABOVE, diagnose
from vanish.measure.sweep import sweep
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, quantiles
from vanish.numerics.lcg import ensemble_seeds
from vanish.theory.fixed_points import critical_weight_scale, hidden_chi
from vanish.ui.chapters.map import words
from vanish.ui.kit.groups import Signal
from vanish.ui.kit.progress import Progress

MAP_SCALES = tuple(round(0.1 + 0.15 * step, 2) for step in range(27))

MAP_DEPTHS = (2, *range(5, 101, 5))

MAP_BIASES = tuple(round(0.1 * step, 2) for step in range(21))

# A map of wide networks is drawn in fewer cells, and always with few examples.
MAP_BUDGET = 3_000_000_000

MAP_BATCH = 16

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


def map_grid(spec: NetworkSpec, signal: Signal, against: str) -> Grid:
    """The finest grid that the page has time for; its cells' middles are values that the sliders can take."""
    deepest = replace(spec, depth=MAP_DEPTHS[-1]) if against == "depth" else spec
    weights = sum(fan_out * fan_in for fan_out, fan_in in deepest.layer_shapes)
    each = weights * (min(signal.batch_size, MAP_BATCH) + 20)
    for stride in (1, 2, 4):
        scales, biases = MAP_SCALES[::stride], MAP_BIASES[::stride]
        # All depths share the deepest network's pass; every bias needs its own.
        cost = each * len(scales) * (1 if against == "depth" else len(biases))
        seeds = min(max(signal.n_seeds, MAP_SEEDS), MAP_BUDGET // cost)
        if seeds:
            break
    return Grid(against, scales, MAP_DEPTHS if against == "depth" else biases, max(1, seeds))


@lru_cache(maxsize=64)
def ratio_map(spec: NetworkSpec, signal: Signal, grid: Grid, progress: Progress) -> pd.DataFrame:
    """First / last layer, the median over seeds, for every cell: the data of ``charts.heat_map``."""
    depths = grid.others if grid.against == "depth" else (spec.depth,)
    biases = grid.others if grid.against == "bias_std" else (spec.bias_std,)
    inputs = example_inputs(spec.n_inputs, min(signal.batch_size, MAP_BATCH), signal.inputs)
    seeds = ensemble_seeds(signal.seed, grid.n_seeds)
    table = sweep(
        spec, [int(d) for d in depths], grid.weight_scales, biases, seeds, inputs, signal.magnitude, progress.report
    )
    cells = table.groupby([grid.against, "weight_scale"])["ratio"].agg(lambda ratios: quantiles(ratios.to_numpy())[1])
    frame = cells.reset_index()
    ratio = frame["ratio"].to_numpy()
    with np.errstate(all="ignore"):
        frame["decades"] = np.where((ratio > 0) & np.isfinite(ratio), np.log10(ratio), np.nan)
    frame["state"] = [ratio_state(one) for one in ratio]
    rows = zip(frame[grid.against], frame["weight_scale"], ratio, frame["state"], strict=True)
    frame["words"] = [words.cell(grid.against, *row) for row in rows]
    for column, values, names in (
        ("weight_scale", grid.weight_scales, ("left", "right")),
        (grid.against, grid.others, ("bottom", "top")),
    ):
        edges = _edges(values)
        place = np.searchsorted(values, frame[column])
        # Cells overlap a little: where they only meet, the page shines through.
        frame[names[0]], frame[names[1]] = edges[place], edges[place + 1] + 0.12 * np.diff(edges)[place]
    return frame


def ratio_state(ratio: float) -> str:
    """The verdict on a first / last ratio alone."""
    if np.isnan(ratio) or ratio == 0:
        return "dead or undefined"
    return "overflow" if np.isinf(ratio) else diagnose([ratio, 1.0]).verdict


def _edges(middles: Sequence[float]) -> Array:
    """Where neighbouring cells meet; the outermost ones are as wide as their neighbours."""
    m = np.asarray(middles, dtype=np.float64)
    inner = (m[1:] + m[:-1]) / 2
    return np.concatenate([[2 * m[0] - inner[0]], inner, [2 * m[-1] - inner[-1]]])


def nearest_row(frame: pd.DataFrame, against: str, value: float) -> pd.DataFrame:
    """The cells of the map's row nearest to a value, by rising weight scale."""
    rows = frame[against].unique()
    nearest = rows[np.abs(rows - value).argmin()]
    return frame[frame[against] == nearest].sort_values("weight_scale")


@lru_cache(maxsize=512)
def border_of(spec: NetworkSpec) -> float:
    """The weight scale at which theory has the border for a network's biases, whatever its own scale and depth."""
    return critical_weight_scale(spec)


@lru_cache(maxsize=128)
def map_theory(spec: NetworkSpec, against: str) -> pd.DataFrame:
    """Theory's lines on a map: the data of ``charts.heat_map``'s data set ``THEORY``."""
    if RESIDUALS[spec.residual].skips:
        # With a way around every layer no weight scale keeps the gradient, and the way to a limit has no one length.
        return pd.DataFrame(columns=["weight_scale", against, "kind", "piece", "order"])
    if against == "bias_std":
        borders = [border_of(replace(spec, bias_std=std)) for std in MAP_BIASES]
        lines = pd.DataFrame({"weight_scale": borders, against: MAP_BIASES, "kind": "border", "piece": "border"})
        return _on_the_map(lines.assign(order=range(len(lines))))
    border = border_of(spec)
    pieces = [pd.DataFrame({"weight_scale": border, against: [MAP_DEPTHS[0], MAP_DEPTHS[-1]], "kind": "border"})]
    scales = np.linspace(MAP_SCALES[0], MAP_SCALES[-1], 196)
    with np.errstate(all="ignore"):
        reach = 1 + REACH / np.abs(np.log(hidden_chi(spec, scales)))
    reach = np.where((reach >= MAP_DEPTHS[0]) & (reach <= MAP_DEPTHS[-1]), reach, np.nan)
    for side in (scales <= border, scales > border):
        pieces.append(pd.DataFrame({"weight_scale": scales[side], against: reach[side], "kind": "reach"}))
    lines = pd.concat([piece.assign(piece=str(n), order=range(len(piece))) for n, piece in enumerate(pieces)])
    return _on_the_map(lines)


def _on_the_map(lines: pd.DataFrame) -> pd.DataFrame:
    """Without what lies beyond the map, which would stretch its axis."""
    return lines[lines["weight_scale"].between(MAP_SCALES[0], MAP_SCALES[-1])].dropna()
