"""PyTorch's own layers, cells and optimisers with our names and our numbers; who calls has imported ``torch``."""

from functools import partial

import numpy as np
from networks import KINDS

from vanish import backprop


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


def torch_norm(torch, spec, own, v):
    """``norm(v)`` by PyTorch's own functions; ``v`` as it is on a layer that normalises nothing."""
    functional = torch.nn.functional
    gain, shift = own["gain"], own["shift"]
    if gain is None:
        return v
    return {
        "batch": lambda: functional.batch_norm(v, None, None, gain, shift, training=True),
        "layer": lambda: functional.layer_norm(v, gain.shape, gain, shift),
        "rms": lambda: functional.rms_norm(v, gain.shape, gain, eps=1e-5) + shift,
    }[spec.normalization]()


def torch_forward(torch, spec, theirs, h):
    """The network's outputs as PyTorch's users would write them, pre-activations kept beside the parameters."""
    own_words = {
        "identity": lambda z: z,
        "sin": lambda z: torch.sin(30 * z),
        # PyTorch's own hardsigmoid has a single-precision sixth in it.
        "hard_sigmoid": lambda z: (z / 6 + 0.5).clamp(0, 1),
        # Beyond its threshold, 20 by default, PyTorch's softplus is the straight line.
        "softplus": lambda z: torch.nn.functional.softplus(z, threshold=700),
    }
    activation = own_words.get(spec.activation, torch_activation(torch, spec.activation))
    norm = [
        (lambda v, own=own, here=place == spec.norm_place: torch_norm(torch, spec, own, v) if here else v)
        for place in ("pre", "activation", "post")
        for own in theirs
    ]
    pre, middle, post = (norm[start : start + len(theirs)] for start in range(0, len(norm), len(theirs)))

    def linear(layer, x):
        z = torch.nn.functional.linear(pre[layer](x), theirs[layer]["weights"], theirs[layer]["biases"])
        if z.requires_grad:
            z.retain_grad()
        theirs[layer]["pre_activations"] = z
        return z

    def activated(layer, x):
        u = middle[layer](linear(layer, x))
        if spec.linear_output and layer == len(theirs) - 1:
            return u
        leak = theirs[layer]["leak"]
        return activation(u) if leak is None else torch.nn.functional.prelu(u, leak)

    layer = 0
    while layer < len(theirs):
        gates = [own["gate"] for own in theirs[layer : layer + 2]]
        if gates[0] is not None:
            h = post[layer](h + gates[0] * activated(layer, h))
        elif gates[-1] is not None and spec.block == "two":
            branch = linear(layer + 1, activated(layer, h))
            layer += 1
            h = post[layer](h + gates[-1] * branch)
        else:
            h = post[layer](activated(layer, h))
        layer += 1
    return h


def assert_autograd(torch, spec, ours, inputs, weighting):
    """Outputs and every gradient are those of PyTorch's autograd."""
    gradients = backprop(spec, ours, inputs, weighting)
    theirs = torch_layers(torch, ours)
    outputs = torch_forward(torch, spec, theirs, torch.tensor(inputs))
    (outputs * torch.tensor(weighting)).sum().backward()
    np.testing.assert_allclose(gradients.outputs, outputs.detach().numpy(), rtol=1e-10, atol=1e-13)
    for layer, own in zip(gradients.layers, theirs, strict=True):
        for kind, its in own.items():
            mine = getattr(layer, kind)
            if its is not None:
                its = its.grad.numpy()
                np.testing.assert_allclose(mine, its, rtol=1e-10, atol=1e-10 * np.abs(gradients.weights[0]).max())


def torch_cell(torch, spec, parameters):
    """PyTorch's own cell with the same parameters, or one written out where it has none, and its read-out."""
    kind = {
        "rnn_sigmoid": lambda: _rnn_sigmoid(torch),
        "lstm_relu": lambda: _lstm_relu(torch),
        "rnn_relu": lambda: partial(torch.nn.RNN, nonlinearity="relu"),
        "rnn_tanh": lambda: torch.nn.RNN,
    }.get(spec.cell, lambda: getattr(torch.nn, spec.cell.upper()))()
    cell = kind(spec.n_inputs, spec.hidden, dtype=torch.float64)
    read_out = torch.nn.Linear(spec.hidden, spec.n_outputs, dtype=torch.float64)
    with torch.no_grad():
        for name, own in [*cell.named_parameters(), *read_out.named_parameters()]:
            own.copy_(torch.tensor(getattr(parameters, name.removesuffix("_l0"))))
    return cell, read_out


def _rnn_sigmoid(torch):
    class Cell(torch.nn.RNN):
        def forward(self, x, state=None):
            h = x.new_zeros(x.shape[1], self.hidden_size) if state is None else state[0]
            linear, states = torch.nn.functional.linear, []
            for one in x:
                u = linear(one, self.weight_ih_l0, self.bias_ih_l0) + linear(h, self.weight_hh_l0, self.bias_hh_l0)
                h = torch.sigmoid(u)
                states.append(h)
            return torch.stack(states), h

    return Cell


def _lstm_relu(torch):
    class Cell(torch.nn.LSTM):
        def forward(self, x, state=None):
            zeros = x.new_zeros(x.shape[1], self.hidden_size)
            h, c = (zeros, zeros) if state is None else (state[0][0], state[1][0])
            linear, states = torch.nn.functional.linear, []
            for one in x:
                u = linear(one, self.weight_ih_l0, self.bias_ih_l0) + linear(h, self.weight_hh_l0, self.bias_hh_l0)
                i, f, g, o = u.chunk(4, dim=1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.relu(g)
                h = torch.sigmoid(o) * torch.relu(c)
                states.append(h)
            return torch.stack(states), (h, c)

    return Cell


def torch_optimizer(torch, name, parameters, rate):
    return {
        "sgd": lambda: torch.optim.SGD(parameters, lr=rate),
        "momentum": lambda: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
        "nesterov": lambda: torch.optim.SGD(parameters, lr=rate, momentum=0.9, nesterov=True),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr=rate),
        "adam": lambda: torch.optim.Adam(parameters, lr=rate),
        "adamw": lambda: torch.optim.AdamW(parameters, lr=rate),
    }[name]()
