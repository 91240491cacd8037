"""One table of remedies: what each changes in a network, in a finished gradient, or in a cell along a sequence."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.cells import CELLS
from vanish.choices.clippings import CLIPPINGS
from vanish.choices.initializers import INITIALIZERS
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import NetworkSpec
from vanish.numerics.checks import check_choice, check_kind


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

    ``plural``: whether ``title`` is one.  ``sentence`` and ``latex`` say what it does to the chain of factors,
    ``catch`` what it costs, all of it true whatever the settings are, ``sources`` whose it is (keys of ``REFERENCES``).
    ``acts_on``: the ``"network"`` (its variants change a ``NetworkSpec``), the finished ``"gradient"`` or a
    ``"sequence"``.  ``setting`` is the name of what a variant sets (a field of ``NetworkSpec``, an argument of
    ``train``, the kind of a recurrent cell), ``variants`` maps each variant to words about it, ``labels`` to what it
    is called, and
    ``value(spec, variant)`` is what ``setting`` becomes, ``alongside(spec, variant)`` what else changes with it.
    ``looks_at_others``: whether that depends on what other remedies set, so that it comes after them.
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
    labels: Mapping[str, str]
    default: str
    value: Callable[[NetworkSpec, str], Any] = field(default=lambda spec, variant: variant)
    alongside: Callable[[NetworkSpec, str], Mapping[str, Any]] = field(default=lambda spec, variant: {})
    looks_at_others: bool = False
    plural: bool = False

    def changes(self, spec: NetworkSpec, variant: str | None = None) -> dict[str, Any]:
        """What to change, so that ``dataclasses.replace(spec, **changes)`` is the network with the remedy.

        Empty where the remedy does not act on the network.  ``variant=None`` is the default one.

        Raises
        ------
        ValueError
            If there is no such variant.
        """
        check_kind("spec", spec, NetworkSpec)
        variant = check_choice("variant", self.default if variant is None else variant, self.variants)
        if self.acts_on != "network":
            return {}
        return {self.setting: self.value(spec, variant), **self.alongside(spec, variant)}


def _called(table: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """What some entries of a table of the engine are called."""
    return {name: table[name].label for name in names}


def _without_none(table: Mapping[str, Any]) -> dict[str, str]:
    """The entries of a table of the engine, but for the one that does nothing, with their explanations."""
    return {name: entry.explanation for name, entry in table.items() if name != "none"}


REMEDIES: dict[str, Remedy] = {
    entry.name: entry
    for entry in (
        Remedy(
            name="relu",
            title="ReLU family",
            sentence="For large positive z its slope is 1, or tends to 1 (SELU: to 1.05), where the slopes of sigmoid "
            "and tanh tend to 0.",
            latex=r"\phi'(z) \to 1 \quad\text{but}\quad \sigma'(z) \to 0,\ \tanh'(z) \to 0 "
            r"\qquad (z \to \infty)",
            catch="Where a unit is off it passes on little or nothing: ReLU passes on about half of the squared "
            "gradient at every layer, unless the weights make up for it. A ReLU that is off for every example is "
            "dead: none of them gives it a gradient.",
            sources=("nair2010", "glorot2011", "maas2013"),
            acts_on="network",
            setting="activation",
            variants={name: entry.explanation for name, entry in ACTIVATIONS.items() if entry.rectifies},
            labels={name: entry.label for name, entry in ACTIVATIONS.items() if entry.rectifies},
            # The kata's own "ReLU".  ReLU proper on a single output is off in half of all networks: no gradient at all.
            default="leaky_relu",
            alongside=lambda spec, variant: {} if spec.activation == variant else {"activation_shape": None},
        ),
        Remedy(
            name="residual",
            title="Residual connections",
            sentence="Adds what goes into a block (one layer, or two) to what comes out of it: each factor becomes 1 "
            "plus something, and the ones are a path past the blocks.",
            latex=r"h' = h + F(h), \quad \frac{\partial h'}{\partial h} = 1 + \frac{\partial F}{\partial h}",
            catch="Where branches are never negative, as in blocks of one layer that ends in ReLU, their sum grows "
            "with depth, even divided by √depth, and with He's weights so does the gradient. Blocks of two layers "
            "with a linear end keep both in bounds when divided; branches that begin at 0 do so at the start. Layers "
            "with more or fewer outputs than inputs get no such path.",
            sources=("he2016", "bachlechner2021"),
            acts_on="network",
            setting="residual",
            variants=_without_none(RESIDUALS),
            labels=_called(RESIDUALS, _without_none(RESIDUALS)),
            default="identity",
            plural=True,
        ),
        Remedy(
            name="initialization",
            title="Xavier / He initialization",
            sentence="Draws weights of a variance that is meant to make weights and slopes together multiply the "
            "squared gradient by 1: Xavier's for slopes near 1, He's for ReLU.",
            latex=r"n\,\mathrm{Var}(w)\;\mathbb{E}[\phi'^2] = 1: \quad "
            r"\mathrm{Var}(w) = \tfrac{2}{n_{in} + n_{out}} \text{ (Xavier)},\ \tfrac{2}{n_{in}} \text{ (He)}",
            catch="It holds at the start only: training moves the weights. Xavier's variance takes slopes to be 1, "
            "and a sigmoid's are ¼ at most: with it the gradient of a deep sigmoid network vanishes. Weights four "
            "times as large, the rule for the sigmoid, are a variant of their own here.",
            sources=("glorot2010", "he2015", "saxe2014", "mishkin2016"),
            acts_on="network",
            setting="initializer",
            variants={
                "matched": "He's for the ReLU family, LeCun's for SELU, Xavier's for all others.",
                "xavier_uniform": "Xavier's, whatever the activation.",
                "xavier_sigmoid": "Xavier's times 4: the rule for the sigmoid that goes back to Glorot & Bengio 2010.",
                "he_uniform": "He's, whatever the activation.",
                "orthogonal": "Turns and mirrors, and does not stretch (Saxe et al. 2014).",
                "lsuv": "Orthogonal, then each layer scaled to variance 1 on the examples sent through (Mishkin & "
                "Matas 2016).",
            },
            labels={
                "matched": "made for the activation",
                "xavier_uniform": INITIALIZERS["xavier_uniform"].label,
                "xavier_sigmoid": "Xavier, uniform, times 4",
                **_called(INITIALIZERS, ("he_uniform", "orthogonal", "lsuv")),
            },
            default="matched",
            value=lambda spec, variant: {
                "matched": matched_initializer(spec.activation),
                "xavier_sigmoid": "xavier_uniform",
            }.get(variant, variant),
            # A multiple of He's weights is not He's.
            alongside=lambda spec, variant: {"weight_scale": 4.0 if variant == "xavier_sigmoid" else 1.0},
            looks_at_others=True,
        ),
        Remedy(
            name="normalization",
            title="Normalization",
            sentence="Scales the signal between the layers to mean square 1, over the batch or over a layer's units; "
            "before an activation it makes the size of the weights cancel out of the product.",
            latex=r"u = \gamma\,\frac{z - \mu}{\sigma} + \beta, \quad \frac{\partial u}{\partial z} \propto "
            r"\frac{1}{\sigma}",
            catch="Batch norm itself makes the gradient of a deep network grow at the start, whatever the activation: "
            "in wide networks and large batches its square by π / (π − 1) = 1.47 a layer with ReLU, by about 1.2 with "
            "tanh (Yang et al. 2019); residual connections hold it back. It ties the examples of a batch together and "
            "needs more than one. Layer and RMS norm need no batch, and leave the slopes' own factor as it is.",
            sources=("ioffe2015", "ba2016", "zhang2019", "yang2019"),
            acts_on="network",
            setting="normalization",
            variants=_without_none(NORMALIZATIONS),
            labels=_called(NORMALIZATIONS, _without_none(NORMALIZATIONS)),
            default="batch",
        ),
        Remedy(
            name="clipping",
            title="Gradient clipping",
            sentence="Leaves every factor as it is, and limits the finished gradient: the norm of all layers together, "
            "or each entry.",
            latex=r"g \leftarrow g \cdot \min\!\left(1, \frac{c}{\lVert g \rVert}\right)",
            catch="It limits what explodes, and brings back nothing that has vanished. By norm, all layers are "
            "multiplied by one number, so that the ratio of first to last layer stays what it was; by value, only "
            "large entries change, and the direction with them.",
            sources=("pascanu2013",),
            acts_on="gradient",
            setting="clip",
            variants=_without_none(CLIPPINGS),
            labels=_called(CLIPPINGS, _without_none(CLIPPINGS)),
            default="norm",
        ),
        Remedy(
            name="gates",
            title="Gates (LSTM, GRU)",
            sentence="Hands a memory on from step to step by a sum, whose factor is a gate: about ½ at the start "
            "unless its bias is raised, and near 1 where training opens it.",
            latex=r"c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad "
            r"\frac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f_t) + \dots",
            catch="Made for sequences, where the same weights are used at every step. A cell has three (GRU) or "
            "four (LSTM) times the weights of a plain one, and a gate below 1 still forgets, only more slowly.",
            sources=("hochreiter1997", "gers2000", "cho2014"),
            acts_on="sequence",
            setting="cell",
            variants={
                "lstm": "A memory beside the state, with gates to forget, to write and to show it.",
                "gru": "One state, with a gate between keeping it and replacing it.",
            },
            labels=_called(CELLS, ("lstm", "gru")),
            default="lstm",
            plural=True,
        ),
    )
}


# Those that can be applied one after another, in the kata's order.
NETWORK_REMEDIES = tuple(name for name, entry in REMEDIES.items() if entry.acts_on == "network")
