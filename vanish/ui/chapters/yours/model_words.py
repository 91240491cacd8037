"""What is said of a model that was read from its code."""

from collections.abc import Sequence

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.blocks import BLOCKS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.code import Unread
from vanish.network.spec import NetworkSpec
from vanish.ui.kit.numbers import number
from vanish.ui.kit.plain import quoted

# A chain of sizes is written out up to so many numbers.
MOST_SIZES = 8

# Lines that are listed, and letters of each.
MOST_LINES, MOST_CODE = 40, 60


def read_as(framework: str, spec: NetworkSpec) -> str:
    """The network that was read, in a sentence."""
    sizes = [spec.n_inputs, *spec.hidden_sizes, spec.n_outputs]
    shown = " → ".join(f"{size:,}" for size in sizes)
    if len(sizes) > MOST_SIZES:
        hidden = f"{min(spec.hidden_sizes):,}"
        if len(set(spec.hidden_sizes)) > 1:
            hidden = f"{hidden} to {max(spec.hidden_sizes):,}"
        shown = f"{spec.n_inputs:,} → {len(sizes) - 2} × {hidden} → {spec.n_outputs:,}"
    scale = f" × {number(spec.weight_scale)}" if spec.weight_scale != 1 else ""
    std = f" of std {number(spec.weight_std)}" if INITIALIZERS[spec.initializer].uses_std else ""
    parts = [
        f"sizes {shown}",
        f"activation {ACTIVATIONS[spec.activation].label}",
        f"initialization {INITIALIZERS[spec.initializer].label}{std}{scale}",
    ]
    if NORMALIZATIONS[spec.normalization].normalizes:
        parts.append(f"{NORMALIZATIONS[spec.normalization].label} {NORM_PLACES[spec.norm_place].label}")
    if RESIDUALS[spec.residual].skips:
        parts.append(f"residual connections {RESIDUALS[spec.residual].label}, {BLOCKS[spec.block].label} a block")
    output = "linear output" if spec.linear_output else "the activation on the outputs as well"
    layers = "one weight layer" if spec.depth == 1 else f"{spec.depth:,} weight layers"
    return f"Read as {framework}, {layers}: {'; '.join([*parts, output])}."


def left_out(n_lines: int) -> str:
    """How much of the code has no counterpart."""
    if n_lines == 0:
        return "Everything in it that the gradient depends on at the start has a counterpart here."
    return f"{'One thing has' if n_lines == 1 else f'{n_lines:,} things have'} no exact counterpart here:"


def unread(lines: Sequence[Unread]) -> list[str]:
    """What has no counterpart, line by line, and how many more lines there are."""
    said = [f"Line {one.line:,}, {quoted(one.code, MOST_CODE)}: {one.why}." for one in lines[:MOST_LINES]]
    more = len(lines) - MOST_LINES
    return [*said, f"And {more:,} more."] if more > 0 else said


def shrunk(widest: int) -> str:
    """Why hidden layers are narrower than in the code."""
    return f"More weights than this page has time for: hidden layers are narrowed to at most {widest:,} units."


def cut(n_layers: int) -> str:
    """Why there are fewer layers than in the code."""
    return f"More layers than this page has room for: the first {n_layers:,} weight layers are kept."


def nearest(label: str, asked: float, taken: float) -> str:
    """Which control does not reach the code's number."""
    return f"{label}: {number(asked)} in the code, {number(taken)} here, the nearest that the control takes."
