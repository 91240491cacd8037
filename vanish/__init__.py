"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.activity import layer_activity, pre_activation_histogram
from vanish.diagnosis import Diagnosis, diagnose
from vanish.fixed_points import critical_weight_scale, fixed_point
from vanish.flow import MAGNITUDES, Magnitude, gradient_flow, quantiles
from vanish.initializers import INITIALIZERS, Initializer
from vanish.inputs import INPUTS, example_inputs
from vanish.jacobian import jacobian, singular_values
from vanish.network import RESIDUALS, Gradients, NetworkSpec, Parameters, backprop, forward, initialize
from vanish.normalization import NORMALIZATIONS
from vanish.number_formats import NUMBER_FORMATS, underflow_layers
from vanish.sweep import sweep
from vanish.theory import signal_propagation

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "INPUTS",
    "MAGNITUDES",
    "NORMALIZATIONS",
    "NUMBER_FORMATS",
    "RESIDUALS",
    "Activation",
    "Diagnosis",
    "Gradients",
    "Initializer",
    "Magnitude",
    "NetworkSpec",
    "Parameters",
    "backprop",
    "critical_weight_scale",
    "diagnose",
    "example_inputs",
    "fixed_point",
    "forward",
    "gradient_flow",
    "initialize",
    "jacobian",
    "kata",
    "layer_activity",
    "pre_activation_histogram",
    "quantiles",
    "signal_propagation",
    "singular_values",
    "sweep",
    "underflow_layers",
]
