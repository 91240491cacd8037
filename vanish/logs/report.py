"""What is said of a log, as data, as JSON for a build, and as a page."""

import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from vanish.logs.findings import Finding, findings_of
from vanish.logs.judged import Judged
from vanish.logs.sheet import page_of


@dataclass(frozen=True)
class Report(Judged):
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

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say, the verdict first."""
        return findings_of(self)

    def to_json(self) -> str:
        """For a build: severity, verdict, step, layers, factor, findings, and what was decided while reading."""
        return json.dumps(_plain(self._record()), indent=1, allow_nan=False)

    def to_html(self) -> str:
        """One HTML page with a picture of the profile; it needs no other file, and holds no script."""
        return page_of(self, self.findings)

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
