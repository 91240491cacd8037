"""How PyTorch draws the weights that an entry of ``INITIALIZERS`` stands for.

Every line is about one ``layer``, an ``nn.Linear``: the distribution is the entry's, the random numbers PyTorch's own.
"""

from vanish.choices.activations import OMEGA_0
from vanish.choices.initializers import CUT, INITIALIZERS
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import NetworkSpec

# Of the layer whose input is the data, a SIREN has a rule of its own.
_SIREN = f"""bound = 1 / layer.in_features if layer is linears[0] else (6 / layer.in_features) ** 0.5 / {OMEGA_0:g}
nn.init.uniform_(layer.weight, -bound, bound)"""

LINES = {
    "kata": "bound = (2 / (layer.in_features + layer.out_features)) ** 0.5\n"
    "nn.init.uniform_(layer.weight, -bound, bound)",
    "xavier_uniform": "nn.init.xavier_uniform_(layer.weight)",
    "xavier_normal": "nn.init.xavier_normal_(layer.weight)",
    "he_uniform": 'nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")',
    "he_normal": 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
    "torch_default": "layer.reset_parameters()",
    "lecun_normal": 'nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")',
    "orthogonal": "nn.init.orthogonal_(layer.weight)",
    "normal": "nn.init.normal_(layer.weight, std={std!r})",
    "trunc_normal": "nn.init.trunc_normal_(layer.weight, std={std!r}, a={low!r}, b={high!r})",
    "uniform": "nn.init.uniform_(layer.weight, {uniform_low!r}, {uniform_high!r})",
    "siren": _SIREN,
    "zeros": "nn.init.zeros_(layer.weight)",
    "lsuv": "nn.init.orthogonal_(layer.weight)",
}

# Mishkin & Matas 2016: each layer in turn is divided by the std of what it makes of a batch.
LSUV = """def to_unit_variance(layer, _, z):
    std = z.std(correction=0)
    if std > 0:
        layer.weight.data /= std
        return z / std
hooks = [layer.register_forward_hook(to_unit_variance) for layer in linears]
with torch.no_grad():
    model(inputs)
for hook in hooks:
    hook.remove()"""


# Zhang, Dauphin & Ma 2019: within a branch, the last matrix starts at 0 and the others are scaled down.
FIXUP = """for block in model.modules():
    if isinstance(block, Residual):
        *inner, last = [layer for layer in block if isinstance(layer, nn.Linear)]
        nn.init.zeros_(last.weight)
        for layer in inner:
            layer.weight.data *= {inner!r}"""


# The original program's own numbers in place of PyTorch's: those of ``uniform(seed, count)``.
OURS = """bound = (2 / (layer.in_features + layer.out_features)) ** 0.5
layer.weight.data = bound * next(drawn).view_as(layer.weight)"""


_OUR_NUMBERS = [
    "counts = [layer.weight.numel() for layer in linears]",
    "drawn = iter(torch.tensor(uniform(seed, sum(counts))).split(counts))",
]


def is_ours(spec: NetworkSpec) -> bool:
    """Whether the weights' rule is none of a framework's, so that only our own numbers are that network."""
    return spec.initializer == "kata"


def drawing(spec: NetworkSpec, to_the_number: bool = False) -> list[str]:
    """Lines that draw the weights and biases of every linear layer of ``model``; those of LSUV look at ``inputs``.

    ``to_the_number``: where the rule is ours, the very numbers of ``seed``, for a script that has ``uniform``.
    """
    ours = to_the_number and is_ours(spec)
    entry, residual = INITIALIZERS[spec.initializer], RESIDUALS[spec.residual]
    own = LINES[spec.initializer].format(
        std=spec.weight_std,
        low=-CUT * spec.weight_std,
        high=CUT * spec.weight_std,
        uniform_low=spec.uniform_low,
        uniform_high=spec.uniform_high,
    )
    if spec.weight_std == 0 and entry.uses_std:
        own = LINES["zeros"]
    if ours:
        own = OURS
    lines = [
        "linears = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]",
        *(_OUR_NUMBERS if ours else []),
        *_for_each(*own.split("\n"), *([] if entry.bias_scale else ["nn.init.zeros_(layer.bias)"])),
    ]
    if spec.blocks and residual.end_scale != 1:
        lines += FIXUP.format(inner=residual.weight_scales(len(spec.blocks), 2)[0]).split("\n")
    if entry.unit_variance:
        lines += LSUV.split("\n")
    if spec.weight_scale != 1:
        lines += _for_each(f"layer.weight.data *= {spec.weight_scale!r}")
    if spec.bias_std and ours:
        lines += [
            "noise = np.random.default_rng([seed, 1]).standard_normal(sum(len(layer.bias) for layer in linears))",
            "noise = iter(torch.tensor(noise).split([len(layer.bias) for layer in linears]))",
        ]
    if spec.bias_std:
        noise = "next(noise)" if ours else "torch.randn_like(layer.bias)"
        lines += _for_each(f"layer.bias.data += {spec.bias_std!r} * {noise}")
    return lines


def _for_each(*lines: str) -> list[str]:
    return ["for layer in linears:", *(f"    {line}" for line in lines)]
