"""A recurrent network's parameters in one vector, as optimisers want them."""

from math import prod

import numpy as np

from vanish.numerics.arrays import Array
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec


def flatten_recurrent(spec: RecurrentSpec, parameters: RecurrentParameters) -> Array:
    """A new vector ``(n_parameters,)`` of the parameters of one network."""
    return np.concatenate([getattr(parameters, name).ravel() for name in spec.shapes])


def recurrent_views(spec: RecurrentSpec, vector: Array) -> RecurrentParameters:
    """Cut a vector ``(n_parameters,)`` into its parameters, without copying."""
    ends = np.cumsum([prod(shape) for shape in spec.shapes.values()])
    pieces = np.split(vector, ends[:-1])
    return RecurrentParameters(
        **{name: piece.reshape(shape) for (name, shape), piece in zip(spec.shapes.items(), pieces, strict=True)}
    )
