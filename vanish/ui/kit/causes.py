"""What in a network's own making explains a gradient of zero, apart from its depth, and the way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.diagnosis import Diagnosis
from vanish.network.spec import NetworkSpec
from vanish.ui.kit.numbers import number

# Batch norm has examples enough.
ENOUGH_EXAMPLES = 32

# An output unit that passes on no more than this is off.
OFF = 0.1


@dataclass(frozen=True)
class Cause:
    """``tag``: a word or two for a card; ``sentence``: with ``{name}`` for how the network is called; ``offer``: what
    a button says that sets ``controls``, if there is one."""

    tag: str
    sentence: str
    offer: str | None = None
    controls: Mapping[str, Any] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """The sentence about a network, by how it is called."""
        return self.sentence.format(name=name)


LINEAR_OUTPUT = "Make the output layer linear", MappingProxyType({"linear_output": "linear"})

OUTPUT_OFF = Cause(
    "output unit off",
    "The output unit of {name} is off: its slope is exactly 0 for these inputs, so that no gradient sets out. "
    "That says nothing about the layers before it.",
    *LINEAR_OUTPUT,
)

BATCH_OF_ONE = Cause(
    "needs a batch",
    "Batch norm over a single example gives exactly 0, by construction: each value less its own mean. "
    "That says nothing about {name}: it needs more examples.",
    f"Raise the batch size to {ENOUGH_EXAMPLES}",
    MappingProxyType({"batch_size": ENOUGH_EXAMPLES}),
)

UNIT_OF_ONE = Cause(
    "needs width",
    "Layer norm over a single unit gives exactly 0, by construction: the value less its own mean. "
    "That says nothing about {name}: it needs more units a layer.",
    "Make it 8 wide",
    MappingProxyType({"width": 8}),
)

ZERO_WEIGHTS = Cause(
    "weights start at 0",
    "All weights of {name} start at 0, so that at the start no gradient comes back through them.",
)

CLOSED_GATES = Cause(
    "gates start at 0",
    "Every residual branch of {name} is multiplied by a gate that starts at 0: its weights get no gradient before the "
    "first step, which moves the gates.",
)

CLOSED_ENDS = Cause(
    "branches start at 0",
    "Every residual branch of {name} ends with a matrix that starts at 0: what stands before it gets no gradient "
    "before the first step, which can only move that matrix.",
)

NO_LENGTH = Cause(
    "undefined",
    "The gradient of {name} is finite, but its weights are all 0, and it cannot be divided by their length.",
)


def nearly_off(slope: float) -> Cause:
    """An output unit of the leaky kind is off, and passes on ``slope`` of the gradient."""
    return Cause(
        "output unit off",
        f"The output unit of {{name}} is off for these inputs and passes on only {number(slope)} of the gradient: "
        "that one step is the jump, whatever the other layers do.",
        *LINEAR_OUTPUT,
    )


def _all_zero(spec: NetworkSpec) -> bool:
    return spec.weight_mean == 0 and not any(spec.weight_factor(*shape[::-1]) for shape in spec.layer_shapes)


def cause(
    spec: NetworkSpec, batch_size: int, magnitude: str, diagnosis: Diagnosis, output_slope: float
) -> Cause | None:
    """What explains a diagnosis, or ``None``; ``output_slope`` is the mean size of the output units' slopes."""
    if magnitude == "relative_norm" and _all_zero(spec) and diagnosis.verdict == "overflow":
        return NO_LENGTH
    step = diagnosis.step
    if diagnosis.verdict == "jump" and step and step.after == spec.depth and step.decades < 0 and output_slope < OFF:
        return nearly_off(output_slope)
    if diagnosis.verdict != "dead":
        return None
    normalization = NORMALIZATIONS[spec.normalization]
    over_units = normalization.normalizes and not normalization.over_batch and normalization.centered
    explanations = (
        (BATCH_OF_ONE, normalization.over_batch and batch_size == 1 and spec.depth > 1),
        (UNIT_OF_ONE, over_units and 1 in spec.hidden_sizes),
        (OUTPUT_OFF, output_slope == 0),
        (ZERO_WEIGHTS, _all_zero(spec)),
        (CLOSED_GATES, spec.initial_gate == 0 and any(spec.skipped_layers)),
        (CLOSED_ENDS, RESIDUALS[spec.residual].starts_closed and any(spec.skipped_layers)),
    )
    return next((one for one, applies in explanations if applies), None)
