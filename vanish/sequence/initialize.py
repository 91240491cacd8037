"""The numbers that a recurrent network starts from.

A cell makes its state from the present input and from the state before,

    h_t = cell(W_ih x_t + b_ih, W_hh h_{t-1} + b_hh)        and the network's output is  W h_t + b

with PyTorch's layout: ``weight_hh`` holds one ``(hidden, hidden)`` block a gate, one under the other, and the other
parameters of the cell follow suit.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from vanish.choices.cells import CELLS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_kind, several
from vanish.numerics.lcg import one_or_more_seeds
from vanish.sequence.checks import check_run_fits
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec, gate_rows


def initialize_recurrent(spec: RecurrentSpec, seed: int | Sequence[int]) -> RecurrentParameters:
    """Draw a recurrent network's weights and biases.

    Initializers share one stream for everything but ``weight_hh``: to change between them leaves the rest alone.

    Parameters
    ----------
    spec : RecurrentSpec
    seed : int from 0 to 2**64 - 1, or a sequence of them
        A sequence gives every array a leading axis, one network a seed.

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received; if so many networks would not fit in memory.
    """
    check_kind("spec", spec, RecurrentSpec)
    seeds = one_or_more_seeds("seed", seed)
    check_run_fits("seed", spec, len(seeds), 0, 0)
    drawn = [_draw(spec, one) for one in seeds]
    if not several(seed):
        return RecurrentParameters(**drawn[0])
    return RecurrentParameters(**{name: np.stack([one[name] for one in drawn]) for name in spec.shapes})


def _draw(spec: RecurrentSpec, seed: int) -> dict[str, Array]:
    entry, cell = RECURRENT_INITIALIZERS[spec.initializer], CELLS[spec.cell]
    # A stream of its own, which nothing else comes from.
    generator = np.random.default_rng([seed, 6])
    drawn = {
        name: generator.uniform(-1.0, 1.0, shape) / sqrt(spec.hidden)
        for name, shape in spec.shapes.items()
        if name != "weight_hh"
    }
    blocks = entry.blocks(seed, cell.n_gates, spec.hidden, spec.spectral_radius)
    drawn["weight_hh"] = blocks.reshape(spec.rows, spec.hidden)
    if entry.input_std is not None:
        # Drawn after all others, so that those stay what they are.
        drawn["weight_ih"] = entry.input_std * generator.standard_normal((spec.rows, spec.n_inputs))
    if not entry.random_biases:
        drawn["bias_ih"], drawn["bias_hh"] = np.zeros(spec.rows), np.zeros(spec.rows)
    if cell.forget_gate is not None:
        drawn["bias_ih"][gate_rows(spec, cell.forget_gate)] += spec.forget_bias
    return drawn
