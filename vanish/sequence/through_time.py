"""The gradient's way back along a sequence: how much of dL/dh_T is left as dL/dh_t, over seeds, and what theory says.

The loss looks at the last state only, and its gradient there is a unit vector, the same for all units.  Whatever the
sizes show is then made by the cell and by its weights at the start of training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from vanish.choices.cells import CELLS
from vanish.choices.inputs import INPUTS, example_inputs
from vanish.numerics.arrays import NUMBERS_AT_ONCE, QUIET, Array, norm
from vanish.numerics.checks import (
    check_array,
    check_choice,
    check_integer,
    check_kind,
    check_memory,
    check_number,
    refusal,
)
from vanish.numerics.lcg import check_seeds, one_or_more_seeds
from vanish.sequence.checks import check_recurrent_parameters
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.passes import BackwardPass, ForwardPass, run_recurrent
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec, gate_rows

LARGEST_SEQUENCE, LARGEST_SEEDS, LARGEST_INPUT_SCALE = 2_000, 100, 100.0


# Weights times steps times seeds: the largest measurement takes a few seconds.
LARGEST_WORK = 5_000_000_000


# Networks run side by side as long as their recurrent weights stay in the processor's cache (1 MB).
WEIGHTS_AT_ONCE = 131_072


@dataclass(frozen=True)
class ThroughTime:
    """Norms of gradients by the states, ``(seeds, steps)``: column ``k`` is ``k`` steps before the end.

    ``hidden``: of ``dL/dh_{T-k}``, 1 in the first column; ``cell``: of ``dL/dc_{T-k}``; ``cell_path``: what the cell
    state's own path alone would leave of ``dL/dc_T``, the product of the forget gates: one path of several, so that
    ``cell`` may be far above it.  These two are ``None`` in a cell without a cell state.  ``kept``, ``(seeds,)``: the
    mean value of the gate that keeps the state, over steps and units; ``None`` in a cell without one.
    """

    hidden: Array
    cell: Array | None = None
    cell_path: Array | None = None
    kept: Array | None = None


@dataclass(frozen=True)
class SpectralBounds:
    """What the recurrent matrix of a cell without gates says of ``|dL/dh_{T-k}| / |dL/dh_T|``.

    ``radius``: size of the largest eigenvalue, ``(...)``; ``largest``: the largest singular value, ``(...)``;
    ``rate``: ``radius^k``, ``(..., steps)``, the pace that a linear cell settles into;
    ``upper``: ``(gamma largest)^k`` with the activation's largest slope ``gamma``, which no cell exceeds.
    """

    radius: Array
    largest: Array
    rate: Array
    upper: Array


@np.errstate(**QUIET)
def spectral_bounds(spec: RecurrentSpec, parameters: RecurrentParameters, steps: int) -> SpectralBounds:
    """Bounds of Pascanu, Mikolov & Bengio (2013, section 2.1 and their supplement), for ``k`` from 0 to ``steps - 1``.

    One step back multiplies by ``W_hh^T diag(phi')``.  If ``gamma sigma_max < 1``, the gradient must vanish; that it
    explodes needs, in a linear cell, an eigenvalue beyond 1.

    Raises
    ------
    ValueError
        If the cell has gates, or ``steps`` is not from 1 to 2000.
    """
    check_recurrent_parameters(spec, parameters)
    steps = check_integer("steps", steps, 1, LARGEST_SEQUENCE)
    slope = CELLS[spec.cell].largest_slope
    if slope is None:
        plain = ", ".join(name for name, cell in CELLS.items() if cell.largest_slope is not None)
        raise refusal("spec.cell", f"one without gates ({plain})", spec.cell)
    if not np.isfinite(parameters.weight_hh).all():
        raise refusal("parameters, weight_hh,", "finite", parameters.weight_hh)
    powers = np.arange(steps)
    check_memory("parameters", 2 * parameters.weight_hh[..., 0, 0].size * steps)
    radius = np.asarray(np.abs(np.linalg.eigvals(parameters.weight_hh)).max(axis=-1))
    largest = np.asarray(np.linalg.norm(parameters.weight_hh, ord=2, axis=(-2, -1)))
    return SpectralBounds(radius, largest, radius[..., None] ** powers, (slope * largest[..., None]) ** powers)


@np.errstate(**QUIET)
def forget_gate_products(passed: ForwardPass) -> Array:
    """Products of the LSTM's last ``k`` forget gates, ``(steps, ..., batch, hidden)`` for ``k`` from 0.

    ``dc_T / dc_{T-k}`` along the cell state alone: ``c_t = f_t c_{t-1} + ...``, so the gates of the last ``k`` steps.

    Raises
    ------
    ValueError
        If the cell has no forget gate.
    """
    gate = CELLS[check_kind("passed", passed, ForwardPass).spec.cell].forget_gate
    if gate is None:
        gated = ", ".join(name for name, cell in CELLS.items() if cell.forget_gate is not None)
        raise refusal("passed", f"a pass of a cell with a forget gate ({gated})", passed.spec.cell)
    gates = passed.gates[..., gate_rows(passed.spec, gate), :].swapaxes(-1, -2)
    products = np.ones_like(gates)
    np.cumprod(gates[:0:-1], axis=0, out=products[1:])
    return products


def measure_through_time(
    spec: RecurrentSpec,
    steps: int,
    seeds: Sequence[int],
    input_kind: str = "normal",
    input_scale: float = 1.0,
) -> ThroughTime:
    """Norms of the gradient by every state, over seeds; arguments and errors as in ``gradient_through_time``."""
    check_kind("spec", spec, RecurrentSpec)
    steps = check_integer("steps", steps, 1, LARGEST_SEQUENCE)
    input_scale = check_number("input_scale", input_scale, 0, LARGEST_INPUT_SCALE)
    check_choice("input_kind", input_kind, INPUTS)
    seeds = _check_seeds(spec, steps, seeds)
    inputs = input_scale * example_inputs(spec.n_inputs, steps, input_kind)[:, None, :]
    parts = [_measure(spec, inputs, chunk) for chunk in _chunks(spec, steps, seeds)]
    return ThroughTime(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _check_seeds(spec: RecurrentSpec, steps: int, seeds: Sequence[int]) -> list[int]:
    seeds = check_seeds("seeds", seeds)
    most = min(LARGEST_SEEDS, LARGEST_WORK // (steps * spec.rows * (spec.hidden + spec.n_inputs)))
    if not 1 <= len(seeds) <= most:
        raise ValueError(
            f"seeds must be 1 to {most} of them for {spec.hidden} hidden units and {steps} steps, got {len(seeds)}"
        )
    return seeds


def seeds_at_once(spec: RecurrentSpec, steps: int) -> int:
    """How many networks run side by side along a sequence of so many steps."""
    numbers = steps * (3 * spec.rows + 6 * spec.hidden)
    return max(1, min(NUMBERS_AT_ONCE // numbers, WEIGHTS_AT_ONCE // (spec.rows * spec.hidden)))


def _chunks(spec: RecurrentSpec, steps: int, seeds: Sequence[int]) -> Iterator[Sequence[int]]:
    size = seeds_at_once(spec, steps)
    for start in range(0, len(seeds), size):
        yield seeds[start : start + size]


def _measure(spec: RecurrentSpec, inputs: Array, seeds: Sequence[int]) -> dict[str, Array]:
    """The arrays of ``ThroughTime`` for a few networks side by side."""
    parameters = initialize_recurrent(spec, list(seeds))
    passed = run_recurrent(spec, parameters, inputs)
    back = BackwardPass(passed)
    back.dh[...] = 0.0
    back.dh[-1] = spec.hidden**-0.5
    back(parameters)

    def sizes(gradients: Array) -> Array:
        return norm(gradients[:0:-1], (-2, -1)).T

    with np.errstate(**QUIET):
        measured, cell = {"hidden": sizes(back.dh)}, CELLS[spec.cell]
        if cell.keeping_gate is not None:
            measured["kept"] = passed.gates[..., gate_rows(spec, cell.keeping_gate), :].mean(axis=(0, -2, -1))
        if cell.has_cell_state:
            alone = forget_gate_products(passed).swapaxes(-1, -2) * back.dc[-1]
            measured |= {"cell": sizes(back.dc), "cell_path": norm(alone, (-2, -1)).T}
        return measured


def gradient_through_time(
    cell: str,
    steps: int,
    hidden: int = 32,
    *,
    seeds: int | Sequence[int] = 42,
    initializer: str = "torch_default",
    spectral_radius: float = 1.0,
    forget_bias: float = 0.0,
    n_inputs: int = 1,
    input_kind: str = "normal",
    input_scale: float = 1.0,
) -> pd.DataFrame:
    """How much of the gradient at a sequence's last state reaches each state before.

    Parameters
    ----------
    cell : a name from ``CELLS``
    steps : int, 1 to 2000
        Length of the sequence.
    hidden : int, 1 to 256
    seeds : int or sequence of int, each 0 to 2**64 - 1
        At most 100, and at most as many that weights x steps x seeds is 5e9.
    initializer, spectral_radius, forget_bias, n_inputs : as in ``RecurrentSpec``
    input_kind : a name from ``INPUTS``
        What a step's inputs are drawn from; all seeds get the same sequence.
    input_scale : float, 0 to 100
        Multiplies every input.

    Returns
    -------
    DataFrame, one row per (seed, state, distance): ``cell, initializer, seed, state`` ("hidden" or, in an LSTM,
    "cell"), ``distance`` (steps before the end, 0 first), ``norm`` (of dL/dh_t or dL/dc_t), ``ratio`` (to that at
    distance 0)

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    spec = RecurrentSpec(
        cell, n_inputs, hidden, initializer=initializer, spectral_radius=spectral_radius, forget_bias=forget_bias
    )
    steps, seeds = check_integer("steps", steps, 1, LARGEST_SEQUENCE), one_or_more_seeds("seeds", seeds)
    measured = measure_through_time(spec, steps, seeds, input_kind, input_scale)
    states = {"hidden": measured.hidden, "cell": measured.cell}
    frames = []
    for state, sizes in states.items():
        if sizes is not None:
            with np.errstate(**QUIET):
                ratios = sizes / sizes[:, :1]
            frames.append(
                pd.DataFrame(
                    {
                        "cell": cell,
                        "initializer": initializer,
                        "seed": np.repeat(np.array(seeds, dtype=np.uint64), steps),
                        "state": state,
                        "distance": np.tile(np.arange(steps), len(seeds)),
                        "norm": sizes.ravel(),
                        "ratio": ratios.ravel(),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


@np.errstate(**QUIET)
def learnable_lag(sizes: ArrayLike, fraction: float) -> NDArray[np.int64]:
    """The longest distance up to which the gradient never falls below a fraction of that at distance 0.

    The first drop ends it, whatever comes after; an exploding gradient stays above.  A gradient that is not a number
    counts as a drop.  It says what arrives, not whether a cell can learn from it: the fraction is a choice, and
    training changes what arrives.

    Parameters
    ----------
    sizes : ``(..., steps)``, distance 0 first
    fraction : float, 0 to 1

    Returns
    -------
    int64 array, ``(...)``, from 0 to ``steps - 1``

    Raises
    ------
    ValueError
        If ``fraction`` is out of range, or there are no steps.
    """
    fraction = check_number("fraction", fraction, 0, 1)
    values = check_array("sizes", sizes, ("...", "steps"))
    # At distance 0 itself the gradient counts as there, even where it is 0 and so all gone beyond.
    lasting = (values[..., 1:] >= fraction * values[..., :1]) & (values[..., 1:] > 0)
    return np.logical_and.accumulate(lasting, axis=-1).sum(axis=-1)
