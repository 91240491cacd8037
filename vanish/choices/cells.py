"""One table of recurrent cells: one step along a sequence and one step back, side by side.

Equations, order of gates and layout are PyTorch's (``torch.nn.RNN``, ``GRU``, ``LSTM``).  A step's arrays have units
along the rows and a batch along the columns, ``(..., rows, batch)``: a gate is then a block of rows that lies together
in memory, and one product serves all gates.  Steps work in place on views that are made once.

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
    """What one step of a forward pass reads and writes: views, ``(..., rows, batch)`` each.

    ``gates`` comes in as ``W_ih x + b`` and leaves as the gates' values, ``blocks`` is the same gate by gate;
    ``extra`` is what the cell keeps beside (the LSTM's ``tanh c``, the GRU's ``W_hn h + b_hn``).
    """

    gates: Array
    blocks: tuple[Array, ...]
    extra: Array
    h_before: Array
    h: Array
    c_before: Array
    c: Array


@dataclass(slots=True)
class StepGradients:
    """The same for the backward pass.

    ``dz`` is the gradient of ``W_ih x + b_ih`` and ``du`` that of ``W_hh h + b_hh``: one array, where a cell adds the
    two.  ``dh`` and ``dc`` come in complete but for what reaches the cell state through ``h``.
    """

    dz: Array
    dz_blocks: tuple[Array, ...]
    du: Array
    du_blocks: tuple[Array, ...]
    dh_before: Array
    dh: Array
    dc_before: Array
    dc: Array


@dataclass(frozen=True)
class Cell:
    """An entry of the table.

    ``forward(step, u)`` gets ``u = W_hh h_{t-1}`` and fills in the new state; ``backward(step, gradients)`` fills in
    ``dz`` and ``du``, and hands on what reaches the state before past ``W_hh``.  ``largest_slope`` is the activation's
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
    backward: Callable[[Step, StepGradients], None]
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


def _rnn_backward(unit: _Unit, s: Step, d: StepGradients) -> None:
    unit.slope(s.h, out=d.dz)
    d.dz *= d.dh


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


def _gru_backward(s: Step, d: StepGradients) -> None:
    r, z, n = s.blocks
    dr, dz, dn = d.dz_blocks
    du_n = d.du_blocks[-1]
    kept = d.dh * z
    d.dh_before += kept
    # dz = dh (h - n) z (1 - z)
    np.subtract(s.h_before, n, out=dz)
    dz *= kept
    dz *= 1.0 - z
    # dn = dh (1 - z) (1 - n^2), and of that r goes to u, which goes to r
    np.subtract(d.dh, kept, out=dn)
    dn *= 1.0 - n * n
    np.multiply(dn, r, out=du_n)
    np.multiply(du_n, s.extra, out=dr)
    dr *= 1.0 - r
    both = 2 * n.shape[-2]
    d.du[..., :both, :] = d.dz[..., :both, :]


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


def _lstm_backward(unit: _Unit, s: Step, d: StepGradients) -> None:
    i, f, g, o = s.blocks
    di, df, dg, do = d.dz_blocks
    # h = o phi(c): do = dh phi(c) o (1 - o), and dc gains dh o phi'(c)
    through = d.dh * o
    np.multiply(through, s.extra, out=do)
    do *= 1.0 - o
    through *= unit.slope(s.extra)
    d.dc += through
    # c = f c + i g: dg = dc i phi'(g), di = dc g i (1 - i), df = dc c f (1 - f), and f of dc goes on
    np.multiply(d.dc, i, out=dg)
    np.multiply(dg, g, out=di)
    di *= 1.0 - i
    dg *= unit.slope(g)
    np.multiply(d.dc, f, out=d.dc_before)
    np.multiply(d.dc_before, s.c_before, out=df)
    df *= 1.0 - f


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
            backward=partial(_rnn_backward, _TANH),
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
            backward=partial(_rnn_backward, _RELU),
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
            backward=partial(_rnn_backward, _SIGMOID),
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
            backward=partial(_lstm_backward, _TANH),
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
            backward=partial(_lstm_backward, _RELU),
            color="#5a673c",
            has_cell_state=True,
            forget_gate=1,
            keeping_gate=1,
            keeping_label="forget gate f",
            extra=True,
        ),
    )
}
