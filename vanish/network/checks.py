"""Checks of a network against its spec: the shapes of its parameters, and whether a pass fits in memory."""

from typing import Any

import numpy as np

from vanish.choices.norm_places import NORM_PLACES
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.spec import LayerSpec, NetworkSpec
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
    for number, (own, layer) in enumerate(zip(layers, spec.layers, strict=True), start=1):
        check_kind(f"parameters, layer {number},", own, LayerParameters)
        leading = () if alone else np.shape(own.weights)[:-2]
        shapes = {
            "weights": (layer.fan_out, layer.fan_in),
            "biases": (layer.fan_out,),
            "gain": _norm_shape(spec, layer, own),
            "shift": _norm_shape(spec, layer, own),
            "gate": () if layer.closes else None,
            "leak": () if layer.learned_shape else None,
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


def _norm_shape(spec: NetworkSpec, layer: LayerSpec, own: LayerParameters) -> tuple[int, ...] | None:
    """Of gain and shift; a layer whose statistics are fixed keeps its own where they are no part of the weights."""
    place = NORM_PLACES[spec.norm_place]
    fixed = not place.before_activation and own.gain is not None and own.shift is not None
    units = place.units(layer) if fixed else layer.normalized_units
    return (units,) if units else None


def check_pass_fits(name: str, spec: NetworkSpec, networks: int, batch: int) -> None:
    """That networks of one spec fit in memory with all that a pass of a batch leaves behind."""
    check_memory(name, networks * sum(out * (into + KEPT_ARRAYS * batch) for out, into in spec.layer_shapes))
