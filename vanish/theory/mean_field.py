"""Mean-field theory: what signals and gradients of a random network are expected to be, without drawing one.

In a wide network each pre-activation is a sum of many independent terms, hence normal: only its variance has to
be followed from layer to layer (Poole et al. 2016, eq. 3), and on the way back only the mean square of the
gradient (Schoenholz et al. 2017, eq. 9).  With ``sigma_w^2 = fan_in Var(w)``, ``sigma_b^2 = Var(b)`` and
``E`` over a standard normal ``x``:

    q'  = sigma_w^2 E[phi(sqrt(q) x)^2] + sigma_b^2     variance of the pre-activations, layer by layer
    chi = sigma_w^2 E[phi'(sqrt(q) x)^2]                mean square of dL/dz, this layer over the next

Everything is carried as a root mean square, not as a mean square, so that nothing leaves float64's range before
the gradient itself does.  Expectations are over weights and biases.  They are limits of large width: a narrow
network scatters around them, and its geometric mean lies below.  Without normalisation the mean squares hold at
any width that tests tried; with it, narrow layers (below 16 units, say) get larger gradients than these.

``variance_map`` and ``squared_gradient_map`` are these two lines.  ``signal_propagation`` applies them to a network's
own layer sizes and inputs; what that adds (normalisation, residual connections, few units) is in ``layers.py`` and
``corrections.py``.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.initializers import INITIALIZERS
from vanish.choices.inputs import example_inputs
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.passes import batch_rows
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, root_mean_square
from vanish.numerics.checks import check_kind
from vanish.theory.corrections import SMALLEST_BATCH, calibrated_std, group_by_length, mean_root_share, uniform_share
from vanish.theory.gaussian import gaussian_mean_square, gaussian_moments
from vanish.theory.layers import around_branch, layer_signals, through_activation, through_norm, through_weights
from vanish.theory.signals import GradientStream, LayerSignals, SignalStream
from vanish.theory.weight_gradients import input_sizes, spread_share, zero_shares


def variance_map(
    activation: str,
    variance: Array | float,
    sigma_w2: Array | float,
    sigma_b2: Array | float = 0.0,
    shape: float | None = None,
) -> Array:
    """``q' = sigma_w^2 E[phi(sqrt(q) x)^2] + sigma_b^2``: from one layer's pre-activations to the next one's."""
    return np.asarray(sigma_w2 * gaussian_mean_square(activation, variance, shape) + sigma_b2)


def squared_gradient_map(
    activation: str, variance: Array | float, sigma_w2: Array | float, shape: float | None = None
) -> Array:
    """``chi = sigma_w^2 E[phi'(sqrt(q) x)^2]``: what a layer multiplies the mean square of dL/dz by on its way back."""
    return np.asarray(sigma_w2 * gaussian_moments(activation, variance, shape).mean_square_slope)


def _input_signal(spec: NetworkSpec, x: Array) -> tuple[SignalStream, Array]:
    """The inputs ``(batch, n_inputs)`` as a stream, and each group's share of the batch.

    Under batch norm all examples are one group: each unit's variance over the batch is what matters.
    """
    batch_std = np.atleast_1d(np.sqrt(x.var(axis=0).mean()))
    if any(spec.normalized_layers) and NORMALIZATIONS[spec.normalization].over_batch:
        return SignalStream(np.atleast_1d(x.mean()), np.atleast_1d(x.std()), batch_std), np.ones(1)
    mean, std, shares = group_by_length(x)
    return SignalStream(mean, std, batch_std), shares


def _follow_signals(
    spec: NetworkSpec,
    stream: SignalStream,
    weight_std: Callable[[int, SignalStream], float],
    bias_stds: list[float],
) -> list[LayerSignals]:
    """The forward recursion, first layer first."""
    layers: list[LayerSignals] = []
    around = stream
    for layer, bias_std in enumerate(bias_stds):
        if spec.layers[layer].opens:
            around = stream
        layers.append(layer_signals(spec, layer, stream, around, weight_std, bias_std))
        stream = layers[-1].outputs
    return layers


def _forward(spec: NetworkSpec, x: Array) -> tuple[list[LayerSignals], Array]:
    """Every layer's signals for inputs ``(batch, n_inputs)``, and the shares of the groups of examples."""
    initializer = INITIALIZERS[spec.initializer]
    stream, shares = _input_signal(spec, x)
    drawn = [
        layer.residual_scale * sqrt(spec.weight_variance(layer.fan_in, layer.fan_out, layer.first))
        for layer in spec.layers
    ]
    if initializer.unit_variance:
        # LSUV looks at the network before weights are scaled and biases added (Mishkin & Matas 2016).
        def calibrated(layer: int, stream: SignalStream) -> float:
            if not drawn[layer]:
                return 0.0
            std = calibrated_std(spec, layer, stream, shares, len(x))
            known = 0 < std < np.inf or np.isnan(std)
            return spec.layers[layer].residual_scale * std if known else drawn[layer]

        drawn = [layer.weight_std for layer in _follow_signals(spec, stream, calibrated, [0.0] * spec.depth)]
    biases = [sqrt(initializer.bias_variance(fan_in) + spec.bias_std**2) for _, fan_in in spec.layer_shapes]
    return _follow_signals(spec, stream, lambda layer, _: spec.weight_scale * drawn[layer], biases), shares


def _backward(spec: NetworkSpec, layers: list[LayerSignals]) -> list[tuple[Array, Array, Array]]:
    """RMS and mean magnitude of dL/dz and RMS of dL/dh' per layer, first layer first, each ``(groups,)``."""
    zero = np.zeros_like(layers[-1].std)
    gradient = GradientStream(zero + 1.0, zero, zero, zero)
    # All layers below see the last layer's gradient through one and the same random length.
    length = mean_root_share(np.square(layers[-1].slope), layers[-1].weights, spec.n_outputs)
    place, around = NORM_PLACES[spec.norm_place], None
    rows = []
    for layer, its in reversed(list(enumerate(spec.layers))):
        passed = layers[layer]
        stream = gradient.rms(passed.outputs)
        if its.normalized_units and place.after_sum:
            gradient = through_norm(spec, gradient, passed.outputs, passed.outer_divisor)
        if its.closes:
            around = around_branch(spec, passed, gradient)
        rms, mean_abs, slant = through_activation(spec, layer, passed, gradient, length)
        rows.append((rms, mean_abs, stream))
        gradient = through_weights(spec, layer, passed, gradient, rms, slant)
        if its.normalized_units and place.before_weights:
            gradient = through_norm(spec, gradient, passed.inputs, passed.outer_divisor)
        if its.opens and around is not None:
            gradient = gradient.beside(around)
    if spec.depth > 1:
        rms, mean_abs, stream = rows[1]
        rows[1] = rms, mean_abs * uniform_share(spec), stream
    return rows[::-1]


def _spread(stream: SignalStream, shares: Array) -> float:
    """Standard deviation over units and examples."""
    apart = stream.mean - (stream.mean * shares).sum()
    return float(root_mean_square(np.hypot(stream.std, apart), shares))


@np.errstate(**QUIET)
def signal_propagation(spec: NetworkSpec, inputs: ArrayLike | None = None) -> pd.DataFrame:
    """What each layer's signals and gradients are expected to be when the gradient at every output is 1.

    The variance map of Poole et al. 2016 (eq. 3) forward and the gradient map of Schoenholz et al. 2017 (eq. 9)
    backward, on this network's own layer sizes and inputs; residual connections as in Yang & Schoenholz 2017,
    batch norm as in Yang et al. 2019.  Where these papers take gradients as independent of the signal, which
    several outputs that are not linear contradict, what correlates the two is followed as well.

    Parameters
    ----------
    spec : NetworkSpec
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``; ``None`` takes ``example_inputs(n_inputs, 1)``

    Returns
    -------
    DataFrame, one row per layer, layer 1 (the input's side) first
        ``layer``; ``variance``, the mean square of the pre-activations z, and ``activated_variance``, of u that goes
        into the activation; ``output_mean_square`` and ``output_std`` of what the layer hands on to the next one's
        weights, as in ``forward_profile`` (std: nan in a layer of one unit); then the columns of ``MAGNITUDES``:
        ``mean_abs`` (expected mean of |dL/dz|), ``rms`` and ``stream`` (root of the expected mean square of dL/dz, of
        dL/dh'), and for a batch of one (with more it depends on how examples correlate: nan) those of dL/dW: expected
        mean of the size and root of the expected square of the norm and the std (none of the largest: nan); expected
        shares of zeros; and ``factor``, the mean square of dL/dz in the layer below over that in this one
        (nan for layer 1).
        Gradient columns are nan under batch norm with fewer than 16 examples, and under LSUV with fewer than 16
        outputs and more than one example (unless batch norm keeps the examples apart).  ``weight_mean_abs``,
        ``weight_std``, ``std_ratio`` and both shares of zeros are nan with any normalisation or residual connection.
        All but ``layer`` are nan for batch norm elsewhere than before the activation and for weights whose mean is not
        0, of which there is no theory here.

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    check_kind("spec", spec, NetworkSpec)
    x = example_inputs(spec.n_inputs, 1) if inputs is None else batch_rows(spec, inputs)
    layers, shares = _forward(spec, x)
    rms, mean_abs, stream = zip(*_backward(spec, layers), strict=True)
    handed_on = [*(layer.inputs for layer in layers[1:]), layers[-1].outputs]

    def over_batch(sizes: Array) -> float:
        return float(root_mean_square(sizes, shares))

    sizes = np.sqrt([fan_out * fan_in for fan_out, fan_in in spec.layer_shapes])
    weight_stds = np.array([layer.weight_std for layer in layers])
    one = np.nan if len(x) > 1 else 1.0
    means = np.array([(values * shares).sum() for values in mean_abs])
    roots = np.array([over_batch(values) for values in rms])
    of_inputs, zero_inputs, steady = input_sizes(spec, layers, x)
    weight_norm = one * roots * sizes * [over_batch(layer.inputs.rms) for layer in layers]
    weight_std = weight_norm / sizes * spread_share(spec, layers, steady)
    zero_share = zero_shares(spec, layers, shares, roots)
    columns = {
        "layer": np.arange(1, spec.depth + 1),
        "variance": [float(np.square(over_batch(layer.std))) for layer in layers],
        "activated_variance": [float(np.square(over_batch(layer.activated_std))) for layer in layers],
        "output_mean_square": [float(np.square(over_batch(h.rms))) for h in handed_on],
        "output_std": [
            _spread(h, shares) if its.fan_out > 1 else np.nan for h, its in zip(handed_on, spec.layers, strict=True)
        ],
        "mean_abs": means,
        "rms": roots,
        "stream": [over_batch(values) for values in stream],
        "weight_norm": weight_norm,
        "relative_norm": weight_norm / (sizes * weight_stds),
        "weight_mean_abs": one * means * of_inputs,
        # The largest of many depends on the tails of a product of two factors, of which there is no theory here.
        "weight_max": np.nan,
        "weight_std": weight_std,
        "std_ratio": weight_std / weight_stds,
        "zero_share": zero_share,
        "weight_zero_share": one * (1 - (1 - zero_share) * (1 - zero_inputs)),
        "factor": np.square(np.append(np.nan, roots[:-1] / roots[1:])),
    }
    table = pd.DataFrame(columns)
    over_examples = any(spec.normalized_layers) and NORMALIZATIONS[spec.normalization].over_batch
    if over_examples and len(x) < SMALLEST_BATCH:
        table.loc[:, "mean_abs":] = np.nan
    if (over_examples and not NORM_PLACES[spec.norm_place].before_activation) or spec.weight_mean:
        table.loc[:, "variance":] = np.nan
    return table
