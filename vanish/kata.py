"""The original teaching program's outputs, number for number.

Everything here is the general engine at one particular ``NetworkSpec``; the names and defaults are
the original's.  "relu" is its leaky one, slope 0.01.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vanish.choices.inputs import KATA_INPUTS
from vanish.network.initialize import initialize
from vanish.network.passes import backprop
from vanish.network.spec import LARGEST_DEPTH, LARGEST_WIDTH, NetworkSpec
from vanish.numerics.checks import check_choice, check_integer, check_integers, check_number, check_numbers, refusal
from vanish.numerics.lcg import check_seed

ACTIVATION_NAMES: Mapping[str, str] = MappingProxyType({"sigmoid": "sigmoid", "tanh": "tanh", "relu": "leaky_relu"})
IDEAL_SLOPES: Mapping[str, float] = MappingProxyType({"sigmoid": 0.25, "tanh": 0.65, "relu": 1.0})
LAYER_COUNTS = (1, 2, 3, 5, 10, 20, 50)
REMEDIES = (
    "ReLU",
    "Residual connections",
    "Xavier / He initialization",
    "Batch normalization",
    "Gradient clipping",
    "LSTM / GRU",
)


def ideal_decay(layer_counts: Sequence[int] = LAYER_COUNTS, slopes: Mapping[str, float] = IDEAL_SLOPES) -> pd.DataFrame:
    """What is left of a gradient of 1 after n layers that each multiply it by the same slope.

    Parameters
    ----------
    layer_counts : sequence of int, each 0 to 1000
    slopes : mapping of column name to slope, each 0 to 10

    Returns
    -------
    DataFrame with columns ``layers`` and one per slope (``sigmoid, tanh, relu``): ``slope ** layers``

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    counts = np.array(check_integers("layer_counts", layer_counts, 0, 1000), dtype=np.int64)
    if not isinstance(slopes, Mapping):
        raise refusal("slopes", "a mapping of names to slopes", slopes)
    products = {name: check_number(f"slopes[{name}]", slope, 0, 10) ** counts for name, slope in slopes.items()}
    return pd.DataFrame({"layers": counts, **products})


def gradient_magnitudes(
    activation: str,
    n_layers: int = 10,
    layer_size: int = 8,
    inputs: Sequence[float] = KATA_INPUTS,
    seed: int = 42,
) -> NDArray[np.float64]:
    """Mean over each layer's units of |dL/dz| when the gradient at the output is 1.

    Parameters
    ----------
    activation : "sigmoid", "tanh" or "relu" (leaky, slope 0.01)
    n_layers : int, 1 to 1000
    layer_size : int, 1 to 4096
    inputs : sequence of float, 1 to 4096 of them
    seed : int, 0 to 2**64 - 1

    Returns
    -------
    float64 array, ``(n_layers,)``, first layer first

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    row = check_numbers("inputs", inputs, -np.inf, np.inf, most=LARGEST_WIDTH)
    spec = NetworkSpec(
        depth=check_integer("n_layers", n_layers, 1, LARGEST_DEPTH),
        width=check_integer("layer_size", layer_size, 1, LARGEST_WIDTH),
        n_inputs=len(row),
        activation=ACTIVATION_NAMES[check_choice("activation", activation, ACTIVATION_NAMES)],
    )
    gradients = backprop(spec, initialize(spec, check_seed("seed", seed)), row)
    return np.array([np.abs(dz).mean() for dz in gradients.pre_activations])


def update_comparison(n_layers: int = 10, learning_rate: float = 0.01) -> pd.DataFrame:
    """How far one step moves each layer if sigmoid keeps 0.25 of the gradient a layer and ReLU all of it.

    Parameters
    ----------
    n_layers : int, 1 to 1000
    learning_rate : float, 0 to 1000

    Returns
    -------
    DataFrame ``layer, sigmoid_gradient, sigmoid_update, relu_gradient, relu_update``, last layer first

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    n_layers = check_integer("n_layers", n_layers, 1, LARGEST_DEPTH)
    layers = np.arange(n_layers, 0, -1)
    rate = check_number("learning_rate", learning_rate, 0, 1000)
    table = pd.DataFrame({"layer": layers})
    for name in ("sigmoid", "relu"):
        table[f"{name}_gradient"] = IDEAL_SLOPES[name] ** (n_layers - layers)
        table[f"{name}_update"] = rate * table[f"{name}_gradient"]
    return table
