"""What a script is asked to do, checked once for all kinds of scripts, and the lines that all of them begin with."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import groupby, pairwise
from typing import Any

from vanish.choices.initializers import INITIALIZERS
from vanish.choices.inputs import INPUTS, KATA_INPUTS, LARGEST_BATCH, LARGEST_INPUT
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.code import numpy_words as numpy
from vanish.measure.magnitudes import MAGNITUDES
from vanish.network.spec import NetworkSpec
from vanish.numerics.checks import check_choice, check_choices, check_integer, check_kind, check_number
from vanish.numerics.lcg import check_seed

# Fields that tell one network from another at a glance.
_ALWAYS = ("depth", "width", "n_inputs", "n_outputs", "activation", "initializer")

MOST_MAGNITUDES = ("mean_abs", "rms", "weight_norm")


@dataclass(frozen=True)
class Ask:
    """A network, what is sent through it and what is measured: as of ``numpy_script``."""

    spec: NetworkSpec
    seed: int
    batch_size: int
    distribution: str
    scale: float
    shift: float
    magnitudes: tuple[str, ...]

    @property
    def over_batch(self) -> bool:
        """Whether each example gets an output gradient of its own: the plain sum says nothing under batch norm."""
        return NORMALIZATIONS[self.spec.normalization].over_batch

    @property
    def settings(self) -> str:
        """The network as ``NetworkSpec`` takes it: sizes, activation, start, and what else is not as at first."""
        own, plain, start = self.spec, NetworkSpec(), INITIALIZERS[self.spec.initializer]
        unused = {"depth", "width"} if own.widths else set()
        unused |= set() if start.uses_std else {"weight_std"}
        unused |= set() if start.uses_bounds else {"uniform_low", "uniform_high"}
        named = [
            field.name
            for field in fields(own)
            if field.name not in unused
            and (field.name in _ALWAYS or getattr(own, field.name) != getattr(plain, field.name))
        ]
        return f"NetworkSpec({', '.join(f'{name}={_plain(getattr(own, name))!r}' for name in named)}), seed {self.seed}"

    @property
    def inputs(self) -> list[str]:
        """Lines that draw the inputs X, ``(BATCH, SIZES[0])``, in NumPy."""
        own_first = self.distribution == "kata" and self.spec.n_inputs == len(KATA_INPUTS)
        if own_first and self.batch_size == 1:
            lines = [f"X = np.array([{list(KATA_INPUTS)!r}])"]
        else:
            lines = ["generator = np.random.default_rng([0, 2])", f"X = {numpy.INPUTS[self.distribution]}"]
            if own_first:
                lines.append(f"X[0] = {KATA_INPUTS!r}")
        if (self.scale, self.shift) != (1.0, 0.0):
            lines.append(f"X = {self.scale!r} * X + {self.shift!r}")
        return lines

    @property
    def output_gradient(self) -> str:
        """dL/d(outputs) in NumPy: ones, or under batch norm a sign of its own for each example."""
        shape = "(BATCH, SIZES[-1])"
        signs = f"np.random.default_rng([0, 3, 1]).choice((-1.0, 1.0), {shape})"
        return signs if self.over_batch else f"np.ones({shape})"


def _plain(value: Any) -> Any:
    """Sizes that nobody gave as plain whole numbers."""
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def checked(
    spec: Any, seed: Any, batch_size: Any, distribution: Any, scale: Any, shift: Any, magnitudes: Sequence[str]
) -> Ask:
    """The arguments of a script, if they are what they may be."""
    return Ask(
        check_kind("spec", spec, NetworkSpec),
        check_seed("seed", seed),
        check_integer("batch_size", batch_size, 1, LARGEST_BATCH),
        check_choice("distribution", distribution, INPUTS),
        check_number("scale", scale, 0, LARGEST_INPUT),
        check_number("shift", shift, -LARGEST_INPUT, LARGEST_INPUT),
        tuple(check_choices("magnitudes", magnitudes, MAGNITUDES)),
    )


def sizes(spec: NetworkSpec) -> str:
    """Units from the inputs to the outputs as a list, equal neighbors written once."""
    parts, run = [], list[str]()
    for size, same in groupby([spec.n_inputs, *spec.hidden_sizes, spec.n_outputs]):
        count = len(list(same))
        if count < 3:
            run += [str(size)] * count
            continue
        if run:
            parts.append(f"[{', '.join(run)}]")
        parts.append(f"[{size}] * {count}")
        run = []
    return " + ".join([*parts, *([f"[{', '.join(run)}]"] if run else [])])


def places(layers: Sequence[int]) -> str:
    """Some layers, counted from 0, as a range where they are evenly spaced."""
    if len(layers) > 2 and len({after - before for before, after in pairwise(layers)}) == 1:
        step = layers[1] - layers[0]
        return f"range({layers[0]}, {layers[-1] + 1}{f', {step}' if step > 1 else ''})"
    return repr(tuple(layers))
