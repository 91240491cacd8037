"""Each remedy as the lines of PyTorch that apply it to a network that is called ``model``.

Lines of a network's own remedies go behind the ones that build it (``vanish.code.torch_script``): they change the
module that is there and leave its weights as they are, unless the remedy is about weights.
"""

from collections.abc import Callable
from dataclasses import replace

from vanish.choices.blocks import BLOCKS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.residuals import RESIDUALS
from vanish.code.torch_model import MODULES, SINE, activation, model_expression, norm, residual_class
from vanish.code.torch_weights import drawing
from vanish.measure.remedies import REMEDIES
from vanish.network.spec import NetworkSpec
from vanish.numerics.checks import check_choice, check_kind

# What a variant's lines are made of: the network before the remedy, the one after it, and the variant.
Lines = Callable[[NetworkSpec, NetworkSpec, str], list[str]]


def _activation(before: NetworkSpec, after: NetworkSpec, variant: str) -> list[str]:
    return [
        "for name, module in list(model.named_modules()):",
        f"    if isinstance(module, {MODULES[before.activation]}):",
        f"        model.set_submodule(name, {activation(after)})",
    ]


def _residual(before: NetworkSpec, after: NetworkSpec, variant: str) -> list[str]:
    if not _plain(after) or RESIDUALS[before.residual].skips or RESIDUALS[variant].end_scale != 1:
        return _rebuilt(after)
    return [
        *residual_class(after).splitlines(),
        "model = nn.Sequential(*(",
        "    Residual(*layer) if layer[0].in_features == layer[0].out_features else layer for layer in model",
        "))",
    ]


def _normalization(before: NetworkSpec, after: NetworkSpec, variant: str) -> list[str]:
    if NORMALIZATIONS[before.normalization].normalizes or not _plain(after):
        return _rebuilt(after)
    return [
        "linears = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, nn.Linear)]",
        "for name, layer in linears[:-1]:",
        f"    model.set_submodule(name, nn.Sequential(layer, {norm(after, 'layer.out_features')}))",
    ]


def _rebuilt(after: NetworkSpec) -> list[str]:
    """The whole network anew, and its weights: for what is no small change of the one that is there."""
    own = [SINE] if after.activation == "sin" else []
    return [
        *"".join([*own, residual_class(after)]).splitlines(),
        *model_expression(after).splitlines(),
        *drawing(after),
    ]


def _plain(spec: NetworkSpec) -> bool:
    """Whether each layer is a block of its own, and normalised before its activation if it is."""
    return BLOCKS[spec.block].matrices == 1 and NORM_PLACES[spec.norm_place].before_activation


def _clipping(before: NetworkSpec, after: NetworkSpec, variant: str) -> list[str]:
    call = {"norm": "clip_grad_norm_", "value": "clip_grad_value_"}[variant]
    return ["loss.backward()", f"nn.utils.{call}(model.parameters(), 1.0)", "optimizer.step()"]


def _gates(before: NetworkSpec, after: NetworkSpec, variant: str) -> list[str]:
    # Gers et al. 2000: a forget gate that starts open.  PyTorch adds two biases; its gates are i, f, g, o.
    if variant == "gru":
        return ["cell = nn.GRU(n_inputs, hidden)", "states, last = cell(inputs)"]
    return [
        "cell = nn.LSTM(n_inputs, hidden)",
        "nn.init.ones_(cell.bias_ih_l0.data[hidden : 2 * hidden])",
        "states, (last, memory) = cell(inputs)",
    ]


_LINES: dict[str, Lines] = {
    "relu": _activation,
    "residual": _residual,
    "initialization": lambda before, after, variant: drawing(after),
    "normalization": _normalization,
    "clipping": _clipping,
    "gates": _gates,
}


def pytorch_lines(remedy: str, spec: NetworkSpec, variant: str | None = None) -> str:
    """The lines of PyTorch that apply a remedy to the network ``spec``, an ``nn.Module`` called ``model``.

    Parameters
    ----------
    remedy : a name from ``REMEDIES``
    spec : NetworkSpec
        The network without the remedy, which ``remedies.REMEDIES[remedy].changes(spec, variant)`` changes.
    variant : one of the remedy's variants; ``None`` is the default one

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    entry = REMEDIES[check_choice("remedy", remedy, REMEDIES)]
    check_kind("spec", spec, NetworkSpec)
    variant = check_choice("variant", entry.default if variant is None else variant, entry.variants)
    after = replace(spec, **entry.changes(spec, variant))
    return "\n".join(_LINES[remedy](spec, after, variant)) + "\n"


# Of the original program's network, each remedy in its default variant.
PYTORCH: dict[str, str] = {name: pytorch_lines(name, NetworkSpec()) for name in REMEDIES}
