"""Sentences of the lessons: how far off a guess was, and why a number is what it is."""

import math
from collections.abc import Mapping

from vanish.ui.chapters.updates.words import steps_to_match, times
from vanish.ui.kit.numbers import count, number, one_part_in, percent


def chosen(choice: str, truth: str, right: bool) -> str:
    """What became of a choice."""
    return f"Right: {truth}." if right else f"You said {choice}; it is {truth}."


def off(guess: float, measured: float) -> str:
    """How many times too large or too small a guess was."""
    said = f"You said {short(guess)}; measured: {short(measured)}."
    if not (0 < guess < math.inf and 0 < measured < math.inf):
        return f"{said} The two cannot be compared."
    decades = math.log10(guess) - math.log10(measured)
    factor = float(f"{10 ** abs(decades):.2g}") if abs(decades) < 300 else math.inf
    if factor == 1:
        return f"{said} Spot on."
    direction = "large" if decades > 0 else "small"
    times = f"{short(factor)} times too" if factor < math.inf else "far too"
    near = "Close: " if abs(decades) <= 1 else ""
    return f"{said} {near}{times} {direction}{f', {abs(decades):.1f} powers of ten' if abs(decades) >= 1 else ''}."


def short(value: float) -> str:
    """A number as one says it: 10⁻⁶, 262,144, 10 million; three digits of what is no whole number."""
    if not 1000 <= value < math.inf:
        return number(value)
    return count(value if value == round(value) else float(f"{value:.3g}"))


def off_share(guess: float, measured: float) -> str:
    """How many points a guess was off."""
    said = f"You said {guess:.0%}; measured: {percent(measured)}.".replace("%;", " %;")
    if not math.isfinite(measured):
        return f"{said} The two cannot be compared."
    points = 100 * (guess - measured)
    if abs(points) < 0.5:
        return f"{said} Spot on."
    near = "Close: " if abs(points) <= 10 else ""
    return f"{said} {near}{abs(points):.0f} points too {'high' if points > 0 else 'low'}."


def best_of(values: Mapping[str, float]) -> str | None:
    """The name with the largest finite value, if any."""
    kept = {name: value for name, value in values.items() if math.isfinite(value)}
    return max(kept, key=kept.__getitem__) if kept else None


def decay(slope: float, layers: int, left: float) -> str:
    """Why ten slopes leave so little."""
    return (
        f"{slope:g} times itself, {layers} factors in all, is {number(left)}: one for every layer that the gradient "
        f"passes, and sigmoid's slope is nowhere above 0.25. Between the last layer's gradient and the first one's are "
        f"{layers - 1} factors: {number(slope ** (layers - 1))}."
    )


def nearly_one(slope: float, layers: int, left: float) -> str:
    """Why a slope near 1 is not near enough."""
    share = f", {one_part_in(left)}" if one_part_in(left) else ""
    what = (
        "Any slope below 1 vanishes in the end: it only takes more layers."
        if slope < 1
        else "Only a slope of exactly 1 stays as it is."
        if slope == 1
        else "Any slope above 1 explodes in the end."
    )
    return f"{layers} factors of {slope:g} leave {number(left)} of the gradient{share}. {what}"


def rank(ratios: Mapping[str, float], strength: float) -> str:
    """Why the best is not the one that everybody names; ``strength`` is width times a weight's variance."""
    best = best_of(ratios)
    won = f"{_capital(best)} keeps most, {number(ratios[best])}." if best else "No ratio is a number."
    return (
        f"{won} Weights are factors too: width × variance of a weight is {number(strength)} here, and ReLU needs 2, "
        "because it passes on only about half of the squared gradient."
    )


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def he(before: float, after: float, stretch: float) -> str:
    """What a better start does; ``stretch`` is how many times larger it makes a weight."""
    times = f", {short(after / before)} times" if 0 < before < math.inf and 0 < after / before < math.inf else ""
    return (
        f"First / last layer goes from {number(before)} to {number(after)}{times}. The random numbers are the same; "
        f"He's rule makes each hidden weight {number(stretch)} times as large, and the gradient meets every layer's "
        "weights on its way back."
    )


def luck(share: float, n: int) -> str:
    """Whether one network is an exception."""
    said = f"Tanh keeps more of the gradient in {round(share * n)} of {n} random networks."
    if share > 0.9:
        return f"{said} So it is no luck of one seed: this start favors tanh."
    if share >= 0.5:
        return f"{said} More often than not, but one network alone proves little."
    return f"{said} One network alone proves little: look at many."


def torch_default(ratio: float, depth: int) -> str:
    """What PyTorch's default start does to a deep network."""
    share = f", {one_part_in(ratio)}" if one_part_in(ratio) else ""
    return (
        f"Layer 1 of {depth} gets {number(ratio)} of the last layer's gradient{share}. A new `torch.nn.Linear` draws "
        "its weights from ±1 / √fan_in (its biases, 0 here, too): on square layers a third of Xavier's variance. For a "
        "deep network choose the start yourself."
    )


def float16(size: float, floors: Mapping[str, float], lost: str) -> str:
    """Which number formats still hold a gradient; ``floors`` are their smallest numbers, ``lost`` one of them or
    ``none``."""
    said = f"Layer 1's gradient is {number(size)}"
    if lost not in floors:
        return f"{said}. All of these formats hold it: the smallest number above 0 is {number(max(floors.values()))}."
    return (
        f"{said}; the smallest number above 0 in {lost} is {number(floors[lost])}. So it is stored as 0, and no "
        "learning rate brings it back: training in float16 multiplies the loss by a large number first."
    )


def steps(ratio: float, depth: int) -> str:
    """How long layer 1 takes to catch up."""
    needed = steps_to_match(ratio)
    took = (
        "it never catches up"
        if needed == "never"
        else "there is no number of steps to name"
        if needed == "undefined"
        else f"{needed} steps of layer 1 go as far as one of layer {depth}"
    )
    return (
        f"On paper, by {depth - 1} slopes alone, layer 1 gets {number(ratio)} of layer {depth}'s dL/dz: {took}. That "
        "is how a bias moves. A weight's gradient is dL/dz × what its layer was given: the chapter measures both."
    )


# By so many times less signal has faded.
FADED = 100


def catching_up(before: float, after: Mapping[str, float], rate: str, weights: float, biases: float, depth: int) -> str:
    """What moves the layer whose weights hardly move: its step over their length with each change.

    ``rate``: the larger learning rate; ``weights`` and ``biases``: how many times as far the last layer's move as
    layer 1's before any change.
    """
    best = best_of(after)
    if best is None:
        return "No step can be measured."
    larger = "" if best == rate else f" {_capital(rate)} makes it {number(after[rate])} and changes every layer alike."
    # A weight's step is a bias's times the layer's input: where they part, the input has changed from layer to layer.
    both_ways = ": the signal had faded both ways" if biases > FADED * max(weights, 1.0) else ""
    return (
        f"{_capital(best)} moves the slowest layer's weights by {number(after[best])} of their length; before: "
        f"{number(before)}.{larger} Before, layer {depth}'s biases moved {times(biases)} times as "
        f"far as layer 1's, its weights {times(weights)} times{both_ways}."
    )


def digits(name: str, learned: bool, untrained: float, accuracy: float, first: float, last: float, depth: int) -> str:
    """Whether a network has learned to read; ``first`` and ``last`` are how far those layers' weights have moved."""
    became = "It has learned" if learned else "It has not learned"
    return (
        f"The {name} network gets {percent(accuracy)} of the test digits right; before training it got "
        f"{percent(untrained)}. {became}: layer 1's weights have moved by {number(first)} of their length at the "
        f"start, layer {depth}'s by {number(last)}."
    )


def what_helps(
    untrained: Mapping[str, float], accuracies: Mapping[str, float], learned: Mapping[str, bool], cure: str
) -> str:
    """Which change makes a network learn; ``cure`` changes what a layer leaves of the gradient."""
    best = best_of(accuracies)
    if best is None:
        return "No network can be tested."
    before = f"before training that network gets {percent(untrained[best])}"
    if not learned[best]:
        return f"No change is enough: the best, {best}, reaches {percent(accuracies[best])}; {before}."
    others = [value for name, value in accuracies.items() if name != best and math.isfinite(value)]
    second = f"; the next best {percent(max(others))}" if others else ""
    why = " It changes what each layer leaves of the gradient; more or larger steps do not." if best == cure else ""
    return f"{_capital(best)} reaches {percent(accuracies[best])}{second}; {before}.{why}"


def least_remedy(before: float, least: str, left: float, most: str, kept: float, four_times: float) -> str:
    """What the weakest and the strongest remedy do for a sigmoid network by themselves.

    ``four_times``: what Glorot's rule for the sigmoid leaves, Xavier's weights times four.
    """
    return (
        f"The ratio was {number(before)}; {least} alone makes it {number(left)}, {most} {number(kept)}. Xavier's "
        f"rule is made for tanh: Glorot's for the sigmoid draws weights four times as large, and leaves "
        f"{number(four_times)}."
    )


def sequence(ratio: float, steps: int, radius: float) -> str:
    """Why a plain recurrent network forgets."""
    alone = radius ** (steps - 1)
    rest = " The slopes of tanh take the rest." if ratio < alone else ""
    return (
        f"Step 1 of {steps} gets {number(ratio)} of the last step's gradient: the same matrix multiplies it at each of "
        f"the {steps - 1} steps back, and a largest eigenvalue of {radius:g} alone would leave {number(alone)}.{rest}"
    )


def gates(ratios: Mapping[str, float], steps: int) -> str:
    """Which cell keeps most along a sequence before training, and what a step leaves in each."""
    best = best_of(ratios)
    if best is None:
        return "No ratio is a number."
    factors = {name: ratio ** (1 / (steps - 1)) for name, ratio in ratios.items()}
    others = "".join(f", {name} {number(factor)}" for name, factor in factors.items() if name != best)
    return (
        f"{best} keeps most, {number(ratios[best])}: {number(factors[best])} a step{others}. Before training an update "
        "gate is about half open and keeps about half of the state (in PyTorch, 1 keeps it all), so half of the "
        "gradient. Gates can learn to open, as the race shows."
    )


def edge(ratios: Mapping[str, float], depth: int, border: float, lossless: float) -> str:
    """Where vanishing turns into exploding; ``lossless`` is first / last of a network that loses nothing."""
    place = f"has the border at {number(border)}" if math.isfinite(border) else "has no border here"
    ends = f"From scale {min(ratios, key=float)} to {max(ratios, key=float)}, first / last goes from "
    return (
        f"{ends}{short(ratios[min(ratios, key=float)])} to {short(ratios[max(ratios, key=float)])}; a network of "
        f"this shape that loses nothing has {number(lossless)}. Theory for wide networks {place}. The scale is a "
        f"factor of each of the {depth} layers: a little off is soon far off."
    )


def batch_norm(ratio: float, depth: int, width: int, lossless: float) -> str:
    """Why batch norm makes a deep ReLU network explode at the start; ``lossless`` is first / last of a network of the
    same shape that loses nothing."""
    factor = math.pi / (math.pi - 1)
    product = factor ** ((depth - 1) / 2)
    return (
        f"Layer 1 of {depth} gets {number(ratio)} times the last layer's gradient. In wide ReLU networks theory has "
        f"batch norm multiply its square by {number(factor)} a layer: {short(float(f'{product:.3g}'))} times. From one "
        f"output to {width} units it is divided by {number(1 / lossless)}: "
        f"{short(float(f'{product * lossless:.3g}'))} expected."
    )


def own_log(ratio: float, factor: float, depth: int) -> str:
    """What a log of a real run shows; ``factor``: per layer on the way back, fitted to all layers."""
    return (
        f"Layer 1 of {depth} gets {number(ratio)} times the last layer's gradient: on the way back each layer "
        f"multiplies it by {number(factor)}, by a line through all of them. All that is known of that network is a "
        "file of numbers: paste a log of your own into chapter Yours."
    )


def score(good: int, guessed: int, total: int) -> str:
    """A kind word on how it went."""
    if guessed == 0:
        return f"You looked at the {total} questions without guessing. Guess first next time."
    if guessed == 1:
        return "Your one guess was right or near. Well done." if good else "Your one guess was not near."
    said = f"{good} of your {guessed} guesses {'was' if good == 1 else 'were'} right or near"
    return f"{said}. Well done." if 2 * good >= guessed else f"{said}."
