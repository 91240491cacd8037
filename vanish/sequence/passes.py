"""A recurrent network along a sequence, and back through time.

Time comes first in every array, then any leading axes (one per seed, say), so that networks of one spec run side by
side through batched products.  What does not depend on the step before is one product for the whole sequence: the
inputs' share at the start, the weights' gradients at the end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.cells import CELLS, Step
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import (
    LARGEST_NUMBERS,
    check_array,
    check_broadcast,
    check_broadcastable,
    check_integer,
    check_integers,
    check_items,
    check_kind,
    refusal,
)
from vanish.sequence.checks import check_recurrent_parameters, check_run_fits
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec, gate_rows

# Numbers of gates whose slopes are made at once: with all that they are made of they stay in the processor's cache.
SLOPES_AT_ONCE = 8_192


class Steps:
    """Views of a sequence's arrays, step by step or several at once: cut once for all passes, since a cut takes longer
    than a small step's product.  A network alone has no leading axes there: the smaller array is the quicker one."""

    def __init__(self, spec: RecurrentSpec, gates: Array, extra: Array, h: Array, c: Array) -> None:
        alone = prod(gates.shape[1:-2]) == 1
        self._gates, self._extra, self._h, self._c = (
            one.reshape(len(one), *one.shape[-2:]) if alone else one for one in (gates, extra, h, c)
        )
        self._rows = [gate_rows(spec, gate) for gate in range(CELLS[spec.cell].n_gates)]

    def _blocks(self) -> Iterator[Array]:
        return (self._gates[..., rows, :] for rows in self._rows)

    def each(self) -> list[Step]:
        """All steps, one by one."""
        h, c = list(self._h), list(self._c)
        views = self._gates, zip(*self._blocks(), strict=True), self._extra, h[:-1], h[1:], c[:-1], c[1:]
        return [Step(*step) for step in zip(*views, strict=True)]

    def together(self, part: slice) -> Step:
        """Several steps in one."""
        gates, blocks, extra = self._gates[part], tuple(block[part] for block in self._blocks()), self._extra[part]
        states = self._h[:-1][part], self._h[1:][part], self._c[:-1][part], self._c[1:][part]
        return Step(gates, blocks, extra, *states)


def _product(weights: Array, out: Array) -> Callable[[Array], Any]:
    """What multiplies by weights into ``out``: for a network alone in half of ``matmul``'s time."""
    if out.ndim == 2 and weights.dtype == out.dtype:
        return partial(weights.reshape(weights.shape[-2:]).dot, out=out)
    return partial(np.matmul, weights, out=out)


class ForwardPass:
    """A network's way along a sequence, with all that the way back needs; may be used again and again.

    Attributes, units along the rows and a batch along the columns:

    ``inputs``: ``(steps, ..., n_inputs + 1, batch)``, the last row ones, which the biases are weights of;
    ``gates``: ``(steps, ..., gates * hidden, batch)``; ``hidden_states``: ``(steps + 1, ..., hidden, batch)``, the
    first the initial state; ``cell_states`` likewise (empty rows in a cell without); ``extra``: ``(steps, ..., hidden,
    batch)``, what a cell keeps beside (empty rows in one that keeps nothing).  ``steps`` and ``views`` look at these.
    """

    def __init__(self, spec: RecurrentSpec, steps: int, batch: int, leading: tuple[int, ...] = ()) -> None:
        self.spec, self.cell = check_kind("spec", spec, RecurrentSpec), CELLS[spec.cell]
        steps = check_integer("steps", steps, 1, LARGEST_NUMBERS)
        batch = check_integer("batch", batch, 1, LARGEST_NUMBERS)
        leading = tuple(check_integers("leading", leading, 0, LARGEST_NUMBERS, fewest=0))
        check_run_fits("steps, batch and leading", spec, prod(leading), steps, batch)

        def empty(steps: int, rows: int) -> Array:
            return np.empty((steps, *leading, rows, batch))

        self.inputs = empty(steps, spec.n_inputs + 1)
        self.inputs[..., -1, :] = 1.0
        self.gates = empty(steps, spec.rows)
        self.extra = empty(steps, spec.hidden if self.cell.extra else 0)
        self.hidden_states = empty(steps + 1, spec.hidden)
        self.cell_states = empty(steps + 1, spec.hidden if self.cell.has_cell_state else 0)
        self.views = Steps(spec, self.gates, self.extra, self.hidden_states, self.cell_states)
        self.steps = self.views.each()
        self._u = np.empty_like(self.steps[0].gates)

    @np.errstate(**QUIET)
    def __call__(self, parameters: RecurrentParameters, inputs: Array, state: Sequence[ArrayLike] | None) -> None:
        """Run over ``inputs``, ``(steps, ..., batch, n_inputs)``, from a state as in ``run_recurrent``."""
        spec, cell = self.spec, self.cell
        self.inputs[..., :-1, :] = inputs.swapaxes(-1, -2)
        for states, first in zip((self.hidden_states, self.cell_states), state or (0.0, 0.0), strict=False):
            states[0] = np.asarray(first).swapaxes(-1, -2) if np.ndim(first) else first
        bias = parameters.bias_ih + parameters.bias_hh
        if cell.splits:
            last = gate_rows(spec, cell.n_gates - 1)
            bias[..., last] = parameters.bias_ih[..., last]
            self.extra[...] = parameters.bias_hh[..., last, None]
        # One call for the share of all inputs and biases.
        with_bias = np.concatenate([parameters.weight_ih, bias[..., None]], axis=-1)
        np.matmul(with_bias, self.inputs, out=self.gates)
        u, forward = self._u, cell.forward
        product = _product(parameters.weight_hh, u)
        for step in self.steps:
            product(step.h_before)
            forward(step, u)

    @property
    def hidden(self) -> Array:
        """``h_1 ... h_T``, ``(steps, ..., batch, hidden)``."""
        return self.hidden_states[1:].swapaxes(-1, -2)

    @property
    def cells(self) -> Array | None:
        """``c_1 ... c_T`` likewise, ``None`` in a cell without."""
        return self.cell_states[1:].swapaxes(-1, -2) if self.cell.has_cell_state else None

    @np.errstate(**QUIET)
    def outputs(self, parameters: RecurrentParameters, first: int = 0) -> Array:
        """The read-out from step ``first`` on, ``(steps - first, ..., batch, n_outputs)``."""
        first = check_integer("first", first, 0, len(self.steps) - 1)
        check_recurrent_parameters(self.spec, parameters)
        values = parameters.weight @ self.hidden_states[first + 1 :]
        values += parameters.bias[..., None]
        return values.swapaxes(-1, -2)


class BackwardPass:
    """The way back through a ``ForwardPass``; may be used again and again.

    Attributes, units along the rows and a batch along the columns:

    ``dh`` and ``dc``: ``(steps + 1, ..., hidden, batch)``, the total gradient by every state, the initial one first;
    ``dz`` and ``du``: ``(steps, ..., gates * hidden, batch)``, those of ``W_ih x + b_ih`` and ``W_hh h + b_hh``.
    """

    def __init__(self, passed: ForwardPass) -> None:
        self._passed = passed
        self.dh, self.dc = np.empty_like(passed.hidden_states), np.zeros_like(passed.cell_states)
        self.dz = np.empty_like(passed.gates)
        self.du = np.empty_like(passed.gates) if passed.cell.splits else self.dz
        self._extra = np.empty_like(passed.extra)
        views = Steps(passed.spec, self.du, self._extra, self.dh, self.dc)
        pairs = list(zip(passed.steps, views.each(), strict=True))
        self._back = np.empty_like(pairs[0][1].h)
        length = max(1, SLOPES_AT_ONCE // max(1, self.du[0].size))
        parts = [slice(start, start + length) for start in range(0, len(pairs), length)]
        # From the end on: several steps together, forward and back, and one by one.
        self._stretches = [
            (passed.views.together(part), views.together(part), pairs[part][::-1]) for part in reversed(parts)
        ]
        # Steps side by side along the columns, for the one product over all of them.
        self._side_by_side: dict[str, Array] = {}

    @np.errstate(**QUIET)
    def read_out(self, parameters: RecurrentParameters, gradient: Array, first: int, into: RecurrentParameters) -> None:
        """Start from the gradient of the outputs from step ``first`` on: ``(steps - first, ..., batch, n_outputs)``."""
        gradient = gradient.swapaxes(-1, -2)
        self.dh[: first + 1] = 0.0
        np.matmul(parameters.weight.swapaxes(-1, -2), gradient, out=self.dh[first + 1 :])
        flat = self._together("outputs", gradient)
        states = self._together("states read", self._passed.hidden_states[first + 1 :])
        into.weight[...] = flat @ states.swapaxes(-1, -2)
        into.bias[...] = flat.sum(axis=-1)

    @np.errstate(**QUIET)
    def __call__(self, parameters: RecurrentParameters, into: RecurrentParameters | None = None) -> None:
        """From what ``dh`` holds (each state's own share of the loss) to its total, and the cell's gradients."""
        passed = self._passed
        self.dc[-1] = 0.0
        back, backward = self._back, passed.cell.backward
        product = _product(parameters.weight_hh.swapaxes(-1, -2), back)
        for *together, pairs in self._stretches:
            passed.cell.slopes(*together)
            for step, d in pairs:
                backward(step, d)
                product(d.gates)
                d.h_before += back
        if passed.cell.splits:
            last = gate_rows(passed.spec, passed.cell.n_gates - 1)
            self.dz[..., : last.start, :] = self.du[..., : last.start, :]
            np.multiply(self._extra, self.dh[1:], out=self.dz[..., last, :])
        if into is not None:
            self._cell_gradients(into)

    def _cell_gradients(self, into: RecurrentParameters) -> None:
        passed = self._passed
        dz = self._together("dz", self.dz)
        du = self._together("du", self.du) if passed.cell.splits else dz
        states = self._together("states", passed.hidden_states[:-1])
        into.weight_hh[...] = du @ states.swapaxes(-1, -2)
        with_bias = dz @ self._together("inputs", passed.inputs).swapaxes(-1, -2)
        into.weight_ih[...], into.bias_ih[...] = with_bias[..., :-1], with_bias[..., -1]
        into.bias_hh[...] = du.sum(axis=-1) if passed.cell.splits else into.bias_ih

    def _together(self, name: str, values: Array) -> Array:
        """``(..., rows, steps * batch)`` from ``(steps, ..., rows, batch)``, in a buffer of that name."""
        moved = np.moveaxis(values, 0, -2)
        buffer = self._side_by_side.get(name)
        if buffer is None or buffer.shape != moved.shape:
            buffer = self._side_by_side[name] = np.empty(moved.shape)
        np.copyto(buffer, moved)
        return buffer.reshape(*moved.shape[:-2], -1)


@dataclass(frozen=True)
class RecurrentGradients:
    """Gradients of a loss ``L`` by everything.

    ``parameters``: summed over steps and batch; ``hidden``: the total ``dL/dh_t``, ``(steps, ..., batch, hidden)``;
    ``cells``: ``dL/dc_t`` likewise, ``None`` in a cell without; ``inputs``: ``(steps, ..., batch, n_inputs)``;
    ``state``: by the initial state, ``(..., batch, hidden)``, one or (LSTM) two.
    """

    parameters: RecurrentParameters
    hidden: Array
    cells: Array | None
    inputs: Array
    state: tuple[Array, ...]


def run_recurrent(
    spec: RecurrentSpec,
    parameters: RecurrentParameters,
    inputs: ArrayLike,
    state: Sequence[ArrayLike] | None = None,
) -> ForwardPass:
    """Run a batch of sequences through a recurrent network.

    Parameters
    ----------
    inputs : ``(steps, batch, n_inputs)``, or with leading axes ``(steps, ..., batch, n_inputs)``
    state : ``(h_0,)`` or (LSTM) ``(h_0, c_0)``, each ``(..., batch, hidden)``; ``None`` means zeros

    Returns
    -------
    ForwardPass
        Its ``hidden`` are the states, ``outputs(parameters)`` the read-out.

    Raises
    ------
    ValueError
        If the shapes do not fit the spec, or there are no steps.
    """
    own = check_recurrent_parameters(spec, parameters)
    x = check_array("inputs", inputs, ("steps", "...", "batch", spec.n_inputs), finite=True)
    leading = check_broadcastable("inputs", x.shape[1:-2], "parameters", own)
    check_run_fits("inputs", spec, prod(leading), len(x), x.shape[-2])
    if state is not None:
        count = 1 + CELLS[spec.cell].has_cell_state
        state = check_items("state", state, count, count, "arrays")
        state = [check_broadcast("state", one, (*leading, x.shape[-2], spec.hidden)) for one in state]
    x = x.reshape(len(x), *(1,) * (len(leading) - x.ndim + 3), *x.shape[1:])
    passed = ForwardPass(spec, len(x), x.shape[-2], leading)
    passed(parameters, x, state)
    return passed


def backprop_through_time(
    spec: RecurrentSpec,
    parameters: RecurrentParameters,
    passed: ForwardPass,
    output_gradients: ArrayLike | None = None,
    hidden_gradients: ArrayLike | None = None,
) -> RecurrentGradients:
    """Gradients of a loss with respect to everything, by one pass back through all steps.

    Parameters
    ----------
    passed : what ``run_recurrent`` returned
    output_gradients : dL/d(outputs), broadcast to ``(steps, ..., batch, n_outputs)``; ``None`` means that the loss does
        not look at the outputs
    hidden_gradients : dL/dh_t as far as the loss looks at the states themselves, broadcast to
        ``(steps, ..., batch, hidden)``; ``None`` means that it does not

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    check_recurrent_parameters(spec, parameters)
    if check_kind("passed", passed, ForwardPass).spec != spec:
        raise refusal("passed", "a pass of the same spec", passed.spec)
    steps, *leading, _, batch = passed.gates.shape
    into = RecurrentParameters(**{name: np.zeros((*leading, *shape)) for name, shape in spec.shapes.items()})
    back = BackwardPass(passed)
    outer = check_broadcast(
        "output_gradients",
        0.0 if output_gradients is None else output_gradients,
        (steps, *leading, batch, spec.n_outputs),
    )
    back.read_out(parameters, outer, 0, into)
    if hidden_gradients is not None:
        direct = check_broadcast("hidden_gradients", hidden_gradients, (steps, *leading, batch, spec.hidden))
        back.dh[1:] += direct.swapaxes(-1, -2)
    back(parameters, into)
    has_cell = CELLS[spec.cell].has_cell_state
    with np.errstate(**QUIET):
        by_inputs = parameters.weight_ih.swapaxes(-1, -2) @ back.dz
    totals = (back.dh, back.dc) if has_cell else (back.dh,)
    return RecurrentGradients(
        into,
        back.dh[1:].swapaxes(-1, -2),
        back.dc[1:].swapaxes(-1, -2) if has_cell else None,
        by_inputs.swapaxes(-1, -2),
        tuple(total[0].swapaxes(-1, -2) for total in totals),
    )
