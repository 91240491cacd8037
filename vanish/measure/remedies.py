"""One table of the six remedies, what each changes in a network, and what they buy one after another.

Four of them change the network, one the finished gradient, one is for sequences: ``acts_on`` says which.  A
ratio is always that of the first layer's gradient to the last one's, in decades (log10) where steps are to add
up.  Whoever compares before and after measures both on the same inputs: batch norm over a single example passes
no gradient at all, see ``smallest_batch``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.inputs import example_inputs
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.measure.flow import layer_magnitudes
from vanish.network.initialize import initialize
from vanish.network.passes import backprop
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import QUIET, Array, quantiles, root_mean_square
from vanish.numerics.checks import check_choice, check_number

# A batch over which batch norm's mean and deviation mean something.
BATCH_NORM_BATCH = 32


def matched_initializer(activation: str) -> str:
    """The initialiser made for an activation: He's for the ReLU family, LeCun's for SELU, Xavier's for the others.

    Raises
    ------
    ValueError
        If the activation is unknown.
    """
    return ACTIVATIONS[check_choice("activation", activation, ACTIVATIONS)].initializer


@dataclass(frozen=True)
class Remedy:
    """An entry of the table.

    ``sentence`` and ``latex`` say what it does to the chain of factors, ``catch`` what it costs whatever the
    settings are, ``sources`` who found it (keys of ``REFERENCES``).  ``acts_on``: the ``"network"`` (its variants
    change a ``NetworkSpec``), the finished ``"gradient"`` or a ``"sequence"``.  ``setting`` is the name of what a
    variant sets (a field of ``NetworkSpec``, an argument of ``train``, the kind of a recurrent cell), ``variants``
    maps each variant to words about it, and ``value(spec, variant)`` is what ``setting`` becomes.
    """

    name: str
    title: str
    sentence: str
    latex: str
    catch: str
    sources: tuple[str, ...]
    acts_on: Literal["network", "gradient", "sequence"]
    setting: str
    variants: Mapping[str, str]
    default: str
    value: Callable[[NetworkSpec, str], str] = field(default=lambda spec, variant: variant)
    alongside: Callable[[NetworkSpec, str], Mapping[str, Any]] = field(default=lambda spec, variant: {})

    def changes(self, spec: NetworkSpec, variant: str | None = None) -> dict[str, Any]:
        """What to change, so that ``dataclasses.replace(spec, **changes)`` is the network with the remedy.

        Empty where the remedy does not act on the network.  ``variant=None`` is the default one.

        Raises
        ------
        ValueError
            If there is no such variant.
        """
        variant = check_choice("variant", self.default if variant is None else variant, self.variants)
        if self.acts_on != "network":
            return {}
        return {self.setting: self.value(spec, variant), **self.alongside(spec, variant)}


def _without_none(table: Mapping[str, Any]) -> dict[str, str]:
    """The entries of a table of the engine, but for the one that does nothing, with their explanations."""
    return {name: getattr(entry, "explanation", entry) for name, entry in table.items() if name != "none"}


REMEDIES: dict[str, Remedy] = {
    entry.name: entry
    for entry in (
        Remedy(
            name="relu",
            title="ReLU family",
            sentence="Puts a slope of 1, wherever the unit is on, in the place of a slope that is ¼ at most.",
            latex=r"\phi'(z) \approx 1 \text{ for } z > 0 \quad\text{instead of}\quad \sigma'(z) \le \tfrac14",
            catch="Where a unit is off it passes on little or nothing, so that about half of the squared gradient is "
            "lost in each layer unless the weights make up for it. A ReLU that is off for every example is dead: "
            "it gets no gradient to come back by.",
            sources=("nair2010", "glorot2011", "maas2013"),
            acts_on="network",
            setting="activation",
            variants={name: entry.explanation for name, entry in ACTIVATIONS.items() if entry.rectifies},
            # The kata's own "ReLU".  ReLU proper on a single output is off in half of all networks: no gradient at all.
            default="leaky_relu",
            alongside=lambda spec, variant: {} if spec.activation == variant else {"activation_shape": None},
        ),
        Remedy(
            name="residual",
            title="Residual connections",
            sentence="Adds what a layer makes to what it gets: each factor becomes 1 plus something, and the ones "
            "are a way around every layer.",
            latex=r"h' = h + F(h), \quad \frac{\partial h'}{\partial h} = 1 + \frac{\partial F}{\partial h}",
            catch="A sum grows with depth, and under ReLU and He so does the gradient, unless branches are normalised, "
            "scaled down or begin at 0. Layers with more or fewer outputs than inputs get no way around.",
            sources=("he2016", "bachlechner2021"),
            acts_on="network",
            setting="residual",
            variants=_without_none(RESIDUALS),
            default="identity",
        ),
        Remedy(
            name="initialization",
            title="Xavier / He initialisation",
            sentence="Starts with weights of the one variance at which weights and slopes together multiply the "
            "squared gradient by 1.",
            latex=r"n\,\mathrm{Var}(w)\;\mathbb{E}[\phi'^2] = 1: \quad "
            r"\mathrm{Var}(w) = \tfrac{2}{n_{in} + n_{out}} \text{ (Xavier)},\ \tfrac{2}{n_{in}} \text{ (He)}",
            catch="It holds at the start only: training moves the weights as it likes. Xavier takes slopes to be 1, "
            "and a sigmoid's never are, so its gradient vanishes under Xavier all the same.",
            sources=("glorot2010", "he2015", "saxe2014", "mishkin2016"),
            acts_on="network",
            setting="initializer",
            variants={
                "matched": "He's for the ReLU family, LeCun's for SELU, Xavier's for all others.",
                "xavier_uniform": "Xavier's, whatever the activation.",
                "he_uniform": "He's, whatever the activation.",
                "orthogonal": "Turns and mirrors but never stretches (Saxe et al. 2014).",
                "lsuv": "Orthogonal, then each layer scaled to variance 1 on data (Mishkin & Matas 2016).",
            },
            default="matched",
            value=lambda spec, variant: matched_initializer(spec.activation) if variant == "matched" else variant,
            # A multiple of He's weights is not He's.
            alongside=lambda spec, variant: {"weight_scale": 1.0},
        ),
        Remedy(
            name="normalization",
            title="Normalisation",
            sentence="Holds what goes into each activation at variance 1: slopes stay away from saturation, and "
            "the size of the weights cancels out of the product.",
            latex=r"u = \gamma\,\frac{z - \mu}{\sigma} + \beta, \quad \frac{\partial u}{\partial z} \propto "
            r"\frac{1}{\sigma}",
            catch="Batch norm makes deep, wide ReLU networks explode, by π / (π − 1) a layer in squared gradient, "
            "unless there are residual connections; it ties the examples of a batch together and needs more than one. "
            "Layer and RMS norm need no batch, and leave the slopes' own factor as it is.",
            sources=("ioffe2015", "ba2016", "zhang2019", "yang2019"),
            acts_on="network",
            setting="normalization",
            variants=_without_none(NORMALIZATIONS),
            default="batch",
        ),
        Remedy(
            name="clipping",
            title="Gradient clipping",
            sentence="Leaves every factor as it is, and shortens the finished gradient of all layers together where "
            "it is too long.",
            latex=r"g \leftarrow g \cdot \min\!\left(1, \frac{c}{\lVert g \rVert}\right)",
            catch="It cures explosion only. By norm, all layers are multiplied by one number, so that the ratio of "
            "first to last layer stays what it was; by value, only large entries change, and the direction with them.",
            sources=("pascanu2013",),
            acts_on="gradient",
            setting="clip",
            variants=_without_none(CLIPPINGS),
            default="norm",
        ),
        Remedy(
            name="gates",
            title="Gates (LSTM, GRU)",
            sentence="Hands a memory on from step to step by a sum, whose factor is a gate that the network learns: "
            "near 1 where it wants to remember.",
            latex=r"c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad "
            r"\frac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f_t) + \dots",
            catch="Made for sequences, where one layer's weights are used again and again. A cell has three (GRU) or "
            "four (LSTM) times the weights of a plain one, and a gate below 1 still forgets, only more slowly.",
            sources=("hochreiter1997", "gers2000", "cho2014"),
            acts_on="sequence",
            setting="cell",
            variants={
                "lstm": "A memory beside the state, with gates to forget, to write and to show it.",
                "gru": "One state, with a gate between keeping it and replacing it.",
            },
            default="lstm",
        ),
    )
}


# Those that can be applied one after another, in the kata's order.
NETWORK_REMEDIES = tuple(name for name, entry in REMEDIES.items() if entry.acts_on == "network")


# The initialiser is chosen for the activation, so it comes after; for the rest the order makes no difference.
_ORDER_OF_CHANGES = sorted(NETWORK_REMEDIES, key=lambda name: name == "initialization")


def untreated(spec: NetworkSpec) -> NetworkSpec:
    """The kata's sigmoid network at a spec's depth, width, inputs and outputs: every remedy undone."""
    return NetworkSpec(
        depth=spec.depth,
        width=spec.width,
        n_inputs=spec.n_inputs,
        n_outputs=spec.n_outputs,
        linear_output=spec.linear_output,
    )


def treated(spec: NetworkSpec, names: Iterable[str], variants: Mapping[str, str] | None = None) -> NetworkSpec:
    """The network with several remedies, the same in whatever order they are named.

    Parameters
    ----------
    names : names from ``NETWORK_REMEDIES``
    variants : a variant for each remedy that is not to be taken in its default one

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    chosen = {check_choice("names", name, NETWORK_REMEDIES) for name in names}
    for name in variants or {}:
        check_choice("variants", name, REMEDIES)
    for name in _ORDER_OF_CHANGES:
        if name in chosen:
            spec = replace(spec, **REMEDIES[name].changes(spec, (variants or {}).get(name)))
    return spec


def smallest_batch(*specs: NetworkSpec) -> int:
    """Examples on which networks should at least be measured when they are compared: 32 if one has batch norm."""
    over_examples = any(NORMALIZATIONS[spec.normalization].axis == -2 for spec in specs)
    return BATCH_NORM_BATCH if over_examples else 1


def comparison_inputs(*specs: NetworkSpec, batch_size: int = 1, distribution: str = "kata") -> Array:
    """Example inputs ``(batch, n_inputs)`` that all of the networks, which have equally many inputs, are fit for."""
    return example_inputs(specs[0].n_inputs, max(batch_size, smallest_batch(*specs)), distribution)


def first_over_last(
    spec: NetworkSpec, seeds: Sequence[int], inputs: ArrayLike | None = None, magnitude: str = "mean_abs"
) -> Array:
    """First layer's gradient over the last one's, ``(len(seeds),)``, when the gradient at every output is 1.

    nan where neither exists.  The default magnitude is the kata's.  ReZero has one case in which it misleads: with
    as many inputs as units, the first layer's own gate is 0 too, and only ``"stream"`` shows the way around it.
    """
    inputs = comparison_inputs(spec) if inputs is None else inputs
    (measured,) = layer_magnitudes(spec, seeds, inputs, [magnitude])
    with np.errstate(**QUIET):
        return measured[:, 0] / measured[:, -1]


def decades(ratios: Array) -> float:
    """log10 of the median ratio: -inf where the gradient is exactly 0, nan where most seeds have no ratio."""
    with np.errstate(**QUIET):
        return float(np.log10(quantiles(ratios)[1]))


def improves(before: float, after: float) -> bool:
    """Whether a ratio in decades has come nearer to 0, which is a ratio of 1; what is undefined never has."""
    return bool(abs(after) < abs(before) or (np.isnan(before) and np.isfinite(after)))


@dataclass(frozen=True)
class Rung:
    """A step of the ladder.

    ``remedy`` and ``variant`` are ``None`` on the first rung, the untreated network.  ``decades``: log10 of the
    median ratio over seeds; ``step``: what this remedy has added to it (nan where either is no finite number);
    ``lost``: the share of seeds whose gradient is dead or overflows.
    """

    remedy: str | None
    variant: str | None
    spec: NetworkSpec
    decades: float
    step: float
    lost: float

    @property
    def ratio(self) -> float:
        """First / last layer."""
        with np.errstate(all="ignore"):
            return float(np.power(10.0, self.decades))


def ladder(
    spec: NetworkSpec,
    order: Sequence[str] = NETWORK_REMEDIES,
    variants: Mapping[str, str] | None = None,
    seeds: Sequence[int] = (42,),
    inputs: ArrayLike | None = None,
    magnitude: str = "mean_abs",
) -> list[Rung]:
    """Apply remedies one after another, and measure the ratio of first to last layer on every rung.

    Parameters
    ----------
    spec : NetworkSpec; where the ladder starts (``untreated`` makes it the kata's sigmoid network)
    order : names from ``NETWORK_REMEDIES``, none twice
    variants : as in ``treated``
    seeds : sequence of int, each 0 to 2**64 - 1
    inputs : ``(batch, n_inputs)``, the same on all rungs; ``None`` takes as many as ``smallest_batch`` of them asks
    magnitude : a name from ``MAGNITUDES``

    Returns
    -------
    list of Rung, one more than there are remedies.  The steps add up to the whole, and the last network does not
    depend on the order: an initialiser that was matched to one activation is matched again when that changes.

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    if len(set(order)) < len(order):
        raise ValueError(f"order must name no remedy twice, got {tuple(order)!r}")
    if not len(seeds):
        raise ValueError("seeds must not be empty")
    specs = [treated(spec, order[:count], variants) for count in range(len(order) + 1)]
    inputs = comparison_inputs(*specs) if inputs is None else inputs
    ratios = [first_over_last(one, seeds, inputs, magnitude) for one in specs]
    heights = [decades(found) for found in ratios]
    with np.errstate(**QUIET):
        steps = [0.0, *(float(np.subtract(after, before)) for before, after in pairwise(heights))]
    rungs = []
    for name, one, found, height, step in zip([None, *order], specs, ratios, heights, steps, strict=True):
        variant = (variants or {}).get(name, REMEDIES[name].default) if name else None
        lost = float(np.mean(~(np.isfinite(found) & (found > 0))))
        rungs.append(Rung(name, variant, one, height, step if np.isfinite(step) else np.nan, lost))
    return rungs


def _length(vector: Array) -> float:
    return float(root_mean_square(vector, np.ones_like(vector)))


@dataclass(frozen=True)
class Clipped:
    """A gradient before and after clipping: its length over all layers, and that of each layer's weights, ``(depth,)``,
    first layer first."""

    length_before: float
    length_after: float
    before: Array
    after: Array


@np.errstate(**QUIET)
def clipped(
    spec: NetworkSpec,
    seed: int,
    inputs: ArrayLike | None = None,
    clipping: str = "norm",
    limit: float = 1.0,
) -> Clipped:
    """What clipping does to each layer's gradient of one network, when the gradient at every output is 1.

    Parameters
    ----------
    inputs : ``(batch, n_inputs)``; ``None`` takes as many as ``smallest_batch`` asks
    clipping : a name from ``CLIPPINGS``
    limit : float, 0 to 1e6; the length, or the size of an entry, that is allowed

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    clip = CLIPPINGS[check_choice("clipping", clipping, CLIPPINGS)].clip
    limit = check_number("limit", limit, 0, 1e6)
    inputs = comparison_inputs(spec) if inputs is None else inputs
    gradients = backprop(spec, initialize(spec, seed, inputs), inputs)
    sizes = [w.size for w in gradients.weights]
    # As in training, everything that learns is one vector; the weights come first.
    learned = [*gradients.weights, *gradients.biases]
    learned += [array for array in (*gradients.gains, *gradients.shifts) if array is not None]
    if spec.residual == "rezero":
        learned += [gate for gate in gradients.gates if gate is not None]
    vector = np.concatenate([np.ravel(array) for array in learned])

    def lengths(vector: Array) -> tuple[float, Array]:
        pieces = np.split(vector[: sum(sizes)], np.cumsum(sizes)[:-1])
        return _length(vector), np.array([_length(piece) for piece in pieces])

    length_before, before = lengths(vector)
    length_after, after = lengths(clip(vector.copy(), limit))
    return Clipped(length_before, length_after, before, after)
