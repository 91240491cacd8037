"""What chapter ``why`` says."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from vanish.choices.activations import ACTIVATIONS
from vanish.numerics.arrays import Array
from vanish.theory.gaussian import gaussian_moments
from vanish.ui.kit.numbers import SUPERSCRIPTS, number, one_part_in

# The one of the original program's remedies that is no remedy for vanishing.
CLIPPING = "Gradient clipping"


# Shares that have a word of their own.
SHARES = {
    0.0: "nothing",
    0.1: "a tenth",
    0.2: "a fifth",
    0.25: "a quarter",
    0.5: "half",
    0.75: "three quarters",
    1.0: "all",
}


def furthest(slopes: Mapping[str, float]) -> str:
    """The activation whose slope is furthest from 1, in powers."""
    return max(slopes, key=lambda name: abs(np.log(slopes[name])) if slopes[name] > 0 else np.inf)


def finding(slopes: Mapping[str, float], depth: int) -> str:
    """The chapter's headline: what the slope furthest from 1 does, by activation, told as the telephone game."""
    name = furthest(slopes)
    slope = slopes[name]
    who = "1 person whispers a message on," if depth == 1 else f"{depth} people whisper a message on, each"
    layers = f"{depth} layer{'' if depth == 1 else 's'} of {ACTIVATIONS[name].label}"
    return f"{who} {_share(slope)} what they hear: {_arrives(slope**depth, slope)}, just like the gradient in {layers}."


def _share(slope: float) -> str:
    """How much of what was heard somebody passes on."""
    return f"{slope:g} times" if slope > 1 else f"{SHARES.get(slope, f'{slope:g}')} of"


def _arrives(left: float, slope: float) -> str:
    """What is left of a message at the end of the row."""
    if slope == 1:
        return "all of it arrives"
    figure = f":{'orange' if slope < 1 else 'violet'}[{number(left)}]"
    if left == 0:
        return f"{'nothing' if slope == 0 else 'less than a computer can hold'} arrives ({figure})"
    part = one_part_in(left)
    return f"{part} arrives ({figure})" if part else f"{figure} {'of it' if slope < 1 else 'times as much'} arrives"


def whisper(name: str, slope: float) -> str:
    """The chapter's first sentences: what the row of people has to do with a network, and that it can be dragged."""
    most = ", the most that it can" if (name, slope) == ("sigmoid", 0.25) else ""
    return (
        "**The telephone game.** A network learns by a message, the gradient, that is whispered back from layer to "
        f"layer. An ideal {ACTIVATIONS[name].label} layer passes on {_share(slope)} what it hears{most}. Drag *Each "
        "passes on*: the picture answers at once."
    )


WHISPER_ALT = (
    "A row of people who whisper a message on: a disc for what each hears, in a ring for all of it. Two sliders below "
    "change how much each passes on and how many people there are"
)


def network(name: str, slope: float) -> str:
    """What a network of ideal layers is called."""
    return f"{ACTIVATIONS[name].label}, slope {slope:g}"


def decay_reading(slopes: Mapping[str, float], depth: int) -> str:
    """What the decay chart shows, at the depth that is set, by activation."""
    parts = [
        f"**{ACTIVATIONS[name].label}** {power(slope, depth)} = {number(slope**depth)}"
        for name, slope in slopes.items()
    ]
    layers = "1 layer" if depth == 1 else f"{depth} layers"
    between = (
        f" That counts every layer. The other chapters compare layer 1 with layer {depth}: between them is one factor "
        f"less, {depth - 1}."
        if depth > 1
        else ""
    )
    return (
        "Going back through a layer multiplies the gradient by the slope of its activation: how much the output "
        f"changes when the input does. After {layers}, the depth "
        f"that is set: {', '.join(parts)}. {_decay_moral(slopes, depth)}{between}"
    )


def power(slope: float, depth: int) -> str:
    """A slope for every layer: 0.25¹⁰."""
    return f"{slope:g}{_power(depth)}"


def _power(n: int) -> str:
    return str(n).translate(SUPERSCRIPTS)


def _decay_moral(slopes: Mapping[str, float], depth: int) -> str:
    below = [ACTIVATIONS[name].label for name, slope in slopes.items() if slope < 1]
    above = [ACTIVATIONS[name].label for name, slope in slopes.items() if slope > 1]
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
    lines = ", ".join(f"{ACTIVATIONS[name].label} multiplies by {slope:g}" for name, slope in slopes.items())
    return f"Gradient left after a number of layers: {lines} at each layer"


@lru_cache(maxsize=1)
def _tanh_slopes() -> tuple[Array, Array]:
    """Standard deviations of z, rising, and the mean slope of tanh over each."""
    spreads = np.logspace(-3, 4, 400)
    return spreads, gaussian_moments("tanh", np.square(spreads)).mean_abs_slope


def typical_tanh_reading(slope: float) -> str:
    """What a slope of tanh between 0 and 1 stands for."""
    if not 0 < slope < 1:
        return f"Tanh's slope is 1 at z = 0 and smaller everywhere else: {slope:g} is not typical of it."
    spreads, slopes = _tanh_slopes()
    spread = np.interp(slope, slopes[::-1], spreads[::-1])
    return (
        f"Why {slope:g} for tanh? Its slope is 1 at z = 0 and falls on both sides: {slope:g} is its mean where z is "
        f"normal with a standard deviation of about {number(spread, 2)}. Where the weights are small, z is smaller and "
        "the slope nearer to 1; then it is the weights that make the gradient shrink."
    )


def telephone(slopes: Mapping[str, float], people: int, depth: int) -> str:
    """What the row of people shows."""
    shown = f"; the row shows the first {people} of {depth}" if people < depth else ""
    kept = "; at a slope of 1 all of it arrives" if 1 in slopes.values() else ""
    return f"They whisper on what was heard, multiplied by the slope: the disc is what is left{kept}{shown}."


def multiplication(slopes: Mapping[str, float], depth: int, shown: int) -> str:
    """The smallest slope, multiplied out; the chart shows so many factors."""
    slope = min(slopes.values())
    factors = " × ".join([f"{slope:g}"] * min(depth, 3)) + (" × …" if depth > 3 else "")
    times = "time" if depth == 1 else "times"
    first = f" The chart shows the first {shown} factors." if shown < depth else ""
    return f"{factors} ({depth} {times}) = {number(slope**depth)}.{first}"


def pipe_note(name: str, left: float, beyond: bool) -> str:
    """What stands over a row of pipes."""
    return f"{name}: {number(left)} is left{' (beyond the scale)' if beyond else ''}"


def where_slopes_come_from(activations: Sequence[str]) -> str:
    """What is special about each activation's slope."""
    lines = [f"- **{ACTIVATIONS[name].label}**: {ACTIVATIONS[name].explanation}" for name in activations]
    return "\n".join(lines)


def take_aways(remedies: Sequence[str]) -> str:
    """What to take home from the chapter; the remedies are the original program's, in its order."""
    vanishing = [remedy for remedy in remedies if remedy != CLIPPING]
    return (
        "- The gradient of an early layer is a product with one factor for every layer after it and one for its own "
        "slope.\n"
        "- Factors below 1 on average make it vanish, factors above 1 make it explode; both get worse with depth. In a "
        "naive network more layers then make it harder to learn: early layers hardly move, and later ones have to work "
        "with what those happen to make of the input.\n"
        "- Remedies keep the average factor near 1, or add a path for the gradient past the product: "
        f"{', '.join(f'**{remedy}**' for remedy in vanishing)}. **{CLIPPING}** is for the opposite problem, a gradient "
        "that explodes."
    )
