"""What chapter ``map`` says."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.theory.correlation import TRAINABLE_SCALES
from vanish.ui.kit.numbers import number, percent

# What the map is drawn over.
AXES: Mapping[str, str] = {"depth": "Depth", "bias_std": "Bias standard deviation"}

# Why theory has nothing to draw.
RESIDUAL = "Theory's lines are of plain networks; with residual connections none is drawn."
OF_WEIGHTS = (
    "Theory's lines are of the signal on its way back, dL/dz. The magnitude that is set is of weights, in which the "
    "forward signal has its share: no line is drawn."
)
WEIGHT_MEAN = "Theory's lines are of weights that are as often negative as positive; with these none is drawn."
# Why there is no dotted line.
NORMALIZED = "No dotted line: theory here does not follow two inputs through normalized layers."
MADE_FOR_INPUTS = "No dotted line: LSUV makes the weights for its inputs, and theory here is of weights that are not."
UNLIKE_LAYERS = (
    "No dotted line: with these layer sizes, this initialization gives layers unequal σ_w², and no one ξ_c fits them "
    "all."
)
UNEQUAL = "The dotted line does not depend on the layer sizes: theory is of wide networks, however wide each layer is."
DASHED = "Dashed: how deep a wide network can be before its gradient vanishes or explodes, by theory."
# How near to 1 a factor is called 1.
ONE = 1e-9


def too_large(over: float) -> str:
    """Why there is no map: ``over`` is how many times the limit it takes."""
    return (
        f"The map is not drawn: even with four cells it takes {over:.1f} times what the page has for it. That of "
        "narrower or shallower networks is, or with another initialization."
    )


def legend(
    label: str, n_seeds: int, n_examples: int, least: float, most: float, unequal_depths: bool, gray: bool
) -> str:
    """What the map's colors mean; ``least``, ``most``: yardsticks of the shapes on it; ``unequal_depths``: the map is
    over depths of a network whose hidden layers differ in size; ``gray``: it has cells without a number."""
    low, high = number(least), number(most)
    whose = "of one network" if n_seeds == 1 else f"the median of {n_seeds} networks"
    lossless = (
        f", divided by what a network of its shape has that loses nothing, {low} to {high}"
        if low != high
        else f", divided by {low}, which a network of this shape has that loses nothing"
        if most != 1
        else ""
    )
    click = (
        "click a cell to take its weight scale. A shallower network has the first of the layer sizes, a deeper one "
        "repeats the last hidden one"
        if unequal_depths
        else "click a cell to go there"
    )
    without = "; gray: half of the networks or more are dead or overflow" if gray else ""
    return (
        f"**{label}**: color is the first layer's gradient over the last one's{lossless}, {whose}, measured on "
        f"{'one example' if n_examples == 1 else f'{n_examples} examples'}. Orange vanishes, violet explodes"
        f"{without}. The ring is where the controls are; {click}."
    )


def alt_text(label: str, against: str, trainable: str | None) -> str:
    """The map in words, for those who hear the page."""
    return f"Map of first over last layer for {label}: weight scale against {against}." + (
        f" {trainable}" if trainable else ""
    )


def progress(n_networks: int, share: float) -> str:
    """How far the measurement is."""
    return f"Measuring {n_networks} networks: {100 * share:.0f} %"


def formula(reach: float, at_depth: int | None) -> str:
    """What theory's lines are; ``reach`` is in depth scales; ``at_depth``: the depth of a map against biases."""
    if at_depth:
        return (
            "Mean-field theory of wide networks (Poole et al. 2016, Schoenholz et al. 2017): each hidden layer "
            "multiplies the squared gradient dL/dz by χ, computed at the fixed point q* of the pre-activations' "
            f"variance. The solid line is where χ = 1. On the dotted one {TRAINABLE_SCALES} ξ_c is the present depth, "
            f"{at_depth}, ξ_c being the layers over which the correlation of two inputs comes e-fold nearer to its "
            "limit: between it and the solid line, such deep networks were trained in practice. Narrow networks "
            "scatter around both."
        )
    return (
        "Mean-field theory of wide networks (Poole et al. 2016, Schoenholz et al. 2017): each hidden layer multiplies "
        "the squared gradient dL/dz by χ, computed at the fixed point q* of the pre-activations' variance. The solid "
        "line is where χ = 1, the dashed one how deep a wide network can be before the ratio, over a lossless "
        f"network's, leaves {VANISHING_BELOW:g} to {EXPLODING_ABOVE:g}: {reach:.1f} depth scales ξ. The dotted "
        f"line is {TRAINABLE_SCALES} ξ_c deep, ξ_c being the layers over which the correlation of two inputs comes "
        "e-fold nearer to its limit: to about there, networks were trained in practice. Narrow networks "
        "scatter around both."
    )


def cell(
    against: str, place: float, weight_scale: float, ratio: float, state: str, dead: float, overflow: float
) -> str:
    """A cell of the map, for those who hear the page."""
    shares = [f"{percent(share)} {what}" for share, what in ((dead, "dead"), (overflow, "overflow")) if share]
    lost = f" ({', '.join(shares)})" if shares else ""
    where = f"{AXES[against].lower()} {place:g}, weight scale {weight_scale:g}"
    return f"{where}: first / last {number(ratio)}, {state}{lost}"


def finding(label: str, scales: Sequence[float], states: Sequence[str], where: str) -> str:
    """The map's own finding, in Markdown: for which of the rising weight scales one row of it is healthy."""
    if all(state == "healthy" for state in states):
        return f"At {where}, {label} keeps its gradient :green[at every weight scale] of the map."
    healthy = [scale for scale, state in zip(scales, states, strict=True) if state == "healthy"]
    if not healthy:
        return f"At {where}, {label} keeps its gradient at :orange[no weight scale] of the map."
    span = f"{healthy[0]:.2f}" if len(healthy) == 1 else f"{healthy[0]:.2f} to {healthy[-1]:.2f}"
    inside = [state for scale, state in zip(scales, states, strict=True) if healthy[0] <= scale <= healthy[-1]]
    gaps = "" if all(state == "healthy" for state in inside) else ", with gaps"
    return f"At {where}, {label} keeps its gradient at weight scales of :green[{span}]{gaps}."


def output_off(label: str, share: float, where: str) -> str:
    """The finding where most networks that are dead are so at their output; ``share`` of the row's networks."""
    return (
        f"At {where}, the output of the {label} network itself is off in :red[{percent(share)}] of these networks: no "
        "gradient sets out, which says nothing about the layers below."
    )


def row_reading(scales: Sequence[float], states: Sequence[str], lost: Sequence[float], where: str) -> str:
    """One row of the map in words: what happens below and above, and how many networks are dead or overflow."""
    parts = []
    # Stretch by stretch: a state may come again.
    for state, stretch in groupby(zip(scales, states, strict=True), key=lambda pair: pair[1]):
        here = [scale for scale, _ in stretch]
        parts.append(f"{state} at {here[0]:.2f}" if len(here) == 1 else f"{state} from {here[0]:.2f} to {here[-1]:.2f}")
    worst = max(lost)
    partly = 0 < min((share for share in lost if share > 0), default=0.0) < 1
    lines = f"At {where}, by weight scale: {'; '.join(parts)}."
    if partly:
        at = scales[list(lost).index(worst)]
        lines += f" Up to {percent(worst)} of the networks of a cell are dead or overflow (at {at:.2f})."
    return lines


def border(scale: float, factor: float, reason: str) -> str:
    """What theory says of the border; nan where there is no such number."""
    if reason:
        return reason
    if np.isfinite(scale):
        return (
            f"Theory of wide networks has the border at a weight scale of {number(scale)} (solid line): below it "
            "gradients shrink from layer to layer, above it they grow."
        )
    if np.isfinite(factor):
        if abs(factor - 1) <= ONE:
            return "Theory: in wide networks every weight scale keeps the gradient's size from layer to layer."
        return (
            "Theory: the weight scale cancels out. In wide networks every layer multiplies the squared gradient by "
            f"{number(factor)} on its way back, at every weight scale."
        )
    return "Theory has no border here: no weight scale from 0.01 to 100 keeps the gradient's size from layer to layer."


def trainable(depth: float, weight_scale: float, at_depth: int | None, drawn: bool) -> str | None:
    """How deep networks of the present weight scale were trained, ``depth`` being 6 ξ_c; nothing where it is nan.

    ``at_depth``: the networks' own depth, on a map against biases; ``drawn``: whether the dotted line is on the map.
    """
    if np.isnan(depth):
        return None
    line = (
        f"On the dotted line {TRAINABLE_SCALES} ξ_c is the present depth, {at_depth}."
        if at_depth
        else f"The dotted line is {TRAINABLE_SCALES} ξ_c deep."
    )
    dotted = f" {line}" if drawn else ""
    if np.isinf(depth):
        return (
            f"At weight scale {weight_scale:g}, theory knows no depth at which all inputs come out alike (ξ_c is "
            f"infinite): from that side nothing limits how deep a network can be trained.{dotted}"
        )
    return (
        f"At weight scale {weight_scale:g}, wide networks can be trained to about {number(depth)} layers "
        f"({TRAINABLE_SCALES} ξ_c, Schoenholz et al. 2017): in deeper ones, how alike two inputs come out says "
        f"next to nothing of how alike they went in.{dotted}"
    )
