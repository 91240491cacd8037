"""The engine's answers for the present settings, cached for everybody who asks the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish import kata
from vanish.activations import ACTIVATIONS
from vanish.diagnosis import Diagnosis, diagnose
from vanish.flow import layer_magnitudes
from vanish.inputs import example_inputs
from vanish.lcg import ensemble_seeds
from vanish.network import NetworkSpec
from vanish.ui import readings

Array = NDArray[np.float64]


# Answers are shared by everybody who asks the same and never written to, so that a hit costs no copy.


@dataclass(frozen=True, eq=False)
class Flow:
    """Gradient per layer of each network: ``sizes`` maps activations to ``(depth,)`` arrays."""

    sizes: Mapping[str, Array]
    diagnoses: Mapping[str, Diagnosis]


@lru_cache(maxsize=512)
def flow(specs: tuple[NetworkSpec, ...], seed: int, batch_size: int, magnitude: str) -> Flow:
    """What each layer of each network receives."""
    inputs = example_inputs(specs[0].n_inputs, batch_size)
    sizes = {spec.activation: layer_magnitudes(spec, [seed], inputs, [magnitude])[0, 0] for spec in specs}
    return Flow(sizes, {name: diagnose(values) for name, values in sizes.items()})


def floor(values: Array) -> float:
    """Where bars on a log axis start: a power of ten clearly below the smallest positive value."""
    drawable = values[(values > 0) & np.isfinite(values)]
    return float(10.0 ** np.floor(np.log10(drawable.min()) - 0.3)) if drawable.size else 0.1


def per_layer_frame(sizes: Mapping[str, Array], scale: str) -> pd.DataFrame:
    """The data of ``charts.per_layer``."""
    values = np.concatenate(list(sizes.values()))
    depth = len(values) // len(sizes)
    drawable = np.isfinite(values) & ((values > 0) | (scale == "linear"))
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), len(sizes)),
            "activation": np.repeat([ACTIVATIONS[name].label for name in sizes], depth),
            "size": values,
            "value": np.where(drawable, values, np.nan),
            "floor": floor(values) if scale == "log" else 0.0,
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


@lru_cache(maxsize=512)
def flow_frames(flow: Flow, scale: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Chapter ``flow``'s data: of the chart, of the pipes, and the table."""
    labelled = {ACTIVATIONS[name].label: sizes for name, sizes in flow.sizes.items()}
    notes = [readings.pipe_note(name, found) for name, found in flow.diagnoses.items()]
    return per_layer_frame(flow.sizes, scale), pipes_frame(labelled, notes), layers_table(labelled)


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


@lru_cache(maxsize=512)
def updates_frame(flow: Flow, learning_rate: float) -> pd.DataFrame:
    """One step's size in each layer: the data of ``charts.per_layer``."""
    return per_layer_frame({name: learning_rate * sizes for name, sizes in flow.sizes.items()}, "log")


@lru_cache(maxsize=512)
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


# Weights that an answer over many seeds may draw: a narrow network gets all the seeds, a wide one a few.
WEIGHTS_OVER_SEEDS = 10_000_000
MOST_SEEDS, FEWEST_SEEDS = 200, 5


@lru_cache(maxsize=128)
def ratios_over_seeds(spec: NetworkSpec, seed: int, batch_size: int, magnitude: str) -> Array:
    """First / last layer for an ensemble of seeds; the first is ``seed`` itself."""
    weights = sum(fan_out * fan_in for fan_out, fan_in in spec.layer_shapes)
    count = int(np.clip(WEIGHTS_OVER_SEEDS // weights, FEWEST_SEEDS, MOST_SEEDS))
    inputs = example_inputs(spec.n_inputs, batch_size)
    sizes = layer_magnitudes(spec, ensemble_seeds(seed, count), inputs, [magnitude])[0]
    with np.errstate(all="ignore"):
        return sizes[:, 0] / sizes[:, -1]


def quantiles(ratios: Array) -> tuple[float, float, float]:
    """The 10 %, 50 % and 90 % quantile, of those that are numbers."""
    kept = ratios[~np.isnan(ratios)]
    low, middle, high = np.quantile(kept, (0.1, 0.5, 0.9), method="nearest") if kept.size else (np.nan,) * 3
    return float(low), float(middle), float(high)
