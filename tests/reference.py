"""The original program's arithmetic, one number at a time: slow, plain, and independent of the engine."""

import math
from itertools import pairwise


def draws(seed):
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 33) / 2**31 * 2 - 1


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


ACTIVATIONS = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
    "relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
}


def weights(n_layers, layer_size, n_inputs, seed):
    stream = draws(seed)
    sizes = [n_inputs, *[layer_size] * (n_layers - 1), 1]
    return [
        [[next(stream) * math.sqrt(2 / (n_in + n_out)) for _ in range(n_in)] for _ in range(n_out)]
        for n_in, n_out in pairwise(sizes)
    ]


def gradient_magnitudes(activation, n_layers, layer_size, inputs, seed):
    value, slope = ACTIVATIONS[activation]
    layers = weights(n_layers, layer_size, len(inputs), seed)
    h, pre_activations = list(inputs), []
    for layer in layers:
        z = [sum(w * x for w, x in zip(row, h, strict=True)) for row in layer]
        pre_activations.append(z)
        h = [value(x) for x in z]
    gradient, magnitudes = [1.0] * len(h), []
    for layer, z in zip(reversed(layers), reversed(pre_activations), strict=True):
        dz = [g * slope(x) for g, x in zip(gradient, z, strict=True)]
        magnitudes.append(sum(map(abs, dz)) / len(dz))
        gradient = [sum(row[j] * d for row, d in zip(layer, dz, strict=True)) for j in range(len(layer[0]))]
    return magnitudes[::-1]
