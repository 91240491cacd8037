import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanish.choices.losses import LOSSES

# Losses as they are called, by the number of targets of an example.
CASES = [(name, 1) for name in LOSSES] + [(name, 3) for name, loss in LOSSES.items() if loss.an_output_each]


def example(name, batch=7, seed=0, scale=3.0, several=1):
    generator = np.random.default_rng(seed)
    n_outputs = 4 if name == "softmax" else several
    shape = batch if several == 1 else (batch, several)
    outputs = scale * generator.standard_normal((batch, n_outputs))
    targets = {
        "softmax": generator.integers(0, n_outputs, batch),
        "logistic": generator.integers(0, 2, shape),
        "squared": generator.standard_normal(shape),
    }[name]
    return outputs, targets


@pytest.mark.parametrize(("name", "several"), CASES)
def test_gradients_agree_with_central_differences(name, several):
    outputs, targets = example(name, several=several)
    value_and_gradient = LOSSES[name].value_and_gradient
    _, gradient = value_and_gradient(outputs, targets)
    assert gradient.shape == outputs.shape
    for place in np.ndindex(outputs.shape):
        nudge = np.zeros_like(outputs)
        nudge[place] = 1e-5
        up, down = (value_and_gradient(outputs + sign * nudge, targets)[0] for sign in (1, -1))
        assert (up - down) / 2e-5 == pytest.approx(gradient[place], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("name", "several"), CASES)
@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_the_losses_of_each_example_have_the_loss_as_their_mean(name, several, scale):
    outputs, targets = example(name, batch=50, scale=scale, several=several)
    loss = LOSSES[name]
    one_by_one = [loss.value_and_gradient(outputs[i : i + 1], targets[i : i + 1])[0] for i in range(50)]
    np.testing.assert_allclose(loss.of_each(outputs, targets), one_by_one, rtol=1e-12, atol=1e-300)
    assert loss.of_each(outputs, targets).mean() == pytest.approx(loss.value_and_gradient(outputs, targets)[0])


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize(("name", "several"), CASES)
def test_losses_are_torchs(name, several, layout):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    outputs, targets = example(name, batch=50, several=several)
    theirs = torch.tensor(outputs, requires_grad=True)
    loss = {
        "softmax": lambda: functional.cross_entropy(theirs, torch.tensor(targets)),
        "logistic": lambda: functional.binary_cross_entropy_with_logits(
            theirs, torch.tensor(targets).double().reshape(50, -1)
        ),
        "squared": lambda: functional.mse_loss(theirs, torch.tensor(targets).reshape(50, -1)),
    }[name]()
    loss.backward()
    value, gradient = LOSSES[name].value_and_gradient(np.array(outputs, order=layout), targets)
    assert value == pytest.approx(loss.item(), rel=1e-14)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize(
    ("name", "outputs", "targets", "loss", "largest"),
    [
        ("softmax", [[1e4, -1e4], [-1e4, 1e4]], [0, 1], 0, 0),
        ("softmax", [[1e4, -1e4], [-1e4, 1e4]], [1, 0], 2e4, 0.5),
        ("logistic", [[-1e4], [1e4]], [0, 1], 0, 0),
        ("logistic", [[-1e4], [1e4]], [1, 0], 1e4, 0.5),
    ],
)
def test_outputs_of_ten_thousand_neither_overflow_nor_lose_the_loss(name, outputs, targets, loss, largest):
    value, gradient = LOSSES[name].value_and_gradient(np.array(outputs), np.array(targets))
    assert (value, np.abs(gradient).max()) == (loss, largest)


def test_logistic_loss_is_softmax_with_one_of_two_outputs_held_at_zero():
    outputs, targets = example("logistic")
    both = np.column_stack([np.zeros(len(outputs)), outputs])
    one, two = LOSSES["logistic"], LOSSES["softmax"]
    assert one.value_and_gradient(outputs, targets)[0] == pytest.approx(two.value_and_gradient(both, targets)[0])
    assert one.score(outputs, targets) == two.score(both, targets)


@given(st.integers(0, 1000), st.floats(-50, 50))
def test_softmax_does_not_care_what_is_added_to_all_outputs(seed, shift):
    outputs, targets = example("softmax", seed=seed)
    one, other = (LOSSES["softmax"].value_and_gradient(o, targets) for o in (outputs, outputs + shift))
    assert one[0] == pytest.approx(other[0], abs=1e-12)
    np.testing.assert_allclose(one[1], other[1], atol=1e-13)
    np.testing.assert_allclose(one[1].sum(axis=1), 0, atol=1e-15)


def test_an_untrained_guess_costs_the_logarithm_of_the_number_of_classes():
    assert LOSSES["softmax"].value_and_gradient(np.zeros((5, 10)), np.arange(5))[0] == pytest.approx(np.log(10))
    assert LOSSES["logistic"].value_and_gradient(np.zeros((4, 1)), np.arange(4) % 2)[0] == pytest.approx(np.log(2))


def test_scores_are_shares_right_and_variance_explained():
    targets = np.array([0, 1, 2, 1])
    assert LOSSES["softmax"].score(np.eye(3)[[0, 1, 2, 0]], targets) == 0.75
    assert LOSSES["softmax"].score(np.full((4, 3), np.nan), targets) == 0
    assert LOSSES["logistic"].score(np.array([[-1.0], [2.0]]), np.array([0, 1])) == 1
    values = np.array([1.0, 2.0, 3.0])
    assert LOSSES["squared"].score(values[:, None], values) == 1
    assert LOSSES["squared"].score(np.full((3, 1), 2.0), values) == 0


def test_of_several_targets_the_scores_are_the_means_of_theirs():
    labels, outputs = np.array([[1, 0], [1, 1], [1, 0], [0, 0]]), np.array([[2.0, 1], [3, 1], [-1, -1], [-5, np.nan]])
    logistic = LOSSES["logistic"]
    # By example: one of two right, both, one of two, one of two and one that is no number.
    assert logistic.score(outputs, labels) == np.mean([0.5, 1, 0.5, 0.5])
    assert logistic.standard_error(outputs, labels) == pytest.approx(np.std([0.5, 1, 0.5, 0.5]) / 2)
    assert logistic.guessing(labels) == 0.75
    values = np.array([[1.0, 10], [2, 20], [3, 60]])
    assert LOSSES["squared"].score(values, values) == 1
    # The mean of the first target explains nothing of it, whatever the scale of the second.
    assert LOSSES["squared"].score(np.column_stack([[2.0] * 3, values[:, 1]]), values) == pytest.approx(0.5)


@given(st.integers(0, 1000), st.sampled_from(["logistic", "squared"]))
def test_an_axis_of_one_target_changes_nothing(seed, name):
    outputs, targets = example(name, batch=20, seed=seed)
    loss = LOSSES[name]
    for ask in (loss.score, loss.standard_error, lambda o, t: loss.value_and_gradient(o, t)[0]):
        assert ask(outputs, targets) == ask(outputs, targets[:, None])
    assert loss.guessing(targets) == loss.guessing(targets[:, None])


@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_a_call_is_the_raw_value_and_gradient_and_evaluating_the_raw_scores(name, n_outputs):
    outputs = np.random.default_rng(1).normal(size=(7, n_outputs))
    targets = np.arange(7) % 2 if n_outputs == 1 or name == "softmax" else np.arange(7 * n_outputs).reshape(7, -1) % 2
    targets = targets * 0 if name == "softmax" and n_outputs == 1 else targets
    loss = LOSSES[name]
    value, gradient = loss(outputs.tolist(), targets.tolist())
    expected, slopes = loss.value_and_gradient(outputs, targets)
    assert value == expected
    np.testing.assert_array_equal(gradient, slopes)
    assert loss.evaluate(outputs, targets) == (
        loss.score(outputs, targets),
        loss.standard_error(outputs, targets),
        loss.guessing(targets),
    )
    # What is not finite is a result.
    assert not np.isfinite(loss(np.full((7, n_outputs), np.nan), targets)[0])
