"""One table of recurrent cells: one step along a sequence and one step back, side by side.

Equations, order of gates and layout are PyTorch's (``torch.nn.RNN``, ``GRU``, ``LSTM``).  A step's arrays have units
along the rows and a batch along the columns, ``(..., rows, batch)``: a gate is then a block of rows that lies together
in memory, and one product serves all gates.  Steps work in place on views that are made once.

On the way back a step only multiplies, by slopes that the way along has left: those of many steps are made at once,
in the arrays that hold the gradients afterwards.

Slopes come from values, ``1 - tanh^2`` and ``sigma (1 - sigma)``, as PyTorch's do: beyond 19, tanh's is exactly 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from vanish.numerics.arrays import Array


@dataclass(slots=True)
class Step:
    """What one step reads and writes, or several along a first axis: views, ``(..., rows, batch)`` each.

    On the way along ``gates`` comes in as ``W_ih x + b`` and leaves as the gates' values, ``blocks`` is the same gate
    by gate; ``extra`` is what the cell keeps beside (the LSTM's ``tanh c``, the GRU's ``W_hn h + b_hn``).

    On the way back ``gates`` is the gradient of ``W_hh h + b_hh``, and ``h`` and ``c`` are the states': they come in
    complete but for what reaches the cell state through ``h``.  ``extra`` is the slope of that (LSTM), or of the
    last gate's ``W_ih x + b`` (GRU).
    """

    gates: Array
    blocks: tuple[Array, ...]
    extra: Array
    h_before: Array
    h: Array
    c_before: Array
    c: Array


@dataclass(frozen=True)
class Cell:
    """An entry of the table.

    ``forward(step, u)`` gets ``u = W_hh h_{t-1}`` and fills in the new state.  ``slopes(step, d)``, of several steps at
    once, fills in what ``backward(step, d)`` multiplies by what has come back; that also hands on what reaches the
    state before past ``W_hh``.  ``largest_slope`` is the activation's
    in a cell without gates, else ``None``; ``forget_gate`` the number of the block that ``forget_bias`` acts on;
    ``keeping_gate`` that of the gate that says how much of its state a step keeps, and ``keeping_label`` its name.
    ``extra``: whether it keeps anything beside; ``splits``: whether ``b_hh`` of its last gate stays with ``u``.
    ``color`` is its own wherever it is drawn.
    """

    name: str
    label: str
    latex: str
    explanation: str
    n_gates: int
    forward: Callable[[Step, Array], None]
    slopes: Callable[[Step, Step], None]
    backward: Callable[[Step, Step], None]
    color: str
    has_cell_state: bool = False
    largest_slope: float | None = None
    forget_gate: int | None = None
    keeping_gate: int | None = None
    keeping_label: str = ""
    extra: bool = False
    splits: bool = False


@dataclass(frozen=True)
class _Unit:
    """What a cell's state goes through: ``value(u, out)``, and ``slope(value, out)`` from that value."""

    value: Callable[..., Any]
    slope: Callable[..., Array]


def _logistic(x: Array, out: Array) -> None:
    """``1 / (1 + e^-x)``, in place if so asked: an overflow of the exponential leaves 0, as it should."""
    np.negative(x, out=out)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)


def _logistic_slope(value: Array, out: Array | None = None) -> Array:
    rest = np.subtract(1.0, value, out=out)
    rest *= value
    return rest


def _tanh_slope(value: Array, out: Array | None = None) -> Array:
    squares = np.multiply(value, value, out=out)
    return np.subtract(1.0, squares, out=squares)


def _positive(x: Array, out: Array) -> None:
    np.maximum(x, 0.0, out=out)


# The sign of what is never negative is ReLU's slope, 0 at 0 as PyTorch's; nan stays nan.
_SIGMOID, _TANH, _RELU = _Unit(_logistic, _logistic_slope), _Unit(np.tanh, _tanh_slope), _Unit(_positive, np.sign)


def _rnn_forward(unit: _Unit, s: Step, u: Array) -> None:
    s.gates += u
    unit.value(s.gates, out=s.h)


def _rnn_slopes(unit: _Unit, s: Step, d: Step) -> None:
    unit.slope(s.h, out=d.gates)


def _rnn_backward(s: Step, d: Step) -> None:
    d.gates *= d.h


def _gru_forward(s: Step, u: Array) -> None:
    r, z, n = s.blocks
    both = 2 * n.shape[-2]
    gates = s.gates[..., :both, :]
    gates += u[..., :both, :]
    _logistic(gates, out=gates)
    s.extra += u[..., both:, :]
    n += r * s.extra
    np.tanh(n, out=n)
    # (1 - z) n + z h
    np.subtract(s.h_before, n, out=s.h)
    s.h *= z
    s.h += n


def _gru_slopes(s: Step, d: Step) -> None:
    r, z, n = s.blocks
    dr, dz, dn = d.blocks
    # n's: (1 - z) (1 - n^2), and of that r goes to u, which goes to r
    np.subtract(1.0, z, out=dz)
    _tanh_slope(n, out=d.extra)
    d.extra *= dz
    np.multiply(d.extra, r, out=dn)
    np.subtract(1.0, r, out=dr)
    dr *= dn
    dr *= s.extra
    # z's: (h - n) z (1 - z)
    dz *= z
    dz *= s.h_before - n


def _gru_backward(s: Step, d: Step) -> None:
    for block in d.blocks:
        block *= d.h
    d.h_before += d.h * s.blocks[1]


def _lstm_forward(unit: _Unit, s: Step, u: Array) -> None:
    i, f, g, o = s.blocks
    s.gates += u
    opened = s.gates[..., : 2 * g.shape[-2], :]
    _logistic(opened, out=opened)
    unit.value(g, out=g)
    _logistic(o, out=o)
    np.multiply(f, s.c_before, out=s.c)
    s.c += i * g
    unit.value(s.c, out=s.extra)
    np.multiply(o, s.extra, out=s.h)


def _lstm_slopes(unit: _Unit, s: Step, d: Step) -> None:
    i, f, g, o = s.blocks
    di, df, dg, do = d.blocks
    # h = o phi(c): o's phi(c) o (1 - o), and c's o phi'(c)
    _logistic_slope(o, out=do)
    do *= s.extra
    unit.slope(s.extra, out=d.extra)
    d.extra *= o
    # c = f c + i g: g's i phi'(g), i's g i (1 - i), f's c f (1 - f)
    unit.slope(g, out=dg)
    dg *= i
    _logistic_slope(i, out=di)
    di *= g
    _logistic_slope(f, out=df)
    df *= s.c_before


def _lstm_backward(s: Step, d: Step) -> None:
    *to_c, do = d.blocks
    do *= d.h
    d.extra *= d.h
    d.c += d.extra
    for block in to_c:
        block *= d.c
    np.multiply(d.c, s.blocks[1], out=d.c_before)


CELLS: dict[str, Cell] = {
    entry.name: entry
    for entry in (
        Cell(
            name="rnn_tanh",
            label="RNN (tanh)",
            latex=r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
            explanation="One matrix and one slope a step: a deep network whose layers are all the same.",
            n_gates=1,
            forward=partial(_rnn_forward, _TANH),
            slopes=partial(_rnn_slopes, _TANH),
            backward=_rnn_backward,
            color="#4a5fa5",
            largest_slope=1.0,
        ),
        Cell(
            name="rnn_relu",
            label="RNN (ReLU)",
            latex=r"h_t = \max(0,\, W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
            explanation="A unit that is off passes nothing back, and about half of them are: an orthogonal matrix has "
            "to stretch by about √2 or more before the gradient grows. Then nothing holds it, or the state, back.",
            n_gates=1,
            forward=partial(_rnn_forward, _RELU),
            slopes=partial(_rnn_slopes, _RELU),
            backward=_rnn_backward,
            color="#5f846e",
            largest_slope=1.0,
        ),
        Cell(
            name="rnn_sigmoid",
            label="RNN (sigmoid)",
            latex=r"h_t = \sigma(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",
            explanation="The slope is ¼ at the very most: unless the matrix stretches fourfold or more, a step back "
            "can only shrink the gradient.",
            n_gates=1,
            forward=partial(_rnn_forward, _SIGMOID),
            slopes=partial(_rnn_slopes, _SIGMOID),
            backward=_rnn_backward,
            color="#9a7a00",
            largest_slope=0.25,
        ),
        Cell(
            name="gru",
            label="GRU",
            latex=r"r, z = \sigma(W x_t + U h_{t-1} + b),\ n = \tanh(W_n x_t + b_n + r\,(U_n h_{t-1} + b_n')),\ "
            r"h_t = (1 - z)\, n + z\, h_{t-1}",
            explanation="A step keeps the share z of the old state, the update gate's value, and writes the share "
            "1 − z anew (Cho et al. 2014; torch.nn.GRU does the same, some texts swap z and 1 − z). It starts about "
            "half open.",
            n_gates=3,
            forward=_gru_forward,
            slopes=_gru_slopes,
            backward=_gru_backward,
            color="#2f8778",
            keeping_gate=1,
            keeping_label="update gate z",
            extra=True,
            splits=True,
        ),
        Cell(
            name="lstm",
            label="LSTM",
            latex=r"i, f, o = \sigma(W x_t + U h_{t-1} + b),\ g = \tanh(W_g x_t + U_g h_{t-1} + b_g),\ "
            r"c_t = f\, c_{t-1} + i\, g,\ h_t = o \tanh c_t",
            explanation="Has a second state, the cell state: a step multiplies it by the forget gate f and adds to it. "
            "Along that path, one of several, the gradient is multiplied by f, about ½ at the start unless its bias is "
            "raised (Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000).",
            n_gates=4,
            forward=partial(_lstm_forward, _TANH),
            slopes=partial(_lstm_slopes, _TANH),
            backward=_lstm_backward,
            color="#f0684f",
            has_cell_state=True,
            forget_gate=1,
            keeping_gate=1,
            keeping_label="forget gate f",
            extra=True,
        ),
        Cell(
            name="lstm_relu",
            label="LSTM (ReLU)",
            latex=r"i, f, o = \sigma(W x_t + U h_{t-1} + b),\ g = \max(0,\, W_g x_t + U_g h_{t-1} + b_g),\ "
            r"c_t = f\, c_{t-1} + i\, g,\ h_t = o \max(0, c_t)",
            explanation='The LSTM with ReLU in both of tanh\'s places, as Keras makes it of activation="relu"; its '
            "gates stay sigmoids. From a start of 0 its cell state is never negative, and nothing holds it back.",
            n_gates=4,
            forward=partial(_lstm_forward, _RELU),
            slopes=partial(_lstm_slopes, _RELU),
            backward=_lstm_backward,
            color="#5a673c",
            has_cell_state=True,
            forget_gate=1,
            keeping_gate=1,
            keeping_label="forget gate f",
            extra=True,
        ),
    )
}
