"""vanish: see, measure and cure vanishing gradients.  This is the public face, and nothing else."""

from vanish import kata
from vanish.activations import ACTIVATIONS, Activation
from vanish.diagnosis import Diagnosis, diagnose
from vanish.flow import MAGNITUDES, Magnitude, gradient_flow
from vanish.initializers import INITIALIZERS, Initializer
from vanish.network import Gradients, NetworkSpec, Parameters, backprop, forward, initialize

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "MAGNITUDES",
    "Activation",
    "Diagnosis",
    "Gradients",
    "Initializer",
    "Magnitude",
    "NetworkSpec",
    "Parameters",
    "backprop",
    "diagnose",
    "forward",
    "gradient_flow",
    "initialize",
    "kata",
]
