"""A network as a script for PyTorch, which prints what each layer receives and logs what each parameter receives."""

from textwrap import indent

from vanish.code import numpy_words
from vanish.code.ask import Ask, checked, sizes
from vanish.code.torch_model import SINE, model_expression, residual_class
from vanish.code.torch_weights import drawing, is_ours
from vanish.network.spec import NetworkSpec

# So many networks are drawn where the random numbers are PyTorch's.
NETWORKS = 25

LOG = "gradients.jsonl"

# Paste it into a training loop of your own: ``read_log`` knows every key.
HOOK = '''def log_gradients(model, step, file, loss_scale=1.0):
    """One line of JSON a parameter: call it after backward(), before the optimizer's step."""
    for name, parameter in model.named_parameters():
        line = {"step": step, "name": name, "rms": None, "entries": parameter.numel(), "loss_scale": loss_scale}
        if parameter.grad is not None:
            g = parameter.grad.detach().double()
            line["rms"], line["max_abs"] = g.square().mean().sqrt().item(), g.abs().max().item()
            line["zeros"] = (g == 0).double().mean().item()
        print(json.dumps(line), file=file)
'''

_MEASURE = '''def received(model):
    """Mean |dL/dz|, RMS of dL/dz and norm of dL/dW of every linear layer, the first layer first."""
    linears = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]

    def keep(layer, _, z):
        z.retain_grad()
        layer.z = z

    hooks = [layer.register_forward_hook(keep) for layer in linears]
    (model(inputs) * at_outputs).sum().backward()
    for hook in hooks:
        hook.remove()
    return torch.tensor(
        [
            [layer.z.grad.abs().mean(), layer.z.grad.square().mean().sqrt(), layer.weight.grad.norm()]
            for layer in linears
        ]
    )
'''

_PRINT = f"""print("layer,mean_abs,rms,weight_norm")
for layer, row in enumerate(rows.tolist(), start=1):
    print(layer, *row, sep=",")

# What each parameter received, for vanish.read_log, or chapter "Yours" of the page.
with open("{LOG}", "w") as file:
    log_gradients(model, 0, file)
"""


def torch_script(
    spec: NetworkSpec,
    seed: int = 42,
    batch_size: int = 1,
    distribution: str = "kata",
    scale: float = 1.0,
    shift: float = 0.0,
) -> str:
    """A Python script that builds the network in PyTorch, and prints and logs every layer's gradient.

    The original program's rule for weights is ours: its script has the same weights and prints the numbers of
    ``gradient_flow``, to a relative 1e-6.  All other rules are left to PyTorch, whose random numbers are its own: the
    script draws 25 networks of the same distribution and prints each layer's median.  Columns: ``mean_abs``, ``rms``,
    ``weight_norm`` (``MAGNITUDES``).  It writes ``gradients.jsonl``, which ``read_log`` reads.

    Parameters
    ----------
    spec : NetworkSpec
    seed : int, 0 to 2**64 - 1
    batch_size : int, 1 to 4096
    distribution, scale, shift : of the inputs, as in ``example_inputs``

    Raises
    ------
    ValueError
        Naming the argument, what it may be and the value received.
    """
    ask = checked(spec, seed, batch_size, distribution, scale, shift, ("rms",))
    return "\n\n".join(part.strip("\n") + "\n" for part in (_head(ask), *_functions(ask), _body(ask)))


def _head(ask: Ask) -> str:
    numbers = "the page's own" if is_ours(ask.spec) else f"medians over {NETWORKS} networks, PyTorch's own numbers"
    return "\n".join(
        [
            '"""What each layer of a network receives on the way back, in PyTorch.',
            "",
            f"Made by vanish from {ask.settings}.",
            f"What is printed: {numbers}.",
            '"""',
            "",
            "import json",
            "",
            "import numpy as np",
            "import torch",
            "from torch import nn",
            "",
            "# In single precision, deep networks' gradients leave the range in which digits are kept.",
            "torch.set_default_dtype(torch.float64)",
            "",
            f"SEED, BATCH = {ask.seed}, {ask.batch_size}",
            f"SIZES = {sizes(ask.spec)}",
            "",
            *ask.inputs,
            "inputs = torch.tensor(X)",
            f"at_outputs = torch.tensor({ask.output_gradient})",
        ]
    )


def _functions(ask: Ask) -> list[str]:
    spec = ask.spec
    made = [SINE] if spec.activation == "sin" else []
    made += [residual_class(spec)] if spec.blocks else []
    made += [numpy_words.UNIFORM] if is_ours(spec) else []
    lines = [
        *model_expression(spec).splitlines(),
        *drawing(spec, to_the_number=True),
        "# Lines of a remedy go here.",
        "return model",
    ]
    made.append("def network(seed):\n" + indent("\n".join(lines), "    ") + "\n")
    return [*made, _MEASURE, HOOK]


def _body(ask: Ask) -> str:
    if is_ours(ask.spec):
        return f"model = network(SEED)\nrows = received(model)\n{_PRINT}"
    return (
        f"rows = []\nfor k in range({NETWORKS}):\n"
        # PyTorch's seeds end below 2**64.
        "    torch.manual_seed((SEED + k) % 2**63)\n"
        "    model = network(SEED)\n"
        "    rows.append(received(model))\n"
        f"rows = torch.stack(rows).median(dim=0).values\n{_PRINT}"
    )
