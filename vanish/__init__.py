"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.activity import layer_activity, pre_activation_histogram
from vanish.diagnosis import Diagnosis, diagnose
from vanish.flow import MAGNITUDES, Magnitude, gradient_flow, quantiles
from vanish.initializers import INITIALIZERS, Initializer
from vanish.inputs import INPUTS, example_inputs
from vanish.jacobian import jacobian, singular_values
from vanish.network import RESIDUALS, Gradients, NetworkSpec, Parameters, backprop, forward, initialize
from vanish.normalization import NORMALIZATIONS
from vanish.number_formats import NUMBER_FORMATS, underflow_layers
from vanish.sweep import sweep

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
    "diagnose",
    "example_inputs",
    "forward",
    "gradient_flow",
    "initialize",
    "jacobian",
    "kata",
    "layer_activity",
    "pre_activation_histogram",
    "quantiles",
    "singular_values",
    "sweep",
    "underflow_layers",
]
