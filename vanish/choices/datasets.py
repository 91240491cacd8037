"""One table of data sets: handwritten digits, six figures in the plane, and noisy curves to be fitted.

The digits are *Optical Recognition of Handwritten Digits*, E. Alpaydin & C. Kaynak (1998), UCI Machine
Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0; they lie in ``data`` beside
this module.  Everything else is drawn on the spot.  Inputs are standardised: each has mean 0 and variance 1 over the
training part, whose mean and standard deviation are applied to the test part as well.  Only pixels that are nearly
always blank have less.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import pi
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vanish.choices.losses import LOSSES, Targets
from vanish.numerics import lcg
from vanish.numerics.arrays import Array
from vanish.numerics.checks import (
    check_array,
    check_choice,
    check_integer,
    check_kind,
    check_number,
    put_checked,
    refusal,
)

N_TRAIN, N_TEST = 800, 400


LARGEST_NOISE, LARGEST_OUTPUTS = 1.0, 512


# Pixels that are blank in all but a few digits would become outliers of 30 standard deviations; the figures vary by
# far more.
SMALLEST_STD = 0.1


@dataclass(frozen=True)
class Dataset:
    """Examples to learn from, and others to be tested on.

    ``train_inputs``: ``(n_train, n_inputs)``, standardised; ``train_targets``: ``(n_train,)``, classes counted
    from 0 as int64, or float64 values for a regression; ``test_inputs`` and ``test_targets`` likewise.  Several values
    (loss ``"squared"``) or labels of 0 or 1 (``"logistic"``) an example are targets of shape ``(n, n_outputs)``.
    ``mean`` and ``std``, ``(n_inputs,)``, are what was subtracted and divided by.  ``loss`` is a name from
    ``LOSSES``; ``source`` says where the data come from.

    Raises
    ------
    ValueError
        Naming the field, what it may be and the value received.
    """

    name: str
    loss: str
    n_outputs: int
    train_inputs: Array
    train_targets: Targets
    test_inputs: Array
    test_targets: Targets
    mean: Array
    std: Array
    noise: float
    seed: int
    source: str

    def __post_init__(self) -> None:
        check_choice("loss", self.loss, LOSSES)
        for name in ("name", "source"):
            check_kind(name, getattr(self, name), str)
        put_checked(self, n_outputs=check_integer("n_outputs", self.n_outputs, 1, LARGEST_OUTPUTS))
        train = check_array("train_inputs", self.train_inputs, ("n_train", "n_inputs"), finite=True)
        test = check_array("test_inputs", self.test_inputs, ("n_test", train.shape[1]), finite=True)
        put_checked(self, train_inputs=train, test_inputs=test)
        for name in ("mean", "std"):
            check_array(name, getattr(self, name), (train.shape[1],), finite=True)
        for name, inputs in (("train_targets", train), ("test_targets", test)):
            targets = LOSSES[self.loss].check_targets(name, getattr(self, name), len(inputs), self.n_outputs)
            put_checked(self, **{name: targets})
        put_checked(self, noise=check_number("noise", self.noise, 0, LARGEST_NOISE))
        put_checked(self, seed=lcg.check_seed("seed", self.seed))

    @property
    def n_inputs(self) -> int:
        """Numbers that describe one example."""
        return self.train_inputs.shape[1]

    @property
    def guessing(self) -> float:
        """Test score of the best answer that never looks at an input, ``LOSSES[loss].guessing``."""
        return LOSSES[self.loss].guessing(self.test_targets)


@dataclass(frozen=True)
class FigureShape:
    """The one number that a figure may be shaped by: its name, range, and what the figure is without it.

    ``step`` is what one hardly sees; ``label`` and ``explanation`` are for who sets it.
    """

    name: str
    default: float
    low: float
    high: float
    step: float
    label: str
    explanation: str


@dataclass(frozen=True)
class DatasetEntry:
    """An entry of the table.

    ``draw(generator, noise)``, with ``shape`` ``draw(generator, noise, its value)``, gives inputs ``(n, n_inputs)`` and
    targets as in ``Dataset``, the first ``n_train`` of them to be trained on.  The figures lie within about -1 ... 1,
    the unit of ``noise``; ``noise_label`` says what that is the standard deviation of.  ``recorded``: whether the
    examples are a fixed collection, for which another seed gives no others and noise is nothing of their own.
    ``image_shape``: rows and columns of an example that is a picture, else ``None``.
    """

    name: str
    label: str
    explanation: str
    loss: str
    n_inputs: int
    n_outputs: int
    n_train: int
    default_noise: float
    noise_label: str
    source: str
    draw: Callable[..., tuple[Array, Targets]]
    recorded: bool = False
    image_shape: tuple[int, int] | None = None
    shape: FigureShape | None = None

    def make(self, noise: float | None = None, seed: int = 0, shape: float | None = None) -> Dataset:
        """The data, always the same for the same arguments.

        Parameters
        ----------
        noise : float, 0 to 1; ``None`` is the entry's own
        seed : int, 0 to 2**64 - 1
        shape : float in the figure's own range; ``None`` is the entry's own

        Raises
        ------
        ValueError
            Naming the argument, its range and the value received.
        """
        noise = self.default_noise if noise is None else check_number("noise", noise, 0, LARGEST_NOISE)
        seed = lcg.check_seed("seed", seed)
        # A stream that no weight, bias or example input comes from.
        inputs, targets = self.draw(np.random.default_rng([seed, 4]), noise, *self._shapes(shape))
        n = self.n_train
        mean, std = inputs[:n].mean(axis=0), np.maximum(inputs[:n].std(axis=0), SMALLEST_STD)
        standardised = (inputs - mean) / std
        return Dataset(
            name=self.name,
            loss=self.loss,
            n_outputs=self.n_outputs,
            train_inputs=standardised[:n],
            train_targets=targets[:n],
            test_inputs=standardised[n:],
            test_targets=targets[n:],
            mean=mean,
            std=std,
            noise=noise,
            seed=seed,
            source=self.source,
        )

    def _shapes(self, shape: float | None) -> tuple[float, ...]:
        own = self.shape
        if own is None:
            if shape is not None:
                raise refusal("shape", f"None for {self.name}", shape)
            return ()
        return (own.default if shape is None else check_number(f"shape ({own.name})", shape, own.low, own.high),)


@cache
def _digits_file() -> tuple[Array, Targets]:
    """Pixels from 0 to 1 ``(1797, 64)`` and digits ``(1797,)``, every fourth one moved to the end for testing."""
    with np.load(Path(__file__).parent / "data" / "digits.npz") as file:
        pixels, labels = file["images"].reshape(-1, 64) / 16.0, file["labels"].astype(np.int64)
    order = np.argsort(np.arange(len(labels)) % 4 == 3, kind="stable")
    return pixels[order], labels[order]


def _digits(generator: np.random.Generator, noise: float) -> tuple[Array, Targets]:
    pixels, labels = _digits_file()
    return pixels + noise * generator.standard_normal(pixels.shape), labels.copy()


def _two_classes() -> NDArray[np.int64]:
    return np.arange(N_TRAIN + N_TEST, dtype=np.int64) % 2


def _plane(generator: np.random.Generator, x: NDArray, y: NDArray, noise: float) -> Array:
    return np.column_stack([x, y]) + noise * generator.standard_normal((len(x), 2))


def _spirals(generator: np.random.Generator, noise: float, turns: float) -> tuple[Array, Targets]:
    labels = _two_classes()
    # Spread along the radius as points are over a disc, so that the long outer turns are as dense as the inner ones.
    radius = np.sqrt(generator.uniform(0.01, 1.0, len(labels)))
    angle = 2.0 * pi * turns * radius + pi * labels
    return _plane(generator, radius * np.cos(angle), radius * np.sin(angle), noise), labels


def _moons(generator: np.random.Generator, noise: float) -> tuple[Array, Targets]:
    labels = _two_classes()
    angle, sign = generator.uniform(0.0, pi, len(labels)), 1.0 - 2.0 * labels
    # Two half circles, one turned over and moved into the other's opening; centred.
    x, y = sign * (np.cos(angle) - 0.5), sign * (np.sin(angle) - 0.25)
    return _plane(generator, x / 1.5, y / 1.5, noise), labels


def _circles(generator: np.random.Generator, noise: float, factor: float) -> tuple[Array, Targets]:
    labels = _two_classes()
    angle, radius = generator.uniform(0.0, 2.0 * pi, len(labels)), 1.0 - (1.0 - factor) * labels
    return _plane(generator, radius * np.cos(angle), radius * np.sin(angle), noise), labels


def _cells(generator: np.random.Generator, noise: float, cells: int) -> tuple[Array, Targets]:
    """A square of ``cells`` by ``cells`` fields in two colours; noise comes after the colours."""
    x, y = generator.uniform(-1.0, 1.0, (2, N_TRAIN + N_TEST))
    fields = np.floor((x + 1) * cells / 2) + np.floor((y + 1) * cells / 2)
    return _plane(generator, x, y, noise), fields.astype(np.int64) % 2


def _sine(generator: np.random.Generator, noise: float) -> tuple[Array, Targets]:
    x = generator.uniform(-1.0, 1.0, N_TRAIN + N_TEST)
    return x[:, None], np.sin(3.0 * pi * x) + noise * generator.standard_normal(x.shape)


def _waves(generator: np.random.Generator, noise: float) -> tuple[Array, Targets]:
    x = generator.uniform(-1.0, 1.0, N_TRAIN + N_TEST)
    both = np.column_stack([np.sin(3.0 * pi * x), np.cos(3.0 * pi * x)])
    return x[:, None], both + noise * generator.standard_normal(both.shape)


def _overlap(generator: np.random.Generator, noise: float) -> tuple[Array, Targets]:
    x, y = generator.uniform(-1.0, 1.0, (2, N_TRAIN + N_TEST))
    # Two discs of radius 0.6 around (-0.3, 0) and (0.3, 0).
    inside = np.column_stack([np.hypot(x - middle, y) < 0.6 for middle in (-0.3, 0.3)])
    return _plane(generator, x, y, noise), inside.astype(np.int64)


def _figure(
    name: str,
    label: str,
    explanation: str,
    noise: float,
    draw: Callable[..., tuple[Array, Targets]],
    shape: FigureShape | None = None,
) -> DatasetEntry:
    """A two-class figure in the plane."""
    what, source = "the points' distance", "drawn at random"
    return DatasetEntry(name, label, explanation, "logistic", 2, 1, N_TRAIN, noise, what, source, draw, shape=shape)


DATASETS: dict[str, DatasetEntry] = {
    entry.name: entry
    for entry in (
        _figure(
            "spirals",
            "two spirals",
            "Two arms wound around each other: no straight line comes near to telling them apart.",
            0.02,
            _spirals,
            FigureShape("turns", 1.5, 0.5, 3.0, 0.25, "Turns", "How often each arm winds around the middle."),
        ),
        _figure(
            "circles",
            "circles",
            "A ring around a smaller one: no straight line tells them apart.",
            0.08,
            _circles,
            FigureShape("factor", 0.5, 0.0, 0.95, 0.05, "Inner radius", "The outer ring's is 1."),
        ),
        DatasetEntry(
            name="digits",
            label="handwritten digits",
            explanation="1,797 real digits of 8 × 8 pixels: every fourth is kept for the test.",
            loss="softmax",
            n_inputs=64,
            n_outputs=10,
            n_train=1348,
            default_noise=0.0,
            noise_label="the gray added to each pixel",
            source="Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
            "E. Alpaydin & C. Kaynak (1998), CC BY 4.0",
            draw=_digits,
            recorded=True,
            image_shape=(8, 8),
        ),
        _figure("moons", "two moons", "Two half circles, each in the other's opening.", 0.1, _moons),
        _figure(
            "xor",
            "XOR",
            "Opposite corners of a square belong together: the case that a network without hidden layers cannot learn.",
            0.05,
            lambda generator, noise: _cells(generator, noise, 2),
        ),
        _figure(
            "checkerboard",
            "checkerboard",
            "Four by four fields in two colors: many corners for a network to cut out.",
            0.02,
            lambda generator, noise: _cells(generator, noise, 4),
        ),
        DatasetEntry(
            name="sine",
            label="noisy sine",
            explanation="Three half waves on either side of 0, to be fitted and not classified.",
            loss="squared",
            n_inputs=1,
            n_outputs=1,
            n_train=N_TRAIN,
            default_noise=0.1,
            noise_label="the points' height",
            source="drawn at random",
            draw=_sine,
        ),
        DatasetEntry(
            name="waves",
            label="noisy sine and cosine",
            explanation="A sine and a cosine of one input, to be fitted at once by two outputs; R² is the mean of "
            "theirs.",
            loss="squared",
            n_inputs=1,
            n_outputs=2,
            n_train=N_TRAIN,
            default_noise=0.1,
            noise_label="the points' height",
            source="drawn at random",
            draw=_waves,
        ),
        DatasetEntry(
            name="overlap",
            label="overlapping discs",
            explanation="A point may lie in one of two discs, in both or in none: two labels, and accuracy is the "
            "share of labels that are right.",
            loss="logistic",
            n_inputs=2,
            n_outputs=2,
            n_train=N_TRAIN,
            default_noise=0.02,
            noise_label="the points' distance",
            source="drawn at random",
            draw=_overlap,
        ),
    )
}
