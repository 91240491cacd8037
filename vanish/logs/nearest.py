"""The nearest network that can be simulated: of many kinds of networks of a log's shape, the one whose gradients fall
or grow from layer to layer as the log's do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from vanish.choices.inputs import example_inputs
from vanish.logs.log import State
from vanish.logs.report import Report
from vanish.measure.flow import layer_magnitudes
from vanish.measure.yardstick import example_output_gradient
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_kind

FEWEST_LAYERS, MOST_LAYERS = 5, 60

# Wider ones differ in their scatter and hardly in their mean; sizes above are scaled down together.
WIDEST = 48
DEFAULT_WIDTH, DEFAULT_INPUTS, DEFAULT_OUTPUTS = 32, 64, 10
EXAMPLES = 16

FEW_SEEDS, SEEDS = (1, 2), tuple(range(1, 13))
KEPT = 24

# What is tried: the kinds of networks that people build, by what tells their profiles apart.
ACTIVATIONS = ("sigmoid", "tanh", "relu", "gelu")
INITIALIZERS = ("torch_default", "xavier_uniform", "he_normal", "orthogonal")
NORMALIZATIONS = ("none", "batch", "layer")
RESIDUALS = ("none", "identity")

# Small data sets and other losses move a profile by some hundredths of a decade, whatever the network.
SMALLEST_SCATTER = 0.03

# Twice the logarithm of 150 to 1: found on profiles of hidden settings, whose true kind is then among the ties in 94 %.
TOLD_APART = 10.0

# A profile that is off by more than this many times the scatter of its own kind is of no kind that was tried.
FARTHEST = 3.0

# What of a simulated gradient is held against what the log holds.
MAGNITUDE_OF: Mapping[str, str] = {
    "rms": "weight_norm",
    "norm": "weight_norm",
    "mean_abs": "weight_mean_abs",
    "std": "weight_std",
    "max_abs": "weight_max",
    "unknown": "weight_mean_abs",
}


@dataclass(frozen=True)
class Fit:
    """One kind of network beside the log.

    ``curve``, ``low``, ``high``: its layers' median size and 10 and 90 % quantiles over seeds, shifted to the log's
    level (what a loss multiplies all layers by cannot be known), ``(n_layers,)``.  ``misfit``: how far the steps from
    layer to layer are off, in units of their scatter (1 is as expected).  ``score``: twice the negative logarithm of
    the likelihood.
    """

    spec: NetworkSpec
    curve: Array
    low: Array
    high: Array
    misfit: float
    score: float


@dataclass(frozen=True)
class Nearest:
    """The best fit, those that cannot be told apart from it (it is the first), and whether it fits at all."""

    ties: tuple[Fit, ...]
    fits: bool
    tried: int
    layers: NDArray[np.int64]

    @property
    def best(self) -> Fit:
        """The most likely one."""
        return self.ties[0]


def why_no_nearest(report: Report) -> str | None:
    """What stands against a fit, in words, or ``None``."""
    shown = int(_shown(check_kind("report", report, Report)).sum())
    if report.log.forward:
        return "these are outputs on the way forward, not gradients"
    if report.log.size not in MAGNITUDE_OF:
        return "the log holds no size that a simulated gradient can be held against"
    if len(report.names) > MOST_LAYERS:
        return f"more than {MOST_LAYERS} layers"
    if shown < FEWEST_LAYERS:
        return f"a gradient above 0 is known of {shown} layers, and {FEWEST_LAYERS} are needed"
    return None


def nearest_network(report: Report) -> Nearest:
    """Fit activation, initialiser, normalisation and residual connections to a log's profile.

    Of each kind of network, with the log's depth and, where they are known, its sizes (scaled down to 48 at most),
    twelve are drawn and their weights' gradients measured as the log measured its own: for random inputs and random
    gradients at the outputs.  The steps of log size from layer to layer are held against their mean and scatter, as if
    they were normal and independent: the level itself is the loss's.

    Parameters
    ----------
    report : Report of a log with a gradient above 0 at 5 to 60 layers

    Raises
    ------
    ValueError
        If the report has too few layers, too many, or none of gradients.
    """
    reason = why_no_nearest(report)
    if reason:
        raise ValueError(f"report must be of gradients of {FEWEST_LAYERS} to {MOST_LAYERS} layers, got: {reason}")
    layers = np.flatnonzero(_shown(report))
    observed = np.log10(report.sizes[layers])
    shape = network_of(report)
    specs = list(_candidates(shape))
    rough = [_score(observed, _simulated(spec, report, FEW_SEEDS)[:, layers])[0] for spec in specs]
    best = [specs[place] for place in np.argsort(rough)[:KEPT]]
    fits = sorted((_fit(spec, report, layers, observed) for spec in best), key=lambda fit: fit.score)
    ties = [fit for fit in fits if fit.score - fits[0].score < TOLD_APART]
    return Nearest(tuple(ties), fits[0].misfit < FARTHEST, len(specs), layers)


def network_of(report: Report) -> NetworkSpec:
    """The log's depth and, where all shapes are known and follow one another, its sizes."""
    shapes = [report.log.shapes.get(name, ()) for name in report.names]
    sizes = _sizes_of(shapes)
    if sizes is None:
        return NetworkSpec(
            depth=len(shapes),
            width=DEFAULT_WIDTH,
            n_inputs=DEFAULT_INPUTS,
            n_outputs=DEFAULT_OUTPUTS,
            linear_output=True,
        )
    smaller = min(1.0, WIDEST / max(sizes))
    sizes = [max(1, round(size * smaller)) for size in sizes]
    return NetworkSpec(n_inputs=sizes[0], widths=tuple(sizes[1:-1]), n_outputs=sizes[-1], linear_output=True)


def _sizes_of(shapes: list[tuple[int, ...]]) -> list[int] | None:
    """Inputs, hidden layers, outputs, of matrices ``(fan_out, fan_in)`` in a chain; Keras has them the other way."""
    if not all(len(shape) == 2 for shape in shapes):
        return None
    for chain in (shapes, [shape[::-1] for shape in shapes]):
        if all(before[0] == after[1] for before, after in pairwise(chain)):
            return [chain[0][1], *(fan_out for fan_out, _ in chain)]
    return None


def _shown(report: Report) -> NDArray[np.bool_]:
    return (report.states == State.NUMBER) & (report.sizes > 0) & np.isfinite(report.sizes)


def _candidates(shape: NetworkSpec) -> Iterator[NetworkSpec]:
    kinds = product(ACTIVATIONS, INITIALIZERS, NORMALIZATIONS, RESIDUALS)
    for activation, initializer, normalization, residual in kinds:
        yield replace(
            shape, activation=activation, initializer=initializer, normalization=normalization, residual=residual
        )


def _simulated(spec: NetworkSpec, report: Report, seeds: tuple[int, ...]) -> Array:
    """log10 of each layer's size, measured as the log's, ``(len(seeds), n_layers)``."""
    inputs = example_inputs(spec.n_inputs, EXAMPLES, "normal")
    at_outputs = example_output_gradient(spec.n_outputs, EXAMPLES)
    sizes = layer_magnitudes(spec, seeds, inputs, [MAGNITUDE_OF[report.log.size]], at_outputs)[0]
    if report.log.size == "rms" or (report.log.size == "norm" and report.per_entry):
        sizes = sizes / np.sqrt([fan_out * fan_in for fan_out, fan_in in spec.layer_shapes])
    with np.errstate(divide="ignore"):
        return np.log10(sizes)


def _score(observed: Array, simulated: Array) -> tuple[float, float]:
    """Twice the negative log likelihood of the observed steps, and how far off they are in units of their scatter."""
    if not np.isfinite(simulated).all():
        return np.inf, np.inf
    steps, drawn = np.diff(observed), np.diff(simulated, axis=1)
    n_seeds = len(drawn)
    spread = drawn.var(axis=0, ddof=1)
    # Twelve draws know one step's scatter poorly, and all steps' together well.
    variance = (0.5 * spread + 0.5 * np.median(spread)) * (1 + 1 / n_seeds) + SMALLEST_SCATTER**2
    off = np.square(steps - drawn.mean(axis=0)) / variance
    return float((off + np.log(variance)).sum()), float(np.sqrt(off.mean()))


def _fit(spec: NetworkSpec, report: Report, layers: NDArray[np.int64], observed: Array) -> Fit:
    simulated = _simulated(spec, report, SEEDS)
    score, misfit = _score(observed, simulated[:, layers])
    level = float(np.mean(observed - np.median(simulated[:, layers], axis=0)))
    low, curve, high = (10 ** (level + np.quantile(simulated, share, axis=0)) for share in (0.1, 0.5, 0.9))
    return Fit(spec, curve, low, high, misfit, score)
