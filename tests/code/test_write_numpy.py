"""The script for NumPy alone, run: its numbers are the engine's."""

import ast
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import SPECS
from scripts import printed

from vanish import NetworkSpec, example_output_gradient, gradient_flow
from vanish.choices import ACTIVATIONS, INITIALIZERS, INPUTS, example_inputs
from vanish.code import numpy_script
from vanish.code import numpy_words as words
from vanish.measure.magnitudes import MAGNITUDES


def expected(spec, seed, batch_size, magnitudes, distribution="kata", scale=1.0, shift=0.0):
    inputs = example_inputs(spec.n_inputs, batch_size, distribution, scale, shift)
    at_outputs = example_output_gradient(spec.n_outputs, batch_size) if spec.normalization == "batch" else None
    return gradient_flow(spec, seed, inputs, magnitudes=magnitudes, output_gradient=at_outputs).set_index("layer")


def assert_same(spec, seed=42, batch_size=1, rtol=1e-12, **sent):
    theirs = printed(numpy_script(spec, seed, batch_size, magnitudes=list(MAGNITUDES), **sent))
    ours = expected(spec, seed, batch_size, list(MAGNITUDES), **sent)[list(MAGNITUDES)]
    np.testing.assert_allclose(theirs, ours, rtol=rtol, atol=0)


def test_every_entry_of_the_tables_has_its_lines():
    assert list(words.PHI) == list(ACTIVATIONS)
    assert list(words.SCALES) == list(INITIALIZERS)
    assert list(words.INPUTS) == list(INPUTS)
    assert list(words.MAGNITUDE_LINES) == list(MAGNITUDES)


def test_the_katas_numbers_to_the_last_digits():
    for name in ("sigmoid", "tanh", "leaky_relu"):
        assert_same(NetworkSpec(activation=name))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation(name):
    assert_same(NetworkSpec(depth=6, activation=name, initializer="xavier_normal"), 3, 4)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_each_initializer(name):
    spec = NetworkSpec(widths=(6, 6, 9, 9), activation="tanh", initializer=name, weight_scale=1.5, bias_std=0.1)
    assert_same(replace(spec, residual="fixup", block="two"), 2**63 + 1, 3)


@pytest.mark.parametrize("distribution", INPUTS)
def test_each_kind_of_inputs(distribution):
    assert_same(NetworkSpec(depth=3), batch_size=5, distribution=distribution, scale=2.0, shift=0.5)


@settings(max_examples=25)
@given(SPECS, st.integers(0, 2**64 - 1), st.integers(1, 5))
def test_any_network(spec, seed, batch_size):
    # Where gradients nearly cancel, under batch norm over few examples, only rounding is left of them.
    theirs = printed(numpy_script(spec, seed, batch_size, magnitudes=["rms", "weight_norm"]))
    ours = expected(spec, seed, batch_size, ["rms", "weight_norm"])
    for name in ("rms", "weight_norm"):
        sizes = ours[name].to_numpy()
        largest = sizes[np.isfinite(sizes)].max(initial=0.0)
        np.testing.assert_allclose(theirs[name], sizes, rtol=1e-7, atol=1e-11 * largest)


@settings(max_examples=25)
@given(SPECS)
def test_nothing_is_defined_that_is_not_used(spec):
    tree = ast.parse(numpy_script(spec))
    made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert made <= used
    assert max(len(line) for line in numpy_script(spec).splitlines() if "NetworkSpec" not in line) <= 120
