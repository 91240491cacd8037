"""First / last gradient ratios over depth, weight scale and biases: the data of a map.

A network's hidden layers are the first layers of every deeper one, so that one forward pass of the
deepest serves all depths; each needs its own last layer and its own way back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from vanish.choices.blocks import BLOCKS
from vanish.choices.inputs import example_inputs
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.flow import layer_magnitudes
from vanish.measure.magnitudes import SIZES
from vanish.network.checks import check_pass_fits
from vanish.network.initialize import bias_noise, initialize, keeping_nothing
from vanish.network.parameters import LayerParameters, Parameters
from vanish.network.passes import batch_rows, layer_backward, layer_forward, run_forward, to_layer_below
from vanish.network.spec import LARGEST_DEPTH, LARGEST_STD, NetworkSpec
from vanish.numerics.arrays import QUIET, Array
from vanish.numerics.checks import check_choice, check_integers, check_kind, check_memory, check_numbers, check_progress
from vanish.numerics.lcg import check_seeds


def sweep(
    spec: NetworkSpec,
    depths: Sequence[int],
    weight_scales: Sequence[float],
    bias_stds: Sequence[float] = (0.0,),
    seeds: Sequence[int] = (42,),
    inputs: ArrayLike | None = None,
    magnitude: str = "mean_abs",
    progress: Callable[[float], None] | None = None,
    output_gradient: ArrayLike | None = None,
) -> pd.DataFrame:
    """The first and the last layer's gradient for every combination.

    Parameters
    ----------
    spec : NetworkSpec; its own depth (as by ``at_depth``), weight scale and bias std are replaced
    depths, weight_scales, bias_stds, seeds : sequences of what ``NetworkSpec`` and ``initialize`` take
    inputs : ``(batch, n_inputs)``; ``None`` takes one example
    magnitude : a name from ``SIZES``
    progress : called after each piece of work with the share that is done (0 to 1); it may raise to interrupt
    output_gradient : dL/d(outputs), broadcast to ``(batch, n_outputs)``; ``None`` means ones

    Returns
    -------
    DataFrame, a row per combination: ``depth, weight_scale, bias_std, seed, first, last, ratio``

    Raises
    ------
    ValueError
        Naming the argument and its range.
    """
    check_choice("magnitude", magnitude, SIZES)
    check_progress(progress)
    check_kind("spec", spec, NetworkSpec)
    x = example_inputs(spec.n_inputs) if inputs is None else batch_rows(spec, inputs)
    depths, seeds = sorted(set(check_integers("depths", depths, 1, LARGEST_DEPTH))), check_seeds("seeds", seeds)
    weight_scales = check_numbers("weight_scales", weight_scales, 0, LARGEST_STD)
    bias_stds = check_numbers("bias_stds", bias_stds, 0, LARGEST_STD)
    # Columns of the table; and, together, all heads and the deepest trunk of every seed.
    check_memory("seeds", 7 * len(seeds) * len(depths) * len(weight_scales) * len(bias_stds))
    check_pass_fits("seeds", spec.at_depth(depths[-1]), 2 * len(seeds), 2 * len(x))
    family = _draw(spec, depths, seeds, x) if nested(spec) else None
    cells = list(product(weight_scales, bias_stds))
    members = {depth: spec.at_depth(depth) for depth in depths}
    rows, scaled = [], family
    for done, (weight_scale, bias_std) in enumerate(cells, start=1):
        cell = replace(spec, weight_scale=weight_scale, bias_std=bias_std)
        if family and scaled:
            # Biases change within a weight scale: its weights serve all of them.
            if bias_std == bias_stds[0]:
                scaled = family.scaled(weight_scale)
            ends = _ends_of_family(members, scaled, bias_std, x, magnitude, output_gradient)
        else:
            ends = _ends(cell, depths, seeds, x, magnitude, output_gradient)
        rows += [(depth, weight_scale, bias_std, first, last) for depth, first, last in ends]
        if progress:
            progress(done / len(cells))
    return _table(rows, seeds)


def _table(rows: Sequence[tuple[int, float, float, Array, Array]], seeds: Sequence[int]) -> pd.DataFrame:
    """The table of ``sweep`` from a row for all seeds of a combination."""
    *cells, firsts, lasts = zip(*rows, strict=True)
    names = ("depth", "weight_scale", "bias_std")
    columns = {name: np.repeat(np.array(values), len(seeds)) for name, values in zip(names, cells, strict=True)}
    first, last = np.concatenate(firsts), np.concatenate(lasts)
    with np.errstate(**QUIET):
        ratio = first / last
    seed = np.tile(np.array(seeds, dtype=np.uint64), len(rows))
    return pd.DataFrame({**columns, "seed": seed, "first": first, "last": last, "ratio": ratio})


def nested(spec: NetworkSpec) -> bool:
    """Whether a network's hidden layers are the first layers of every deeper one, each handed on as it stands.

    Not where branches know the depth, where layers pair up (one may be left over), or where what a layer is handed is
    normalised before its weights.
    """
    paired = RESIDUALS[spec.residual].skips and BLOCKS[spec.block].matrices > 1
    before_weights = NORMALIZATIONS[spec.normalization].normalizes and NORM_PLACES[spec.norm_place].before_weights
    return not (RESIDUALS[spec.residual].depends_on_depth or paired or before_weights)


Ends = Iterator[tuple[int, Array, Array]]


def _ends(
    spec: NetworkSpec,
    depths: Sequence[int],
    seeds: Sequence[int],
    inputs: Array,
    magnitude: str,
    output_gradient: ArrayLike | None,
) -> Ends:
    """``(depth, first, last)`` for each depth, the last two ``(len(seeds),)``: every network for itself.

    Where residual connections know the depth, no network is the beginning of another.
    """
    for depth in depths:
        values = layer_magnitudes(spec.at_depth(depth), seeds, inputs, [magnitude], output_gradient)[0]
        yield depth, values[:, 0], values[:, -1]


@dataclass(frozen=True)
class Family:
    """Networks that are beginnings of each other, all at one weight scale and without bias noise.

    ``trunk``: the deepest one's layers; ``heads``: the last layer of each depth's own network; ``trunk_noise`` and
    ``head_noise``: the bias noise of unit std of each of these layers.
    """

    trunk: list[LayerParameters]
    trunk_noise: list[Array]
    heads: dict[int, LayerParameters]
    head_noise: dict[int, Array]

    def scaled(self, weight_scale: float) -> "Family":
        """The same family at another weight scale."""

        def times(layer: LayerParameters) -> LayerParameters:
            return replace(layer, weights=weight_scale * layer.weights)

        heads = {depth: times(layer) for depth, layer in self.heads.items()}
        return replace(self, trunk=[times(layer) for layer in self.trunk], heads=heads)

    def deepest(self, bias_std: float) -> Parameters:
        """The deepest network."""
        depth = max(self.heads)
        hidden = zip(self.trunk[: depth - 1], self.trunk_noise[: depth - 1], strict=True)
        return Parameters([*(_noisy(layer, bias_std, noise) for layer, noise in hidden), self.head(depth, bias_std)])

    def head(self, depth: int, bias_std: float) -> LayerParameters:
        """The last layer of the network of one depth."""
        return _noisy(self.heads[depth], bias_std, self.head_noise[depth])


def _noisy(layer: LayerParameters, bias_std: float, noise: Array) -> LayerParameters:
    return replace(layer, biases=layer.biases + bias_std * noise) if bias_std else layer


def _draw(spec: NetworkSpec, depths: Sequence[int], seeds: list[int], inputs: Array) -> Family:
    plain = replace(spec, weight_scale=1.0, bias_std=0.0)
    heads, head_noise = {}, {}
    for depth in depths:
        member = plain.at_depth(depth)
        # Each is drawn once: kept, the numbers of the deepest would lie beside its weights.
        with keeping_nothing():
            layers, noise = initialize(member, seeds, inputs).layers, bias_noise(member, seeds)
        heads[depth], head_noise[depth] = layers[-1], noise[-1]
    return Family(layers, noise, heads, head_noise)


def _ends_of_family(
    members: Mapping[int, NetworkSpec],
    family: Family,
    bias_std: float,
    inputs: Array,
    magnitude: str,
    output_gradient: ArrayLike | None,
) -> Ends:
    """As ``_ends``, with one forward pass for all depths, and one way back that all of them join in turn.

    ``members``: the network of every depth, whose own weight scale and biases do not matter any more.
    """
    measure = np.errstate(**QUIET)(SIZES[magnitude].measure)
    deepest = members[max(members)]
    trunk = family.deepest(bias_std)
    passed = run_forward(deepest, trunk, inputs).layers
    last, joining = {}, {}
    for depth, member in members.items():
        own = family.head(depth, bias_std)
        arriving = passed[depth - 1].inputs
        head, outputs = layer_forward(member, depth - 1, own, arriving, arriving)
        from_loss = np.broadcast_to(1.0 if output_gradient is None else output_gradient, outputs.shape)
        gradients = layer_backward(member, own, head, from_loss)
        last[depth] = measure(gradients, own.weights)
        joining[depth] = to_layer_below(member, depth - 1, own, gradients)
    if 1 in last:
        yield 1, last[1], last[1]
    if deepest.depth == 1:
        return
    # From here on arrays are (seed, depth, batch, unit), the deepest network first.
    layers = trunk.map(lambda array: array[:, None]).layers
    together = joining[deepest.depth][:, None][:, :0]
    for index in reversed(range(deepest.depth - 1)):
        if index + 2 in joining:
            together = np.concatenate([together, joining[index + 2][:, None]], axis=1)
        every = passed[index].map(lambda array: array[..., None, :, :])
        gradients = layer_backward(deepest, layers[index], every, together)
        if index:
            together = to_layer_below(deepest, index, layers[index], gradients)
    first = measure(gradients, layers[0].weights)
    deeper = [depth for depth in reversed(family.heads) if depth > 1]
    for column, depth in enumerate(deeper):
        yield depth, first[:, column], last[depth]
