"""What a signal has passed as a plain list: weight layers, activations, norms, and where blocks begin and end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vanish.choices.activations import ACTIVATIONS
from vanish.code.reading.values import Around, Dotted, Layer
from vanish.code.reading.vocabulary import (
    ACTIVATION_NAMES,
    DROPOUT,
    LINEAR,
    NORM_NAMES,
    PASSING,
    SOFTMAX,
)

LeaveOut = Callable[[int, str], None]

Kind = Literal["linear", "activation", "norm", "softmax", "opens", "closes"]


@dataclass(frozen=True)
class Item:
    """``name``: of the activation or the norm; ``sizes``: inputs and outputs of a weight layer, ``None`` where unknown;
    ``shape``: the activation's own number; ``gate`` and ``learned``: of a block that ends; ``layer``: the call."""

    kind: Kind
    line: int
    name: str = ""
    sizes: tuple[int | None, int | None] = (None, None)
    shape: float | None = None
    gate: float = 1.0
    learned: bool = False
    layer: Layer | None = None


def items_of(passed: tuple[Any, ...], leave_out: LeaveOut) -> Iterator[Item]:
    """Everything that a signal has passed, in order; what has no counterpart is told to ``leave_out``."""
    for one in passed:
        if isinstance(one, Around):
            yield Item("opens", one.line)
            yield from items_of(one.branch, leave_out)
            yield Item("closes", one.line, gate=one.gate, learned=one.learned)
        elif isinstance(one, Layer):
            yield from _items_of_layer(one, leave_out)


def n_inputs_said(passed: tuple[Any, ...]) -> int | None:
    """How many numbers an example has, where Keras' code says it: ``input_shape``, ``input_dim``, ``Input(shape)``."""
    for one in passed:
        if isinstance(one, Layer):
            given = next((one.kwargs[key] for key in ("input_shape", "shape", "input_dim") if key in one.kwargs), None)
            if given is None and one.name in ("Input", "InputLayer") and one.args:
                given = one.args[0]
            sizes = given if isinstance(given, list | tuple) else (given,)
            known = [size for size in sizes if type(size) is int and size > 0]
            if known and len(known) == len(sizes):
                product = 1
                for size in known:
                    product = min(product * size, 10**9)
                return product
    return None


def _items_of_layer(layer: Layer, leave_out: LeaveOut) -> Iterator[Item]:
    name, line = layer.name, layer.line
    if name in LINEAR:
        yield from _linear(layer, leave_out)
    elif name == "Activation":
        yield from _activation(layer.argument(0, "activation"), line, leave_out)
    elif name in SOFTMAX:
        yield Item("softmax", line, layer=layer)
    elif name in DROPOUT:
        leave_out(line, "dropout: left out, gradients here are those of the whole network")
    elif name in NORM_NAMES:
        yield Item("norm", line, NORM_NAMES[name], layer=layer)
    elif name in PASSING:
        return
    elif ACTIVATION_NAMES.get(name) is not None:
        own = str(ACTIVATION_NAMES[name])
        yield Item("activation", line, own, shape=_shape(own, layer, leave_out))
    else:
        leave_out(line, "no network here has such a layer: left out")


def _linear(layer: Layer, leave_out: LeaveOut) -> Iterator[Item]:
    keras = layer.name == "Dense"
    sizes: tuple[int | None, int | None]
    if keras or layer.name == "LazyLinear":
        sizes = None, _size(layer.argument(0, "units", "out_features"))
    else:
        sizes = _size(layer.argument(0, "in_features")), _size(layer.argument(1, "out_features"))
    if sizes[1] is None:
        leave_out(layer.line, "how many outputs it has is not known before the code runs: as many as inputs are taken")
    bias = layer.argument(-1, "use_bias") if keras else layer.argument(2, "bias")
    if bias is False:
        leave_out(layer.line, "a layer without biases: here every layer has them, and they start at 0")
    yield Item("linear", layer.line, layer.name, sizes, layer=layer)
    if keras and (given := layer.argument(1, "activation")) is not None:
        yield from _activation(given, layer.line, leave_out)


def _activation(given: Any, line: int, leave_out: LeaveOut) -> Iterator[Item]:
    """Of an activation that Keras has by its name, as a function or as a layer."""
    if isinstance(given, Layer):
        yield from _items_of_layer(given, leave_out)
        return
    name = given.last if isinstance(given, Dotted) else given
    if name in SOFTMAX:
        yield Item("softmax", line)
    elif isinstance(name, str) and ACTIVATION_NAMES.get(name) is not None:
        own = ACTIVATION_NAMES[name]
        # Keras' own default: as a word it is TensorFlow's 0.2.
        yield Item("activation", line, str(own), shape=0.2 if own == "leaky_relu" else None)
    elif name not in ("linear", None):
        leave_out(line, "no network here has such an activation: left out")


def _size(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


# Where a module's own number stands among its arguments, and what else it is called.
_SHAPES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "leaky_relu": (0, ("negative_slope", "alpha")),
    "prelu": (1, ("init",)),
    "elu": (0, ("alpha",)),
}


def _shape(name: str, layer: Layer, leave_out: LeaveOut) -> float | None:
    """An activation's own number, where the code says one that is in the range."""
    if name == "sin":
        factor = layer.args[0] if layer.args else None
        if factor != 30:
            leave_out(layer.line, "a sine of another frequency: here it is sin(30 z)")
        return None
    if name not in _SHAPES:
        return None
    place, names = _SHAPES[name]
    given, own = layer.argument(place, *names), ACTIVATIONS[name].shape
    if given is None or own is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not own.low <= given <= own.high:
        leave_out(layer.line, f"{own.name} is not a number from {own.low:g} to {own.high:g}: {own.default:g} is taken")
        return None
    return float(given)
