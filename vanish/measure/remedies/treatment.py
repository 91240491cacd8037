"""Networks with and without remedies, and the inputs on which they can be compared.

Whoever compares before and after measures both on the same inputs and with the same gradient at the outputs: batch norm
over a single example passes no gradient at all, and over a batch hardly any of a loss that is the outputs' plain sum.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from vanish.choices.inputs import LARGEST_BATCH, example_inputs
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.measure.remedies.table import NETWORK_REMEDIES, REMEDIES
from vanish.measure.yardstick import example_output_gradient
from vanish.network.spec import NetworkSpec
from vanish.numerics.arrays import Array
from vanish.numerics.checks import check_choice, check_choices, check_integer, check_items, check_kind, refusal

# A batch over which batch norm's mean and standard deviation mean something.
BATCH_NORM_BATCH = 32


def untreated(spec: NetworkSpec) -> NetworkSpec:
    """The kata's sigmoid network at a spec's layer sizes: every remedy undone."""
    check_kind("spec", spec, NetworkSpec)
    return NetworkSpec(
        depth=spec.depth,
        width=spec.width,
        widths=spec.widths,
        n_inputs=spec.n_inputs,
        n_outputs=spec.n_outputs,
        linear_output=spec.linear_output,
    )


def treated(spec: NetworkSpec, names: Collection[str], variants: Mapping[str, str] | None = None) -> NetworkSpec:
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
    check_kind("spec", spec, NetworkSpec)
    chosen = set(check_choices("names", names, NETWORK_REMEDIES, fewest=0))
    variants = check_variants(variants)
    # What looks at the others comes last; for the rest the order makes no difference.
    for name in sorted(chosen, key=lambda name: REMEDIES[name].looks_at_others):
        spec = replace(spec, **REMEDIES[name].changes(spec, variants.get(name)))
    return spec


def check_variants(variants: Mapping[str, str] | None) -> Mapping[str, str]:
    """A variant for each of some remedies, none of them unknown; ``None`` is none."""
    if variants is None:
        return {}
    if not isinstance(variants, Mapping):
        raise refusal("variants", "a mapping of remedies to their variants, or None", variants)
    return {
        check_choice("variants", name, REMEDIES): check_choice("variants", variant, REMEDIES[name].variants)
        for name, variant in variants.items()
    }


def smallest_batch(*specs: NetworkSpec) -> int:
    """Examples on which networks should at least be measured when they are compared: 32 if one has batch norm."""
    for spec in check_items("specs", specs, what="network specs"):
        check_kind("specs", spec, NetworkSpec)
    over_batch = any(NORMALIZATIONS[spec.normalization].over_batch for spec in specs)
    return BATCH_NORM_BATCH if over_batch else 1


def comparison_inputs(*specs: NetworkSpec, batch_size: int = 1, distribution: str = "kata") -> Array:
    """Example inputs ``(batch, n_inputs)`` that all of the networks, which have equally many inputs, are fit for."""
    batch_size = check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
    smallest = smallest_batch(*specs)
    if len({spec.n_inputs for spec in specs}) > 1:
        raise refusal("specs", "networks of equally many inputs (n_inputs)", [spec.n_inputs for spec in specs])
    return example_inputs(specs[0].n_inputs, max(batch_size, smallest), distribution)


def comparison_output_gradient(*specs: NetworkSpec, batch_size: int) -> Array | None:
    """dL/d(outputs) for comparing networks, ``(batch_size, n_outputs)``: ``None``, which is 1 everywhere, unless one of
    them has batch norm; then each example has its own (``example_output_gradient``).

    Raises
    ------
    ValueError
        Naming the argument, its range and the value received.
    """
    batch_size = check_integer("batch_size", batch_size, 1, LARGEST_BATCH)
    if smallest_batch(*specs) == 1:
        return None
    if len({spec.n_outputs for spec in specs}) > 1:
        raise refusal("specs", "networks of equally many outputs (n_outputs)", [spec.n_outputs for spec in specs])
    return example_output_gradient(specs[0].n_outputs, batch_size)
