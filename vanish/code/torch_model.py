"""A network in PyTorch's words: the expression that builds it, and the lines that draw its weights.

``model`` is an ``nn.Sequential`` of what a layer or a residual block is made of, so that whoever reads it finds every
layer of the page, and a remedy finds what it changes.  Equal neighbors are written once.
"""

from itertools import groupby

from vanish.choices.activations import ACTIVATIONS
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import EPSILON
from vanish.choices.residuals import RESIDUALS
from vanish.network.spec import LayerSpec, NetworkSpec

# PyTorch's module for each entry of ACTIVATIONS; "Sine" is of our own words, below.
MODULES = {
    "sigmoid": "nn.Sigmoid",
    "tanh": "nn.Tanh",
    "relu": "nn.ReLU",
    "leaky_relu": "nn.LeakyReLU",
    "prelu": "nn.PReLU",
    "elu": "nn.ELU",
    "selu": "nn.SELU",
    "gelu": "nn.GELU",
    "silu": "nn.SiLU",
    "mish": "nn.Mish",
    "softplus": "nn.Softplus",
    "softsign": "nn.Softsign",
    "hard_sigmoid": "nn.Hardsigmoid",
    "hard_tanh": "nn.Hardtanh",
    "relu6": "nn.ReLU6",
    "sin": "Sine",
    "identity": "nn.Identity",
}

NORMS = {
    "batch": "nn.BatchNorm1d({units})",
    "layer": "nn.LayerNorm({units})",
    "rms": f"nn.RMSNorm({{units}}, eps={EPSILON:g})",
}

SINE = """class Sine(nn.Module):
    def forward(self, z):
        return torch.sin(30 * z)
"""

# How the branch is multiplied where the gate is not learned; {length}: layers, as the residual kind counts them.
_GATES = {"identity": "", "scaled": " / {length} ** 0.5", "half": " / 2"}


def activation(spec: NetworkSpec) -> str:
    """The expression of the network's activation."""
    own = ACTIVATIONS[spec.activation].shape
    # Its name is PyTorch's own.
    return f"{MODULES[spec.activation]}({f'{own.name}={spec.shape!r}' if own else ''})"


def norm(spec: NetworkSpec, units: int | str) -> str:
    """The expression of the network's normalisation of so many units."""
    return NORMS[spec.normalization].format(units=units)


def residual_class(spec: NetworkSpec) -> str:
    """The class of a residual block, which adds what goes in to what its modules make of it; "" where there is none."""
    kind = RESIDUALS[spec.residual]
    if not kind.skips:
        return ""
    if not kind.learned:
        length = round(spec.initial_gate**-2)
        gate = _GATES[spec.residual].format(length=length)
        return (
            f"class Residual(nn.Sequential):\n    def forward(self, h):\n        return h + super().forward(h){gate}\n"
        )
    return (
        "class Residual(nn.Sequential):\n"
        "    def __init__(self, *branch):\n"
        "        super().__init__(*branch)\n"
        f"        self.gate = nn.Parameter(torch.tensor({spec.initial_gate:.1f}))\n\n"
        "    def forward(self, h):\n"
        "        return h + self.gate * super().forward(h)\n"
    )


def model_expression(spec: NetworkSpec) -> str:
    """``model = nn.Sequential(...)``, one line for each run of equal layers or blocks."""
    lines = []
    for block, run in groupby(_blocks(spec)):
        count = len(list(run))
        lines.append(f"    *({block} for _ in range({count}))," if count > 1 else f"    {block},")
    return "\n".join(["model = nn.Sequential(", *lines, ")"])


def _blocks(spec: NetworkSpec) -> list[str]:
    """One expression for each layer that is in no block, and for each block."""
    made, branch = [], list[str]()
    for layer in spec.layers:
        post = layer.normalized_units and NORM_PLACES[spec.norm_place].after_sum
        branch += _modules(spec, layer)
        if layer.inside and not layer.closes:
            continue
        own = f"{'Residual' if layer.closes else 'nn.Sequential'}({', '.join(branch)})"
        if post and layer.closes:
            own = f"nn.Sequential({own}, {norm(spec, layer.fan_out)})"
        elif post:
            own = f"{own[:-1]}, {norm(spec, layer.fan_out)})"
        made.append(own)
        branch = []
    return made


def _modules(spec: NetworkSpec, layer: LayerSpec) -> list[str]:
    """A layer's own modules, but for a norm after the sum."""
    place = NORM_PLACES[spec.norm_place]
    modules = [f"nn.Linear({layer.fan_in}, {layer.fan_out})"]
    if layer.normalized_units and place.before_weights:
        modules.insert(0, norm(spec, layer.fan_in))
    if layer.normalized_units and place.before_activation:
        modules.append(norm(spec, layer.fan_out))
    if not layer.linear:
        modules.append(activation(spec))
    return modules
