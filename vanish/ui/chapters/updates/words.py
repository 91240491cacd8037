"""What chapter ``updates`` says."""

from collections.abc import Mapping, Sequence

import numpy as np

from vanish.ui.chapters.updates.controls import Quantity
from vanish.ui.kit.numbers import MINUS, count, number
from vanish.ui.kit.verdicts import numbered

# A signal that arrives with less of its size than this has faded.
FADED_BELOW = 0.01

BIASES_CANCELLED = "Batch norm takes a hidden layer's bias out again: its step is 0 but for rounding."

GIVEN = "**What the layers are given on the way forward** (RMS)"

ON_THE_WAY_FORWARD = (
    "A weight that is given next to nothing stands still. "
    "Where the signal fades both on the way forward and on the way back, no layer moves much:"
)

ON_PAPER = "**On paper**: dL/dz alone, as if sigmoid always had its largest slope and ReLU were always on"


def introduction(learning_rate: float) -> str:
    """What a step is, and what the idealized table leaves out."""
    rate = f"{learning_rate:g}".replace("-", MINUS)
    return (
        f"A step moves a weight by learning rate × its gradient, here {rate} × its gradient, which is dL/dz "
        "× what the layer was given. On paper we compare dL/dz alone, by which a **bias** moves; measured, **weights** "
        "and biases are told apart."
    )


def measured_how(batch_size: int, over_batch: bool) -> str:
    """What the measured step is a step of."""
    if over_batch:
        at_outputs = "when the gradient at each output is +1 or −1, another for each example"
    else:
        at_outputs = "when the gradient at every output is 1"
    over = f", summed over {batch_size} examples" if batch_size > 1 else ""
    return f"**Measured**: the first step of the present networks, {at_outputs}{over}"


def formula() -> str:
    """What the formula shows."""
    return (
        "Gradient descent with learning rate η: h is what the layer was given. On paper the layers are compared by "
        "dL/dz, measured by the size of ΔW or Δb."
    )


def steps_to_match(ratio: float) -> str:
    """How many steps layer 1 needs to move as far as the last layer does in one; ``ratio`` is first / last."""
    if not ratio > 0 or not np.isfinite(1 / ratio):
        return "never" if ratio == 0 else "undefined"
    # A whole number of steps, but for what rounding leaves above one.
    return count(np.ceil(1 / ratio * (1 - 1e-12)))


def times(factor: float) -> str:
    """How many times as far: 2.35, 1,525, 444 million."""
    return number(factor) if factor < 1000 else count(factor)


def moved(first: float, last: float) -> tuple[str, float]:
    """Who moves further, ``last``, ``first``, ``same`` or why nobody can be named, and how many times as far."""
    if not (np.isfinite(first) and np.isfinite(last)):
        return "undefined", np.nan
    if first == 0 or last == 0:
        return ("neither" if first == last else "only last" if first == 0 else "only first"), np.nan
    with np.errstate(over="ignore"):
        ratio = float(np.float64(last) / first)
    if not 0 < ratio < np.inf:
        return "undefined", np.nan
    if times(max(ratio, 1 / ratio)) == "1":
        return "same", 1.0
    return ("last", ratio) if ratio > 1 else ("first", 1 / ratio)


def _keeps_up(first: float, last: float) -> str:
    """What layer 1 has to do to keep up with the last layer."""
    who, factor = moved(first, last)
    if who == "last":
        return f"layer 1 needs **{steps_to_match(first / last)} steps** to move as far"
    return {
        "first": f"layer 1 moves further, {times(factor)} times as far",
        "same": "layer 1 keeps up",
        "only last": "layer 1 stands still",
        "only first": "the last layer stands still",
        "neither": "neither moves",
        "undefined": "they cannot be compared",
    }[who]


def ideal_reading(name: str, first: float, last: float, n_layers: int) -> str:
    """How far layer 1 moves in a step on paper, and how many it needs to keep up with the last layer."""
    if n_layers == 1:
        return f"**{name}**: one layer, which moves by {number(last)} in a step."
    moves = f"**{name}**: in one step layer {n_layers} moves by {number(last)}, layer 1 by {number(first)}"
    return f"{moves}: {_keeps_up(first, last)}."


def measured_reading(
    name: str,
    quantity: Quantity,
    first: float,
    last: float,
    first_bias: float,
    last_bias: float,
    n_layers: int,
    over_batch: bool,
) -> str:
    """The same of the measured network's weights, with its biases beside them.

    ``over_batch``: whether the network is normalised over the batch, which takes the biases out again.
    """
    if n_layers == 1:
        return (
            f"**{name}**: one layer, whose {quantity.what} {quantity.verb} by {number(last)}{quantity.unit} in a step."
        )
    if moved(first, last)[0] == "undefined":
        of_zero = "the weights' own length is 0, or " if quantity.column == "relative_length" else ""
        return (
            f"**{name}**: the steps of layer 1's and layer {n_layers}'s {quantity.what} cannot be compared: {of_zero}a "
            "number is not finite."
        )
    line = (
        f"**{name}**: in one step layer {n_layers}'s {quantity.what} {quantity.verb} by {number(last)}{quantity.unit}, "
        f"layer 1's by {number(first)}: {_keeps_up(first, last)}"
    )
    if over_batch:
        return f"{line}. {BIASES_CANCELLED}"
    return f"{line}." if quantity.of_biases else f"{line}. Biases: {_keeps_up(first_bias, last_bias)}."


def forward_reading(name: str, first_input: float, last_input: float, furthest: float, n_layers: int) -> str:
    """What became of the signal on its way forward; ``furthest`` is the largest step over a layer's weights' length."""
    moves = (
        "no layer's weights move"
        if furthest == 0
        else f"no layer's weights move by more than {number(furthest)} of their length"
        if np.isfinite(furthest)
        else "no largest step over the weights' length can be named"
    )
    if n_layers == 1:
        return f"**{name}**: {number(first_input)} at the only layer; {moves}."
    given = f"{number(first_input)} at layer 1, {number(last_input)} at layer {n_layers}"
    if not (np.isfinite(first_input) and np.isfinite(last_input)) or first_input == 0:
        return f"**{name}**: {given}; {moves}."
    left = last_input / first_input
    if left < FADED_BELOW:
        return f"**{name}**: {given}, {_share(left)}: the signal has faded on its way forward, and {moves}."
    return f"**{name}**: {given}, {_share(left)}; {moves}."


def _share(left: float) -> str:
    if left == 0:
        return "nothing of it"
    if left < 1e-4:
        return f"{number(left)} of it"
    return f"{number(100 * left)}\N{NO-BREAK SPACE}% of it" if left < 1 else f"{number(left)} times as much"


def finding(
    steps: Mapping[str, tuple[float, float]], quantity: Quantity, n_layers: int, over_batch: bool = False
) -> str:
    """The top of the page: what one measured step does to first and last layer of the network where they differ most.

    ``steps``: how far the first and the last layer move, by the network's label.
    """
    if n_layers == 1:
        return "One layer alone: there is no other to keep up with."
    if over_batch and quantity.of_biases:
        return BIASES_CANCELLED
    label = min(steps, key=lambda name: _balance(*steps[name]))
    who, factor = moved(*steps[label])
    here, what, by = f"In the {label} network one step moves", quantity.what, quantity.by
    return {
        "last": f"{here} layer {n_layers}'s {what} {times(factor)} times as far as layer 1's{by}.",
        "first": f"{here} layer 1's {what} {times(factor)} times as far as layer {n_layers}'s{by}.",
        "same": f"{here} layer 1's {what} as far as layer {n_layers}'s{by}.",
        "only last": f"{here} layer {n_layers}'s {what}, and layer 1's not at all.",
        "only first": f"{here} layer 1's {what}, and layer {n_layers}'s not at all.",
        "neither": f"{here} neither layer 1's {what} nor layer {n_layers}'s.",
        "undefined": f"In the {label} network the steps of first and last layer cannot be compared{by}.",
    }[who]


def one_example(still: Sequence[int]) -> str:
    """Why hidden layers stand still where batch norm has a single example; ``still``: those without a gradient."""
    return (
        f"With one example, batch norm makes the gradient of {numbered(still)} exactly 0 by construction: each value "
        "less its own mean."
    )


def _balance(first: float, last: float) -> tuple[int, float]:
    """The least balanced is smallest."""
    who, factor = moved(first, last)
    order = ("undefined", "neither", "only first", "only last")
    return (order.index(who), 0.0) if who in order else (len(order), -factor)


def card_value(first: float, last: float) -> str:
    """How many times as far the last layer moves."""
    who, _ = moved(first, last)
    return times(last / first) if who in ("first", "last", "same") else "–"


def card_note(first: float, last: float) -> str:
    """A word or two under how many times as far the last layer moves."""
    return {
        "last": "the last moves further",
        "first": "the first moves further",
        "same": "both alike",
        "only last": "the first stands still",
        "only first": "the last stands still",
        "neither": "neither moves",
        "undefined": "cannot be compared",
    }[moved(first, last)[0]]


def alt(quantity: Quantity) -> str:
    """The measured chart, for those who hear the page."""
    return f"{quantity.title} in every layer, measured"
