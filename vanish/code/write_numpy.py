"""A network as a script that needs NumPy alone and prints what each layer receives."""

from collections.abc import Sequence

from vanish.choices.initializers import INITIALIZERS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import BATCH_AXIS, NORMALIZATIONS
from vanish.code import numpy_words as words
from vanish.code.ask import MOST_MAGNITUDES, Ask, checked, places, sizes
from vanish.network.spec import NetworkSpec
from vanish.numerics.lcg import bias_seed


def numpy_script(
    spec: NetworkSpec,
    seed: int = 42,
    batch_size: int = 1,
    distribution: str = "kata",
    scale: float = 1.0,
    shift: float = 0.0,
    magnitudes: Sequence[str] = MOST_MAGNITUDES,
) -> str:
    """A Python script that draws the network, runs one pass forward and back, and prints every layer's gradient.

    It needs NumPy alone.  Its weights, inputs and numbers are those of ``initialize``, ``example_inputs`` and
    ``gradient_flow``, but for rounding: to a relative 1e-12 where a network does not blow rounding up.  dL/d(outputs)
    is 1, and under batch norm ``example_output_gradient``.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int, 0 to 2**64 - 1
    batch_size : int, 1 to 4096
    distribution, scale, shift : of the inputs, as in ``example_inputs``
    magnitudes : names from ``MAGNITUDES``, one column each of what is printed as CSV

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    ask = checked(spec, seed, batch_size, distribution, scale, shift, magnitudes)
    return "\n\n".join(part.strip("\n") + "\n" for part in (_head(ask), *_functions(ask), _body(ask)))


def _head(ask: Ask) -> str:
    return "\n".join(
        [
            '"""What each layer of a network receives on the way back: NumPy alone, one forward and one backward pass.',
            "",
            f"Made by vanish from {ask.settings}.",
            '"""',
            "",
            "import math",
            "",
            "import numpy as np",
            "",
            "# A network that overflows or underflows is a result, not a mistake.",
            'np.seterr(all="ignore")',
            "",
            f"SEED, BATCH = {ask.seed}, {ask.batch_size}",
            f"SIZES = {sizes(ask.spec)}",
            f"DEPTH = {ask.spec.depth}",
        ]
    )


def _functions(ask: Ask) -> list[str]:
    """What the script's body calls, and nothing else."""
    spec, entry = ask.spec, INITIALIZERS[ask.spec.initializer]
    made = []
    if not all(layer.linear for layer in spec.layers):
        body = words.PHI[spec.activation].format(shape=spec.shape)
        made.append(f'def phi(z):\n    """Activation and slope."""\n{body}\n')
    if any(spec.normalized_layers):
        made.append(_norm(spec))
    made.append(words.STREAMS[entry.stream][1])
    if entry.shape_weights:
        made.append(words.ORTHONORMAL)
    made.append(
        '''def split(numbers, shapes):
    """Cut a stream of numbers into one array a layer."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    return [piece.reshape(shape) for piece, shape in zip(np.split(numbers, ends[:-1]), shapes)]
'''
    )
    lines = " ".join(words.MAGNITUDE_LINES[name] for name in ask.magnitudes)
    made += [text for name, text in (("length(", words.LENGTH), ("spread(", words.SPREAD)) if name in lines]
    return made


def _norm(spec: NetworkSpec) -> str:
    entry = NORMALIZATIONS[spec.normalization]
    axis = 0 if entry.axis == BATCH_AXIS else 1
    return words.NORM.format(
        what={"batch": "Over the batch", "layer": "Over a layer's units", "rms": "Mean square 1"}[entry.name],
        off=f"v - v.mean(axis={axis}, keepdims=True)" if entry.centered else "v",
        axis=axis,
        mean=f" - g.mean(axis={axis}, keepdims=True)" if entry.centered else "",
    )


def _body(ask: Ask) -> str:
    spec = ask.spec
    unit_variance = INITIALIZERS[spec.initializer].unit_variance
    late = _late(spec)
    lines = ["# The inputs, and the weights as they are drawn.", *ask.inputs, *_weights(spec, ask.seed)]
    if not unit_variance:
        lines += late
    lines += ["", *_forward(spec, unit_variance)]
    if unit_variance and late:
        # What is scaled to unit variance is so before weights are scaled and biases drawn.
        lines += ["", "# The same once more, with what comes after the weights' own scaling.", *late]
        lines += _forward(spec, False)[1:]
    return "\n".join([*lines, "", *_backward(ask)])


def _weights(spec: NetworkSpec, seed: int) -> list[str]:
    entry = INITIALIZERS[spec.initializer]
    name = words.STREAMS[entry.stream][0]
    half, mean = (spec.uniform_high - spec.uniform_low) / 2, spec.weight_mean
    factor = words.SCALES[entry.name].format(std=spec.weight_std, half=half)
    lines = [
        "shapes = [(fan_out, fan_in) for fan_in, fan_out in zip(SIZES, SIZES[1:])]",
        f"drawn = split({name}(SEED, sum(map(math.prod, shapes))), shapes)",
        "W, b = [], [np.zeros(fan_out) for fan_out, _ in shapes]",
        "for layer, (fan_out, fan_in) in enumerate(shapes):",
        f"    own = {'orthonormal(drawn[layer])' if entry.shape_weights else 'drawn[layer]'}",
        f"    W.append(own * ({factor}){f' + {mean!r}' if mean else ''})",
    ]
    if any(layer.residual_scale != 1 for layer in spec.layers):
        lines += [
            "# Fixup: a branch's last matrix starts at 0, the others are scaled down.",
            *_scaled(spec),
        ]
    if entry.bias_scale:
        lines += [
            f"biases = split({name}({bias_seed(seed)}, sum(SIZES[1:])), [(size,) for size in SIZES[1:]])",
            "b = [own * math.sqrt(1 / fan_in) for own, (_, fan_in) in zip(biases, shapes)]",
        ]
    return lines


def _scaled(spec: NetworkSpec) -> list[str]:
    by_scale: dict[float, list[int]] = {}
    for place, layer in enumerate(spec.layers):
        if layer.residual_scale != 1:
            by_scale.setdefault(layer.residual_scale, []).append(place)
    return [
        line
        for scale, layers in by_scale.items()
        for line in (f"for layer in {places(layers)}:", f"    W[layer] *= {scale!r}")
    ]


def _late(spec: NetworkSpec) -> list[str]:
    """What comes last: the weights' common factor, and noise on the biases."""
    lines = [f"W = [own * {spec.weight_scale!r} for own in W]"] if spec.weight_scale != 1 else []
    if spec.bias_std:
        lines += [
            "noise = np.random.default_rng([SEED, 1]).standard_normal(sum(SIZES[1:]))",
            f"b = [own + {spec.bias_std!r} * off for own, off in"
            " zip(b, split(noise, [(size,) for size in SIZES[1:]]))]",
        ]
    return lines


def _forward(spec: NetworkSpec, unit_variance: bool) -> list[str]:
    """The forward pass; with ``unit_variance`` it scales each layer's weights on its way."""
    place, gate = NORM_PLACES[spec.norm_place], spec.initial_gate
    normed = places([layer for layer, is_normed in enumerate(spec.normalized_layers) if is_normed])
    has_norm, linear = any(spec.normalized_layers), [layer for layer, own in enumerate(spec.layers) if own.linear]
    lines = [
        "# Forward: what each layer needs on its way back is kept.",
        "h, kept = X, []",
        "for layer in range(DEPTH):",
    ]
    if spec.blocks:
        lines += [
            f"    if layer in {places([layers[0] for layers in spec.blocks])}:  # a block begins",
            "        around = h",
        ]
    lines.append("    x, unit, std = h, None, None" if has_norm else "    x = h")
    normalizing = [f"    if layer in {normed}:", "        {0}, std = norm({0})", "        unit = {0}"]
    if has_norm and place.before_weights:
        lines += [line.format("x") for line in normalizing]
    if unit_variance:
        lines += _to_unit_variance(spec)
    lines.append("    z = x @ W[layer].T + b[layer]")
    if has_norm and place.before_activation:
        lines += [line.format("z") for line in normalizing]
    if len(linear) == spec.depth:
        lines.append("    h, slope = z, 1.0")
    elif linear:
        lines.append(f"    h, slope = (z, 1.0) if layer in {places(linear)} else phi(z)")
    else:
        lines.append("    h, slope = phi(z)")
    if spec.blocks:
        branch = "h" if gate == 1 else f"{gate!r} * h"
        lines += [f"    if layer in {places([layers[-1] for layers in spec.blocks])}:  # a block ends"]
        lines += [f"        h = around + {branch}"]
    if has_norm and place.after_sum:
        lines += [line.format("h") for line in normalizing]
    lines.append(f"    kept.append((x, slope{', unit, std' if has_norm else ''}))")
    return lines


def _to_unit_variance(spec: NetworkSpec) -> list[str]:
    """LSUV: each layer's weights over the standard deviation of what they make of the inputs."""
    closed = [layer for layer, own in enumerate(spec.layers) if own.residual_scale == 0]
    scaled = {own.residual_scale for own in spec.layers} - {0.0, 1.0}
    lines = ["    deviation = (x @ W[layer].T).std()  # LSUV"]
    if scaled:
        (inner,) = scaled
        layers = places([layer for layer, own in enumerate(spec.layers) if own.residual_scale == inner])
        lines += [f"    if layer in {layers}:", f"        deviation /= {inner!r}"]
    condition = "    if 0 < deviation < np.inf:"
    if closed:
        condition = f"    if layer not in {places(closed)} and 0 < deviation < np.inf:"
    return [*lines, condition, "        W[layer] = W[layer] / deviation"]


def _backward(ask: Ask) -> list[str]:
    spec, place = ask.spec, NORM_PLACES[ask.spec.norm_place]
    has_norm, gate = any(spec.normalized_layers), spec.initial_gate
    normed = places([layer for layer, is_normed in enumerate(spec.normalized_layers) if is_normed])
    numbers = ", ".join(words.MAGNITUDE_LINES[name] for name in ask.magnitudes)
    sent = "each example sends back a sign of its own" if ask.over_batch else "every output sends back 1"
    lines = [
        f"# Backward: {sent}.",
        f"g, rows = {ask.output_gradient}, []",
        "for layer in reversed(range(DEPTH)):",
        f"    x, slope{', unit, std' if has_norm else ''} = kept[layer]",
    ]
    text = " ".join(words.MAGNITUDE_LINES[name] for name in ask.magnitudes)
    if "dh" in text:
        lines.append("    dh = g")
    back = [f"    if layer in {normed}:", "        {0} = norm_back({0}, unit, std)"]
    if has_norm and place.after_sum:
        lines += [line.format("g") for line in back]
    if spec.blocks:
        lines += [
            f"    if layer in {places([layers[-1] for layers in spec.blocks])}:",
            "        past = g",
            *([] if gate == 1 else [f"        g = g * {gate!r}"]),
        ]
    lines.append("    dz = g * slope")
    if has_norm and place.before_activation:
        lines += [line.format("dz") for line in back]
    if "dW" in text:
        lines.append("    dW = dz.T @ x")
    lines += [f"    rows.append(({numbers},))", "    g = dz @ W[layer]"]
    if has_norm and place.before_weights:
        lines += [line.format("g") for line in back]
    if spec.blocks:
        lines += [
            f"    if layer in {places([layers[0] for layers in spec.blocks])}:",
            "        g = g + past",
        ]
    return [
        *lines,
        "",
        f'print("layer,{",".join(ask.magnitudes)}")',
        "for layer, row in enumerate(reversed(rows), start=1):",
        '    print(layer, *row, sep=",")',
    ]
