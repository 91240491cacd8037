"""What a network is, before any number is drawn."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.blocks import BLOCKS, Position
from vanish.choices.initializers import INITIALIZERS, UNIT_BOUNDS
from vanish.choices.inputs import KATA_INPUTS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.numerics.checks import (
    check_choice,
    check_flag,
    check_integer,
    check_integers,
    check_number,
    put_checked,
    refusal,
)

LARGEST_DEPTH, LARGEST_WIDTH, LARGEST_STD = 1000, 4096, 100.0


class Followed(int):
    """A size that nobody gave, a default or what ``widths`` make it: it gives way to other ``widths``."""


@dataclass(frozen=True, kw_only=True)
class LayerSpec(Position):
    """What one weight layer is, before any number is drawn.

    ``normalized_units``: how many numbers an example's vector has that the layer normalises, 0 where it normalises
    none; ``residual_scale``: what the residual kind multiplies its initial weights by (Fixup's; else 1);
    ``learned_shape``: whether its activation's shape is one of its parameters (PReLU's).
    """

    normalized_units: int = 0
    residual_scale: float = 1.0
    learned_shape: bool = False


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, before any number is drawn.

    Parameters
    ----------
    depth : int, 1 to 1000
        Number of weight layers.
    width, n_inputs, n_outputs : int, 1 to 4096
        Units per hidden layer, inputs, outputs.
    activation : str
        A name from ``ACTIVATIONS``; applied on every layer unless ``linear_output``.
    activation_shape : float or None
        The activation's own parameter (leaky ReLU's ``negative_slope``; what PReLU's starts at); ``None`` is its
        default.
    initializer : str
        A name from ``INITIALIZERS``.
    weight_scale : float, 0 to 100
        Multiplies every initial weight.
    weight_std : float, 0 to 100
        Standard deviation of the weights where the initializer leaves it open (``normal``; ``trunc_normal``, before
        the cut).
    bias_std : float, 0 to 100
        Standard deviation of normal numbers that are added to the initial biases.
    normalization : str
        A name from ``NORMALIZATIONS``; applied where ``norm_place`` says.
    residual : str
        A name from ``RESIDUALS``; on the blocks that ``block`` makes.
    linear_output : bool
        Leave the activation out on the last layer.
    block : str
        A name from ``BLOCKS``: ``one`` weight layer with as many outputs as inputs, or ``two`` hidden ones with a
        linear end.  Of an odd number of hidden square layers, the last one is left over and replaces what it gets.
        Without residual connections there are no blocks.
    norm_place : str
        A name from ``NORM_PLACES``: before the ``activation`` (every layer but the last and a block's linear end),
        ``pre``, before the weights (what goes into a branch, and into every layer outside of blocks but the first), or
        ``post``, after the sum (what leaves a block, and every layer outside of blocks but the last).
    uniform_low, uniform_high : float, -100 to 100
        The lowest and the highest weight where the initializer leaves them open (``uniform``).
    widths : up to 999 ints, 1 to 4096, or None
        Units of each hidden layer, first layer first; ``None`` or none at all: ``width`` in every one.  ``depth`` is
        then ``len(widths) + 1`` and ``width`` the widest: they may be left out, and are refused where they say
        something else.  Sizes that are all equal are kept as ``depth`` and ``width``, ``widths`` as ``None``.

    Raises
    ------
    ValueError
        Naming the field, its range and the value received.
    """

    depth: int = Followed(10)
    width: int = Followed(8)
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
    block: str = "one"
    norm_place: str = "activation"
    uniform_low: float = UNIT_BOUNDS[0]
    uniform_high: float = UNIT_BOUNDS[1]
    widths: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name, largest in (("depth", LARGEST_DEPTH), ("width", LARGEST_WIDTH)):
            size = getattr(self, name)
            put_checked(self, **{name: size if type(size) is Followed else check_integer(name, size, 1, largest)})
        for name in ("n_inputs", "n_outputs"):
            put_checked(self, **{name: check_integer(name, getattr(self, name), 1, LARGEST_WIDTH)})
        self._follow_widths()
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("initializer", self.initializer, INITIALIZERS)
        check_choice("normalization", self.normalization, NORMALIZATIONS)
        check_choice("residual", self.residual, RESIDUALS)
        check_choice("block", self.block, BLOCKS)
        check_choice("norm_place", self.norm_place, NORM_PLACES)
        for name in ("weight_scale", "weight_std", "bias_std"):
            put_checked(self, **{name: check_number(name, getattr(self, name), 0, LARGEST_STD)})
        for name in ("uniform_low", "uniform_high"):
            put_checked(self, **{name: check_number(name, getattr(self, name), -LARGEST_STD, LARGEST_STD)})
        if self.uniform_low > self.uniform_high:
            raise refusal("uniform_low", f"at most uniform_high, {self.uniform_high:g}", self.uniform_low)
        put_checked(
            self,
            activation_shape=ACTIVATIONS[self.activation].check_shape("activation_shape", self.activation_shape),
            linear_output=check_flag("linear_output", self.linear_output),
        )

    def _follow_widths(self) -> None:
        """Depth and width as ``widths`` make them; ``None`` for ``widths`` that these two say as well."""
        if self.widths is None:
            return
        widths = check_integers("widths", self.widths, 1, LARGEST_WIDTH, fewest=0, most=LARGEST_DEPTH - 1)
        if widths:
            for name, size in (("depth", len(widths) + 1), ("width", max(widths))):
                given = getattr(self, name)
                if type(given) is not Followed and given != size:
                    raise refusal(name, f"{size}, which widths make it, or left out", given)
                put_checked(self, **{name: Followed(size)})
        put_checked(self, widths=tuple(widths) if len(set(widths)) > 1 else None)

    def at_depth(self, depth: int) -> "NetworkSpec":
        """The network with another number of weight layers, 1 to 1000.

        Of unequal ``widths``, a shallower one keeps the first, and a deeper one repeats the last.

        Raises
        ------
        ValueError
            Naming the argument and its range.
        """
        depth = check_integer("depth", depth, 1, LARGEST_DEPTH)
        if self.widths is None or depth == 1:
            return replace(self, depth=depth, widths=None)
        further = depth - self.depth
        return replace(self, widths=(*self.widths[: depth - 1], *[self.widths[-1]] * further))

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """Units of every hidden layer, first layer first."""
        return (self.width,) * (self.depth - 1) if self.widths is None else self.widths

    @property
    def widest(self) -> int:
        """The most numbers that an example has anywhere in the network, inputs and outputs included."""
        return max(self.n_inputs, self.n_outputs, *self.hidden_sizes)

    @property
    def shape(self) -> float:
        """The activation's own parameter, 0 where it has none."""
        own = ACTIVATIONS[self.activation].shape
        return self.activation_shape if self.activation_shape is not None else own.default if own else 0.0

    @cached_property
    def layer_shapes(self) -> list[tuple[int, int]]:
        """``(fan_out, fan_in)`` of every layer, first layer first."""
        sizes = [self.n_inputs, *self.hidden_sizes, self.n_outputs]
        shapes = [(fan_out, fan_in) for fan_in, fan_out in pairwise(sizes)]
        once = {shape: shape for shape in shapes}
        return [once[shape] for shape in shapes]

    @cached_property
    def blocks(self) -> list[list[int]]:
        """The layers of every residual block, counted from 0."""
        return BLOCKS[self.block].blocks(self.layer_shapes) if RESIDUALS[self.residual].skips else []

    @cached_property
    def layers(self) -> list[LayerSpec]:
        """Every weight layer, first layer first; networks of one structure share them."""
        return _layers(
            tuple(self.layer_shapes),
            self.block,
            self.residual,
            self.norm_place if NORMALIZATIONS[self.normalization].normalizes else None,
            self.linear_output,
            ACTIVATIONS[self.activation].by_shape is not None,
        )

    @property
    def normalized_layers(self) -> list[bool]:
        """Whether each layer normalises something: its input, its pre-activations or its output."""
        return [layer.normalized_units > 0 for layer in self.layers]

    @property
    def skipped_layers(self) -> list[bool]:
        """Whether each layer's output is added to what its block got, instead of replacing it."""
        return [layer.closes for layer in self.layers]

    @property
    def weight_mean(self) -> float:
        """Mean of one weight as it is drawn."""
        return INITIALIZERS[self.initializer].weight_mean((self.uniform_low, self.uniform_high))

    def weight_factor(self, fan_in: int, fan_out: int, first: bool = False) -> float:
        """What unit random numbers are multiplied by to be weights of a layer ``fan_in -> fan_out``."""
        bounds = self.uniform_low, self.uniform_high
        return INITIALIZERS[self.initializer].factor(fan_in, fan_out, self.weight_std, bounds, first)

    def weight_variance(self, fan_in: int, fan_out: int, first: bool = False) -> float:
        """Variance of one weight as it is drawn, before ``weight_scale``."""
        bounds = self.uniform_low, self.uniform_high
        return INITIALIZERS[self.initializer].weight_variance(fan_in, fan_out, self.weight_std, bounds, first)

    @property
    def initial_gate(self) -> float:
        """What a residual branch is multiplied by at first."""
        return RESIDUALS[self.residual].gate(max(BLOCKS[self.block].length(self.depth, len(self.blocks)), 1))


# Scales, biases and initializers change more often than what layers there are, which takes longer than to run a small
# network.
@lru_cache(maxsize=64)
def _layers(
    shapes: tuple[tuple[int, int], ...],
    block: str,
    residual: str,
    norm_place: str | None,
    linear_output: bool,
    learned_shape: bool,
) -> list[LayerSpec]:
    """The layers of a spec; ``norm_place`` is ``None`` where nothing is normalised."""
    kind, connection = BLOCKS[block], RESIDUALS[residual]
    blocks = kind.blocks(list(shapes)) if connection.skips else []
    inside = {layer for layers in blocks for layer in layers}
    opening, closing = ({layers[end] for layers in blocks} for end in (0, -1))
    inner = connection.inner_scale(len(blocks), kind.matrices) if inside - closing else 1.0
    layers: list[LayerSpec] = []
    for layer, (fan_out, fan_in) in enumerate(shapes):
        last, closes = layer == len(shapes) - 1, layer in closing
        position = Position(
            fan_out=fan_out,
            fan_in=fan_in,
            first=layer == 0,
            last=last,
            inside=layer in inside,
            opens=layer in opening,
            closes=closes,
            linear=(last and linear_output) or (closes and kind.linear_end),
        )
        scale = connection.end_scale if closes else inner if position.inside else 1.0
        units = NORM_PLACES[norm_place].units(position) if norm_place is not None else 0
        learned = learned_shape and not position.linear
        made = LayerSpec(**vars(position), normalized_units=units, residual_scale=scale, learned_shape=learned)
        # Neighbours that are alike, or a block's of two apart, are one object: who keeps a network keeps few.
        layers.append(next((same for same in layers[-2:] if same == made), made))
    return layers
