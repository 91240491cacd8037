"""Checks of a network against its spec: the shapes of its parameters, and whether a pass fits in memory."""

from typing import Any

import numpy as np

from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.spec import NetworkSpec
from vanish.numerics.checks import check_items, check_kind, check_memory, refusal

# Arrays of a batch that a layer leaves behind: what went into the activation, its value, its slope and the norm's unit.
KEPT_ARRAYS = 4


def check_parameters(spec: NetworkSpec, parameters: Any, alone: bool = False) -> Parameters:
    """``parameters`` if every layer's arrays have the spec's shapes, after any leading axes (none if ``alone``).

    Raises
    ------
    ValueError
        Naming the layer (1 is the input's side), the array and its shape.
    """
    layers = check_items("parameters", check_kind("parameters", parameters, Parameters).layers, what="layers")
    if len(layers) != spec.depth:
        raise refusal("parameters", f"of {spec.depth} layers (depth)", len(layers))
    rows = zip(layers, spec.layer_shapes, spec.normalized_layers, spec.skipped_layers, strict=True)
    for number, (own, (fan_out, fan_in), normalized, skipped) in enumerate(rows, start=1):
        check_kind(f"parameters, layer {number},", own, LayerParameters)
        leading = () if alone else np.shape(own.weights)[:-2]
        shapes = {
            "weights": (fan_out, fan_in),
            "biases": (fan_out,),
            "gain": (fan_out,) if normalized else None,
            "shift": (fan_out,) if normalized else None,
            "gate": () if skipped else None,
        }
        for name, shape in shapes.items():
            array = getattr(own, name)
            if shape is None and array is None:
                continue
            label = f"parameters, {name} of layer {number},"
            if shape is None:
                raise refusal(label, "None for this spec", array)
            sound = isinstance(array, np.ndarray | np.floating) and array.dtype.kind == "f"
            if not sound or array.shape != (*leading, *shape):
                raise refusal(label, f"an array of shape {(*leading, *shape)}", array)
    return parameters


def check_pass_fits(name: str, spec: NetworkSpec, networks: int, batch: int) -> None:
    """That networks of one spec fit in memory with all that a pass of a batch leaves behind."""
    check_memory(name, networks * sum(out * (into + KEPT_ARRAYS * batch) for out, into in spec.layer_shapes))
