"""What number formats do to a gradient: where it is lost, where it overflows, and what a loss scale mends."""

from dataclasses import dataclass, replace
from math import floor, isfinite, log2
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vanish.choices.number_formats import NUMBER_FORMATS, NumberFormat
from vanish.network.loss_scale import LARGEST_SCALE
from vanish.network.low_precision import StoredGradients, StoredNetwork
from vanish.network.passes import backprop, batch_rows
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_array, check_choice, check_number, refusal
from vanish.numerics.lcg import check_seed

REDUCTIONS = ("sum", "mean")

SMALLEST_SCALE = 2.0**-126


def underflow_layers(magnitudes: ArrayLike) -> pd.DataFrame:
    """Where a gradient, on its way back from the output, first leaves each format's range.

    Parameters
    ----------
    magnitudes : ``(n_layers,)``, first layer first, non-negative

    Returns
    -------
    DataFrame, a row per format: ``format, smallest_normal, smallest_subnormal, largest``, and the layer, counted from
    the input, that the gradient meets first where it is below the smallest normal number (``below_normal``: it loses
    digits), at or below half the smallest subnormal (``below_subnormal``: it becomes 0) or rounded to more than the
    largest number (``above_largest``); missing where that never happens

    Raises
    ------
    ValueError
        If ``magnitudes`` is not one-dimensional or has a negative entry.
    """
    sizes = check_array("magnitudes", magnitudes, ("n_layers",))
    if (sizes < 0).any():
        raise refusal("magnitudes", "one non-negative number per layer", float(sizes[sizes < 0][0]))

    def met_first(marked: NDArray[np.bool_]) -> int | None:
        layers = np.flatnonzero(marked)
        return int(layers[-1]) + 1 if layers.size else None

    rows = [
        {
            "format": entry.label,
            "smallest_normal": entry.smallest_normal,
            "smallest_subnormal": entry.smallest_subnormal,
            "largest": entry.largest,
            "below_normal": met_first(sizes < entry.smallest_normal),
            "below_subnormal": met_first(entry.round(sizes) == 0),
            "above_largest": met_first(entry.overflows(sizes)),
        }
        for entry in NUMBER_FORMATS.values()
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(("below_normal", "below_subnormal", "above_largest"), "Int64"))


@dataclass(frozen=True)
class PrecisionReport:
    """What is left of a network whose numbers are stored in a format.  Layers count from 1, the input's side.

    ``layers``: a row a layer, ``layer`` and shares of entries:

    - ``output_overflow``: of the layer's outputs, too large for the format; ``output_non_finite``
    - ``arriving_overflow``: the same of dL/dh', the gradient at its outputs
    - ``signal_zero``: of dL/dz, 0 here and not in float64; ``signal_subnormal``: not 0, but with fewer digits;
      ``signal_overflow``; ``signal_non_finite``
    - ``weight_zero``, ``weight_subnormal``, ``weight_overflow``, ``weight_non_finite``: the same of dL/dW
    """

    number_format: str
    loss_scale: float
    layers: pd.DataFrame

    @property
    def forward_overflow(self) -> int | None:
        """The first layer with an output that is too large for the format; ``None`` where there is none."""
        return min(self._where(self.layers["output_overflow"] > 0), default=None)

    @property
    def non_finite(self) -> tuple[int, ...]:
        """Layers with inf or nan among their weights' gradients."""
        return self._where(self.layers["weight_non_finite"] > 0)

    @property
    def overflow(self) -> tuple[int, ...]:
        """Layers with a gradient (arriving, signal or weights') that is too large for the format, or not finite."""
        columns = ["arriving_overflow", "signal_overflow", "signal_non_finite", "weight_overflow", "weight_non_finite"]
        return self._where(self.layers[columns].max(axis=1) > 0)

    @property
    def zero(self) -> tuple[int, ...]:
        """Layers of which at least half of the weights' gradients became 0."""
        return self._where(self.layers["weight_zero"] >= 0.5)

    @property
    def losing_digits(self) -> tuple[int, ...]:
        """Layers of which at least half of the weights' gradients became 0 or have fewer digits."""
        return self._where(self.layers["weight_zero"] + self.layers["weight_subnormal"] >= 0.5)

    def _where(self, marked: "pd.Series[bool]") -> tuple[int, ...]:
        return tuple(self.layers["layer"][marked].tolist())


def precision_report(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike,
    number_format: str = "float16",
    *,
    output_gradient: ArrayLike | None = None,
    reduction: Literal["sum", "mean"] = "sum",
    loss_scale: float = 1.0,
) -> PrecisionReport:
    """Run a network with every number stored in a format, and say what becomes of signal and gradients.

    See ``StoredNetwork`` for what is rounded when.

    Parameters
    ----------
    spec, seed, inputs : as in ``gradient_flow``, one network
    number_format : a name from ``NUMBER_FORMATS``
    output_gradient : ``(batch, n_outputs)``, broadcast; ``None`` means ones
        dL/d(outputs) of one example's loss.
    reduction : ``"sum"`` or ``"mean"`` of the loss over the batch
    loss_scale : float, 2**-126 to 2**127
        The loss is multiplied by it; gradients are reported as stored, before it is divided out.

    Returns
    -------
    PrecisionReport

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    loss_scale = check_number("loss_scale", loss_scale, SMALLEST_SCALE, LARGEST_SCALE)
    network = _draw(spec, seed, inputs, number_format, output_gradient, reduction)
    passed, outputs = network.forward()
    gradients = network.gradients(passed, loss_scale)
    exact = backprop(spec, network.parameters, network.inputs, loss_scale * network.output_gradient)
    rows = [
        {"layer": layer + 1}
        | _output_shares(outputs[layer], network.entry)
        | {"arriving_overflow": float(network.entry.overflows(gradients[layer].arriving).mean())}
        | _gradient_shares("signal", gradients[layer].signal, exact.pre_activations[layer], network.entry)
        | _gradient_shares("weight", gradients[layer].weights, exact.weights[layer], network.entry)
        for layer in range(spec.depth)
    ]
    return PrecisionReport(number_format, float(loss_scale), pd.DataFrame(rows))


def largest_loss_scale(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike,
    number_format: str = "float16",
    *,
    output_gradient: ArrayLike | None = None,
    reduction: Literal["sum", "mean"] = "sum",
) -> float | None:
    """The largest power of two by which the loss can be multiplied without any gradient leaving the format.

    Parameters and errors as of ``precision_report``; ``None`` where the forward pass overflows, or no scale from
    2**-126 to 2**127 helps.
    """
    network = _draw(spec, seed, inputs, number_format, output_gradient, reduction)
    passed, outputs = network.forward()
    if any(network.entry.overflows(values).any() or not np.isfinite(values).all() for values in outputs):
        return None
    # Before they are rounded, gradients are proportional to the scale: that says where to begin.
    exact = replace(network, entry=NUMBER_FORMATS["float64"]).gradients(passed, 1.0)
    largest = max(
        float(np.abs(values).max()) for layer in exact for values in (layer.arriving, layer.signal, layer.weights)
    )
    if not isfinite(largest):
        return None
    scale = LARGEST_SCALE
    if largest > 0:
        exponent = floor(log2(network.entry.largest) - log2(largest)) + 1
        scale = 2.0 ** max(min(exponent, log2(LARGEST_SCALE)), log2(SMALLEST_SCALE))
    while scale >= SMALLEST_SCALE:
        if _fits(network.gradients(passed, scale), network.entry):
            return scale
        scale /= 2
    return None


def _draw(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike,
    number_format: str,
    output_gradient: ArrayLike | None,
    reduction: str,
) -> StoredNetwork:
    entry = NUMBER_FORMATS[check_choice("number_format", number_format, NUMBER_FORMATS)]
    check_choice("reduction", reduction, REDUCTIONS)
    inputs, seed = batch_rows(spec, inputs), check_seed("seed", seed)
    network = StoredNetwork.draw(spec, seed, inputs, output_gradient, entry)
    examples = len(network.inputs) if reduction == "mean" else 1
    return replace(network, output_gradient=network.output_gradient / examples)


def _fits(gradients: list[StoredGradients], entry: NumberFormat) -> bool:
    return all(
        bool((np.isfinite(values) & ~entry.overflows(values)).all())
        for layer in gradients
        for values in (layer.arriving, layer.signal, layer.weights)
    )


def _output_shares(outputs: Array, entry: NumberFormat) -> dict[str, float]:
    return {
        "output_overflow": float(entry.overflows(outputs).mean()),
        "output_non_finite": float((~np.isfinite(entry.round(outputs))).mean()),
    }


def _gradient_shares(name: str, values: Array, exact: Array, entry: NumberFormat) -> dict[str, float]:
    stored = entry.round(values)
    small = np.abs(stored) < entry.smallest_normal
    return {
        f"{name}_zero": float(((stored == 0) & (exact != 0)).mean()),
        f"{name}_subnormal": float((small & (stored != 0)).mean()),
        f"{name}_overflow": float(entry.overflows(values).mean()),
        f"{name}_non_finite": float((~np.isfinite(stored)).mean()),
    }
