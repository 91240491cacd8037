"""What lies behind the gradient of the networks on screen: the data of the looks inside."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.activity import layer_activity, pre_activation_histogram
from vanish.measure.jacobian import jacobian, singular_values
from vanish.measure.precision import underflow_layers
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.ui.kit.groups import Signal
from vanish.ui.kit.measured import inputs_of


@lru_cache(maxsize=64)
def activity(specs: tuple[NetworkSpec, ...], signal: Signal) -> pd.DataFrame:
    """Saturated and dead share of each layer and network: the data of ``charts.idle``."""
    frames = []
    for spec in specs:
        table = layer_activity(spec, signal.seed, inputs_of(spec, signal))
        frames.append(table.assign(activation=ACTIVATIONS[spec.activation].label))
    return pd.concat(frames, ignore_index=True)


@lru_cache(maxsize=64)
def histogram(spec: NetworkSpec, signal: Signal) -> pd.DataFrame:
    """How what goes into each layer's activation is distributed: the data of ``charts.histogram``."""
    table = pre_activation_histogram(spec, signal.seed, inputs_of(spec, signal))
    return table.assign(shade=table["share"] / table.groupby("layer")["share"].transform("max"))


@lru_cache(maxsize=64)
def spectra(specs: tuple[NetworkSpec, ...], signal: Signal) -> Mapping[str, Array]:
    """Singular values of the hidden layers' Jacobian, largest first, by activation.

    From the first hidden layer's output to the last one's: there is none below three layers.
    """
    return {
        spec.activation: singular_values(
            jacobian(spec, signal.seed, inputs_of(spec, signal), first=2, last=spec.depth - 1)
        )
        for spec in specs
    }


def spectra_frame(values: Mapping[str, Array]) -> pd.DataFrame:
    """The data of ``charts.spectrum``: what rounding leaves of a zero is left out."""
    frames = []
    for name, found in values.items():
        rank = np.arange(1, len(found) + 1) / len(found)
        kept = found > found.max(initial=0.0) * len(found) * np.finfo(float).eps
        frames.append(pd.DataFrame({"activation": ACTIVATIONS[name].label, "rank": rank[kept], "value": found[kept]}))
    return pd.concat(frames, ignore_index=True)


def underflow_table(sizes: Mapping[str, Array]) -> pd.DataFrame:
    """Where each network's gradient falls under each number format's floors, counted from the output."""
    tables = [underflow_layers(values) for values in sizes.values()]
    table = tables[0][["format", "smallest_normal", "smallest_subnormal"]]
    for name, found in zip(sizes, tables, strict=True):
        label = ACTIVATIONS[name].label
        for title, column in (("loses digits", "below_normal"), ("is lost", "below_subnormal")):
            table = table.assign(**{f"{label} {title}": found[column].astype("string").fillna("–")})
    return table
