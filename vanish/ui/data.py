"""The engine's answers for the present settings, cached for everybody who asks the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from vanish.activations import ACTIVATIONS
from vanish.diagnosis import Diagnosis, diagnose
from vanish.flow import example_inputs, layer_magnitudes
from vanish.lcg import ensemble_seeds
from vanish.network import NetworkSpec

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Flow:
    """Gradient per layer of each network: ``sizes`` maps activations to ``(depth,)`` arrays."""

    sizes: Mapping[str, Array]
    diagnoses: Mapping[str, Diagnosis]


# Shared and never written to, so that a hit costs no copy.
@st.cache_resource(max_entries=512, show_spinner=False)
def flow(specs: tuple[NetworkSpec, ...], seed: int, batch_size: int, magnitude: str) -> Flow:
    """What each layer of each network receives."""
    inputs = example_inputs(specs[0].n_inputs, batch_size)
    sizes = {spec.activation: layer_magnitudes(spec, [seed], inputs, [magnitude])[0, 0] for spec in specs}
    return Flow(sizes, {name: diagnose(values) for name, values in sizes.items()})


def exact(values: Array) -> list[str]:
    """Full numbers for tooltips."""
    return [f"{value:.15e}" for value in values.tolist()]


def floor(values: Array) -> float:
    """Where bars on a log axis start: a power of ten clearly below the smallest positive value."""
    drawable = values[(values > 0) & np.isfinite(values)]
    return float(10.0 ** np.floor(np.log10(drawable.min()) - 0.3)) if drawable.size else 0.1


def per_layer_frame(sizes: Mapping[str, Array], scale: str) -> pd.DataFrame:
    """The data of ``charts.per_layer``: zeros and infinities have signs of their own, not bars."""
    names = list(sizes)
    values = np.concatenate([sizes[name] for name in names])
    depth = len(sizes[names[0]])
    drawable = np.isfinite(values) & ((values > 0) | (scale == "linear"))
    signs = [(values == 0, "0"), (np.isinf(values), "∞"), (np.isnan(values), "nan")]
    trouble = np.select([where for where, _ in signs], [sign for _, sign in signs], default="")
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), len(names)),
            "activation": np.repeat([ACTIVATIONS[name].label for name in names], depth),
            "value": np.where(drawable, values, np.nan),
            "floor": floor(values) if scale == "log" else 0.0,
            "trouble": trouble,
            "exact": exact(values),
        }
    )


def pipes_frame(sizes: Mapping[str, Array], notes: Mapping[str, str]) -> pd.DataFrame:
    """The data of ``charts.pipes``: bore is the place on the log scale from the smallest to the largest."""
    values = np.stack(list(sizes.values()))
    lowest = np.log10(floor(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.log10(values) - lowest
    span = places[np.isfinite(places)].max(initial=1e-9)
    bore = np.nan_to_num(places / span, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
    rows, depth = values.shape
    return pd.DataFrame(
        {
            "layer": np.tile(np.arange(1, depth + 1), rows),
            "row": np.repeat(np.arange(rows), depth),
            "name": np.repeat(list(sizes), depth),
            "bore": bore.ravel(),
            "note": np.repeat([notes[name] for name in sizes], depth),
            "exact": exact(values.ravel()),
        }
    )


def layers_table(sizes: Mapping[str, Array], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """One row a layer, one column a network."""
    depth = len(next(iter(sizes.values())))
    return pd.DataFrame({"layer": np.arange(1, depth + 1)} | dict(zip(columns or sizes, sizes.values(), strict=True)))


@st.cache_resource(max_entries=64, show_spinner=False)
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
            "person": np.tile(counts, len(names)),
            "layers": np.tile(counts, len(names)),
            "value": values,
            "exact": exact(values),
        }
    )


# Weights that an answer over many seeds may draw: a narrow network gets all the seeds, a wide one a few.
WEIGHTS_OVER_SEEDS = 10_000_000
MOST_SEEDS, FEWEST_SEEDS = 200, 5


@st.cache_resource(max_entries=128, show_spinner="Drawing many networks …")
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
