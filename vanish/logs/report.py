"""What is said of a log, as data, as JSON for a build, and as a page."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vanish.logs.findings import Finding, findings_of
from vanish.logs.log import GradientLog
from vanish.logs.sheet import page_of
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
class Report:
    """The verdict on one step of a log, and on the run.

    Attributes
    ----------
    log : GradientLog
    step : float
        The step that is judged.
    parameters : str
        Which were judged: ``weight``, ``bias``, ``normalization``, ``embedding`` or ``all``.
    names : tuple of str
        The layers that were judged, the input's side first; ``diagnosis`` counts them from 1.
    sizes : ``(n_layers,)``
        What was compared: the size per entry where that is known, over the loss scale.  Where zeros were printed, half
        of the last digit.
    states : ``(n_layers,)``, see ``State``
    per_entry : bool
        Whether sizes of layers of other shapes can be compared.
    verdict : str
        As of ``Diagnosis``, or ``hidden``: fewer than two layers show a digit.
    diagnosis : Diagnosis
    factor : Factor
        Per layer on the way back, with Sen's 95 % interval, fitted to the layers that show a number.
    course : tuple of StepVerdict
        Up to 60 steps of the run, those where the verdict changes among them.
    since : float or None
        The step from which on the verdict is what it is at ``step``; ``None`` where the log has one step alone.
    little : tuple of str
        Layers that get less than a hundredth of the largest gradient, dead and hidden ones included.
    storage : tuple of Storage
    silent : tuple of str
        Layers of which the log says nothing at this step.
    """

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

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say, the verdict first."""
        return findings_of(self)

    def to_json(self) -> str:
        """For a build: severity, verdict, step, layers, factor, findings, and what was decided while reading."""
        return json.dumps(_plain(self._record()), indent=1, allow_nan=False)

    def to_html(self) -> str:
        """One HTML page with a picture of the profile; it needs no other file, and holds no script."""
        return page_of(self)

    def _record(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "verdict": self.verdict,
            "step": self.step,
            "since_step": self.since,
            "parameters": self.parameters,
            "first_over_last": self.ratio,
            "factor_per_layer": asdict(self.factor),
            "layers": list(self.layers),
            "little_gradient": list(self.little),
            "sizes": dict(zip(self.names, self.sizes.tolist(), strict=True)),
            "share_of_zeros": self.zeros,
            "number_formats": [asdict(storage) for storage in self.storage],
            "course": [asdict(verdict) for verdict in self.course],
            "findings": [asdict(finding) for finding in self.findings],
            "decisions": [asdict(decision) for decision in self.log.decisions],
            "problems": [str(problem) for problem in self.log.problems],
        }


def _plain(value: Any) -> Any:
    """What is no number in JSON as text: "nan", "inf"."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
