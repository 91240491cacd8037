"""The words that everything on the page is said in, for those who meet them first."""

from collections.abc import Mapping
from types import MappingProxyType

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.number_formats import NUMBER_FORMATS
from vanish.measure.diagnosis import EXPLODING_ABOVE, VANISHING_BELOW
from vanish.ui.kit.numbers import number

# In the order in which one needs them.
CONCEPTS: Mapping[str, str] = MappingProxyType(
    {
        "Layer": "Many units side by side. Each adds up what it is given, times its weights, and passes the sum "
        "through an activation. Layer 1 is at the input.",
        "Unit": "One entry of a layer: one sum, one number that is handed on.",
        "Weight, bias": "The numbers that training changes: a weight multiplies an input of a unit, a bias is added.",
        "Pre-activation z": "The sum in a unit, before the activation.",
        "Activation": "What a unit makes of its sum: a curve such as tanh or ReLU.",
        "Slope": "How much the activation's output changes when its input changes a little. On its way back the "
        "gradient is multiplied by one slope per layer: a sigmoid's is at most "
        f"{number(ACTIVATIONS['sigmoid'].largest_slope)}.",
        "Gradient": "How much the loss would change if a number in the network changed a little. Training moves every "
        "weight against its gradient: where it is nearly 0, a plain step hardly moves anything.",
        "dL/dz, dL/dW": "The gradient at a unit's sum, the signal on its way back; and at a weight, which is that "
        "signal times what the weight is given.",
        "First over last": "The size of the gradient in layer 1, over its size in the last layer: how much of it "
        "arrives.",
        "Lossless network": "One of the same shape that keeps the signal's length in every layer: what first over last "
        "is compared with, so that 1 means that nothing was lost.",
        "Vanishing": f"First over last is below {number(VANISHING_BELOW)} of a lossless network's, and the gradient "
        "shrinks from layer to layer on its way back.",
        "Exploding": f"First over last is above {number(EXPLODING_ABOVE)} times a lossless network's, and the gradient "
        "grows on its way back.",
        "Healthy": f"First over last is between {number(VANISHING_BELOW)} and {number(EXPLODING_ABOVE)} times a "
        "lossless network's, no layer is cut off, and none jumps. Whether a network learns, it does not say.",
        "Saturation": "Where an activation is nearly flat, as tanh is for large sums: its slope is nearly 0, and so is "
        "what it passes back.",
        "Dead": "A unit whose slope is exactly 0 for every example passes nothing back; a network is dead where no "
        "gradient arrives at all.",
        "Floor": "The smallest number above 0 that a number format holds "
        f"(float32: {number(NUMBER_FORMATS['float32'].smallest_subnormal)}): a gradient below it is stored as 0.",
        "Initialization": "How the weights are drawn before training: their size decides whether the signal keeps its "
        "size.",
        "The original program": "The small teaching program that this page grew from: ten layers of eight units, and "
        "weights of its own random numbers.",
        "Seed": "Which random numbers are drawn: the same seed, the same network.",
        "Batch": "The examples that are sent through together.",
        "Loss": "How wrong the network is, as one number.",
        "Learning rate": "How far a step goes: a weight moves by learning rate times gradient.",
    }
)

# What theory's words mean, wherever they stand on the page.
THEORY: Mapping[str, str] = MappingProxyType(
    {
        "Mean-field theory": "What is expected of very wide networks, from the sizes of weights and biases alone.",
        "Cosine": "How alike two signals are: 1 is the same direction, 0 a right angle.",
        "Correlation in the end, c\\*": "What two inputs come to deep in a wide network: at 1 it no longer tells them "
        "apart.",
        "Depth scales ξ_q and ξ_c": "Layers over which the distance from the final size, from c\\*, shrinks e-fold. "
        "Networks were trained up to a depth of about 6 ξ_c (Schoenholz et al. 2017).",
    }
)
