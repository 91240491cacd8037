"""What a control can be set to, for each kind of control; a new kind says so here, once."""

from functools import singledispatch

from hypothesis import strategies as st

from vanish.ui.kit.answers import Answers
from vanish.ui.kit.codes import Code
from vanish.ui.kit.controls import Choice, Choices, Decades, Number, Pills, Pin, Sizes, WholeNumbers

LETTERS = st.characters(codec="ascii")


@singledispatch
def valid(control):
    """A strategy of the values that the control takes, as settings hold them."""
    raise TypeError(f"tests/ui/values.py does not know {type(control).__name__} yet")


@singledispatch
def ends(control):
    """The values at the control's ends: lowest, highest, each option."""
    raise TypeError(f"tests/ui/values.py does not know {type(control).__name__} yet")


@valid.register
def _(control: Number):
    kind = st.integers if isinstance(control.step, int) else st.floats
    return kind(control.low, control.high)


@ends.register
def _(control: Number):
    return [control.low, control.high]


@valid.register
def _(control: Decades):
    return st.floats(control.low, control.high)


@ends.register
def _(control: Decades):
    return [control.low, control.high]


@valid.register
def _(control: Choice):
    return st.sampled_from(control.options)


@ends.register
def _(control: Choice):
    return list(control.options)


@valid.register
def _(control: Pills):
    return st.none() | st.sampled_from(control.options)


@ends.register
def _(control: Pills):
    return [None, *control.options]


@valid.register
def _(control: Choices):
    return st.lists(st.sampled_from(control.options), min_size=0 if control.optional else 1, unique=True).map(tuple)


@ends.register
def _(control: Choices):
    return [*((option,) for option in control.options), *([()] if control.optional else []), control.options]


@valid.register
def _(control: WholeNumbers):
    numbers = st.lists(st.integers(control.low, control.high), min_size=1, max_size=control.at_most)
    return numbers.map(lambda values: ", ".join(map(str, values)))


@ends.register
def _(control: WholeNumbers):
    most = range(control.high, control.high - control.at_most, -1)
    return [str(control.low), str(control.high), ",".join(map(str, most))]


@valid.register
def _(control: Sizes):
    # Small ones: what is measured on the page has to be measured here, too.
    some = st.lists(st.integers(1, 12), min_size=2, max_size=6).map(lambda sizes: "-".join(map(str, sizes)))
    return st.just("") | some


@ends.register
def _(control: Sizes):
    return ["", "1-1", "-".join(["1"] * control.at_most), f"{control.high}-{control.most_weights // control.high}"]


@valid.register
def _(control: Pin):
    return st.sampled_from([None, "", "depth=20&activations=relu&activations=tanh", "weight_scale=2.5&seed=7"])


@ends.register
def _(control: Pin):
    return [None, "depth=20&activations=relu"]


@valid.register
def _(control: Answers):
    return st.sampled_from(["", "decay.1e-6", "decay.1e-6~rank.tanh", "he."])


@ends.register
def _(control: Answers):
    return ["", "~".join(f"q{n}.1" for n in range(control.at_most))]


@valid.register
def _(control: Code):
    # No room of that code is open.
    return st.none() | st.from_regex(control.shape, fullmatch=True, alphabet=LETTERS)


@ends.register
def _(control: Code):
    return [None]
