"""What is found of a log, as data: what its findings, and its page, are made from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vanish.logs.log import GradientLog
from vanish.measure.diagnosis import Diagnosis
from vanish.measure.profile import Factor
from vanish.numerics.arrays import Array

Severity = Literal["ok", "warning", "error"]

SEVERITY: dict[str, Severity] = {
    "missing": "warning",
    "overflow": "error",
    "dead": "error",
    "jump": "warning",
    "blocked": "error",
    "vanishing": "error",
    "exploding": "error",
    "too small": "warning",
    "too large": "warning",
    "hidden": "warning",
    "healthy": "ok",
}


@dataclass(frozen=True)
class StepVerdict:
    """What is said of one step."""

    step: float
    verdict: str
    ratio: float
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Storage:
    """How one number format holds the gradients: layers (names) below its smallest normal number and above its largest
    one, and the loss scale, a power of two, that would bring all of them in (``None``: none is needed, or none does).
    """

    number_format: str
    label: str
    below: tuple[str, ...]
    above: tuple[str, ...]
    loss_scale: float | None


@dataclass(frozen=True)
class Judged:
    """The verdict on one step of a log, and on the run; what is in it says ``Report``, which is this with words."""

    log: GradientLog
    step: float
    parameters: str
    names: tuple[str, ...]
    sizes: Array
    states: NDArray[np.uint8]
    per_entry: bool
    verdict: str
    diagnosis: Diagnosis
    factor: Factor
    course: tuple[StepVerdict, ...]
    since: float | None
    little: tuple[str, ...]
    storage: tuple[Storage, ...]
    silent: tuple[str, ...]

    @property
    def severity(self) -> Severity:
        """For a build: whether to go on, to look, or to stop."""
        return SEVERITY[self.verdict]

    @property
    def ratio(self) -> float:
        """First layer over last; at most this where the first one was printed as zero."""
        return self.diagnosis.ratio

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that the verdict is about."""
        return self.named(self.diagnosis.layers) if self.names else ()

    @cached_property
    def zeros(self) -> dict[str, float]:
        """The share of a layer's entries that are exactly 0 at this step, for those judged of which the log says it."""
        log = self.log
        if log.zeros is None:
            return {}
        row = log.zeros[int(np.argmin(np.abs(log.steps - self.step)))]
        shares = dict(zip(log.names, row.tolist(), strict=True))
        return {name: shares[name] for name in self.names if math.isfinite(shares[name])}

    def named(self, layers: Sequence[int]) -> tuple[str, ...]:
        """Names of layers that ``diagnosis`` counts."""
        return tuple(self.names[layer - 1] for layer in layers)
