"""The clinic's numbers once more, by PyTorch: its own layers, cells and optimisers, and autograd's way back."""

from itertools import islice, pairwise

import numpy as np
import pytest
from torch_twins import torch_activation, torch_forward, torch_layers, torch_optimizer

from vanish import initialize
from vanish.choices.inputs import example_inputs, unrelated_pair
from vanish.network.training import batches, fit_spec
from vanish.sequence import initialize_recurrent
from vanish.ui.chapters.train import data as train_data
from vanish.ui.chapters.train.controls import Plan
from vanish.ui.kit.measured import inputs_of, output_gradient
from vanish.ui.lesson.clinic import examination
from vanish.ui.lesson.clinic.cases import CASES
from vanish.ui.lesson.clinic.symptoms import SYMPTOMS
from vanish.ui.lesson.results import quietly
from vanish.ui.shell.settings import Settings

torch = pytest.importorskip("torch")

BY_CHAPTER = {
    chapter: [name for name, case in CASES.items() if case.chapter == chapter] for chapter in ("flow", "train", "time")
}
# Slopes, by activation.
LARGEST = {"tanh": 1.0, "sigmoid": 0.25, "relu": 1.0, "leaky_relu": 1.0}


def rms(values):
    return float(values.square().mean().sqrt())


def cosine(a, b):
    return float(a @ b / (a.norm() * b.norm()))


def passed(spec, drawn, inputs):
    """The network's layers as PyTorch keeps them, with what each gets, and its outputs."""
    network = torch_layers(torch, drawn)
    gets = []
    linear = torch.nn.functional.linear

    def watched(x, weights, biases=None):
        gets.append(x.detach())
        return linear(x, weights, biases)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.functional, "linear", watched)
        outputs = torch_forward(torch, spec, network, torch.tensor(inputs))
    return network, gets, outputs


@np.errstate(all="ignore")
def layers(settings):
    """The sheet of a network before training."""
    spec, signal = settings.specs[0], settings.signal
    inputs = inputs_of(spec, signal)
    drawn = initialize(spec, signal.seed, inputs)
    network, gets, outputs = passed(spec, drawn, inputs)
    weighting = output_gradient(spec, len(inputs))
    (outputs if weighting is None else outputs * torch.tensor(weighting)).sum().backward()
    sizes = np.array([rms(own["pre_activations"].grad) for own in network])
    widths = [len(own["weights"]) for own in network]
    # What orthogonal layers hand back: all of a gradient's length, or its share where a layer is wider than the one
    # before it; one unit's is 1.
    lengths = np.cumprod([1.0, *(min(1.0, before / after) for before, after in reversed([*pairwise(widths)]))])[::-1]
    left = sizes / np.sqrt(lengths / widths)
    z = [own["pre_activations"].detach() for own in network[:-1]]
    if spec.normalization == "batch":
        z = [torch.nn.functional.batch_norm(v, None, None, training=True) for v in z]
    hidden = [own["weights"].detach() for own in network[:-1]]
    found = {
        "ratio": left[0] / left[-1],
        "zero": (sizes == 0).sum(),
        "strength": np.median([float((own**2).sum(dim=1).mean().sqrt()) for own in hidden]),
        "lean": np.median([float(own.mean()) / rms(own) for own in hidden]),
        "inputs": np.sqrt((inputs**2).mean()),
        "arrives": float(z[0].std(correction=0)),
        "kept": float(gets[-1].std(correction=0) / gets[1].std(correction=0)),
        "narrow": min(widths[:-1]),
    }
    if not found["zero"]:
        found["step"] = 10 ** np.abs(np.diff(np.log10(left))).max()
    if spec.normalization == "none":
        sides = np.sqrt((inputs**2).mean()) * unrelated_pair(spec.n_inputs)
        with torch.no_grad():
            found["alike"] = cosine(*(passed(spec, drawn, side[None])[1][-1][0] for side in sides))
    # In a block of two layers only the first has an activation.
    if spec.residual == "none":
        slopes = [slope(spec.activation, v) for v in z]
        found["slope"] = np.median([rms(one) for one in slopes])
        found["idle"] = max(float((one < 0.05 * LARGEST[spec.activation]).double().mean()) for one in slopes)
        found["dead"] = max(float((one == 0).all(dim=0).double().mean()) for one in slopes)
    return found


def slope(activation, z):
    if activation == "tanh":
        # Autograd's 1 - tanh² is 0 long before the slope is.
        return torch.cosh(z) ** -2
    z = z.requires_grad_()
    return torch.autograd.grad(torch_activation(torch, activation)(z).sum(), z)[0]


@pytest.mark.parametrize("name", BY_CHAPTER["flow"])
def test_what_is_told_of_a_network_is_what_autograd_finds(name):
    case = CASES[name]
    for cured in (False, True):
        settings = Settings(**(case.cured if cured else case.sick))
        if settings.normalization == "batch" and settings.batch_size == 1:
            # PyTorch refuses what this patient suffers from.
            with pytest.raises(ValueError, match="more than 1 value per channel"):
                layers(settings)
            continue
        told = examination.sheet(case, quietly, cured)
        for symptom, value in layers(settings).items():
            assert told[symptom] == pytest.approx(value, rel=1e-4, abs=1e-12, nan_ok=True), (cured, symptom)


# What patients are said to have, by what each layer gets (h), the outputs, and the size of dL/dz in each layer.
COMPLAINTS = {
    "faint": lambda h, outputs, sizes: (sizes[:3] < 1e-3 * sizes[-1]).all(),
    "fading": lambda h, outputs, sizes: outputs.abs().max() < 1e-6,
    "all_or_nothing": lambda h, outputs, sizes: all((one.abs() > 0.99).double().mean() > 0.9 for one in h[-2:]),
    "deaf": lambda h, outputs, sizes: [(1 - one**2 < 0.05).double().mean() > 0.5 for one in h[1:]] == [1, 0, 0, 0, 0],
    "cliff": lambda h, outputs, sizes: (sizes[:4] < 0.01 * sizes[4:].min()).all(),
    "still": lambda h, outputs, sizes: (outputs == outputs[0]).all(),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_patient_has_what_it_complains_of(name):
    settings = Settings(**CASES[name].sick)
    inputs = inputs_of(settings.specs[0], settings.signal)
    network, gets, outputs = passed(settings.specs[0], initialize(settings.specs[0], settings.seed, inputs), inputs)
    outputs.sum().backward()
    sizes = np.array([rms(own["pre_activations"].grad) for own in network])
    assert COMPLAINTS[name](gets, outputs.detach(), sizes)


def trained(settings):
    """The sheet of a run, as far as it is PyTorch's: its own layers, loss and optimiser, on the same batches."""
    plan = settings.part(Plan)
    data = train_data.dataset(plan)
    spec = fit_spec(settings.specs[0], data)
    network = torch_layers(torch, initialize(spec, plan.seed, data.train_inputs))
    leaves = [array for own in network for array in own.values() if array is not None]
    stepper = torch_optimizer(torch, plan.optimizer, leaves, plan.learning_rate)
    inputs, targets = torch.tensor(data.train_inputs), torch.tensor(data.train_targets)
    weights = [own["weights"].detach().clone() for own in network]

    def loss(chosen):
        outputs = torch_forward(torch, spec, network, inputs[chosen])
        if data.loss == "softmax":
            return torch.nn.functional.cross_entropy(outputs, targets[chosen])
        return torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], targets[chosen].double())

    def right(these, classes):
        outputs = torch_forward(torch, spec, network, torch.tensor(these)).detach().numpy()
        return ((outputs.argmax(axis=1) if data.loss == "softmax" else outputs[:, 0] > 0) == classes).mean()

    with torch.no_grad():
        begin = float(loss(slice(None)))
    for step, batch in enumerate(islice(batches(len(inputs), plan.train_batch, plan.seed), plan.steps)):
        stepper.zero_grad()
        loss(torch.tensor(batch)).backward()
        stepper.step()
        if step == 0:
            moved = zip(network, weights, strict=True)
            stride = max(float((own["weights"].detach() - before).norm() / before.norm()) for own, before in moved)
    with torch.no_grad():
        end = float(loss(slice(None)))
    test = right(data.test_inputs, data.test_targets)
    gap = right(data.train_inputs, data.train_targets) - test
    return {"loss": end / begin, "test": test, "gap": gap, "stride": stride, "neighbor": nearest(data)}


def nearest(data):
    distances = torch.cdist(torch.tensor(data.test_inputs), torch.tensor(data.train_inputs))
    return (data.train_targets[distances.argmin(dim=1).numpy()] == data.test_targets).mean()


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_CHAPTER["train"])
def test_what_a_run_comes_to_is_what_pytorchs_comes_to(name):
    case = CASES[name]
    for cured in (False, True):
        told = examination.sheet(case, quietly, cured)
        for symptom, value in trained(Settings(**(case.cured if cured else case.sick))).items():
            # Two hundred steps that are too large make one thing of nothing: what is told is on which side it lies.
            exact = symptom in ("stride", "neighbor")
            assert told[symptom] == pytest.approx(value, rel=1e-6 if exact else 0.1, abs=0 if exact else 0.03), symptom
            assert SYMPTOMS[symptom].is_usual(value) == SYMPTOMS[symptom].is_usual(told[symptom])


@pytest.mark.parametrize("name", BY_CHAPTER["time"])
def test_what_comes_back_along_a_sequence_is_what_autograd_finds(name):
    case = CASES[name]
    for cured in (False, True):
        settings = Settings(**(case.cured if cured else case.sick))
        (spec,), told = settings.recurrent_specs, examination.sheet(case, quietly, cured)
        drawn = initialize_recurrent(spec, settings.seed)
        inputs = settings.input_scale * example_inputs(spec.n_inputs, settings.sequence, "normal")
        matrices = [torch.tensor(own) for own in (drawn.weight_ih, drawn.weight_hh)]
        biases = torch.tensor(drawn.bias_ih) + torch.tensor(drawn.bias_hh)
        h, states = torch.zeros(spec.hidden, dtype=torch.float64), []
        for one in torch.tensor(inputs):
            h = torch.relu(matrices[0] @ one + matrices[1] @ h + biases).requires_grad_()
            h.retain_grad()
            states.append(h)
        h.sum().backward()
        assert told["back"] == pytest.approx(float(states[0].grad.norm() / states[-1].grad.norm()), rel=1e-6)
        assert told["radius"] == pytest.approx(float(torch.linalg.eigvals(matrices[1]).abs().max()))
        assert told["length"] == len(inputs)
