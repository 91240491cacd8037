"""What a recurrent network is, before any number is drawn, and the shapes of its parameters."""

from dataclasses import dataclass

from vanish.choices.cells import CELLS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_choice, check_integer, check_number, put_checked

LARGEST_HIDDEN = 256


LARGEST_RADIUS, LARGEST_FORGET_BIAS = 4.0, 10.0


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
            put_checked(self, **{name: check_integer(name, getattr(self, name), 1, LARGEST_HIDDEN)})
        check_choice("initializer", self.initializer, RECURRENT_INITIALIZERS)
        put_checked(
            self,
            spectral_radius=check_number("spectral_radius", self.spectral_radius, 0, LARGEST_RADIUS),
            forget_bias=check_number("forget_bias", self.forget_bias, -LARGEST_FORGET_BIAS, LARGEST_FORGET_BIAS),
        )

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


def gate_rows(spec: RecurrentSpec, gate: int) -> slice:
    """The rows of one gate, counted from 0."""
    return slice(gate * spec.hidden, (gate + 1) * spec.hidden)
