"""One table of optimisers.

Every optimiser is PyTorch's of the same name, its defaults included, on one vector that holds all of a
network's parameters: a step is a handful of array operations however many layers there are.  Steps work in
place and allocate nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_array, check_kind, check_number, refusal

MOMENTUM = 0.9


RMSPROP_DECAY = 0.99


ADAM_DECAYS = (0.9, 0.999)


WEIGHT_DECAY = 0.01


EPSILON = 1e-8


LARGEST_RATE = 100.0


@dataclass
class State:
    """What a step needs beside the gradient: ``slots`` start at 0 and last, ``scratch`` does not; ``step`` counts."""

    slots: list[Array]
    scratch: Array
    step: int = 0


@dataclass(frozen=True)
class Optimizer:
    """An entry of the table.

    ``update(p, g, state, rate)`` changes the parameters ``p`` ``(n,)`` in place, given their gradient ``g``
    ``(n,)``, which it leaves alone.
    """

    name: str
    label: str
    latex: str
    explanation: str
    n_slots: int
    update: Callable[[Array, Array, State, float], None]

    def start(self, parameters: Array) -> State:
        """The state before the first step of parameters ``(n,)``."""
        check_array("parameters", parameters, ("n",))
        return State([np.zeros_like(parameters) for _ in range(self.n_slots)], np.empty_like(parameters))

    def __call__(self, parameters: Array, gradient: Array, state: State, rate: float) -> None:
        """One step in place, at learning rate ``rate``, 0 to 100; parameters and gradient are ``(n,)``.

        Raises
        ------
        ValueError
            Naming the argument, what it may be and the value received.
        """
        if not isinstance(parameters, np.ndarray) or parameters.ndim != 1 or parameters.dtype != np.float64:
            raise refusal("parameters", "a float64 array of shape (n)", parameters)
        gradient = check_array("gradient", gradient, parameters.shape)
        check_kind("state", state, State)
        if len(state.slots) != self.n_slots or state.scratch.shape != parameters.shape:
            raise refusal("state", f"what {self.name} starts from, for {len(parameters)} parameters", state)
        self.apply(parameters, gradient, state, check_number("rate", rate, 0, LARGEST_RATE))

    def apply(self, parameters: Array, gradient: Array, state: State, rate: float) -> None:
        """As a call, for arrays that are known to be sound: what training uses."""
        state.step += 1
        self.update(parameters, gradient, state, rate)


def _subtract(p: Array, direction: Array, rate: float, scratch: Array) -> None:
    np.multiply(direction, rate, out=scratch)
    p -= scratch


def _sgd(p: Array, g: Array, state: State, rate: float) -> None:
    _subtract(p, g, rate, state.scratch)


def _momentum(p: Array, g: Array, state: State, rate: float) -> None:
    velocity = state.slots[0]
    velocity *= MOMENTUM
    velocity += g
    _subtract(p, velocity, rate, state.scratch)


def _nesterov(p: Array, g: Array, state: State, rate: float) -> None:
    velocity, scratch = state.slots[0], state.scratch
    velocity *= MOMENTUM
    velocity += g
    np.multiply(velocity, MOMENTUM, out=scratch)
    scratch += g
    _subtract(p, scratch, rate, scratch)


def _average_square(square: Array, g: Array, decay: float, scratch: Array) -> None:
    square *= decay
    np.multiply(g, g, out=scratch)
    scratch *= 1.0 - decay
    square += scratch


def _rmsprop(p: Array, g: Array, state: State, rate: float) -> None:
    (square,), scratch = state.slots, state.scratch
    _average_square(square, g, RMSPROP_DECAY, scratch)
    np.sqrt(square, out=scratch)
    scratch += EPSILON
    np.divide(g, scratch, out=scratch)
    _subtract(p, scratch, rate, scratch)


def _adam(p: Array, g: Array, state: State, rate: float) -> None:
    (mean, square), scratch, (beta1, beta2) = state.slots, state.scratch, ADAM_DECAYS
    np.subtract(g, mean, out=scratch)
    scratch *= 1.0 - beta1
    mean += scratch
    _average_square(square, g, beta2, scratch)
    # Both corrections of the early averages go into the rate, and the second into epsilon too (end of section 2).
    correction = sqrt(1.0 - beta2**state.step)
    np.sqrt(square, out=scratch)
    scratch += EPSILON * correction
    np.divide(mean, scratch, out=scratch)
    _subtract(p, scratch, rate * correction / (1.0 - beta1**state.step), scratch)


def _adamw(p: Array, g: Array, state: State, rate: float) -> None:
    p *= 1.0 - rate * WEIGHT_DECAY
    _adam(p, g, state, rate)


OPTIMIZERS: dict[str, Optimizer] = {
    entry.name: entry
    for entry in (
        Optimizer(
            "sgd",
            "SGD",
            r"\theta \leftarrow \theta - \eta\, g",
            "Plain gradient descent: a step is as small as the gradient, so that with hardly any a layer hardly moves.",
            0,
            _sgd,
        ),
        Optimizer(
            "momentum",
            "momentum",
            r"v \leftarrow 0.9\, v + g,\quad \theta \leftarrow \theta - \eta\, v",
            "A ball that rolls: steps of one direction add up to ten times their size (Polyak 1964).",
            1,
            _momentum,
        ),
        Optimizer(
            "nesterov",
            "Nesterov",
            r"v \leftarrow 0.9\, v + g,\quad \theta \leftarrow \theta - \eta\,(g + 0.9\, v)",
            "Momentum that looks ahead to where it rolls (Nesterov 1983; Sutskever et al. 2013).",
            1,
            _nesterov,
        ),
        Optimizer(
            "rmsprop",
            "RMSprop",
            r"s \leftarrow 0.99\, s + 0.01\, g^2,\quad \theta \leftarrow \theta - \eta\, g / (\sqrt{s} + 10^{-8})",
            "Divides each gradient by its usual size: small ones count like large ones (Hinton 2012, lecture 6e).",
            1,
            _rmsprop,
        ),
        Optimizer(
            "adam",
            "Adam",
            r"\theta \leftarrow \theta - \eta\, \hat m / (\sqrt{\hat s} + 10^{-8}),\quad "
            r"m \leftarrow 0.9\, m + 0.1\, g,\ s \leftarrow 0.999\, s + 0.001\, g^2",
            "RMSprop with momentum, both corrected for their start at 0 (Kingma & Ba 2015).",
            2,
            _adam,
        ),
        Optimizer(
            "adamw",
            "AdamW",
            r"\theta \leftarrow (1 - 0.01\, \eta)\,\theta,\ \text{then Adam}",
            "Adam, and every parameter shrinks a little each step whatever its gradient (Loshchilov & Hutter 2019).",
            2,
            _adamw,
        ),
    )
}
