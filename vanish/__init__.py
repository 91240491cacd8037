"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.activity import layer_activity, pre_activation_histogram
from vanish.combinations import Combination, all_combinations, combinations_seconds, train_combinations
from vanish.datasets import DATASETS, Dataset
from vanish.diagnosis import Diagnosis, diagnose
from vanish.fixed_points import critical_weight_scale, fixed_point
from vanish.flow import MAGNITUDES, Magnitude, gradient_flow, quantiles
from vanish.initializers import INITIALIZERS, Initializer
from vanish.inputs import INPUTS, example_inputs
from vanish.jacobian import jacobian, singular_values
from vanish.losses import LOSSES
from vanish.network import RESIDUALS, Gradients, NetworkSpec, Parameters, backprop, forward, initialize
from vanish.normalization import NORMALIZATIONS
from vanish.number_formats import NUMBER_FORMATS, underflow_layers
from vanish.optimizers import CLIPPINGS, OPTIMIZERS, SCHEDULES, clip_by_norm, clip_by_value
from vanish.remedies import (
    REMEDIES,
    Remedy,
    Rung,
    clipped,
    first_over_last,
    ladder,
    matched_initializer,
    treated,
    untreated,
)
from vanish.shattered import autocorrelation, expected_correlation, gradient_over_line, shattering
from vanish.sweep import sweep
from vanish.theory import signal_propagation
from vanish.training import Divergence, Snapshot, batches, estimate_seconds, fit_spec, predict, train

__all__ = [
    "ACTIVATIONS",
    "CLIPPINGS",
    "DATASETS",
    "INITIALIZERS",
    "INPUTS",
    "LOSSES",
    "MAGNITUDES",
    "NORMALIZATIONS",
    "NUMBER_FORMATS",
    "OPTIMIZERS",
    "REMEDIES",
    "RESIDUALS",
    "SCHEDULES",
    "Activation",
    "Combination",
    "Dataset",
    "Diagnosis",
    "Divergence",
    "Gradients",
    "Initializer",
    "Magnitude",
    "NetworkSpec",
    "Parameters",
    "Remedy",
    "Rung",
    "Snapshot",
    "all_combinations",
    "autocorrelation",
    "backprop",
    "batches",
    "clip_by_norm",
    "clip_by_value",
    "clipped",
    "combinations_seconds",
    "critical_weight_scale",
    "diagnose",
    "estimate_seconds",
    "example_inputs",
    "expected_correlation",
    "first_over_last",
    "fit_spec",
    "fixed_point",
    "forward",
    "gradient_flow",
    "gradient_over_line",
    "initialize",
    "jacobian",
    "kata",
    "ladder",
    "layer_activity",
    "matched_initializer",
    "pre_activation_histogram",
    "predict",
    "quantiles",
    "shattering",
    "signal_propagation",
    "singular_values",
    "sweep",
    "train",
    "train_combinations",
    "treated",
    "underflow_layers",
    "untreated",
]
