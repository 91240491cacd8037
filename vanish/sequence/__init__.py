"""A recurrent network as plain data and pure functions: spec, parameters, passes, training."""

from vanish.sequence.divergence import RecurrentDivergence
from vanish.sequence.estimates import estimate_recurrent_seconds
from vanish.sequence.initialize import initialize_recurrent
from vanish.sequence.passes import ForwardPass, RecurrentGradients, backprop_through_time, run_recurrent
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec
from vanish.sequence.through_time import (
    SpectralBounds,
    ThroughTime,
    forget_gate_products,
    gradient_through_time,
    learnable_lag,
    measure_through_time,
    spectral_bounds,
)
from vanish.sequence.training import RecurrentSnapshot, fit_recurrent_spec, sequence_batches, train_recurrent

__all__ = [
    "ForwardPass",
    "RecurrentDivergence",
    "RecurrentGradients",
    "RecurrentParameters",
    "RecurrentSnapshot",
    "RecurrentSpec",
    "SpectralBounds",
    "ThroughTime",
    "backprop_through_time",
    "estimate_recurrent_seconds",
    "fit_recurrent_spec",
    "forget_gate_products",
    "gradient_through_time",
    "initialize_recurrent",
    "learnable_lag",
    "measure_through_time",
    "run_recurrent",
    "sequence_batches",
    "spectral_bounds",
    "train_recurrent",
]
