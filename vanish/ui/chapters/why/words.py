"""What chapter ``why`` says."""

from collections.abc import Mapping, Sequence

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.ui.kit.numbers import SUPERSCRIPTS, number


def finding(slopes: Mapping[str, float], depth: int) -> str:
    """The chapter's headline: what the slope furthest from 1 does, by activation."""
    name, slope = max(slopes.items(), key=lambda item: abs(np.log(item[1])) if item[1] > 0 else np.inf)
    label, layers = ACTIVATIONS[name].label, "1 layer" if depth == 1 else f"{depth} layers"
    if slope == 1:
        return f"{layers} with a slope of exactly 1 {'leaves' if depth == 1 else 'leave'} the gradient as it is."
    left = f":{'orange' if slope < 1 else 'violet'}[{number(slope**depth)}]"
    verb = "leave" if slope < 1 else "make"
    return (
        f"{layers} with {label}’s ideal slope, {slope:g}, {verb if depth > 1 else verb + 's'} {left} "
        f"of a gradient of 1: {slope:g}{_power(depth)}."
    )


def fate(slope: float) -> str:
    """What a slope does to the gradient, for a card."""
    if slope == 1:
        return "is kept"
    return f"{'shrinks' if slope < 1 else 'grows'} at every layer"


def decay_reading(slopes: Mapping[str, float], depth: int) -> str:
    """What the decay chart shows, at the depth that is set."""
    parts = [f"**{name}** {slope:g}{_power(depth)} = {number(slope**depth)}" for name, slope in slopes.items()]
    return (
        f"Going back through a layer multiplies the gradient by the slope of its activation. After {depth} "
        f"{'layer' if depth == 1 else 'layers'}, the depth that is set: {', '.join(parts)}. "
        f"{_decay_moral(slopes, depth)}"
    )


def power(slope: float, depth: int) -> str:
    """A slope for every layer: 0.25¹⁰."""
    return f"{slope:g}{_power(depth)}"


def _power(n: int) -> str:
    return str(n).translate(SUPERSCRIPTS)


def _decay_moral(slopes: Mapping[str, float], depth: int) -> str:
    below = [name for name, slope in slopes.items() if slope < 1]
    above = [name for name, slope in slopes.items() if slope > 1]
    morals = []
    if below:
        morals.append(f"Any slope below 1 ({', '.join(below)}) shrinks it again at every layer")
    if above:
        morals.append(f"any slope above 1 ({', '.join(above)}) makes it grow without end")
    if len(below) + len(above) < len(slopes):
        morals.append("a slope of exactly 1 keeps it")
    text = "; ".join(morals) + "."
    return text[0].upper() + text[1:]


def decay_alt(slopes: Mapping[str, float]) -> str:
    """The decay chart in one line."""
    lines = ", ".join(f"{name} multiplies by {slope:g}" for name, slope in slopes.items())
    return f"Gradient left after a number of layers: {lines} at each layer"


def typical_tanh_reading(slope: float) -> str:
    """What a slope of tanh between 0 and 1 stands for."""
    if not 0 < slope < 1:
        return f"Tanh's slope is 1 at z = 0 and smaller everywhere else: {slope:g} is not typical of it."
    z = np.arctanh(np.sqrt(1 - slope))
    return (
        f"Why {slope:g} for tanh? Its slope is 1 at z = 0 only, and falls to {slope:g} at |z| = {number(z, 2)}: "
        "units are seldom exactly at 0, so a typical slope is below 1."
    )


def multiplication(slopes: Mapping[str, float], depth: int) -> str:
    """The smallest slope, multiplied out."""
    slope = min(slopes.values())
    factors = " × ".join([f"{slope:g}"] * min(depth, 3)) + (" × …" if depth > 3 else "")
    times = "time" if depth == 1 else "times"
    return f"**Repeated multiplication.** {factors} ({depth} {times}) = {number(slope**depth)}."


def pipe_note(name: str, left: float) -> str:
    """What stands over a row of pipes."""
    return f"{name}: {number(left)} is left"


def where_slopes_come_from(activations: Sequence[str]) -> str:
    """What is special about each activation's slope."""
    lines = [f"{ACTIVATIONS[name].label}: {ACTIVATIONS[name].explanation}" for name in activations]
    return f"**Where the slopes come from.** {' '.join(lines)}"


def take_aways(remedies: Sequence[str]) -> str:
    """What to take home from the chapter."""
    return (
        "- The gradient of an early layer is a product with one factor for every layer after it.\n"
        "- Factors below 1 on average make it vanish, factors above 1 make it explode; both get worse with depth, "
        "so stacking more layers makes a naive network worse, not better: the early layers stay where chance "
        "put them, and the later ones learn from what those make of the input.\n"
        "- The remedies all keep the average factor near 1, or give the gradient a way around the product: "
        f"{', '.join(f'**{remedy}**' for remedy in remedies)}. (Clipping is for the opposite problem.)"
    )
