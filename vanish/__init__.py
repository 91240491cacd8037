"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.diagnosis import Diagnosis, diagnose
from vanish.flow import MAGNITUDES, Magnitude, gradient_flow
from vanish.initializers import INITIALIZERS, Initializer
from vanish.inputs import INPUTS, example_inputs
from vanish.network import RESIDUALS, Gradients, NetworkSpec, Parameters, backprop, forward, initialize
from vanish.normalization import NORMALIZATIONS
from vanish.theory import critical_weight_scale, fixed_point, signal_propagation

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "INPUTS",
    "MAGNITUDES",
    "NORMALIZATIONS",
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
    "kata",
    "signal_propagation",
]
