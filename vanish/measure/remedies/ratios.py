"""The one number by which remedies are compared: the first layer's gradient over the last one's.

Where steps are to add up it is in decades (log10).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from vanish.measure.flow import layer_magnitudes
from vanish.measure.magnitudes import SIZES
from vanish.measure.remedies.treatment import comparison_inputs, comparison_output_gradient
from vanish.network.passes import batch_rows
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, first_over_last, quantiles
from vanish.numerics.checks import check_array, check_choice


def measured_ratios(
    spec: NetworkSpec,
    seeds: Sequence[int],
    inputs: ArrayLike | None = None,
    magnitude: str = "mean_abs",
    output_gradient: ArrayLike | None = None,
) -> Array:
    """First layer's gradient over the last one's, ``(len(seeds),)``; nan where neither exists.

    ``inputs``: ``(batch, n_inputs)`` or ``(n_inputs,)``; ``None`` is ``comparison_inputs``.  ``magnitude``: a size from
    ``MAGNITUDES``.  ValueError names the argument, its range and the value received.

    ``output_gradient`` is dL/d(outputs), ``(batch, n_outputs)``, broadcast; ``None`` is 1 everywhere, but its own for
    each example under batch norm (``comparison_output_gradient``).  The default magnitude is the kata's.  ReZero has
    one case in which it misleads: with as many inputs as units, the first layer's own gate is 0 too, and only
    ``"stream"`` shows the path past it.
    """
    check_choice("magnitude", magnitude, SIZES)
    rows = batch_rows(spec, comparison_inputs(spec) if inputs is None else inputs)
    if output_gradient is None:
        output_gradient = comparison_output_gradient(spec, batch_size=len(rows))
    (measured,) = layer_magnitudes(spec, seeds, rows, [magnitude], output_gradient)
    return first_over_last(measured)


def decades(ratios: Array) -> float:
    """log10 of the median ratio: -inf where the gradient is exactly 0, nan where most seeds have no ratio.

    ``ratios`` are ``(seeds,)``; ValueError if there are none.
    """
    ratios = check_array("ratios", ratios, ("seeds",))
    with np.errstate(**QUIET):
        return float(np.log10(quantiles(ratios)[1]))


def from_decades(decades: float) -> float:
    """The ratio whose log10 this is; ``decades`` is a number, or not one (nan, ±inf)."""
    decades = float(check_array("decades", decades, ()))
    with np.errstate(**QUIET):
        return float(np.power(10.0, decades))


def improves(before: float, after: float) -> bool:
    """Whether a ratio in decades has come nearer to 0, which is a ratio of 1; what is undefined never has."""
    before, after = float(check_array("before", before, ())), float(check_array("after", after, ()))
    return bool(abs(after) < abs(before) or (np.isnan(before) and np.isfinite(after)))
