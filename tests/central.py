"""Backward passes against central differences."""

from dataclasses import replace

import numpy as np
from networks import KINDS, steepness, stirred

from vanish import Parameters, backprop, forward
from vanish.choices import ACTIVATIONS


def distance_to_kinks(spec, activated):
    return min((np.abs(activated - kink).min() for kink in ACTIVATIONS[spec.activation].kinks), default=np.inf)


def off_the_kinks(spec, inputs, weighting):
    """Parameters of the first seed whose units are all further from a kink than a step can move them."""
    for seed in range(3000):
        parameters = stirred(spec, seed)
        layers = forward(spec, parameters, inputs).layers
        alive = np.abs(backprop(spec, parameters, inputs, weighting).weights[0]).max() > 1e-6
        bent = [layer.activated for layer in layers if layer.slope is not None]
        if alive and min(distance_to_kinks(spec, activated) for activated in bent) > 0.02:
            return parameters
    raise AssertionError("no seed keeps every unit off its kink")


def central_difference(spec, parameters, inputs, weighting, kind, layer):
    """Fourth order, for every entry of one array at once: one network a nudge of an entry, all side by side."""
    values = getattr(parameters.layers[layer], kind)
    h = 3e-5 / steepness(spec)
    steps, shares = h * np.array([-2, -1, 1, 2]), np.array([1, -8, 8, -1]) / (12 * h)
    nudges = np.multiply.outer(steps, np.eye(values.size)).reshape(-1, *values.shape)
    layers = parameters.map(lambda array: np.broadcast_to(array, (len(nudges), *array.shape))).layers
    layers[layer] = replace(layers[layer], **{kind: values + nudges})
    losses = (forward(spec, Parameters(layers), inputs).outputs * weighting).sum(axis=(-2, -1))
    return (shares @ losses.reshape(len(steps), -1)).reshape(values.shape)


def assert_central(spec, inputs, weighting):
    """Every gradient of a network off its kinks is within 1e-6 of its central difference."""
    parameters = off_the_kinks(spec, inputs, weighting)
    gradients = backprop(spec, parameters, inputs, weighting)
    whole = max(np.linalg.norm(w) for w in gradients.weights)
    for layer, own in enumerate(parameters.layers):
        for kind in KINDS:
            analytic = getattr(gradients.layers[layer], kind)
            assert (analytic is None) == (getattr(own, kind) is None)
            if analytic is not None:
                central = central_difference(spec, parameters, inputs, weighting, kind, layer)
                # Batch norm leaves nothing of a bias's gradient: there rounding is all that can be compared.
                assert np.linalg.norm(central - analytic) <= 1e-6 * np.linalg.norm(analytic) + 1e-10 * whole
