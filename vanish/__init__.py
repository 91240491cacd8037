"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.activity import layer_activity, pre_activation_histogram
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
    "RESIDUALS",
    "SCHEDULES",
    "Activation",
    "Dataset",
    "Diagnosis",
    "Divergence",
    "Gradients",
    "Initializer",
    "Magnitude",
    "NetworkSpec",
    "Parameters",
    "Snapshot",
    "backprop",
    "batches",
    "clip_by_norm",
    "clip_by_value",
    "critical_weight_scale",
    "diagnose",
    "estimate_seconds",
    "example_inputs",
    "fit_spec",
    "fixed_point",
    "forward",
    "gradient_flow",
    "initialize",
    "jacobian",
    "kata",
    "layer_activity",
    "pre_activation_histogram",
    "predict",
    "quantiles",
    "signal_propagation",
    "singular_values",
    "sweep",
    "train",
    "underflow_layers",
]
