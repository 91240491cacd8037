"""Checks of a recurrent network against its spec: the shapes of its parameters, and whether a run fits in memory."""

from typing import Any

import numpy as np

from vanish.numerics.checks import check_kind, check_memory, refusal
from vanish.sequence.spec import RecurrentParameters, RecurrentSpec


def check_recurrent_parameters(spec: RecurrentSpec, parameters: Any) -> tuple[int, ...]:
    """The leading axes of ``parameters``, if all arrays share them and have the spec's shapes after them.

    Raises
    ------
    ValueError
        Naming the array and its shape.
    """
    check_kind("spec", spec, RecurrentSpec)
    check_kind("parameters", parameters, RecurrentParameters)
    leading = np.shape(parameters.weight_hh)[:-2]
    for name, shape in spec.shapes.items():
        array, wanted = getattr(parameters, name), (*leading, *shape)
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f" or array.shape != wanted:
            raise refusal(f"parameters, {name},", f"an array of shape {wanted}", array)
    return leading


def check_run_fits(name: str, spec: RecurrentSpec, networks: int, steps: int, batch: int) -> None:
    """That networks of one spec fit in memory with the buffers of their way along a sequence and back."""
    weights = spec.rows * (spec.hidden + spec.n_inputs)
    check_memory(name, networks * (weights + steps * batch * (3 * spec.rows + 6 * spec.hidden + spec.n_inputs)))
