"""The forward picture: how large every layer's output is, and how alike two unrelated inputs become in it."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.inputs import unrelated_pair
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.network.idle import idle_units
from vanish.network.initialize import initialize
from vanish.network.passes import Forward, batch_rows, run_forward
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, norm, root_mean_square
from vanish.numerics.lcg import check_seed


@np.errstate(**QUIET)
def forward_profile(spec: NetworkSpec, seed: int, inputs: ArrayLike) -> pd.DataFrame:
    """What every layer of one network hands on, and what is left of the difference between two inputs.

    The two are ``unrelated_pair``: at a right angle to each other, both of the inputs' root mean square.  An output
    is what the next layer's weights multiply: after a block's sum and, where the norm stands there, normalised.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int
    inputs : ``(batch, n_inputs)`` or ``(n_inputs,)``

    Returns
    -------
    DataFrame, one row per layer, layer 1 (the input's side) first
        ``layer``; ``std`` and ``mean_square`` of the layer's outputs, over units and examples; ``saturated`` and
        ``dead`` as in ``layer_activity``; ``cosine`` between the two inputs' outputs, and ``correlation``, the
        same with the mean over units taken out.  nan where one of them is 0 or not finite, in layers of one unit
        (``correlation``: of two), and under batch norm, which would look at the two together.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    rows, seed = batch_rows(spec, inputs), check_seed("seed", seed)
    parameters = initialize(spec, seed, rows)
    passed = run_forward(spec, parameters, rows, keep=True)
    sizes = [(out.std(), np.square(out).mean()) for out in handed_on(passed)]
    idle = [idle_units(spec, layer) for layer in passed.layers]
    table = pd.DataFrame(sizes, columns=["std", "mean_square"])
    table["saturated"] = [saturated for saturated, _ in idle]
    table["dead"] = [float(dead.mean()) for _, dead in idle]
    table.insert(0, "layer", np.arange(1, spec.depth + 1))
    alike = [(np.nan, np.nan)] * spec.depth
    if not (any(spec.normalized_layers) and NORMALIZATIONS[spec.normalization].over_batch):
        rms = float(root_mean_square(rows.ravel(), np.array(1 / rows.size)))
        pair = run_forward(spec, parameters, rms * unrelated_pair(spec.n_inputs), keep=True)
        alike = [
            (_cosine(out, at_least=2), _cosine(out - out.mean(axis=1, keepdims=True), at_least=3))
            for out in handed_on(pair)
        ]
    table[["cosine", "correlation"]] = alike
    return table


def handed_on(passed: Forward) -> list[Array]:
    """What each layer's successor multiplies by its weights, ``(batch, fan_out)``, and the network's output."""
    return [*(layer.inputs for layer in passed.layers[1:]), passed.outputs]


def _cosine(pair: Array, at_least: int) -> float:
    """Of two rows; nan where there are fewer columns than it takes."""
    lengths = norm(pair, (1,))
    if pair.shape[1] < at_least or not np.isfinite(lengths).all() or not lengths.all():
        return np.nan
    unit = pair / lengths[:, None]
    return float(np.clip(unit[0] @ unit[1], -1, 1))
