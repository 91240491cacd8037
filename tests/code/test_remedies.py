"""Each remedy's lines of PyTorch, applied to a network: its gradients become the engine's with that remedy."""

import ast
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import SPECS

from vanish import NetworkSpec, backprop, initialize
from vanish.choices import ACTIVATIONS, INITIALIZERS, NORMALIZATIONS, RESIDUALS
from vanish.code import PYTORCH, pytorch_lines
from vanish.code.torch_model import MODULES, NORMS, SINE, model_expression, residual_class
from vanish.code.torch_weights import LINES
from vanish.measure.remedies import REMEDIES

ROWS = np.random.default_rng(1).standard_normal((32, 4))
VARIANTS = [(name, variant) for name, entry in REMEDIES.items() for variant in entry.variants]
# Those after which the weights that were there are there still.
KEEPING = [(name, variant) for name, variant in VARIANTS if name in ("relu", "normalization")]
KEEPING += [("residual", name) for name, kind in RESIDUALS.items() if kind.skips and kind.end_scale == 1]


def test_every_entry_of_the_tables_has_its_words():
    assert list(MODULES) == list(ACTIVATIONS)
    assert list(LINES) == list(INITIALIZERS)
    assert list(NORMS) == [name for name, entry in NORMALIZATIONS.items() if entry.normalizes]
    assert list(PYTORCH) == list(REMEDIES)


@given(SPECS, st.sampled_from(VARIANTS))
def test_lines_are_python(spec, pair):
    ast.parse(pytorch_lines(pair[0], spec, pair[1]))


def test_defaults_are_three_lines_or_nearly():
    assert max(len(lines.splitlines()) for lines in PYTORCH.values()) <= 6


def built(torch, spec, weights):
    """PyTorch's network as our words make it, with given weights, and what its lines may use."""
    torch.set_default_dtype(torch.float64)
    room = {"torch": torch, "nn": torch.nn, "inputs": torch.tensor(ROWS)}
    exec(SINE + residual_class(spec) + model_expression(spec), room)
    linears = [layer for layer in room["model"].modules() if isinstance(layer, torch.nn.Linear)]
    for layer, own in zip(linears, weights, strict=True):
        layer.weight.data = torch.tensor(own)
        torch.nn.init.zeros_(layer.bias)
    return room


def gradients(torch, model):
    """dL/dW of every linear layer; L weighs every example differently, as batch norm asks."""
    outputs = model(torch.tensor(ROWS))
    (outputs * torch.linspace(-1, 1, len(ROWS))[:, None]).sum().backward()
    return [layer.weight.grad.numpy() for layer in model.modules() if isinstance(layer, torch.nn.Linear)]


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    yield torch
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(("name", "variant"), KEEPING)
@pytest.mark.parametrize(
    "spec",
    [
        NetworkSpec(depth=6),
        NetworkSpec(depth=6, n_outputs=3, block="two", activation="tanh"),
        NetworkSpec(widths=(6, 6, 5), activation="sin", norm_place="post"),
        NetworkSpec(depth=5, width=4, norm_place="pre", block="two"),
        NetworkSpec(depth=5, activation="prelu", normalization="layer", linear_output=True),
    ],
    ids=["plain", "two", "sine", "pre", "prelu"],
)
def test_a_remedy_does_what_the_engine_says(torch, spec, name, variant):
    after = replace(spec, **REMEDIES[name].changes(spec, variant))
    ours = initialize(replace(spec, residual="none"), 5)
    room = built(torch, spec, ours.weights)
    exec(pytorch_lines(name, spec, variant), room)
    for layer, own in zip(
        [layer for layer in room["model"].modules() if isinstance(layer, torch.nn.Linear)], ours.weights, strict=True
    ):
        # Where the lines build the network anew, they draw its weights anew.
        layer.weight.data = torch.tensor(own)
    ratio = np.linspace(-1, 1, len(ROWS))[:, None]
    expected = backprop(after, initialize(after, 5), ROWS, ratio).weights
    for mine, its in zip(expected, gradients(torch, room["model"]), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-8, atol=1e-12 * np.abs(expected[-1]).max())


@pytest.mark.parametrize("variant", REMEDIES["initialization"].variants)
def test_initialization_draws_the_engines_variance(torch, variant):
    spec = NetworkSpec(depth=4, width=80, n_inputs=80, n_outputs=80)
    after = replace(spec, **REMEDIES["initialization"].changes(spec, variant))
    torch.manual_seed(1)
    room = built(torch, spec, initialize(spec, 5).weights)
    room["inputs"] = torch.tensor(np.random.default_rng(2).standard_normal((32, 80)))
    exec(pytorch_lines("initialization", spec, variant), room)
    ours = [w.std() for w in initialize(after, 5, room["inputs"].numpy()).weights]
    theirs = [layer.weight.std().item() for layer in room["linears"]]
    # A std of 6,400 uniform numbers is off by 0.6 %; one that LSUV takes of what few outputs there are, by more.
    np.testing.assert_allclose(theirs, ours, rtol=0.15 if variant == "lsuv" else 0.04)


@pytest.mark.parametrize(("variant", "largest"), [("norm", 1.0), ("value", 1.0)])
def test_clipping_clips_between_backward_and_step(torch, variant, largest):
    model = torch.nn.Linear(3, 1)
    loss = 1e3 * model(torch.ones(1, 3)).sum()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model.weight.detach().clone()
    exec(pytorch_lines("clipping", NetworkSpec(), variant), {"nn": torch.nn, **locals()})
    moved = (model.weight - before).abs()
    expected = 0.05 if variant == "norm" else 0.1
    np.testing.assert_allclose(moved.detach().numpy(), expected, rtol=1e-5)


@pytest.mark.parametrize("variant", REMEDIES["gates"].variants)
def test_gates_run_over_a_sequence(torch, variant):
    room = {"nn": torch.nn, "n_inputs": 2, "hidden": 5, "inputs": torch.ones(7, 1, 2)}
    exec(pytorch_lines("gates", NetworkSpec(), variant), room)
    assert room["states"].shape == (7, 1, 5)
