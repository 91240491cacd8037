"""What a network is, before any number is drawn."""

from dataclasses import dataclass
from itertools import pairwise

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.inputs import KATA_INPUTS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.numerics.checks import check_choice, check_flag, check_integer, check_number, put_checked

LARGEST_DEPTH, LARGEST_WIDTH, LARGEST_STD = 200, 512, 100.0


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, before any number is drawn.

    Parameters
    ----------
    depth : int, 1 to 200
        Number of weight layers.
    width, n_inputs, n_outputs : int, 1 to 512
        Units per hidden layer, inputs, outputs.
    activation : str
        A name from ``ACTIVATIONS``; applied on every layer unless ``linear_output``.
    activation_shape : float or None
        The activation's own parameter (leaky ReLU's ``negative_slope``); ``None`` is its default.
    initializer : str
        A name from ``INITIALIZERS``.
    weight_scale : float, 0 to 100
        Multiplies every initial weight.
    weight_std : float, 0 to 100
        Standard deviation of the weights where the initializer leaves it open (``normal``).
    bias_std : float, 0 to 100
        Standard deviation of normal numbers that are added to the initial biases.
    normalization : str
        A name from ``NORMALIZATIONS``; applied to the pre-activations of every layer but the last.
    residual : str
        A name from ``RESIDUALS``; on every layer with as many outputs as inputs.
    linear_output : bool
        Leave the activation out on the last layer.

    Raises
    ------
    ValueError
        Naming the field, its range and the value received.
    """

    depth: int = 10
    width: int = 8
    n_inputs: int = len(KATA_INPUTS)
    n_outputs: int = 1
    activation: str = "sigmoid"
    activation_shape: float | None = None
    initializer: str = "kata"
    weight_scale: float = 1.0
    weight_std: float = 1.0
    bias_std: float = 0.0
    normalization: str = "none"
    residual: str = "none"
    linear_output: bool = False

    def __post_init__(self) -> None:
        put_checked(self, depth=check_integer("depth", self.depth, 1, LARGEST_DEPTH))
        for name in ("width", "n_inputs", "n_outputs"):
            put_checked(self, **{name: check_integer(name, getattr(self, name), 1, LARGEST_WIDTH)})
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("initializer", self.initializer, INITIALIZERS)
        check_choice("normalization", self.normalization, NORMALIZATIONS)
        check_choice("residual", self.residual, RESIDUALS)
        for name in ("weight_scale", "weight_std", "bias_std"):
            put_checked(self, **{name: check_number(name, getattr(self, name), 0, LARGEST_STD)})
        put_checked(
            self,
            activation_shape=ACTIVATIONS[self.activation].check_shape("activation_shape", self.activation_shape),
            linear_output=check_flag("linear_output", self.linear_output),
        )

    @property
    def layer_shapes(self) -> list[tuple[int, int]]:
        """``(fan_out, fan_in)`` of every layer, first layer first."""
        sizes = [self.n_inputs, *[self.width] * (self.depth - 1), self.n_outputs]
        return [(fan_out, fan_in) for fan_in, fan_out in pairwise(sizes)]

    @property
    def normalized_layers(self) -> list[bool]:
        """Whether each layer's pre-activations are normalised."""
        normalizes = NORMALIZATIONS[self.normalization].normalizes
        return [normalizes and layer < self.depth - 1 for layer in range(self.depth)]

    @property
    def skipped_layers(self) -> list[bool]:
        """Whether each layer adds to its input instead of replacing it."""
        skips = RESIDUALS[self.residual].skips
        return [skips and fan_out == fan_in for fan_out, fan_in in self.layer_shapes]

    @property
    def initial_gate(self) -> float:
        """What a residual branch is multiplied by at first."""
        return RESIDUALS[self.residual].gate(self.depth)
