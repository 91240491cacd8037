"""Recurrent networks as plain data: what they are, and the numbers they start from.

A cell makes its state from the present input and from the state before,

    h_t = cell(W_ih x_t + b_ih, W_hh h_{t-1} + b_hh)        and the network's output is  W h_t + b

with PyTorch's layout: ``weight_hh`` holds one ``(hidden, hidden)`` block a gate, one under the other, and the other
parameters of the cell follow suit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from vanish import lcg
from vanish.cells import CELLS
from vanish.initializers import orthonormal
from vanish.validation import check_choice, check_integer, check_number

Array = NDArray[np.float64]

LARGEST_HIDDEN = 256
LARGEST_RADIUS, LARGEST_FORGET_BIAS = 4.0, 10.0
# Standard deviation of the input weights beside a recurrent identity (Le, Jaitly & Hinton 2015, section 4).
IDENTITY_INPUT_STD = 0.001


@dataclass(frozen=True)
class RecurrentInitializer:
    """An entry of the table: what one gate's block of ``weight_hh`` starts from.

    ``blocks(generator, n_blocks, hidden, radius)`` gives ``(n_blocks, hidden, hidden)``.  Input weights are uniform
    within ``1 / sqrt(hidden)``, PyTorch's, unless ``input_std`` makes them normal; biases likewise if
    ``random_biases``, else 0.  ``uses_radius``: the spec's ``spectral_radius`` has a say.
    """

    name: str
    label: str
    latex: str
    explanation: str
    blocks: Callable[[np.random.Generator, int, int, float], Array]
    random_biases: bool = False
    input_std: float | None = None
    uses_radius: bool = False


def _uniform(half_width: Callable[[int], float]) -> Callable[[np.random.Generator, int, int, float], Array]:
    return lambda generator, n_blocks, hidden, radius: (
        half_width(hidden) * generator.uniform(-1.0, 1.0, (n_blocks, hidden, hidden))
    )


def _orthogonal(generator: np.random.Generator, n_blocks: int, hidden: int, radius: float) -> Array:
    return radius / sqrt(hidden) * orthonormal(generator.standard_normal((n_blocks, hidden, hidden)))


RECURRENT_INITIALIZERS: dict[str, RecurrentInitializer] = {
    entry.name: entry
    for entry in (
        RecurrentInitializer(
            name="torch_default",
            label="PyTorch's default",
            latex=r"w, b \sim U(-a, a),\ a = 1 / \sqrt{n}",
            explanation="What torch.nn.RNN, GRU and LSTM start from: spectral radius about 0.58, so plain cells fade.",
            blocks=_uniform(lambda hidden: sqrt(1 / hidden)),
            random_biases=True,
        ),
        RecurrentInitializer(
            name="xavier",
            label="Xavier (uniform)",
            latex=r"w \sim U(-a, a),\ a = \sqrt{3 / n}",
            explanation="Variance 1 / n: spectral radius about 1, the largest singular value about 2.",
            blocks=_uniform(lambda hidden: sqrt(3 / hidden)),
        ),
        RecurrentInitializer(
            name="orthogonal",
            label="orthogonal",
            latex=r"W^\top W = I",
            explanation="Turns and never stretches: only the activation's slope can lose anything (Saxe et al. 2014).",
            blocks=lambda generator, n_blocks, hidden, radius: _orthogonal(generator, n_blocks, hidden, 1.0),
        ),
        RecurrentInitializer(
            name="identity",
            label="identity (IRNN)",
            latex=r"W_{hh} = I,\ W_{ih} \sim N(0, 0.001^2),\ b = 0",
            explanation="The state stays what it is until an input changes it; made for ReLU (Le et al. 2015).",
            blocks=lambda generator, n_blocks, hidden, radius: np.tile(np.eye(hidden), (n_blocks, 1, 1)),
            input_std=IDENTITY_INPUT_STD,
        ),
        RecurrentInitializer(
            name="spectral_radius",
            label="orthogonal × a radius",
            latex=r"W^\top W = \rho^2 I",
            explanation="Every eigenvalue and singular value has the size ρ: a step stretches or shrinks by that.",
            blocks=_orthogonal,
            uses_radius=True,
        ),
    )
}


@dataclass(frozen=True)
class RecurrentSpec:
    """What a recurrent network is, before any number is drawn.

    Parameters
    ----------
    cell : str
        A name from ``CELLS``.
    n_inputs, hidden, n_outputs : int, 1 to 256
        Inputs, units of the state, outputs of the linear read-out.
    initializer : str
        A name from ``RECURRENT_INITIALIZERS``; in a cell with gates, each gate's block of ``weight_hh`` for itself.
    spectral_radius : float, 0 to 4
        Of each block, where the initializer leaves it open (``spectral_radius``).
    forget_bias : float, -10 to 10
        Added to the LSTM's forget-gate bias that the initializer gives (Gers et al. 2000; Jozefowicz et al. 2015
        recommend 1).  It goes to ``bias_ih`` alone, so that it counts once.  Other cells have no such gate.

    Raises
    ------
    ValueError
        Naming the field, its range and the value received.
    """

    cell: str = "rnn_tanh"
    n_inputs: int = 1
    hidden: int = 32
    n_outputs: int = 1
    initializer: str = "torch_default"
    spectral_radius: float = 1.0
    forget_bias: float = 0.0

    def __post_init__(self) -> None:
        check_choice("cell", self.cell, CELLS)
        for name in ("n_inputs", "hidden", "n_outputs"):
            check_integer(name, getattr(self, name), 1, LARGEST_HIDDEN)
        check_choice("initializer", self.initializer, RECURRENT_INITIALIZERS)
        check_number("spectral_radius", self.spectral_radius, 0, LARGEST_RADIUS)
        check_number("forget_bias", self.forget_bias, -LARGEST_FORGET_BIAS, LARGEST_FORGET_BIAS)

    @property
    def rows(self) -> int:
        """Rows of ``weight_ih`` and ``weight_hh``: gates times hidden units."""
        return CELLS[self.cell].n_gates * self.hidden

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, by its name in ``RecurrentParameters``."""
        return {
            "weight_ih": (self.rows, self.n_inputs),
            "weight_hh": (self.rows, self.hidden),
            "bias_ih": (self.rows,),
            "bias_hh": (self.rows,),
            "weight": (self.n_outputs, self.hidden),
            "bias": (self.n_outputs,),
        }


@dataclass(frozen=True)
class RecurrentParameters:
    """A recurrent network's numbers, any leading axes first; shapes as in ``RecurrentSpec.shapes``.

    The first four are those of ``torch.nn.RNN``, ``GRU`` or ``LSTM`` (``weight_ih_l0`` and so on), the last two the
    read-out's, those of ``torch.nn.Linear``.
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array
    bias_hh: Array
    weight: Array
    bias: Array


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
        If a seed is out of range.
    """
    if not isinstance(seed, Sequence):
        return RecurrentParameters(**_draw(spec, seed))
    drawn = [_draw(spec, one) for one in seed]
    return RecurrentParameters(**{name: np.stack([one[name] for one in drawn]) for name in spec.shapes})


def _draw(spec: RecurrentSpec, seed: int) -> dict[str, Array]:
    check_integer("seed", seed, 0, lcg.LARGEST_SEED)
    entry, cell = RECURRENT_INITIALIZERS[spec.initializer], CELLS[spec.cell]
    # Streams of their own, which nothing else comes from.
    generator, recurrent = (np.random.default_rng([seed, stream]) for stream in (6, 7))
    drawn = {
        name: generator.uniform(-1.0, 1.0, shape) / sqrt(spec.hidden)
        for name, shape in spec.shapes.items()
        if name != "weight_hh"
    }
    blocks = entry.blocks(recurrent, cell.n_gates, spec.hidden, spec.spectral_radius)
    drawn["weight_hh"] = blocks.reshape(spec.rows, spec.hidden)
    if entry.input_std is not None:
        # Drawn after all others, so that those stay what they are.
        drawn["weight_ih"] = entry.input_std * generator.standard_normal((spec.rows, spec.n_inputs))
    if not entry.random_biases:
        drawn["bias_ih"], drawn["bias_hh"] = np.zeros(spec.rows), np.zeros(spec.rows)
    if cell.forget_gate is not None:
        drawn["bias_ih"][gate_rows(spec, cell.forget_gate)] += spec.forget_bias
    return drawn


def gate_rows(spec: RecurrentSpec, gate: int) -> slice:
    """The rows of one gate, counted from 0."""
    return slice(gate * spec.hidden, (gate + 1) * spec.hidden)
