"""From what a signal passes to the network of ours that is most like it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose, sqrt
from typing import Any

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.blocks import BLOCKS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.code.reading.items import Item, LeaveOut
from vanish.network.spec import LARGEST_DEPTH, LARGEST_WIDTH, NetworkSpec


@dataclass
class Weighted:
    """A weight layer on the way: its sizes, and what stands around it."""

    line: int
    n_in: int | None
    n_out: int | None
    activation: Item | None = None
    norms: tuple[tuple[str, Item], ...] = ()
    softmax: bool = False


@dataclass(frozen=True)
class Branch:
    """The weight layers of one residual block, counted from 0, and how it ends."""

    layers: tuple[int, ...]
    end: Item


def layers_and_branches(items: Sequence[Item], leave_out: LeaveOut) -> tuple[list[Weighted], list[Branch]]:
    """The weight layers in order, each with its activation and norms, and the residual blocks."""
    layers: list[Weighted] = []
    branches: list[Branch] = []
    opened: list[int] = []
    waiting: list[Item] = []
    closed = False
    for item in items:
        if item.kind == "linear":
            layers.append(Weighted(item.line, *item.sizes, norms=tuple(("pre", norm) for norm in waiting)))
            waiting, closed = [], False
        elif item.kind == "opens":
            if opened:
                leave_out(item.line, "a block within a block: only the outer one is kept")
            opened.append(len(layers))
        elif item.kind == "closes":
            start = opened.pop()
            if not opened and start < len(layers):
                branches.append(Branch(tuple(range(start, len(layers))), item))
                closed = True
        elif item.kind == "norm" and opened and opened[0] == len(layers):
            waiting.append(item)
        elif not layers:
            leave_out(item.line, "the inputs are changed before the first layer: left out")
        elif item.kind == "norm":
            place = "post" if closed or layers[-1].activation else "activation"
            layers[-1].norms += ((place, item),)
        elif item.kind == "softmax":
            layers[-1].softmax = True
            leave_out(item.line, "softmax belongs to the loss here: the outputs are left as they are")
        elif closed and not layers[-1].activation:
            leave_out(item.line, "an activation after the sum: here a block's activations stand within its branch")
        elif layers[-1].activation:
            leave_out(item.line, "a second activation on one layer: left out")
        else:
            layers[-1].activation = item
    return layers, branches


def assembled(
    layers: list[Weighted], branches: list[Branch], n_inputs: int | None, leave_out: LeaveOut
) -> dict[str, Any]:
    """Fields of ``NetworkSpec``, all but those of the weights."""
    block, residual = _residual(layers, branches, leave_out)
    fields = {
        **_sizes(layers, n_inputs, leave_out),
        **_activation(layers, branches, block, leave_out),
        **_norm(layers, leave_out),
        "residual": residual,
        "block": block,
    }
    if residual != "none":
        _compare(fields, branches, leave_out)
    return fields


def _sizes(layers: list[Weighted], said: int | None, leave_out: LeaveOut) -> dict[str, Any]:
    if len(layers) > LARGEST_DEPTH:
        leave_out(layers[LARGEST_DEPTH].line, f"networks here have at most {LARGEST_DEPTH} layers: cut there")
        del layers[LARGEST_DEPTH:]
    n_inputs = layers[0].n_in or said
    if n_inputs is None:
        n_inputs = NetworkSpec().n_inputs
        leave_out(layers[0].line, f"how many inputs it has is not in the code: {n_inputs} are taken")
    outs = []
    before = n_inputs
    for layer in layers:
        if layer.n_in is not None and layer.n_in != before:
            leave_out(layer.line, f"takes {layer.n_in:,} numbers where {before:,} come: {before:,} are taken")
        # One of unknown size hands on as many as it gets; `items` has said so.
        before = layer.n_out or before
        outs.append(before)
    sizes = [n_inputs, *outs]
    lines = [layers[0].line, *(layer.line for layer in layers)]
    for size, line in zip(sizes, lines, strict=True):
        if size > LARGEST_WIDTH:
            leave_out(line, f"{size:,} numbers: {LARGEST_WIDTH:,} are the most here")
    first, *hidden, last = (min(size, LARGEST_WIDTH) for size in sizes)
    if len(set(hidden)) > 1:
        return {"n_inputs": first, "widths": tuple(hidden), "n_outputs": last}
    own = {"width": hidden[0]} if hidden else {}
    return {"n_inputs": first, "depth": len(layers), **own, "n_outputs": last}


def _activation(layers: list[Weighted], branches: list[Branch], block: str, leave_out: LeaveOut) -> dict[str, Any]:
    linear_ends = {branch.layers[-1] for branch in branches} if block == "two" else set()
    hidden = [(place, layer) for place, layer in enumerate(layers[:-1]) if place not in linear_ends]
    own = layers[-1].activation
    counted = [layer.activation for _, layer in hidden if layer.activation]
    if not hidden and own:
        counted = [own]
    if not counted:
        return {"activation": "identity", "linear_output": True}
    chosen = Counter((one.name, one.shape) for one in counted).most_common(1)[0][0]
    label = ACTIVATIONS[chosen[0]].label
    for place, layer in enumerate(layers[:-1]):
        given = layer.activation
        if given is None and place not in linear_ends:
            leave_out(layer.line, f"no activation follows: here {label} follows every hidden layer")
        elif given is not None and place in linear_ends:
            leave_out(given.line, "an activation at the end of a block of two layers: here that end is linear")
        elif given is not None and (given.name, given.shape) != chosen:
            leave_out(given.line, f"another activation than most layers have: here all have {label}")
    linear = own is None or (own.name, own.shape) != chosen
    if own is not None and linear:
        leave_out(
            own.line,
            f"{ACTIVATIONS[own.name].label} on the outputs: here they are left as they are, or have {label} as well",
        )
    return {"activation": chosen[0], "activation_shape": chosen[1], "linear_output": linear}


def _norm(layers: list[Weighted], leave_out: LeaveOut) -> dict[str, Any]:
    found = [(place, norm.name, norm.line) for layer in layers for place, norm in layer.norms]
    if not found:
        return {}
    chosen = Counter((place, name) for place, name, _ in found).most_common(1)[0][0]
    label = NORMALIZATIONS[chosen[1]].label
    for place, name, line in found:
        if (place, name) != chosen:
            leave_out(line, f"another norm, or another place, than most layers have: here all have {label}")
    without = [layer for layer in layers[:-1] if not layer.norms]
    if without and chosen[0] == "activation":
        leave_out(without[0].line, f"no norm: here {label} is on every layer but the last")
    return {"normalization": chosen[1], "norm_place": chosen[0]}


def _residual(layers: list[Weighted], branches: list[Branch], leave_out: LeaveOut) -> tuple[str, str]:
    """Names of the kind of block, and of the residual connections."""
    if not branches:
        return "one", "none"
    known = {block.matrices: name for name, block in BLOCKS.items()}
    lengths = Counter(len(branch.layers) for branch in branches if len(branch.layers) in known)
    if not lengths:
        leave_out(branches[0].end.line, "residual blocks here have one or two layers: left out")
        return "one", "none"
    length = lengths.most_common(1)[0][0]
    for branch in branches:
        if len(branch.layers) != length:
            leave_out(branch.end.line, f"a block of another length than most: here all have {length}")
    ends = [branch.end for branch in branches]
    chosen = Counter((end.gate, end.learned) for end in ends).most_common(1)[0][0]
    for end in ends:
        if (end.gate, end.learned) != chosen:
            leave_out(end.line, "another factor than most blocks have: left out")
    return known[length], _kind(*chosen, len(layers), ends[0].line, leave_out)


def _kind(gate: float, learned: bool, depth: int, line: int, leave_out: LeaveOut) -> str:
    if gate == 0 and learned:
        return "rezero"
    if learned and gate == 1:
        leave_out(line, "a learned factor that starts at 1: here it stays 1")
    elif gate == 0.5:
        return "half"
    elif depth > 1 and isclose(gate, 1 / sqrt(depth), rel_tol=0.2):
        return "scaled"
    elif gate != 1:
        leave_out(line, f"a factor of {gate:g} on the branch: 1 is taken")
    return "identity"


def _compare(fields: dict[str, Any], branches: list[Branch], leave_out: LeaveOut) -> None:
    """Which layers the code has in blocks that ours has not, and the other way around."""
    sized = {key: fields[key] for key in ("depth", "width", "widths", "n_inputs", "n_outputs") if key in fields}
    ours = NetworkSpec(residual=fields["residual"], block=fields["block"], **sized).blocks
    theirs = [list(branch.layers) for branch in branches]
    if ours != theirs:
        count = f"{len(ours)} {'block' if len(ours) == 1 else 'blocks'}"
        leave_out(
            branches[0].end.line,
            f"{len(theirs)} in the code: here every layer, or pair, with as many outputs as inputs is one, "
            f"which makes {count}",
        )
