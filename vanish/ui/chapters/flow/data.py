"""The frames of chapter ``flow``: of its charts, and of the looks inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from vanish.choices.activations import ACTIVATIONS
from vanish.measure.activity import layer_activity
from vanish.measure.forward import forward_profile
from vanish.measure.jacobian import jacobian, singular_values
from vanish.measure.precision import PrecisionReport, largest_loss_scale, precision_report, underflow_layers
from vanish.measure.spread import LayerSpread, layer_spreads
from vanish.network.distributions import BINS
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array, evenly
from vanish.theory.correlation import CorrelationFixedPoint, expected_similarity, hidden_correlation
from vanish.theory.luck import Luck, relu_luck
from vanish.theory.mean_field import signal_propagation
from vanish.ui.chapters.flow import words
from vanish.ui.chapters.flow.controls import Stored
from vanish.ui.kit import budget, drawing, verdicts
from vanish.ui.kit.budget import Cost
from vanish.ui.kit.columns import Columns
from vanish.ui.kit.frames import beyond_scale, floors_frame, health_frame, layers_table, per_layer_frame, pipes_frames
from vanish.ui.kit.groups import Signal
from vanish.ui.kit.measured import Profiles, inputs_of, magnitudes_of, output_gradient, theory
from vanish.ui.kit.numbers import number
from vanish.ui.kit.shared import shared


@dataclass(frozen=True, eq=False)
class Frames:
    """Chapter ``flow``'s data: of its charts, and the table of all that is drawn."""

    chart: dict[str, Columns]
    pipes: dict[str, Columns]
    table: Columns


def frames(
    profiles: Profiles, drawn: Profiles, scale: str, expected: Profiles | None, pinned: Profiles | None, floors: bool
) -> Frames:
    """Everything that is drawn of one measurement: ``drawn`` is what the chart shows, the profiles themselves or what
    is no size; ``expected`` and ``pinned`` are measured as it is."""
    labels = {name: ACTIVATIONS[name].label for name in profiles.sizes}
    lines: dict[str, Mapping[str, Array]] = {}
    if drawn.bands:
        lines |= {
            column: {name: band[row] for name, band in drawn.bands.items()}
            for row, column in enumerate(("low", "median", "high"))
        }
    if expected:
        unknown = {name: np.full(len(sizes), np.nan) for name, sizes in drawn.sizes.items()}
        lines["theory"] = unknown | dict(expected.sizes)
    bottom = None
    chart = {}
    if drawn is profiles and scale == "log":
        more = tuple(pinned.sizes.values()) if pinned else ()
        chart[drawing.HEALTH] = health_frame(profiles.diagnoses, profiles.sizes, more)
        bottom = float(chart[drawing.HEALTH]["bottom"][0])
    chart[drawing.DATA] = per_layer_frame(drawn.sizes, scale, bottom, **lines)
    titles = {"low": "10 %", "median": "median", "high": "90 %", "theory": "theory"}
    table = {labels[name]: sizes for name, sizes in drawn.sizes.items()}
    table |= {f"{labels[n]} {titles[c]}": values for c, line in lines.items() for n, values in line.items()}
    if pinned:
        chart[drawing.PINNED] = per_layer_frame(pinned.sizes, scale, bottom)
        table |= {f"{ACTIVATIONS[n].label} pinned": sizes for n, sizes in pinned.sizes.items()}
    if floors:
        chart[drawing.FLOORS] = floors_frame(chart[drawing.DATA]["value"])
    notes = [
        verdicts.pipe_note(labels[name], diagnosis) + words.beyond_scale(beyond_scale(profiles.sizes[name]))
        for name, diagnosis in profiles.diagnoses.items()
    ]
    columns = {labels[name]: sizes for name, sizes in profiles.sizes.items()}
    # All networks on screen have one shape.
    yardstick = next(iter(profiles.diagnoses.values())).yardstick
    return Frames(chart, pipes_frames(columns, notes, yardstick=yardstick), layers_table(table))


def first_layer(specs: tuple[NetworkSpec, ...], signal: Signal) -> tuple[float, dict[str, float]]:
    """Root mean square of the inputs, and the share of idle units in each network's first layer."""
    inputs = inputs_of(specs[0], signal)
    table = activity(specs, signal)
    first = table[table["layer"] == 1]
    return float(np.sqrt(np.square(inputs).mean())), dict(zip(first["activation"], first["saturated"], strict=True))


@shared()
def activity(specs: tuple[NetworkSpec, ...], signal: Signal) -> pd.DataFrame:
    """Saturated and dead share of each layer and network: the data of ``charts.idle``."""
    tables = {
        ACTIVATIONS[spec.activation].label: layer_activity(spec, signal.seed, inputs_of(spec, signal)) for spec in specs
    }
    return _by_activation(tables)


def _by_activation(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables under each other, with what each is called in a first column."""
    return pd.concat(tables, names=["activation"]).reset_index("activation").reset_index(drop=True)


# Theory's cosine takes some milliseconds a layer: for more layers than this, over all networks, it is left out.
MOST_FOLLOWED = 100


@shared()
def forward(specs: tuple[NetworkSpec, ...], signal: Signal) -> tuple[pd.DataFrame, dict[str, CorrelationFixedPoint]]:
    """Each layer's spread and how alike two inputs are in it, measured and in theory; and where that leads, by label.

    Data of ``charts.forward`` and of the table: ``std_theory`` and ``cosine_theory`` are nan where there is no theory.
    """
    followed = sum(spec.depth for spec in specs) <= MOST_FOLLOWED
    tables, ends = {}, {}
    for spec in specs:
        label, inputs = ACTIVATIONS[spec.activation].label, inputs_of(spec, signal)
        rms = float(np.sqrt(np.square(inputs).mean()))
        table = forward_profile(spec, signal.seed, inputs)[["layer", "std", "mean_square", "cosine", "correlation"]]
        table["std_theory"] = signal_propagation(spec, inputs)["output_std"]
        table["cosine_theory"] = expected_similarity(spec, rms) if followed and spec.n_inputs > 1 else np.nan
        tables[label], end = table, hidden_correlation(spec)
        if end:
            ends[label] = end
    return _by_activation(tables), ends


def drawable(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the spreads that a log axis has no place for, and those of layers with one number."""
    spreads = frame[["std", "std_theory"]]
    return frame.assign(**spreads.where((spreads > 0) & np.isfinite(spreads)))


# Of a deeper network so many layers, evenly spaced: more columns than that are too narrow to be told apart.
MOST_COLUMNS = 60


@dataclass(frozen=True, eq=False)
class Spreads:
    """How one kind of numbers is spread in a network.

    ``table``: a row a layer, its ``layer``, ``rms`` of the finite numbers, and ``zeros`` and ``non_finite``, shares of
    all its numbers; ``bins``: the data of ``charts.histogram``, with each bin's ``count``.
    """

    table: pd.DataFrame
    bins: pd.DataFrame

    @property
    def hides_some(self) -> bool:
        """Whether some layer's numbers, though not all 0, are too small to be told apart on an axis for the largest."""
        rms = self.table["rms"][self.table["rms"] > 0]
        return bool((rms < rms.max() / BINS).any())


@shared()
def spreads(spec: NetworkSpec, signal: Signal, kind: str, axis: str) -> Spreads:
    """The histograms of a network's layers."""
    layers = tuple(place + 1 for place in evenly(spec.depth, MOST_COLUMNS).tolist())
    gradient, inputs = output_gradient(spec, signal.batch_size), inputs_of(spec, signal)
    found = layer_spreads(spec, signal.seed, inputs, kind, layers, axis == "common", gradient)
    rows = [
        (one.layer, one.rms, one.histogram.zeros / one.histogram.n, one.histogram.non_finite / one.histogram.n)
        for one in found
    ]
    bins = [_bins(one, 1.0 if axis == "common" else one.rms) for one in found]
    return Spreads(pd.DataFrame(rows, columns=["layer", "rms", "zeros", "non_finite"]), Columns.below(bins).frame)


def _bins(spread: LayerSpread, unit: float) -> Columns:
    """A layer's bins that are not empty, drawn in a unit."""
    seen, edges = spread.histogram, spread.histogram.edges
    full = seen.counts > 0
    counts, low, high = seen.counts[full], edges[:-1][full], edges[1:][full]
    return Columns(
        {
            "layer": np.full(len(counts), spread.layer),
            "low": low,
            "high": high,
            "count": counts,
            "share": counts / seen.n,
            "shade": counts / counts.max(initial=1),
            "bottom": low / (unit or 1.0),
            "top": high / (unit or 1.0),
        }
    )


def spreads_table(spreads: Mapping[str, Spreads]) -> pd.DataFrame:
    """A row a layer: its root mean square, and the shares of what is in no bin, for each network by its label."""
    titles = {"rms": "RMS", "zeros": "zeros", "non_finite": "not finite"}
    tables = [
        one.table.set_index("layer").rename(columns={name: f"{label} {title}" for name, title in titles.items()})
        for label, one in spreads.items()
    ]
    return pd.concat(tables, axis=1).reset_index()


def spreads_bins(spreads: Mapping[str, Spreads]) -> pd.DataFrame:
    """Every bin that is not empty, for the file."""
    tables = {label: one.bins[["layer", "low", "high", "count", "share"]] for label, one in spreads.items()}
    return _by_activation(tables)


# Operations for a singular value of a matrix, for each of its entries.
SINGULAR_VALUE = 7


def spectra_cost(spec: NetworkSpec) -> Cost:
    """What the Jacobian of the hidden layers costs, an example for each unit of the last one, and its spectrum."""
    first, last = spec.hidden_sizes[0], spec.hidden_sizes[-1]
    values = SINGULAR_VALUE * first * last * min(first, last)
    return budget.networks([spec], 1, last) + Cost(values, 24 * spec.widest * last)


def spectra_fit(specs: Sequence[NetworkSpec]) -> int:
    """Of how many networks there is time for the singular values of the hidden layers' Jacobians."""

    def of_first(some: int) -> Cost:
        return sum((spectra_cost(spec) for spec in specs[:some]), Cost(0))

    return budget.most(len(specs), 0, of_first, budget.SPECTRA)


def expected(specs: tuple[NetworkSpec, ...], signal: Signal, magnitude: str) -> Profiles | None:
    """What theory expects of the first networks, of as many as there is time for; ``None`` where it is none."""

    def of_first(some: int) -> Cost:
        return sum((budget.theory(spec, signal.batch_size) for spec in specs[:some]), Cost(0))

    some = budget.most(len(specs), 0, of_first, budget.OVERLAY)
    return theory(specs[:some], signal, magnitude) if some else None


@shared()
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
    frames = {}
    for name, spectrum in values.items():
        rank = np.arange(1, len(spectrum) + 1) / len(spectrum)
        kept = spectrum > spectrum.max(initial=0.0) * len(spectrum) * np.finfo(float).eps
        frames[ACTIVATIONS[name].label] = pd.DataFrame({"rank": rank[kept], "value": spectrum[kept]})
    return _by_activation(frames)


def underflow_table(sizes: Mapping[str, Array]) -> pd.DataFrame:
    """Where the size of each network's gradient leaves each number format's range, counted from the input."""
    tables = [underflow_layers(values) for values in sizes.values()]
    limits = tables[0][["format", "smallest_normal", "smallest_subnormal", "largest"]]
    table = limits.assign(**{column: limits[column].map(number) for column in limits.columns[1:]})
    table = table.rename(columns={"smallest_subnormal": "smallest above 0"})
    titles = {"below_normal": "loses digits", "below_subnormal": "becomes 0", "above_largest": "is too large"}
    met = {
        f"{ACTIVATIONS[name].label} {title}": [str(layer) if layer else "–" for layer in layers[column].fillna(0)]
        for name, layers in zip(sizes, tables, strict=True)
        for column, title in titles.items()
    }
    return table.assign(**met)


# A network is run several times, number by number: more weights than this, over all networks, take too long.
MOST_WEIGHTS = 300_000


# Numbers that are sorted into bins once.
MOST_SPREAD = 2_000_000


def numbers_fit(specs: Sequence[NetworkSpec], signal: Signal, most: int) -> bool:
    """Whether networks have no more weights, and outputs of units, than there is time to go through one by one."""
    return sum(budget.weights(spec) + signal.batch_size * budget.units(spec) for spec in specs) <= most


@shared()
def stored(spec: NetworkSpec, signal: Signal, kept: Stored) -> tuple[PrecisionReport, float | None]:
    """What is left of a network stored in a format, and the largest loss scale with which its gradients fit."""
    gradient, inputs = output_gradient(spec, signal.batch_size), inputs_of(spec, signal)
    asked = (spec, signal.seed, inputs, kept.number_format)
    reduction: Literal["sum", "mean"] = "mean" if kept.format_loss == "mean" else "sum"
    scale = 2.0**kept.loss_scale
    report = precision_report(*asked, output_gradient=gradient, reduction=reduction, loss_scale=scale)
    return report, largest_loss_scale(*asked, output_gradient=gradient, reduction=reduction)


@shared()
def luck(spec: NetworkSpec, signal: Signal) -> tuple[Luck, float] | None:
    """The law of this network's gradient over random weights, and its own squared ratio's logarithm, -inf if dead.

    ``None`` where the law does not hold: for other networks, and for more examples than one.
    """
    law = relu_luck(spec)
    if law is None or signal.batch_size != 1:
        return None
    sizes = magnitudes_of(spec, signal, [signal.seed], "rms")[0]
    if not sizes[-1] > 0:
        return None
    units = spec.layer_shapes[0][0] / spec.layer_shapes[-1][0]
    with np.errstate(divide="ignore"):
        return law, float(2 * np.log(sizes[0] / sizes[-1]) + np.log(units))
