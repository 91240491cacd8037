"""PyTorch's own layers, cells and optimisers with our names and our numbers; who calls has imported ``torch``."""

from networks import KINDS


def torch_layers(torch, parameters, learned_gates=True):
    """The same parameters as PyTorch's leaves, a dictionary a layer."""
    return [
        {
            kind: None
            if getattr(own, kind) is None
            else torch.tensor(getattr(own, kind), requires_grad=learned_gates or kind != "gate")
            for kind in KINDS
        }
        for own in parameters.layers
    ]


def torch_activation(torch, name):
    """PyTorch's function of our name, which PyTorch may write without underscores; ``None`` if there is none."""
    functional = torch.nn.functional
    return getattr(functional, name, None) or getattr(functional, name.replace("_", ""), None)


def torch_layer_outputs(torch, spec, own, z):
    """What a layer adds or passes on, by PyTorch's own functions."""
    functional = torch.nn.functional
    gain, shift = own["gain"], own["shift"]
    if gain is not None:
        z = {
            "batch": lambda: functional.batch_norm(z, None, None, gain, shift, training=True),
            "layer": lambda: functional.layer_norm(z, gain.shape, gain, shift),
            "rms": lambda: functional.rms_norm(z, gain.shape, gain, eps=1e-5) + shift,
        }[spec.normalization]()
    own_words = {
        "identity": lambda z: z,
        # PyTorch's own hardsigmoid has a single-precision sixth in it.
        "hard_sigmoid": lambda z: (z / 6 + 0.5).clamp(0, 1),
    }
    return own_words.get(spec.activation, torch_activation(torch, spec.activation))(z)


def torch_cell(torch, spec, parameters):
    """PyTorch's own cell with the same parameters, and its read-out."""
    if spec.cell.startswith("rnn_"):
        cell = torch.nn.RNN(spec.n_inputs, spec.hidden, nonlinearity=spec.cell[4:], dtype=torch.float64)
    else:
        cell = getattr(torch.nn, spec.cell.upper())(spec.n_inputs, spec.hidden, dtype=torch.float64)
    read_out = torch.nn.Linear(spec.hidden, spec.n_outputs, dtype=torch.float64)
    with torch.no_grad():
        for name, own in [*cell.named_parameters(), *read_out.named_parameters()]:
            own.copy_(torch.tensor(getattr(parameters, name.removesuffix("_l0"))))
    return cell, read_out


def torch_optimizer(torch, name, parameters, rate):
    return {
        "sgd": lambda: torch.optim.SGD(parameters, lr=rate),
        "momentum": lambda: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
        "nesterov": lambda: torch.optim.SGD(parameters, lr=rate, momentum=0.9, nesterov=True),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr=rate),
        "adam": lambda: torch.optim.Adam(parameters, lr=rate),
        "adamw": lambda: torch.optim.AdamW(parameters, lr=rate),
    }[name]()
