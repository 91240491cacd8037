"""The engine's answers for the present settings, cached for everybody who asks the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish import kata
from vanish.activations import ACTIVATIONS
from vanish.diagnosis import Diagnosis, diagnose
from vanish.flow import layer_magnitudes, quantiles
from vanish.inputs import example_inputs
from vanish.lcg import ensemble_seeds
from vanish.network import NetworkSpec
from vanish.number_formats import NUMBER_FORMATS
from vanish.theory import signal_propagation
from vanish.ui import charts, readings
from vanish.ui.settings import Signal

Array = NDArray[np.float64]


# Answers are shared by everybody who asks the same and never written to, so that a hit costs no copy.


@dataclass(frozen=True, eq=False)
class Flow:
    """Gradient per layer of each network, by activation.

    ``sizes``: of the network on screen, ``(depth,)``; ``bands``: 10 %, 50 % and 90 % quantile over the seeds,
    ``(3, depth)``, and ``ratios``: first / last layer of each seed, both empty where there is one seed only.
    """

    sizes: Mapping[str, Array]
    diagnoses: Mapping[str, Diagnosis]
    bands: Mapping[str, Array] = field(default_factory=dict)
    ratios: Mapping[str, Array] = field(default_factory=dict)


# Multiplications that the networks over all seeds may cost: narrow ones get every seed, wide ones a few.
SEEDS_BUDGET = 600_000_000


def affordable_seeds(spec: NetworkSpec, seed: int, n_seeds: int, batch_size: int) -> list[int]:
    """The first of ``n_seeds`` ensemble seeds, as many as the page has time for."""
    weights = sum(fan_out * fan_in for fan_out, fan_in in spec.layer_shapes)
    # Drawing a weight costs as much as some twenty examples that pass it.
    affordable = SEEDS_BUDGET // (weights * (batch_size + 20))
    return ensemble_seeds(seed, max(1, min(n_seeds, affordable)))


@lru_cache(maxsize=512)
def flow(specs: tuple[NetworkSpec, ...], signal: Signal) -> Flow:
    """What each layer of each network receives."""
    sizes, bands, ratios = {}, {}, {}
    for spec in specs:
        seeds = affordable_seeds(spec, signal.seed, signal.n_seeds, signal.batch_size)
        (measured,) = layer_magnitudes(spec, seeds, inputs_of(spec, signal), [signal.magnitude])
        sizes[spec.activation] = measured[0]
        if len(seeds) > 1:
            bands[spec.activation] = quantiles(measured)
            ratios[spec.activation] = first_over_last(measured)
    return Flow(sizes, {name: diagnose(values) for name, values in sizes.items()}, bands, ratios)


def inputs_of(spec: NetworkSpec, signal: Signal) -> Array:
    """What is sent through a network, ``(batch_size, n_inputs)``."""
    return example_inputs(spec.n_inputs, signal.batch_size, signal.inputs)


def first_over_last(measured: Array) -> Array:
    """``(seeds,)`` from ``(seeds, depth)``; nan where neither exists."""
    with np.errstate(all="ignore"):
        return measured[:, 0] / measured[:, -1]


@lru_cache(maxsize=128)
def theory(specs: tuple[NetworkSpec, ...], signal: Signal) -> Flow:
    """What mean-field theory expects each layer to receive; nan where there is no theory."""
    tables = {spec.activation: signal_propagation(spec, inputs_of(spec, signal)) for spec in specs}
    return Flow({name: table[signal.magnitude].to_numpy() for name, table in tables.items()}, {})


def floor(values: Array) -> float:
    """Where bars on a log axis start: a power of ten clearly below the smallest positive value."""
    drawable = values[(values > 0) & np.isfinite(values)]
    return float(10.0 ** np.floor(np.log10(drawable.min()) - 0.3)) if drawable.size else 0.1


def drawable(values: Array, scale: str) -> Array:
    """The values, but missing where the axis has no place for them."""
    return np.where(np.isfinite(values) & ((values > 0) | (scale == "linear")), values, np.nan)


def per_layer_frame(sizes: Mapping[str, Array], scale: str, **lines: Mapping[str, Array]) -> pd.DataFrame:
    """The data of ``charts.per_layer``; ``lines`` are further columns, by activation."""
    values = np.concatenate(list(sizes.values()))
    depth = len(values) // len(sizes)
    columns = {name: drawable(np.concatenate(list(line.values())), scale) for name, line in lines.items()}
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), len(sizes)),
            "activation": np.repeat([ACTIVATIONS[name].label for name in sizes], depth),
            "size": values,
            "value": drawable(values, scale),
            "floor": floor(values) if scale == "log" else 0.0,
            **columns,
        }
    )


def pipes_frame(sizes: Mapping[str, Array], notes: Sequence[str]) -> pd.DataFrame:
    """The data of ``charts.pipes``: bore is the place on the log scale from the smallest size to the largest."""
    values = np.stack(list(sizes.values()))
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.log10(values) - np.log10(floor(values))
    span = places[np.isfinite(places)].max(initial=1e-9)
    rows, depth = values.shape
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), rows),
            "row": np.repeat(np.arange(rows), depth),
            "name": np.repeat(list(sizes), depth),
            "note": np.repeat(list(notes), depth),
            "size": values.ravel(),
            "bore": np.nan_to_num(places / span, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1).ravel(),
        }
    )


@dataclass(frozen=True, eq=False)
class FlowFrames:
    """Chapter ``flow``'s data: of its charts, and the table of all that is drawn."""

    chart: dict[str, pd.DataFrame]
    pipes: pd.DataFrame
    table: pd.DataFrame


@lru_cache(maxsize=128)
def flow_frames(flow: Flow, scale: str, expected: Flow | None, pinned: Flow | None, floors: bool) -> FlowFrames:
    """Everything that is drawn of one measurement."""
    labels = {name: ACTIVATIONS[name].label for name in flow.sizes}
    lines: dict[str, Mapping[str, Array]] = {}
    if flow.bands:
        lines |= {
            column: {name: band[row] for name, band in flow.bands.items()}
            for row, column in enumerate(("low", "median", "high"))
        }
    if expected:
        lines["theory"] = expected.sizes
    chart = {charts.DATA: per_layer_frame(flow.sizes, scale, **lines)}
    columns = {labels[name]: sizes for name, sizes in flow.sizes.items()}
    titles = {"low": "10 %", "median": "median", "high": "90 %", "theory": "theory"}
    table = layers_table(
        columns | {f"{labels[n]} {titles[c]}": values for c, line in lines.items() for n, values in line.items()}
    )
    if pinned:
        chart[charts.PINNED] = per_layer_frame(pinned.sizes, scale)
        before = layers_table({f"{ACTIVATIONS[n].label} pinned": sizes for n, sizes in pinned.sizes.items()})
        table = table.merge(before, how="outer", on="layer")
    if floors:
        chart[charts.FLOORS] = floors_frame(chart[charts.DATA])
    notes = [readings.pipe_note(name, found) for name, found in flow.diagnoses.items()]
    return FlowFrames(chart, pipes_frame(columns, notes), table)


def floors_frame(drawn: pd.DataFrame) -> pd.DataFrame:
    """The number formats whose smallest number lies within what is drawn: the data of the chart's rules."""
    bottom, top = drawn["value"].min(), drawn["value"].max()
    entries = [entry for entry in NUMBER_FORMATS.values() if bottom <= entry.smallest_subnormal <= top]
    return pd.DataFrame(
        {"format": [entry.label for entry in entries], "value": [entry.smallest_subnormal for entry in entries]}
    )


def layers_table(columns: Mapping[str, Array]) -> pd.DataFrame:
    """One row a layer."""
    depth = len(next(iter(columns.values())))
    return pd.DataFrame({"layer": np.arange(1, depth + 1), **columns})


@lru_cache(maxsize=128)
def ideal_gradients(depth: int) -> Flow:
    """The kata's idealised gradients, as if they had been measured."""
    table = kata.update_comparison(depth)[::-1]
    sizes = {name: table[f"{name}_gradient"].to_numpy() for name in ("sigmoid", "relu")}
    return Flow(sizes, {name: diagnose(values) for name, values in sizes.items()})


@lru_cache(maxsize=128)
def updates_frame(flow: Flow, learning_rate: float) -> pd.DataFrame:
    """One step's size in each layer: the data of ``charts.per_layer``."""
    return per_layer_frame({name: learning_rate * sizes for name, sizes in flow.sizes.items()}, "log")


@lru_cache(maxsize=128)
def updates_table(flow: Flow, learning_rate: float) -> pd.DataFrame:
    """Each layer's gradient and update, the last layer first, as the kata prints them."""
    columns: dict[str, Array] = {}
    for name, sizes in flow.sizes.items():
        columns |= {f"{name}_gradient": sizes, f"{name}_update": learning_rate * sizes}
    return layers_table(columns)[::-1].reset_index(drop=True)


@lru_cache(maxsize=64)
def curves(names: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each activation's value and slope over the pre-activation: the data of ``charts.curves``, twice."""
    z = np.linspace(-6, 6, 121)
    pairs = [ACTIVATIONS[name](z) for name in names]
    shared = {"z": np.tile(z, len(names)), "activation": np.repeat([ACTIVATIONS[name].label for name in names], len(z))}
    value, slope = (pd.DataFrame(shared | {"value": np.concatenate(half)}) for half in zip(*pairs, strict=True))
    return value, slope


def remaining(names: Sequence[str], slopes: Iterable[float], steps: int) -> pd.DataFrame:
    """What is left of 1 after 1, 2, ... steps: the data of ``charts.telephone`` and ``charts.products``."""
    counts = np.arange(1, steps + 1)
    values = np.concatenate([slope**counts for slope in slopes])
    return pd.DataFrame(
        {
            "name": np.repeat(list(names), steps),
            "steps": np.tile(counts, len(names)),
            "value": values,
        }
    )


# A spread is shown over this many seeds where the reader has not asked for more.
SPREAD_SEEDS = 100


@lru_cache(maxsize=128)
def ratios_over_seeds(spec: NetworkSpec, signal: Signal) -> Array:
    """First / last layer for an ensemble of seeds; the first is the network on screen."""
    seeds = affordable_seeds(spec, signal.seed, max(signal.n_seeds, SPREAD_SEEDS), signal.batch_size)
    (measured,) = layer_magnitudes(spec, seeds, inputs_of(spec, signal), [signal.magnitude])
    return first_over_last(measured)
